"""Which index stands behind a name in config.yaml, and when a corpus has outgrown it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from indexer import milvus
from indexer.config import Config, MilvusConfig
from indexer.errors import EngineError, IndexStale
from indexer.keyword import WhooshKeywordIndex
from indexer.keyword_tantivy import TantivyKeywordIndex
from indexer.model import DocNums, KeywordIndex, Passage, VectorIndex
from indexer.revision import Revision
from indexer.rows import Rows
from indexer.vector import FLAT, build_vectors, count_rows, open_vectors, recall_of, revise_vectors

WHOOSH_HOLDS = 50_000  # passages; beyond, the first search for a common word takes 0.1 s and a build minutes longer
FLAT_HOLDS = 200_000  # passages and sentences together; beyond, one query takes over 20 ms
SURE = 0.95  # recall of the ten most alike rows below which a list index should look further

MILVUS = "milvus"
_CONNECTION = "milvus.json"  # where a generation's collections are, without the token

Engines = Mapping[str, str]  # what a generation was built with: "keyword", "vector", "nprobe"


def engines_of(config: Config) -> Engines:
    """The engines that the settings ask for; two that agree give the same index."""
    if config.engine == "milvus":
        return {"keyword": MILVUS, "vector": MILVUS}
    chosen = {"keyword": config.keyword.engine, "vector": config.vector.index}
    return chosen if config.vector.index == FLAT else {**chosen, "nprobe": str(config.vector.nprobe)}


def build_keyword(folder: Path, passages: Sequence[Passage], engines: Engines) -> None:
    """Write the keyword index into an existing, empty folder; Milvus is written together with the vectors."""
    if engines["keyword"] == "tantivy":
        TantivyKeywordIndex.build(folder, passages)
    elif engines["keyword"] == "whoosh":
        WhooshKeywordIndex.build(folder, passages)


def revise_keyword(folder: Path, before: Path, revision: Revision, engines: Engines) -> None:
    """The same of a revision, from what was written in the folder ``before``; Milvus is written whole."""
    engine = TantivyKeywordIndex if engines["keyword"] == "tantivy" else WhooshKeywordIndex
    engine.revise(folder, before, revision)


def open_keyword(folder: Path, engines: Engines) -> KeywordIndex:
    """The keyword index of a generation. Raises IndexStale for an engine that this version does not know."""
    if engines["keyword"] == "tantivy":
        return TantivyKeywordIndex.open(folder)
    if engines["keyword"] == "whoosh":
        return WhooshKeywordIndex.open(folder)
    if engines["keyword"] == MILVUS:
        return milvus.MilvusKeywordIndex(*_connected(folder))
    raise IndexStale(
        f"the index was built with the keyword engine {engines['keyword']!r}.", "plansearch index --rebuild"
    )


def build_vector(folder: Path, whole: Rows, sentences: Rows, owners: DocNums, engines: Engines) -> None:
    """Make the folder of the vector index and write it."""
    folder.mkdir()
    build_vectors(folder, whole, sentences, owners, engines["vector"], int(engines.get("nprobe", 1)))


def revise_vector(
    folder: Path, revision: Revision, whole: Rows, sentences: Rows, owners: DocNums, engines: Engines
) -> None:
    """The same of a revision; the rows are those of its fresh passages."""
    folder.mkdir()
    before = revision.before / "vector"
    revise_vectors(folder, before, revision, whole, sentences, owners, engines["vector"])


def rows_of(folder: Path, engines: Engines) -> int:
    """Rows of a vector index on this disk, those of passages and those of sentences; 0 on Milvus."""
    return 0 if engines["vector"] == MILVUS else count_rows(folder)


def found_too_little(folder: Path, engines: Engines) -> list[str]:
    """A line for the report when the vector index finds too little."""
    recall = 1.0 if engines["vector"] == MILVUS else recall_of(folder)
    if recall >= SURE:
        return []
    return [
        f"vector.index {engines['vector']} finds {recall:.0%} of the ten most alike rows, less than {SURE:.0%}: "
        f"raise vector.nprobe (now {engines['nprobe']}), or choose another index"
    ]


def open_vector(folder: Path, engines: Engines) -> VectorIndex:
    """The vector index of a generation."""
    if engines["vector"] == MILVUS:
        return milvus.MilvusVectorIndex(*_connected(folder.parent / "keyword"))
    return open_vectors(folder, engines["vector"])


def build_milvus(
    folder: Path, settings: MilvusConfig, contents: str, passages: Sequence[Passage], whole: Rows, sentences: Rows,
    owners: DocNums,
) -> None:  # fmt: skip
    """Write the collections of a generation, and where they are into the existing folder.

    ``contents`` is a digest of what the generation holds: the same contents go into the same collections, so that a build
    that was killed goes on.
    """
    name = f"{settings.alias}_{contents}"
    milvus.build(milvus.connect(settings), name, passages, whole, sentences, owners, settings.batch)
    connection = {"settings": settings.model_dump(), "collection": name}
    (folder / _CONNECTION).write_text(json.dumps(connection), encoding="utf-8")


def publish_milvus(generations: Sequence[Path], current: Path) -> None:
    """Switch the aliases to the current generation's collections, and drop those of no generation that is kept."""
    settings, name = _connection(current / "keyword")
    kept = [
        _connection(folder / "keyword")[1] for folder in generations if (folder / "keyword" / _CONNECTION).is_file()
    ]
    client = milvus.connect(settings)
    milvus.publish(client, settings.alias, name)
    milvus.sweep(client, settings.alias, kept)


def _connected(folder: Path) -> tuple[Any, str]:
    settings, name = _connection(folder)
    return milvus.connect(settings), name


def _connection(folder: Path) -> tuple[MilvusConfig, str]:
    try:
        written = json.loads((folder / _CONNECTION).read_text(encoding="utf-8"))
        return MilvusConfig(**written["settings"]), str(written["collection"])
    except (OSError, ValueError, KeyError, TypeError) as cause:
        raise EngineError(f"{folder}/{_CONNECTION} cannot be read: {cause}.", "plansearch index --rebuild") from cause


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
