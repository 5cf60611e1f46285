"""FAISS, where it is called: the only importer of faiss."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from indexer.model import Vectors

_told = threading.local()


def faiss_library() -> Any:
    """Imported at first use: 0.3 s that commands without vectors need not pay."""
    import faiss

    return faiss


def on_one_thread() -> Any:
    """FAISS, which takes one core in this thread from now on.

    OpenMP keeps the number for each thread by itself. A thread that was not told takes all cores, which wait for each
    other: 2.8 ms for what takes 0.2 alone.
    """
    faiss = faiss_library()
    if not getattr(_told, "one", False):
        faiss.omp_set_num_threads(1)
        _told.one = True
    return faiss


def inner_products(vectors: Vectors, query: Vectors) -> Vectors:
    """Inner products by FAISS on this thread alone; numpy's would take every core from the other requests."""
    faiss = faiss_library()
    wanted = np.ascontiguousarray(query, dtype=np.float32)
    out = np.empty(len(vectors), dtype=np.float32)
    if len(vectors):
        pointers = map(faiss.swig_ptr, (out, wanted, vectors))
        faiss.fvec_inner_products_ny(*pointers, vectors.shape[1], len(vectors))
    return out
