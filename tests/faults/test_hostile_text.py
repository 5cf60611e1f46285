"""Documents whose text, titles and names are attacks, looked at in a real browser: nothing of them runs.

Hypothesis makes the documents; one corpus holds them all. The sentinel is a function that every payload tries to call;
a broken content security policy and a foreign element count as well.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
import waitress
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from indexer.build import build_index
from indexer.config import Config, ServerConfig
from search_app.app import create_app
from search_app.live import Live

pytestmark = pytest.mark.browser

PAYLOADS = [
    "<script>ran()</script>", "<img src=x onerror=ran()>", "<svg onload=ran()>", "\"><script>ran()</script>", "'onmouseover='ran()",
    "<iframe srcdoc='<script>parent.ran()</script>'>", "javascript:ran()", "</title><script>ran()</script>", "<!--<script>ran()//-->",
    "</mark><script>ran()</script>", "<a href='javascript:ran()'>x</a>", "<style>@import'//x'</style>", "<base href=//x/>",
    "<meta http-equiv=refresh content='0;url=javascript:ran()'>", "{{ran()}}", "${ran()}", "<details open ontoggle=ran()>",
    "<math><mi xlink:href='javascript:ran()'>", "&lt;script&gt;ran()&lt;/script&gt;", "\u202e>tpircs/<)(nar>tpircs<", "＜script＞ran()＜/script＞",
    "<form action=//x><button>", "]]><script>ran()</script>", "\\u003cscript\\u003eran()", "<input autofocus onfocus=ran()>",
]  # fmt: skip
WATCH = """
window.isData = one => { try { return one.type === 'application/ld+json' && !one.src && !!JSON.parse(one.text); } catch { return false; } };
window.ranCount = 0; window.broken = [];
window.ran = () => { window.ranCount += 1; };
document.addEventListener('securitypolicyviolation', event => window.broken.push(event.violatedDirective + ' ' + event.sample));
"""
# A block of linked data is none, as long as it is JSON and nothing else.
FOREIGN = """
[...document.querySelectorAll('iframe, object, embed, base, img:not([src^="/static/icon.svg"]), svg[onload], math, style, details[ontoggle], meta[http-equiv]')]
  .filter(one => !one.closest('svg.chart')).map(one => one.outerHTML.slice(0, 80))
  .concat([...document.querySelectorAll('*')].flatMap(one => [...one.attributes])
    .filter(one => /^on/.test(one.name) ||
      (/^(href|src|action|formaction|xlink:href)$/.test(one.name) && /^\\s*javascript:/i.test(one.value))).map(one => one.name + '=' + one.value))
  .concat([...document.scripts].filter(one => !(one.src.startsWith(location.origin) || isData(one))).map(one => one.outerHTML.slice(0, 80)))
