"""Request ids, logs, figures, limits: what is noted of requests and what is refused."""

from __future__ import annotations

import io
import json
import logging
import re

import pytest
from flask.testing import FlaskClient

from indexer.errors import IndexCorrupt
from search_app.logs import JsonFormatter
from search_app.traffic import request_id

STRANGER = {"REMOTE_ADDR": "203.0.113.7"}


@pytest.fixture
def lines():
    """The log as it is written, a function that reads it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("search_app")
    logger.addHandler(handler)
    kept = logger.level
    logger.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.removeHandler(handler)
    logger.setLevel(kept)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("0f8fad5b-d9cb-469f-a165-70867728950e", True), ("request_1", True), ("short", False), ("x" * 65, False),
        ("", False), ("abcdefgh\n", False), ('12345678"}', False), ("請求識別碼請求識別碼", False),
    ],
)  # fmt: skip
def test_only_harmless_request_ids_are_taken(client, given, kept):
    assert (request_id(given) == given) is kept
    if "\n" not in given:
        told = client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"]
        assert (told == given) is kept
        assert re.fullmatch(r"[\w-]{8,64}", told)


def test_the_log_tells_the_route_and_not_the_query(client, lines):
    client.get("/search?q=祕密")
    client.get("/nowhere/祕密")
    routes = [(line["route"], line["status"], line["method"]) for line in lines() if line["message"] == "request"]
    assert routes == [("/search", 200, "GET"), (None, 404, "GET")]
    assert "祕密" not in json.dumps(lines(), ensure_ascii=False)
    logging.getLogger("search_app").setLevel(logging.DEBUG)
    client.get("/search?q=祕密")
    assert lines()[-1]["query"].startswith("/search?q=")


@pytest.mark.parametrize("text", ['a\n{"level": "error"}', "a\r\nb", "a\x1b[31mred", "a\u2028b", "a\ud800b", "\x00"])
def test_nobody_can_forge_a_line_of_the_log(text):
    record = logging.LogRecord("x", logging.INFO, "", 1, "%s", (text,), None)
    record.query = text
    line = JsonFormatter().format(record)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["message"] == json.loads(line)["query"] == text


def test_an_exception_is_one_line():
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "failed", (), (ValueError, error, error.__traceback__))
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert "ValueError: two\nlines" in json.loads(line)["exception"]


def figures(client) -> dict[str, float]:
    text = client.get("/metrics").text
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if line[0] != "#"}


def test_figures_count_what_happened(client):
    for address in ("/search?q=最低工資", "/api/v1/search?q=沒有這句話", "/api/v1/search", "/nowhere"):
        client.get(address)
    found = figures(client)
    assert found['plansearch_requests_total{endpoint="pages.search",method="GET",status="200"}'] == 1
    assert found['plansearch_requests_total{endpoint="api.search",method="GET",status="400"}'] == 1
    assert found['plansearch_searches_total{kind="wording",language="zh"}'] == 2
    assert found['plansearch_searches_without_hits_total{kind="wording",language="zh"}'] == 1
    assert found['plansearch_request_seconds_count{endpoint="none"}'] == 1
    assert (found["plansearch_ready"], found["plansearch_index_problem"]) == (1, 0)


def test_clients_cannot_make_new_figures(client):
    client.get("/metrics")
    before = len(figures(client))
    for number in range(50):
        client.open(f"/nowhere/{number}?q={number}", method=f"M{number}")
        client.get("/documents/x", headers={"Host": f"h{number}.example.org"})
    added = set(figures(client))
    assert len(added) - before < 40, sorted(added)  # the series of two endpoints: buckets, a status, a method "other"


@pytest.mark.parametrize(
    ("setting", "asked_by", "headers", "status"),
    [
        ("local", "127.0.0.1", {}, 200), ("local", "::1", {}, 200), ("local", "203.0.113.7", {}, 404),
        ("local", "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404), ("all", "203.0.113.7", {}, 200),
        ("off", "127.0.0.1", {}, 404),
    ],
)  # fmt: skip
def test_who_may_read_the_figures(client_with, setting, asked_by, headers, status):
    client = client_with(metrics=setting)
    answer = client.get("/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": asked_by})
    assert answer.status_code == status


def ask(client: FlaskClient, address: str, **more):
    return client.get("/api/v1/documents", environ_overrides={"REMOTE_ADDR": address}, **more)


def test_too_many_requests_get_429_and_are_told_when_to_come_back(client_with):
    client = client_with(rate_limit=5)
    answers = [ask(client, "203.0.113.7") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert answers[-1].json["error"]["code"] == "too_many_requests"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61
    page = client.get("/documents", environ_overrides=STRANGER)
    assert (page.status_code, page.mimetype) == (429, "text/html")
    assert ask(client, "203.0.113.8").status_code == 200
    free = [client.get(path, environ_overrides=STRANGER).status_code for path in ("/healthz", "/static/style.css")]
    assert free == [200, 200]
    assert figures(client)["plansearch_rate_limited_total"] == 3


def test_one_network_of_ipv6_is_one_client(client_with):
    client = client_with(rate_limit=2)
    addresses = ["2001:db8::1", "2001:db8::2", "2001:db8::ffff:3", "2001:db8:0:1::1", "::ffff:203.0.113.9"]
    assert [ask(client, address).status_code for address in addresses] == [200, 200, 429, 200, 200]


def test_programs_on_this_machine_are_not_limited_but_a_proxy_on_it_is(client_with):
    client = client_with(rate_limit=2)
    assert {ask(client, "127.0.0.1").status_code for _ in range(5)} == {200}
    forwarded = [ask(client, "127.0.0.1", headers={"X-Forwarded-For": f"203.0.113.{n}"}) for n in range(3)]
    assert [answer.status_code for answer in forwarded] == [200, 200, 429]


def test_a_trusted_proxy_tells_who_asks_and_a_stranger_cannot(client_with):
    client = client_with(rate_limit=2, trusted_proxies=1)
    spoofed = [ask(client, "10.0.0.1", headers={"X-Forwarded-For": f"{n}.1.1.1, 203.0.113.7"}) for n in range(1, 4)]
    assert [answer.status_code for answer in spoofed] == [200, 200, 429]  # only what the proxy itself added counts
    assert ask(client, "10.0.0.1", headers={"X-Forwarded-For": "203.0.113.8"}).status_code == 200


def test_no_limit_when_it_is_0(client_with):
    client = client_with(rate_limit=0)
    assert {ask(client, "203.0.113.7").status_code for _ in range(610)} == {200}


@pytest.mark.parametrize(
    ("hosts", "host", "status"),
    [
        ((), "anything.example.org", 200), (("plans.example.org",), "plans.example.org:8443", 200),
        (("plans.example.org",), "localhost:8000", 200), (("plans.example.org",), "evil.example.org", 400),
        (("plans.example.org",), "plans.example.org.evil.com", 400), ((), 'x"><script>', 400), ((), "a b", 400),
    ],
)  # fmt: skip
def test_only_trusted_hosts_are_answered(client_with, hosts, host, status):
    client = client_with(trusted_hosts=hosts)
    answer = client.get("/sitemap.xml", headers={"Host": host})
    assert answer.status_code == status
    assert "<script>" not in answer.text


def test_readyz_tells_when_an_older_generation_is_served(shelf, client_with, monkeypatch):
    client = client_with()
    monkeypatch.setattr(type(shelf), "ready", True)
    shelf.current = lambda: shelf.library
    shelf.problem = IndexCorrupt("g/vector differs from its manifest.", "Build again.")
    told = client.get("/readyz")
    assert told.status_code == 200
    assert (told.json["ready"], told.json["problem"]["code"]) == (True, "index_corrupt")
    assert "最新" in client.get("/about").text
    assert figures(client)["plansearch_index_problem"] == 1


def test_errors_are_never_kept_by_caches(client):
    for address in ("/api/v1/search", "/nowhere", "/documents/unknown"):
        assert client.get(address).headers["Cache-Control"] == "no-store"
