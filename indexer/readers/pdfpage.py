"""One PDF page as printed lines and ruled tables: glyphs from PDFium, table boxes from pdfplumber.

Every glyph is in exactly one line or cell. Coordinates are in points from the top left corner of the page.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pdfplumber
import pypdfium2
import pypdfium2.raw as pdfium
from pdfminer.pdfexceptions import PDFException
from pdfplumber.utils.exceptions import PdfminerException

from indexer.readers.pdfglyphs import Glyph, PrintedLine, glyphs_of, lines_of
from indexer.readers.pdfrules import Box, find_tables

__all__ = ["BROKEN", "Glyph", "PrintedCell", "PrintedLine", "PrintedPage", "PrintedTable", "open_pages", "read_page"]


class BrokenPages(Exception):
    """The two libraries do not find the same pages: the page tree runs in a circle or names what is not there."""


# What damaged files make the two libraries and this module raise.
BROKEN = (pypdfium2.PdfiumError, PdfminerException, PDFException, BrokenPages)

Place = tuple[int, int]  # table and cell, 0-based

_DEPTH = 5  # forms within forms that are looked into
_TOUCH = 2.0  # points; lines that overlap less than this stand below each other


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
    left, bottom, right, top = page.get_mediabox()
    width, height = (right - left, top - bottom) if page.get_rotation() % 180 == 0 else (top - bottom, right - left)
    glyphs = list(glyphs_of(page))
    tables = find_tables(plumbed) if glyphs and _has_rules(page) else []
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


def _has_rules(page: Any) -> bool:
    """False for pages without a drawn line; pdfplumber takes ten times as long as PDFium to find that out."""
    return any(True for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=_DEPTH))


def _pictures(page: Any, area: float) -> float:
    covered = 0.0
    for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=_DEPTH):
        left, bottom, right, top = item.get_bounds()
        covered += max(0.0, right - left) * max(0.0, top - bottom)
    return min(1.0, covered / area) if area else 0.0


def _parts(glyphs: Sequence[Glyph], tables: Sequence[Sequence[Box]]) -> list[PrintedLine | PrintedTable]:
    """Lines and tables in reading order; a table stands where its first glyph stands."""
    inside: dict[Place, list[Glyph]] = {}
    parts: list[PrintedLine | PrintedTable] = []
    placed: list[int] = []
    run: list[Glyph] = []
    place: Place | None = None
    for glyph in glyphs:
        place = place if place and _holds(tables[place[0]][place[1]], glyph) else _place(glyph, tables)
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


def _place(glyph: Glyph, tables: Sequence[Sequence[Box]]) -> Place | None:
    """Table and cell in whose box the middle of a glyph lies."""
    for table, boxes in enumerate(tables):
        for cell, box in enumerate(boxes):
            if _holds(box, glyph):
                return table, cell
    return None


def _holds(box: Box, glyph: Glyph) -> bool:
    return box.x0 <= (glyph.x0 + glyph.x1) / 2 < box.x1 and box.top <= glyph.middle < box.bottom


def _table(table: int, tables: Sequence[Sequence[Box]], inside: dict[Place, list[Glyph]]) -> PrintedTable:
    return PrintedTable(
        tuple(
            PrintedCell(
                tuple(lines_of(inside.get((table, index), []))), box.x0, box.top, box.x1, box.bottom, box.is_cut
            )
            for index, box in enumerate(tables[table])
        )
    )


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
    """The pages of a file, one after the other. Raises one of BROKEN."""
    document = pypdfium2.PdfDocument(path)
    try:
        with quiet(), _plumbed(path, len(document)) as plumbed:
            for index in range(len(document)):
                page = plumbed[index]
                yield read_page(index + 1, document[index], page)
                page.close()
    finally:
        document.close()


@contextmanager
def _plumbed(path: str, said: int) -> Iterator[Sequence[Any]]:
    """The same pages as pdfplumber sees them, ``said`` is their number."""
    with Path(path).open("rb") as stream:  # pdfplumber's own stays open when its pages cannot be listed
        plumbed = pdfplumber.open(stream)
        try:
            pages = plumbed.pages
        except Exception as error:  # TypeError, ValueError and others, where a page's box or number is none
            raise BrokenPages("a page has no usable size") from error
        if len(pages) < said:
            raise BrokenPages(f"its page tree is broken: {said} pages by its count, {len(pages)} in the tree")
        yield pages