"""

hostile = st.lists(
    st.one_of(st.sampled_from(PAYLOADS), st.text("<>\"'&/= abc工資\\{}$", max_size=12)), min_size=1, max_size=4
).map(lambda parts: " ".join("".join(parts).split()))


def made(count: int) -> list[tuple[str, str, str, str]]:
    """(title, clause, English title, agency) of so many hostile documents, the same at every run."""
    documents: list[tuple[str, str, str, str]] = []

    @given(hostile, hostile, hostile, hostile)
    @settings(max_examples=count, suppress_health_check=list(HealthCheck), database=None)
    def collect(title: str, clause: str, title_en: str, agency: str) -> None:
        documents.append((title, clause, title_en, agency))

    collect()
    return documents[:count]


def write_corpus(folder: Path, count: int) -> list[str]:
    """Hostile plans with an attack in each place where text is shown; their ids."""
    folder.mkdir()
    listing = []
    for number, (title, clause, title_en, agency) in enumerate(made(count)):
        name = f"h{number:04} <img src=x onerror=ran()>.txt".replace("/", "")
        heading = f"勞動部 {90 + number % 40} 年度施政計畫\n\n壹、年度施政目標 {clause}\n一、{title}目標\n（一）{clause}，推動工資保障。\n"
        (folder / name).write_text(heading, encoding="utf-8")
        listing.append({
            "id": f"h{number:04}", "file": name, "title": {"zh": f"{title}計畫", "en": f"{title_en} plan"},
            "agency": {"zh": f"{agency}部", "en": f"{agency} agency"}, "plan_year": 90 + number % 40, "kind": "annual_plan",
            "language": "zh-Hant", "licence": f"{clause} licence", "provenance": f"{title} provenance",
        })  # fmt: skip
    text = yaml.safe_dump({"documents": listing}, allow_unicode=True)
    (folder / "corpus.yaml").write_text(text, encoding="utf-8")
    return [entry["id"] for entry in listing]


@contextmanager
def served(config: Config) -> Iterator[str]:
    live = Live(config, library=False)
    live.load()
    server = waitress.create_server(create_app(live, config), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.task_dispatcher.shutdown()
    server.close()
    thread.join(timeout=5)
    live.close()


def addresses(documents: list[str], share: int) -> Iterator[str]:
    """Pages that show every document, then some documents and clauses alone, and every ``share``-th attack as a query."""
    yield from ("/", "/documents", "/about", "/sitemap", "/indicators", "/compare")
    for number in range(1, len(documents) // 100 + 2):
        yield f"/search?q=推動工資保障&per_page=100&page={number}"
    for payload in PAYLOADS[::share]:
        yield f"/search?q={quote(payload)}"
        yield f"/verify?quote={quote(payload)}"
        yield f"/{quote(payload, safe='')}?lang={quote(payload)}"
    yield f"/compare?from={documents[0]}&to={documents[1]}&show=all"
    for number, document in enumerate(documents[:: max(3, len(documents) // 100)]):
        yield f"/documents/{document}?lang={('zh-Hant', 'en')[number % 2]}"
    for document in documents[:: max(6, len(documents) // 20)]:
        yield f"/clauses/{document}/1.1.1"


def look(page: Page, site: str, documents: list[str], share: int) -> dict[str, int]:
    """Visit every page; what ran, what broke the policy and what is foreign is told by its address."""
    wrong: list[str] = []
    page.add_init_script(WATCH)
    page.on("dialog", lambda dialog: wrong.append(f"dialog {dialog.message}"))
    visited = shown = 0
    for address in addresses(documents, share):
        answer = page.goto(site + address, wait_until="load")
        visited += 1
        shown += answer is not None and answer.status == 200
        found = page.evaluate("() => [window.ranCount, window.broken, " + FOREIGN + "]")
        if found != [0, [], []]:
            wrong.append(f"{address}: {found}")
    assert wrong == []
    assert shown > visited * 0.5
    return {"documents": len(documents), "pages": visited, "ran": 0, "policy_violations": 0, "foreign_elements": 0}


def attack(tmp_path: Path, config: Config, browser: Browser, count: int, share: int) -> dict[str, int]:
    documents = write_corpus(tmp_path / "corpus", count)
    hostile_config = config.model_copy(
        update={
            "corpus": config.corpus.model_copy(update={"dir": tmp_path / "corpus"}),
            "index": config.index.model_copy(update={"dir": tmp_path / "var" / "index"}),
            "server": ServerConfig(rate_limit=0),
        }
    )
    report = build_index(hostile_config)
    assert report.failed == {}
    with served(hostile_config) as site:
        page = browser.new_page()
        figures = look(page, site, documents, share)
        page.close()
    return figures


def test_nothing_of_hostile_documents_runs(tmp_path, config, browser):
    assert attack(tmp_path, config, browser, 8, share=6)["pages"] > 20


@pytest.mark.slow
def test_nothing_of_hostile_documents_runs_in_full(tmp_path, config, browser, record):
    record("nothing_of_hostile_documents_runs", dict(attack(tmp_path, config, browser, 1000, share=1)))


def test_the_sentinel_sees_what_runs(browser):
    """An unguarded page with each payload: most of them run or leave a foreign element, so the test above could fail."""
    caught = 0
    page = browser.new_page()
    page.add_init_script(WATCH)
    body = ""
    page.route("http://bad.test/", lambda route: route.fulfill(body=body, content_type="text/html"))
    for payload in PAYLOADS:
        body = f"<!doctype html><body>{payload}"
        page.goto("http://bad.test/", wait_until="load")
        page.wait_for_timeout(20)
        ran, _, foreign = page.evaluate("() => [window.ranCount, window.broken, " + FOREIGN + "]")
        caught += bool(ran or foreign)
    page.close()
    assert caught > len(PAYLOADS) / 2
