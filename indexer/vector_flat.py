"""The exact vector index, FAISS's flat one: the fastest up to some 100,000 different vectors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.errors import EngineError
from indexer.faiss_library import faiss_library, on_one_thread
from indexer.grams import best
from indexer.model import Candidate, DocNums, Scored, Vectors
from indexer.revision import Revision
from indexer.rows import Rows, together
from indexer.vector_rows import (
    BLOCK,
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

_COPIED = 8192  # vectors taken over at a time: few enough to be held, so many that other threads seldom wait for a turn


class FlatVectorIndex:
    """Immutable; safe to share between threads. Each different vector is kept once, however many rows have it.

    FAISS itself returns the best rows; a passage's score needs all of its rows, so the distances of the wanted vectors
    are computed (``compute_distance_subset``: 0.1 ms for 2,800, 24 ms for 300,000, one thread) and reduced here.
    """

    def __init__(self, engine: Any, numbers: npt.NDArray[np.int32], sentence_docnums: DocNums) -> None:
        """Row i has vector ``numbers[i]``: row i < n is that of passage i, the rows after them are those of sentences."""
        self._engine = engine
        self._numbers = numbers
        self.passages = len(numbers) - len(sentence_docnums)
        self.dimension = int(engine.d)
        self._rows = Places(self.passages, sentence_docnums)
        self._all = self._rows.of(np.arange(self.passages, dtype=np.int64))
        self._every = np.arange(engine.ntotal, dtype=np.int64)

    @staticmethod
    def build(folder: Path, whole: Vectors | Rows, sentences: Vectors | Rows, sentence_docnums: DocNums) -> None:
        """Writes the index into an existing folder.

        ``whole`` has shape (n, d), row i for docnum i; ``sentences`` (m, d) with their passages in
        ``sentence_docnums`` (m,), in any order. Rows are unit vectors. Raises EngineError when shapes or docnums do
        not fit, when a number is not finite, or when FAISS fails.
        """
        faiss = faiss_library()
        order = np.argsort(sentence_docnums, kind="stable")
        rows = checked_rows(whole, sentences, sentence_docnums, order)
        try:
            engine = faiss.IndexFlatIP(whole.shape[1])
            for start in range(0, len(rows.different), BLOCK):
                engine.add(np.ascontiguousarray(rows.different[start : start + BLOCK], dtype=np.float32))
        except RuntimeError as cause:
            raise EngineError(f"FAISS could not make its index: {cause}.") from cause
        _save(folder, engine, rows.numbers, sentence_docnums[order])

    @staticmethod
    def revise(
        folder: Path, before: Path, revision: Revision, whole: Rows, sentences: Rows, sentence_docnums: DocNums
    ) -> None:
        """What ``build`` writes, from what it wrote in the folder ``before`` and the rows of the fresh passages.

        ``sentence_docnums`` are new ones.
        """
        faiss = faiss_library()
        known = FlatVectorIndex.open(before)
        there, fresh = int(known._engine.ntotal), together(whole, sentences)
        rows, owners = revised_rows(revision, known._numbers, known._rows, there + fresh.numbers, sentence_docnums)
        used, numbers = np.unique(rows, return_inverse=True)
        stay = used[used < there]
        stored = faiss.rev_swig_ptr(known._engine.get_xb(), there * known.dimension).reshape(there, known.dimension)
        engine = faiss.IndexFlatIP(known.dimension)
        for start in range(0, len(stay), _COPIED):
            engine.add(stored[stay[start : start + _COPIED]])
        engine.add(np.ascontiguousarray(fresh.different[used[len(stay) :] - there], dtype=np.float32))
        _save(folder, engine, numbers, owners)

    @classmethod
    def open(cls, folder: Path) -> FlatVectorIndex:
        """The index, memory-mapped (milliseconds, shared between processes).

        One thread because several under load were four times slower. Raises EngineError when a file cannot be read.
        """
        faiss = faiss_library()
        try:
            engine = faiss.read_index(str(folder / INDEX), faiss.IO_FLAG_MMAP_IFC)
            numbers, docnums = (np.load(folder / name, allow_pickle=False) for name in (NUMBERS, DOCNUMS))
        except (RuntimeError, OSError, ValueError) as cause:
            raise EngineError(f"The vector index in {folder} cannot be read: {cause}.") from cause
        if not isinstance(engine, faiss.IndexFlatIP):
            raise EngineError(f"The vector index in {folder} is a {type(engine).__name__}, expected IndexFlatIP.")
        return cls(engine, numbers, docnums)

    def scores(self, query: Vectors, docnums: DocNums | None = None) -> Vectors:
        """The mean of whole-passage and best-sentence cosine; of the whole alone where a passage has no sentences.

        For all passages, shape (n,), or for the given sorted docnums, same shape as they; -1 to 1.
        """
        rows, several, starts = self._all if docnums is None else self._rows.of(docnums)
        return combined(self._cosines(query, rows), several, starts)

    def leg(self, query: Vectors, depth: int, among: Among) -> Scored:
        """The scores of all passages; nothing else is needed."""
        return Scored(self.scores(query), None)

    def vectors(self, docnums: DocNums) -> Vectors:
        """The unit vectors of whole passages, shape (len(docnums), dimension)."""
        found: Vectors = self._engine.reconstruct_batch(self._numbers[docnums].astype(np.int64))
        return found

    def search(self, query: Vectors, k: int, allowed: DocNums | None = None) -> list[Candidate]:
        """The best k passages by ``scores``, ties by docnum; exact. Only ``allowed`` (sorted) docnums are looked at."""
        found = best(self.scores(query, allowed), k, above=-np.inf)
        if allowed is None:
            return found
        return [Candidate(int(allowed[one.docnum]), one.score) for one in found]

    def _cosines(self, query: Vectors, rows: DocNums) -> Vectors:
        """The inner product of the query with each row."""
        faiss = on_one_thread()
        check_query(query, self.dimension)
        wanted = np.ascontiguousarray(query, dtype=np.float32)
        every = rows is self._all[0]
        labels = self._every if every else self._numbers[rows].astype(np.int64)
        out = np.empty(len(labels), dtype=np.float32)
        if len(labels):
            self._engine.compute_distance_subset(
                1, faiss.swig_ptr(wanted), len(labels), faiss.swig_ptr(out), faiss.swig_ptr(labels)
            )
        return out[self._numbers] if every else out


def _save(folder: Path, engine: Any, numbers: npt.NDArray[Any], sentence_docnums: DocNums) -> None:
    try:
        faiss_library().write_index(engine, str(folder / INDEX))
        np.save(folder / NUMBERS, numbers.astype(np.int32), allow_pickle=False)
        np.save(folder / DOCNUMS, sentence_docnums.astype(np.int64), allow_pickle=False)
    except (RuntimeError, OSError) as cause:
        raise EngineError(f"FAISS could not write its index into {folder}: {cause}.") from cause
