"""Vector indexes that look into a part of their rows only: any that FAISS can make ("IVF2048,SQ8", "HNSW32,SQ8")."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.errors import ConfigError, EngineError
from indexer.faiss_library import faiss_library, inner_products, on_one_thread
from indexer.grams import best
from indexer.model import Candidate, DocNums, Scored, Vectors
from indexer.revision import Revision
from indexer.rows import Rows, together
from indexer.vector_rows import (
    BLOCK,
    CACHED,
    DOCNUMS,
    INDEX,
    NUMBERS,
    Among,
    Places,
    check_query,
    checked_rows,
    combined,
    revised_rows,
)

_CODES, _SCALES = "codes.npy", "scales.npy"
_HOLDERS, _STARTS = "holders.npy", "starts.npy"
SETTINGS = "settings.json"
_LOOKED_AT = 500  # rows that a search for fewer hits still takes into account
_SAMPLE = 512  # passages, evenly spaced, whose scores tell the mean and deviation of all
_TRAINING = 100_000  # vectors that an index is trained on at the most
_ITERATIONS = 10  # of k-means for the lists; FAISS's own 25 take twice as long for 0.003 of recall
_ASKED = 64  # vectors whose neighbours are looked up both ways to tell the recall
_NEIGHBOURS = 10


class ListedVectorIndex:
    """Immutable; safe to share between threads. Each different vector is kept once, however many rows have it.

    FAISS names the vectors that are most alike; passages are scored from a copy of all vectors in one byte a number (a
    cosine is off by 0.0005), which is read where it is needed: 1 ms for 500 passages.
    """

    def __init__(self, folder: Path, engine: Any, rows: Places, nprobe: int) -> None:
        self._engine = engine
        self._rows = rows
        self.passages = rows.passages
        self.dimension = int(engine.d)
        self._codes, self._scales, self._numbers, self._holders, self._first = (
            np.asarray(np.load(folder / name, mmap_mode="r", allow_pickle=False))  # a memmap takes 5 µs a slice
            for name in (_CODES, _SCALES, NUMBERS, _HOLDERS, _STARTS)
        )
        sample = np.unique(np.linspace(0, max(0, self.passages - 1), _SAMPLE).astype(np.int64))[: self.passages]
        places, self._several, self._starts = self._rows.of(sample)
        self._sample = self._decoded(places)
        self._parameters = _looking_into(engine, nprobe)

    @staticmethod
    def build(
        folder: Path, whole: Vectors | Rows, sentences: Vectors | Rows, sentence_docnums: DocNums, factory: str, nprobe: int
    ) -> float:  # fmt: skip
        """Writes the index into an existing folder, as FlatVectorIndex.build; the recall of its ten best rows, 0 to 1.

        ``factory`` is what FAISS calls an index factory string. Raises ConfigError when FAISS knows no such index or
        there are too few rows for it.
        """
        faiss = faiss_library()
        order = np.argsort(sentence_docnums, kind="stable")
        rows = checked_rows(whole, sentences, sentence_docnums, order)
        vectors = rows.different
        blocks = range(0, len(vectors), BLOCK)
        try:
            engine = faiss.index_factory(whole.shape[1], factory, faiss.METRIC_INNER_PRODUCT)
            if isinstance(engine, faiss.IndexIVF):
                engine.cp.niter = _ITERATIONS
            engine.train(_evenly(vectors, _TRAINING))
            for start in blocks:
                engine.add(np.ascontiguousarray(vectors[start : start + BLOCK], dtype=np.float32))
            faiss.write_index(engine, str(folder / INDEX))
        except (RuntimeError, AssertionError) as cause:
            raise ConfigError(
                f"vector.index {factory!r} cannot be made of {len(vectors)} vectors: {str(cause).splitlines()[-1]}.",
                'Such as "IVF1024,SQ8", with at least 39 of them for each list, or "Flat".',
            ) from cause
        recall = _recall(engine, _looking_into(engine, nprobe), vectors)
        settings = {"passages": len(whole), "nprobe": nprobe, "recall": round(recall, 4)}
        _save_rows(folder, rows.numbers, sentence_docnums[order], len(vectors), settings)
        _save_codes(folder, np.empty((0, vectors.shape[1]), dtype=np.int8), np.empty(0, dtype=np.float32), vectors)
        return recall

    @staticmethod
    def revise(
        folder: Path, before: Path, revision: Revision, whole: Rows, sentences: Rows, sentence_docnums: DocNums
    ) -> float:
        """What ``build`` writes, from what it wrote in the folder ``before`` and the rows of the fresh passages.

        ``sentence_docnums`` are new ones. Vectors that no row has any more stay; the recall is told as it was measured.
        """
        faiss = faiss_library()
        known = ListedVectorIndex.open(before)
        there, fresh = len(known._codes), together(whole, sentences)
        vectors = np.ascontiguousarray(fresh.different, dtype=np.float32)
        numbers, owners = revised_rows(revision, known._numbers, known._rows, there + fresh.numbers, sentence_docnums)
        try:
            engine = faiss.read_index(str(before / INDEX))
            engine.add(vectors)
            faiss.write_index(engine, str(folder / INDEX))
        except RuntimeError as cause:
            raise EngineError(f"FAISS could not write its index into {folder}: {cause}.") from cause
        settings = json.loads((before / SETTINGS).read_text(encoding="utf-8"))
        _save_rows(folder, numbers, owners, there + len(vectors), {**settings, "passages": revision.size})
        _save_codes(folder, known._codes, known._scales, vectors)
        return float(settings["recall"])

    @classmethod
    def open(cls, folder: Path) -> ListedVectorIndex:
        """The index, memory-mapped. Raises EngineError when a file cannot be read."""
        faiss = faiss_library()
        try:
            settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
            rows = Places(int(settings["passages"]), np.load(folder / DOCNUMS, allow_pickle=False))
            engine = faiss.read_index(str(folder / INDEX), faiss.IO_FLAG_MMAP_IFC)
            return cls(folder, engine, rows, int(settings["nprobe"]))
        except (RuntimeError, OSError, ValueError, KeyError) as cause:
            raise EngineError(f"The vector index in {folder} cannot be read: {cause}.") from cause

    def scores(self, query: Vectors, docnums: DocNums | None = None) -> Vectors:
        """As FlatVectorIndex.scores, exact but for rounding; of all passages it takes long."""
        rows, several, starts = self._rows.of(np.arange(self.passages) if docnums is None else docnums)
        return combined(self._cosines(query, rows), several, starts)

    def leg(self, query: Vectors, depth: int, among: Among) -> Scored:
        """Scores of the passages with the ``depth`` most alike rows and of those in ``among``; all others score the mean.

        The mean and deviation are those of a sample of all passages.
        """
        check_query(query, self.dimension)
        sampled = combined(inner_products(self._sample, query), self._several, self._starts)
        mean, deviation = float(sampled.mean()), float(sampled.std())
        found = np.union1d(self._alike(query, depth), among())
        scores = np.full(self.passages, mean, dtype=np.float32)
        scores[found] = self.scores(query, found)
        return Scored(scores, (mean, deviation))

    def search(self, query: Vectors, k: int, allowed: DocNums | None = None) -> list[Candidate]:
        """The best k passages by ``scores``, ties by docnum; exact where ``allowed`` docnums are given."""
        among = self._alike(query, max(4 * k, _LOOKED_AT)) if allowed is None else allowed
        found = best(self.scores(query, among), k, above=-np.inf)
        return [Candidate(int(among[one.docnum]), one.score) for one in found]

    def _alike(self, query: Vectors, wanted: int) -> DocNums:
        """Sorted docnums of about ``wanted`` passages whose own text or one of whose sentences is among the most alike."""
        check_query(query, self.dimension)
        asked = np.ascontiguousarray(query, dtype=np.float32)[None]
        on_one_thread()
        found = self._engine.search(asked, max(1, min(wanted, int(self._engine.ntotal))), params=self._parameters)[1][0]
        found = found[found >= 0]
        sizes = self._first[found + 1] - self._first[found]
        ends = np.cumsum(sizes)
        kept = np.count_nonzero(ends - sizes < wanted)
        starts, ends = np.repeat(self._first[found[:kept]] - ends[:kept] + sizes[:kept], sizes[:kept]), ends[:kept]
        return np.unique(self._holders[starts + np.arange(ends[-1] if kept else 0)]).astype(np.int64)

    def _cosines(self, query: Vectors, rows: DocNums) -> Vectors:
        check_query(query, self.dimension)
        numbers = self._numbers[rows]
        out = np.empty(len(numbers), dtype=np.float32)
        for start in range(0, len(numbers), CACHED):
            block = self._codes[numbers[start : start + CACHED]].astype(np.float32)
            out[start : start + CACHED] = inner_products(block, query)
        out *= self._scales[numbers]
        return out

    def vectors(self, docnums: DocNums) -> Vectors:
        """The vectors of whole passages, of length 1 but for rounding, shape (len(docnums), dimension)."""
        return self._decoded(docnums)

    def _decoded(self, rows: DocNums) -> Vectors:
        numbers = self._numbers[rows]
        found: Vectors = self._codes[numbers].astype(np.float32)
        found *= self._scales[numbers, None]
        return found


def _looking_into(engine: Any, nprobe: int) -> Any:
    """Search parameters: how many lists an IVF index looks into, how many neighbours HNSW keeps in view."""
    faiss = faiss_library()
    if isinstance(engine, faiss.IndexIVF):
        return faiss.SearchParametersIVF(nprobe=nprobe)
    if isinstance(engine, faiss.IndexHNSW):
        return faiss.SearchParametersHNSW(efSearch=max(nprobe, 2 * _LOOKED_AT))
    return None


def _evenly(vectors: Vectors, wanted: int) -> Vectors:
    """About ``wanted`` vectors, evenly spaced."""
    return np.ascontiguousarray(vectors[:: max(1, len(vectors) // wanted)], dtype=np.float32)


def _recall(engine: Any, parameters: Any, vectors: Vectors) -> float:
    """The share of the truly ten most alike vectors that the index finds, over some of its own."""
    queries = _evenly(vectors, _ASKED)[:_ASKED]
    if not len(queries):
        return 1.0
    wanted = min(_NEIGHBOURS, len(vectors))
    found = engine.search(queries, wanted, params=parameters)[1]
    nearest = np.empty((len(queries), 0), dtype=np.float32)
    for start in range(0, len(vectors), BLOCK):
        cosines = queries @ np.asarray(vectors[start : start + BLOCK], dtype=np.float32).T
        nearest = -np.sort(-np.concatenate((nearest, cosines), axis=1), axis=1)[:, :wanted]
    asked = np.einsum("ijk,ik->ij", vectors[np.maximum(found, 0)], queries)
    # a vector counts as found where it is as alike as the tenth: some texts differ in a full stop only
    return float(((asked >= nearest[:, -1:] - 1e-6) & (found >= 0)).mean())


def _save_rows(
    folder: Path, numbers: npt.NDArray[Any], sentence_docnums: DocNums, vectors: int, settings: dict[str, Any]
) -> None:
    """Which vector each row has, and which passages have each vector."""
    owners = np.concatenate((np.arange(settings["passages"]), sentence_docnums))
    holding = np.argsort(numbers, kind="stable")
    starts = np.searchsorted(numbers[holding], np.arange(vectors + 1))
    saved: dict[str, npt.NDArray[Any]] = {NUMBERS: numbers.astype(np.int32), _HOLDERS: owners[holding].astype(np.int32),
             _STARTS: starts.astype(np.int32), DOCNUMS: sentence_docnums.astype(np.int64)}  # fmt: skip
    for name, values in saved.items():
        np.save(folder / name, values, allow_pickle=False)
    (folder / SETTINGS).write_text(json.dumps(settings), encoding="utf-8")


def _save_codes(folder: Path, known: npt.NDArray[np.int8], scales: Vectors, vectors: Vectors) -> None:
    """One byte a number: of those that are known, then of vectors."""
    there = len(known)
    codes = np.lib.format.open_memmap(
        folder / _CODES, mode="w+", dtype=np.int8, shape=(there + len(vectors), vectors.shape[1])
    )
    codes[:there] = known
    found = np.empty(len(vectors), dtype=np.float32)
    for start in range(0, len(vectors), BLOCK):
        block = vectors[start : start + BLOCK]
        own = np.maximum(np.abs(block).max(axis=1), 1e-12) / 127
        codes[there + start : there + start + BLOCK] = np.rint(block / own[:, None])
        found[start : start + BLOCK] = own
    codes.flush()
    np.save(folder / _SCALES, np.concatenate((scales, found)), allow_pickle=False)
