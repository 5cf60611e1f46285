"""What goes between the build and the processes that parse: jobs there, documents or refusals back, as JSON.

Nothing is pickled: what comes from a process that has read an untrusted file is data, and is validated as such.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from indexer import errors
from indexer.corpus import Source
from indexer.errors import DocumentError, UnreadableDocument
from indexer.guards import shown
from indexer.model import Document

MAX_REPLY = 32 * 1024 * 1024  # bytes; the 3 shipped documents take 0.15 MiB each

_MAX_MESSAGE = 500  # characters


@dataclass(frozen=True, slots=True)
class Job:
    """One document to parse, with the limits of the process that does it.

    ``seconds`` counts for processor and clock alike; ``memory_mib`` is what parsing may take beside the program itself.
    ``read_scans`` lets it read pictures of text, which takes the higher limits that this job then has; ``unnamed`` lets a
    document through that tells neither title nor year.
    """

    source: Source
    seconds: float
    memory_mib: int
    read_scans: bool = False
    unnamed: bool = False

    @property
    def keys(self) -> tuple[str, str]:
        """The keys of config.yaml that its limits of time and memory come from."""
        names = ("ocr_page_seconds", "ocr_memory_mib") if self.read_scans else ("parse_seconds", "parse_memory_mib")
        return f"corpus.{names[0]}", f"corpus.{names[1]}"


@dataclass(frozen=True, slots=True)
class Scans:
    """Instead of a document: it has scanned pages, this many, that another job could read."""

    pages: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A DocumentError on its way; ``kind`` is the name of its class.

    Messages quote documents: what would steer a terminal is escaped.
    """

    kind: str
    message: str
    hint: str | None

    @classmethod
    def of(cls, error: DocumentError) -> Refusal:
        hint = None if error.hint is None else shown(error.hint)[:_MAX_MESSAGE]
        return cls(type(error).__name__, shown(error.message)[:_MAX_MESSAGE], hint)

    def error(self) -> DocumentError:
        """The error itself; a plain DocumentError when its class is not known here."""
        kind = getattr(errors, self.kind, None)
        known = isinstance(kind, type) and issubclass(kind, DocumentError)
        return (kind if known else DocumentError)(self.message, self.hint)  # type: ignore[misc]


def encode_job(job: Job) -> bytes:
    """One line, its end included."""
    return _jobs().dump_json(job) + b"\n"


def decode_job(line: bytes) -> Job:
    return _jobs().validate_json(line)


def encode_document(document: Document) -> bytes:
    """The document as JSON. Raises UnreadableDocument when its text is no Unicode text (lone surrogates)."""
    try:
        return _documents().dump_json(document)
    except (PydanticSerializationError, UnicodeEncodeError) as error:
        message = f"{document.info.file_name}: holds halves of characters (lone surrogates)."
        raise UnreadableDocument(message, "Save it again as UTF-8.") from error


def decode_document(data: bytes) -> Document:
    """Exactly the document that was encoded. Raises ValueError for anything else."""
    return _documents().validate_json(data, strict=True)


def encode_reply(outcome: Document | Refusal | Scans) -> bytes:
    """``D`` and a document, ``R`` and a refusal, or ``S`` and scans."""
    if isinstance(outcome, Document):
        return b"D" + encode_document(outcome)
    return b"R" + _refusals().dump_json(outcome) if isinstance(outcome, Refusal) else b"S" + _scans().dump_json(outcome)


def decode_reply(data: bytes) -> Document | Refusal | Scans | None:
    """What encode_reply was given; None for anything that it cannot have written, such as a half reply."""
    kinds: dict[bytes, TypeAdapter[Any]] = {b"D": _documents(), b"R": _refusals(), b"S": _scans()}
    try:
        outcome: Document | Refusal | Scans | None
        outcome = kinds[data[:1]].validate_json(data[1:], strict=True) if data[:1] in kinds else None
        return outcome
    except ValidationError:
        return None


@cache
def _jobs() -> TypeAdapter[Job]:
    return TypeAdapter(Job)


@cache
def _documents() -> TypeAdapter[Document]:
    return TypeAdapter(Document)


@cache
def _refusals() -> TypeAdapter[Refusal]:
    return TypeAdapter(Refusal)


@cache
def _scans() -> TypeAdapter[Scans]:
    return TypeAdapter(Scans)
