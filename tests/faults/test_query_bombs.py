"""Queries made to break or to occupy the server: each is answered, or refused with a hint, within its time; never 500."""

from __future__ import annotations

import statistics
import time
from urllib.parse import quote, quote_from_bytes

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.config import Config
from search_app.app import create_app
from search_app.cli import main
from search_app.live import Live

BOMBS = {
    "10,000 characters": "工" * 10_000,
    "a phrase of 5,000 words": f'"{"工會 " * 5_000}"',
    "a phrase of 450 characters": f'"{"勞工" * 225}"',
    "3,000 brackets": "(" * 3_000,
    "300 brackets that close": "(" * 300 + "工" + ")" * 300,
    "brackets with words": "(工 " * 240,
    "only a wildcard": "*",
    "leading wildcards": "*工 ?會 **a",
    "wildcards between letters": "a*b*c* a*e*i*o*u",
    "wildcards between common words": "的*及*之*與*率",
    "question marks": "?" * 900,
    "emoji": "🙂" * 900,
    "joined emoji": "👩‍👩‍👧‍👦" * 120,
    "right to left": "\u202e工資\u202c \u2067最低\u2069" * 50,
    "null bytes": "工\x00資\x00" * 100,
    "control characters": "".join(map(chr, range(32))) * 20 + "工資",
    "one character that folds to 18": "\ufdfa" * 1000,
    "combining marks": "工" + "\u0301" * 900,
    "zero width": "\u200b\u200d\ufeff" * 300,
    "operators": "AND OR NOT && || " * 50,
    "nested NOT": "NOT " * 240 + "工",
    "exclusions": "-工 " * 240,
    "conjunctions": "工 AND " * 130 + "會",
    "alternatives": "的 OR " * 150 + "會",
    "near common words": '"的 及 之 與 率 工 業 者"~200',
    "near letters": '"e a i o n t s r"~200',
    "phrases of one character": '"的" ' * 200,
    "ranges of years": "year:1.. " * 100,
    "sections": "section:工 " * 120,
    "titles": "title:計 " * 150,
    "quotes": '"' * 999,
    "blanks": "工" + " " * 990 + "資",
    "a range of blanks": f'year:"{" " * 900}"',
    "digits": "1," * 480,
    "indicator numbers": "8.7." * 240,
    "places in a plan": "106 壹 三 (四) " * 80,
    "brackets in words": "哺(集)乳室" * 160,
    "repeated letters": "a" * 990 + "!",
    "English words": "the minimum wage of workers " * 35,
    "SQL": "'; DROP TABLE clauses; -- \" OR 1=1",
    "a template": "{{ 7 * 7 }} ${7*7} #{7*7} <%= 7*7 %>",
    "a format": "%s%n%x {0} {__class__}",
    "surrogates": "\ud800工資\udfff",
}
ADDRESSES = (
    "/api/v1/search?q={}",
    "/search?q={}",
    "/api/v1/ask?q={}",
    "/api/v1/verify?quote={}",
    "/search?section={}&q=a",
)


def encoded(text: str) -> str:
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"))


@pytest.fixture(scope="module")
def web(live: Live, config: Config) -> FlaskClient:
    client = create_app(live, config).test_client()
    client.get("/api/v1/ask?q=工資")  # what is loaded at the first question counts for none of them
    return client


def asked(web: FlaskClient, address: str) -> tuple[int, float]:
    """Status and seconds of processor time of one request; no answer is a server's error."""
    started = time.thread_time()
    answer = web.get(address)
    seconds = time.thread_time() - started
    assert answer.status_code in (200, 400), (address[:200], answer.text[:300])
    if answer.status_code == 400 and address.startswith("/api/"):
        assert answer.json["error"]["hint"]
    return answer.status_code, seconds


