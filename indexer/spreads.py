"""Tables that page breaks cut in pieces, as one again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from indexer.headers import count_headers
from indexer.model import Block, Cell, Span


def join_spread_tables(blocks: Sequence[Block]) -> list[Block]:
    """The blocks with every table put together that nothing but furniture parts.

    A piece belongs to the table before it when it repeats its header, or when it stands on a later page, has as many
    columns and no header of its own.
    """
    joined: list[Block] = []
    last: int | None = None  # index of the table that may go on
    for block in blocks:
        if block.kind == "table" and last is not None and _goes_on(joined[last], block):
            joined[last] = _join(joined[last], block)
            continue
        joined.append(block)
        if block.kind == "table":
            last = len(joined) - 1
        elif block.kind != "furniture":
            last = None
    return joined


def _goes_on(table: Block, piece: Block) -> bool:
    if not table.rows or not piece.rows:
        return False
    if _texts(piece.rows[0]) == _texts(table.rows[0]):
        return True
    later = piece.span.page is not None and table.rows[-1][0].span.page != piece.span.page
    return later and _width(table.rows[0]) == _width(piece.rows[0]) and count_headers(piece.rows) == 0


def _texts(row: Iterable[Cell]) -> list[str]:
    return [cell.text for cell in row]


def _width(row: Iterable[Cell]) -> int:
    return sum(cell.columns for cell in row)


def _join(table: Block, piece: Block) -> Block:
    span = Span(table.span.first_line, max(table.span.last_line, piece.span.last_line), table.span.page)
    return replace(table, span=span, rows=table.rows + piece.rows)
