"""The characters of a PDF page with their boxes, from PDFium, and the printed lines that they stand in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pypdfium2.raw as pdfium

# What PDFium gives for a hyphen at a line's end, and for a glyph whose font does not tell what it stands for.
_CHARACTERS = {0xFFFE: "-", 0x02: "-", 0: "\ufffd"}


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


def glyphs_of(page: Any) -> Iterator[Glyph]:
    """The characters of a page in PDFium's order, blanks between words included."""
    textpage, media, rotation = page.get_textpage(), page.get_mediabox(), page.get_rotation()
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
        whole = char.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        yield Glyph(whole, *_as_shown(textpage.get_charbox(index, loose=True), media, rotation))


def _as_shown(box: Sequence[float], media: Sequence[float], rotation: int) -> tuple[float, float, float, float]:
    """A box of the page's own space (left, bottom, right, top) as x0, x1, top, bottom of the page turned as it is shown."""
    left, bottom, right, top = box[0] - media[0], box[1] - media[1], box[2] - media[0], box[3] - media[1]
    width, height = media[2] - media[0], media[3] - media[1]
    return {
        90: (bottom, top, left, right),
        180: (width - right, width - left, bottom, top),
        270: (height - top, height - bottom, width - right, width - left),
    }.get(rotation, (left, right, height - top, height - bottom))


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
