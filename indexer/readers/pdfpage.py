"""One PDF page as printed lines and ruled tables: glyphs from PDFium, table boxes from pdfplumber.

Every glyph is in exactly one line or cell. Coordinates are in points from the top left corner of the page.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pdfplumber
import pypdfium2
import pypdfium2.raw as pdfium

from indexer.readers.pdfrules import Box, find_tables

# What PDFium gives for a hyphen at a line's end, and for a glyph whose font does not tell what it stands for.
_CHARACTERS = {0xFFFE: "-", 0x02: "-", 0: "\ufffd"}
_TOUCH = 2.0  # points; lines that overlap less than this stand below each other


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character with the box that it takes in its line."""

    char: str
    x0: float
    x1: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class PrintedLine:
    """One printed line, its glyphs from left to right."""

    glyphs: tuple[Glyph, ...]

    @property
    def text(self) -> str:
        return "".join(glyph.char for glyph in self.glyphs).strip()

    @property
    def x0(self) -> float:
        return min(glyph.x0 for glyph in self.glyphs)

    @property
    def x1(self) -> float:
        return max(glyph.x1 for glyph in self.glyphs)

    @property
    def top(self) -> float:
        return min(glyph.top for glyph in self.glyphs)

    @property
    def bottom(self) -> float:
        return max(glyph.bottom for glyph in self.glyphs)

    @property
    def size(self) -> float:
        """The height of the line's typical glyph."""
        heights = sorted(glyph.bottom - glyph.top for glyph in self.glyphs)
        return heights[len(heights) // 2]


@dataclass(frozen=True, slots=True)
class PrintedCell:
    """One cell of a ruled table with its box; ``is_cut`` says that the page ends before the cell does."""

    lines: tuple[PrintedLine, ...]
    x0: float
    top: float
    x1: float
    bottom: float
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """The cells of a ruled table in no order."""

    cells: tuple[PrintedCell, ...]


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """A page in reading order; ``number`` counts from 1. ``pictures`` is the share of it that pictures cover."""

    number: int
    width: float
    height: float
    parts: tuple[PrintedLine | PrintedTable, ...]
    pictures: float

    @property
    def lines(self) -> list[PrintedLine]:
        return [part for part in self.parts if isinstance(part, PrintedLine)]


def read_page(number: int, page: Any, plumbed: Any) -> PrintedPage:
    """A page that both libraries have opened."""
    width, height = page.get_size()
    glyphs = list(_glyphs(page, height))
    tables = find_tables(plumbed) if glyphs else []
    parts = _parts(glyphs, tables)
    return PrintedPage(number, width, height, tuple(parts), _pictures(page, width * height))


@contextmanager
def quiet() -> Iterator[None]:
    """Keeps pdfminer from writing a warning per font; restores its logger afterwards."""
    logger = logging.getLogger("pdfminer")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _glyphs(page: Any, height: float) -> Iterator[Glyph]:
    """The characters of a page in PDFium's order, blanks between words included."""
    textpage = page.get_textpage()
    first_half = ""
    for index in range(textpage.count_chars()):
        code = pdfium.FPDFText_GetUnicode(textpage.raw, index)
        char = first_half + (_CHARACTERS.get(code) or chr(code))
        if 0xD800 <= code < 0xDC00:
            first_half = char  # PDFium gives the two halves of 𠮷 one after the other
            continue
        first_half = ""
        if char in "\r\n":
            continue
        left, bottom, right, top = textpage.get_charbox(index, loose=True)
        whole = char.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        yield Glyph(whole, left, right, height - top, height - bottom)


def _pictures(page: Any, area: float) -> float:
    covered = 0.0
    for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = item.get_bounds()
        covered += max(0.0, right - left) * max(0.0, top - bottom)
    return min(1.0, covered / area) if area else 0.0


def _parts(glyphs: Sequence[Glyph], tables: Sequence[Sequence[Box]]) -> list[PrintedLine | PrintedTable]:
    """Lines and tables in reading order; a table stands where its first glyph stands."""
    inside: dict[tuple[int, int], list[Glyph]] = {}
    parts: list[PrintedLine | PrintedTable] = []
    placed: list[int] = []
    run: list[Glyph] = []
    for glyph in glyphs:
        place = _place(glyph, tables)
        if place is None:
            run.append(glyph)
            continue
        inside.setdefault(place, []).append(glyph)
        if place[0] not in placed:
            parts += lines_of(run)
            run = []
            placed.append(place[0])
            parts.append(PrintedTable(()))  # filled when all its glyphs are known
    filled = iter(placed)
    complete = [part if isinstance(part, PrintedLine) else _table(next(filled), tables, inside) for part in parts]
    return _from_top_to_bottom([*complete, *lines_of(run)])


def _place(glyph: Glyph, tables: Sequence[Sequence[Box]]) -> tuple[int, int] | None:
    """Table and cell in whose box the middle of a glyph lies."""
    across = (glyph.x0 + glyph.x1) / 2
    for table, boxes in enumerate(tables):
        for cell, box in enumerate(boxes):
            if box.x0 <= across < box.x1 and box.top <= glyph.middle < box.bottom:
                return table, cell
    return None


def _table(table: int, tables: Sequence[Sequence[Box]], inside: dict[tuple[int, int], list[Glyph]]) -> PrintedTable:
    return PrintedTable(
        tuple(
            PrintedCell(
                tuple(lines_of(inside.get((table, index), []))), box.x0, box.top, box.x1, box.bottom, box.is_cut
            )
            for index, box in enumerate(tables[table])
        )
    )


def lines_of(glyphs: Sequence[Glyph]) -> list[PrintedLine]:
    """Glyphs as lines: one whose height does not meet the middle of the line begins the next one.

    Fonts differ in what they call a glyph's height: 「一」 has taken 1 point of a line of 12.
    """
    lines: list[list[Glyph]] = []
    top = bottom = 0.0
    for glyph in glyphs:
        if lines and (glyph.char.isspace() or _meets(glyph, top, bottom)):
            lines[-1].append(glyph)
        elif not glyph.char.isspace():
            lines.append([glyph])
            top, bottom = glyph.top, glyph.bottom
        if not glyph.char.isspace():
            top, bottom = min(top, glyph.top), max(bottom, glyph.bottom)
    return [PrintedLine(tuple(line)) for line in lines]


def _meets(glyph: Glyph, top: float, bottom: float) -> bool:
    return top <= glyph.middle <= bottom or glyph.top <= (top + bottom) / 2 <= glyph.bottom


def _from_top_to_bottom(parts: list[PrintedLine | PrintedTable]) -> list[PrintedLine | PrintedTable]:
    """The parts by their height, unless some stand side by side: then the file's own order is the reading order."""
    boxes = sorted((_top(part), _bottom(part)) for part in parts)
    beside = any(second[0] < first[1] - _TOUCH for first, second in pairwise(boxes))
    return parts if beside else sorted(parts, key=_top)


def _top(part: PrintedLine | PrintedTable) -> float:
    return part.top if isinstance(part, PrintedLine) else min(cell.top for cell in part.cells)


def _bottom(part: PrintedLine | PrintedTable) -> float:
    return part.bottom if isinstance(part, PrintedLine) else max(cell.bottom for cell in part.cells)


def open_pages(path: str) -> Iterator[PrintedPage]:
    """The pages of a file, one after the other."""
    document = pypdfium2.PdfDocument(path)
    try:
        with quiet(), pdfplumber.open(path) as plumbed:
            for index in range(len(document)):
                page = plumbed.pages[index]
                yield read_page(index + 1, document[index], page)
                page.close()
    finally:
        document.close()
