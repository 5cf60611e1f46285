"""Every page in a real browser: accessible, without sideways scrolling, without errors, also without JavaScript."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.pages import PAGES, address

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIEWS = [(320, "light"), (1280, "dark")]  # colours depend on the scheme and layout on the width, so two views see all
QUICK = {"home": "zh-Hant", "search": "en", "clause": "zh-Hant", "compare": "en", "indicators": "zh-Hant"}
BAD_PAGE = "<!doctype html><title></title><img src='x.png'><input><p style='color:#aaa'>pale</p>"


def violations(page: Page) -> list[str]:
    """What axe-core finds, one line each; evaluated, because the page's own policy forbids other scripts."""
    page.evaluate(AXE)
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)["violations"]
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"][:3]]


def _visits() -> list[object]:
    """Every page in both languages; a few in every run, all of them with -m slow (8 minutes on 2 cores)."""
    return [
        pytest.param(name, language, marks=() if name in QUICK and language == QUICK[name] else pytest.mark.slow)
        for name in PAGES
        for language in ("zh-Hant", "en")
    ]


@pytest.mark.parametrize(("name", "language"), _visits())
def test_page(browser: Browser, site: str, name: str, language: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    for width, scheme in VIEWS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.goto(address(site, name, language))
        assert violations(page) == [], (width, scheme)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{width} px scrolls sideways"
    expected = ["404"] if name == "not-found" else []
    assert [error for error in errors if not any(known in error for known in expected)] == []
    context.close()


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
