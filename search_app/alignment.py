"""Which clause of one plan stands for which of the other: one to one at first, then those that were joined or parted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from search_app.bare import bare_text
from search_app.similarity import Meaning, Pair, Texts, candidates, meanings, profile

RIVAL = 0.6  # of the best score that either clause has: a pair far below it is no pair
LOOSE = 0.75  # of ``least``: what a clause needs to join a pair that others made already
BLENDED = 2 / 3  # of that pair's own score: a joined clause fits nearly as well as the one it joins
ABSORBED = 0.5  # of a clause's own words: it stands in the other, however small its share there
FRESH = 0.05  # of the target's words must come from the joined clause alone
ASKED = 400  # clauses of one level whose meaning is asked for, the most doubtful first; the shipped plans need 72 (0.5 s for 400)
_NEARNESS = 1e-4  # breaks ties between equal texts: the nearer place wins


@dataclass(frozen=True, slots=True)
class Weights:
    """Shares of a score, together 1: the clause's own words, what stands below it, its meaning, the sections above.

    ``least`` is the score that a pair needs.
    """

    own: float
    body: float
    meaning: float
    section: float
    least: float


@dataclass(frozen=True, slots=True)
class Text:
    """A clause as it is compared: its own words, and what stands below it ("" when nothing does)."""

    own: str
    body: str = ""

    @property
    def whole(self) -> str:
        return f"{self.own}\n{self.body}" if self.body else self.own


@dataclass(frozen=True, slots=True)
class Group:
    """Clauses, by place, that belong together: one or more of each side, sorted. ``score`` is their weakest link's."""

    left: tuple[int, ...]
    right: tuple[int, ...]
    score: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """The groups, and for each clause outside them how near it came to a pair (0 to 1)."""

    groups: tuple[Group, ...]
    missed_left: Mapping[int, float]
    missed_right: Mapping[int, float]


def align(
    left: Sequence[Text], right: Sequence[Text], weights: Weights, section: Callable[[int, int], float],
    meaning: Meaning | None = None,
) -> Alignment:  # fmt: skip
    """Every clause of either side in one group or outside.

    ``section(i, j)`` is 0 to 1: whether the sections above are each other's counterparts. Texts that differ in print at
    the most and stand once on each side are settled before anything is scored.
    """
    settled = _settled(left, right)
    scorer = _Scorer(left, right, weights, section, settled)
    scores = scorer.scores(meaning)
    pairs = assign(_likely(scores), weights.least)
    merged = _joined(scorer, scores, pairs)
    partly = {i: j for i, j in pairs.items() if j not in merged}
    split = _joined(scorer.turned(), _turned(scores), {j: i for i, j in partly.items()}, set(pairs.values()))
    groups = [Group((i,), (j,), 1.0) for i, j in settled.items()]
    for i, j in pairs.items():
        lefts, rights = tuple(sorted([i, *merged.get(j, [])])), tuple(sorted([j, *split.get(i, [])]))
        groups.append(Group(lefts, rights, min(scores[a, b] for a in lefts for b in rights)))
    used = {i for one in groups for i in one.left}, {j for one in groups for j in one.right}
    return Alignment(
        tuple(sorted(groups, key=lambda one: one.left)),
        _missed(len(left), used[0], scores),
        _missed(len(right), used[1], _turned(scores)),
    )


