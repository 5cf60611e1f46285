"""ODS: path -> Blocks. One table per sheet; single cells above and below it are paragraphs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lxml.etree import _Element as Element

from indexer.model import Block, Span
from indexer.readers.assembly import Assembly, Line, RawCell
from indexer.readers.odf import PARAGRAPH, ParagraphText, name, opened, table_rows

_SHAPES = name("table:shapes")
_UNSEEN = (name("office:annotation"), name("svg:title"), name("svg:desc"))
_SHEET_NAMES = ("sheet", "工作表", "工作簿")  # what programs name sheets by themselves: Sheet1, 工作表1


def read_ods(path: Path) -> list[Block]:
    """Blocks of an ODS file; lines are its non-empty cells, counted from 1. Raises UnreadableDocument when it is damaged."""
    assembly = Assembly()
    with opened(path) as package:
        for sheet in package.content.iter(name("table:table")):
            _read_sheet(sheet, assembly)
    return assembly.blocks


def _read_sheet(sheet: Element, assembly: Assembly) -> None:
    def lines(cell: Element) -> Iterator[Line]:
        yield from _lines(cell, assembly)
        value = cell.get(name("office:string-value"))
        if value and value.strip() and next(cell.iterchildren(PARAGRAPH), None) is None:
            yield value.strip(), assembly.next_span()  # programs may leave the shown text to the reader

    rows = [row for row in table_rows(sheet, lines) if row]
    if not rows:
        return
    title = sheet.get(name("table:name")) or ""
    if title.lower().startswith(_SHEET_NAMES):
        assembly.furniture(title, Span(0, 0))
    else:
        assembly.paragraph(title, assembly.next_span(), 1)
    width = max(_width(row) for row in rows)
    first = next((index for index, row in enumerate(rows) if not _is_single(row, width)), len(rows))
    last = next((index for index in range(len(rows), first, -1) if not _is_single(rows[index - 1], width)), first)
    _add_paragraphs(rows[:first], assembly)
    assembly.table(rows[first:last])
    _add_paragraphs(rows[last:], assembly)
    for shapes in sheet.iterchildren(_SHAPES):
        for line, span in _lines(shapes, assembly):
            assembly.paragraph(line, span)


def _lines(parent: Element, assembly: Assembly) -> Iterator[Line]:
    """The paragraphs of a cell or of what is drawn on the sheet; notes and readings are furniture."""
    for child in parent:
        if child.tag == PARAGRAPH:
            paragraph = ParagraphText()
            text, span = paragraph.read(child).strip(), assembly.next_span()
            if text:
                yield text, span
            for aside in paragraph.aside:
                assembly.furniture(aside, span)
            for box in paragraph.boxes:
                yield from _lines(box, assembly)
        elif isinstance(child.tag, str) and child.tag not in _UNSEEN:
            yield from _lines(child, assembly)


def _is_single(row: list[RawCell], width: int) -> bool:
    """True for a row that holds one text in a table of several columns: a title or a note."""
    return width > 1 and sum(1 for cell in row if cell.lines) == 1


def _width(row: list[RawCell]) -> int:
    return sum(cell.columns for cell in row)


def _add_paragraphs(rows: list[list[RawCell]], assembly: Assembly) -> None:
    for row in rows:
        for cell in row:
            for line, span in cell.lines:
                assembly.paragraph(line, span)
