"""One row of a table: its cells under the roles of their columns, its numbers set apart, its halves joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from indexer.headers import NUMBERED, Column, width_of
from indexer.markers import match_marker, ordinal_of
from indexer.model import Cell, Span
from indexer.wraps import join_all, join_wrapped

_HEADS = ("goal", "division", "work_plan")
_NAMES = (
    "goal",
    "division",
    "work_plan",
    "item",
    "plan_category",
)  # a forced line end in these only fits the column's width


@dataclass(frozen=True, slots=True)
class Row:
    """One row: role -> cell; ``numbers`` holds what a numbered column printed before its text.

    ``heading`` is the cell over the whole width that stands above the row, if there is one.
    """

    cells: Mapping[str, Cell]
    numbers: Mapping[str, str]
    printed: Mapping[str, str]
    heading: Cell | None = None

    def text(self, role: str) -> str:
        cell = self.cells.get(role)
        return cell.text if cell else ""

    def span(self) -> Span:
        """From the first to the last line of the row's own cells; values that head several rows do not count."""
        own = [cell.span for role, cell in self.cells.items() if cell.text and role not in _HEADS]
        spans = [span for span in own if span.first_line] or [cell.span for cell in self.cells.values()]
        return Span(min(s.first_line for s in spans), max(s.last_line for s in spans), spans[0].page)


def read_row(cells: Sequence[Cell], columns: Sequence[Column], width: int) -> Row:
    """Cells under their columns, numbers set apart from the texts that they count."""
    on_grid = width_of(cells) == width and all(column.width for column in columns)
    found, numbers = _on_grid(cells, columns) if on_grid else _in_order(cells, columns)
    for role in NUMBERED:
        marker = match_marker(found[role].text) if role in found and not numbers.get(role) else None
        if (
            marker is not None and found[role].text.strip() != marker.printed
        ):  # a number alone stays: it is all there is
            numbers[role] = marker.printed
            found[role] = _without(found[role], marker.printed)
    printed = {role: numbers.get(role, "") + cell.text for role, cell in found.items()}
    counted = next((role for role in ("kpi", "indicator", "item", "work_plan") if role in found), None)
    if "number" in found and found["number"].text and counted and not numbers.get(counted):
        numbers[counted] = found["number"].text
    return Row({role: _named(cell) if role in _NAMES else cell for role, cell in found.items()}, numbers, printed)


def _on_grid(cells: Sequence[Cell], columns: Sequence[Column]) -> tuple[dict[str, Cell], dict[str, str]]:
    """Cells by the place that they take in the grid; a merged header may stand over a number and its text."""
    starts: dict[int, Cell] = {}
    place = 0
    for cell in cells:
        starts[place] = cell
        place += cell.columns
    found: dict[str, Cell] = {}
    numbers: dict[str, str] = {}
    for column in columns:
        own = [starts[place] for place in range(column.first, column.first + column.width) if place in starts]
        if len(own) > 1 and column.role in NUMBERED and _is_number(own[0].text):
            _add_number(own.pop(0), column.role, own[0], found, numbers)
            own[0] = found[column.role]
        for index, cell in enumerate(own):
            found[column.role] = cell if index == 0 else join_cells(found[column.role], cell, "\n")
    return found, numbers


def _in_order(cells: Sequence[Cell], columns: Sequence[Column]) -> tuple[dict[str, Cell], dict[str, str]]:
    """Cells in the order of the columns; a number in a cell of its own goes with the numbered column on its right."""
    found: dict[str, Cell] = {}
    numbers: dict[str, str] = {}
    left = list(cells)
    for index, column in enumerate(columns):
        surplus = len(left) - (len(columns) - index)
        counts = surplus > 0 and column.role in NUMBERED and _is_number(left[0].text)
        number = left.pop(0) if counts and (left[1].text or not left[0].text) else None
        if left:
            found[column.role] = left.pop(0)
        if number is not None:
            _add_number(number, column.role, found[column.role], found, numbers)
    for extra in left:
        last = columns[-1].role
        found[last] = join_cells(found[last], extra, "\n")
    return found, numbers


def _add_number(number: Cell, role: str, text: Cell, found: dict[str, Cell], numbers: dict[str, str]) -> None:
    found[role] = text
    if number.text:
        numbers[role] = number.text
        found[role] = replace(text, span=_from(number.span, text.span))


def _named(cell: Cell) -> Cell:
    """A name without its forced line ends: 「社會⏎發展」 is one category."""
    if "\n" not in cell.text:
        return cell
    return Cell(join_all(cell.text.split("\n")), cell.span, columns=cell.columns)


def _without(cell: Cell, prefix: str) -> Cell:
    """The cell without its leading number."""
    text = cell.text[len(prefix) :].strip()
    shift = len(cell.text) - len(text)
    return Cell(text, cell.span, tuple((max(0, offset - shift), span) for offset, span in cell.pieces), cell.columns)


def _is_number(text: str) -> bool:
    return not text or (len(text) <= 4 and (ordinal_of(text) is not None or match_marker(text) is not None))


def merge_rows(first: Row, second: Row, broken: bool) -> Row:
    """Two halves of a row; items and merged cells keep lines of their own, a cut word is joined."""
    cells = dict(first.cells)
    for role, cell in second.cells.items():
        if cell.text:
            between = "\n" if not broken or match_marker(cell.text) is not None else ""
            cells[role] = join_cells(cells[role], cell, between) if role in cells else cell
    roles = {**first.printed, **second.printed}
    printed = {role: first.printed.get(role, "") + second.printed.get(role, "") for role in roles}
    return replace(first, cells=cells, printed=printed)


def join_cells(first: Cell, second: Cell, between: str) -> Cell:
    """Two cells as one; without anything ``between`` them the second goes on with the first's last line."""
    if not first.text or not second.text:
        return first if first.text else second
    text = first.text + between + second.text if between else join_wrapped(first.text, second.text)
    shift = len(text) - len(second.text)
    after = [(offset + shift, span) for offset, span in _pieces(second)]
    return Cell(text, _from(first.span, second.span), (*_pieces(first), *after), first.columns)


def _pieces(cell: Cell) -> tuple[tuple[int, Span], ...]:
    return cell.pieces or ((0, cell.span),)


def _from(first: Span, second: Span) -> Span:
    """From the beginning of the first to the end of the second."""
    return Span(first.first_line, max(first.last_line, second.last_line), first.page)
