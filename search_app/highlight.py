"""Where a query's words stand in a clause, as offsets into the text as printed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from indexer.model import Clause
from indexer.text import Folded, fold_shown, is_cjk
from search_app.model import Query

_SINGLE = 1  # characters; a single Han character is marked only when the query is no longer


def highlight(query: Query, clause: Clause) -> tuple[tuple[tuple[int, int], ...], tuple[str, ...]]:
    """Merged [start, end) offsets into ``clause.text``, and the words that matched, as printed, in reading order."""
    folded = fold_shown(clause.text)
    wanted = _wanted(query, folded.text)
    spans = _merged(span for word in wanted for span in _places(word, folded))
    words = tuple(dict.fromkeys(clause.text[start:end] for start, end in spans))
    return tuple(spans), words


def _wanted(query: Query, text: str) -> list[str]:
    """What to mark: quoted phrases; else the whole query where it stands; else its words; else its pairs of characters."""
    if query.phrases:
        return list(query.phrases)
    if query.folded and query.folded in text:
        return [query.folded]
    words = [term for term in query.terms if len(term) > _SINGLE or len(query.folded) == _SINGLE or not is_cjk(term[0])]
    return [word for word in words if word in text] or _pairs(query.folded)


@lru_cache(maxsize=64)
def _pairs(folded: str) -> list[str]:
    """Asked for at every hit of a query."""
    return [folded[i : i + 2] for i in range(len(folded) - 1) if is_cjk(folded[i]) and is_cjk(folded[i + 1])]


def _places(word: str, folded: Folded) -> Iterable[tuple[int, int]]:
    if word.isascii() and word.isalnum():
        for found in re.finditer(rf"(?<![a-z0-9]){word}(?![a-z0-9])", folded.text):
            yield folded.source_range(found.start(), found.end())
        return
    place = folded.text.find(word)
    while place >= 0:
        yield folded.source_range(place, place + len(word))
        place = folded.text.find(word, place + len(word))


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
