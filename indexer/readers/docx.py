"""DOCX: path -> Blocks. The accepted text: what is tracked as deleted is left out, what is tracked as inserted is kept."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from docx import Document
from docx.document import Document as OpenedDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import OpcError
from docx.oxml import parse_xml
from lxml import etree
from lxml.etree import _Element as Element

from indexer.errors import UnreadableDocument
from indexer.model import Block, Span
from indexer.readers.assembly import Assembly, Line, RawCell, spanned
from indexer.readers.docxstyles import Numbering, Style, Styles, W, value
from indexer.readers.docxtext import DROPPED, ParagraphText, drawn_texts
from indexer.readers.numbering import with_number

_BROKEN = (
    OpcError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError, EOFError, RecursionError, etree.LxmlError,
)  # fmt: skip


def read_docx(path: Path) -> list[Block]:
    """Blocks of a DOCX file; lines are its paragraphs, counted from 1. Raises UnreadableDocument when it is damaged."""
    try:
        with path.open("rb") as file:
            return _Walk(Document(file)).read()
    except OSError as error:
        raise UnreadableDocument(f"{path.name}: cannot be read ({error.strerror}).") from error
    except _BROKEN as error:
        message = f"{path.name}: damaged, encrypted or no DOCX file ({error})."
        raise UnreadableDocument(message, "Open it in its program and save it again, without a password.") from error


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """A paragraph with its number, and what stands beside its line: text boxes, words in drawings, readings."""

    text: str
    span: Span
    style: Style
    boxes: tuple[Element, ...]
    drawn: tuple[str, ...]
    readings: tuple[str, ...]


@dataclass
class _Walk:
    """Turns the body into paragraphs, headings and tables in reading order."""

    document: OpenedDocument
    assembly: Assembly = field(default_factory=Assembly)
    pending: str = ""  # text of a paragraph whose end is tracked as deleted

    def __post_init__(self) -> None:
        self.styles = Styles(self._part(RELATIONSHIP_TYPE.STYLES))
        self.numbering = Numbering(self._part(RELATIONSHIP_TYPE.NUMBERING))

    def read(self) -> list[Block]:
        for header in self._margins("header"):
            self._furniture(header)
        self._blocks(self.document.element.body)
        self.assembly.paragraph(*self._rest())
        for reltype in (RELATIONSHIP_TYPE.FOOTNOTES, RELATIONSHIP_TYPE.ENDNOTES):
            notes = self._part(reltype)
            if notes is not None:
                self._furniture(notes)
        for footer in self._margins("footer"):
            self._furniture(footer)
        return self.assembly.blocks

    def _part(self, reltype: str) -> Element | None:
        """The root of a part that belongs to the document, or None."""
        for relation in self.document.part.rels.values():
            if relation.reltype == reltype and not relation.is_external:
                return parse_xml(relation.target_part.blob)
        return None

    def _margins(self, kind: str) -> Iterator[Element]:
        """The page headers or footers of all sections, each once."""
        seen = set()
        for section in self.document.sections:
            for name in (kind, f"first_page_{kind}", f"even_page_{kind}"):
                margin = getattr(section, name)
                if not margin.is_linked_to_previous and margin.part.partname not in seen:
                    seen.add(margin.part.partname)
                    yield margin._element

    def _furniture(self, root: Element) -> None:
        for line, span in self._lines(root, whole=True):
            self.assembly.furniture(line, span)

    def _blocks(self, parent: Element) -> None:
        for child in parent:
            if child.tag == W + "p":
                self._add(self._paragraph(child))
            elif child.tag == W + "tbl":
                self.assembly.table(list(self._rows(child)))
            elif _is_contents(child):
                self._furniture(child)
            elif child.tag not in DROPPED:
                self._blocks(child)

    def _add(self, paragraph: _Paragraph) -> None:
        if paragraph.style.is_contents:
            self.assembly.furniture(paragraph.text, paragraph.span)
        else:
            self.assembly.paragraph(paragraph.text, paragraph.span, paragraph.style.level)
        for reading in paragraph.readings:
            self.assembly.furniture(reading, paragraph.span)
        for words in paragraph.drawn:
            self.assembly.paragraph(words, paragraph.span)
        for box in paragraph.boxes:
            self._blocks(box)

    def _rest(self) -> Line:
        """What waits for a paragraph that does not come: the end of the last one is tracked as deleted."""
        rest, self.pending = self.pending.strip(), ""
        return rest, self.assembly.next_span()

    def _drawn(self, line: ParagraphText) -> Iterator[str]:
        """The words in the drawings, charts and diagrams of a paragraph."""
        yield from line.drawn
        for identity in line.parts:
            relation = self.document.part.rels.get(identity)
            if relation is not None and not relation.is_external:
                yield from drawn_texts(parse_xml(relation.target_part.blob))

    def _paragraph(self, element: Element) -> _Paragraph:
        line = ParagraphText()
        text = self.pending + line.read(element)
        self.pending = text if _is_joined_to_next(element) else ""
        text = "" if self.pending else text.strip()
        style = self.styles.of(element)
        number = self.numbering.next(style) if text else ""
        return _Paragraph(
            with_number(number, text), self.assembly.next_span(), style, tuple(line.boxes), tuple(self._drawn(line)),
            tuple(line.readings),
        )  # fmt: skip

    def _rows(self, table: Element) -> Iterator[list[RawCell]]:
        for row in _through(table, "tr"):
            properties = row.find(f"{W}trPr")
            if properties is not None and properties.find(f"{W}del") is not None:
                continue
            before = value(properties, "gridBefore") if properties is not None else None
            skipped = spanned(before) if before not in (None, "", "0") else 0
            yield [RawCell()] * skipped + [self._cell(cell) for cell in _through(row, "tc")]

    def _cell(self, cell: Element) -> RawCell:
        """A cell; one that is merged with the cell above it shows nothing of what may be left in it."""
        properties = cell.find(f"{W}tcPr")
        columns = spanned(value(properties, "gridSpan")) if properties is not None else 1
        merge = properties.find(f"{W}vMerge") if properties is not None else None
        merged = merge is not None and merge.get(f"{W}val") != "restart"
        return RawCell(() if merged else tuple(self._lines(cell, whole=True)), columns)

    def _lines(self, parent: Element, whole: bool = False) -> Iterator[Line]:
        """All that stands below an element as lines, tables within it included; a ``whole`` one ends its last paragraph."""
        for child in parent:
            if child.tag == W + "p":
                paragraph = self._paragraph(child)
                if paragraph.text:
                    yield paragraph.text, paragraph.span
                for reading in paragraph.readings:
                    self.assembly.furniture(reading, paragraph.span)
                for words in paragraph.drawn:
                    yield words, paragraph.span
                for box in paragraph.boxes:
                    yield from self._lines(box)
            elif child.tag not in DROPPED:
                yield from self._lines(child)
        if whole and self.pending:
            yield self._rest()


def _through(parent: Element, name: str) -> Iterator[Element]:
    """The rows of a table or the cells of a row, also those within content controls and tracked insertions."""
    for child in parent:
        if child.tag == W + name:
            yield child
        elif child.tag in (W + "sdt", W + "sdtContent", W + "ins", W + "customXml"):
            yield from _through(child, name)


def _is_contents(element: Element) -> bool:
    gallery = f"{W}sdtPr/{W}docPartObj/{W}docPartGallery"
    return element.tag == W + "sdt" and any(
        found.get(f"{W}val") == "Table of Contents" for found in element.iterfind(gallery)
    )


def _is_joined_to_next(paragraph: Element) -> bool:
    return paragraph.find(f"{W}pPr/{W}rPr/{W}del") is not None
