"""PDF: path -> Blocks with page numbers. Pages without a text layer and pages that cannot be trusted are damaged."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from indexer.damage import damage_score
from indexer.errors import UnreadableDocument
from indexer.flow import Flow
from indexer.model import Block, Span
from indexer.pages import DAMAGED_FROM
from indexer.readers.pdflines import Measure, NumberedLine, continues, measure, texts
from indexer.readers.pdfpage import BROKEN, PrintedLine, PrintedPage, open_pages
from indexer.readers.pdftables import DraftTable, draft, join_cut_row, rows_of

NO_TEXT_LAYER = "（本頁沒有文字層 no text layer）"
_OCR_HINT = (
    "Give a PDF that holds its text, or let plansearch read pictures: "
    ".venv/bin/pip install --no-deps --require-hashes -r requirements-ocr.lock"
)
_PAGE_NUMBER = re.compile(
    r"[-–— ]*\d{1,4}[-–— ]*$|第\s*\d+\s*頁(?:[，,/／ ]*共\s*\d+\s*頁)?$|(?:Page )?\d{1,4}\s*(?:/|of)\s*\d{1,4}$|Page \d{1,4}$"
)  # - 3 -, 第 3 頁，共 10 頁, Page 3 of 10
_MARGIN = 0.1  # of the page's height: where headers and footers stand
_HEADER_MIN = 4  # characters of a running title; shorter ones repeat by chance
_PICTURED = 0.5  # share of a page that pictures cover when it is a scan
_FEW = 30  # characters; a scan may carry a printed page number and a stamp


def read_pdf(path: Path) -> list[Block]:
    """Blocks of a PDF file; lines are its printed lines, counted from 1.

    Raises UnreadableDocument when it is damaged, encrypted, or holds nothing but scans.
    """
    try:
        pages = list(open_pages(str(path)))
    except OSError as error:
        raise UnreadableDocument(f"{path.name}: cannot be read ({error.strerror}).") from error
    except BROKEN as error:
        message = f"{path.name}: damaged, encrypted or no PDF file ({error})."
        raise UnreadableDocument(message, "Open it in its program and save it again, without a password.") from error
    return blocks_of(path, pages)


def blocks_of(path: Path, pages: Sequence[PrintedPage]) -> list[Block]:
    """Blocks of the pages of a file. Raises UnreadableDocument when all of them are scans."""
    if pages and all(is_scan(page) or not page.parts for page in pages):
        message = f"{path.name}: no text layer on any of its {len(pages)} pages."
        raise UnreadableDocument(message, _OCR_HINT)
    return _Document(pages).read()


def is_scan(page: PrintedPage) -> bool:
    """True for a page that shows pictures where text should be."""
    characters = sum(len(line.text) for line in all_lines(page))
    return (characters == 0 and page.pictures > 0) or (characters < _FEW and page.pictures > _PICTURED)


def all_lines(page: PrintedPage) -> list[PrintedLine]:
    """The lines of a page in reading order, those in table cells included."""
    lines: list[PrintedLine] = []
    for part in page.parts:
        if isinstance(part, PrintedLine):
            lines.append(part)
        else:
            lines += [line for cell in sorted(part.cells, key=lambda cell: (cell.top, cell.x0)) for line in cell.lines]
    return lines


@dataclass
class _Document:
    """Turns pages into paragraphs, headings, tables, furniture and damaged pages."""

    pages: Sequence[PrintedPage]
    flow: Flow = field(default_factory=Flow)
    paragraph: list[NumberedLine] = field(default_factory=list)
    drafts: dict[int, DraftTable] = field(default_factory=dict)  # place of the block -> its table
    counted: int = 0

    def read(self) -> list[Block]:
        self.furniture = _furniture(self.pages)
        running = [line for page in self.pages for line in page.lines if id(line) not in self.furniture]
        widths = Counter(page.width for page in self.pages)
        self.rules: Measure = measure(running, widths.most_common(1)[0][0] if widths else 0.0)
        for page in self.pages:
            self._page(page)
        self._flush()
        for place, table in self.drafts.items():
            block = self.flow.blocks[place]
            self.flow.blocks[place] = Block("table", "", block.span, rows=tuple(rows_of(table)))
        return [
            block for block in self.flow.blocks if block.text or any(cell.text for row in block.rows for cell in row)
        ]

    def _page(self, page: PrintedPage) -> None:
        numbered = {id(line): self._numbered(line, page.number) for line in all_lines(page)}
        text = [line.printed.text for key, line in numbered.items() if key not in self.furniture]
        prose = [line.text for line in page.lines if id(line) not in self.furniture]
        if is_scan(page):
            self._damaged([NO_TEXT_LAYER, *text], page, numbered)
        elif damage_score(prose) >= DAMAGED_FROM or damage_score(["".join(text)]) >= DAMAGED_FROM:
            self._damaged(text, page, numbered)
        else:
            for part in page.parts:
                if isinstance(part, PrintedLine):
                    self._line(numbered[id(part)])
                else:
                    self._table(draft(part, numbered, page.number))

    def _numbered(self, line: PrintedLine, page: int) -> NumberedLine:
        self.counted += 1
        return NumberedLine(line, Span(self.counted, self.counted, page))

    def _damaged(self, text: Sequence[str], page: PrintedPage, numbered: dict[int, NumberedLine]) -> None:
        self._flush()
        for key, line in numbered.items():
            if key in self.furniture:
                self.flow.furniture(line.printed.text, line.span)
        spans = [line.span for line in numbered.values()] or [Span(self.counted, self.counted, page.number)]
        span = Span(spans[0].first_line, spans[-1].last_line, page.number)
        self.flow.add("damaged", "\n".join(text), span)

    def _line(self, line: NumberedLine) -> None:
        if id(line.printed) in self.furniture:
            self.flow.furniture(line.printed.text, line.span)
            return
        if self.paragraph and not continues(self.paragraph[-1], line, self.rules):
            self._flush()
        self.paragraph.append(line)

    def _table(self, table: DraftTable) -> None:
        self._flush()
        before = max(self.drafts, default=None)
        if before is not None and all(block.kind == "furniture" for block in self.flow.blocks[before + 1 :]):
            join_cut_row(self.drafts[before], table)
        lines = [line for row in table.rows for cell in row for line in cell.lines]
        if lines:
            self.drafts[len(self.flow.blocks)] = table
            self.flow.add("table", "", Span(lines[0].span.first_line, lines[-1].span.last_line, table.page))

    def _flush(self) -> None:
        """Add the collected lines as one paragraph or heading."""
        if not self.paragraph:
            return
        lines, self.paragraph = self.paragraph, []
        span = Span(lines[0].span.first_line, lines[-1].span.last_line, lines[0].span.page)
        text = self.flow.without_bullet(texts(lines), span)
        level = self.rules.level(lines[0].printed)
        if text:
            self.flow.add("paragraph" if level is None else "heading", text, span, level=level)


def _furniture(pages: Sequence[PrintedPage]) -> set[int]:
    """Identities of the lines that are page numbers, or that stand at the same place of several pages' margins."""
    found: set[int] = set()
    seen: dict[tuple[str, int], list[int]] = {}
    for page in pages:
        for line in page.lines:
            outside = line.bottom < _MARGIN * page.height or line.top > (1 - _MARGIN) * page.height
            if outside and _PAGE_NUMBER.match(line.text):
                found.add(id(line))
            elif outside:
                wording = re.sub(r"\d+", "#", "".join(line.text.split()))  # 第 3 章 -> 第#章
                seen.setdefault((wording, round(line.top / 3)), []).append(id(line))
    for (wording, _), lines in seen.items():
        if len(lines) > 1 and len(wording) >= _HEADER_MIN:
            found.update(lines)
    return found
