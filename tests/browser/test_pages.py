"""Every page in a real browser: accessible, without sideways scrolling, without errors, also without JavaScript."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.pages import LANGUAGES, PAGES, address

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS, SCHEMES = (320, 768, 1280), ("light", "dark")
VIEWS = [(320, "light"), (1280, "dark")]  # for every run: colours depend on the scheme and layout on the width
QUICK = {"home": "zh-Hant", "search": "en", "clause": "zh-Hant", "compare": "en", "indicators-missed": "zh-Hant"}
BAD_PAGE = "<!doctype html><title></title><img src='x.png'><input><p style='color:#aaa'>pale</p>"


def violations(page: Page) -> list[str]:
    """What axe-core finds, one line each; evaluated, because the page's own policy forbids other scripts."""
    page.evaluate("document.querySelectorAll('details').forEach(one => (one.open = true))")  # axe skips what is folded
    page.evaluate(AXE)
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)["violations"]
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"][:3]]


def _visits() -> list[object]:
    """Some pages in two views in every run; with -m slow all pages in every width and scheme."""
    quick = [pytest.param(name, language, VIEWS, id=f"{name}-{language}") for name, language in QUICK.items()]
    every = list(product(WIDTHS, SCHEMES))
    return quick + [
        pytest.param(name, language, every, id=f"{name}-{language}-every-view", marks=pytest.mark.slow)
        for name, language in product(PAGES, LANGUAGES)
    ]


@pytest.mark.parametrize(("name", "language", "views"), _visits())
def test_page(browser: Browser, site: str, name: str, language: str, views: list[tuple[int, str]]) -> None:
    context = browser.new_context()
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(address(site, name, language))
    for width, scheme in views:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == [], (width, scheme)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{width} px scrolls sideways"
    expected = ["404"] if name == "not-found" else ["400"] if name in ("search-too-long", "bad-query") else []
    assert [error for error in errors if not any(known in error for known in expected)] == []
    context.close()


@pytest.mark.parametrize("query", ["最低工資", "工會結社有什麼規劃？", "Which SDG targets were missed?"])
def test_a_search_page_weighs_less_than_100_kb(page: Page, site: str, query: str) -> None:
    sizes: dict[str, int] = {}
    page.on("response", lambda response: sizes.update({response.url: len(response.body())}))
    page.goto(f"{site}/search?q={query}&lang=en", wait_until="networkidle")
    assert len(sizes) >= 5  # the page, its style, its scripts and its icon
    assert sum(sizes.values()) < 100_000, sizes


def test_nothing_blocks_the_first_paint(page: Page, site: str) -> None:
    page.goto(f"{site}/search?q=最低工資")
    assert page.locator("link[rel=stylesheet]").count() == 1
    assert page.locator("script[src]:not([defer])").count() == 0
    assert page.locator("[style], style").count() == 0


def test_a_bad_page_is_found(page: Page) -> None:
    page.set_content(BAD_PAGE)
    found = {line.partition(":")[0] for line in violations(page)}
    assert {"image-alt", "label", "color-contrast", "document-title", "html-has-lang"} <= found


@pytest.mark.parametrize("language", ["zh-Hant", "en"])
def test_without_javascript(browser: Browser, site: str, language: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/?lang={language}")
    page.fill("#q", "最低工資")
    page.press("#q", "Enter")
    page.click("ol.hits h2 a >> nth=0")
    assert "/clauses/" in page.url
    assert page.locator("button.copy:visible").count() == 0
    page.goto(f"{site}/compare?lang={language}")
    page.click("form.tool button")
    assert page.locator("ins").count() > 5
    page.goto(f"{site}/verify?lang={language}")
    page.fill("#quote", "研擬最低工資法制。")
    page.click("form.tool button")
    assert page.locator(".verdict.exact").count() == 1
    context.close()
