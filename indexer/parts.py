"""What a generation consists of beside its store: each part is written from the passages in the store, by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from indexer.columns import Columns
from indexer.engines import Engines, build_keyword
from indexer.grams import GramIndex
from indexer.stored import StoredPassages
from indexer.synonyms import chinese_synonyms
from indexer.terms import TermIndex
from indexer.translations import build_translations, chinese_terms, english_keys


@dataclass(frozen=True, slots=True)
class Job:
    """Where the store is that a part is made of, with which engines, and where caches are kept."""

    store: Path
    engines: Engines
    cache: Path


def _columns(folder: Path, job: Job) -> None:
    Columns.build(folder, StoredPassages(job.store))


def _keyword(folder: Path, job: Job) -> None:
    build_keyword(folder, StoredPassages(job.store), job.engines)


def _grams(folder: Path, job: Job) -> None:
    GramIndex.build(StoredPassages(job.store), folder)


def _terms(folder: Path, job: Job) -> None:
    """Where the lexicon's terms stand, and the translations into those that stand somewhere."""
    passages = StoredPassages(job.store)
    lexicon = chinese_terms(job.cache) | chinese_synonyms().keys()
    english = english_keys(job.cache) if any(passage.language == "en" for passage in passages) else frozenset()
    TermIndex.build(passages, lexicon, folder, english)
    build_translations(TermIndex.open(folder).vocabulary(), folder, job.cache)


PARTS: dict[str, Callable[[Path, Job], None]] = {
    "keyword": _keyword, "terms": _terms, "grams": _grams, "columns": _columns
}  # fmt: skip


def write_part(name: str, folder: Path, job: Job) -> None:
    """Make the folder of a part and write it."""
    folder.mkdir()
    PARTS[name](folder, job)
