"""BM25 over characters, character bigrams and Latin words: one sparse matrix, ranked by adding up a few of its rows.

Words depend on where jieba cuts; characters do not, so this leg still finds what was misspelt, cut otherwise or written
in the other script. nDCG@10 of this leg and of jieba words: judged queries 0.623 and 0.599, Simplified ones 0.61 and
0.33, misspelt ones 0.95 and 0.92; DRCD questions 0.976 and 0.972.
"""

from __future__ import annotations

import hashlib
import json
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from indexer.errors import EngineError
from indexer.model import Candidate, DocNums, Passage
from indexer.tokens import runs

Scores = npt.NDArray[np.float32]
Keys = npt.NDArray[np.uint64]

# BM25 parameters: Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, section 3.5.
# b is below the usual 0.75 because clauses are short and their lengths say little (citizens' questions 0.477 against
# 0.468, DRCD 0.976 against 0.974). Query terms count once: counting repeats gained nothing (0.620, 0.619).
K1 = 1.2
B = 0.4
HEADING_WEIGHT = 0.2  # judged queries: 0 0.616, 0.1 0.616, 0.2 0.623, 0.3 0.621, 0.5 0.617

_FIELDS = ("body", "headings")


def bm25_impacts(counts: Scores, lengths: Scores, mean_length: float, frequency: Any, passages: int) -> Scores:
    """What one term adds to the BM25 score of each passage that holds it.

    ``counts`` of the term in the passages, their ``lengths``, and in how many of all ``passages`` the term stands
    (one number, or one for each count). The idf is ln(1 + (N - n + 0.5) / (n + 0.5)): never negative.
    """
    idf = np.log1p((passages - frequency + 0.5) / (frequency + 0.5))
    norm = K1 * (1 - B + B * lengths / (mean_length or 1))
    return np.asarray(idf * counts * (K1 + 1) / (counts + norm), dtype=np.float32)


def added_up(parts: Sequence[tuple[np.float32, Any, Scores]], passages: int) -> Scores:
    """Shape (passages,): the sum of weighted impacts, each part at its docnums, in the order of the parts.

    As the product of a sparse matrix with the weights: 2 ns a posting, where adding to an array at given places takes 10.
    """
    if not parts:
        return np.zeros(passages, dtype=np.float32)
    ends = np.cumsum([len(docnums) for _, docnums, _ in parts])
    kind = np.int32 if ends[-1] < 2**31 else np.int64
    columns = sparse.csc_array(
        (
            np.concatenate([impacts for *_, impacts in parts]),
            np.concatenate([docnums for _, docnums, _ in parts]).astype(kind, copy=False),
            np.concatenate(([0], ends)).astype(kind),
        ),
        shape=(passages, len(parts)),
    )
    total: Scores = columns @ np.array([weight for weight, *_ in parts], dtype=np.float32)
    return total


def best(scores: Scores, k: int, allowed: DocNums | None = None, above: float = 0.0) -> list[Candidate]:
    """The k highest of the scores that exceed ``above``, highest first, ties by docnum; only ``allowed`` docnums."""
    docnums = np.arange(len(scores), dtype=np.int64) if allowed is None else allowed
    values = scores if allowed is None else scores[allowed]
    keep = values > above
    docnums, values = docnums[keep], values[keep]
    if 0 < k < len(values):
        least = np.partition(values, len(values) - k)[len(values) - k]
        docnums, values = docnums[values >= least], values[values >= least]
    order = np.lexsort((docnums, -values))[: max(k, 0)]
    return [Candidate(int(docnums[place]), float(values[place])) for place in order]


def character_grams(folded: str) -> set[str]:
    """Every character and every pair of neighbours of a folded text, punctuation and Latin letters too."""
    return set(folded) | {folded[place : place + 2] for place in range(len(folded) - 1)}


def gram_terms(text: str) -> list[str]:
    """Characters and bigrams of the Han runs, Latin words and numbers whole (1,435,614 as 1435614), repeats kept."""
    terms: list[str] = []
    for run in runs(text):
        if run.kind == "word":
            terms.append(run.text.replace(",", ""))
            continue
        terms.extend(run.text)
        terms.extend(run.text[place : place + 2] for place in range(len(run.text) - 1))
    return terms


@dataclass(frozen=True)
class _Postings:
    """One field as a sparse matrix by rows: term r holds docnums and impacts [starts[r], starts[r + 1])."""

    starts: npt.NDArray[np.int64]
    docnums: npt.NDArray[np.int32]
    impacts: Scores


