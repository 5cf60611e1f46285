"""Tables by their header names: columns in any order, merged cells, numbers, rows cut by page ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from indexer.headers import count_headers, read_columns
from indexer.ledger import Ledger
from indexer.model import Block, Cell, Span
from indexer.roles import period_of, role_of, unit_of
from indexer.spreads import join_spread_tables
from indexer.tableclauses import rows_of_table
from indexer.tables import read_table

PLAN = ["工作計畫名稱", "重要計畫項目", "計畫類別", "實施內容"]


def row(*cells: str | tuple[str, int], page: int | None = None) -> tuple[Cell, ...]:
    """Cells of one row; a pair is a text with the columns that it takes."""
    pairs = [cell if isinstance(cell, tuple) else (cell, 1) for cell in cells]
    return tuple(Cell(text, Span(1, 1, page), columns=columns) for text, columns in pairs)


def shown(rows: Sequence[tuple[Cell, ...]]) -> list[tuple[int, str, str, str]]:
    """Depth, kind, marker and text of the clauses of a table, whose account must balance."""
    block = Block("table", "", Span(1, 1), rows=tuple(rows))
    ledger = Ledger([block])
    clauses = [(clause.depth, clause.kind, clause.marker, clause.text) for clause in rows_of_table(block, ledger)]
    assert ledger.close().missing == 0
    return clauses  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("工作計畫名稱", "work_plan"), ("工作計畫\n名稱", "work_plan"), ("業務計畫", "work_plan"), ("Programme", "work_plan"),
        ("重要計畫項目", "item"), ("施政計畫項目", "item"), ("計畫名稱", "item"), ("Key Project", "item"), ("key projects", "item"),
        ("計畫類別", "plan_category"), ("計畫性質", "plan_category"), ("Category", "plan_category"),
        ("實施內容", "content"), ("計畫內容", "content"), ("工作要項", "content"), ("Implementation", "content"),
        ("與KPI關聯", "kpi_link"), ("與 KPI 關聯", "kpi_link"), ("Linked KPI", "kpi_link"),
        ("關鍵策略目標", "goal"), ("策略目標", "goal"), ("Strategic Goal", "goal"),
        ("關鍵績效指標", "kpi"), ("績效指標", "kpi"), ("KPI", "kpi"), ("Key Performance Indicator", "kpi"),
        ("衡量標準", "standard"), ("計算公式", "standard"), ("Measure", "standard"),
        ("年度目標值", "target"), ("113年度目標值", "target"), ("2020年目標值", "target"), ("目標", "target"), ("2024 Target", "target"),
        ("實際值", "actual"), ("109年達成值", "actual"), ("Actual", "actual"), ("Result", "actual"),
        ("對應指標", "indicator"), ("指標名稱", "indicator"), ("Indicator", "indicator"), ("利害關係人類別", "stakeholder"),
        ("項次", "number"), ("No.", "number"), ("單位", "unit"), ("主辦單位", "unit_in_charge"), ("_id", "entry_id"),
        ("目標值（%）", "target"), ("113年度目標值（單位：人次）", "target"), ("Target (%)", "target"), ("預算（百萬元）", None), ("備註", None), ("", None),
    ],
)  # fmt: skip
def test_role(name: str, role: str | None) -> None:
    assert role_of(name) == role


@pytest.mark.parametrize(
    ("name", "period"),
    [("2020年目標值", "2020"), ("113年度目標值", "113"), ("年度目標值 110", "110"), ("年度目標值", "")],
)
def test_period(name: str, period: str) -> None:
    assert period_of(name) == period


@pytest.mark.parametrize(
    ("name", "unit"), [("目標值（%）", "%"), ("目標值（單位：人次）", "人次"), ("Target (2024)", ""), ("目標值", "")]
)
def test_unit(name: str, unit: str) -> None:
    assert unit_of(name) == unit


@pytest.mark.parametrize(
    ("rows", "count", "columns"),
    [
        ([row(*PLAN)], 1, [("work_plan", PLAN[0]), ("item", PLAN[1]), ("plan_category", PLAN[2]), ("content", PLAN[3])]),
        (
            [row(*PLAN), row("綜合規劃", "政策", "社會發展", "內容")],
            1,
            [("work_plan", PLAN[0]), ("item", PLAN[1]), ("plan_category", PLAN[2]), ("content", PLAN[3])],
        ),
        (
            [row("指標名稱", ("108年", 2), ("109年", 2)), row("", "目標值", "實際值", "目標值", "實際值")],
            2,
            [("indicator", "指標名稱"), ("target", "108年目標值"), ("actual", "108年實際值"), ("target2", "109年目標值"),
             ("actual2", "109年實際值")],
        ),
        (
            [row("指標名稱", ("年度目標值", 2)), row("", "110", "111")],
            2,
            [("indicator", "指標名稱"), ("target", "年度目標值 110"), ("target2", "年度目標值 111")],
        ),
        (
            [row(("關鍵策略目標", 2), ("關鍵績效指標", 2)), row("一", "促進就業", "1", "媒合率")],
            1,
            [("goal", "關鍵策略目標"), ("kpi", "關鍵績效指標")],
        ),
        ([row("計畫名稱", "工作項目", "實施內容")], 1, [("work_plan", "計畫名稱"), ("item", "工作項目"), ("content", "實施內容")]),
        (
            [row("業務別", "工作計畫", "工作項目", "實施內容")],
            1,
            [("division", "業務別"), ("work_plan", "工作計畫"), ("item", "工作項目"), ("content", "實施內容")],
        ),
        (
            [row("工作計畫", "分支計畫", "工作項目", "實施內容")],
            1,
            [("division", "工作計畫"), ("work_plan", "分支計畫"), ("item", "工作項目"), ("content", "實施內容")],
        ),
        (
            [row("業務別", "工作計畫", "分支計畫", "工作項目", "實施內容")],
            1,
            [("division", "業務別"), ("work_plan", "工作計畫"), ("item", "分支計畫"), ("column4", "工作項目"), ("content", "實施內容")],
        ),
        ([row("單位", "單位", "績效指標", "目標值")], 1, [("unit", "單位"), ("column2", "單位"), ("kpi", "績效指標"), ("target", "目標值")]),
        ([row("甲", "乙")], 0, None),
    ],
)  # fmt: skip
def test_header(rows: list[tuple[Cell, ...]], count: int, columns: list[tuple[str, str]] | None) -> None:
    assert count_headers(rows) == count
    if columns is not None:
        assert [(column.role, column.name) for column in read_columns(rows[:count])] == columns


PLAN_CLAUSES = [
    (0, "work_plan", "", "綜合規劃業務"),
    (1, "plan_row", "", "加強勞動政策"),
    (2, "plan_item", "一、", "甲案。"),
    (2, "plan_item", "二、", "乙案。"),
    (1, "plan_row", "", "施政管制"),
    (2, "plan_item", "", "丙案。"),
]


@pytest.mark.parametrize(
    "rows",
    [
        [row(*PLAN), row("綜合規劃業務", "加強勞動政策", "社會發展", "一、甲案。二、乙案。"), row("", "施政管制", "社會發展", "丙案。")],
        [
            row("實施內容", "計畫類別", "重要計畫項目", "工作計畫名稱"),
            row("一、甲案。\n二、乙案。", "社會發展", "加強勞動政策", "綜合規劃業務"),
            row("丙案。", "社會發展", "施政管制", ""),
        ],
        [
            row(*PLAN), row("綜合規劃業務", "加強勞動政策", "社會發展", "一、甲案。"), row("", "", "", "二、乙案。"),
            row("", "施政管制", "社會發展", "丙案。"),
        ],
        [
            row(*PLAN), row("綜合規劃業務", "加強勞", "社會", "一、甲"), row(*PLAN), row("", "動政策", "發展", "案。\n二、乙案。"),
            row("", "施政管制", "社會發展", "丙案。"),
        ],
        [
            row(*PLAN, page=1), row("綜合規劃業務", "加強勞", "社會發展", "一、甲案。", page=1), row("", "動政策", "", "二、乙案。", page=2),
            row("", "施政管制", "社會發展", "丙案。", page=2),
        ],
        [
            row(*PLAN[1:]), row(("綜合規劃業務", 3)), row("加強勞\n動政策", "社會發展", "一、甲案。二、乙案。"),
            row("施政管制", "社會\n發展", "丙案。"),
        ],
    ],
    ids=["in order", "turned around", "merged", "cut, header repeated", "cut, no header", "heading over the table"],
)  # fmt: skip
def test_plan_table(rows: list[tuple[Cell, ...]]) -> None:
    assert shown(rows) == PLAN_CLAUSES


@pytest.mark.parametrize(
    ("rows", "clauses"),
    [
        (
            [row("關鍵策略目標", "關鍵績效指標", "衡量標準", "年度目標值"), row("一", "促進就業", "1", "就業人數", "投保人數", "200人"),
             row("", "", "2", "媒合率", "媒合÷求職", "60%")],
            [(0, "heading", "一", "促進就業"), (1, "kpi", "1", "就業人數\n投保人數\n200人"), (1, "kpi", "2", "媒合率\n媒合÷求職\n60%")],
        ),
        (
            [row(("關鍵策略目標", 2), ("關鍵績效指標", 2), "年度目標值"), row("一", "促進就業", "1", "就業人數", "200人"),
             row("", "", "2", "媒合率", "60%")],
            [(0, "heading", "一", "促進就業"), (1, "kpi", "1", "就業人數\n200人"), (1, "kpi", "2", "媒合率\n60%")],
        ),
        (
            [row("Target", "KPI"), row("85%", "Placement rate")],
            [(0, "kpi", "", "Placement rate\n85%")],
        ),
        (
            [row("項次", "績效指標", "目標值"), row("1", "就業人數", "200人"), row(("註：以當年底計。", 3))],
            [(0, "kpi", "1", "就業人數\n200人"), (0, "note", "", "註：以當年底計。")],
        ),
        (
            [row("指標", "單位", "目標值", "實際值"), row("指標 1.2.3：死亡率", "%", "2", "1.8")],
            [(0, "indicator", "1.2.3", "指標 1.2.3：死亡率\n2\n1.8")],
        ),
        ([row("業務", "預算"), row("農糧", "1,250")], [(0, "table_row", "", "農糧\n1,250")]),
        ([row("總計", "1,250")], [(0, "table_row", "", "總計\n1,250")]),
        ([row(*PLAN)], []),
        (
            [row(*PLAN), row("甲業務", "乙", "", "社會發展", "丙案。")],
            [(0, "work_plan", "", "甲業務"), (1, "plan_row", "", "乙"), (2, "plan_item", "", "社會發展\n丙案。")],
        ),
        (
            [row(*PLAN), row("", "施政管制", "社會發展", "丙案。")],
            [(1, "plan_row", "", "施政管制"), (2, "plan_item", "", "丙案。")],
        ),
    ],
    ids=["numbers", "merged header", "English", "note", "indicator", "other", "one row", "empty", "a cell too many", "no work plan"],
)  # fmt: skip
def test_table(rows: list[tuple[Cell, ...]], clauses: list[tuple[int, str, str, str]]) -> None:
    assert shown(rows) == clauses


def test_new_row_after_a_page_end_is_not_the_rest_of_the_last_one() -> None:
    header = row("績效指標", "衡量標準", "目標值", page=1)
    table = read_table([header, row("甲", "無句點", "1案", page=1), row("乙", "亦無句點", "2案", page=2)])
    assert [entry.text("kpi") for entry in table.rows] == ["甲", "乙"]


@pytest.mark.parametrize(
    ("target", "actual", "pairs"),
    [
        ("85%", "86%", [("", 85, 86, True)]),
        ("青年85%、失業者70%", "失業者60%、青年90%", [("青年", 85, 90, True), ("失業者", 70, 60, False)]),
        ("85%", "", [("", 85, None, None)]),
        ("無", "", [("", None, None, None)]),
        ("≦3%", "2%", [("", 3, 2, True)]),
    ],
)
def test_indicators(target: str, actual: str, pairs: list[Any]) -> None:
    block = Block("table", "", Span(1, 1), rows=(row("績效指標", "目標值", "實際值"), row("達成率", target, actual)))
    (clause,) = rows_of_table(block, Ledger([block]))
    assert [(entry.part, entry.target, entry.actual, entry.met) for entry in clause.indicators] == pairs


@pytest.mark.parametrize(
    ("header", "cells", "unit"),
    [
        (["績效指標", "目標值（%）"], ["媒合率", "60"], "%"),
        (["績效指標", "單位", "目標值"], ["媒合率", "%", "60"], "%"),
        (["績效指標", "單位", "目標值"], ["媒合率", "%", "60人"], "人"),
        (["績效指標", "目標值"], ["媒合率", "60"], ""),
    ],
)
def test_unit_of_an_indicator(header: list[str], cells: list[str], unit: str) -> None:
    block = Block("table", "", Span(1, 1), rows=(row(*header), row(*cells)))
    (clause,) = rows_of_table(block, Ledger([block]))
    assert [indicator.unit for indicator in clause.indicators] == [unit]


@pytest.mark.parametrize(
    ("pieces", "count"),
    [
        ([[row(*PLAN), row("一", "二", "三", "四")], [row(*PLAN), row("五", "六", "七", "八")]], 1),
        ([[row(*PLAN, page=1)], [row("五", "六", "七", "八", page=2)]], 1),
        ([[row(*PLAN, page=1)], [row("五", "六", page=2)]], 2),
        ([[row(*PLAN)], [row("業務", "預算", "備註", "單位")]], 2),
    ],
    ids=["header repeated", "next page", "other width", "other header"],
)
def test_tables_over_pages(pieces: list[list[tuple[Cell, ...]]], count: int) -> None:
    blocks = [Block("table", "", Span(1, 1, rows[0][0].span.page), rows=tuple(rows)) for rows in pieces]
    foot = Block("furniture", "- 3 -", Span(1, 1))
    joined = join_spread_tables([blocks[0], foot, *blocks[1:]])
    assert sum(1 for block in joined if block.kind == "table") == count
    assert len(join_spread_tables([blocks[0], Block("paragraph", "文字。", Span(1, 1)), *blocks[1:]])) == 3


def test_a_number_alone_is_a_name() -> None:
    rows = [row("業務別", "工作項目", "實施內容"), row("一、甲業務", "1.", "辦理。")]
    assert shown(rows) == [
        (0, "work_plan", "一、", "甲業務"),
        (1, "plan_row", "", "1."),
        (2, "plan_item", "", "辦理。"),
    ]


def test_a_column_that_only_later_rows_reach_is_read() -> None:
    header = ["工作計畫名稱", "重要計畫項目", "實施內容", "工作計畫名稱"]
    rows = [row(*header), row("甲業務", "乙", "丙。"), row("", "丁", "戊。", "己業務")]
    assert (1, "work_plan", "", "己業務") in shown(rows)
