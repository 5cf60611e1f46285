"""Tables of plans and reports: columns known by their header names, rows put together again over page breaks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from indexer.headers import Column, count_headers, read_columns, width_of
from indexer.markers import match_marker, split_items
from indexer.model import Cell, Span
from indexer.tablerows import Row, join_cells, merge_rows, read_row

TableKind = Literal["plan", "kpi", "indicator", "stakeholder", "entries", "other"]

_CARRIED = (
    "goal",
    "division",
    "work_plan",
    "stakeholder",
    "core_goal",
    "specific_goal",
)  # an empty cell means: as above
_OPEN_END = re.compile(r"[^。！？；.!?;）)」]$")  # 辦理本部同仁…，加強同仁對


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was understood; ``columns`` stand from left to right.

    ``rows`` carry values forward; what a row itself printed stands in ``Row.printed``. ``headers`` are the texts of
    all header cells, repeated ones included; ``notes`` the cells over the whole width below the last row.
    """

    kind: TableKind
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    headers: tuple[str, ...]
    notes: tuple[Cell, ...] = ()

    def has(self, role: str) -> bool:
        return any(column.role == role for column in self.columns)

    def name(self, role: str) -> str:
        """The header name of a role's column."""
        return next(column.name for column in self.columns if column.role == role)


def read_table(rows: Sequence[Sequence[Cell]]) -> Table:
    """The table behind rows of cells; the header is found by its names, else the first row is taken for it."""
    count = max(1, count_headers(rows))
    body = _Body(rows[:count])
    for cells in rows[count:]:
        body.add(cells)
    return Table(_kind(body.columns), body.columns, tuple(_carry_forward(body.rows)), tuple(body.headers), body.notes())


class _Body:
    """The rows below a header, one after the other: repeated headers left out, cut and merged rows put together."""

    def __init__(self, header: Sequence[Sequence[Cell]]) -> None:
        self.columns = read_columns(header)
        self.headers = [cell.text for row in header for cell in row]
        self.rows: list[Row] = []
        self._header_rows = {_texts(row) for row in header}
        self._width = max(width_of(row) for row in header)
        self._heading: Cell | None = None
        self._after_header = False

    def add(self, cells: Sequence[Cell]) -> None:
        if _texts(cells) in self._header_rows:
            self.headers += _texts(cells)
            self._after_header = True
        elif len(cells) == 1 and cells[0].columns == self._width > 1 and cells[0].text:
            self._add_heading(cells[0])
        elif any(cell.text for cell in cells):
            self._add_row(replace(read_row(cells, self.columns, self._width), heading=self._heading))

    def _add_heading(self, cell: Cell) -> None:
        """A cell over the whole width heads the rows below it; two in a row are one."""
        waits = self._heading is not None and not self._is_used(self._heading)
        self._heading = join_cells(self._heading, cell, "\n") if self._heading is not None and waits else cell

    def _add_row(self, row: Row) -> None:
        broken = self._after_header or _is_on_later_page(self.rows, row)
        if self.rows and self.rows[-1].heading is row.heading and _continues(self.rows, row, broken):
            self.rows[-1] = merge_rows(self.rows[-1], row, broken)
        else:
            self.rows.append(row)
        self._after_header = False

    def _is_used(self, heading: Cell) -> bool:
        return bool(self.rows) and self.rows[-1].heading is heading

    def notes(self) -> tuple[Cell, ...]:
        """A cell over the whole width below the last row."""
        return () if self._heading is None or self._is_used(self._heading) else (self._heading,)


def _texts(cells: Sequence[Cell]) -> tuple[str, ...]:
    return tuple(cell.text for cell in cells)


def _kind(columns: Sequence[Column]) -> TableKind:
    roles = {column.role for column in columns}
    if {"entry_id", "text"} <= roles:
        return "entries"
    if "content" in roles and roles & {"work_plan", "item"}:
        return "plan"
    if "kpi" in roles and roles & {"target", "actual"}:
        return "kpi"
    if "indicator" in roles and roles & {"target", "actual"}:
        return "kpi" if "goal" in roles else "indicator"
    if "stakeholder" in roles:
        return "stakeholder"
    return "other"


def _is_on_later_page(read: Sequence[Row], row: Row) -> bool:
    pages = {cell.span.page or 0 for cell in read[-1].cells.values()} if read else set()
    own = {cell.span.page or 0 for cell in row.cells.values()}
    return 0 not in pages | own and bool(pages) and bool(own) and min(own) > max(pages)


def _continues(read: Sequence[Row], row: Row, broken: bool) -> bool:
    """True when ``row`` is the rest of the row before it: merged with it, or ``broken`` off by a page end."""
    before = read[-1]
    key = "item" if "item" in row.cells else "kpi" if "kpi" in row.cells else None
    if key is None or any(row.text(role) for role in _CARRIED):
        return False
    if not row.text(key):
        return not row.numbers.get(key)
    if not broken:
        return False
    known = {entry.text("plan_category") for entry in read[:-1]} - {""}
    category = before.text("plan_category")
    if category and category not in known and category + row.text("plan_category") in known:
        return True
    if row.text("plan_category") in known or (row.text("target") and before.text("target")):
        return False  # short cells are never cut: it has its own
    body = "content" if "content" in row.cells else "standard"
    marker = match_marker(row.text(body))
    if marker is not None and marker.ordinal > 1 and _is_next_item(before.text(body), row.text(body)):
        return True
    open_end = _OPEN_END.search(before.text(body)) is not None
    return open_end and bool(row.text(body)) and (marker is None or marker.ordinal > 1)


def _is_next_item(before: str, after: str) -> bool:
    last, first = split_items(before)[-1:], match_marker(after)
    marker = last[0].marker if last else None
    return (
        marker is not None and first is not None and (marker.style, marker.ordinal + 1) == (first.style, first.ordinal)
    )


def _carry_forward(rows: Sequence[Row]) -> list[Row]:
    carried: dict[str, tuple[Cell, str]] = {}
    result = []
    for row in rows:
        cells, numbers = dict(row.cells), dict(row.numbers)
        for role in _CARRIED:
            if role not in cells:
                continue
            if cells[role].text:
                carried[role] = (cells[role], numbers.get(role, ""))
            elif role in carried:
                cell, numbers[role] = carried[role]
                cells[role] = Cell(cell.text, Span(0, 0))  # the value is printed elsewhere
        result.append(replace(row, cells=cells, numbers=numbers))
    return result
