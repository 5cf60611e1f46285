"""The chat client against a service on this machine: good, slow, large, wrong, elsewhere."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from indexer.config import EndpointConfig
from indexer.errors import AnswerError, ConfigError
from search_app.endpoint import Endpoint, Message

ASKED = [Message("system", "Answer."), Message("user", "最低工資是什麼？")]
GOOD = json.dumps({"choices": [{"message": {"role": "assistant", "content": "The minimum wage."}}]}).encode()


class Handler(BaseHTTPRequestHandler):
    """Keeps what it is sent, and answers as its server's ``answer`` says."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, dict(self.headers), json.loads(body)))
        with suppress(BrokenPipeError, ConnectionResetError):  # the client has heard enough
            self.server.answer(self)

    def log_message(self, *arguments: object) -> None:
        pass


class Service(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, answer: Callable[[Handler], None]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.seen: list[tuple[str, dict[str, str], dict[str, object]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


@contextmanager
def serving(answer: Callable[[Handler], None]) -> Iterator[Service]:
    with Service(answer) as service:
        thread = threading.Thread(target=service.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield service
        finally:
            service.shutdown()
            thread.join()


def reply(body: bytes, status: int = 200, **headers: str) -> Callable[[Handler], None]:
    def answer(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def pieces(*parts: bytes, pause: float = 0) -> Callable[[Handler], None]:
    """The parts one by one, and then the connection is closed."""

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for part in parts:
            handler.wfile.write(part)
            handler.wfile.flush()
            time.sleep(pause)

    return answer


def settings(url: str, **changes: object) -> EndpointConfig:
    values = {"url": url, "model": "small", "allow_hosts": ["127.0.0.1"], "connect_timeout": 2, "read_timeout": 5}
    return EndpointConfig.model_validate(values | changes)


def complete(service: Service, **changes: object) -> str:
    with Endpoint(settings(service.url, **changes)) as endpoint:
        return endpoint.complete(ASKED)


def stream(service: Service, **changes: object) -> list[str]:
    with Endpoint(settings(service.url, **changes)) as endpoint:
        return list(endpoint.stream(ASKED))


def event(value: object) -> bytes:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n".encode()


def delta(content: str | None) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": {"content": content}}]}


def test_a_good_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANSEARCH_API_KEY", " sesame\n")
    with serving(reply(GOOD)) as service:
        assert complete(service) == "The minimum wage."
    [(path, headers, body)] = service.seen
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer sesame"
    assert body == {
        "model": "small",
        "messages": [{"role": "system", "content": "Answer."}, {"role": "user", "content": "最低工資是什麼？"}],
        "temperature": 0,
        "stream": False,
    }


def test_no_key_is_sent_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLANSEARCH_API_KEY", raising=False)
    with serving(reply(GOOD)) as service:
        complete(service)
    assert "Authorization" not in service.seen[0][1]


def test_the_key_may_stand_in_another_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTHER_KEY", "abc")
    with serving(reply(GOOD)) as service:
        complete(service, api_key_env="OTHER_KEY")
    assert service.seen[0][1]["Authorization"] == "Bearer abc"


def test_a_broken_character_of_a_document_is_sent_as_a_question_mark() -> None:
    with serving(reply(GOOD)) as service, Endpoint(settings(service.url)) as endpoint:
        endpoint.complete([Message("user", "a\ud800b")])
    assert service.seen[0][2]["messages"] == [{"role": "user", "content": "a?b"}]


@pytest.mark.parametrize("ask", [complete, stream])
@pytest.mark.parametrize(
    ("answer", "changes", "message"),
    [
        (pieces(b"{", pause=0.5), {"read_timeout": 0.1}, "no answer in time"),
        (lambda handler: time.sleep(0.5), {"read_timeout": 0.1}, "no answer in time"),
        (reply(b" " * 5000), {"max_response_bytes": 4999}, "more than 4999 bytes"),
        (reply(b"busy\n now", 503), {}, "status 503: busy now"),
        (reply(b" " * 5000, 500), {"max_response_bytes": 4999}, "more than 4999 bytes"),
        (lambda handler: handler.connection.close(), {}, "cannot be reached"),
    ],
    ids=["slow", "silent", "huge", "refused", "huge refusal", "closed"],
)
def test_a_service_that_fails(
    ask: Callable[..., object], answer: Callable[[Handler], None], changes: dict[str, object], message: str
) -> None:
    with serving(answer) as service, pytest.raises(AnswerError, match=message):
        ask(service, **changes)


def test_an_answer_that_trickles_ends_in_time() -> None:
    with serving(pieces(*[b" "] * 100, pause=0.05)) as service:
        started = time.monotonic()
        with pytest.raises(AnswerError, match="no answer in time"):
            complete(service, read_timeout=0.2)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"{}", b'{"choices": []}', b'{"choices": [{"message": {"content": null}}]}', b"", b"\xff\xfe"],
)
def test_what_is_no_completion_is_refused(body: bytes) -> None:
    with serving(reply(body)) as service, pytest.raises(AnswerError, match="no chat completion"):
        complete(service)


@pytest.mark.parametrize("ask", [complete, stream])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_never_followed(ask: Callable[..., object], status: int) -> None:
    with (
        serving(reply(GOOD)) as other,
        serving(reply(b"", status, Location=f"{other.url}/chat/completions")) as service,
    ):
        with pytest.raises(AnswerError, match="redirects are not followed"):
            ask(service)
        assert other.seen == []


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(reply(GOOD)) as proxy, serving(reply(GOOD)) as service:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        complete(service)
        assert (len(service.seen), proxy.seen) == (1, [])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"allow_hosts": []}, "allow_hosts does not list"),
        ({"allow_hosts": ["example.org"]}, "calls 127.0.0.1"),
        ({"allow_hosts": ["127.0.0.1:1"]}, "allow_hosts does not list"),
        ({"url": "http://127.0.0.1@example.org/v1"}, "http\\(s\\)://host/path"),
        ({"url": "http://example.org/127.0.0.1"}, "calls example.org"),
        ({"url": "ftp://127.0.0.1"}, "http\\(s\\)://host/path"),
        ({"url": "http://127.0.0.1/v1?key=1"}, "http\\(s\\)://host/path"),
        ({"url": "http://[::1"}, "is no address"),
        ({"url": ""}, "endpoint.url is empty"),
        ({"model": ""}, "endpoint.model is empty"),
    ],
)
def test_settings_that_cannot_be_used(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Endpoint(settings(**{"url": "http://127.0.0.1:9/v1", **changes}))


@pytest.mark.parametrize("hosts", [["127.0.0.1:9"], ["LLM.example.org", "127.0.0.1"]])
def test_hosts_may_name_a_port(hosts: list[str]) -> None:
    with Endpoint(settings("http://127.0.0.1:9/v1", allow_hosts=hosts)) as endpoint:
        assert endpoint.model == "small"


def test_a_key_that_is_no_header_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANSEARCH_API_KEY", "金鑰")
    with pytest.raises(ConfigError, match="PLANSEARCH_API_KEY"):
        Endpoint(settings("http://127.0.0.1:9/v1"))


def test_nobody_there() -> None:
    with serving(reply(GOOD)) as service:
        url = service.url
    with Endpoint(settings(url)) as endpoint, pytest.raises(AnswerError, match="cannot be reached"):
        endpoint.complete(ASKED)


def test_a_streamed_answer_comes_piece_by_piece() -> None:
    whole = (
        event(delta(None)) + b": a comment\r\n" + event(delta("最低")) + event(delta("工資")) + event({"choices": []})
    )
    cut = whole.index("工".encode()) + 1  # in the middle of a character
    with serving(pieces(whole[:cut], whole[cut:], b"data: [DONE]\n\n", event(delta("after the end")))) as service:
        assert stream(service) == ["最低", "工資"]
    assert service.seen[0][2]["stream"] is True


def test_a_streamed_answer_is_heard_before_its_end() -> None:
    heard, goes_on = threading.Event(), threading.Event()

    def answer(handler: Handler) -> None:
        pieces(event(delta("first")))(handler)
        assert heard.wait(5)
        handler.wfile.write(event(delta("second")))
        goes_on.set()

    with serving(answer) as service, Endpoint(settings(service.url)) as endpoint:
        answers = endpoint.stream(ASKED)
        assert next(answers) == "first"
        heard.set()
        assert list(answers) == ["second"]
        assert goes_on.is_set()


def test_a_stream_without_a_last_line_end_is_whole() -> None:
    with serving(pieces(event(delta("all")).strip())) as service:
        assert stream(service) == ["all"]


def test_an_error_within_a_stream_is_told() -> None:
    answer = pieces(event(delta("a")), event({"error": "overloaded"}))
    with serving(answer) as service, Endpoint(settings(service.url)) as endpoint:
        answers = endpoint.stream(ASKED)
        assert next(answers) == "a"
        with pytest.raises(AnswerError, match="overloaded"):
            next(answers)


def test_an_endless_stream_is_cut() -> None:
    with (
        serving(pieces(*[event(delta("more"))] * 1000)) as service,
        pytest.raises(AnswerError, match="more than 2000 bytes"),
    ):
        stream(service, max_response_bytes=2000)