class GramIndex:
    """Immutable; safe to share between threads. ``passages`` is the number of passages, n."""

    def __init__(self, passages: int, keys: Keys, fields: dict[str, _Postings]) -> None:
        self.passages = passages
        self._keys = keys
        self._fields = fields

    @classmethod
    def build(cls, passages: Iterable[Passage]) -> GramIndex:
        """An index in memory; passages in order of docnum, from 0. Takes 32 bytes a posting while it runs."""
        rows: dict[str, int] = {}
        counters = {name: _Counts(rows) for name in _FIELDS}
        total = 0
        for total, passage in enumerate(passages, start=1):
            counters["body"].add(total - 1, passage.body.splitlines() if passage.fragments else [passage.body])
            counters["headings"].add(total - 1, passage.headings.splitlines())
        keys = _keys(rows)
        order = np.argsort(keys)
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        return cls(total, keys[order], {name: counts.postings(rank, total) for name, counts in counters.items()})

    def save(self, folder: Path) -> None:
        """Writes the arrays as .npy files into an existing folder."""
        (folder / "grams.json").write_text(json.dumps({"passages": self.passages}), encoding="utf-8")
        np.save(folder / "keys.npy", self._keys, allow_pickle=False)
        for name, postings in self._fields.items():
            np.save(folder / f"{name}-starts.npy", postings.starts, allow_pickle=False)
            np.save(folder / f"{name}-docnums.npy", postings.docnums, allow_pickle=False)
            np.save(folder / f"{name}-impacts.npy", postings.impacts, allow_pickle=False)

    @classmethod
    def open(cls, folder: Path) -> GramIndex:
        """The saved index, memory-mapped. Raises EngineError when a file is missing or is not what it should be."""
        try:
            passages = int(json.loads((folder / "grams.json").read_text(encoding="utf-8"))["passages"])
            fields = {
                name: _Postings(*(_load(folder / f"{name}-{part}.npy") for part in ("starts", "docnums", "impacts")))
                for name in _FIELDS
            }
            return cls(passages, _load(folder / "keys.npy"), fields)
        except (OSError, ValueError, KeyError, TypeError) as cause:
            raise EngineError(f"The character index in {folder} cannot be read: {cause}.") from cause

    def scores(self, text: str, heading_weight: float = HEADING_WEIGHT) -> Scores:
        """BM25 of the body plus ``heading_weight`` times that of the headings: shape (n,), 0 where nothing matches."""
        rows = self._rows(text)
        parts = [
            (np.float32(weight), self._fields[name].docnums[first:last], self._fields[name].impacts[first:last])
            for name, weight in zip(_FIELDS, (1.0, heading_weight), strict=True)
            for first, last in zip(self._fields[name].starts[rows], self._fields[name].starts[rows + 1], strict=True)
        ]
        return added_up(parts, self.passages)

    def rank(
        self, text: str, k: int, allowed: DocNums | None = None, heading_weight: float = HEADING_WEIGHT
    ) -> list[Candidate]:
        """The best k passages that share a term with the text, ties by docnum; only ``allowed`` (sorted) docnums."""
        return best(self.scores(text, heading_weight), k, allowed)

    def _rows(self, text: str) -> npt.NDArray[np.int64]:
        wanted = np.unique(_keys(gram_terms(text)))
        places = np.searchsorted(self._keys, wanted)
        places[places == len(self._keys)] = 0
        return places[self._keys[places] == wanted] if len(self._keys) else places[:0]


class _Counts:
    """Term counts of one field while an index is built; rows are shared between the fields."""

    def __init__(self, rows: dict[str, int]) -> None:
        self._rows = rows
        self._terms, self._docnums, self._counts, self._lengths = array("i"), array("i"), array("i"), array("i")

    def add(self, docnum: int, lines: Iterable[str]) -> None:
        counted = Counter(term for line in lines for term in gram_terms(line))
        self._terms.extend(self._rows.setdefault(term, len(self._rows)) for term in counted)
        self._docnums.extend([docnum] * len(counted))
        self._counts.extend(counted.values())
        self._lengths.append(counted.total())

    def postings(self, rank: npt.NDArray[np.int64], passages: int) -> _Postings:
        terms = rank[np.asarray(self._terms, dtype=np.int32)]
        order = np.argsort(terms, kind="stable")  # docnums stay in order within a term
        docnums = np.asarray(self._docnums, dtype=np.int32)[order]
        frequency = np.bincount(terms, minlength=len(rank))
        lengths = np.asarray(self._lengths, dtype=np.float32)
        impacts = bm25_impacts(
            np.asarray(self._counts, dtype=np.float32)[order],
            lengths[docnums],
            mean_length(lengths),
            frequency[terms[order]],
            passages,
        )
        return _Postings(np.concatenate(([0], np.cumsum(frequency))), docnums, impacts)


def mean_length(lengths: Scores) -> float:
    """Mean over the passages that have the field at all, so that fields that most lack are judged among their own."""
    present = lengths[lengths > 0]
    return float(present.mean()) if len(present) else 0.0


def _keys(terms: Iterable[str]) -> Keys:
    """A number for each term: one or two Han characters as they are, words by a 63-bit hash.

    Numbers are searched in a memory-mapped array; a dictionary of strings would cost each process 50 MB at 100,000
    passages. Two of a million words share a hash with a probability of 5e-8.
    """
    return np.fromiter(map(_key, terms), dtype=np.uint64)


def _key(term: str) -> int:
    if len(term) <= 2 and not term.isascii():
        return ord(term[0]) << 21 | (ord(term[1]) if len(term) == 2 else 0)
    return int.from_bytes(hashlib.blake2b(term.encode("utf-8", "replace"), digest_size=8).digest()) | 1 << 63


def _load(path: Path) -> Any:
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
