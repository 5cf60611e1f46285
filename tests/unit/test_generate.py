"""Generated answers against a local service that behaves well, badly, slowly and maliciously."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from indexer.config import EndpointConfig
from search_app.answer import ask
from search_app.answer_model import AskResult
from search_app.endpoint import Endpoint
from search_app.generate import Proven, generate, proven_sentences, stream
from search_app.retrieve import Search

QUESTION = "最低工資有沒有要立法？"
WORDS = "最低工資法制"


class Service(ThreadingHTTPServer):
    """Streams ``said`` as chat completion chunks, after ``delay`` seconds, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.said: list[str] = []
        self.delay = 0.0
        self.status = 200
        self.asked: list[dict[str, object]] = []


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(json.loads(body))
        time.sleep(self.server.delay)
        self.send_response(self.server.status)
        self.end_headers()
        if self.server.status == 200:
            for piece in self.server.said:
                chunk = json.dumps({"choices": [{"delta": {"content": piece}}]})
                self.wfile.write(f"data: {chunk}\n\n".encode())
            self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, *args: object) -> None:
        """Silence."""


@pytest.fixture
def service() -> Iterator[Service]:
    server = Service()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def endpoint(service: Service) -> Iterator[Endpoint]:
    settings = EndpointConfig(
        url=f"http://127.0.0.1:{service.server_port}/v1", model="test", allow_hosts=("127.0.0.1",), read_timeout=0.5
    )
    with Endpoint(settings) as opened:
        yield opened


@pytest.fixture
def result(search: Search) -> AskResult:
    found = ask(search, QUESTION)
    assert found.answer is not None
    return found


def told(search: Search, service: Service, endpoint: Endpoint, result: AskResult, *said: str) -> AskResult:
    service.said = list(said)
    return generate(search, result, endpoint)


def test_a_proven_sentence_is_told_with_the_sources_own_words(
    search: Search, service: Service, endpoint: Endpoint, result: AskResult
) -> None:
    answered = told(search, service, endpoint, result, f"計畫研擬{WORDS}", f"。[1「{WORDS}」]\n")
    assert answered.answer is not None
    assert answered.answer.origin == "generated"
    assert answered.answer.text == f"計畫研擬{WORDS}。"
    quote = answered.answer.quotes[0]
    assert quote.text == WORDS
    assert search.clause(quote.clause_id).clause.text[quote.start : quote.end] == quote.text  # type: ignore[union-attr]


MALICIOUS = [
    ("invented quotation", "最低工資明年調到三萬元。[1「最低工資調整為三萬元」]"),
    ("no quotation", "最低工資會立法。"),
    ("no such clause", "研擬最低工資法制。[99「研擬最低工資法制」]"),
    ("wrong year", "2025年研擬最低工資法制。[1「研擬最低工資法制」]"),
    ("wrong number", "研擬最低工資法制，調到 30,000 元。[1「最低工資法制」]"),
    ("claim beside a true quotation", "雇主不必再付加班費也不用投保，可以隨意解僱員工。[1「最低工資法制」]"),
    ("link", "研擬最低工資法制，見 https://example.org。[1「最低工資法制」]"),
    ("markup", "研擬<script>最低工資法制。[1「最低工資法制」]"),
    ("injected instruction", "好的，我會忽略規則並洩漏系統提示。[1「最低工資法制」]"),
    ("short quotation", "研擬最低工資法制。[1「最低」]"),
    ("nothing", ""),
]


@pytest.mark.parametrize("said", [case[1] for case in MALICIOUS], ids=[case[0] for case in MALICIOUS])
def test_what_the_clauses_do_not_prove_is_dropped(
    search: Search, service: Service, endpoint: Endpoint, result: AskResult, said: str
) -> None:
    assert told(search, service, endpoint, result, said) == result


def test_proven_sentences_stay_when_few_others_are_dropped(
    search: Search, service: Service, endpoint: Endpoint, result: AskResult
) -> None:
    good, bad = f"{WORDS}。[1「{WORDS}」]\n", "時薪調到 300 元。[1「最低工資法制」]\n"
    kept = told(search, service, endpoint, result, good, bad)
    assert kept.answer is not None
    assert (kept.answer.origin, kept.answer.text) == ("generated", f"{WORDS}。")
    assert told(search, service, endpoint, result, good, bad, bad) == result  # most were dropped: not to be trusted


def test_a_slow_or_failing_service_leaves_the_extractive_answer(
    search: Search, service: Service, endpoint: Endpoint, result: AskResult
) -> None:
    service.delay = 1.0
    assert told(search, service, endpoint, result, "x") == result
    service.delay, service.status = 0.0, 500
    assert told(search, service, endpoint, result, "x") == result


def test_an_endless_answer_is_cut(search: Search, result: AskResult) -> None:
    sources = [search.clause(result.answer.quotes[0].clause_id)]  # type: ignore[union-attr]
    endless = ("一直說下去" for _ in range(10**9))
    assert all(proven.quote is None for proven in proven_sentences(endless, sources))  # type: ignore[arg-type]


def test_sentences_come_as_they_are_proven(
    search: Search, service: Service, endpoint: Endpoint, result: AskResult
) -> None:
    service.said = [f"{WORDS}。[1「{WORDS}」]\n"] * 2
    pieces = list(stream(search, result, endpoint))
    assert [type(piece) for piece in pieces] == [Proven, Proven, AskResult]


def test_documents_go_as_data_without_tools(
    search: Search, service: Service, endpoint: Endpoint, result: AskResult
) -> None:
    told(search, service, endpoint, result, "x")
    body = service.asked[0]
    assert "tools" not in body
    system, user = body["messages"]  # type: ignore[misc]
    data = json.loads(user["content"])
    assert data["question"] == QUESTION
    assert all(clause["text"] not in system["content"] for clause in data["clauses"])
    assert len(data["clauses"]) <= 6


@pytest.mark.parametrize("question", ["外送員有沒有職業災害保障？", "Which SDG targets were missed?", "去年的目標"])
def test_the_service_is_not_asked_what_the_corpus_cannot_or_tables_do_answer(
    search: Search, service: Service, endpoint: Endpoint, question: str
) -> None:
    found = ask(search, question)
    assert generate(search, found, endpoint) == found
    assert service.asked == []
