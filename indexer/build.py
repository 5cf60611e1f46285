"""The pipeline: documents in, one published generation out."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np

from indexer import tokens
from indexer.config import Config, EncoderConfig
from indexer.corpus import CorpusListing, list_corpus
from indexer.encode import EMBEDDED, EmbeddingCache, encode_cached, load_encoder
from indexer.errors import DocumentError, StoreError
from indexer.generations import (
    FORMAT_VERSION,
    Manifest,
    build_lock,
    current_generation,
    file_digests,
    publish,
    read_manifest,
    start_generation,
    sweep,
    verify,
)
from indexer.grams import GramIndex
from indexer.keyword import WhooshKeywordIndex
from indexer.model import CorpusReport, Document, Encoder, Passage
from indexer.parse import PARSER_VERSION, parse_document
from indexer.passages import embedding_text, make_passages, split_sentences
from indexer.readers import READERS
from indexer.store import write_store
from indexer.text import FOLD_VERSION, lexicon_text
from indexer.vector import FlatVectorIndex

Progress = Callable[[str, int, int], None]  # stage, done, total

_LEXICON_FILES = ("variants.tsv", "userdict.txt")


@dataclass(frozen=True, slots=True)
class _Parsed:
    documents: list[Document]
    failed: dict[str, str]


def build_index(
    config: Config, corpus: Path | None = None, rebuild: bool = False, progress: Progress | None = None
) -> CorpusReport:
    """Build a generation from the corpus and publish it; what is already current is left as it is, unless ``rebuild``.

    Documents that cannot be used are reported and left out. Raises ConfigError when there is nothing to index,
    IndexLocked when another build runs, StoreError when the generation cannot be written or does not verify.
    """
    started = time.monotonic()
    report = progress or _silent
    root = config.index.dir
    with build_lock(root):
        listing = list_corpus(corpus or config.corpus.dir, tuple(READERS))
        parsed = _parse_all(listing, report)
        if not parsed.documents:
            reasons = "\n".join(parsed.failed.values()) or "The folder holds no documents."
            raise StoreError(f"nothing to index in {corpus or config.corpus.dir}.\n{reasons}")
        passages = make_passages(parsed.documents)
        encoder = open_encoder(config.encoder, library=False)  # ready in 1 s: most builds find nothing to do
        manifest = _manifest(parsed, encoder, len(passages))
        published = _published(root, manifest) if not rebuild else None
        if published is not None:
            return _report(parsed, published.generation, False, (0, 0), started)
        if config.encoder.model == EMBEDDED:
            encoder = open_encoder(config.encoder)
        folder = start_generation(root, manifest.generation)
        with closing(EmbeddingCache(_cache_path(root), encoder.name, encoder.dimension)) as cache:
            counts = _write(folder, parsed.documents, passages, encoder, cache, report)
        report("publish", 0, 1)
        publish(root, folder, manifest.model_copy(update={"files": file_digests(folder)}))
        sweep(root, config.index.keep_generations)
        report("publish", 1, 1)
    return _report(parsed, manifest.generation, True, counts, started)


@cache
def open_encoder(settings: EncoderConfig, library: bool = True) -> Encoder:
    """The encoder that config.yaml names, one per process; ``library`` as in load_encoder."""
    return load_encoder(
        settings.model, settings.query_prompt, settings.passage_prompt, settings.threads, settings.build_threads,
        settings.batch_size, settings.max_chars, library=library,
    )  # fmt: skip


def fingerprints() -> dict[str, str]:
    """What beside the documents decides what an index holds: folding, tokenizer, lexicon and parser."""
    lexicon = hashlib.sha256("".join(lexicon_text(name) for name in _LEXICON_FILES).encode()).hexdigest()[:16]
    return {
        "fold": str(FOLD_VERSION), "tokenizer": tokens.fingerprint(), "lexicon": lexicon, "parser": str(PARSER_VERSION)
    }  # fmt: skip


def _parse_all(listing: CorpusListing, progress: Progress) -> _Parsed:
    documents: list[Document] = []
    failed = {name: str(error) for name, error in listing.problems.items()}
    for number, source in enumerate(listing.sources):
        progress("read", number, len(listing.sources))
        try:
            documents.append(parse_document(source))
        except DocumentError as error:
            failed[source.path.name] = str(error)
    progress("read", len(listing.sources), len(listing.sources))
    return _Parsed(documents, failed)


def _write(
    folder: Path,
    documents: Sequence[Document],
    passages: Sequence[Passage],
    encoder: Encoder,
    cache: EmbeddingCache,
    progress: Progress,
) -> tuple[int, int]:
    """Write every part of a generation; (texts embedded, texts taken from the cache)."""
    write_store(folder, documents, passages)
    for name in ("keyword", "grams", "vector"):
        (folder / name).mkdir()
    progress("keywords", 0, len(passages))
    WhooshKeywordIndex.build(folder / "keyword", passages)
    GramIndex.build(passages).save(folder / "grams")
    progress("keywords", len(passages), len(passages))
    sentences = [(passage.docnum, text) for passage in passages for text in _sentences(passage)]
    texts = [embedding_text(passage) for passage in passages] + [text for _, text in sentences]
    vectors = encode_cached(encoder, cache, texts, lambda done: progress("embed", done, len(texts)))
    owners = np.array([docnum for docnum, _ in sentences], dtype=np.int64)
    FlatVectorIndex.build(folder / "vector", vectors[: len(passages)], vectors[len(passages) :], owners)
    return cache.misses, cache.hits


def _sentences(passage: Passage) -> list[str]:
    """Sentences of their own in the vector index; a damaged page has none that could be trusted."""
    return [] if passage.fragments else split_sentences(passage.body)


def _manifest(parsed: _Parsed, encoder: Encoder, passages: int) -> Manifest:
    now = datetime.now(UTC)
    corpus = {
        document.info.document_id: hashlib.sha256(repr(document).encode("utf-8", "surrogatepass")).hexdigest()
        for document in parsed.documents
    }
    digest = hashlib.sha256(repr(sorted(corpus.items())).encode()).hexdigest()[:8]
    return Manifest(
        format_version=FORMAT_VERSION, generation=f"{now:%Y%m%dT%H%M%S%f}-{digest}", created=now.isoformat(timespec="seconds"),
        fingerprints=fingerprints(), corpus=corpus, failed=parsed.failed, encoder=encoder.name,
        dimension=encoder.dimension, passages=passages, files={},
    )  # fmt: skip


def _published(root: Path, wanted: Manifest) -> Manifest | None:
    """The current generation's manifest when it holds just what is wanted and verifies, else None."""
    try:
        folder = root / current_generation(root)
        manifest = read_manifest(folder)
        if manifest.built_from() != wanted.built_from():
            return None
        verify(folder, manifest)
        return manifest
    except StoreError:
        return None


def _cache_path(root: Path) -> Path:
    folder = root.parent / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "embeddings.sqlite"


def _report(parsed: _Parsed, generation: str, published: bool, counts: tuple[int, int], started: float) -> CorpusReport:
    clauses = {document.info.document_id: len(document.clauses) for document in parsed.documents}
    return CorpusReport(generation, published, clauses, parsed.failed, counts[0], counts[1], time.monotonic() - started)


def _silent(stage: str, done: int, total: int) -> None:
    pass
