"""The pipeline: documents in, one published generation out."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

from indexer import tokens
from indexer.asides import AsideIndex, make_asides
from indexer.changes import FILE_NAME as CHANGES_FILE
from indexer.changes import Before, write_changes
from indexer.checkpoint import Unfinished, unfinished
from indexer.config import Config, EncoderConfig
from indexer.corpus import CorpusListing, list_corpus
from indexer.documents import Documents
from indexer.editors import FILE as EDITORS_FILE
from indexer.editors import Editors, active, read_editors, use
from indexer.embed import embed, embedded
from indexer.encode import EmbeddingCache, encode_cached, load_encoder
from indexer.encoding import encoding
from indexer.engines import (
    MILVUS,
    Engines,
    build_milvus,
    build_vector,
    engines_of,
    found_too_little,
    outgrown,
    publish_milvus,
    revise_vector,
    rows_of,
)
from indexer.enrichment import ClauseEnrichment, enrichment_path, load_enrichment
from indexer.errors import DocumentError, StoreError
from indexer.generations import (
    FORMAT_VERSION,
    Manifest,
    build_lock,
    current_generation,
    last_intact,
    publish,
    read_manifest,
    sweep,
    verify,
)
from indexer.model import CorpusReport, Encoder, Passage
from indexer.parse import PARSER_VERSION
from indexer.parsecache import Known, ParseCache, parser_fingerprint
from indexer.parts import PARTS, Job, write_part, write_part_elsewhere
from indexer.readers import READERS
from indexer.revisable import Revisable, find_revisable
from indexer.sandbox import parse_alone, parse_documents
from indexer.store import FILE_NAME as STORE_FILE
from indexer.stored import StoredPassages
from indexer.storing import revise_store, write_store
from indexer.text import FOLD_VERSION, lexicon_text
from indexer.writing import writing

Progress = Callable[[str, int, int], None]  # stage, done, total

_SMALL = 20_000  # passages; to make an index of fewer, other processes take longer to start than they save
_VECTORS = "vectors"  # of all texts, until the indexes over them are written
_LEXICON_FILES = ("variants.tsv", "userdict.txt", "glossary.yaml", "synonyms.yaml", "translations.tsv")


@dataclass(frozen=True, slots=True)
class _Parsed:
    """The documents of a corpus that can be used, their digests, and what editors wrote beside them."""

    documents: Documents
    failed: dict[str, str]
    known: ParseCache
    digests: dict[str, str] = field(default_factory=dict)
    entries: dict[str, ClauseEnrichment] = field(default_factory=dict)
    stale: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Written:
    """Texts embedded, texts and passages that were there before, and what the user should know of the indexes."""

    embedded: int = 0
    reused: int = 0
    taken_over: int = 0
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
    with build_lock(root), use(editors), ThreadPoolExecutor(2) as aside:
        opening = aside.submit(open_encoder, config.encoder, library=False)
        verifying = aside.submit(_current, root) if not rebuild else None
        listing = list_corpus(corpus or config.corpus.dir, tuple(READERS), config.corpus.max_file_bytes)
        parsed = _parse_all(listing, corpus or config.corpus.dir, config, report)
        if not parsed.documents:
            reasons = "\n".join(parsed.failed.values()) or "The folder holds no documents."
            raise StoreError(f"nothing to index in {corpus or config.corpus.dir}.\n{reasons}")
        encoder = opening.result()
        manifest = _manifest(parsed, encoder, engines_of(config), editors)
        current = verifying.result() if verifying else None
        if current is not None and current.built_from() == manifest.built_from():
            sweep(root)
            return _report(parsed, current.generation, False, _Written(), started)
        known = _revisable(root, current, manifest, parsed.documents.sizes) if current else None
        if known is not None:
            manifest = manifest.model_copy(update={"revised": known.revised})
        # a revision makes some parts of the fresh passages alone: what was left of a build on another base is of no use
        base = known.folder.name if known else ""
        contents = _digest(manifest.built_from(), parser_fingerprint(), base)[:16]
        sweep(root, going_on=contents)
        with unfinished(root, contents) as made:
            vectors = _cache_folder(root) / "embeddings.sqlite"
            with closing(EmbeddingCache(vectors, encoder.name, encoder.dimension)) as cache:
                written = _write(made, parsed, encoder, cache, manifest, config, report, known)
            before = _before(root)
            with writing(made.folder / CHANGES_FILE):
                write_changes(
                    made.folder, parsed.documents, manifest.corpus, manifest.generation, manifest.created, before
                )
            report("publish", 0, 1)
            publish(root, made.folder, manifest, config.index.keep_generations, made.digests)
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


def _parse_all(listing: CorpusListing, corpus: Path, config: Config, progress: Progress) -> _Parsed:
    """Every document that can be used, and why the others cannot; an enrichment that cannot be read is told too."""
    known = ParseCache(_cache_folder(config.index.dir) / "documents")
    parsed = _Parsed(
        Documents(known, lambda source: parse_alone(source, config.corpus)),
        {name: str(error) for name, error in listing.problems.items()},
        known,
    )
    total = len(listing.sources)
    everything = parse_documents(listing.sources, known, config.corpus, _processes(config))
    for number, (source, found, document) in enumerate(everything):
        progress("read", number, total)
        if isinstance(found, DocumentError):
            parsed.failed[source.path.name] = str(found)
        else:
            parsed.documents.add(source, found, document)
            _add_enrichment(parsed, corpus, source.document_id, found)
    known.sweep()
    progress("read", total, total)
    return parsed


def _add_enrichment(parsed: _Parsed, corpus: Path, name: str, known: Known) -> None:
    """Read what editors wrote beside a document, and take the digest of both; of neither more need be held."""
    written = b""
    try:
        if (path := enrichment_path(corpus, name)).is_file():
            written = path.read_bytes()
            enrichment = load_enrichment(corpus, parsed.documents[name])
            parsed.entries.update(enrichment.entries)
            if enrichment.stale:
                parsed.stale[name] = enrichment.stale
    except (OSError, DocumentError) as error:
        parsed.failed[f"enrichment/{name}.yaml"] = str(error)
    parsed.digests[name] = _digest(known.digest, written)


def _write(
    made: Unfinished, parsed: _Parsed, encoder: Encoder, cache: EmbeddingCache, manifest: Manifest, config: Config,
    progress: Progress, known: Revisable | None,
) -> _Written:  # fmt: skip
    """Write every part of a generation that an earlier build has not: whole, or as a revision of what is ``known``."""
    engines = manifest.engines
    made.make(STORE_FILE, lambda path: _write_store(path.parent, parsed, known))
    made.make(EDITORS_FILE, lambda path: _write_text(path, active().text))
    passages = StoredPassages(made.folder)
    revision = known.revision(passages) if known else None
    texts = revision.fresh if revision else passages
    job = Job(made.folder, engines, _cache_folder(config.index.dir), revision)
    total = len(passages)
    progress("keywords", 0, total)
    processes = _processes(config) if len(texts) > _SMALL else 1
    aside = processes > 1 or revision  # what a revision does is mostly done by numpy, which lets threads work
    write = partial(write_part_elsewhere if processes > 1 else write_part, job=job)
    with ThreadPoolExecutor(max(1, processes - 1)) as pool:
        parts = [pool.submit(copy_context().run, made.make, name, partial(write, name)) for name in PARTS if aside]
        made.make(
            _VECTORS,
            lambda path: _embed(
                path, texts, encoder, cache, config, processes, lambda done: progress("embed", done, len(texts))
            ),
        )
        whole, own, owners = embedded(made.folder / _VECTORS, encoder.dimension)
        if revision:
            made.make("vector", lambda path: revise_vector(path, revision, whole, own, owners, engines))
        for part in parts:
            part.result()
    for name in PARTS:
        made.make(name, partial(write_part, name, job=job))
    progress("keywords", total, total)
    if engines["vector"] == MILVUS:
        made.make("vector", Path.mkdir)
        build_milvus(
            made.folder / "keyword", config.milvus, _digest(manifest.built_from())[:16], passages, whole, own, owners
        )
        made.renew("keyword")
    else:
        made.make("vector", lambda path: build_vector(path, whole, own, owners, engines))
    rows = rows_of(made.folder / "vector", engines) or total + len(own)
    warnings = outgrown(total, rows, engines) + found_too_little(made.folder / "vector", engines)
    made.make("asides", lambda path: _write_asides(path, passages, parsed.entries, encoder, cache))
    made.drop(_VECTORS)
    return _Written(cache.misses, cache.hits, total - len(texts), warnings)


def _write_store(folder: Path, parsed: _Parsed, known: Revisable | None) -> None:
    if known:
        revise_store(folder, known.folder, parsed.documents, known.kept, parsed.entries)
    else:
        write_store(folder, parsed.documents.values(), parsed.entries)


def _processes(config: Config) -> int:
    return config.index.processes or os.cpu_count() or 1


def _embed(
    folder: Path, passages: Sequence[Passage], encoder: Encoder, cache: EmbeddingCache, config: Config, processes: int,
    progress: Callable[[int], None],
) -> None:  # fmt: skip
    folder.mkdir()
    with encoding(encoder, config.encoder, processes) as encode:
        embed(folder, passages, encode, cache, progress)


def _write_asides(
    folder: Path, passages: StoredPassages, entries: Mapping[str, ClauseEnrichment], encoder: Encoder, cache: EmbeddingCache
) -> None:  # fmt: skip
    folder.mkdir()
    asides = make_asides(passages, entries) if entries else []
    AsideIndex.build(folder, asides, encode_cached(encoder, cache, [aside.text for aside in asides]))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _manifest(parsed: _Parsed, encoder: Encoder, engines: Engines, editors: Editors) -> Manifest:
    now = datetime.now(UTC)
    corpus, passages = parsed.digests, sum(parsed.documents.sizes.values())
    digest = hashlib.sha256(repr(sorted(corpus.items())).encode()).hexdigest()[:8]
    return Manifest(
        format_version=FORMAT_VERSION, generation=f"{now:%Y%m%dT%H%M%S%f}-{digest}", created=now.isoformat(timespec="seconds"),
        fingerprints=fingerprints(), corpus=corpus, failed=parsed.failed, encoder=encoder.name, engines=dict(engines),
        dimension=encoder.dimension, passages=passages, files={}, editors=_digest(editors.text) if editors.text else "",
    )  # fmt: skip


def _current(root: Path) -> Manifest | None:
    """The manifest of the current generation, when that verifies."""
    try:
        folder = root / current_generation(root)
        manifest = read_manifest(folder)
        verify(folder, manifest)
        return manifest
    except StoreError:
        return None


def _revisable(root: Path, current: Manifest, wanted: Manifest, sizes: Mapping[str, int]) -> Revisable | None:
    """The current generation, when little enough changes for what is wanted to be made of it."""
    if wanted.engines["vector"] == MILVUS or current.made_by() != wanted.made_by():
        return None
    return find_revisable(root / current.generation, current.corpus, current.revised, wanted.corpus, sizes)


def _digest(*parts: object) -> str:
    """SHA-256 of dataclasses by all of their values."""
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()


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
    warnings = [
        f"enrichment/{name}.yaml: {len(stale)} entries are stale and not used: {', '.join(stale[:5])}"
        for name, stale in parsed.stale.items()
    ]
    return CorpusReport(
        generation, published, parsed.documents.sizes, parsed.failed, written.embedded, written.reused,
        time.monotonic() - started, [*warnings, *written.warnings],
        parsed=parsed.known.misses, parse_reused=parsed.known.hits, taken_over=written.taken_over,
    )  # fmt: skip


def _silent(stage: str, done: int, total: int) -> None:
    pass