def test_query_bombs_are_answered_in_time(web):
    took = [
        (asked(web, form.format(encoded(bomb)))[1], name, form) for name, bomb in BOMBS.items() for form in ADDRESSES
    ]
    slowest = sorted(took, reverse=True)[:5]
    assert statistics.quantiles([seconds for seconds, _, _ in took], n=100)[98] < 1, slowest


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/search?q=a&" + "&".join(f"section=s{n}" for n in range(5000)),
        "/api/v1/search?q=a&year=" + ",".join(str(n) for n in range(1, 3000)),
        "/search?q=a&" + "&".join(f"document=d{n}" for n in range(3000)),
        "/api/v1/search?q=a&page=99999999999999999999", "/api/v1/search?q=a&per_page=" + "9" * 5000,
        "/api/v1/search?q=a&year=9999999", "/api/v1/search?q=a&year=-1", "/api/v1/search?q=a&year=١٠٦",
        "/api/v1/search?" + "q=a&" * 1000, "/api/v1/search?q=%zz%ff%fe", "/api/v1/search?q=a&mode=" + "x" * 9000,
        "/api/v1/compare?from=*&to=[a-z]*", "/api/v1/indicators?goal=" + "%25" * 500,
    ],
    ids=lambda address: address[:40],
)  # fmt: skip
def test_bombs_beside_the_query(web, address):
    assert asked(web, address)[1] < 1


@pytest.mark.parametrize(
    "clause_id", ["*", "mol-106-plan/*", "mol-106-plan/[1-9]", "%", "mol-106-plan/1.3'", "a" * 5000, "\0"]
)
def test_odd_ids_of_clauses_find_nothing(web, clause_id):
    for path in ("/clauses/", "/api/v1/clauses/", "/documents/", "/api/v1/documents/"):
        assert web.get(path + quote(clause_id, safe="/")).status_code == 404


@given(st.text(st.characters(), min_size=1, max_size=60))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_a_query(web, text):
    asked(web, f"/api/v1/search?q={encoded(text)}")


@pytest.mark.slow
def test_query_bombs_in_full(web, record):
    """Any text at all, and texts made of the signs that mean something, at every address."""
    took: list[float] = []
    signs = st.lists(
        st.sampled_from([*'"()*?~:-', "AND", "OR", "NOT", "year:", "的", "工資", "e", " ", "\ud800", "..", "9"]),
        max_size=120,
    )

    @given(st.one_of(st.text(max_size=1000), signs.map("".join)), st.sampled_from(ADDRESSES))
    @settings(max_examples=1500, suppress_health_check=list(HealthCheck))
    def ask(text: str, address: str) -> None:
        took.append(asked(web, address.format(encoded(text)))[1])

    ask()
    for bomb in BOMBS.values():
        took.extend(asked(web, form.format(encoded(bomb)))[1] for form in ADDRESSES)
    cuts = statistics.quantiles(took, n=100)
    assert cuts[98] < 1
    record("query_bombs", {"requests": len(took), "server_errors": 0, "processor_ms": {
        "p50": round(1000 * cuts[49], 1), "p99": round(1000 * cuts[98], 1), "max": round(1000 * max(took), 1)}})  # fmt: skip


@pytest.fixture
def settings_file(config: Config, live: Live, tmp_path):
    assert live.ready
    path = tmp_path / "config.yaml"
    path.write_text(f"corpus: {{dir: {config.corpus.dir}}}\nindex: {{dir: {config.index.dir}}}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("search", BOMBS["10,000 characters"]), 2), (("search", BOMBS["wildcards between common words"]), 0),
        (("search", BOMBS["surrogates"], "--json"), 0), (("search", "工", "--year", "\ud800"), 2),
        (("search", "工", "--document", "\ud800"), 2), (("verify-quote", "\ud800工資" * 3), 0), (("ask", "\x00\ud800"), 0),
        (("search", ""), 0), (("search", BOMBS["surrogates"]), 0),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)  # fmt: skip
def test_the_command_line_takes_bombs_too(settings_file, arguments, code):
    result = CliRunner().invoke(main, [*arguments, "--config", str(settings_file)])
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception


def test_a_search_that_takes_too_long_is_given_up_with_a_hint(live, config):
    hasty = config.model_copy(update={"search": config.search.model_copy(update={"max_query_seconds": 1e-9})})
    found = live.current()
    kept, found._settings = found._settings, hasty.search
    try:
        answer = create_app(live, config).test_client().get('/api/v1/search?q="推動 勞工"~20')
    finally:
        found._settings = kept
    assert (answer.status_code, answer.json["error"]["message"]) == (400, "the search takes too long.")
    assert "filter" in answer.json["error"]["hint"]
