"""Which index stands behind a name in config.yaml, and when a corpus has outgrown it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from indexer.config import Config
from indexer.errors import IndexStale
from indexer.keyword import WhooshKeywordIndex
from indexer.keyword_tantivy import TantivyKeywordIndex
from indexer.model import DocNums, KeywordIndex, Passage, VectorIndex, Vectors
from indexer.vector import FLAT, build_vectors, open_vectors

WHOOSH_HOLDS = 50_000  # passages; beyond, the first search for a common word takes 0.1 s and a build minutes longer
FLAT_HOLDS = 200_000  # passages and sentences together; beyond, one query takes over 20 ms
SURE = 0.95  # recall of the ten most alike rows below which a list index should look further

Engines = Mapping[str, str]  # what a generation was built with: "keyword", "vector", "nprobe"


def engines_of(config: Config) -> Engines:
    """The engines that the settings ask for; two that agree give the same index."""
    chosen = {"keyword": config.keyword.engine, "vector": config.vector.index}
    return chosen if config.vector.index == FLAT else {**chosen, "nprobe": str(config.vector.nprobe)}


def build_keyword(folder: Path, passages: Sequence[Passage], engines: Engines) -> None:
    """Write the keyword index into an existing, empty folder."""
    if engines["keyword"] == "tantivy":
        TantivyKeywordIndex.build(folder, passages)
    else:
        WhooshKeywordIndex.build(folder, passages)


def open_keyword(folder: Path, engines: Engines) -> KeywordIndex:
    """The keyword index of a generation. Raises IndexStale for an engine that this version does not know."""
    if engines["keyword"] == "tantivy":
        return TantivyKeywordIndex.open(folder)
    if engines["keyword"] == "whoosh":
        return WhooshKeywordIndex.open(folder)
    raise IndexStale(
        f"the index was built with the keyword engine {engines['keyword']!r}.", "plansearch index --rebuild"
    )


def build_vector(folder: Path, whole: Vectors, sentences: Vectors, owners: DocNums, engines: Engines) -> list[str]:
    """Write the vector index into an existing folder; a line for the report when it finds too little."""
    recall = build_vectors(folder, whole, sentences, owners, engines["vector"], int(engines.get("nprobe", 1)))
    if recall >= SURE:
        return []
    return [
        f"vector.index {engines['vector']} finds {recall:.0%} of the ten most alike rows, less than {SURE:.0%}: "
        f"raise vector.nprobe (now {engines['nprobe']}), or choose another index"
    ]


def open_vector(folder: Path, engines: Engines) -> VectorIndex:
    """The vector index of a generation."""
    return open_vectors(folder, engines["vector"])


def outgrown(passages: int, rows: int, engines: Engines) -> list[str]:
    """What to set when a corpus is larger than an engine serves well; empty while it is not."""
    told = []
    if engines["keyword"] == "whoosh" and passages > WHOOSH_HOLDS:
        told.append(
            f"{passages:,} passages are more than Whoosh serves well: set keyword.engine to tantivy in config.yaml"
        )
    if engines["vector"] == FLAT and rows > FLAT_HOLDS:
        told.append(
            f"{rows:,} passages and sentences are more than a flat vector index serves well: set vector.index to "
            f"IVF{_lists(rows)},SQ8 in config.yaml"
        )
    return told


def _lists(rows: int) -> int:
    """Lists of an IVF index: the power of two next to twice the root of the rows; FAISS wants 39 rows a list to train."""
    return int(2 ** np.round(np.log2(2 * np.sqrt(rows))))