def assign(scores: Mapping[Pair, float], least: float) -> dict[int, int]:
    """The one-to-one pairs whose scores exceed ``least`` by the largest sum; nothing is used twice.

    Exact (LAPJV: Jonker & Volgenant, Computing 38, 1987). It gives what ``scipy.optimize.linear_sum_assignment`` gives
    on the full matrix, in memory that grows with the pairs and not with their product: every clause also has the
    choice of a column of its own that stands for "no counterpart". 2,000 by 2,000 takes 0.05 s instead of 0.5 s.
    """
    pairs = sorted(pair for pair, score in scores.items() if score > least)
    if not pairs:
        return {}
    row_of, column_of = sorted({row for row, _ in pairs}), sorted({column for _, column in pairs})
    rows, columns = ({name: place for place, name in enumerate(names)} for names in (row_of, column_of))
    own = np.arange(len(rows))
    row_places = np.concatenate(([rows[row] for row, _ in pairs], own))
    column_places = np.concatenate(([columns[column] for _, column in pairs], own + len(columns)))
    costs = np.concatenate(([2 - (scores[pair] - least) for pair in pairs], np.full(len(rows), 2.0)))
    shape = (len(rows), len(columns) + len(rows))
    chosen = min_weight_full_bipartite_matching(sparse.csr_matrix((costs, (row_places, column_places)), shape=shape))
    return {row_of[row]: column_of[column] for row, column in zip(*chosen, strict=True) if column < len(columns)}


class _Scorer:
    """Scores of the pairs of one level."""

    def __init__(
        self, left: Sequence[Text], right: Sequence[Text], weights: Weights, section: Callable[[int, int], float],
        settled: Mapping[int, int],
    ) -> None:  # fmt: skip
        self.weights, self.section = weights, section
        self.left, self.right = left, right
        self.open_left = [i for i in range(len(left)) if i not in settled]
        self.open_right = sorted(set(range(len(right))) - set(settled.values()))
        self.whole_left = {i: profile(left[i].whole) for i in self.open_left}
        self.whole_right = {j: profile(right[j].whole) for j in self.open_right}
        done = [profile(left[i].whole) for i in settled] + [profile(right[j].whole) for j in settled.values()]
        self._texts = Texts([*self.whole_left.values(), *self.whole_right.values()], done)

    def scores(self, meaning: Meaning | None) -> dict[Pair, float]:
        """The score of every pair worth a look; without ``meaning`` the words stand for it."""
        found = candidates([*self.whole_left.values()], [*self.whole_right.values()], self._texts.pairs)
        words = {pair: self._words(*pair) for i, j in found for pair in [(self.open_left[i], self.open_right[j])]}
        scores = {pair: self._total(pair, text, text) for pair, text in words.items()}
        if meaning is not None:
            doubtful = self._doubtful(scores)
            texts = [text.whole for text in self.left], [text.whole for text in self.right]
            for pair, close in zip(doubtful, meanings(*texts, doubtful, meaning), strict=True):
                scores[pair] = self._total(pair, words[pair], close)
        return scores

    def joins(self, extra: int, partner: int, target: int, scores: Mapping[Pair, float]) -> bool:
        """Whether a clause belongs to a pair: it fits nearly as well and adds words, or it stands in the target whole."""
        new, known, whole = self.whole_left[extra], self.whole_left[partner], self.whole_right[target]
        if self._texts.gain(whole, known, new) >= ABSORBED:
            return True
        fits = scores[extra, target] >= max(LOOSE * self.weights.least, BLENDED * scores[partner, target])
        return fits and self._texts.gain(new, known, whole) >= FRESH and self.section(extra, target) == 1

    def turned(self) -> _Scorer:
        """The same with left and right exchanged."""
        other = object.__new__(_Scorer)
        other.weights, other._texts = self.weights, self._texts
        other.section = lambda j, i: self.section(i, j)
        other.left, other.right, other.open_left, other.open_right = (
            self.right, self.left, self.open_right, self.open_left
        )  # fmt: skip
        other.whole_left, other.whole_right = self.whole_right, self.whole_left
        return other

    def _words(self, i: int, j: int) -> float:
        own = self._texts.score(profile(self.left[i].own), profile(self.right[j].own))
        if not (self.left[i].body and self.right[j].body):
            return own
        body = self._texts.score(profile(self.left[i].body), profile(self.right[j].body))
        return (self.weights.own * own + self.weights.body * body) / (self.weights.own + self.weights.body)

    def _total(self, pair: Pair, words: float, close: float) -> float:
        i, j = pair
        far = abs(i / max(len(self.left) - 1, 1) - j / max(len(self.right) - 1, 1))
        shares = self.weights
        said = (shares.own + shares.body) * words + shares.meaning * close
        return said + shares.section * self.section(i, j) - _NEARNESS * far

    def _doubtful(self, scores: Mapping[Pair, float]) -> list[Pair]:
        """The pairs of clauses whose counterpart words leave open: meaning could still change it."""
        best = _best_two(scores), _best_two(_turned(scores))
        clear: tuple[set[int], set[int]] = (set(), set())
        for (i, j), score in scores.items():
            second = max(best[0][i][score == best[0][i][0]], best[1][j][score == best[1][j][0]])
            if score >= second + self.weights.meaning and score >= self.weights.least + self.weights.meaning:
                clear[0].add(i)
                clear[1].add(j)
        reach = self.weights.least - self.weights.meaning
        doubtful = [(i, j) for (i, j), s in scores.items() if i not in clear[0] and j not in clear[1] and s >= reach]
        doubtful.sort(key=lambda pair: (abs(scores[pair] - self.weights.least), pair))
        return doubtful[: _first_of(doubtful, ASKED)]


