"""Requests that try to read other files, forge headers, lead readers elsewhere or mix up caches."""

from __future__ import annotations

import csv
import io
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search_app import sheets

SECRETS = ("root:", "BEGIN PRIVATE", "PLAN_106", "indexer/", "/tmp/", "Traceback")
PATHS = [
    "/static/../app.py", "/static/..%2f..%2fconfig.yaml", "/static/%2e%2e/%2e%2e/etc/passwd", "/static//etc/passwd",
    "/static/....//....//etc/passwd", "/static/..\\..\\config.yaml", "/static/style.css%00.png", "/static/",
    "/documents/../../etc/passwd", "/documents/..%2f..%2fcorpus%2fcorpus.yaml", "/clauses/../../../etc/passwd",
    "/clauses/plan-106/../../config.yaml", "/clauses/%2fetc%2fpasswd", "/clauses/plan-106%00/1", "/api/v1/../../etc/passwd",
    "/api/v1/clauses/..%2f..%2f..%2fetc%2fpasswd", "/api/v1/documents/file:%2f%2f%2fetc%2fpasswd", "//etc/passwd",
    "/%2e%2e/%2e%2e/etc/passwd", "/.git/config", "/config.yaml", "/var/index/current", "/corpus/corpus.yaml",
]  # fmt: skip
PAGES = (
    "/",
    "/search?q=最低工資",
    "/documents",
    "/clauses/plan-106/1.3.4",
    "/verify",
    "/compare",
    "/about",
    "/api/v1/documents",
)
GIVEN = '"><b>\r\nSet-Cookie: a=b\r\n\r\n%0d%0aX-Evil: 1'


@pytest.mark.parametrize("path", PATHS)
def test_no_file_outside_is_read(client, path):
    answer = client.get(path)
    assert answer.status_code in (301, 308, 400, 404), answer.text[:200]
    assert not any(secret in answer.text for secret in SECRETS)


@pytest.mark.parametrize(
    "name", ["q", "lang", "year", "document", "section", "kind", "mode", "from", "quote", "format", "x"]
)
def test_no_parameter_forges_a_header(client, name):
    for path in (
        "/search",
        "/verify",
        "/compare",
        "/compare/export",
        "/search/export",
        "/api/v1/search",
    ):
        answer = client.get(path, query_string={name: GIVEN, **({"q": "工資"} if name != "q" else {})})
        assert answer.status_code in (200, 400, 404)
        assert "X-Evil" not in answer.headers
        cookies = answer.headers.getlist("Set-Cookie")
        assert not any("a=b" in cookie for cookie in cookies)
        assert all(value.isprintable() for value in answer.headers.values())


@pytest.mark.parametrize(
    "header", ["Accept-Language", "Cookie", "Referer", "User-Agent", "X-Forwarded-Host", "If-None-Match"]
)
@pytest.mark.parametrize(
    "value", ["lang=" + "x" * 5000, "zh;q=abc, *;q=9", '"><script>alert(1)</script>', "evil.example.org"]
)
def test_no_header_is_believed_or_breaks_a_page(client, header, value):
    for path in PAGES:
        answer = client.get(path, headers={header: value})
        assert answer.status_code in (200, 304), path
        assert "<script>alert" not in answer.text
        assert "evil.example.org" not in answer.text


@pytest.mark.parametrize(
    "path",
    ["//evil.example.org", "//evil.example.org/%2e%2e", "/\\evil.example.org", "/https://evil.example.org", "/documents/",
     "/search/?lang=//evil.example.org", "/?lang=https://evil.example.org", "/search?q=a&next=https://evil.example.org"],
)  # fmt: skip
def test_nobody_is_led_elsewhere(client, path):
    address, _, query = path.partition("?")  # as it comes over the wire: a test client takes // for the name of a host
    answer = client.get("/", query_string=query, environ_overrides={"PATH_INFO": address})
    target = urlsplit(answer.headers.get("Location", ""))
    assert target.netloc in ("", "localhost")
    assert not target.path.startswith(("//", "/\\"))
    assert "evil.example.org" not in answer.headers.get("Refresh", "")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "XYZ"])
def test_other_methods_are_refused_and_cannot_be_smuggled(client, method):
    for path in ("/", "/search?q=工資", "/api/v1/search?q=工資", "/static/style.css", "/healthz"):
        assert client.open(path, method=method).status_code == 405, path
        overridden = client.get(path, headers={"X-HTTP-Method-Override": method, "X-Method-Override": method})
        assert overridden.status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example.org", "null", "http://localhost.evil.example.org"])
def test_other_sites_cannot_send_credentials(client, origin):
    for path in PAGES:
        for answer in (client.get(path, headers={"Origin": origin}), client.options(path, headers={"Origin": origin})):
            assert "Access-Control-Allow-Credentials" not in answer.headers
            assert answer.headers.get("Access-Control-Allow-Origin") in (None, "*")
        if not path.startswith("/api/"):
            assert "Access-Control-Allow-Origin" not in answer.headers


def test_caches_tell_query_language_and_generation_apart(client, shelf):
    """No answer may be kept without asking again, and the tag of one holds for that query in that generation alone."""
    for path in PAGES:
        headers = client.get(path).headers
        assert "no-cache" in headers["Cache-Control"], path
        if not path.startswith("/api/"):
            assert {"Accept-Language", "Cookie"} <= set(headers["Vary"].split(", ")), path
    tags = {client.get(f"/api/v1/search?q={query}").headers["ETag"] for query in ("最低工資", "最低", "工資")}
    assert len(tags) == 3
    shelf.library.generation = "generation-2"
    fresh = client.get("/api/v1/search?q=最低工資")
    assert fresh.headers["ETag"] not in tags
    kept = client.get("/api/v1/search?q=最低工資", headers={"If-None-Match": fresh.headers["ETag"]})
    assert kept.status_code == 304
    pages = {client.get("/search?q=最低工資", headers={"Accept-Language": code}).text for code in ("zh-TW", "en")}
    assert len(pages) == 2


@given(
    start=st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "", "a"]),
    rest=st.text(max_size=20),
)
@settings(max_examples=60)
def test_no_cell_of_a_spreadsheet_is_a_formula(start, rest):
    out = io.StringIO()
    csv.writer(out).writerow([sheets._safe(start + rest)])
    (cell,) = next(csv.reader(io.StringIO(out.getvalue(), newline="")))
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert cell.removeprefix("'") == (start + rest).removeprefix("'")


def test_pages_forbid_what_they_do_not_need(client):
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    for rule in ("frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
        assert rule in policy
    for path in (*PAGES, "/nowhere"):
        answer = client.get(path)
        assert answer.headers["Content-Security-Policy"] == policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert " style=" not in answer.text
        assert " onclick=" not in answer.text
