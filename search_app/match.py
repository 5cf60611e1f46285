"""What an expression of the query language finds, exactly: sets of passages, decided on their folded text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, reduce

import numpy as np

from indexer.model import DocNums, KeywordIndex
from indexer.store import Store
from search_app.deadline import check_time
from search_app.syntax import And, Expression, Near, Not, Or, Text, Wild

NONE: DocNums = np.empty(0, dtype=np.int64)
REMEMBERED = 64  # texts whose passages are kept; at a million passages one of them may take 2 MB
PAIR = 2  # characters; the index knows every pair of neighbours, so that no passage needs to be read


class Matcher:
    """Exact matches in one generation; safe over threads."""

    def __init__(self, keyword: KeywordIndex, store: Store) -> None:
        self._keyword = keyword
        self._store = store
        self._all: DocNums = np.arange(store.count, dtype=np.int64)
        self._containing = lru_cache(maxsize=REMEMBERED)(self._looked_up)

    def containing(self, folded: str) -> DocNums:
        """Sorted docnums of all passages whose folded text contains ``folded``: none missed, none too many.

        Remembered, because a search asks up to three times; nobody may change what it gives back.
        """
        return self._containing(folded)

    def _looked_up(self, folded: str) -> DocNums:
        candidates = self._keyword.containing(folded)
        return candidates if len(folded) <= PAIR else self._checked(candidates, lambda text: folded in text)

    def find(self, expression: Expression) -> DocNums:
        """Sorted docnums of the passages that satisfy an expression."""
        match expression:
            case Text(folded=folded):
                return self.containing(folded)
            case Near(words=words, distance=distance):
                return self._checked(self._all_of(words), lambda text: stand_near(text, words, distance))
            case Wild(parts=parts):
                return self._checked(self._all_of(parts), lambda text: stands_wild(text, expression))
            case Not(inner=inner):
                return np.setdiff1d(self._all, self.find(inner), assume_unique=True)
            case And(parts=parts):
                return reduce(_both, map(self.find, parts))
            case Or(parts=parts):
                return reduce(np.union1d, map(self.find, parts))

    def _all_of(self, words: Sequence[str]) -> DocNums:
        """Passages that may hold all of the words: a superset."""
        return reduce(_both, (self._keyword.containing(word) for word in words), self._all)

    def _checked(self, candidates: DocNums, holds: Callable[[str], bool]) -> DocNums:
        found = []
        for docnum, text in self._store.folded(candidates.tolist()):
            check_time()
            if holds(text):
                found.append(docnum)
        found.sort()
        return np.array(found, dtype=np.int64)


def stand_near(text: str, words: Sequence[str], distance: int) -> bool:
    """True when all words stand in one line with at most ``distance`` characters between neighbours, in any order."""
    places = sorted((found.start(), found.end(), row) for row, word in enumerate(words)
                    for found in re.finditer(re.escape(word), text))  # fmt: skip
    for first, (start, end, row) in enumerate(places):
        if first % 256 == 255:
            check_time()
        seen, last = {row}, end
        for next_start, next_end, next_row in places[first + 1 :]:
            if next_start - last > distance or "\n" in text[start:next_start]:
                break
            if next_row not in seen and next_start >= last:
                seen.add(next_row)
                last = next_end
        if len(seen) == len(words):
            return True
    return False


def stands_wild(text: str, wild: Wild) -> bool:
    """True when the pieces of a word with wildcards stand in one line, at their distances.

    Piece by piece, with every place where the word may have got to: linear in the text, where a regular expression
    tries 21 to the power of the wildcards.
    """
    ends = [place + len(wild.parts[0]) for place in _places(text, wild.parts[0])]
    for piece, (least, most) in zip(wild.parts[1:], wild.gaps, strict=True):
        ends = [place + len(piece) for place in _reached(text, ends, _places(text, piece), least, most)]
    return any(_one_line(text, end, end + wild.tail) and end + wild.tail <= len(text) for end in ends)


def _reached(text: str, ends: Sequence[int], places: Iterable[int], least: int, most: int) -> Iterator[int]:
    """The places that lie ``least`` to ``most`` characters behind one of the ends; the nearest end decides."""
    nearest = -1
    for place in places:
        while nearest + 1 < len(ends) and ends[nearest + 1] <= place - least:
            nearest += 1
        if nearest >= 0 and place - ends[nearest] <= most and _one_line(text, ends[nearest], place):
            yield place


def _places(text: str, piece: str) -> Iterator[int]:
    """Where a piece begins, overlapping ones too."""
    place = text.find(piece)
    while place >= 0:
        yield place
        place = text.find(piece, place + 1)


def _one_line(text: str, first: int, last: int) -> bool:
    return text.find("\n", first, last) < 0


def _both(left: DocNums, right: DocNums) -> DocNums:
    return np.intersect1d(left, right, assume_unique=True)
