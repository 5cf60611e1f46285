"""Clauses as text on a page: their names, excerpts with highlights, the outline of a document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from flask_babel import gettext

from indexer.markers import match_marker, ordinal_of
from indexer.model import Clause
from indexer.text import display_normal
from search_app.model import HEADINGS
from search_app.wire import parent_id

WHOLE = 300  # characters that a list shows in full; the longest clause of the shipped documents has 283
EXCERPT = 240  # characters shown of a longer one
STEP = "\u00a0·\u00a0"  # between a heading and a number below it, which no line break parts
NAME = 80  # characters of a heading in a link; the longest of the shipped documents has 67
# How a numbering style reads in English; the others keep their number with a full stop
_ENGLISH = {
    "book": "Part {}:", "chapter": "Chapter {}:", "section": "Section {}:", "appendix": "Appendix {}:", "goal": "Goal {}:",
    "appendices": "", "part": "{roman}.", "subpart": "({roman})", "clause": "({})", "subnumber": "({})", "substem": "({})",
}  # fmt: skip
_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))

# 研擬最低工資法制。 in “研擬最低工資法制。” says: with the punctuation that belongs to it
_HAN = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff01-\uff60]+")


def numbered(clause: Clause) -> str:
    """The clause behind its marker as printed: （四）研擬最低工資法制。 and 五 完善退休金制度."""
    return (_lead(clause) + clause.text).strip()


def _lead(clause: Clause) -> str:
    if not clause.marker or clause.kind == "indicator":  # its text begins with its number
        return ""
    return clause.marker if clause.marker.endswith(("、", "）", ")")) else f"{clause.marker} "


def name_of(clause: Clause) -> str:
    """What a link to the clause says: a heading itself, a damaged page's number, else the heading above and the marker.

    Text below no heading is named by its kind and place; its beginning would stand there twice.
    """
    if clause.damaged:
        if clause.span.page:
            return str(gettext("clause.page_name", page=clause.span.page))
        return str(gettext("kind.damaged"))
    if clause.kind in HEADINGS:
        text = numbered(clause)
        return text if len(text) <= NAME else f"{text[: NAME - 1]}…"
    above, number = clause.section_path[-1:], clause.marker.rstrip("、.．")
    if not above:
        above, number = (
            (str(gettext(f"kind.{clause.kind}")),),
            number or str(gettext("clause.line", line=clause.span.first_line)),
        )
    return STEP.join(part for part in (*above, number) if part)


def shown(folded: str) -> str:
    """A folded word as Taiwan writes it: 最低工资 -> 最低工資."""
    return display_normal(folded)


def runs(text: str) -> Iterator[tuple[str, bool]]:
    """The text cut into pieces (piece, is it Chinese), so that each can say its language."""
    end = 0
    for found in _HAN.finditer(text):
        if found.start() > end:
            yield text[end : found.start()], False
        yield found.group(), True
        end = found.end()
    if end < len(text):
        yield text[end:], False


class Piece(NamedTuple):
    text: str
    marked: bool


def pieces(text: str, highlights: Sequence[tuple[int, int]], start: int = 0, end: int | None = None) -> Iterator[Piece]:
    """``text[start:end]`` cut at its highlights."""
    end = len(text) if end is None else end
    for first, last in sorted(highlights):
        first, last = max(first, start), min(last, end)
        if first < last:
            if start < first:
                yield Piece(text[start:first], False)
            yield Piece(text[first:last], True)
            start = last
    if start < end:
        yield Piece(text[start:end], False)


def excerpt(clause: Clause, highlights: Sequence[tuple[int, int]]) -> list[Piece]:
    """The clause behind its marker, cut at its highlights; of a long text the part around the first."""
    text, start, end = clause.text, 0, len(clause.text)
    if len(text) > WHOLE:
        first = min(highlights)[0] if highlights else 0
        start = max(0, min(first - EXCERPT // 3, len(text) - EXCERPT))
        end = start + EXCERPT
    before = "…" if start else _lead(clause)
    after = "…" if end < len(text) else ""
    return [Piece(before, False), *pieces(text, highlights, start, end), Piece(after, False)]


class Entry(NamedTuple):
    """A clause in the outline of its document; ``level`` is 2 to 6 for headings, 0 for all others."""

    clause: Clause
    depth: int
    level: int

    @property
    def anchor(self) -> str:
        return self.clause.clause_id.rpartition("/")[2]


def outline(clauses: Sequence[Clause]) -> Iterator[Entry]:
    """The clauses in order with heading levels that never skip one."""
    open_headings: list[int] = []
    for clause in clauses:
        depth = len(clause.section_path)
        open_headings = [above for above in open_headings if above < depth]
        level = 0
        if clause.kind in HEADINGS:
            open_headings.append(depth)
            level = min(1 + len(open_headings), 6)
        yield Entry(clause, depth, level)


class Step(NamedTuple):
    """One heading of a section path: as printed, in English ("" without a rendering), its clause."""

    text: str
    english: str
    clause_id: str | None


def english_marker(marker: str) -> str:
    """A printed number as English readers write it: 壹、 I. and （四） (4); one without Chinese stays as it is."""
    if not _HAN.search(marker):
        return marker
    found = match_marker(marker)
    ordinal = found.ordinal if found else ordinal_of(marker.rstrip("、.．"))
    if ordinal is None:
        return marker
    return _ENGLISH.get(found.style if found else "", "{}.").format(ordinal, roman=_roman(ordinal))


def _roman(number: int) -> str:
    for value, letters in _ROMAN:
        if number >= value:
            return letters + _roman(number - value)
    return ""


def english_heading(heading: str) -> str:
    """An English heading behind an English number: 壹、 Annual Policy Goals becomes I. Annual Policy Goals."""
    found = match_marker(heading)
    printed = found.printed if found else heading.split(" ", 1)[0]
    return f"{english_marker(printed)} {heading[len(printed) :].strip()}".strip()


def english_headings(headings_en: Sequence[str]) -> list[str]:
    """English headings behind English numbers, from the top down."""
    return [english_heading(heading) for heading in headings_en]


def linked_path(clause: Clause) -> list[Step]:
    """The section path from the top down."""
    above: list[str | None] = []
    upper = parent_id(clause.clause_id)
    while not upper.endswith("/"):
        above.insert(0, upper)
        upper = parent_id(upper)
    if len(above) != len(clause.section_path):
        above = [None] * len(clause.section_path)
    return [Step(text, "", clause_id) for text, clause_id in zip(clause.section_path, above, strict=True)]
