"""How likely two clauses of different plans are versions of each other: shared characters, words, phrases, meaning.

Every feature is 0 to 1. Shared material counts by its rarity in the two plans (idf), so that 推動 and 辦理, with which
half of all clauses begin, say little.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log1p

import numpy as np
import numpy.typing as npt
from scipy import sparse

from indexer.model import Vectors
from indexer.text import fold_text
from indexer.tokens import finest, runs, tokenize

Meaning = Callable[[Sequence[str]], Vectors]  # texts to unit vectors: Encoder.encode_passages
Pair = tuple[int, int]
Floats = npt.NDArray[np.float32]

# Of the text's score. Phrases weigh most because a revised clause keeps some phrase nearly whole, while clauses of one
# section share many single words: among the 245 pairs of different clauses in one goal of one plan, the best phrase tells
# true from false better than characters or words (tests/relevance/test_alignment.py keeps the figures).
CHARACTERS, WORDS, PHRASES = 0.28, 0.28, 0.44
# Of the whole. Little: to the embedded encoder any two clauses on one topic mean much the same.
MEANING = 0.1
DECISIVE = 0.6  # texts that alike need no encoder
CANDIDATES = 10  # per clause and direction; the right one was always among the first 3
_BLOCK = 512  # rows of the similarity matrix held at a time

_PHRASE = re.compile(r"[，；。：！？,;:!?\n]")  # 推動年金修法，確保勞工老年經濟生活安全。 has two
_SHORT = 3  # bigrams; a shorter phrase is a word or two and stands by chance


@dataclass(frozen=True, slots=True)
class Profile:
    """What a text is compared by: its folded form, character pairs, words, and the pairs of each of its phrases."""

    folded: str
    pairs: frozenset[str]
    words: frozenset[str]
    phrases: tuple[frozenset[str], ...]


@lru_cache(maxsize=16384)
def profile(text: str) -> Profile:
    """The profile of a text."""
    phrases = tuple(pairs for part in _PHRASE.split(text) if len(pairs := _pairs(part)) >= _SHORT)
    own = _pairs(text)
    words = frozenset(token.text for token in finest(tokenize(text)))
    return Profile(fold_text(text), own, words, phrases or (own,))


class Rarity:
    """idf of character pairs and words over the texts of both plans: ln(1 + N / n)."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        self.pairs = _idf(one.pairs for one in profiles)
        self.words = _idf(one.words for one in profiles)

    def text_score(self, a: Profile, b: Profile) -> float:
        """0 to 1: how much two texts share; 1 for equal folded texts."""
        if a.folded == b.folded:
            return 1.0
        phrases = max(_dice(left, right, self.pairs) for left in a.phrases for right in b.phrases)
        return (
            CHARACTERS * _dice(a.pairs, b.pairs, self.pairs)
            + WORDS * _dice(a.words, b.words, self.words)
            + PHRASES * phrases
        )

    def gain(self, new: Profile, known: Iterable[Profile], target: Profile) -> float:
        """The share of ``target`` that ``new`` holds and none of ``known``: 0 to 1, by character pairs."""
        fresh = (new.pairs & target.pairs).difference(*(one.pairs for one in known))
        return _mass(fresh, self.pairs) / (_mass(target.pairs, self.pairs) or 1.0)


def candidates(a: Sequence[Profile], b: Sequence[Profile], rarity: Rarity) -> list[Pair]:
    """Pairs worth a closer look: for each text of either side the ones that share most of its character pairs.

    Sorted; at most ``CANDIDATES`` (len(a) + len(b)). Ties go to the text at the nearer relative place.
    """
    left, right = _matrix(a, rarity), _matrix(b, rarity)
    found: set[Pair] = set()
    for first, second, turned in ((left, right, False), (right, left, True)):
        for row, column in _best_per_row(first, second):
            found.add((column, row) if turned else (row, column))
    return sorted(found)


def meanings(texts_a: Sequence[str], texts_b: Sequence[str], pairs: Sequence[Pair], meaning: Meaning) -> list[float]:
    """For each pair the cosine of its texts, 0 to 1 above what two texts of these plans have by chance.

    The median cosine of all pairs asked for stands for chance, so that no threshold belongs to one model.
    """
    if not pairs:
        return []
    texts = sorted({texts_a[i] for i, _ in pairs} | {texts_b[j] for _, j in pairs})
    place = {text: row for row, text in enumerate(texts)}
    vectors = meaning(texts)
    left, right = ([place[side[pair[at]]] for pair in pairs] for at, side in ((0, texts_a), (1, texts_b)))
    cosines = np.einsum("ij,ij->i", vectors[left], vectors[right])
    chance = float(np.median(cosines))
    scaled = np.clip((cosines - chance) / max(1 - chance, 1e-6), 0, 1)
    return [round(float(value), 4) for value in scaled]


def _pairs(text: str) -> frozenset[str]:
    """Neighbouring characters of the text without punctuation; a Latin word or number counts whole."""
    grams: set[str] = set()
    for run in runs(text):
        if run.kind == "word" or len(run.text) == 1:
            grams.add(run.text)
        else:
            grams.update(run.text[at : at + 2] for at in range(len(run.text) - 1))
    return frozenset(grams)


def _idf(sets: Iterable[frozenset[str]]) -> dict[str, float]:
    counted: Counter[str] = Counter()
    total = 0
    for total, members in enumerate(sets, start=1):
        counted.update(members)
    return {member: log1p(total / count) for member, count in counted.items()}


def _mass(members: Iterable[str], idf: Mapping[str, float]) -> float:
    return sum(sorted(idf[member] for member in members))  # sorted: sets have no order, sums of floats do


def _dice(a: frozenset[str], b: frozenset[str], idf: Mapping[str, float]) -> float:
    """Twice what is shared over what is there, by idf (Dice, "Measures of the amount of ecologic association", 1945)."""
    shared = a & b
    if not shared:
        return 0.0
    return 2 * _mass(shared, idf) / (_mass(a, idf) + _mass(b, idf))


def _matrix(profiles: Sequence[Profile], rarity: Rarity) -> sparse.csr_matrix:
    """Texts by character pairs, the square root of the idf at each: the product of two rows is what they share."""
    columns = {pair: column for column, pair in enumerate(sorted(rarity.pairs))}
    rows, places, values = [], [], []
    for row, one in enumerate(profiles):
        for pair in sorted(one.pairs):
            rows.append(row)
            places.append(columns[pair])
            values.append(rarity.pairs[pair] ** 0.5)
    shape = (len(profiles), max(len(columns), 1))
    return sparse.csr_matrix((np.array(values, dtype=np.float32), (rows, places)), shape=shape)


def _best_per_row(first: sparse.csr_matrix, second: sparse.csr_matrix) -> Iterable[Pair]:
    """For each row of ``first`` the rows of ``second`` of highest Dice, sharing something."""
    masses = np.asarray(second.multiply(second).sum(axis=1), dtype=np.float32).ravel()
    places = np.linspace(0, 1, max(second.shape[0], 1), dtype=np.float32)
    for start in range(0, first.shape[0], _BLOCK):
        block = first[start : start + _BLOCK]
        own = np.asarray(block.multiply(block).sum(axis=1), dtype=np.float32)
        dice = 2 * (block @ second.T).toarray() / np.maximum(own.reshape(-1, 1) + masses, 1e-6)
        for offset, scores in enumerate(dice):
            row = start + offset
            nearness = 1e-4 * np.abs(places - row / max(first.shape[0] - 1, 1))
            order = np.argsort(nearness - scores, kind="stable")[:CANDIDATES]
            yield from ((row, int(column)) for column in order if scores[column] > 0)


