"""ODT: path -> Blocks. What is tracked as deleted is left out, what is tracked as inserted is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml.etree import _Element as Element

from indexer.markers import match_markers
from indexer.model import Block
from indexer.readers.assembly import Assembly, Line
from indexer.readers.numbering import Counters, with_number
from indexer.readers.odf import HEADING, PARAGRAPH, Package, ParagraphText, all_text, name, opened, table_rows
from indexer.readers.odfstyles import OdfStyles, printed_number

_LIST, _ITEM, _HEADER = name("text:list"), name("text:list-item"), name("text:list-header")
_INDEXES = {
    name(f"text:{kind}")
    for kind in ("table-of-content", "alphabetical-index", "illustration-index", "table-index", "object-index",
                 "user-index", "bibliography")
}  # fmt: skip
_UNSEEN = {
    name("text:tracked-changes"), name("office:forms"), name("text:sequence-decls"), name("text:variable-decls"),
    name("text:user-field-decls"), name("office:annotation"),
}  # fmt: skip


def read_odt(path: Path) -> list[Block]:
    """Blocks of an ODT file; lines are its paragraphs, counted from 1. Raises UnreadableDocument when it is damaged."""
    with opened(path) as package:
        return _Walk(package).read()


@dataclass
class _List:
    """A list that is open: its style, how deep it is (0 is the outermost), and its counters."""

    style: str
    depth: int
    counters: Counters
    number: str = ""


@dataclass
class _Walk:
    """Turns the body into paragraphs, headings and tables in reading order."""

    package: Package
    assembly: Assembly = field(default_factory=Assembly)
    counters: dict[str, Counters] = field(default_factory=dict)
    headings: Counters = field(default_factory=Counters)

    def __post_init__(self) -> None:
        self.styles = OdfStyles(self.package)
        self.counts_headings = _counts_headings(self.package.content)

    def read(self) -> list[Block]:
        self._margins(("style:header", "style:header-left", "style:header-first"))
        for body in self.package.content.iter(name("office:text")):
            self._blocks(body, None)
        self._margins(("style:footer", "style:footer-left", "style:footer-first"))
        return self.assembly.blocks

    def _margins(self, kinds: tuple[str, ...]) -> None:
        """Page headers or footers as furniture."""
        for part in self.package.parts():
            for kind in kinds:
                for margin in part.iter(name(kind)):
                    self._furniture(margin)

    def _furniture(self, root: Element) -> None:
        for line, span in self._lines(root, None):
            self.assembly.furniture(line, span)

    def _blocks(self, parent: Element, within: _List | None) -> None:
        for child in parent:
            if child.tag in (PARAGRAPH, HEADING):
                self._paragraph(child, within)
            elif child.tag == _LIST:
                opened = self._open_list(child, within)
                for item in child:
                    self._number_item(item, opened)
                    self._blocks(item, opened)
            elif child.tag == name("table:table"):
                self.assembly.table(list(table_rows(child, lambda cell: self._lines(cell, None))))
            elif child.tag in _INDEXES:
                self._furniture(child)
            elif isinstance(child.tag, str) and child.tag not in _UNSEEN and not _is_hidden(child):
                self._blocks(child, within)

    def _paragraph(self, element: Element, within: _List | None) -> None:
        line = ParagraphText()
        text = line.read(element).strip()
        span = self.assembly.next_span()
        level = 0 if self.styles.is_title(element) else None
        if element.tag == HEADING:
            level = _outline_level(element)
        self.assembly.paragraph(with_number(self._number(element, within, text), text), span, level)
        for aside in line.aside:
            self.assembly.furniture(aside, span)
        for box in line.boxes:
            self._blocks(box, None)

    def _number(self, element: Element, within: _List | None, text: str) -> str:
        """The number of a paragraph: its list item's for the first one in it, else the outline's for a heading."""
        if not text:
            return ""
        if within is not None:
            number, within.number = within.number, ""
            return number
        if element.tag == HEADING and self.counts_headings and element.get(name("text:is-list-header")) != "true":
            return printed_number(self.styles.outline, self.headings, _outline_level(element) - 1)
        return ""

    def _open_list(self, element: Element, within: _List | None) -> _List:
        style = element.get(name("text:style-name")) or (within.style if within else self._own_style(element))
        if within is not None:
            return _List(style, within.depth + 1, within.counters)
        identity = element.get("{http://www.w3.org/XML/1998/namespace}id") or f"list {len(self.counters)}"
        continued = element.get(name("text:continue-list")) or ""
        if continued in self.counters:
            counters = self.counters[continued]
        elif element.get(name("text:continue-numbering")) == "true" and f"last {style}" in self.counters:
            counters = self.counters[f"last {style}"]
        else:
            counters = Counters()
        self.counters[identity] = self.counters[f"last {style}"] = counters
        return _List(style, 0, counters)

    def _own_style(self, element: Element) -> str:
        first = next(element.iter(PARAGRAPH, HEADING), None)
        return self.styles.list_of(first) if first is not None else ""

    def _number_item(self, item: Element, opened: _List) -> None:
        opened.number = ""
        if item.tag == _ITEM and _has_own_text(item):
            start = item.get(name("text:start-value"))
            levels = self.styles.lists.get(opened.style, {})
            opened.number = printed_number(levels, opened.counters, opened.depth, int(start) if start else None)

    def _lines(self, parent: Element, within: _List | None) -> Iterator[Line]:
        """All that stands below an element as lines, lists and tables within it included."""
        for child in parent:
            if child.tag in (PARAGRAPH, HEADING):
                line = ParagraphText()
                text, span = line.read(child).strip(), self.assembly.next_span()
                if text:
                    yield with_number(self._number(child, within, text), text), span
                for aside in line.aside:
                    self.assembly.furniture(aside, span)
                for box in line.boxes:
                    yield from self._lines(box, None)
            elif child.tag == _LIST:
                opened = self._open_list(child, within)
                for item in child:
                    self._number_item(item, opened)
                    yield from self._lines(item, opened)
            elif isinstance(child.tag, str) and child.tag not in _UNSEEN:
                yield from self._lines(child, within)


def _counts_headings(content: Element) -> bool:
    """True when the outline's automatic numbers count: not where headings print their own, nor before a lone title.

    Programs that write ODT bring an outline with numbers that nobody asked for.
    """
    headings = list(content.iter(HEADING))
    top = [heading for heading in headings if _outline_level(heading) == 1]
    return len(top) != 1 and not any(match_markers(all_text(heading).strip()) for heading in headings)


def _outline_level(heading: Element) -> int:
    return int(heading.get(name("text:outline-level")) or "1")


def _has_own_text(item: Element) -> bool:
    return any(child.tag in (PARAGRAPH, HEADING) and all_text(child).strip() for child in item)


def _is_hidden(section: Element) -> bool:
    return section.tag == name("text:section") and section.get(name("text:display")) == "none"
