"""Ruled tables of PDF pages as rows; a row that a page end cut is put together again from its lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from indexer.model import Cell, Span
from indexer.readers.pdflines import NumberedLine, cell_text
from indexer.readers.pdfpage import PrintedCell, PrintedTable

_SAME = 1.0  # points; edges nearer than this are one


@dataclass
class DraftCell:
    """A cell of the grid with the lines that it holds; merged cells take several columns and rows."""

    column: int
    columns: int
    rows: int
    left: float
    right: float
    is_cut: bool
    lines: list[NumberedLine] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join("".join(line.printed.text for line in self.lines).split())


@dataclass
class DraftTable:
    """A table whose last row may go on over the page; each row holds the cells that begin in it, from left to right."""

    rows: list[list[DraftCell]]
    columns: int
    page: int

    def header(self) -> list[str]:
        return [cell.text for cell in self.rows[0]]

    def last_cells(self) -> dict[int, DraftCell]:
        """The last cell of each column."""
        return {cell.column: cell for row in self.rows for cell in row}


def draft(table: PrintedTable, numbered: dict[int, NumberedLine], page: int) -> DraftTable:
    """The grid behind the boxes of a table; ``numbered`` finds a printed line's number by its identity."""
    lefts = _edges([cell.x0 for cell in table.cells])
    tops = _edges([cell.top for cell in table.cells])
    rows: list[list[DraftCell]] = [[] for _ in tops]
    for cell in sorted(table.cells, key=lambda cell: (cell.top, cell.x0)):
        rows[_place(tops, cell.top)].append(_draft_cell(cell, lefts, tops, numbered))
    return DraftTable([sorted(row, key=lambda cell: cell.column) for row in rows], len(lefts), page)


def join_cut_row(table: DraftTable, following: DraftTable) -> None:
    """Move the rest of cells that the page end cut from the next page's table into ``table``.

    When all cells of the last row are cut, the row itself goes on; else only a cell over several rows does.
    """
    last = table.last_cells()
    if table.columns != following.columns or not any(cell.is_cut for cell in last.values()):
        return
    place = 1 if len(following.rows) > 1 and following.header() == table.header() else 0
    row_goes_on = all(cell.is_cut for cell in table.rows[-1])
    for cell in following.rows[place]:
        if cell.column in last and (row_goes_on or last[cell.column].is_cut):
            last[cell.column].lines += cell.lines
            last[cell.column].is_cut = cell.is_cut
            cell.lines = []
    if row_goes_on:
        rest = following.rows.pop(place)
        table.rows[-1] += [cell for cell in rest if cell.lines]


def rows_of(table: DraftTable) -> list[tuple[Cell, ...]]:
    """The rows with their cells' lines joined; a cell merged with the one above it is empty."""
    pad = _padding(cell for row in table.rows for cell in row if cell.lines)
    return [tuple(_row(row, table, pad)) for row in table.rows]


def _padding(cells: Iterable[DraftCell]) -> float:
    """The room between a cell's edge and its text: the lower quarter, for some glyphs overhang and some texts are centred."""
    pads = sorted(min(line.printed.x0 for line in cell.lines) - cell.left for cell in cells)
    return max(0.0, pads[len(pads) // 4]) if pads else 0.0


def _row(row: Sequence[DraftCell], table: DraftTable, pad: float) -> Iterator[Cell]:
    starts = {cell.column: cell for cell in row}
    place = 0
    while place < table.columns:
        cell = starts.get(place)
        if cell is None:
            yield Cell("", Span(0, 0, table.page))
        else:
            text, pieces = cell_text(cell.lines, cell.right - pad)
            yield Cell(text, _span(cell.lines, table.page), pieces, cell.columns)
        place += cell.columns if cell else 1


def _draft_cell(
    cell: PrintedCell, lefts: Sequence[float], tops: Sequence[float], numbered: dict[int, NumberedLine]
) -> DraftCell:
    column, row = _place(lefts, cell.x0), _place(tops, cell.top)
    columns = sum(1 for left in lefts[column:] if left < cell.x1 - _SAME)
    rows = sum(1 for top in tops[row:] if top < cell.bottom - _SAME)
    lines = [numbered[id(line)] for line in cell.lines]
    return DraftCell(column, max(1, columns), max(1, rows), cell.x0, cell.x1, cell.is_cut, lines)


def _edges(places: Sequence[float]) -> list[float]:
    """Places from first to last, those that are one given once."""
    edges: list[float] = []
    for place in sorted(places):
        if not edges or place - edges[-1] > _SAME:
            edges.append(place)
    return edges


def _place(edges: Sequence[float], place: float) -> int:
    return max(index for index, edge in enumerate(edges) if edge <= place + _SAME)


def _span(lines: Sequence[NumberedLine], page: int) -> Span:
    return Span(lines[0].span.first_line, lines[-1].span.last_line, lines[0].span.page) if lines else Span(0, 0, page)
