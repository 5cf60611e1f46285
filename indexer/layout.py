"""Printed lines to Blocks: wrapped lines joined, cells of text tables put back into rows, page furniture set apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from indexer.flow import Flow
from indexer.flowtables import HEADER_LOOK, FlowTable, read_flow_table, starts_flow_table
from indexer.markers import match_marker, match_markers
from indexer.model import Block
from indexer.pages import Line, Page, read_pages
from indexer.tabtables import Printed, is_tab_line, read_tab_table, span_of, strip_markup
from indexer.text import display_width
from indexer.wraps import BULLET, TERMINAL, clean_text, join_wrapped

_WRAP_AT = 0.72  # a line narrower than this share of the page's widest ends its paragraph
_FULL_AT = 0.9  # a line that ends a sentence must be wider than this to run on


def read_lines(lines: Sequence[Line]) -> list[Block]:
    """Blocks of a text in reading order; every non-blank character of the lines is in exactly one of them."""
    flow = Flow(new_page=True)
    pages = read_pages(lines)
    wrapped = _is_wrapped(pages)
    pending: list[Printed] = []
    for page in pages:
        if page.damaged:
            _Prose(pending, wrapped, flow).read()
            pending = []
            text = "\n".join(line.text.strip() for line in page.printed)
            flow.add("damaged", text, span_of(page.printed, page.number))
            flow.new_page = True
        else:
            pending.extend((line, page) for line in page.lines)
    _Prose(pending, wrapped, flow).read()
    numbers = {line.number: page.number for page in pages for line in page.lines}
    return [_paged(block, numbers) for block in flow.blocks]


def _paged(block: Block, numbers: dict[int, int | None]) -> Block:
    """The block with page numbers on its cells: a table in the flow may span pages."""
    if not block.rows:
        return block
    rows = tuple(
        tuple(replace(cell, span=replace(cell.span, page=numbers.get(cell.span.first_line))) for cell in row)
        for row in block.rows
    )
    return replace(block, rows=rows)


def _is_wrapped(pages: Sequence[Page]) -> bool:
    """True when long lines mostly end in mid-sentence, so that line ends mean nothing (0.78 in the report, else < 0.1)."""
    texts = [line.text.strip() for page in pages if not page.damaged for line in page.printed if "\t" not in line.text]
    widest = max((display_width(text) for text in texts), default=0)
    long = [text for text in texts if display_width(text) > 0.6 * min(widest, 100)]
    running_on = sum(1 for text in long if text[-1] not in TERMINAL + "」）)")
    return len(long) >= 5 and running_on / len(long) > 0.3 and widest <= 160


@dataclass
class _Prose:
    """Reads a run of clean pages into ``flow``; ``wrapped`` says whether a paragraph may take several lines."""

    lines: list[Printed]
    wrapped: bool
    flow: Flow
    paragraph: list[Printed] = field(default_factory=list)
    index: int = 0
    page: Page | None = None

    def __post_init__(self) -> None:
        pages = {id(page): page for _, page in self.lines}
        self.widths = {
            key: max((display_width(line.text.strip()) for line in page.printed), default=0)
            for key, page in pages.items()
        }

    def read(self) -> None:
        while self.index < len(self.lines):
            line, page = self.lines[self.index]
            self._turn_page(page)
            if line.number in page.furniture:
                self._add_furniture()
            elif is_tab_line(line):
                self._flush()
                self.index = read_tab_table(self.lines, self.index, self.flow)
            elif line.blank:
                if not self.wrapped:
                    self._flush()
                self.index += 1
            elif (table := self._flow_table()) is not None:
                self._add_table(table)
            else:
                self._add_line(line, page)
        self._flush()

    def _turn_page(self, page: Page) -> None:
        if page is not self.page:
            if self.page is not None and not (self.paragraph and self.wrapped and self._goes_on()):
                self._flush()
                self.flow.new_page = True
            self.page = page

    def _add_furniture(self) -> None:
        line, page = self.lines[self.index]
        self.flow.furniture(line.text, span_of([line], page.number))
        self.index += 1

    def _add_table(self, table: FlowTable) -> None:
        self._flush()
        for header in table.repeated_headers:
            self.flow.furniture(header.text, header.span)
        self.flow.add("table", "", table.span, table.rows)
        while self.index < len(self.lines) and self.lines[self.index][0].number <= table.span.last_line:
            line, self.page = self.lines[self.index]
            if line.number in self.page.furniture:
                self._add_furniture()
            else:
                self.index += 1

    def _add_line(self, line: Line, page: Page) -> None:
        if self.paragraph and not (self.wrapped and self._continues(line)):
            self._flush()
        self.paragraph.append((line, page))
        self.index += 1

    def _flow_table(self) -> FlowTable | None:
        """The table whose header begins here; a look at the next lines decides for most."""
        head = list(islice(self._following(), HEADER_LOOK))
        return read_flow_table(list(self._following())) if starts_flow_table(head) else None

    def _following(self) -> Iterator[Line]:
        """The lines from here on, without furniture."""
        entries = (self.lines[index] for index in range(self.index, len(self.lines)))
        return (line for line, page in entries if line.number not in page.furniture)

    def _goes_on(self) -> bool:
        """True when the paragraph runs on over a page break."""
        text = next((line for line in self._following() if not line.blank), None)
        ends = self.paragraph[-1][0].text.strip()[-1] in TERMINAL
        return text is not None and not ends and not text.text.startswith("\t") and self._continues(text)

    def _continues(self, line: Line) -> bool:
        """True when ``line`` is the rest of the paragraph."""
        text = line.text.strip()
        if match_marker(text) is not None or BULLET.match(text):
            return False
        last, page = self.paragraph[-1]
        before = last.text.strip()
        if before[-1] in TERMINAL and _counts_on(self.paragraph[0][0].text.strip(), text):
            return False
        share = display_width(before) / max(1, self.widths[id(page)])
        return share > _FULL_AT if before[-1] in TERMINAL else share > _WRAP_AT

    def _flush(self) -> None:
        """Add the collected lines as one paragraph, its bullets and tags as furniture."""
        if not self.paragraph:
            return
        span = span_of([line for line, _ in self.paragraph], self.paragraph[0][1].number)
        text = ""
        for line, _ in self.paragraph:
            text = join_wrapped(text, clean_text(strip_markup(line.text, span, self.flow)))
        if text := clean_text(text):
            self.flow.add("paragraph", text, span)
        self.paragraph.clear()


def _counts_on(first: str, text: str) -> bool:
    """True when a text begins with the next decimal number: 1.2 after 1.1. Others may be figures: 3.5 per cent."""
    numbers = [marker for marker in match_markers(first) if marker.style.startswith("decimal")]
    return any(
        (marker.style, marker.ordinal) == (last.style, last.ordinal + 1)
        for marker in match_markers(text)
        for last in numbers
    )
