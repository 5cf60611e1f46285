"""What holds for every answer: status codes, errors in JSON and HTML, security headers, odd addresses."""

from __future__ import annotations

import pytest

from indexer.errors import (
    AnswerError,
    ConfigError,
    EngineError,
    IndexCorrupt,
    IndexLocked,
    IndexMissing,
    IndexStale,
    PlanSearchError,
    QueryError,
)
from search_app.http_errors import problem_of, unready

PAGES = [
    "/", "/search?q=最低工資", "/search", "/documents", "/documents/plan-106", "/clauses/plan-106/1.3.4", "/compare",
    "/compare?from=plan-106&to=plan-108", "/indicators", "/verify", "/verify?quote=x", "/help", "/about", "/sitemap",
    "/robots.txt", "/sitemap.xml", "/opensearch.xml", "/search/export?q=x&format=csv",
]  # fmt: skip
API = [
    "/api/v1/search?q=x", "/api/v1/documents", "/api/v1/documents/plan-106", "/api/v1/clauses/plan-106/1.3.4",
    "/api/v1/compare?from=plan-106&to=plan-108", "/api/v1/indicators", "/api/v1/verify?quote=x",
]  # fmt: skip
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
}


@pytest.mark.parametrize("path", [*PAGES, *API, "/healthz", "/readyz"])
def test_read_only(client, path):
    got, head = client.get(path), client.head(path)
    assert (got.status_code, head.status_code, head.data) == (200, 200, b"")
    assert head.headers["Content-Type"] == got.headers["Content-Type"]
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        refused = client.open(path, method=method)
        assert refused.status_code == 405
        assert "GET" in refused.headers["Allow"]


@pytest.mark.parametrize("path", [*PAGES, *API, "/healthz", "/static/style.css", "/no", "/api/v1/no", "/search?page=0"])
def test_security_headers_on_every_answer(client, path):
    headers = client.get(path).headers
    assert {name: headers.get(name) for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    "path",
    [
        "/no",
        "/documents/no",
        "/clauses/no",
        "/clauses/plan-106",
        "/clauses/plan-106/",
        "/clauses/plan-106/1.3.4/",
        "/clauses/plan-106/1.3.4%00",
        "/clauses/../../etc/passwd",
        "/clauses/%2e%2e/%2e%2e/etc/passwd",
        "/clauses/plan-106/%3Cscript%3E",
        "/clauses/%ED%A0%80",
        "/clauses/" + "a" * 5000,
        "/documents/%2e%2e",
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2fapp.py",
        "/templates/base.html",
        "/api/v1",
        "/api/v1/clauses/%00",
        "/api/v1/documents/..%2f..%2fetc%2fpasswd",
    ],
)
def test_nothing_stands_at_odd_addresses(client, path):
    response = client.get(path)
    assert response.status_code == 404
    assert "<script>" not in response.get_data(as_text=True).replace("<script src=", "")


def test_unknown_address_of_the_api_answers_in_json(client):
    error = client.get("/api/v1/no").get_json()["error"]
    assert (error["code"], sorted(error)) == ("not_found", ["code", "hint", "message"])


def test_large_bodies_are_refused(client):
    response = client.get("/api/v1/search?q=x", data=b"x" * 65537)
    assert (response.status_code, response.get_json()["error"]["code"]) == (413, "too_large")


@pytest.mark.parametrize("path", ["/", "/search?q=x", "/api/v1/search?q=x"])
def test_an_unforeseen_failure_tells_nothing_of_the_inside(client, shelf, path):
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    shelf.current = lambda: 1 / 0
    response = client.get(path)
    assert response.status_code == 500
    assert "division" not in response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (QueryError("a"), 400, "bad_query"),
        (IndexMissing("a"), 503, "index_missing"),
        (IndexStale("a"), 503, "index_stale"),
        (IndexCorrupt("a"), 503, "index_corrupt"),
        (IndexLocked("a"), 503, "index_locked"),
        (EngineError("a"), 503, "index_unusable"),
        (AnswerError("a"), 503, "answer_failed"),
        (ConfigError("a"), 500, "internal_error"),
        (PlanSearchError("a"), 500, "internal_error"),
        (RuntimeError("a"), 500, "internal_error"),
    ],
)
def test_the_table_of_errors(error, status, code):
    problem = problem_of(error)
    assert (problem.status, problem.code) == (status, code)
    assert (problem.message == "a") is (code == "bad_query")


def test_a_failing_model_makes_the_index_unusable():
    assert unready(ConfigError("no such model: /srv/secret")).code == "index_unusable"


@pytest.mark.parametrize(
    ("problem", "code"),
    [(None, "index_loading"), (IndexMissing("x"), "index_missing"), (IndexCorrupt("x"), "index_corrupt")],
)
def test_without_an_index(client, shelf, problem, code):
    shelf.loaded, shelf.problem = False, problem
    for path in ("/api/v1/search?q=x", "/api/v1/documents", "/api/v1/clauses/plan-106/1"):
        response = client.get(path)
        assert (response.status_code, response.get_json()["error"]["code"]) == (503, code)
        assert response.headers["Retry-After"] == "5"
    for path in ("/", "/search?q=x", "/documents"):
        response = client.get(path)
        assert response.status_code == 503
        assert "/srv/secret" not in response.get_data(as_text=True)
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()["error"]["code"]) == (503, code)
    assert client.get("/healthz").status_code == 200


def test_ready(client):
    assert client.get("/readyz").get_json() == {"ready": True, "generation": "generation-1"}
    assert client.get("/healthz").get_json() == {"alive": True}
