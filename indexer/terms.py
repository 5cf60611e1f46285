"""Where the lexicon's terms stand: exact counts of every known term in every passage: Chinese terms, and in English
text the keys of English ones.

Synonyms and translations are sets of terms, and a set is scored as one: the probabilistic structured query of Darwish &
Oard (SIGIR 2003), where term frequency and document frequency of a set are the weighted sums of its members', in BM25
(Robertson & Zaragoza 2009).
"""

from __future__ import annotations

import json
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from indexer.errors import EngineError
from indexer.grams import K1, B, Scores
from indexer.keyword_fields import KEPT
from indexer.model import Passage
from indexer.postings import Block, starts_of
from indexer.revision import RevisedPostings, Revision
from indexer.text import fold_fragments, fold_text
from indexer.translations import LONGEST as LONGEST_KEY
from indexer.translations import english_key

CHARACTERS_PER_STEM = (
    2  # an English text is about as long as its Chinese where each word that means something counts two
)
LONGEST = 16  # characters; 4 of 120,000 dictionary terms are longer
_FILE = "terms.json"
_ARRAYS = ("starts", "docnums", "counts", "lengths")


class TermIndex:
    """Immutable; safe over threads. ``passages`` is the number of passages, n."""

    def __init__(self, terms: list[str], starts: npt.NDArray[np.int64], docnums: npt.NDArray[np.int32],
                 counts: Scores, lengths: Scores) -> None:  # fmt: skip
        self._rows = {term: row for row, term in enumerate(terms)}
        self._starts, self._docnums, self._counts = starts, docnums, counts
        self.passages = len(lengths)
        self._norms = K1 * (1 - B + B * lengths / (float(lengths.mean()) if len(lengths) and lengths.any() else 1.0))

    @classmethod
    def build(
        cls, passages: Iterable[Passage], lexicon: Collection[str], folder: Path, english: Collection[str] = ()
    ) -> None:
        """Count every term of the lexicon (folded) in every passage, and write the counts into an existing folder.

        In passages whose language is English the keys in ``english`` are counted instead.
        """
        counted = _counted(passages, lexicon, english)
        terms, lists = sorted(counted.lists), counted.lists
        sizes = [len(lists[term][0]) for term in terms]
        docnums = _joined([lists[term][0] for term in terms], np.int32)
        counts = _joined([lists[term][1] for term in terms], np.float32)
        _save(folder, terms, starts_of(np.array(sizes, dtype=np.int64)), docnums, counts, counted.lengths)

    @classmethod
    def revise(
        cls, folder: Path, before: Path, revision: Revision, lexicon: Collection[str], english: Collection[str] = ()
    ) -> None:
        """What ``build`` writes, from what it wrote in the folder ``before`` and the fresh passages."""
        counted = _counted(revision.fresh, lexicon, english)
        known: list[str] = json.loads((before / _FILE).read_text(encoding="utf-8"))
        terms = sorted({*known, *counted.lists})
        numbers = {term: number for number, term in enumerate(terms)}
        starts, docnums, counts, lengths = (_load(before / f"{name}.npy") for name in _ARRAYS)
        keys = np.array([numbers[term] for term in known], dtype=np.uint64)
        place = {docnum: place for place, docnum in enumerate(revision.numbers.tolist())}
        lists = sorted((numbers[term], own) for term, own in counted.lists.items())
        fresh = Block(
            np.array([number for number, _ in lists], dtype=np.uint64),
            np.array([len(own) for _, (own, _) in lists], dtype=np.int64),
            np.array([place[docnum] for _, (own, _) in lists for docnum in own], dtype=np.int32),
            _joined([found for _, (_, found) in lists], np.float32),
        )
        postings = RevisedPostings(Block(keys, np.diff(starts), docnums, counts), revision, fresh)
        held = postings.keys
        starts = starts_of(postings.sizes(held))
        docnums, counts = np.empty(starts[-1], dtype=np.int32), np.empty(starts[-1], dtype=np.float32)
        for part in postings.placed(held, starts):
            docnums[part.places], counts[part.places] = part.docnums, part.counts
        kept = [terms[number] for number in held.tolist()]
        _save(folder, kept, starts, docnums, counts, revision.column(lengths, counted.lengths))

    @classmethod
    def open(cls, folder: Path) -> TermIndex:
        """The saved index, memory-mapped. Raises EngineError when a file is missing or is not what it should be."""
        try:
            terms = json.loads((folder / _FILE).read_text(encoding="utf-8"))
            arrays = [_load(folder / f"{name}.npy") for name in _ARRAYS]
        except (OSError, ValueError) as cause:
            raise EngineError(f"The term index in {folder} cannot be read: {cause}.") from cause
        return cls(terms, *arrays)

    def __contains__(self, term: object) -> bool:
        return term in self._rows

    def vocabulary(self) -> Collection[str]:
        """The folded terms that stand in some passage."""
        return self._rows.keys()

    def scores(self, groups: Iterable[Mapping[str, float]]) -> Scores:
        """Shape (n,), float32: BM25 summed over groups of weighted terms, each group scored as one term."""
        total = np.zeros(self.passages, dtype=np.float32)
        for group in groups:
            frequency = np.zeros(self.passages, dtype=np.float32)
            passages = 0.0
            holding = []
            for term, weight in group.items():
                docnums, counts = self._postings(term)
                frequency[docnums] += np.float32(weight) * counts
                passages += weight * len(docnums)
                holding.append(docnums)
            if passages > 0:
                idf = np.log1p(max(0.0, self.passages - passages + 0.5) / (passages + 0.5))
                held = holding[0] if len(holding) == 1 else np.flatnonzero(frequency)
                own = frequency[held]
                total[held] += (idf * own * (K1 + 1) / (own + self._norms[held])).astype(np.float32)
        return total

    def _postings(self, term: str) -> tuple[npt.NDArray[np.int32], Scores]:
        row = self._rows.get(term)
        if row is None:
            return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32)
        first, last = self._starts[row], self._starts[row + 1]
        return self._docnums[first:last], self._counts[first:last]


