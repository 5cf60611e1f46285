"""Vector indexes over whole passages and their sentences, by the name that config.yaml gives them: "Flat" is exact."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from indexer.model import DocNums, Vectors
from indexer.revision import Revision
from indexer.rows import Rows
from indexer.vector_flat import FlatVectorIndex
from indexer.vector_listed import SETTINGS, ListedVectorIndex
from indexer.vector_rows import NUMBERS

FLAT = "Flat"


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


def recall_of(folder: Path) -> float:
    """The recall that was measured when the index was built, 1.0 for the exact one."""
    path = folder / SETTINGS
    return float(json.loads(path.read_text(encoding="utf-8"))["recall"]) if path.exists() else 1.0


def count_rows(folder: Path) -> int:
    """Rows of passages and of sentences."""
    return len(np.load(folder / NUMBERS, mmap_mode="r", allow_pickle=False))


def open_vectors(folder: Path, factory: str = FLAT) -> FlatVectorIndex | ListedVectorIndex:
    """The index that was built by this factory."""
    return FlatVectorIndex.open(folder) if factory == FLAT else ListedVectorIndex.open(folder)
