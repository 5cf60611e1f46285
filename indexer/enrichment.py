"""What editors add beside a document: English renderings and the questions that people would ask.

One file per document, corpus/enrichment/<document_id>.yaml, keyed by clause_id with the digest of the clause it was
written for. An entry whose clause has changed, or is gone, is stale: reported, never used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from indexer.errors import DocumentError
from indexer.model import Clause, Document

FOLDER = "enrichment"


@dataclass(frozen=True, slots=True)
class ClauseEnrichment:
    """One clause's rendering and expected questions; ``by`` and ``reviewed`` say how far to trust them."""

    en: str
    questions_zh: tuple[str, ...]
    questions_en: tuple[str, ...]
    by: str
    reviewed: bool


@dataclass(frozen=True, slots=True)
class Enrichment:
    """The usable entries of a document by clause_id; ``stale`` names those whose clause has changed or is gone."""

    entries: Mapping[str, ClauseEnrichment] = field(default_factory=dict)
    stale: tuple[str, ...] = ()


class EntryFile(BaseModel):
    """One entry as written."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    digest: str
    en: str = Field(min_length=1)
    questions_zh: list[str] = []
    questions_en: list[str] = []
    by: str | None = None
    reviewed: bool | None = None

    @field_validator("questions_zh", "questions_en")
    @classmethod
    def _no_empty_question(cls, questions: list[str]) -> list[str]:
        if any(not question.strip() for question in questions):
            raise ValueError("a question is empty")
        return questions


class EnrichmentFile(BaseModel):
    """One enrichment file as written; ``by`` and ``reviewed`` hold for entries that do not say otherwise.

    ``exceptions`` accept findings of the check: clause_id -> finding -> the reason.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    document: str
    by: str = Field(min_length=1)
    reviewed: bool
    exceptions: dict[str, dict[str, Annotated[str, Field(min_length=1)]]] = {}
    entries: dict[str, EntryFile]


def read_enrichment_file(path: Path) -> EnrichmentFile:
    """A file as written. Raises DocumentError that names file and field."""
    try:
        return EnrichmentFile.model_validate(yaml.load(path.read_text(encoding="utf-8"), _Loader))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DocumentError(f"{FOLDER}/{path.name}: cannot be read: {error}") from error
    except ValidationError as error:
        lines = [f"{FOLDER}/{path.name}: {'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise DocumentError("\n".join(lines[:20])) from error


def enrichment_path(corpus: Path, document_id: str) -> Path:
    """Where what editors wrote beside a document stands, if they wrote something."""
    return corpus / FOLDER / f"{document_id}.yaml"


def load_enrichment(corpus: Path, document: Document) -> Enrichment:
    """The entries that fit a document's clauses as they are now; empty when there is no file.

    Raises DocumentError when the file cannot be read or belongs to another document.
    """
    path = enrichment_path(corpus, document.info.document_id)
    if not path.is_file():
        return Enrichment()
    written = read_enrichment_file(path)
    if written.document != document.info.document_id:
        message = f"{FOLDER}/{path.name}: is for {written.document}, not {document.info.document_id}."
        raise DocumentError(message, "Correct its first line, or rename the file.")
    clauses = {clause.clause_id: clause for clause in document.clauses}
    fresh = {key: entry for key, entry in written.entries.items() if _fits(clauses.get(key), entry)}
    entries = {key: _entry(entry, written) for key, entry in fresh.items()}
    return Enrichment(entries, tuple(key for key in written.entries if key not in fresh))


def headings_en(
    clause: Clause, entries: Mapping[str, ClauseEnrichment], clauses: Mapping[str, Clause]
) -> tuple[str, ...]:
    """The section path in English: the renderings of the clauses above; the printed heading where one is missing.

    ``clauses`` are those of the document by clause_id.
    """
    path: list[str] = []
    above = clause.clause_id
    while "." in above.rpartition("/")[2]:
        above = above.rpartition(".")[0]
        if above in clauses:
            rendering = entries.get(above)
            printed = clause.section_path[len(clause.section_path) - 1 - len(path)] if clause.section_path else ""
            path.append(_heading(clauses[above], rendering.en) if rendering else printed)
    return tuple(reversed(path))


def _heading(clause: Clause, rendering: str) -> str:
    """A rendering short enough to be a heading: of a clause with clauses below it, its run-in head."""
    head = rendering.split(":", 1)[0] if clause.kind == "narrative" else rendering
    return f"{clause.marker} {head}".strip() if clause.marker else head


def _fits(clause: Clause | None, entry: EntryFile) -> bool:
    return clause is not None and clause.digest == entry.digest


def _entry(entry: EntryFile, written: EnrichmentFile) -> ClauseEnrichment:
    reviewed = written.reviewed if entry.reviewed is None else entry.reviewed
    return ClauseEnrichment(
        entry.en, tuple(entry.questions_zh), tuple(entry.questions_en), entry.by or written.by, reviewed
    )


class _Loader(yaml.CSafeLoader):
    """YAML that leaves digests and dates as the strings they are: 「1234567890123456」 is no number here."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:null")]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
