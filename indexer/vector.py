"""Vector indexes on FAISS, over whole passages and their sentences. The only importer of faiss.

``FlatVectorIndex`` is exact and the fastest up to some 100,000 rows. ``ListedVectorIndex`` looks into a part of its rows
only, by any index that FAISS can make ("IVF2048,SQ8", "HNSW32,SQ8"), and scores exactly what it or another leg found.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.errors import ConfigError, EngineError
from indexer.grams import best
from indexer.model import Candidate, DocNums, Scored, Vectors
from indexer.revision import Revision
from indexer.rows import Rows, together

_INDEX = "vectors.faiss"
_DOCNUMS = "sentence-docnums.npy"
_CODES, _SCALES = "codes.npy", "scales.npy"
_NUMBERS, _HOLDERS, _STARTS = "numbers.npy", "holders.npy", "starts.npy"
_SETTINGS = "settings.json"
FLAT = "Flat"
_LOOKED_AT = 500  # rows that a search for fewer hits still takes into account
_SAMPLE = 512  # passages, evenly spaced, whose scores tell the mean and deviation of all
_TRAINING = 100_000  # vectors that an index is trained on at the most
_ITERATIONS = 10  # of k-means for the lists; FAISS's own 25 take twice as long for 0.003 of recall
_BLOCK = 20_000  # vectors that are handed to FAISS at a time
_CACHED = 512  # vectors that are multiplied at a time, 1 MB, so that they stay in the processor's cache
_ASKED = 64  # vectors whose neighbours are looked up both ways to tell the recall
_NEIGHBOURS = 10

Among = Callable[[], DocNums]
_told = threading.local()


class _Places:
    """Which rows belong to which passage: row i < n is passage i, the rows after them are sentences in their order."""

    def __init__(self, passages: int, sentence_docnums: DocNums) -> None:
        self.passages = passages
        self.sentence_docnums = sentence_docnums
        # sentences of passage i are rows [first[i], first[i + 1])
        self._first = np.searchsorted(sentence_docnums, np.arange(passages + 1)) + passages

    def of(self, docnums: DocNums) -> tuple[DocNums, npt.NDArray[np.bool_], DocNums]:
        """Rows of the passages and then of their sentences; which passages have some; where the sentences of each begin."""
        counts = self._first[docnums + 1] - self._first[docnums]
        ends = np.cumsum(counts)
        starts = ends - counts
        rows = np.repeat(self._first[docnums] - starts, counts) + np.arange(ends[-1] if len(ends) else 0)
        several = counts > 0
        return np.concatenate((docnums, rows)), several, starts[several]


def _combined(cosines: Vectors, several: npt.NDArray[np.bool_], starts: DocNums) -> Vectors:
    """The mean of whole-passage and best-sentence cosine; of the whole alone where a passage has no sentences.

    The mean beat either alone (English to labour law 0.402 -> 0.554 nDCG@10).
    """
    scores, sentences = cosines[: len(several)].copy(), cosines[len(several) :]
    if len(starts):
        scores[several] = (scores[several] + np.maximum.reduceat(sentences, starts)) / 2
    return scores


class FlatVectorIndex:
    """Immutable; safe to share between threads.

    One FAISS flat index: row i < n is passage i, the rows after them are sentences, in order of their passages.
    FAISS itself returns the best rows; a passage's score needs all of its rows, so the distances of the wanted rows
    are computed (``compute_distance_subset``: 0.1 ms for 2,800 rows, 24 ms for 300,000, one thread) and reduced here.
    """

    def __init__(self, engine: Any, sentence_docnums: DocNums) -> None:
        self._engine = engine
        self.passages = int(engine.ntotal) - len(sentence_docnums)
        self.dimension = int(engine.d)
        self._rows = _Places(self.passages, sentence_docnums)
        self._all = self._rows.of(np.arange(self.passages, dtype=np.int64))

    @staticmethod
    def build(folder: Path, whole: Vectors | Rows, sentences: Vectors | Rows, sentence_docnums: DocNums) -> None:
        """Writes the index into an existing folder.

        ``whole`` has shape (n, d), row i for docnum i; ``sentences`` (m, d) with their passages in
        ``sentence_docnums`` (m,), in any order. Rows are unit vectors. Raises EngineError when shapes or docnums do
        not fit, when a number is not finite, or when FAISS fails.
        """
        faiss = _faiss()
        order = np.argsort(sentence_docnums, kind="stable")
        rows = _checked(whole, sentences, sentence_docnums, order)
        try:
            engine = faiss.IndexFlatIP(whole.shape[1])
            for start in range(0, len(rows), _BLOCK):
                engine.add(rows[start : start + _BLOCK])
        except RuntimeError as cause:
            raise EngineError(f"FAISS could not make its index: {cause}.") from cause
        _save_flat(folder, engine, sentence_docnums[order])

    @staticmethod
    def revise(
        folder: Path, before: Path, revision: Revision, whole: Rows, sentences: Rows, sentence_docnums: DocNums
    ) -> None:
        """What ``build`` writes, from what it wrote in the folder ``before`` and the rows of the fresh passages.

        ``sentence_docnums`` are new ones.
        """
        faiss = _faiss()
        known = FlatVectorIndex.open(before)
        there, fresh = int(known._engine.ntotal), together(whole, sentences)
        numbers, owners = _revised(
            revision, np.arange(there), known._rows, there + np.arange(len(fresh)), sentence_docnums
        )
        engine = faiss.IndexFlatIP(known.dimension)
        for start in range(0, len(numbers), _BLOCK):
            wanted = numbers[start : start + _BLOCK]
            stay = wanted < there
            block = np.empty((len(wanted), known.dimension), dtype=np.float32)
            block[stay], block[~stay] = known.vectors(wanted[stay]), fresh[wanted[~stay] - there]
            engine.add(block)
        _save_flat(folder, engine, owners)

    @classmethod
    def open(cls, folder: Path) -> FlatVectorIndex:
        """The index, memory-mapped (milliseconds, shared between processes).

        One thread because several under load were four times slower. Raises EngineError when a file cannot be read.
        """
        faiss = _faiss()
        try:
            engine = faiss.read_index(str(folder / _INDEX), faiss.IO_FLAG_MMAP_IFC)
            docnums = np.load(folder / _DOCNUMS, allow_pickle=False)
        except (RuntimeError, OSError, ValueError) as cause:
            raise EngineError(f"The vector index in {folder} cannot be read: {cause}.") from cause
        if not isinstance(engine, faiss.IndexFlatIP):
            raise EngineError(f"The vector index in {folder} is a {type(engine).__name__}, expected IndexFlatIP.")
        return cls(engine, docnums)

    def scores(self, query: Vectors, docnums: DocNums | None = None) -> Vectors:
        """The mean of whole-passage and best-sentence cosine; of the whole alone where a passage has no sentences.

        For all passages, shape (n,), or for the given sorted docnums, same shape as they; -1 to 1.
        """
        rows, several, starts = self._all if docnums is None else self._rows.of(docnums)
        return _combined(self._cosines(query, rows), several, starts)

    def leg(self, query: Vectors, depth: int, among: Among) -> Scored:
        """The scores of all passages; nothing else is needed."""
        return Scored(self.scores(query), None)

    def vectors(self, docnums: DocNums) -> Vectors:
        """The unit vectors of whole passages, shape (len(docnums), dimension)."""
        found: Vectors = self._engine.reconstruct_batch(np.ascontiguousarray(docnums, dtype=np.int64))
        return found

    def search(self, query: Vectors, k: int, allowed: DocNums | None = None) -> list[Candidate]:
        """The best k passages by ``scores``, ties by docnum; exact. Only ``allowed`` (sorted) docnums are looked at."""
        found = best(self.scores(query, allowed), k, above=-np.inf)
        if allowed is None:
            return found
        return [Candidate(int(allowed[one.docnum]), one.score) for one in found]

    def _cosines(self, query: Vectors, rows: DocNums) -> Vectors:
        """The inner product of the query with each row."""
        faiss = _one_thread()
        _fits(query, self.dimension)
        wanted = np.ascontiguousarray(query, dtype=np.float32)
        labels = np.ascontiguousarray(rows, dtype=np.int64)
        out = np.empty(len(labels), dtype=np.float32)
        if len(labels):
            self._engine.compute_distance_subset(
                1, faiss.swig_ptr(wanted), len(labels), faiss.swig_ptr(out), faiss.swig_ptr(labels)
            )
        return out


class ListedVectorIndex:
    """Immutable; safe to share between threads. Each different vector is kept once, however many rows have it.

    FAISS names the vectors that are most alike; passages are scored from a copy of all vectors in one byte a number (a
    cosine is off by 0.0005), which is read where it is needed: 1 ms for 500 passages.
    """

    def __init__(self, folder: Path, engine: Any, rows: _Places, nprobe: int) -> None:
        self._engine = engine
        self._rows = rows
        self.passages = rows.passages
        self.dimension = int(engine.d)
        self._codes, self._scales, self._numbers, self._holders, self._first = (
            np.asarray(np.load(folder / name, mmap_mode="r", allow_pickle=False))  # a memmap takes 5 µs a slice
            for name in (_CODES, _SCALES, _NUMBERS, _HOLDERS, _STARTS)
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
        faiss = _faiss()
        order = np.argsort(sentence_docnums, kind="stable")
        rows = _checked(whole, sentences, sentence_docnums, order)
        vectors = rows.different
        blocks = range(0, len(vectors), _BLOCK)
        try:
            engine = faiss.index_factory(whole.shape[1], factory, faiss.METRIC_INNER_PRODUCT)
            if isinstance(engine, faiss.IndexIVF):
                engine.cp.niter = _ITERATIONS
            engine.train(_evenly(vectors, _TRAINING))
            for start in blocks:
                engine.add(np.ascontiguousarray(vectors[start : start + _BLOCK], dtype=np.float32))
            faiss.write_index(engine, str(folder / _INDEX))
        except (RuntimeError, AssertionError) as cause:
            raise ConfigError(
                f"vector.index {factory!r} cannot be made of {len(vectors)} vectors: {str(cause).splitlines()[-1]}.",
                'Such as "IVF1024,SQ8", with at least 39 of them for each list, or "Flat".',
            ) from cause
        recall = _recall(engine, _looking_into(engine, nprobe), vectors)
        settings = {"passages": len(whole), "nprobe": nprobe, "recall": round(recall, 4)}
        _save_listed(folder, rows.numbers, sentence_docnums[order], len(vectors), settings)
        _save_codes(folder, np.empty((0, vectors.shape[1]), dtype=np.int8), np.empty(0, dtype=np.float32), vectors)
        return recall

    @staticmethod
    def revise(
        folder: Path, before: Path, revision: Revision, whole: Rows, sentences: Rows, sentence_docnums: DocNums
    ) -> float:
        """What ``build`` writes, from what it wrote in the folder ``before`` and the rows of the fresh passages.

        ``sentence_docnums`` are new ones. Vectors that no row has any more stay; the recall is told as it was measured.
        """
        faiss = _faiss()
        known = ListedVectorIndex.open(before)
        there, fresh = len(known._codes), together(whole, sentences)
        vectors = np.ascontiguousarray(fresh.different, dtype=np.float32)
        numbers, owners = _revised(revision, known._numbers, known._rows, there + fresh.numbers, sentence_docnums)
        try:
            engine = faiss.read_index(str(before / _INDEX))
            engine.add(vectors)
            faiss.write_index(engine, str(folder / _INDEX))
        except RuntimeError as cause:
            raise EngineError(f"FAISS could not write its index into {folder}: {cause}.") from cause
        settings = json.loads((before / _SETTINGS).read_text(encoding="utf-8"))
        _save_listed(folder, numbers, owners, there + len(vectors), {**settings, "passages": revision.size})
        _save_codes(folder, known._codes, known._scales, vectors)
        return float(settings["recall"])

    @classmethod
    def open(cls, folder: Path) -> ListedVectorIndex:
        """The index, memory-mapped. Raises EngineError when a file cannot be read."""
        faiss = _faiss()
        try:
            settings = json.loads((folder / _SETTINGS).read_text(encoding="utf-8"))
            rows = _Places(int(settings["passages"]), np.load(folder / _DOCNUMS, allow_pickle=False))
            engine = faiss.read_index(str(folder / _INDEX), faiss.IO_FLAG_MMAP_IFC)
            return cls(folder, engine, rows, int(settings["nprobe"]))
        except (RuntimeError, OSError, ValueError, KeyError) as cause:
            raise EngineError(f"The vector index in {folder} cannot be read: {cause}.") from cause

    def scores(self, query: Vectors, docnums: DocNums | None = None) -> Vectors:
        """As FlatVectorIndex.scores, exact but for rounding; of all passages it takes long."""
        rows, several, starts = self._rows.of(np.arange(self.passages) if docnums is None else docnums)
        return _combined(self._cosines(query, rows), several, starts)

    def leg(self, query: Vectors, depth: int, among: Among) -> Scored:
        """Scores of the passages with the ``depth`` most alike rows and of those in ``among``; all others score the mean.

        The mean and deviation are those of a sample of all passages.
        """
        _fits(query, self.dimension)
        sampled = _combined(_products(self._sample, query), self._several, self._starts)
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
        _fits(query, self.dimension)
        asked = np.ascontiguousarray(query, dtype=np.float32)[None]
        _one_thread()
        found = self._engine.search(asked, max(1, min(wanted, int(self._engine.ntotal))), params=self._parameters)[1][0]
        found = found[found >= 0]
        sizes = self._first[found + 1] - self._first[found]
        ends = np.cumsum(sizes)
        kept = np.count_nonzero(ends - sizes < wanted)
        starts, ends = np.repeat(self._first[found[:kept]] - ends[:kept] + sizes[:kept], sizes[:kept]), ends[:kept]
        return np.unique(self._holders[starts + np.arange(ends[-1] if kept else 0)]).astype(np.int64)

    def _cosines(self, query: Vectors, rows: DocNums) -> Vectors:
        _fits(query, self.dimension)
        numbers = self._numbers[rows]
        out = np.empty(len(numbers), dtype=np.float32)
        for start in range(0, len(numbers), _CACHED):
            block = self._codes[numbers[start : start + _CACHED]].astype(np.float32)
            out[start : start + _CACHED] = _products(block, query)
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


def build_vectors(
    folder: Path, whole: Vectors | Rows, sentences: Vectors | Rows, sentence_docnums: DocNums, factory: str = FLAT,
    nprobe: int = 32,
) -> float:  # fmt: skip
    """Writes the index that ``factory`` names; its recall, 1.0 for the exact one."""
    if factory != FLAT:
        return ListedVectorIndex.build(folder, whole, sentences, sentence_docnums, factory, nprobe)
    FlatVectorIndex.build(folder, whole, sentences, sentence_docnums)
    return 1.0


def revise_vectors(
    folder: Path, before: Path, revision: Revision, whole: Rows, sentences: Rows, sentence_docnums: DocNums,
    factory: str = FLAT,
) -> None:  # fmt: skip
    """What ``build_vectors`` writes, from what it wrote in the folder ``before`` and the rows of the fresh passages."""
    index = FlatVectorIndex if factory == FLAT else ListedVectorIndex
    index.revise(folder, before, revision, whole, sentences, sentence_docnums)


def _revised(
    revision: Revision, numbers: npt.NDArray[Any], places: _Places, fresh: npt.NDArray[Any], owners: DocNums
) -> tuple[DocNums, DocNums]:
    """The number of every row as it stands now, and the passage of each sentence.

    ``numbers`` are those of the rows that there were, ``fresh`` those of the fresh passages and then of their sentences,
    which ``owners`` have.
    """
    stay = revision.moved[places.sentence_docnums] >= 0
    whole = revision.column(numbers[: places.passages].astype(np.int64), fresh[: len(revision.fresh)])
    sentences = np.concatenate((numbers[places.passages :][stay], fresh[len(revision.fresh) :]))
    docnums = np.concatenate((revision.renumbered(places.sentence_docnums), owners))
    order = np.argsort(docnums, kind="stable")
    return np.concatenate((whole, sentences[order])), docnums[order]


def _save_flat(folder: Path, engine: Any, sentence_docnums: DocNums) -> None:
    try:
        _faiss().write_index(engine, str(folder / _INDEX))
        np.save(folder / _DOCNUMS, sentence_docnums.astype(np.int64), allow_pickle=False)
    except (RuntimeError, OSError) as cause:
        raise EngineError(f"FAISS could not write its index into {folder}: {cause}.") from cause


def _save_listed(
    folder: Path, numbers: npt.NDArray[Any], sentence_docnums: DocNums, vectors: int, settings: dict[str, Any]
) -> None:
    """Which vector each row has, and which passages have each vector."""
    owners = np.concatenate((np.arange(settings["passages"]), sentence_docnums))
    holding = np.argsort(numbers, kind="stable")
    starts = np.searchsorted(numbers[holding], np.arange(vectors + 1))
    saved: dict[str, npt.NDArray[Any]] = {_NUMBERS: numbers.astype(np.int32), _HOLDERS: owners[holding].astype(np.int32),
             _STARTS: starts.astype(np.int32), _DOCNUMS: sentence_docnums.astype(np.int64)}  # fmt: skip
    for name, values in saved.items():
        np.save(folder / name, values, allow_pickle=False)
    (folder / _SETTINGS).write_text(json.dumps(settings), encoding="utf-8")


def _save_codes(folder: Path, known: npt.NDArray[np.int8], scales: Vectors, vectors: Vectors) -> None:
    """One byte a number: of those that are known, then of vectors."""
    there = len(known)
    codes = np.lib.format.open_memmap(
        folder / _CODES, mode="w+", dtype=np.int8, shape=(there + len(vectors), vectors.shape[1])
    )
    codes[:there] = known
    found = np.empty(len(vectors), dtype=np.float32)
    for start in range(0, len(vectors), _BLOCK):
        block = vectors[start : start + _BLOCK]
        own = np.maximum(np.abs(block).max(axis=1), 1e-12) / 127
        codes[there + start : there + start + _BLOCK] = np.rint(block / own[:, None])
        found[start : start + _BLOCK] = own
    codes.flush()
    np.save(folder / _SCALES, np.concatenate((scales, found)), allow_pickle=False)


def recall_of(folder: Path) -> float:
    """The recall that was measured when the index was built, 1.0 for the exact one."""
    path = folder / _SETTINGS
    return float(json.loads(path.read_text(encoding="utf-8"))["recall"]) if path.exists() else 1.0


def open_vectors(folder: Path, factory: str = FLAT) -> FlatVectorIndex | ListedVectorIndex:
    """The index that was built by this factory."""
    return FlatVectorIndex.open(folder) if factory == FLAT else ListedVectorIndex.open(folder)


def _products(vectors: Vectors, query: Vectors) -> Vectors:
    """Inner products by FAISS on this thread alone; numpy's would take every core from the other requests."""
    faiss = _faiss()
    wanted = np.ascontiguousarray(query, dtype=np.float32)
    out = np.empty(len(vectors), dtype=np.float32)
    if len(vectors):
        pointers = map(faiss.swig_ptr, (out, wanted, vectors))
        faiss.fvec_inner_products_ny(*pointers, vectors.shape[1], len(vectors))
    return out


