"""The pipeline: documents in, one published generation out."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np

from indexer import tokens
from indexer.asides import AsideIndex, make_asides
from indexer.changes import FILE_NAME as CHANGES_FILE
from indexer.changes import Before, write_changes
from indexer.columns import Columns
from indexer.config import Config, CorpusConfig, EncoderConfig
from indexer.corpus import CorpusListing, list_corpus
from indexer.editors import FILE as EDITORS_FILE
from indexer.editors import Editors, active, read_editors, use
from indexer.encode import EMBEDDED, ORIGINAL, EmbeddingCache, encode_cached, load_encoder
from indexer.engines import (
    MILVUS,
    Engines,
    build_keyword,
    build_milvus,
    build_vector,
    engines_of,
    outgrown,
    publish_milvus,
)
from indexer.enrichment import ClauseEnrichment, Enrichment, load_enrichment
from indexer.errors import DocumentError, StoreError
from indexer.generations import (
    FORMAT_VERSION,
    Manifest,
    build_lock,
    current_generation,
    last_intact,
    new_generation,
    publish,
    read_manifest,
    sweep,
    verify,
)
from indexer.grams import GramIndex
from indexer.model import CorpusReport, Document, Encoder, Passage
from indexer.parse import PARSER_VERSION
from indexer.parsecache import ParseCache
from indexer.passages import embedding_text, make_passages, split_sentences
from indexer.readers import READERS
from indexer.sandbox import Sandbox
from indexer.store import FILE_NAME as STORE_FILE
from indexer.store import write_store
from indexer.synonyms import chinese_synonyms
from indexer.terms import TermIndex
from indexer.text import FOLD_VERSION, lexicon_text
from indexer.translations import build_translations, chinese_terms, english_keys
from indexer.writing import writing

Progress = Callable[[str, int, int], None]  # stage, done, total

_LEXICON_FILES = ("variants.tsv", "userdict.txt", "glossary.yaml", "synonyms.yaml", "translations.tsv")


@dataclass(frozen=True, slots=True)
class _Parsed:
    documents: list[Document]
    failed: dict[str, str]
    parsed: int
    reused: int
    enrichments: dict[str, Enrichment] = field(default_factory=dict)

    @property
    def entries(self) -> dict[str, ClauseEnrichment]:
        """Every usable enrichment entry by clause_id."""
        return {key: entry for enrichment in self.enrichments.values() for key, entry in enrichment.entries.items()}


@dataclass(frozen=True, slots=True)
class _Written:
    """Texts embedded and texts taken from the cache, and what the user should know of the indexes."""

    embedded: int = 0
    reused: int = 0
    warnings: list[str] = field(default_factory=list)


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
    editors = read_editors((corpus or config.corpus.dir) / config.corpus.lexicon)
    with build_lock(root), use(editors):
        sweep(root)
        listing = list_corpus(corpus or config.corpus.dir, tuple(READERS), config.corpus.max_file_bytes)
        parsed = _parse_all(listing, config.corpus, ParseCache(_cache_folder(root) / "documents"), report)
        _add_enrichments(parsed, corpus or config.corpus.dir)
        if not parsed.documents:
            reasons = "\n".join(parsed.failed.values()) or "The folder holds no documents."
            raise StoreError(f"nothing to index in {corpus or config.corpus.dir}.\n{reasons}")
        passages = make_passages(parsed.documents)
        encoder = open_encoder(config.encoder, library=False)  # ready in 1 s: most builds find nothing to do
        manifest = _manifest(parsed, encoder, engines_of(config), len(passages), editors)
        published = _published(root, manifest) if not rebuild else None
        if published is not None:
            return _report(parsed, published.generation, False, _Written(), started)
        if config.encoder.model in (EMBEDDED, ORIGINAL):
            encoder = open_encoder(config.encoder)
        with new_generation(root, manifest.generation) as folder:
            vectors = _cache_folder(root) / "embeddings.sqlite"
            with closing(EmbeddingCache(vectors, encoder.name, encoder.dimension)) as cache:
                written = _write(folder, parsed, passages, encoder, cache, manifest, config, report)
            before = _before(root)
            with writing(folder / CHANGES_FILE):
                write_changes(folder, parsed.documents, manifest.corpus, manifest.generation, manifest.created, before)
            report("publish", 0, 1)
            publish(root, folder, manifest, config.index.keep_generations)
        sweep(root)
        if config.engine == MILVUS:
            publish_milvus([path for path in root.iterdir() if path.is_dir()], root / manifest.generation)
        report("publish", 1, 1)
    return _report(parsed, manifest.generation, True, written, started)


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


def _parse_all(listing: CorpusListing, settings: CorpusConfig, known: ParseCache, progress: Progress) -> _Parsed:
    """Every document that can be used, from the cache or parsed in the sandbox, and why the others cannot."""
    documents: list[Document] = []
    failed = {name: str(error) for name, error in listing.problems.items()}
    with Sandbox(settings) as sandbox:
        for number, source in enumerate(listing.sources):
            progress("read", number, len(listing.sources))
            try:
                document = known.get(source)
                if document is None:
                    document = sandbox.parse(source)
                    known.put(source, document)
                documents.append(document)
            except DocumentError as error:
                failed[source.path.name] = str(error)
    known.sweep()
    progress("read", len(listing.sources), len(listing.sources))
    return _Parsed(documents, failed, known.misses, known.hits)


def _add_enrichments(parsed: _Parsed, corpus: Path) -> None:
    """Read what editors wrote beside the documents; a file that cannot be read is reported, its document stays."""
    for document in parsed.documents:
        try:
            parsed.enrichments[document.info.document_id] = load_enrichment(corpus, document)
        except DocumentError as error:
            parsed.failed[f"enrichment/{document.info.document_id}.yaml"] = str(error)


def _write(
    folder: Path, parsed: _Parsed, passages: Sequence[Passage], encoder: Encoder, cache: EmbeddingCache,
    manifest: Manifest, config: Config, progress: Progress,
) -> _Written:  # fmt: skip
    """Write every part of a generation."""
    engines = manifest.engines
    with writing(folder / STORE_FILE):
        write_store(folder, parsed.documents, passages, parsed.entries)
    with _part(folder, "columns") as part:
        Columns.build(part, passages)
    progress("keywords", 0, len(passages))
    with _part(folder, "keyword") as part:
        build_keyword(part, passages, engines)
    with _part(folder, "grams") as part:
        GramIndex.build(passages).save(part)
    with _part(folder, "terms") as part:
        _write_terms(part, passages, _cache_folder(folder.parent))
    with writing(folder / EDITORS_FILE):
        (folder / EDITORS_FILE).write_text(active().text, encoding="utf-8")
    progress("keywords", len(passages), len(passages))
    sentences = [(passage.docnum, text) for passage in passages for text in _sentences(passage)]
    asides = make_asides(passages, parsed.entries)
    texts = [embedding_text(passage) for passage in passages] + [text for _, text in sentences]
    texts += [aside.text for aside in asides]
    vectors = encode_cached(encoder, cache, texts, lambda done: progress("embed", done, len(texts)))
    whole, own, beside = np.split(vectors, [len(passages), len(passages) + len(sentences)])
    owners = np.array([docnum for docnum, _ in sentences], dtype=np.int64)
    with _part(folder, "vector") as part:
        if engines["vector"] == MILVUS:
            contents = _digest(manifest.built_from())[:16]
            build_milvus(folder / "keyword", config.milvus, contents, passages, whole, own, owners)
            warnings = []
        else:
            warnings = build_vector(part, whole, own, owners, engines)
    warnings += outgrown(len(passages), len(whole) + len(own), engines)
    with _part(folder, "asides") as part:
        AsideIndex.build(part, asides, beside)
    return _Written(cache.misses, cache.hits, warnings)


@contextmanager
def _part(folder: Path, name: str) -> Iterator[Path]:
    """The folder of one engine; what cannot be written into it is told by its name."""
    part = folder / name
    with writing(part):
        part.mkdir()
        yield part


def _write_terms(folder: Path, passages: Sequence[Passage], cache: Path) -> None:
    """Where the lexicon's terms stand, and the translations into those that stand somewhere."""
    lexicon = chinese_terms(cache) | chinese_synonyms().keys()
    english = english_keys(cache) if any(passage.language == "en" for passage in passages) else frozenset()
    TermIndex.build(passages, lexicon, folder, english)
    build_translations(TermIndex.open(folder).vocabulary(), folder, cache)


