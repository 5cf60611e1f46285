"""BM25 over characters, character bigrams and Latin words: one sparse matrix, ranked by adding up a few of its rows.

Words depend on where jieba cuts; characters do not, so this leg still finds what was misspelt, cut otherwise or written
in the other script. nDCG@10 of this leg and of jieba words: judged queries 0.623 and 0.599, Simplified ones 0.61 and
0.33, misspelt ones 0.95 and 0.92; DRCD questions 0.976 and 0.972.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse._sparsetools import csc_matvec

from indexer.errors import EngineError
from indexer.model import Candidate, DocNums, Passage
from indexer.postings import BLOCK, Block, Keys, Postings, held_by, new_array, starts_of
from indexer.revision import RevisedPostings, Revision
from indexer.tokens import Run, runs

Scores = npt.NDArray[np.float32]

# BM25 parameters: Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, section 3.5.
# b is below the usual 0.75 because clauses are short and their lengths say little (citizens' questions 0.477 against
# 0.468, DRCD 0.976 against 0.974). Query terms count once: counting repeats gained nothing (0.620, 0.619).
K1 = 1.2
B = 0.4
HEADING_WEIGHT = 0.2  # judged queries: 0 0.616, 0.1 0.616, 0.2 0.623, 0.3 0.621, 0.5 0.617

_MOST = np.iinfo(np.uint16).max  # times that a term counts in a passage; BM25 hardly tells it from half of it
_MANY, _EVERY, _SPARE = 65_536, 64, 8
_FIELDS = ("body", "headings")
_WIDTH = np.uint64(21)  # bits of a character; a pair is two of them, a single one is followed by 0


def bm25_impacts(counts: Scores, lengths: Scores, mean_length: float, frequency: Any, passages: int) -> Scores:
    """What one term adds to the BM25 score of each passage that holds it.

    ``counts`` of the term in the passages, their ``lengths``, and in how many of all ``passages`` the term stands.
    """
    return _impacts(counts, lengths, mean_length, idf_of(frequency, passages))


def idf_of(frequency: Any, passages: int) -> Any:
    """ln(1 + (N - n + 0.5) / (n + 0.5)), never negative, of one term or of each."""
    return np.log1p((passages - frequency + 0.5) / (frequency + 0.5))


def _impacts(counts: Scores, lengths: Scores, mean_length: float, idf: Any) -> Scores:
    norm = K1 * (1 - B + B * lengths / (mean_length or 1))
    return np.asarray(idf * counts * (K1 + 1) / (counts + norm), dtype=np.float32)


def added_up(parts: Sequence[tuple[np.float32, Any, Scores]], passages: int) -> Scores:
    """Shape (passages,): the sum of weighted impacts, each part at its docnums, in the order of the parts.

    As products of sparse columns with their weights, which scipy adds up where they stand: 3 ns a posting, where adding to
    an array at given places takes 10.
    """
    total = np.zeros(passages, dtype=np.float32)
    for weight, docnums, impacts in parts:
        kind = docnums.dtype if docnums.dtype in (np.int32, np.int64) else np.dtype(np.int64)
        ends = np.array([0, len(docnums)], dtype=kind)
        places = np.ascontiguousarray(docnums, dtype=kind)
        csc_matvec(passages, 1, ends, places, impacts, np.array([weight], dtype=np.float32), total)
    return total


def best(scores: Scores, k: int, allowed: DocNums | None = None, above: float = 0.0) -> list[Candidate]:
    """The k highest of the scores that exceed ``above``, highest first, ties by docnum; only ``allowed`` docnums."""
    docnums = likely_best(scores, k, above) if allowed is None else allowed
    values = scores[docnums]
    keep = values > above
    docnums, values = docnums[keep], values[keep]
    if 0 < k < len(values):
        least = np.partition(values, len(values) - k)[len(values) - k]
        docnums, values = docnums[values >= least], values[values >= least]
    order = np.lexsort((docnums, -values))[: max(k, 0)]
    return [Candidate(int(docnums[place]), float(values[place])) for place in order]


def likely_best(scores: Scores, k: int, above: float = 0.0) -> DocNums:
    """Sorted docnums among which are the k highest of the scores that exceed ``above``, all that tie with them included.

    Of many passages every 64th tells where to cut: looking at a million takes 0.3 ms, putting them in order 8.
    """
    if len(scores) > _MANY:
        sample = scores[::_EVERY]
        wanted = min(len(sample), _SPARE + 2 * max(k, 0) // _EVERY)
        cut = np.partition(sample, len(sample) - wanted)[len(sample) - wanted]
        if cut > above and len(found := np.flatnonzero(scores >= cut)) >= k:
            return found
    return np.flatnonzero(scores > above)


def character_grams(folded: str) -> set[str]:
    """Every character and every pair of neighbours of a folded text, punctuation and Latin letters too."""
    return set(folded) | {folded[place : place + 2] for place in range(len(folded) - 1)}


def gram_terms(text: str) -> list[str]:
    """Characters and bigrams of the Han runs, Latin words and numbers whole (1,435,614 as 1435614), repeats kept."""
    terms: list[str] = []
    for run in runs(text):
        if run.kind == "word":
            terms.append(_word(run))
            continue
        terms.extend(run.text)
        terms.extend(run.text[place : place + 2] for place in range(len(run.text) - 1))
    return terms


def _word(run: Run) -> str:
    return run.text.replace(",", "")


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
    def build(cls, passages: Iterable[Passage], folder: Path | None = None) -> GramIndex:
        """An index in memory, or in an existing folder, which then holds all that ``open`` reads.

        Passages in order of docnum, from 0.
        """
        with TemporaryDirectory(dir=folder) if folder else nullcontext() as scratch:
            counted = _count(passages, Path(scratch) if scratch else None)
            fields = {name: _Field(one.postings, one.lengths) for name, one in counted.items()}
            return cls._of(fields, folder)

    @classmethod
    def revise(cls, folder: Path, before: Path, revision: Revision) -> None:
        """What ``build`` writes, from what it wrote in the folder ``before`` and the fresh passages."""
        counted = _count(revision.fresh, None)
        keys = _load(before / "keys.npy")
        cls._of({name: _revised(before, name, keys, revision, one) for name, one in counted.items()}, folder)

    @classmethod
    def _of(cls, fields: dict[str, _Field], folder: Path | None) -> GramIndex:
        keys = np.union1d(*(fields[name].postings.keys for name in _FIELDS))
        passages = len(fields["body"].lengths)
        index = cls(passages, keys, {name: one.placed(keys, folder, name) for name, one in fields.items()})
        if folder:
            index._save_rest(folder)
        return index

    def save(self, folder: Path) -> None:
        """Writes an index in memory into an existing folder, as .npy files."""
        for name, postings in self._fields.items():
            np.save(folder / f"{name}-docnums.npy", postings.docnums, allow_pickle=False)
            np.save(folder / f"{name}-impacts.npy", postings.impacts, allow_pickle=False)
        self._save_rest(folder)

    def _save_rest(self, folder: Path) -> None:
        (folder / "grams.json").write_text(json.dumps({"passages": self.passages}), encoding="utf-8")
        np.save(folder / "keys.npy", self._keys, allow_pickle=False)
        for name, postings in self._fields.items():
            np.save(folder / f"{name}-starts.npy", postings.starts, allow_pickle=False)

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


class _Counted:
    """Term counts of one field while an index is built."""

    def __init__(self, scratch: Path | None) -> None:
        if scratch is not None:
            scratch.mkdir()
        self.postings = Postings(scratch)
        self._lengths: list[Scores] = []

    @property
    def lengths(self) -> Scores:
        """Terms of each passage."""
        return np.concatenate([np.empty(0, dtype=np.float32), *self._lengths])

    def add(self, texts: Sequence[Sequence[str]], first: int) -> None:
        """Count the terms of a block of passages, each given by its lines; the first one has docnum ``first``."""
        han, words = [], []
        for passage, lines in enumerate(texts):
            found = [run for line in lines for run in runs(line)]
            han.append("\n".join(run.text for run in found if run.kind == "han"))
            words += [(_key(term), passage) for run in found if run.kind == "word" for term in [_word(run)]]
        codes, owners = held_by(han, "\n")
        held = codes != ord("\n")
        both = held[:-1] & held[1:]
        keys = [codes[held] << _WIDTH, (codes[:-1] << _WIDTH | codes[1:])[both]]
        passages = [owners[held], owners[:-1][both]]
        keys.append(np.array([key for key, _ in words], dtype=np.uint64))
        passages.append(np.array([passage for _, passage in words], dtype=np.int32))
        own = np.concatenate(passages)
        self.postings.add(np.concatenate(keys), own, first)
        self._lengths.append(np.bincount(own, minlength=len(texts)).astype(np.float32))


class _Field(NamedTuple):
    """Which passages hold which terms of one field how often, and how many terms each has."""

    postings: Postings | RevisedPostings
    lengths: Scores

    def placed(self, keys: Keys, folder: Path | None, name: str) -> _Postings:
        """Every posting with its impact. A folder gets the counts and lengths too, of which a revision is made."""
        sizes = self.postings.sizes(keys)
        starts = starts_of(sizes)
        docnums, impacts, counts = (
            new_array(folder and folder / f"{name}-{part}.npy", kind, int(starts[-1]))
            for part, kind in (("docnums", np.int32), ("impacts", np.float32), ("counts", np.uint16))
        )
        mean, idf = mean_length(self.lengths), idf_of(sizes, len(self.lengths))
        for part in self.postings.placed(keys, starts):
            counted = np.minimum(part.counts, _MOST)
            docnums[part.places], counts[part.places] = part.docnums, counted
            impacts[part.places] = _impacts(
                counted.astype(np.float32), self.lengths[part.docnums], mean, idf[part.rows]
            )
        if folder:
            np.save(folder / f"{name}-lengths.npy", self.lengths, allow_pickle=False)
        return _Postings(starts, docnums, impacts)


def _count(passages: Iterable[Passage], scratch: Path | None) -> dict[str, _Counted]:
    """The terms of each field, block by block."""
    counted = {name: _Counted(scratch and scratch / name) for name in _FIELDS}
    total = 0
    everything = iter(passages)
    while block := list(islice(everything, BLOCK)):
        bodies = [one.body.splitlines() if one.fragments else [one.body] for one in block]
        counted["body"].add(bodies, total)
        counted["headings"].add([one.headings.splitlines() for one in block], total)
        total += len(block)
    return counted


def _revised(folder: Path, name: str, keys: Keys, revision: Revision, fresh: _Counted) -> _Field:
    starts, docnums, counts, lengths = (
        _load(folder / f"{name}-{part}.npy") for part in ("starts", "docnums", "counts", "lengths")
    )
    before = Block(keys, np.diff(starts), docnums, counts)
    postings = RevisedPostings(before, revision, fresh.postings.whole())
    return _Field(postings, revision.column(lengths, fresh.lengths))


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


@lru_cache(maxsize=65536)
def _key(term: str) -> int:
    if len(term) <= 2 and not term.isascii():
        return ord(term[0]) << int(_WIDTH) | (ord(term[1]) if len(term) == 2 else 0)
    return int.from_bytes(hashlib.blake2b(term.encode("utf-8", "replace"), digest_size=8).digest()) | 1 << 63


def _load(path: Path) -> Any:
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
