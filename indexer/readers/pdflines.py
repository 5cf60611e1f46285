"""Printed lines of a PDF as paragraphs: a line end is a wrap when the next line's first word would not have fitted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from indexer.markers import match_marker
from indexer.model import Span
from indexer.readers.pdfglyphs import Glyph, PrintedLine
from indexer.wraps import BULLET, TERMINAL, clean_text, is_wide, join_wrapped

_NEVER_FIRST = "，。、；：！？）」』》〉】％…,.;:!?)]%"
_NEVER_LAST = "（「『《〈【(["
_LARGER = 1.12  # times the size of running text: a heading
_LOOSER = 1.3  # times the usual distance between two lines: a new paragraph
_SLACK = 0.25  # of a glyph's size: what a line may stay short of its measure


@dataclass(frozen=True, slots=True)
class NumberedLine:
    """A printed line with its place in the document: lines counted from 1, and the page."""

    printed: PrintedLine
    span: Span


@dataclass(frozen=True, slots=True)
class Measure:
    """How a document sets its running text: right edge, size and usual distance between lines, in points."""

    right: float
    size: float
    pitch: float | None
    heading_sizes: tuple[float, ...]

    def level(self, line: PrintedLine) -> int | None:
        """Heading level by size (1 is the largest), None for running text."""
        size = _rounded(line.size)
        return self.heading_sizes.index(size) + 1 if size in self.heading_sizes else None


def measure(lines: Sequence[PrintedLine], width: float) -> Measure:
    """The measure of all lines of running text; ``width`` is the page's."""
    if not lines:
        return Measure(width, 0.0, None, ())
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[_rounded(line.size)] += len(line.text)
    size = sizes.most_common(1)[0][0]
    right = _right_edge(lines, size, width)
    pitches = [
        after.top - before.top
        for before, after in pairwise(lines)
        if after.top > before.top and not _had_room(before, after, right)
    ]
    larger = sorted((other for other in sizes if other > _LARGER * size), reverse=True)
    return Measure(right, size, sorted(pitches)[len(pitches) // 2] if pitches else None, tuple(larger))


def _right_edge(lines: Sequence[PrintedLine], size: float, width: float) -> float:
    """Where lines end that a paragraph fills: two of them are needed, else the margins are taken to be alike."""
    right = max(line.x1 for line in lines)
    full = [line for line in lines if line.x1 > right - 1.5 * size and line.text[-1] not in TERMINAL]
    return right if len(full) > 1 else max(right, width - min(line.x0 for line in lines))


def continues(before: NumberedLine, after: NumberedLine, rules: Measure) -> bool:
    """True when ``after`` is the rest of the paragraph that ``before`` stands in."""
    first, second = before.printed, after.printed
    if _begins_anew(second.text) or abs(first.size - second.size) > 0.6 or _had_room(first, second, rules.right):
        return False
    if before.span.page != after.span.page:
        return first.text[-1] not in TERMINAL
    return rules.pitch is None or second.top - first.top <= _LOOSER * max(rules.pitch, first.size)


def cell_text(lines: Sequence[NumberedLine], right: float) -> tuple[str, tuple[tuple[int, Span], ...]]:
    """The text of a cell whose lines may reach ``right``, and where its pieces stand; paragraphs keep their lines."""
    text = ""
    pieces: list[tuple[int, Span]] = []
    left = min((line.printed.x0 for line in lines), default=0.0)
    for before, line in zip([None, *lines], lines, strict=False):
        part = clean_text(line.printed.text)
        if before is None:
            text = part
        elif _begins_anew(part) or _cell_had_room(before.printed, line.printed, left, right):
            text = f"{text}\n{part}"
        else:
            text = join_wrapped(text, part)
        pieces.append((len(text) - len(part), line.span))
    return text, tuple(pieces)


def _begins_anew(text: str) -> bool:
    return match_marker(text) is not None or BULLET.match(text) is not None


def _cell_had_room(before: PrintedLine, after: PrintedLine, left: float, right: float) -> bool:
    """Whether the first word of ``after`` would have fitted behind ``before``; centred lines have room on both sides."""
    return before.x1 - before.x0 + _first_word(after.glyphs) < right - left - _SLACK * after.size


def _had_room(before: PrintedLine, after: PrintedLine, right: float) -> bool:
    return before.x1 + _first_word(after.glyphs) < right - _SLACK * after.size


def _first_word(glyphs: Sequence[Glyph]) -> float:
    """The width of what may not be parted at the beginning of a line: a character with its punctuation, a Latin word."""
    count = 0
    while count < len(glyphs) and glyphs[count].char in _NEVER_LAST:
        count += 1
    if count < len(glyphs) and not is_wide(glyphs[count].char):
        while count < len(glyphs) and not glyphs[count].char.isspace() and not is_wide(glyphs[count].char):
            count += 1
    else:
        count += 1
    while count < len(glyphs) and glyphs[count].char in _NEVER_FIRST:
        count += 1
    taken = glyphs[:count]
    return max(glyph.x1 for glyph in taken) - min(glyph.x0 for glyph in taken) if taken else 0.0


def _rounded(size: float) -> float:
    return round(2 * size) / 2


def texts(lines: Iterable[NumberedLine]) -> str:
    """The lines of a paragraph as one text."""
    text = ""
    for line in lines:
        text = join_wrapped(text, clean_text(line.printed.text))
    return clean_text(text)