def _sentences(passage: Passage) -> list[str]:
    """Sentences of their own in the vector index; a damaged page has none that could be trusted."""
    return [] if passage.fragments else split_sentences(passage.body)


def _manifest(parsed: _Parsed, encoder: Encoder, engines: Engines, passages: int, editors: Editors) -> Manifest:
    now = datetime.now(UTC)
    corpus = {
        document.info.document_id: _digest(document, parsed.enrichments.get(document.info.document_id))
        for document in parsed.documents
    }
    digest = hashlib.sha256(repr(sorted(corpus.items())).encode()).hexdigest()[:8]
    return Manifest(
        format_version=FORMAT_VERSION, generation=f"{now:%Y%m%dT%H%M%S%f}-{digest}", created=now.isoformat(timespec="seconds"),
        fingerprints=fingerprints(), corpus=corpus, failed=parsed.failed, encoder=encoder.name, engines=dict(engines),
        dimension=encoder.dimension, passages=passages, files={}, editors=_digest(editors.text) if editors.text else "",
    )  # fmt: skip


def _digest(*parts: object) -> str:
    """SHA-256 of dataclasses by all of their values."""
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()


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


def _before(root: Path) -> Before | None:
    """The generation that readers know until now."""
    found = last_intact(root, (STORE_FILE, CHANGES_FILE))
    return Before(*found) if found else None


def _cache_folder(root: Path) -> Path:
    folder = root.parent / "cache"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def _report(parsed: _Parsed, generation: str, published: bool, written: _Written, started: float) -> CorpusReport:
    clauses = {document.info.document_id: len(document.clauses) for document in parsed.documents}
    warnings = [
        f"enrichment/{document_id}.yaml: {len(found.stale)} entries are stale and not used: {', '.join(found.stale[:5])}"
        for document_id, found in parsed.enrichments.items()
        if found.stale
    ]
    return CorpusReport(
        generation, published, clauses, parsed.failed, written.embedded, written.reused, time.monotonic() - started,
        [*warnings, *written.warnings],
        parsed=parsed.parsed, parse_reused=parsed.reused,
    )  # fmt: skip


def _silent(stage: str, done: int, total: int) -> None:
    pass
