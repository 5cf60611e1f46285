"""The account of characters finds what is lost and what is doubled."""

from __future__ import annotations

import pytest

from indexer.ledger import Ledger, missing_characters
from indexer.model import Block, Cell, Span

AT = Span(1, 1)
BLOCKS = [
    Block("paragraph", "一、推動 最低工資。", AT),
    Block("table", "", AT, rows=((Cell("指標", AT), Cell("85%", AT)),)),
]


@pytest.mark.parametrize(
    ("posts", "missing"),
    [
        ([("clauses", "一、推動最低工資。"), ("cells", "指標"), ("cells", "85%")], 0),
        ([("clauses", "一、推動最低工資。"), ("cells", "指標")], 3),
        ([("clauses", "一、推動最低工資。"), ("cells", "指標"), ("cells", "85%"), ("headings", "指標")], 2),
        ([], 14),
    ],
)
def test_missing(posts: list[tuple[str, str]], missing: int) -> None:
    ledger = Ledger(BLOCKS)
    for column, text in posts:
        ledger.post(column, text)  # type: ignore[arg-type]
    account = ledger.close()
    assert (account.total, account.missing) == (14, missing)


@pytest.mark.parametrize(
    ("source", "missing"),
    [("一、推動\t最低工資。\n指標　85%", 0), ("一、推動最低工資。指標85", 1), ("一、推動最低工資。指標85%％", 1)],
)
def test_reader_keeps_every_character(source: str, missing: int) -> None:
    assert missing_characters(source, BLOCKS) == missing
