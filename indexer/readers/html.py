"""HTML: path -> Blocks. Only what a reader of the page sees; navigation and page foot are furniture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from indexer.errors import UnreadableDocument
from indexer.layout import read_lines
from indexer.model import Block, Span
from indexer.pages import Line
from indexer.readers.assembly import Assembly, RawCell, spanned
from indexer.readers.encoding import read_text
from indexer.readers.numbering import SERIES, with_number

_UNSEEN = {
    "script",
    "style",
    "del",
    "template",
    "noscript",
    "head",
    "iframe",
    "object",
    "canvas",
    "audio",
    "video",
    "datalist",
    "rp",
}
_READINGS = {"rt"}
_FURNITURE = {"nav", "footer", "select", "svg"} | _READINGS
_GROUPS = {"thead", "tbody", "tfoot", "form"}  # what rows and cells may stand in; pages put forms into their tables
_ENDS = re.compile(r"</(?:body|html)\s*>", re.IGNORECASE)  # </body>: the parser leaves out what stands behind the first
_INLINE = {
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "button", "cite", "code", "data", "dfn", "em", "font", "i", "img",
    "input", "ins", "kbd", "label", "mark", "output", "q", "rb", "rtc", "ruby", "s", "samp", "small", "span",
    "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
}  # fmt: skip
_LEVELS = {f"h{level}": level for level in range(1, 7)}
_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?([A-Za-z0-9_-]+)""", re.IGNORECASE)  # <meta charset="big5">
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")  # <?xml version="1.0" encoding="big5"?>
_WRAP = re.compile(
    r"(?<=[\u3000-\u9fff\uff00-\uffef])[ \t]*\r?\n[ \t]*(?=[\u3000-\u9fff\uff00-\uffef])"
)  # 文化平權⏎為願景
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)  # <p style="display: none">
_LIST_STYLE = re.compile(
    r"list-style(?:-type)?\s*:[^;]*?([a-z-]+)\s*(?:;|$)", re.IGNORECASE
)  # list-style-type: cjk-ideographic
# What a list's type prints: series, and what stands after the number.
_TYPES = {
    "1": ("decimal", "."), "A": ("upper", "."), "a": ("lower", "."), "I": ("ROMAN", "."), "i": ("roman", "."),
    "decimal": ("decimal", "."), "decimal-leading-zero": ("padded", "."), "upper-alpha": ("upper", "."),
    "upper-latin": ("upper", "."), "lower-alpha": ("lower", "."), "lower-latin": ("lower", "."),
    "upper-roman": ("ROMAN", "."), "lower-roman": ("roman", "."), "cjk-ideographic": ("chinese", "、"),
    "trad-chinese-informal": ("chinese", "、"), "simp-chinese-informal": ("chinese", "、"),
    "trad-chinese-formal": ("capital", "、"), "cjk-heavenly-stem": ("stem", "、"), "cjk-earthly-branch": ("branch", "、"),
}  # fmt: skip


def read_html(path: Path) -> list[Block]:
    """Blocks of an HTML file. Raises UnreadableDocument when its encoding cannot be told or nothing stands in it."""
    return html_blocks(read_text(path, _CHARSET).text, path.name)


def html_blocks(source: str, name: str) -> list[Block]:
    """Blocks of HTML source; an element's ``data-plan-line`` counts before its place in the source."""
    source = _ENDS.sub("", _DECLARATION.sub("", source, count=1))
    if not source.strip():
        return []
    parser = HTMLParser(no_network=True, remove_comments=True, remove_pis=True)
    try:
        page = document_fromstring(source, parser=parser)
        if any("depth" in entry.message for entry in parser.error_log):
            raise ValueError("elements within elements, over 256 deep")  # the parser leaves the rest out
        walk = _Walk()
        for title in page.iterfind(".//head/title"):
            walk.assembly.furniture(title.text or "", _span(title))
        body = page.find("body")
        walk.read(body if body is not None else page)
    except (etree.LxmlError, ValueError, RecursionError) as error:
        raise UnreadableDocument(f"{name}: not HTML ({error}).", "Save the page again as HTML.") from error
    return walk.assembly.blocks


