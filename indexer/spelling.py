"""Slips in English words: a word that no source knows, but for one slip a word of the glossary or of the synonyms.

Two words are one slip apart where leaving out one letter at the most makes them the same: one letter too many, too few,
another one, or two changed about (the symmetric deletes of Garbe's SymSpell).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache

from indexer.editors import Editors, active
from indexer.glossary import load_glossary
from indexer.synonyms import Correction, english_synonyms
from indexer.tokens import stem

_WORD = re.compile(r"[A-Za-z]{5,}")  # unfiar; shorter words have too many neighbours


def correct_english(text: str, known: Collection[str], stands: Callable[[str], bool]) -> tuple[str, list[Correction]]:
    """The text with likely slips set right, and what was changed.

    ``known`` holds the words and stems that some dictionary has; ``stands`` tells whether a word stands in the corpus.
    """
    targets, stems, near = _targets(active())
    corrections = []
    for word in dict.fromkeys(_WORD.findall(text)):
        lower = word.lower()
        if stem(lower) in stems or lower in known or stem(lower) in known or stands(lower):
            continue
        found = {other for rest in _rests(lower) for other in near.get(rest, ())}
        if found:
            right = max(found, key=lambda other: (targets[other], other))
            text = re.sub(rf"\b{word}\b", right, text)
            corrections.append(Correction(word, right))
    return text, corrections


@lru_cache(maxsize=4)
def _targets(editors: Editors) -> tuple[Counter[str], frozenset[str], dict[str, set[str]]]:
    """The lexicon's English words with how often it uses them, their stems, and what is left of them without a letter."""
    glossary = (form for term in load_glossary().terms for form in (*term.en_official, *term.en_colloquial))
    words = (word.lower() for form in (*glossary, *english_synonyms()) for word in _WORD.findall(form))
    targets = Counter(words)
    near: dict[str, set[str]] = {}
    for word in targets:
        for rest in _rests(word):
            near.setdefault(rest, set()).add(word)
    return targets, frozenset(map(stem, targets)), near


def _rests(word: str) -> Iterator[str]:
    yield word
    yield from (word[:place] + word[place + 1 :] for place in range(len(word)))
