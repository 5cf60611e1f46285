"""Printed numbers: what counts as one, what it is worth, and what only looks like one."""

from __future__ import annotations

import pytest

from indexer.markers import match_marker, match_markers, ordinal_of, split_items
from indexer.readers.numbering import SERIES


@pytest.mark.parametrize(
    ("text", "style", "ordinal", "printed"),
    [
        ("第一篇 總論", "book", 1, "第一篇"),
        ("第二章　推動重點", "chapter", 2, "第二章"),
        ("第 3 章", "chapter", 3, "第 3 章"),
        ("Part 1: Goals", "chapter", 1, "Part 1:"),
        ("PART IV Goals", "chapter", 4, "PART IV"),
        ("附錄一  追蹤指標列表", "appendix", 1, "附錄一"),
        ("附件2：預算", "appendix", 2, "附件2"),
        ("Annex B: Budget", "appendix", 2, "Annex B:"),
        ("附   錄", "appendices", 1, "附   錄"),
        ("第二節 指標", "section", 2, "第二節"),
        ("Section 2", "section", 2, "Section 2"),
        ("壹、年度施政目標", "part", 1, "壹、"),
        ("拾貳、附則", "part", 12, "拾貳、"),
        ("（壹）施政重點", "subpart", 1, "（壹）"),
        ("II. Annual Goals", "roman", 2, "II."),
        ("Goal 3: Safer work", "goal", 3, "Goal 3:"),
        ("目標一：擴大公共運輸", "goal", 1, "目標一："),
        ("一、推辦職訓多元管道", "item", 1, "一、"),
        ("一. 推辦職訓", "item", 1, "一."),
        ("十二、妥適配置", "item", 12, "十二、"),
        ("（一）放寬工會結社規範", "clause", 1, "（一）"),
        ("(十) 檢討", "clause", 10, "(十)"),
        ("1. 面臨之機會", "number", 1, "1."),
        ("1、面臨之機會", "number", 1, "1、"),
        ("１．面臨之機會", "number", 1, "１．"),
        ("2) 加強稽查", "halfnumber", 2, "2)"),
        ("（1）加強監督", "subnumber", 1, "（1）"),
        ("⑵ 加強監督", "subnumber", 2, "⑵"),
        ("甲、總說明", "stem", 1, "甲、"),
        ("（乙）總說明", "substem", 2, "（乙）"),
        ("A. 辦理稽查", "letter", 1, "A."),
        ("B.辦理稽查", "letter", 2, "B."),
        ("(A) notice", "subletter", 1, "(A)"),
        ("b. notice", "lowletter", 2, "b."),
        ("(c) notice", "sublowletter", 3, "(c)"),
        ("c) notice", "sublowletter", 3, "c)"),
        ("iv. review", "lowroman", 4, "iv."),
        ("(ii) review", "sublowroman", 2, "(ii)"),
        ("③ 審查", "circled", 3, "③"),
        ("❷ 審查", "circled", 2, "❷"),
        ("第二部分：成果", "book", 2, "第二部分"),
        ("Section 1.2 Scope", "section", 2, "Section 1.2"),
        ("壹　年度施政目標", "part", 1, "壹"),
        ("貳：重要計畫", "part", 2, "貳："),
        ("Ⅱ、年度目標", "roman", 2, "Ⅱ、"),
        ("Objective 1.2: Jobs", "strategy", 2, "Objective 1.2:"),
        ("Strategy 3: Jobs", "strategy", 3, "Strategy 3:"),
        ("策略一：推動自造", "strategy", 1, "策略一："),
        ("ㄧ、推辦職訓", "item", 1, "ㄧ、"),
        ("（ㄧ）推辦職訓", "clause", 1, "（ㄧ）"),
        ("㈡推辦職訓", "clause", 2, "㈡"),
        ("二）推辦職訓", "halfclause", 2, "二）"),
        ("⒊推辦職訓", "number", 3, "⒊"),
        ("1﹒推辦職訓", "number", 1, "1﹒"),
    ],
)
def test_marker(text: str, style: str, ordinal: int, printed: str) -> None:
    marker = match_marker(text)
    assert marker is not None
    assert (marker.style, marker.ordinal, marker.printed) == (style, ordinal, printed)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "一般而言",
        "106年度施政計畫",
        "3.5 萬人",
        "12",
        "U.S. policy",
        "Section 2 of the Act applies",
        "Part of the plan",
        "I am here",
        "A plan",
        "(3 高)",
        "第三方",
        "二十四小時",
        "2.5 萬人次",
    ],
)
def test_no_marker(text: str) -> None:
    assert match_marker(text) is None


