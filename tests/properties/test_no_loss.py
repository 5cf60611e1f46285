"""Whatever a source holds, every character of it ends in exactly one place, and clause ids stay unique."""

from __future__ import annotations

import html
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.clauses import parse_clauses
from indexer.layout import read_lines
from indexer.ledger import missing_characters
from indexer.model import Block, Cell, Span
from indexer.readers import read_blocks
from indexer.readers.assembly import RawCell, resolve_rows
from indexer.readers.txt import source_lines

# What plans are made of: numbers, header names, values, marks of layout, and anything else.
_PIECES = (
    "壹、", "貳、", "一、", "二、", "（一）", "（二）", "1.", "2.", "1.1 ", "(1)", "A. ", "i. ", "①", "甲、", "第一章 ", "Part 1: ", "目標一：", "附錄",
    "年度施政目標", "工作計畫名稱", "重要計畫項目", "計畫類別", "實施內容", "關鍵績效指標", "年度目標值", "指標", "目標值", "實際值", "核心目標",
    "利害關係人", "內容", "項目", "項次", "註：", "勞動部108年度施政計畫", "推動最低工資法制，保障勞工。", "辦理甲案", "85%", "1,250人",
    "指標 1.3.1：人數", "1 1.3", "\n", "\n\n", "\n\n\n\n", "\t", "\f", " ", "　", "<p>", "</p>", "- ", "● ", "\uf06c", "聯 合 國", "28", "。", "；",
    "minimum wage", "\r\n", "\x0b", "\ufffd", "𠮷", "(cid:3)",
)  # fmt: skip
texts = st.lists(st.sampled_from(_PIECES) | st.text(max_size=8), max_size=60).map("".join)
cells = st.lists(st.sampled_from(_PIECES), max_size=4).map("".join).map(lambda text: " ".join(text.split()))
ANY = settings(max_examples=100)


def assert_whole(blocks: list[Block]) -> None:
    clauses, _, account = parse_clauses(blocks, "d")
    assert account.missing == 0
    assert len({clause.clause_id for clause in clauses}) == len(clauses)
    assert all(clause.text or clause.kind == "damaged" for clause in clauses)


@ANY
@given(text=texts)
def test_text(text: str) -> None:
    blocks = read_lines(source_lines(text))
    assert missing_characters(text, blocks) == 0
    assert_whole(blocks)


@ANY
@given(rows=st.lists(st.lists(st.tuples(cells, st.integers(1, 3)), min_size=1, max_size=5), min_size=1, max_size=6))
def test_tables(rows: list[list[tuple[str, int]]]) -> None:
    at = Span(1, 1)
    table = tuple(tuple(Cell(text, at, columns=columns) for text, columns in row) for row in rows)
    assert_whole([Block("paragraph", "壹、年度施政目標", at), Block("table", "", at, rows=table)])


@ANY
@given(text=texts)
def test_html(text: str) -> None:
    source = "".join(f"<p>{html.escape(line)}</p>" for line in re.sub("[\f\0]", " ", text).split("\n"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        path.write_text(f"<html><body><p>文</p>{source}</body></html>", encoding="utf-8", errors="replace")
        assert_whole(read_blocks(path))


@ANY
@given(rows=st.lists(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 4)), max_size=4), max_size=6))
def test_merged_cells_keep_rows_and_texts(rows: list[list[tuple[int, int]]]) -> None:
    raw = [
        [RawCell(((f"{line}.{place}", Span(1, 1)),), *size) for place, size in enumerate(row)]
        for line, row in enumerate(rows)
    ]
    resolved = resolve_rows(raw)
    assert len(resolved) == len(raw)
    assert [[cell for cell in row if cell.lines] for row in resolved] == raw


@pytest.mark.parametrize(
    ("sizes", "columns"),
    [
        ([[(1, 2), (1, 1)], [(1, 1)], [(1, 1), (1, 1)]], [[1, 1], [1, 1], [1, 1]]),
        ([[(1, 1), (2, 2)], [(1, 1)], [(3, 1)]], [[1, 2], [1, 2], [3]]),
        ([[(1, 1), (1, 3)], [], [(1, 1)], [(1, 1), (1, 1)]], [[1, 1], [], [1, 1], [1, 1]]),
    ],
    ids=["down", "down and across", "missing cells"],
)
def test_empty_cells_stand_below_merged_ones(sizes: list[list[tuple[int, int]]], columns: list[list[int]]) -> None:
    raw = [[RawCell((("文", Span(1, 1)),), *size) for size in row] for row in sizes]
    assert [[cell.columns for cell in row] for row in resolve_rows(raw)] == columns