def _first_of(pairs: Sequence[Pair], most: int) -> int:
    """How many of the pairs, from the first, hold no more than ``most`` different clauses."""
    seen: set[tuple[str, int]] = set()
    for count, (i, j) in enumerate(pairs):
        seen |= {("left", i), ("right", j)}
        if len(seen) > most:
            return count
    return len(pairs)


def _settled(left: Sequence[Text], right: Sequence[Text]) -> dict[int, int]:
    """Places of texts that differ in print at the most and stand once on each side."""
    once = [_once([bare_text(text.whole) for text in side]) for side in (left, right)]
    return {i: once[1][bare] for bare, i in once[0].items() if bare in once[1]}


def _once(texts: Sequence[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    again = set()
    for place, text in enumerate(texts):
        if text in places:
            again.add(text)
        places[text] = place
    return {text: place for text, place in places.items() if text not in again}


def _likely(scores: Mapping[Pair, float]) -> dict[Pair, float]:
    """The scores without those far below the best that either clause has."""
    best = _best_two(scores), _best_two(_turned(scores))
    return {(i, j): s for (i, j), s in scores.items() if s >= RIVAL * max(best[0][i][0], best[1][j][0])}


def _joined(
    scorer: _Scorer, scores: Mapping[Pair, float], pairs: Mapping[int, int], taken: set[int] | None = None
) -> dict[int, list[int]]:
    """Clauses of the right -> further clauses of the left that went into them. The best score wins, then the lower place.

    ``taken`` are clauses of the left that stand somewhere already.
    """
    used = set(pairs) | (taken or set())
    partners = {j: i for i, j in pairs.items()}
    found: dict[int, list[int]] = {}
    for extra, target in sorted(scores, key=lambda pair: (-scores[pair], pair)):
        if extra not in used and target in partners and scorer.joins(extra, partners[target], target, scores):
            used.add(extra)
            found.setdefault(target, []).append(extra)
    return found


def _missed(count: int, used: set[int], scores: Mapping[Pair, float]) -> dict[int, float]:
    """For each clause of the left outside all groups its best score; one lost to a rival counts as much less as it lost.

    A clause that scores 0.4 with one whose own counterpart scores 0.8 has come to 0.2.
    """
    best = {j: pair[0] for j, pair in _best_two(_turned(scores)).items()}
    missed = {i: 0.0 for i in range(count) if i not in used}
    for (i, j), score in scores.items():
        if i in missed and score > 0:
            missed[i] = max(missed[i], score * score / best[j])
    return missed


def _best_two(scores: Mapping[Pair, float]) -> dict[int, tuple[float, float]]:
    """The two highest scores of each clause of the left; 0 where there is no second."""
    best: dict[int, tuple[float, float]] = {}
    for (i, _), score in scores.items():
        first, second = best.get(i, (0.0, 0.0))
        best[i] = (max(first, score), max(min(first, score), second))
    return best


def _turned(scores: Mapping[Pair, float]) -> dict[Pair, float]:
    return {(j, i): score for (i, j), score in scores.items()}