class _Counts(NamedTuple):
    """The docnums that hold each term, and how often; and the length of every passage."""

    lists: dict[str, tuple[array[int], array[float]]]
    lengths: Scores


def _counted(passages: Iterable[Passage], lexicon: Collection[str], english: Collection[str]) -> _Counts:
    found: dict[str, tuple[array[int], array[float]]] = {}
    lengths = array("f")

    @lru_cache(maxsize=KEPT)  # a year's plan repeats half of the one before it
    def counted(body: str, fragments: bool, in_english: bool) -> tuple[int, Counter[str]]:
        text = fold_fragments(body) if fragments else fold_text(body)
        stems = english_key(text) if in_english else []
        counts = _count_keys(stems, english) if stems else _count(text, lexicon)
        return CHARACTERS_PER_STEM * len(stems) or len(text), counts

    for passage in passages:
        length, terms_of = counted(passage.body, passage.fragments, passage.language == "en")
        lengths.append(float(length))
        for term, count in terms_of.items():
            docnums, counts = found.setdefault(term, (array("i"), array("f")))
            docnums.append(passage.docnum)
            counts.append(float(count))
    return _Counts(found, np.array(lengths, dtype=np.float32))


def _count(text: str, lexicon: Collection[str]) -> Counter[str]:
    """Every term at every place, overlapping ones too: 職業災害保險 counts 職業災害, 災害 and 保險 as well."""
    size = len(text)
    return Counter(
        piece
        for start in range(size)
        for end in range(start + 2, min(size, start + LONGEST) + 1)
        if (piece := text[start:end]) in lexicon
    )


def _count_keys(stems: list[str], english: Collection[str]) -> Counter[str]:
    """Every key at every place, overlapping ones too."""
    return Counter(
        key
        for start in range(len(stems))
        for end in range(start + 1, min(len(stems), start + LONGEST_KEY) + 1)
        if (key := " ".join(stems[start:end])) in english
    )


def _joined(parts: list[array[int]] | list[array[float]], kind: type[np.generic]) -> npt.NDArray[Any]:
    return np.concatenate([np.array(part, dtype=kind) for part in parts]) if parts else np.empty(0, dtype=kind)


def _save(folder: Path, terms: Sequence[str], *arrays: npt.NDArray[Any]) -> None:
    (folder / _FILE).write_text(json.dumps(terms, ensure_ascii=False), encoding="utf-8")
    for name, values in zip(_ARRAYS, arrays, strict=True):
        np.save(folder / f"{name}.npy", values, allow_pickle=False)


def _load(path: Path) -> Any:
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
