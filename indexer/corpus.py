"""The documents of a corpus folder: what corpus.yaml says of them, or what their own text says."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from indexer.errors import ConfigError, DocumentError, UnreadableDocument
from indexer.guards import check_file, shown
from indexer.model import UNKNOWN_YEAR, Block, Direction, DocumentInfo
from indexer.titles import Imprint, read_imprint, year_ce

MANIFEST = "corpus.yaml"
_IGNORED = {MANIFEST, "readme.md", "licence.txt", "license.txt"}


class _Names(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str = Field(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$", max_length=80)
    file: str = Field(min_length=1)
    title: _Names
    agency: _Names
    plan_year: int
    kind: Literal["annual_plan", "report"] = "annual_plan"
    language: Literal["zh-Hant", "en"] = "zh-Hant"
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    licence: _Names | str = ""
    provenance: _Names | str = ""
    directions: dict[str, Direction] = {}

    @field_validator("plan_year")
    @classmethod
    def _known_year(cls, year: int) -> int:
        return year_ce(year)


class _Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    documents: list[_Entry] = []


@dataclass(frozen=True, slots=True)
class Source:
    """One file of the corpus; ``entry`` is None when corpus.yaml does not list it."""

    path: Path
    document_id: str
    sha256: str
    entry: _Entry | None

    @property
    def directions(self) -> dict[str, Direction]:
        return dict(self.entry.directions) if self.entry else {}


@dataclass(frozen=True, slots=True)
class CorpusListing:
    """The files to index, and what is wrong with files that cannot be (name -> message)."""

    sources: tuple[Source, ...]
    problems: dict[str, DocumentError]


def list_corpus(folder: Path, suffixes: Sequence[str], max_bytes: int | None = None) -> CorpusListing:
    """The documents of a folder in the order of their ids; files over ``max_bytes`` and what is no file are problems.

    Raises ConfigError when folder or manifest cannot be used.
    """
    if not folder.is_dir():
        raise ConfigError(f"corpus folder {folder} does not exist.", "Set corpus.dir in config.yaml, or give --corpus.")
    entries = {entry.file: entry for entry in _read_manifest(folder / MANIFEST).documents}
    files = {path.name: path for path in sorted(folder.iterdir()) if _is_meant(path, suffixes, entries)}
    problems: dict[str, DocumentError] = {}
    sources: dict[str, Source] = {}
    for name in entries.keys() - files.keys():
        problems[name] = UnreadableDocument(
            f"{name}: listed in {MANIFEST} but not in the folder.", "Add it or unlist it."
        )
    for name, path in files.items():
        try:
            check_file(path, folder, max_bytes)
            source = _source(path, entries.get(name))
        except DocumentError as error:
            problems[shown(name)] = error
            continue
        if source.document_id in sources:
            other = sources[source.document_id].path.name
            message = f"{name}: has the id {source.document_id} of {other}."
            problems[name] = DocumentError(message, f"Give one of them another id in {MANIFEST}.")
        else:
            sources[source.document_id] = source
    return CorpusListing(tuple(sources[key] for key in sorted(sources)), problems)


def source_of(path: Path, max_bytes: int | None = None) -> Source:
    """One file outside any corpus. Raises DocumentError when it cannot be read or has more than ``max_bytes``."""
    check_file(path, None, max_bytes)
    return _source(path, None)


def _english(note: _Names | str) -> str:
    """What corpus.yaml says in English, or in the one language that it is written in."""
    return note if isinstance(note, str) else note.en


def _chinese(note: _Names | str) -> str:
    return "" if isinstance(note, str) else note.zh


def describe(source: Source, blocks: Sequence[Block], unnamed: bool = False) -> DocumentInfo:
    """What is known of a document, from corpus.yaml first, its own text second and the file's name last.

    Raises DocumentError when the year or title stands nowhere, unless it may be ``unnamed``, or when corpus.yaml and
    the text contradict each other.
    """
    printed = read_imprint(blocks, source.path.stem)
    entry = source.entry
    if entry is not None:
        _check_year(source, entry, printed)
        return DocumentInfo(
            entry.id, entry.title.zh, entry.title.en, entry.agency.zh, entry.agency.en, entry.plan_year, entry.kind,
            entry.language, source.path.name, source.sha256, _english(entry.licence), _english(entry.provenance),
            licence_zh=_chinese(entry.licence), provenance_zh=_chinese(entry.provenance),
        )  # fmt: skip
    if printed is None and unnamed:
        language = "en" if all(block.text.isascii() for block in blocks) else "zh-Hant"
        return DocumentInfo(
            source.document_id, "", "", "", "", UNKNOWN_YEAR, "annual_plan", language, source.path.name, source.sha256
        )
    if printed is None:
        message = f"{source.path.name}: plan year and title cannot be read from its text (such as 「106年度施政計畫」)."
        raise DocumentError(message, f"List the file in {MANIFEST} with id, title, agency and plan_year.")
    language = "en" if printed.title.isascii() else "zh-Hant"
    in_english = {
        "annual_plan": f"Administrative Plan for {printed.year_ce}",
        "report": f"Report for {printed.year_ce}",
    }
    return DocumentInfo(
        source.document_id, printed.title, printed.title if language == "en" else in_english[printed.kind], printed.agency,
        printed.agency, printed.year_ce, printed.kind, language, source.path.name, source.sha256,
    )  # fmt: skip


def _check_year(source: Source, entry: _Entry, printed: Imprint | None) -> None:
    if entry.kind == "annual_plan" and printed is not None and printed.named and printed.year_ce != entry.plan_year:
        message = (
            f"{source.path.name}: {MANIFEST} says plan year {entry.plan_year} ({entry.plan_year - 1911}), "
            f"its text says {printed.year_ce} ({printed.year_ce - 1911}): 「{printed.title}」."
        )
        raise DocumentError(message, f"Correct plan_year of {entry.id}, or the file.")


def _read_manifest(path: Path) -> _Manifest:
    if not path.exists():
        return _Manifest()
    try:
        manifest = _Manifest.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except yaml.YAMLError as error:
        raise ConfigError(f"{path.name}: not valid YAML: {error}") from error
    except ValidationError as error:
        lines = [f"{path.name}: {'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise ConfigError("\n".join(lines)) from error
    for field in ("id", "file"):
        values = [getattr(entry, field) for entry in manifest.documents]
        doubled = sorted({value for value in values if values.count(value) > 1})
        if doubled:
            raise ConfigError(f"{path.name}: {field} {', '.join(doubled)} is listed more than once.")
    return manifest


def _is_meant(path: Path, suffixes: Sequence[str], entries: dict[str, _Entry]) -> bool:
    """True for what is a document by its name, whatever it really is."""
    if path.name.startswith(".") or path.name.lower() in _IGNORED:
        return False
    return path.name in entries or path.suffix.lower() in suffixes


def _source(path: Path, entry: _Entry | None) -> Source:
    try:
        with path.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableDocument(f"{path.name}: cannot be read ({error.strerror}).") from error
    if entry is not None and entry.sha256 is not None and entry.sha256 != digest:
        message = f"{path.name}: differs from the file that {MANIFEST} names (SHA-256 {digest})."
        raise DocumentError(message, f"Restore the file, or put the new digest under {entry.id}.")
    return Source(path, entry.id if entry else _id_of(path, digest), digest, entry)


def _id_of(path: Path, digest: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")
    return slug or f"doc-{digest[:8]}"
