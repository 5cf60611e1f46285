"""Blocks to the tree: the numbers give the sections, whatever the habit."""

from __future__ import annotations

import pytest

from indexer.clauses import parse_clauses
from indexer.model import Block, Cell, Span


def blocks(*texts: str) -> list[Block]:
    """Paragraphs; 「# 」 and 「## 」 make headings of a level, 「| 」 furniture, 「! 」 a damaged page."""
    kinds = {"#": "heading", "##": "heading", "###": "heading", "|": "furniture", "!": "damaged"}
    made = []
    for line, text in enumerate(texts, start=1):
        mark, _, rest = text.partition(" ")
        kind = kinds.get(mark, "paragraph")
        level = len(mark) if kind == "heading" else None
        made.append(Block(kind, rest if mark in kinds else text, Span(line, line), level))  # type: ignore[arg-type]
    return made


def tree(*texts: str) -> list[tuple[str, str]]:
    """Id and kind of every clause; the account must balance."""
    clauses, _, account = parse_clauses(blocks(*texts), "d")
    assert account.missing == 0
    return [(clause.clause_id.partition("/")[2], clause.kind) for clause in clauses]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (
            ["勞動部108年度施政計畫", "前言。", "壹、年度施政目標", "一、促進就業", "（一）推動甲案。", "貳、其他"],
            [("title", "heading"), ("p1", "narrative"), ("1", "heading"), ("1.1", "goal"), ("1.1.1", "goal_clause"), ("2", "heading")],
        ),
        (["壹、", "年度施政目標", "一、", "推動甲案。"], [("1", "heading"), ("1.1", "goal_clause")]),
        (["第一章", "總論", "說明。"], [("1", "heading"), ("1.p1", "narrative")]),
        (
            ["甲、總說明", "壹、沿革", "一、成立。", "乙、主要表", "壹、收入"],
            [("1", "heading"), ("1.1", "heading"), ("1.1.1", "narrative"), ("2", "heading"), ("2.1", "heading")],
        ),
        (
            ["一、辦法", "（1）申請：", "甲、書面。", "乙、線上。", "（2）審查。"],
            [("1", "heading"), ("1.1", "heading"), ("1.1.1", "narrative"), ("1.1.2", "narrative"), ("1.2", "narrative")],
        ),
        (
            ["A. Goals", "Introduction to them.", "1. Jobs", "2. Safety", "B. Means"],
            [("1", "heading"), ("1.p1", "narrative"), ("1.1", "goal_clause"), ("1.2", "goal_clause"), ("2", "narrative")],
        ),
        (
            ["h. last but one", "i. ninth", "j. tenth"],
            [("1", "narrative"), ("2", "narrative"), ("3", "narrative")],
        ),
        (["1. 總論", "1.1 願景", "1.2 依據", "2.5 億元以上。"], [("1", "heading"), ("1.1", "narrative"), ("1.2", "heading"), ("1.2.p1", "narrative")]),
        (
            ["# 計畫", "## 壹、目標", "### 前言", "說明。", "### 一、就業", "## 貳、經費"],
            [("title", "heading"), ("1", "heading"), ("1.1", "heading"), ("1.1.p1", "narrative"), ("1.2", "narrative"), ("2", "heading")],
        ),
        (
            ["# 總論", "說明。", "# 分論", "## 細節", "說明。"],
            [("1", "heading"), ("1.p1", "narrative"), ("2", "heading"), ("2.1", "heading"), ("2.1.p1", "narrative")],
        ),
        (["| 頁首", "一段文字", "又一段文字。"], [("p1", "narrative"), ("p2", "narrative")]),
        (["! 亂碼", "! ", "文字。"], [("damaged1", "damaged"), ("damaged2", "damaged"), ("p1", "narrative")]),
        (["勞動部", "108年度施政計畫", "說明。"], [("p1", "narrative"), ("title", "heading"), ("p2", "narrative")]),
    ],
    ids=["plan", "lone numbers", "lone chapter", "stems above", "stems below", "intro", "letter i", "decimals", "levels",
         "levels only", "no structure", "damaged", "cover"],
)  # fmt: skip
def test_tree(texts: list[str], expected: list[tuple[str, str]]) -> None:
    assert tree(*texts) == expected


def test_lone_numbers_give_whole_labels() -> None:
    clauses, _, _ = parse_clauses(blocks("壹、", "年度施政目標", "一、", "推動甲案。"), "d")
    assert (clauses[0].marker, clauses[0].text) == ("壹、", "年度施政目標")
    assert (clauses[1].marker, clauses[1].section_path) == ("一、", ("壹、年度施政目標",))
    assert (clauses[1].span.first_line, clauses[1].span.last_line) == (3, 4)


def test_table_hangs_under_the_nearest_heading() -> None:
    rows = ((Cell("業務", Span(4, 4)), Cell("預算", Span(4, 4))), (Cell("農糧", Span(5, 5)), Cell("1,250", Span(5, 5))))
    listed = [*blocks("一、經費", "（一）說明如下。"), Block("table", "", Span(4, 5), rows=rows)]
    clauses, _, account = parse_clauses(listed, "d")
    assert [clause.clause_id for clause in clauses] == ["d/1", "d/1.1", "d/1.2"]
    assert account.missing == 0


@pytest.mark.parametrize(
    ("entry_id", "own_id"),
    [("faq-1", "faq-1"), ("12.3", "12.3"), ("doc/2", "doc-2-4be7ff83"), ("問題 一", "f0527bf0")],
)
def test_entries_keep_their_ids(entry_id: str, own_id: str) -> None:
    at = Span(1, 1)
    rows = (
        (Cell("_id", at), Cell("title", at), Cell("text", at)),
        (Cell(entry_id, at), Cell("題", at), Cell("文。", at)),
    )
    (clause,), _, account = parse_clauses([Block("table", "", at, rows=rows)], "d")
    assert (clause.clause_id, clause.text, clause.section_path) == (f"d/{own_id}", "文。", ("題",))
    assert account.missing == 0
