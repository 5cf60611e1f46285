"""How likely two clauses of different plans are versions of each other: shared characters, words, phrases, meaning.

Every feature is 0 to 1. Shared material counts by its rarity in the two plans (idf), so that 推動 and 辦理, with which
half of all clauses begin, say little.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import fsum, log1p

import numpy as np
import numpy.typing as npt
from scipy import sparse

from indexer.model import Vectors
from indexer.text import fold_text
from indexer.tokens import finest, tokenize

Meaning = Callable[[Sequence[str]], Vectors]  # texts to unit vectors: Encoder.encode_passages
Pair = tuple[int, int]
Floats = npt.NDArray[np.float32]

# Of the text's score. Phrases weigh most because a revised clause keeps some phrase nearly whole, while clauses of one
# section share many single words. Without them F1 is 0.988 on the goals and 0.971 on the rows of the shipped plans,
# instead of 1.0 and 0.986; weights of 0.2 to 0.44 for each differ by 0.01.
CHARACTERS, WORDS, PHRASES = 0.28, 0.28, 0.44
CANDIDATES = 10  # per clause and direction; of 519 true pairs one came fourth, the others before it
_SAMPLE = 400  # texts of a side that tell what cosine is chance
_BLOCK = 512  # rows of the similarity matrix held at a time

# In folded text, where ，；： have become ,;: 推動年金修法,確保勞工老年經濟生活安全。 has two phrases.
_PHRASE = re.compile(r"[,;:。!?]")
_UNIT = re.compile(r"[a-z0-9][a-z0-9.]*|[^\W_]")  # 8.7.1, apec, 勞
_SHORT = 3  # pairs; a shorter phrase is a word or two and stands by chance


@dataclass(frozen=True, slots=True)
class Profile:
    """What a text is compared by: its character pairs, and those of each of its phrases."""

    text: str
    pairs: frozenset[str]
    phrases: tuple[frozenset[str], ...]


@lru_cache(maxsize=16384)
def profile(text: str) -> Profile:
    """The profile of a text. A pair never spans two phrases; a Latin word or number counts whole."""
    phrases = [_pairs(part) for part in _PHRASE.split(fold_text(_lines_apart(text)))]
    pairs = frozenset().union(*phrases)
    return Profile(text, pairs, tuple(own for own in phrases if len(own) >= _SHORT) or (pairs,))


@lru_cache(maxsize=16384)
def words(text: str) -> frozenset[str]:
    """The finest words of a text. Kept apart from the profile, because cutting words takes three times as long."""
    return frozenset(token.text for token in finest(tokenize(_lines_apart(text))))


class Rarity:
    """How much each character pair or word says: ln(1 + N / n) squared, over the N texts of both plans, as tf-idf does."""

    def __init__(self, sets: Iterable[frozenset[str]]) -> None:
        listed = list(sets)
        counted = Counter(member for members in listed for member in members)
        self.weights = {member: log1p(len(listed) / count) ** 2 for member, count in counted.items()}
        self.highest = log1p(len(listed) / 2) ** 2  # of what stands once in each plan
        self._masses: dict[frozenset[str], float] = {}

    def sum(self, members: Iterable[str]) -> float:
        """What the members say together; the same sum in whatever order they come."""
        return fsum(map(self.weights.__getitem__, members))

    def mass(self, members: frozenset[str]) -> float:
        """What a whole text says."""
        if (known := self._masses.get(members)) is None:
            known = self._masses[members] = self.sum(members)
        return known

    def dice(self, a: frozenset[str], b: frozenset[str]) -> float:
        """Twice what is shared over what is there, 0 to 1 (Dice, Ecology 26, 1945)."""
        shared = a & b
        return 2 * self.sum(shared) / (self.mass(a) + self.mass(b)) if shared else 0.0


class Texts:
    """What two texts of these plans share.

    ``settled`` are texts that are not compared but also tell which character pairs are common.
    """

    def __init__(self, profiles: Sequence[Profile], settled: Sequence[Profile] = ()) -> None:
        self.pairs = Rarity(one.pairs for one in (*profiles, *settled))
        self.words = Rarity(words(one.text) for one in profiles)

    def score(self, a: Profile, b: Profile) -> float:
        """0 to 1: how much two texts share."""
        phrases = max(self._phrase_score(left, right) for left in a.phrases for right in b.phrases)
        characters, shared = self.pairs.dice(a.pairs, b.pairs), self.words.dice(words(a.text), words(b.text))
        return CHARACTERS * characters + WORDS * shared + PHRASES * phrases

    def gain(self, new: Profile, known: Profile, target: Profile) -> float:
        """The share of ``target`` that ``new`` holds and ``known`` does not: 0 to 1, by character pairs."""
        return self.pairs.sum((new.pairs & target.pairs) - known.pairs) / (self.pairs.mass(target.pairs) or 1.0)

    def _phrase_score(self, a: frozenset[str], b: frozenset[str]) -> float:
        """Dice, less for phrases of common words: 以利法制之完備 ends clauses that have nothing else in common."""
        shared = a & b
        if not shared:
            return 0.0
        rarity = self.pairs.sum(shared) / len(shared) / self.pairs.highest
        return self.pairs.dice(a, b) * min(rarity, 1.0)


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

    The median cosine over all texts asked for stands for chance, so that no threshold belongs to one model.
    """
    if not pairs:
        return []
    left, right = ({side[pair[at]] for pair in pairs} for at, side in ((0, texts_a), (1, texts_b)))
    texts = sorted(left | right)
    place = {text: row for row, text in enumerate(texts)}
    vectors = meaning(texts)
    chance = _chance(vectors[[place[text] for text in sorted(left)]], vectors[[place[text] for text in sorted(right)]])
    cosines = [float(vectors[place[texts_a[i]]] @ vectors[place[texts_b[j]]]) for i, j in pairs]
    return [round(min(max((cosine - chance) / max(1 - chance, 1e-6), 0.0), 1.0), 4) for cosine in cosines]


def _chance(left: Vectors, right: Vectors) -> float:
    """The median cosine of every text of one side with every one of the other; of some hundred of each at the most."""
    some, others = (side[:: len(side) // _SAMPLE + 1] for side in (left, right))
    return float(np.median(some @ others.T))


def _lines_apart(text: str) -> str:
    """The text with its lines as sentences: no pair and no word spans two, so those of a line are those of the whole."""
    return text.replace("\n", "。")


def _pairs(phrase: str) -> frozenset[str]:
    """Neighbouring characters of a folded phrase, punctuation left out."""
    units = _UNIT.findall(phrase)
    whole = {unit for unit in units if len(unit) > 1}
    joined = {one + other for one, other in itertools.pairwise(units) if len(one) == len(other) == 1}
    return frozenset(whole | joined) if whole or joined else frozenset(units)


def _matrix(profiles: Sequence[Profile], rarity: Rarity) -> sparse.csr_matrix:
    """Texts by character pairs, the square root of its weight at each: the product of two rows is what they share."""
    columns = {pair: column for column, pair in enumerate(sorted(rarity.weights))}
    rows, places, values = [], [], []
    for row, one in enumerate(profiles):
        for pair in sorted(one.pairs):
            rows.append(row)
            places.append(columns[pair])
            values.append(rarity.weights[pair] ** 0.5)
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
            rank = nearness - scores
            order = np.argpartition(rank, CANDIDATES)[:CANDIDATES] if len(rank) > CANDIDATES else range(len(rank))
            yield from ((row, int(column)) for column in order if scores[column] > 0)
