"""What people come for, done in a real browser: by touch on a phone, by keyboard alone, with and without JavaScript."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
FIRST_SCREENS = 1.5  # of a phone, within which an answer and the first clause begin


def test_a_phrase_is_found_across_years_and_its_citation_copied(browser: Browser, site: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"], base_url=site)
    page = context.new_page()
    page.goto("/?lang=zh-Hant")
    page.fill("#q", '"工會結社規範"')
    page.press("#q", "Enter")
    badges = page.locator("ol.hits > li > article > .source .year").all_inner_texts()
    assert {re.sub(r"\s", "", badge) for badge in badges} == {"106年2017", "108年2019"}
    page.locator("ol.hits summary").first.click()
    page.locator("ol.hits button.copy").first.click()
    expect(page.locator("ol.hits [role=status]").first).to_have_text("已複製")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "施政計畫" in copied
    assert "三、推動公平的集體勞資關係" in copied
    context.close()


@pytest.mark.parametrize(
    ("language", "question", "words"),
    [
        ("zh-Hant", "106年勞工健康照護率的目標值是多少？", "20%"),
        ("en", "Which SDG targets were missed?", "8.7.1"),
    ],
)
def test_a_question_on_a_phone_leads_to_its_source_in_two_taps(
    browser: Browser, site: str, language: str, question: str, words: str
) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, base_url=site)
    page = context.new_page()
    page.goto(f"/?lang={language}")
    page.fill("#q", question)
    page.tap("form.search button")
    answer = page.locator(".answer")
    expect(answer).to_contain_text(words)
    assert answer.bounding_box()["y"] < PHONE["height"] / 2
    page.tap(".answer .from a >> nth=0")
    page.wait_for_url("**/clauses/**")
    assert page.locator("blockquote, table.cells").count() == 1
    context.close()


@pytest.mark.parametrize("query", ["最低工資", "工會結社有什麼規劃？"])
def test_the_first_clause_begins_on_the_first_screens_of_a_phone(browser: Browser, site: str, query: str) -> None:
    context = browser.new_context(viewport=PHONE, base_url=site)
    page = context.new_page()
    page.goto(f"/search?q={query}&lang=zh-Hant")
    assert page.locator("ol.hits h2").first.bounding_box()["y"] < FIRST_SCREENS * PHONE["height"]
    assert page.locator(".facets a").first.is_hidden()
    page.click(".filters summary")
    assert page.locator(".facets a").first.is_visible()
    context.close()


def test_a_clause_is_compared_between_two_years_and_the_comparison_downloaded(page: Page, site: str) -> None:
    page.goto(f"{site}/search?q=研擬最低工資法制&lang=zh-Hant")
    page.click("ol.hits .actions a >> nth=0")
    page.wait_for_url("**/clauses/mol-106-plan/1.3.4**")
    years = page.locator("section:has(> #years)")
    expect(years).to_contain_text("108年")
    assert years.locator("del").first.text_content() == "（刪除：研擬）"
    with page.expect_download() as waiting:
        years.locator(".downloads a", has_text="CSV").click()
    written = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
    assert "研擬最低工資法制" in written
    assert "推動最低工資法制" in written
    assert len(written.splitlines()) == 2


@pytest.mark.parametrize(("language", "missed"), [("zh-Hant", "未達成"), ("en", "Missed")])
def test_the_missed_indicator_is_found(page: Page, site: str, language: str, missed: str) -> None:
    page.goto(f"{site}/?lang={language}")
    page.click("header nav a[href^='/indicators']")
    page.click("nav.narrow a[href*='status=missed']")
    rows = page.locator("table.indicators tbody tr")
    assert rows.count() == 1
    expect(rows.first).to_contain_text("8.7.1")
    expect(rows.first).to_contain_text(missed)


def test_everything_by_keyboard_alone(page: Page, site: str) -> None:
    page.goto(f"{site}/?lang=zh-Hant")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    _tab_to(page, "#q")
    page.keyboard.type("最低工資", delay=5)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?**")
    _tab_to(page, ".facets a")
    _tab_to(page, "ol.hits h2 a")
    _tab_to(page, "ol.hits summary")
    page.keyboard.press("Enter")
    _tab_to(page, "ol.hits button.copy")
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.matches('ol.hits summary')")
    _tab_to(page, "ol.hits .actions a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/clauses/**")


def test_focus_can_be_seen(page: Page, site: str) -> None:
    page.goto(f"{site}/search?q=最低工資")
    for _ in range(12):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", page.evaluate("document.activeElement.outerHTML")


def test_suggestions_by_keyboard(page: Page, site: str) -> None:
    page.goto(f"{site}/?lang=zh-Hant")
    field = page.get_by_role("combobox")
    field.press_sequentially("最低工", delay=20)
    options = page.get_by_role("option")
    expect(options.first).to_contain_text("最低工資")
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    assert field.get_attribute("aria-activedescendant") == options.first.get_attribute("id")
    field.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    assert field.input_value() == "最低工"
    field.press("ArrowDown")
    field.press("ArrowUp")
    last = options.last.locator("span").inner_text()
    field.press("Enter")
    page.wait_for_url("**/search?**")
    assert page.input_value("#q") == last


def test_no_suggestions_are_asked_for_while_an_input_method_composes(page: Page, site: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/suggest?" in request.url else None)
    page.goto(f"{site}/?lang=zh-Hant")
    compose = """(composing) => {
        const field = document.getElementById('q');
        field.focus();
        field.value = '最低';
        field.dispatchEvent(new InputEvent('input', { isComposing: composing }));
    }"""
    page.evaluate(compose, True)
    page.wait_for_timeout(400)
    assert asked == []
    page.evaluate("document.getElementById('q').dispatchEvent(new CompositionEvent('compositionend'))")
    expect(page.get_by_role("option").first).to_be_visible()
    assert len(asked) == 1


def test_one_request_for_suggestions_at_a_time(page: Page, site: str) -> None:
    waiting = []
    page.route("**/suggest?**", lambda route: waiting.append(route))
    page.goto(f"{site}/?lang=zh-Hant")
    for text in ("工", "工會", "工會法"):
        page.fill("#q", text)
        page.wait_for_timeout(250)
    assert len(waiting) == 1
    waiting.pop().continue_()
    page.wait_for_timeout(500)
    assert len(waiting) == 1  # only for what was typed last
    assert waiting[0].request.url.endswith("%E5%B7%A5%E6%9C%83%E6%B3%95")
    waiting.pop().continue_()
    expect(page.get_by_role("option").first).to_contain_text("工會法")


def test_a_page_works_when_suggestions_fail(page: Page, site: str) -> None:
    page.route("**/suggest?**", lambda route: route.abort())
    page.goto(f"{site}/")
    page.locator("#q").press_sequentially("工會", delay=10)
    page.wait_for_timeout(300)
    page.press("#q", "Enter")
    page.wait_for_url("**/search?**")


def test_fingers_hit_what_they_aim_at(browser: Browser, site: str) -> None:
    """Controls are at least 44 px high on a phone, links within text apart."""
    context = browser.new_context(viewport=PHONE, base_url=site)
    page = context.new_page()
    page.goto("/search?q=106年工會有什麼規劃？&lang=zh-Hant")
    controls = ".site, .language, header nav a, #q, form.search button, .chips a, .filters summary, .actions a, .actions summary"
    low = page.eval_on_selector_all(
        controls,
        "all => all.filter(one => one.checkVisibility() && one.getBoundingClientRect().height < 43.5).map(one => one.outerHTML)",
    )
    assert low == []
    context.close()


def test_the_contents_of_a_long_document_are_one_tap_away(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, base_url=site)
    page = context.new_page()
    page.goto("/documents/mol-106-plan?lang=zh-Hant#1.3.4")
    expect(page.locator("#contents")).not_to_be_in_viewport()
    expect(page.locator(".to-contents")).to_be_in_viewport()
    page.tap(".to-contents")
    expect(page.locator("#contents")).to_be_in_viewport()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/documents/mol-106-plan?lang=zh-Hant#1.3.4")
    expect(page.locator(".contents a").first).to_be_in_viewport()  # beside the text, without a tap
    context.close()


def test_a_document_prints_without_the_frame(page: Page, site: str) -> None:
    page.goto(f"{site}/documents/mol-106-plan?lang=zh-Hant")
    page.emulate_media(media="print")
    assert page.locator("header.top").is_hidden()
    assert page.locator(".contents").is_hidden()
    assert page.locator(".tree h2").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until what the selector names has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"no {selector} within 80 steps")
