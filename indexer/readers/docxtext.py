"""The visible text of a DOCX paragraph, and what stands beside its line: text boxes, drawings, charts, readings."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml.etree import _Element as Element

from indexer.readers.docxstyles import W

_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"
_WORD_ART = "{urn:schemas-microsoft-com:vml}textpath"
_ALTERNATE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_SAYING = (W + "t", _MATH_TEXT, _DRAWING + "t", _WORD_ART, _CHART + "chart", _DIAGRAM)
DROPPED = {W + name for name in ("del", "moveFrom", "instrText", "delText", "delInstrText", "rPr", "pPr", "sectPr")}
_CHARACTERS = {W + "tab": "\t", W + "br": "\n", W + "cr": "\n", W + "noBreakHyphen": "-"}


@dataclass
class ParagraphText:
    """Reads the visible characters of one paragraph; text boxes, drawings and readings are put aside.

    ``parts`` are the ids of charts and diagrams, which stand in files of their own.
    """

    boxes: list[Element] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    readings: list[str] = field(default_factory=list)

    def read(self, element: Element) -> str:
        tag = element.tag
        if tag in (W + "t", _MATH_TEXT):
            return element.text or ""
        if tag in _CHARACTERS:
            return "" if element.get(f"{W}type") == "page" else _CHARACTERS[tag]
        if tag == W + "sym":
            return chr(int(element.get(f"{W}char") or "20", 16))
        if tag == W + "rt":
            self.readings.append("".join(text.text or "" for text in element.iter(f"{W}t")))
        elif tag == W + "txbxContent":
            self.boxes.append(element)
        elif tag == _DRAWING + "p":
            self.drawn += drawn_texts(element)
        elif tag == _WORD_ART:
            self.drawn.append(element.get("string") or "")
        elif tag in (_CHART + "chart", _DIAGRAM):
            self.parts.append(element.get(f"{_RELATION}id") or element.get(f"{_RELATION}dm") or "")
        elif tag not in DROPPED and not _is_hidden(element):
            children = _first_with_text(element) if tag == _ALTERNATE else element
            return "".join(self.read(child) for child in children)
        return ""


def _first_with_text(alternatives: Element) -> list[Element]:
    """The first alternative that says anything; the others say the same again."""
    return [child for child in alternatives if any(True for _ in child.iter(*_SAYING))][:1]


def drawn_texts(root: Element) -> list[str]:
    """The paragraphs of a drawing, chart or diagram, then the names along a chart's axes; those with words."""
    texts = ["".join(words.text or "" for words in line.iter(f"{_DRAWING}t")) for line in root.iter(f"{_DRAWING}p")]
    names = dict.fromkeys(name.text or "" for name in root.iterfind(f".//{_CHART}strCache//{_CHART}v"))
    return [text.strip() for text in (*texts, *names) if text.strip()]


def _is_hidden(run: Element) -> bool:
    vanish = run.find(f"{W}rPr/{W}vanish") if run.tag == W + "r" else None
    return vanish is not None and vanish.get(f"{W}val") not in ("0", "false")
