"""What a build can take over from the generation before it: all of its passages but those of documents that changed.

Documents keep their order, and passages are counted through all of them; so passages that stay may move, but never past
each other. Every part of an index that is sorted by docnum stays sorted when it is renumbered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.model import DocNums, Passage
from indexer.postings import Block, Docs, Keys, Placed, Sizes

_SLICE = 500_000  # postings renumbered at a time: 4 MB a column, which memory is used again for


@dataclass(frozen=True)
class Revision:
    """``moved`` is the new docnum of each passage in the generation ``before``, -1 where it is gone, shape (n before,).

    ``fresh`` are the passages that are new, in order of docnum; ``size`` is how many there are now, stayed and new.
    """

    before: Path
    moved: DocNums
    fresh: Sequence[Passage]
    size: int

    @property
    def numbers(self) -> DocNums:
        """The docnums of the fresh passages."""
        return np.array([passage.docnum for passage in self.fresh], dtype=np.int64)

    def renumbered(self, docnums: npt.NDArray[np.integer]) -> DocNums:
        """New docnums, in order, without those that are gone."""
        found: DocNums = self.moved[docnums]
        return found[found >= 0]

    def column(self, before: npt.NDArray[Any], fresh: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """A value for each passage, of those that there were and of those that are fresh."""
        values = np.empty(self.size, dtype=before.dtype)
        stay = self.moved >= 0
        values[self.moved[stay]] = before[stay]
        values[self.numbers] = fresh
        return values


class RevisedPostings:
    """Postings before a revision, renumbered, together with those of the fresh passages; read as Postings are."""

    def __init__(self, before: Block, revision: Revision, fresh: Block) -> None:
        """``fresh`` counts passages by their place among the fresh ones. ``before`` may be mapped from files."""
        self._before, self._moved = before, revision.moved.astype(np.int32)
        self._starts = np.concatenate(([0], np.cumsum(before.sizes)))
        self._fresh = fresh._replace(docnums=revision.numbers.astype(np.int32)[fresh.docnums])
        self._stay = np.concatenate([np.empty(0, dtype=np.int64), *self._left()])
        held = np.asarray(before.keys)[self._stay > 0]
        self.keys: Keys = np.union1d(held, fresh.keys)

    def sizes(self, keys: Keys) -> Sizes:
        """How many passages hold each of the sorted keys, among which are all of its own."""
        sizes = np.zeros(len(keys), dtype=np.int64)
        held = self._stay > 0
        sizes[np.searchsorted(keys, self._before.keys[held])] += self._stay[held]
        sizes[np.searchsorted(keys, self._fresh.keys)] += self._fresh.sizes
        return sizes

    def placed(self, keys: Keys, starts: Sizes) -> Iterator[Placed]:
        """The postings, with their places where those of key i begin at ``starts[i]``, by docnum."""
        place = 0
        fresh_rows = np.repeat(np.searchsorted(keys, self._fresh.keys), self._fresh.sizes)
        rows_of = np.searchsorted(keys, self._before.keys)
        slices = list(self._slices())
        for number, (first, last) in enumerate(slices):
            begin, end = self._starts[first], self._starts[last]
            docnums = self._moved[self._before.docnums[begin:end]]
            stay = docnums >= 0
            rows = np.repeat(rows_of[first:last], np.diff(self._starts[first : last + 1]))[stay]
            docnums, counts = docnums[stay], np.asarray(self._before.counts[begin:end])[stay]
            until = len(keys) if number == len(slices) - 1 else rows_of[last]
            taken = slice(*np.searchsorted(fresh_rows, (place, until)))
            where = np.searchsorted(_pairs(rows, docnums), _pairs(fresh_rows[taken], self._fresh.docnums[taken]))
            rows = np.insert(rows, where, fresh_rows[taken])
            docnums = np.insert(docnums, where, self._fresh.docnums[taken])
            counts = np.insert(counts, where, self._fresh.counts[taken])
            place = until
            if len(rows):
                yield Placed(starts[rows[0]] + np.arange(len(rows)), rows, docnums, counts)

    def _left(self) -> Iterator[Sizes]:
        """How many postings of each key stay."""
        for first, last in self._slices():
            begin, end = self._starts[first], self._starts[last]
            stay = np.concatenate(([0], np.cumsum(self._moved[self._before.docnums[begin:end]] >= 0)))
            yield np.diff(stay[self._starts[first : last + 1] - begin])

    def _slices(self) -> Iterator[tuple[int, int]]:
        """Ranges of keys that have about ``_SLICE`` postings together; at least one, which may be empty."""
        last, total = 0, len(self._before.keys)
        while last < total or not total:
            first = last
            last = int(np.searchsorted(self._starts, self._starts[first] + _SLICE, side="right")) - 1
            last = min(total, max(last, first + 1))
            yield first, last
            if not total:
                return


def _pairs(rows: Sizes, docnums: Docs) -> npt.NDArray[np.int64]:
    """One number for each posting, in the order of row and docnum."""
    return (rows.astype(np.int64) << 32) | docnums
