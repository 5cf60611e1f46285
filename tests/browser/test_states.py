"""Pages of a site in trouble, in a real browser: as accessible as all others, and each says what to do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import cast

import pytest
import waitress
from playwright.sync_api import Browser, Page

from indexer.config import Config, ServerConfig
from indexer.errors import IndexCorrupt, IndexLocked, IndexMissing, IndexStale
from search_app.app import create_app
from search_app.live import Live
from tests.app.conftest import Shelf
from tests.browser.test_pages import violations

pytestmark = pytest.mark.browser

VIEWS = (("zh-Hant", 320, "light"), ("en", 1280, "dark"))
VISITOR = {"X-Forwarded-For": "203.0.113.9"}  # visitors from this machine are not counted


def loading(shelf: Shelf) -> None:
    shelf.loaded = False


def failing(shelf: Shelf) -> None:
    shelf.library = None  # type: ignore[assignment]


def with_problem(problem: Exception) -> Callable[[Shelf], None]:
    def change(shelf: Shelf) -> None:
        shelf.problem = problem  # type: ignore[assignment]

    return change


STATES = {
    "loading": (loading, "/", 503, "載入中"),
    "missing": (with_problem(IndexMissing("none")), "/", 503, "plansearch index"),
    "stale": (with_problem(IndexStale("old")), "/", 503, "plansearch index --rebuild"),
    "corrupt": (with_problem(IndexCorrupt("bad")), "/", 503, "plansearch index --rebuild"),
    "locked": (with_problem(IndexLocked("busy")), "/", 503, ""),
    "failing": (failing, "/", 500, "請求編號"),
    "gone": (lambda shelf: None, "/clauses/plan-106/1.3.5", 410, "移除"),
    "gone-document": (lambda shelf: None, "/documents/plan-104", 410, ""),
}

QUICK = ("missing", "failing")  # in every run; the others look much the same


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def site(shelf: Shelf) -> Iterator[str]:
    """The address of an application with a small library that each test spoils in its way."""
    config = Config(server=ServerConfig(trusted_proxies=1, rate_limit=2))
    server = waitress.create_server(
        create_app(cast(Live, shelf), config), host="127.0.0.1", port=0, threads=2, clear_untrusted_proxy_headers=False
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=5)


def look(browser: Browser, address: str, status: int, says: str, headers: dict[str, str]) -> None:
    for language, width, scheme in VIEWS:
        page: Page = browser.new_page(
            viewport={"width": width, "height": 900}, color_scheme=scheme, extra_http_headers=headers
        )
        answer = page.goto(f"{address}?lang={language}")
        assert answer is not None
        assert answer.status == status
        assert language != "zh-Hant" or says in page.inner_text("main")
        assert page.locator("h1").count() == 1
        assert violations(page) == [], (language, width)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{width} px scrolls sideways"
        page.close()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in STATES]
)
def test_state(browser: Browser, site: str, shelf: Shelf, name: str) -> None:
    spoil, path, status, says = STATES[name]
    spoil(shelf)
    look(browser, site + path, status, says, {})


def test_too_many_requests(browser: Browser, site: str) -> None:
    page = browser.new_page(extra_http_headers=VISITOR)
    for _ in range(3):
        page.goto(site)
    page.close()
    look(browser, site, 429, "再試", VISITOR)
