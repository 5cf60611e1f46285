"""Documents that were parsed before, kept by everything that decides what a parse gives."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pydantic import TypeAdapter

from indexer.corpus import Source
from indexer.exchange import decode_document, encode_document
from indexer.model import Document
from indexer.parse import PARSER_VERSION

KEPT_SECONDS = 30 * 24 * 3600  # an entry that no build has used for so long goes
_LIBRARIES = ("lxml", "markdown-it-py", "odfdo", "pdfplumber", "pypdfium2", "python-docx", "rapidocr")
_DIGEST = 64  # hexadecimal digits of a SHA-256 at the start of an entry


@dataclass(frozen=True, slots=True)
class Known:
    """What can be told of a document that was parsed without reading all of it: how many clauses, and a digest of all."""

    clauses: int
    digest: str


class ParseCache:
    """One file per document: the SHA-256 of what follows, the number of clauses, a line end, the document as JSON.

    Only documents are kept, never refusals: more memory, more time or another library may let them through.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.hits = self.misses = 0

    def look(self, source: Source) -> Known | None:
        """What is known of a file that was parsed before, else None; an entry that is not whole counts as none."""
        entry = self._entry(source)
        self.hits += entry is not None
        self.misses += entry is None
        return entry and entry[0]

    def read(self, source: Source) -> Document | None:
        """The document of a file that was parsed before, else None."""
        entry = self._entry(source)
        try:
            return decode_document(entry[1]) if entry else None
        except ValueError:
            return None

    def put(self, source: Source, document: Document) -> Known:
        """Keep a document, unless its file has changed since it was listed.

        A full disk is no failure: the next build parses the file again.
        """
        data = b"%d\n%b" % (len(document.clauses), encode_document(document))
        known = Known(len(document.clauses), hashlib.sha256(data).hexdigest())
        with suppress(OSError):
            if _digest(source.path) == source.sha256:
                _write(self._path(source), known.digest.encode() + data)
        return known

    def _entry(self, source: Source) -> tuple[Known, bytes] | None:
        """What is known of a document, and its JSON."""
        path = self._path(source)
        try:
            entry = path.read_bytes()
            digest = hashlib.sha256(memoryview(entry)[_DIGEST:]).hexdigest()
            if digest.encode() != entry[:_DIGEST]:
                return None
            os.utime(path)
            clauses, _, data = entry[_DIGEST:].partition(b"\n")
            return Known(int(clauses), digest), data
        except (OSError, ValueError):
            return None

    def sweep(self) -> None:
        """Remove entries that no build has used for KEPT_SECONDS, and what interrupted builds left."""
        oldest = time.time() - KEPT_SECONDS
        for path in self._folder.iterdir():
            with suppress(OSError):
                if path.stat().st_mtime < oldest:
                    path.unlink()

    def _path(self, source: Source) -> Path:
        said = _entries().dump_json(source, exclude={"path"})
        key = b"\0".join((parser_fingerprint().encode(), source.path.name.encode("utf-8", "surrogateescape"), said))
        return self._folder / f"{hashlib.sha256(key).hexdigest()}.json"


@cache
def parser_fingerprint() -> str:
    """Digest of everything beside the file that decides what a parse gives.

    That is the source of the whole package, not only of the modules that parse today: a list of them would be forgotten
    one day, and parsing once too often costs a second.
    """
    digest = hashlib.sha256(f"{PARSER_VERSION} {sys.version_info[:2]}".encode())
    package = Path(__file__).parent
    for path in sorted(package.rglob("*.py")) + sorted((package / "lexicon").iterdir()):
        if path.is_file():
            digest.update(f"\0{path.relative_to(package).as_posix()}\0".encode() + path.read_bytes())
    for name in _LIBRARIES:
        digest.update(f"\0{name} {_version(name)}".encode())
    return digest.hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _write(path: Path, entry: bytes) -> None:
    """The whole entry or nothing."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as handle:
        handle.write(entry)
    Path(handle.name).replace(path)


@cache
def _entries() -> TypeAdapter[Source]:
    return TypeAdapter(Source)