@pytest.mark.parametrize(
    ("text", "styles"),
    [
        ("I. Goals", ["roman", "letter"]),
        ("i. review", ["lowletter", "lowroman"]),
        ("(v) review", ["sublowletter", "sublowroman"]),
        ("1.2 Safety", ["decimal1"]),
        ("1.2.3 Safety", ["decimal2"]),
        ("2.5 萬人次", []),
        ("一、推動", ["item"]),
    ],
)
def test_all_that_a_number_may_be(text: str, styles: list[str]) -> None:
    assert [marker.style for marker in match_markers(text)] == styles


@pytest.mark.parametrize(
    ("number", "value"),
    [("一", 1), ("十", 10), ("二十一", 21), ("參", 3), ("拾貳", 12), ("7", 7), ("７", 7), ("C", 3), ("IV", 4), ("③", 3), ("⑶", 3),
     ("乙", 2), ("", None), ("統", None), ("百分", None)],
)  # fmt: skip
def test_ordinal(number: str, value: int | None) -> None:
    assert ordinal_of(number) == value


@pytest.mark.parametrize(
    "series", ["decimal", "fullwidth", "chinese", "capital", "ROMAN", "circled", "parenthesised", "stem"]
)
def test_ordinal_reads_what_numbering_prints(series: str) -> None:
    for value in range(1, 11 if series == "stem" else 21):
        assert ordinal_of(SERIES[series](value)) == value


@pytest.mark.parametrize("value", [99, 100, 105, 110, 120, 999])
def test_large_chinese_numbers(value: int) -> None:
    assert ordinal_of(SERIES["chinese"](value)) == value


@pytest.mark.parametrize(
    ("cell", "items"),
    [
        ("一、甲案。 二、乙案。", [("一、", "甲案。"), ("二、", "乙案。")]),
        ("一、甲案。\n二、乙案。", [("一、", "甲案。"), ("二、", "乙案。")]),
        ("1.甲案（25%）。2.乙案（25%）。", [("1.", "甲案（25%）。"), ("2.", "乙案（25%）。")]),
        ("前言：1.甲案。2.乙案。", [("", "前言："), ("1.", "甲案。"), ("2.", "乙案。")]),
        ("辦理甲案，符合3.之規定。", [("", "辦理甲案，符合3.之規定。")]),
        ("二、乙案。三、丙案。", [("二、", "乙案。"), ("三、", "丙案。")]),
        ("一、甲案。三、丙案。", [("一、", "甲案。三、丙案。")]),
        ("一、甲案：（一）子。（二）丑。二、乙案。", [("一、", "甲案：（一）子。（二）丑。"), ("二、", "乙案。")]),
        ("i. one. ii. two.", [("i.", "one."), ("ii.", "two.")]),
        ("Amend Part 1 of the Act.", [("", "Amend Part 1 of the Act.")]),
        ("Amend Part 1: Wages.", [("", "Amend Part 1: Wages.")]),
        ("", []),
    ],
)
def test_items_of_a_cell(cell: str, items: list[tuple[str, str]]) -> None:
    assert [(item.marker.printed if item.marker else "", item.text) for item in split_items(cell)] == items


def test_item_places() -> None:
    cell = "一、甲案。 二、乙案。"
    assert [cell[item.start : item.end] for item in split_items(cell)] == ["一、甲案。", "二、乙案。"]


@pytest.mark.parametrize(
    ("value", "printed"), [(4, "IV"), (39, "XXXIX"), (0, "0"), (400, "400"), (999_999_999, "999999999")]
)
def test_roman_numbers_end_where_print_ends(value: int, printed: str) -> None:
    """A list that begins at 999,999,999 would be 100 MB of X."""
    assert SERIES["ROMAN"](value) == printed
