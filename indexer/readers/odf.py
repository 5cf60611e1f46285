"""What ODT and ODS files have in common: the opened package, the visible text of a paragraph, tables."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree
from lxml.etree import _Element as Element
from odfdo import Container, SecurityError
from odfdo.security import security

from indexer.errors import UnreadableDocument
from indexer.readers.assembly import Line, RawCell, spanned

_NAMESPACES = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "draw": "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0",
    "svg": "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0",
}
_REPEATED_MAX = 1000  # columns and rows; sheets repeat empty ones up to 16,384 and 1,048,576 times
_PACKED_MAX = 1100  # 1:1032 is the most that ZIP can do
_BROKEN = (
    zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError, EOFError, RecursionError,
    etree.LxmlError, OSError, SecurityError,
)  # fmt: skip


def name(qualified: str) -> str:
    """「text:p」 as lxml writes it."""
    prefix, local = qualified.split(":")
    return f"{{{_NAMESPACES[prefix]}}}{local}"


PARAGRAPH, HEADING = name("text:p"), name("text:h")
_UNSEEN = {
    name("text:tracked-changes"), name("text:sequence-decls"), name("text:variable-decls"), name("text:user-field-decls"),
    name("office:annotation"), name("office:forms"), name("text:hidden-text"), name("svg:title"), name("svg:desc"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Package:
    """The two parts of an ODF file that hold text."""

    content: Element
    styles: Element | None

    def parts(self) -> list[Element]:
        return [self.content] if self.styles is None else [self.content, self.styles]


@contextmanager
def opened(path: Path) -> Iterator[Package]:
    """The parsed parts of an ODF file. Raises UnreadableDocument when it is damaged or encrypted."""
    # 1:200 for any small member would refuse honest sheets of equal rows; archives.py has told bombs from them already.
    security.max_compression_ratio = _PACKED_MAX
    try:
        container = Container(path)
        content = _parsed(container, "content.xml")
        if content is None:
            raise ValueError("it has no content.xml")
        yield Package(content, _parsed(container, "styles.xml"))
    except _BROKEN as error:
        message = f"{path.name}: damaged, encrypted or no OpenDocument file ({error})."
        raise UnreadableDocument(message, "Open it in its program and save it again, without a password.") from error


def _parsed(container: Container, part: str) -> Element | None:
    raw = container.get_part(part) if part in container.parts else None
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(raw if isinstance(raw, bytes) else str(raw).encode(), parser) if raw else None


@dataclass
class ParagraphText:
    """Reads the visible characters of one paragraph; notes, readings and text boxes are put aside."""

    aside: list[str] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)

    def read(self, element: Element) -> str:
        return "".join(self._parts(element))

    def _parts(self, element: Element) -> Iterator[str]:
        yield element.text or ""
        for child in element:
            if isinstance(child.tag, str) and child.tag not in _UNSEEN:
                yield self._inline(child)
            yield child.tail or ""

    def _inline(self, child: Element) -> str:
        if child.tag == name("text:s"):
            return " " * min(int(child.get(name("text:c")) or "1"), 1000)
        if child.tag == name("text:tab"):
            return "\t"
        if child.tag == name("text:line-break"):
            return "\n"
        if child.tag in (name("text:note"), name("text:ruby-text")):
            self.aside.append(" ".join(all_text(child).split()))
            return ""
        if child.tag == name("draw:text-box"):
            self.boxes.append(child)
            return ""
        return self.read(child)


def all_text(element: Element) -> str:
    """All characters below an element, seen or not."""
    return "".join(str(part) for part in element.itertext())


def table_rows(table: Element, lines: Callable[[Element], Iterator[Line]]) -> Iterator[list[RawCell]]:
    """The rows of a table from top to bottom; ``lines`` reads a cell. Empty cells and rows at the ends are left out."""
    empty = 0
    for row in _rows(table):
        cells = [cell for element in row for cell in _cells(element, lines)]
        while cells and not cells[-1].lines and cells[-1].columns == 1:
            cells.pop()
        times = _repeated(row, "table:number-rows-repeated")
        if not cells:
            empty += times
            continue
        yield from [[]] * min(empty, 1)
        empty = 0
        yield from [cells] * times


def _rows(parent: Element) -> Iterator[Element]:
    for child in parent:
        if child.tag == name("table:table-row"):
            yield child
        elif child.tag in (
            name("table:table-header-rows"), name("table:table-rows"), name("table:table-row-group"),
        ):  # fmt: skip
            yield from _rows(child)


def _cells(element: Element, lines: Callable[[Element], Iterator[Line]]) -> Iterator[RawCell]:
    """A cell as often as it is repeated; the places that merged cells cover are left to them."""
    if element.tag != name("table:table-cell"):
        return
    columns = spanned(element.get(name("table:number-columns-spanned")))
    rows = spanned(element.get(name("table:number-rows-spanned")))
    times = _repeated(element, "table:number-columns-repeated")
    for _ in range(times):
        yield RawCell(tuple(lines(element)), columns, rows)


def _repeated(element: Element, attribute: str) -> int:
    return min(int(element.get(name(attribute)) or "1"), _REPEATED_MAX)
