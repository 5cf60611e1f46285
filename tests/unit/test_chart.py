"""The chart: well-formed, named, and readable without colour."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from defusedxml.ElementTree import fromstring

from indexer.model import DocumentInfo, Indicator
from indexer.store import Rendering
from indexer.text import display_width
from search_app.chart import MOST, WIDTH, Language, bars, chart
from search_app.indicator_english import EnglishNames, english_names
from search_app.indicators import IndicatorRow, status_of

SVG = "{http://www.w3.org/2000/svg}"
INFO = DocumentInfo("d", "報告", "Report", "勞動部", "MOL", 2021, "report", "zh-Hant", "x", "0")
BASE = Indicator(
    "8.7.1", "職災死亡千人率", "8.7", "", "", "", "2020", "lower", 0.021, "0.021", 0.023, "0.023", False, "d/1"
)
INDICATORS = (
    BASE,
    replace(BASE, number="8.7.2", name="職災失能及傷病千人率", target=2.7, actual=2.526, met=True, target_printed="2.7"),
    replace(BASE, number="4.4.3", name="參訓<人數>&「比」", direction="higher", target=3.0, actual=9.6, met=True, part="青年"),
    replace(BASE, number="四-3", name="單獨參加職業災害保險之保險人數成長率與其他甚長名稱之指標", actual=None, met=None, actual_printed=""),
)  # fmt: skip
ROWS = [IndicatorRow(INFO, one, status_of(one)) for one in INDICATORS]


def parsed(language: Language = "zh", chart_id: str = "c") -> ElementTree.Element:
    root = fromstring(chart(ROWS, language, chart_id))
    assert root is not None
    return root


@pytest.mark.parametrize(
    ("language", "title"), [("zh", "指標：實績占目標值的比率"), ("en", "Indicators: actual as a share of the target")]
)
def test_title_and_description_name_the_chart(language: Language, title: str) -> None:
    root = parsed(language)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "c-title c-desc"
    assert root.find(f"{SVG}title[@id='c-title']").text == title  # type: ignore[union-attr]
    told = root.find(f"{SVG}desc[@id='c-desc']").text or ""  # type: ignore[union-attr]
    assert [told.count(str(number)) > 0 for number in (4, 2, 1)] == [True] * 3


def test_bars_are_as_long_as_their_share_of_the_target() -> None:
    rects = parsed().findall(f".//{SVG}rect")
    line = parsed().find(f"{SVG}line")
    assert line is not None
    unit = float(line.get("x1") or 0) - float(rects[0].get("x") or 0)
    widths = [float(rect.get("width") or 0) / unit for rect in rects]
    assert widths == pytest.approx([0.023 / 0.021, 2.526 / 2.7, MOST, 1.0], abs=0.01)
    assert all(float(rect.get("x") or 0) + float(rect.get("width") or 0) < WIDTH for rect in rects)


def test_status_shows_without_colour() -> None:
    root = parsed()
    rects = root.findall(f".//{SVG}rect")
    assert [rect.get("class") for rect in rects] == ["missed", "met", "met", "no-actual"]
    assert rects[0].get("fill") == "url(#c-hatch)"
    assert rects[3].get("stroke-dasharray")
    texts = ["".join(text.itertext()) for text in root.findall(f".//{SVG}g/{SVG}text")]
    assert [text.split(" ")[0] for text in texts[1::2]] == ["未達成", "達成", "達成", "未刊載實績"]
    assert "超出圖幅" in texts[5]


def test_every_bar_is_spoken_whole_and_drawn_short() -> None:
    groups = parsed().findall(f"{SVG}g")
    spoken = [group.find(f"{SVG}title").text or "" for group in groups]  # type: ignore[union-attr]
    assert spoken[0] == "8.7.1 職災死亡千人率：未達成，0.023 / 0.021，愈低愈好"
    assert INDICATORS[3].name in spoken[3]
    assert "參訓<人數>&「比」（青年）" in spoken[2]
    drawn = [group.find(f"{SVG}text").text or "" for group in groups]  # type: ignore[union-attr]
    assert drawn[3].endswith("…")
    assert all(display_width(text) <= 43 for text in drawn)


def test_two_charts_in_one_page_do_not_share_ids() -> None:
    ids = [[one.get("id") for one in parsed(chart_id=name).iter() if one.get("id")] for name in ("c", "d")]
    assert not set(ids[0]) & set(ids[1])


def test_nothing_that_a_content_security_policy_blocks() -> None:
    assert not any(word in chart(ROWS) for word in ("style=", "<script", "onload", "href"))


def test_without_rows_there_is_no_chart() -> None:
    assert chart([]) == ""
    assert bars([], "en") == []


def test_a_negative_share_has_no_negative_width() -> None:
    low = replace(BASE, direction="higher", target=2.0, actual=-1.0, met=False)
    assert 'width="0.0"' in chart([IndicatorRow(INFO, low, "missed")])


def test_an_english_chart_uses_english_names_and_marks_chinese_ones() -> None:
    english = {"d/1": EnglishNames("Fatality rate", "")}
    rows = [ROWS[0], IndicatorRow(INFO, replace(BASE, number="9.9.9", clause_id="d/2"), "missed")]
    root = fromstring(chart(rows, "en", "c", english))
    first, second = root.findall(f"{SVG}g")
    assert first.find(f"{SVG}title").text == "8.7.1 Fatality rate: missed, 0.023 / 0.021, lower is better"
    assert [one.get("lang") for one in (first.find(f"{SVG}title"), first.find(f"{SVG}text"))] == [None, None]
    assert [one.get("lang") for one in (second.find(f"{SVG}title"), second.find(f"{SVG}text"))] == ["zh-Hant-TW"] * 2
    assert "English names are unofficial renderings" in root.find(f"{SVG}desc").text
    assert "unofficial" not in chart(rows, "en", "c")
    assert "Fatality" not in chart(rows, "zh", "c", english)


@pytest.mark.parametrize(
    ("name", "rendering", "headings", "goal", "expected"),
    [
        ("8.7.1", "Indicator 8.7.1: Fatality rate\nMethod", ("附錄一 List",), "8.7", EnglishNames("Fatality rate", "")),
        ("4.3.3", "Indicator 4.3.3 Number of people", (), "4.3", EnglishNames("Number of people", "")),
        ("1.a.2", "Indicator 1.a.2: Low-income people", (), "1.a", EnglishNames("Low-income people", "")),
        ("四-1", "Increase in the care rate\n20%", ("貳 KPIs", "四 Raise safety"), "提升安全", EnglishNames("Increase in the care rate", "Raise safety")),
        ("x", "ICT courses for 200 people", (), "", EnglishNames("ICT courses for 200 people", "")),
    ],
)  # fmt: skip
def test_english_names(name: str, rendering: str, headings: tuple[str, ...], goal: str, expected: EnglishNames) -> None:
    found = english_names([replace(BASE, number=name, goal=goal)], {"d/1": Rendering(rendering, headings, "e", False)})
    assert found == {"d/1": expected}
    assert english_names([BASE], {}) == {}
