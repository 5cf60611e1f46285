"""What a reader may be typing: headings, terms and indicators of one generation, found by their beginning or by any part."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from indexer.glossary import load_glossary
from indexer.text import fold_text, is_cjk
from search_app.english import EnglishHeadings

if TYPE_CHECKING:
    from search_app.retrieve import Search

SuggestionKind = Literal["term", "indicator", "goal", "work_plan", "plan_row", "heading"]
KINDS: tuple[SuggestionKind, ...] = ("term", "indicator", "goal", "work_plan", "plan_row", "heading")

MOST = 8  # suggestions at a time: more are not read
LONGEST = 60  # characters; longer headings are no queries (English ones twice that)
_WEIGHED = 200  # matches that are put in order; a letter that stands everywhere needs no more
# 3. Promote fair…, (1) Indicator 8.7.1 Occupational fatality…
_NUMBERING = re.compile(r"^(?:(?:Indicator\s+[\d.a-z]+[:：]?|[\dIVX]+[.:]|\([\dIVX]+\))\s+)+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A query that finds something, and what it names."""

    text: str
    kind: SuggestionKind


class Suggestions:
    """One string of all folded texts, a line each, so that a look-up is a search for a piece of a string."""

    def __init__(self, found: Search) -> None:
        unique = {fold_text(one.text): one for one in reversed(list(_all(found)))}
        self._entries = [one for _, one in sorted(unique.items())]
        self._lines = "\n" + "".join(f"{key}\n" for key in sorted(unique))
        self._starts = [place for place, char in enumerate(self._lines) if char == "\n"][:-1]

    def complete(self, typed: str, most: int = MOST) -> list[Suggestion]:
        """Suggestions that hold what was typed: those that begin with it first, then terms before headings, short before long."""
        return self._best(fold_text(typed), most)

    def related(self, text: str, words: Iterable[str], most: int = MOST) -> list[Suggestion]:
        """Official terms for what a text says in its own way, then suggestions that hold one of its folded words."""
        terms = [found.terms[0].zh for found in load_glossary().find_chinese(text)]
        terms += [found.terms[0].en[0] for found in load_glossary().find_english(text)]
        known = [one for term in terms for one in self._best(fold_text(term), 1)]
        found = [one for word in words if len(word) > 1 for one in self._best(word, 3)]
        return [one for one in dict.fromkeys((*known, *found)) if fold_text(one.text) != fold_text(text)][:most]

    def _best(self, folded: str, most: int) -> list[Suggestion]:
        if not folded.strip():
            return []
        ranked = sorted(
            (not first, KINDS.index(one.kind), len(one.text), one.text) for first, one in self._matches(folded)
        )
        return [Suggestion(text, KINDS[kind]) for _, kind, _, text in ranked[:most]]

    def _matches(self, folded: str) -> Iterator[tuple[bool, Suggestion]]:
        """(begins with it, suggestion), each once; Latin words match from their beginning."""
        seen: set[int] = set()
        for piece, first in ((f"\n{folded}", True), (folded if is_cjk(folded[0]) else f" {folded}", False)):
            place = self._lines.find(piece)
            while place >= 0 and len(seen) < _WEIGHED:
                line = bisect(self._starts, place) - 1
                if line not in seen:
                    seen.add(line)
                    yield first, self._entries[line]
                place = self._lines.find(piece, place + 1)


def _all(found: Search) -> Iterator[Suggestion]:
    """Everything that may be suggested, what is preferred first."""
    yield from _terms(found)
    rows = [row.indicator for row in found.indicators().rows]
    renderings = found.renderings([one.clause_id for one in rows])
    for one in rows:
        rendering = renderings.get(one.clause_id)
        yield from _short(_NUMBERING.sub("", rendering.en.split("\n", 1)[0]) if rendering else "", "indicator")
        yield from _short(one.name, "indicator")
    english = EnglishHeadings(found)
    for clause in found.headings():
        kind: SuggestionKind = clause.kind  # type: ignore[assignment]
        yield from _short(clause.text, kind)
        yield from _short(_NUMBERING.sub("", english.of(clause)), kind)


def _terms(found: Search) -> Iterator[Suggestion]:
    """Terms of the glossary that the documents hold, in both languages."""
    for term in load_glossary().terms:
        if found.containing(fold_text(term.zh)).size:
            yield Suggestion(term.zh, "term")
            yield Suggestion(term.en[0], "term")


def _short(text: str, kind: SuggestionKind) -> Iterator[Suggestion]:
    room = LONGEST if any(map(is_cjk, text)) else 2 * LONGEST
    if 2 <= len(text) <= room and "\n" not in text and not text.endswith("…"):
        yield Suggestion(text, kind)
