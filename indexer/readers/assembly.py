"""Paragraphs and cells of structured formats to Blocks; the text layout's rules for numbers, bullets and blanks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from indexer.flow import Flow
from indexer.model import Block, Cell, Span
from indexer.wraps import clean_text, join_all, split_lines

Line = tuple[str, Span]

_SPANNED_MAX = 1000  # columns and rows; Word allows 63 columns, HTML 1,000


@dataclass(frozen=True, slots=True)
class RawCell:
    """A cell as its format stores it: its lines, and how many columns and rows of the grid it takes."""

    lines: tuple[Line, ...] = ()
    columns: int = 1
    rows: int = 1


def spanned(printed: str | None) -> int:
    """How many columns or rows a cell takes, 1 to 1,000 whatever the file says: 2,147,483,648 took 16 GB. Raises ValueError."""
    return min(max(int(printed or "1"), 1), _SPANNED_MAX)


@dataclass
class Assembly:
    """Blocks of one document; where the format has no lines, paragraphs are counted instead, from 1."""

    flow: Flow = field(default_factory=Flow)
    counted: int = 0

    @property
    def blocks(self) -> list[Block]:
        return self.flow.blocks

    def next_span(self) -> Span:
        """The span of the next paragraph in reading order."""
        self.counted += 1
        return Span(self.counted, self.counted)

    def paragraph(self, text: str, span: Span, level: int | None = None) -> None:
        """Paragraphs or a heading of ``level``; forced line ends part them only where a sentence or a number says so."""
        if level is not None:
            if heading := join_all([clean_text(line) for line in text.split("\n")]):
                self.flow.add("heading", heading, span, level=level)
            return
        for line in split_lines(text):
            if cleaned := self.flow.without_bullet(line, span):
                self.flow.add("paragraph", cleaned, span)

    def furniture(self, text: str, span: Span) -> None:
        """Page furniture: headers, footers, notes, navigation."""
        self.flow.furniture(clean_text(text), span)

    def table(self, rows: Sequence[Sequence[RawCell]]) -> None:
        """A table; empty ones are left out."""
        cells = [row for row in (tuple(map(self._cell, row)) for row in resolve_rows(rows)) if row]
        if any(cell.text for row in cells for cell in row):
            spans = [cell.span for row in cells for cell in row if cell.span.first_line]
            first, last = min(span.first_line for span in spans), max(span.last_line for span in spans)
            self.flow.add("table", "", Span(first, last, spans[0].page), cells)

    def _cell(self, raw: RawCell) -> Cell:
        text = ""
        pieces: list[tuple[int, Span]] = []
        for line, span in raw.lines:
            for part in filter(None, map(clean_text, line.split("\n"))):
                if cleaned := self.flow.without_bullet(part, span):
                    text = f"{text}\n{cleaned}" if text else cleaned
                    pieces.append((len(text) - len(cleaned), span))
        if not raw.lines:
            return Cell("", Span(0, 0), columns=raw.columns)
        first, last = raw.lines[0][1], raw.lines[-1][1]
        return Cell(text, Span(first.first_line, last.last_line, first.page), tuple(pieces), raw.columns)


def resolve_rows(rows: Iterable[Sequence[RawCell]]) -> list[list[RawCell]]:
    """The rows of a grid: a cell that takes several rows is followed by empty cells below it."""
    open_cells: dict[int, tuple[int, int]] = {}  # column -> rows that it still takes, columns that it takes
    resolved = []
    for row in rows:
        line: list[RawCell] = []
        place = 0
        waiting = list(row)
        while waiting or place in open_cells:
            if place in open_cells:
                left, columns = open_cells.pop(place)
                line.append(RawCell((), columns))
                if left > 1:
                    open_cells[place] = (left - 1, columns)
                place += columns
                continue
            cell = waiting.pop(0)
            line.append(cell)
            if cell.rows > 1:
                open_cells[place] = (cell.rows - 1, cell.columns)
            place += cell.columns
        beyond = {column: (left - 1, columns) for column, (left, columns) in open_cells.items() if column >= place}
        open_cells = {column: cell for column, cell in (open_cells | beyond).items() if cell[0]}
        resolved.append(line)
    return resolved