def _looking_into(engine: Any, nprobe: int) -> Any:
    """Search parameters: how many lists an IVF index looks into, how many neighbours HNSW keeps in view."""
    faiss = _faiss()
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
    for start in range(0, len(vectors), _BLOCK):
        cosines = queries @ np.asarray(vectors[start : start + _BLOCK], dtype=np.float32).T
        nearest = -np.sort(-np.concatenate((nearest, cosines), axis=1), axis=1)[:, :wanted]
    asked = np.einsum("ijk,ik->ij", vectors[np.maximum(found, 0)], queries)
    # a vector counts as found where it is as alike as the tenth: some texts differ in a full stop only
    return float(((asked >= nearest[:, -1:] - 1e-6) & (found >= 0)).mean())


def _fits(query: Vectors, dimension: int) -> None:
    if query.shape != (dimension,):
        raise EngineError(f"The query vector has shape {query.shape}, expected ({dimension},).")


def _checked(whole: Vectors | Rows, sentences: Vectors | Rows, docnums: npt.NDArray[Any], order: DocNums) -> Rows:
    """The rows of passages and then of sentences, these in ``order``; raises EngineError where they do not fit."""
    if len(whole.shape) != 2 or len(sentences.shape) != 2 or sentences.shape[1] != whole.shape[1]:
        raise EngineError(f"Vectors of shapes {whole.shape} and {sentences.shape} do not belong together.")
    if docnums.shape != (len(sentences),):
        raise EngineError(f"{len(sentences)} sentence vectors, but docnums of shape {docnums.shape}.")
    if len(docnums) and not 0 <= docnums.min() <= docnums.max() < len(whole):
        raise EngineError(f"A sentence belongs to docnum {docnums.max()}, but there are {len(whole)} passages.")
    own = Rows.of(sentences)
    rows = together(Rows.of(whole), Rows(own.different, own.numbers[order]))
    for start in range(0, len(rows.different), _BLOCK):
        if not np.isfinite(rows.different[start : start + _BLOCK]).all():
            raise EngineError("A vector holds a number that is not finite.")
    return rows


def _faiss() -> Any:
    """Imported at first use: 0.3 s that commands without vectors need not pay."""
    import faiss

    return faiss


def _one_thread() -> Any:
    """FAISS, which takes one core in this thread from now on.

    OpenMP keeps the number for each thread by itself. A thread that was not told takes all cores, which wait for each
    other: 2.8 ms for what takes 0.2 alone.
    """
    faiss = _faiss()
    if not getattr(_told, "one", False):
        faiss.omp_set_num_threads(1)
        _told.one = True
    return faiss
