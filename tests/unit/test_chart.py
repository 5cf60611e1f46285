"""The chart: bars of the right length, named and told in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indexer.model import DocumentInfo, Indicator
from indexer.store import Rendering
from search_app.chart import MOST, bars
from search_app.indicator_english import EnglishNames, english_names
from search_app.indicators import IndicatorRow, status_of

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


def test_bars_are_as_long_as_their_share_of_the_target() -> None:
    unit = 100 / MOST
    lengths = [bar.percent / unit for bar in bars(ROWS, "zh")]
    assert lengths == pytest.approx([0.023 / 0.021, 2.526 / 2.7, MOST, 0.0], abs=0.001)
    assert [bar.cut for bar in bars(ROWS, "zh")] == [False, False, True, False]


def test_bars_say_their_status_and_figures_in_words() -> None:
    shown = [(bar.number, bar.status, bar.figures, bar.lower) for bar in bars(ROWS, "zh")]
    assert shown[0] == ("8.7.1", "missed", "0.023 / 0.021", True)
    assert shown[3] == ("四-3", "no-actual", "— / 0.021", True)
    assert bars(ROWS, "zh")[2].name == "參訓<人數>&「比」（青年）"


def test_without_rows_there_are_no_bars() -> None:
    assert bars([], "en") == []


def test_a_negative_share_has_no_negative_length() -> None:
    low = replace(BASE, direction="higher", target=2.0, actual=-1.0, met=False)
    assert [bar.percent for bar in bars([IndicatorRow(INFO, low, "missed")], "zh")] == [0.0]


def test_an_english_chart_uses_english_names_and_marks_chinese_ones() -> None:
    english = {"d/1": EnglishNames("Fatality rate", "")}
    rows = [ROWS[0], IndicatorRow(INFO, replace(BASE, number="9.9.9", clause_id="d/2"), "missed")]
    assert [(bar.name, bar.chinese) for bar in bars(rows, "en", english)] == [
        ("Fatality rate", False), ("職災死亡千人率", True),
    ]  # fmt: skip
    assert bars(rows, "zh", english)[0].name == "職災死亡千人率"


@pytest.mark.parametrize(
    ("unit", "target", "actual", "zh", "en"),
    [
        ("人次", 11200.0, 17168.0, "1萬7,168人次 / 1萬1,200人次", "17,168 / 11,200 person-times"),
        ("%", 35.0, 58.7, "58.7% / 35%", "58.7% / 35%"),
        ("", 0.021, None, "— / 0.021", "— / 0.021"),
    ],
)
def test_figures_as_printed_in_chinese_and_as_numbers_in_english(
    unit: str, target: float, actual: float | None, zh: str, en: str
) -> None:
    printed = zh.split(" / ")
    one = replace(
        BASE, unit=unit, target=target, actual=actual, target_printed=printed[1], actual_printed="" if actual is None else printed[0]
    )  # fmt: skip
    row = IndicatorRow(INFO, one, status_of(one))
    assert [bars([row], language)[0].figures for language in ("zh", "en")] == [zh, en]  # type: ignore[arg-type]


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
