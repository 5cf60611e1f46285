"""Which engines a configuration asks for, and when it is told to ask for others."""

from __future__ import annotations

import pytest

from indexer.config import Config, KeywordConfig, VectorConfig
from indexer.engines import engines_of, outgrown

FLAT = {"keyword": "whoosh", "vector": "Flat"}


def test_nprobe_counts_only_where_there_are_lists() -> None:
    assert engines_of(Config()) == engines_of(Config(vector=VectorConfig(nprobe=7))) == FLAT
    lists = Config(keyword=KeywordConfig(engine="tantivy"), vector=VectorConfig(index="IVF64,SQ8", nprobe=7))
    assert engines_of(lists) == {"keyword": "tantivy", "vector": "IVF64,SQ8", "nprobe": "7"}


@pytest.mark.parametrize(
    ("passages", "rows", "engines", "told"),
    [
        (658, 1_900, FLAT, ()),
        (50_000, 200_000, FLAT, ()),
        (50_001, 120_000, FLAT, ("keyword.engine to tantivy",)),
        (101_000, 237_195, FLAT, ("keyword.engine to tantivy", "vector.index to IVF1024,SQ8")),
        (1_000_000, 2_300_000, FLAT, ("keyword.engine to tantivy", "vector.index to IVF4096,SQ8")),
        (1_000_000, 2_300_000, {"keyword": "tantivy", "vector": "IVF4096,SQ8", "nprobe": "32"}, ()),
    ],
)
def test_a_corpus_that_has_outgrown_the_default_is_told_what_to_set(
    passages: int, rows: int, engines: dict[str, str], told: tuple[str, ...]
) -> None:
    found = outgrown(passages, rows, engines)
    assert len(found) == len(told)
    assert all(part in line for part, line in zip(told, found, strict=True))