@dataclass
class _Walk:
    """Turns elements into paragraphs, headings and tables in the order of the page."""

    assembly: Assembly = field(default_factory=Assembly)
    text: str = ""
    span: Span = field(default_factory=lambda: Span(1, 1))
    level: int | None = None
    number: str = ""

    def read(self, element: HtmlElement) -> None:
        self._children(element)
        self._flush()

    def _children(self, element: HtmlElement) -> None:
        self._add(element.text, element)
        for child in element:
            if isinstance(child.tag, str) and not _is_unseen(child):
                self._element(child)
            self._add(child.tail, child)

    def _element(self, element: HtmlElement) -> None:
        tag = str(element.tag)
        if tag == "br":
            self.text += "\n"
        elif tag == "pre":
            self._preformatted(element)
        elif tag in _INLINE:
            self._children(element)
        elif tag in _FURNITURE or element.get("role") in ("navigation", "contentinfo"):
            if tag not in _READINGS:
                self._flush()
            self.assembly.furniture(" ".join(line for line, _ in _lines(element)), _span(element))
        elif tag == "table" and not _is_for_layout(element):
            self._flush()
            self._table(element)
        else:
            self._block(element, _LEVELS.get(tag))

    def _block(self, element: HtmlElement, level: int | None) -> None:
        self._flush()
        self.span, self.level = _span(element), level
        if element.tag == "ol":
            _number_items(element)
        elif element.tag == "li":
            self.number = element.get("data-plan-number", "")
        self._children(element)
        self._flush()

    def _add(self, text: str | None, element: HtmlElement) -> None:
        if not text:
            return
        if not self.text.strip() and self.level is None:
            self.span = _span(element)
        self.text += re.sub(r"[ \t\r\n\f]+", " ", _WRAP.sub("", text))

    def _flush(self) -> None:
        if self.text.strip():
            text = with_number(self.number, self.text.strip(" \t\r\n\f\xa0\u3000"))
            self.assembly.paragraph(text, self.span, self.level)
            self.number = ""
        self.text, self.level = "", None

    def _preformatted(self, element: HtmlElement) -> None:
        """Lines that the author laid out: read as those of a text file."""
        self._flush()
        first = _span(element).first_line
        lines = "".join(element.itertext()).split("\n")
        self.assembly.blocks.extend(read_lines([Line(first + index, line) for index, line in enumerate(lines)]))

    def _table(self, table: HtmlElement) -> None:
        self._strays(table)
        self._flush()
        for caption in table.iterfind("caption"):
            self.assembly.paragraph("\n".join(line for line, _ in _lines(caption)), _span(caption))
        self.assembly.table([[_cell(cell) for cell in _cells(row)] for row in _rows(table)])

    def _strays(self, element: HtmlElement) -> None:
        """What stands in a table outside its cells: the page shows it above the table."""
        self._add(element.text, element)
        for child in element:
            if child.tag == "tr" or child.tag in _GROUPS:
                self._strays(child)
            elif child.tag not in ("td", "th", "caption") and isinstance(child.tag, str) and not _is_unseen(child):
                self._element(child)
            self._add(child.tail, child)


def _rows(table: HtmlElement) -> list[HtmlElement]:
    """The rows as the page shows them: head, bodies, foot."""
    return sorted(_through(table, ("tr",)), key=_section)


def _section(row: HtmlElement) -> int:
    """0 for a row of a table's head, 2 for one of its foot, else 1."""
    parent = row.getparent()
    return {"thead": 0, "tfoot": 2}.get(str(parent.tag), 1) if parent is not None else 1


def _cells(row: HtmlElement) -> list[HtmlElement]:
    return list(_through(row, ("td", "th")))


def _through(parent: HtmlElement, names: tuple[str, ...]) -> Iterator[HtmlElement]:
    """The rows of a table or the cells of a row that are seen, also those within groups and forms."""
    for child in parent:
        if child.tag in names and not _is_unseen(child):
            yield child
        elif child.tag in _GROUPS and not _is_unseen(child):
            yield from _through(child, names)


def _cell(cell: HtmlElement) -> RawCell:
    return RawCell(tuple(_lines(cell)), _spans(cell, "colspan"), _spans(cell, "rowspan"))


def _spans(cell: HtmlElement, name: str) -> int:
    value = cell.get(name, "1")
    return spanned(value) if value.isdecimal() else 1


def _lines(element: HtmlElement) -> list[tuple[str, Span]]:
    """All that stands in an element as lines, tables within it included."""
    walk = _Walk()
    walk.read(element)
    lines: list[tuple[str, Span]] = []
    for block in walk.assembly.blocks:
        lines += [(cell.text, cell.span) for row in block.rows for cell in row if cell.text] or [
            (block.text, block.span)
        ]
    return lines


def _is_unseen(element: HtmlElement) -> bool:
    hidden = element.get("hidden") is not None or _HIDDEN.search(element.get("style", "")) is not None
    return str(element.tag).lower() in _UNSEEN or hidden


def _is_for_layout(table: HtmlElement) -> bool:
    """True for a table that only places other things: one cell to a row, or tables within it that hold more."""
    if table.get("role") == "presentation":
        return True
    rows = [_cells(row) for row in _rows(table)]
    inner = [other for other in table.iterfind(".//td//table") if next(other.iterancestors("table")) is table]
    if not inner and (len(rows) != 1 or len(rows[0]) != 1):
        return False
    held = sum(_length(other) for other in inner)
    return 2 * held > _length(table) or all(len(row) == 1 for row in rows)


def _length(element: HtmlElement) -> int:
    """Characters of text in an element. lxml counts them: a hundred times faster than joining them, and pages nest tables."""
    return int(element.xpath("string-length()"))


def _number_items(parent: HtmlElement) -> None:
    """Set the number that the page shows before each item of a list as its ``data-plan-number``."""
    items = [item for item in parent if item.tag == "li"]
    step = -1 if parent.get("reversed") is not None else 1
    number = _integer(parent.get("start"), len(items) if step < 0 else 1)
    for item in items:
        number = _integer(item.get("value"), number)
        if item.get("data-plan-number") is None:
            item.set("data-plan-number", _printed(number, item, parent))
        number += step


def _printed(number: int, item: HtmlElement, parent: HtmlElement) -> str:
    styles = [_LIST_STYLE.search(element.get("style", "")) for element in (item, parent)]
    names = [style.group(1).lower() for style in styles if style] + [item.get("type", ""), parent.get("type", "")]
    if "none" in names:
        return ""
    series, after = next((_TYPES[name] for name in names if name in _TYPES), _TYPES["decimal"])
    return SERIES[series](number) + after


def _integer(text: str | None, default: int) -> int:
    return int(text) if text is not None and re.fullmatch(r"-?\d{1,9}", text.strip()) else default


def _span(element: HtmlElement) -> Span:
    line = element.get("data-plan-line")
    number = int(line) if line and line.isdecimal() else int(element.sourceline or 1)
    return Span(number, number)
