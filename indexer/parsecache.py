"""Documents that were parsed before, kept by everything that decides what a parse gives."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import time
from contextlib import suppress
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


class ParseCache:
    """One file per document: the SHA-256 of what follows, then the document as JSON.

    Only documents are kept, never refusals: more memory, more time or another library may let them through.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.hits = self.misses = 0

    def get(self, source: Source) -> Document | None:
        """The document of a file that was parsed before, else None; an entry that is not whole counts as none."""
        document = self.read(source)
        self.hits += document is not None
        self.misses += document is None
        return document

    def read(self, source: Source) -> Document | None:
        """The same, not counted."""
        path = self._path(source)
        try:
            entry = path.read_bytes()
            if hashlib.sha256(entry[_DIGEST:]).hexdigest().encode() != entry[:_DIGEST]:
                raise ValueError("not whole")
            document = decode_document(entry[_DIGEST:])
            os.utime(path)
        except (OSError, ValueError):
            return None
        return document

    def put(self, source: Source, document: Document) -> None:
        """Keep a document, unless its file has changed since it was listed.

        A full disk is no failure: the next build parses the file again.
        """
        data = encode_document(document)
        entry = hashlib.sha256(data).hexdigest().encode() + data
        with suppress(OSError):
            if _digest(source.path) == source.sha256:
                _write(self._path(source), entry)

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
