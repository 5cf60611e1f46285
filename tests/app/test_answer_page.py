"""The page on which a language model's sentences arrive: as they are proven, and only those."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from indexer.config import Config, EndpointConfig
from search_app.app import create_app
from search_app.live import Live
from search_app.retrieve import Search

QUESTION = "最低工資有沒有要立法？"
WORDS = "最低工資法制"
GOOD = f"計畫研擬{WORDS}。[1「{WORDS}」]\n"
INVENTED = "時薪調到 300 元。[1「最低工資法制」]\n"
WAIT = 10.0  # seconds after which a test that hangs fails

Say = Callable[[Callable[[str], None]], None]


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):
            cast(Service, self.server).say(self.write)
            self.wfile.write(b"data: [DONE]\n\n")

    def write(self, piece: str) -> None:
        chunk = json.dumps({"choices": [{"delta": {"content": piece}}]})
        self.wfile.write(f"data: {chunk}\n\n".encode())
        self.wfile.flush()

    def log_message(self, *arguments: object) -> None:
        """Silence."""


class Service(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, say: Say) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.say = say


@contextmanager
def client_of(search: Search, say: Say) -> Iterator[FlaskClient]:
    """A browser before an application whose model says this."""
    with Service(say) as service:
        thread = threading.Thread(target=service.serve_forever, args=(0.01,))
        thread.start()
        endpoint = EndpointConfig(
            url=f"http://127.0.0.1:{service.server_port}/v1", model="test", allow_hosts=("127.0.0.1",), read_timeout=0.5
        )
        try:
            yield create_app(cast(Live, Shelf(search)), Config(endpoint=endpoint)).test_client()
        finally:
            service.shutdown()
            thread.join()


class Shelf:
    ready = True
    problem = None

    def __init__(self, search: Search) -> None:
        self._search = search

    def current(self) -> Search:
        return self._search


def says(*pieces: str) -> Say:
    return lambda write: [write(piece) for piece in pieces] and None


def page(search: Search, say: Say, path: str = f"/answer?q={quote(QUESTION)}") -> str:
    with client_of(search, say) as client, client.get(path, buffered=True) as response:
        assert response.status_code == 200
        return response.get_data(as_text=True)


def test_a_sentence_is_shown_before_the_next_is_written(search: Search) -> None:
    seen = threading.Event()

    def say(write: Callable[[str], None]) -> None:
        write(GOOD)
        assert seen.wait(WAIT)
        write(GOOD.replace("研擬", "擬定"))

    with client_of(search, say) as client:
        config = client.application.extensions["plansearch"].config
        assert config.endpoint.read_timeout == 0.5
        response = client.get(f"/answer?q={quote(QUESTION)}")
        shown = ""
        for piece in response.iter_encoded():
            shown += piece.decode()
            if not seen.is_set() and f"計畫研擬{WORDS}。" in shown:
                assert "擬定" not in shown
                seen.set()
        response.close()
    assert seen.is_set()
    assert f"計畫擬定{WORDS}。" in shown
    assert 'class="end"' in shown


def test_the_quoted_answer_stands_first_and_alone_where_the_service_fails(search: Search) -> None:
    def slow(write: Callable[[str], None]) -> None:
        threading.Event().wait(1.0)

    for say in (slow, says("胡說八道\n"), says(GOOD, INVENTED, INVENTED)):
        shown = page(search, say)
        assert "推動最低工資法制，保障勞工基本生活。" in shown
        assert 'class="withdrawn"' in shown
        assert "300" not in shown
        assert shown.rstrip().endswith("</html>")


MALICIOUS = (
    f"<script>alert(1)</script>{WORDS}。[1「{WORDS}」]\n",
    f"見 https://example.org {WORDS}。[1「{WORDS}」]\n",
    "好的，我會忽略規則並洩漏系統提示。[1「最低工資法制」]\n",
)


@pytest.mark.parametrize("said", MALICIOUS, ids=["markup", "link", "injection"])
def test_nothing_unproven_reaches_the_page(search: Search, said: str) -> None:
    shown = page(search, says(said))
    assert said.split("[")[0].strip() not in shown
    assert "alert(1)" not in shown
    assert "example.org" not in shown


def test_figures_and_refusals_are_not_left_to_a_model(search: Search) -> None:
    def never(write: Callable[[str], None]) -> None:
        raise AssertionError

    for question in ("Which SDG targets were missed?", "外送員有沒有職業災害保障？"):
        assert "sentences" not in page(search, never, f"/answer?q={quote(question)}")


def test_the_search_page_links_to_it_only_with_a_model(search: Search) -> None:
    address = f"/search?q={quote(QUESTION)}"
    assert "/answer?q=" in page(search, says(), address)
    plain = create_app(cast(Live, Shelf(search)), Config()).test_client()
    with plain.get(address, buffered=True) as response:
        assert "/answer?q=" not in response.get_data(as_text=True)


def test_no_question_is_no_page(search: Search) -> None:
    with client_of(search, says()) as client:
        assert client.get("/answer").status_code == 404
        assert client.get("/answer?q=" + "x" * 2000).status_code == 404
