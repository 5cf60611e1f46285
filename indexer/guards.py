"""Checks before a parser sees a file: its name, what it is, how large it is, and whether it is what its suffix says."""

from __future__ import annotations

import stat
import unicodedata
from pathlib import Path

from indexer.archives import check_archive
from indexer.errors import UnreadableDocument, UnsafeDocument, UnsupportedFormat

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ZIP = b"PK\x03\x04"
_SIGNATURES = ((_OLE, "ole"), (_ZIP, "zip"), (b"PK\x05\x06", "zip"), (b"{\\rtf", "rtf"), (b"%PDF-", "pdf"))
_KINDS = {".docx": "zip", ".odt": "zip", ".ods": "zip", ".pdf": "pdf", ".doc": "ole", ".xls": "ole"}  # else text
_SHOWN = {
    "ole": "an encrypted or old Office file",
    "zip": "a ZIP archive (such as DOCX or ODT)",
    "rtf": "an RTF file",
    "pdf": "a PDF file",
    "text": "plain text or something unknown",
}
_PDF_HEAD = 1024  # bytes before %PDF- that readers of PDF put up with
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NOT_FILES = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def shown(name: str) -> str:
    """A file name that can be printed: characters that steer a terminal or hide others stand as escapes."""
    return "".join(f"\\u{ord(char):04x}" if _is_hidden(char) else char for char in name)


def check_file(path: Path, folder: Path | None, max_bytes: int | None) -> None:
    """Refuse what should not even be opened. Reads no byte of the file; raises DocumentError.

    ``folder`` is where the file must stand once its links are followed; None allows any place.
    """
    name = shown(path.name)
    if name != path.name:
        raise UnsafeDocument(f"{name}: its name holds control or unreadable characters.", "Rename the file.")
    try:
        real = path.resolve(strict=True)
        status = real.stat()
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, up to Python 3.12
        raise UnreadableDocument(f"{name}: cannot be opened ({_reason(error)}).", "Repair or remove it.") from error
    if folder is not None and not real.is_relative_to(folder.resolve()):
        raise UnsafeDocument(f"{name}: is a link out of the corpus folder.", "Put the file itself into the folder.")
    if not stat.S_ISREG(status.st_mode):
        kind = next((kind for is_kind, kind in _NOT_FILES if is_kind(status.st_mode)), "something else")
        raise UnsafeDocument(f"{name}: is {kind}, not a file.", "Rename or remove it.")
    if max_bytes is not None and status.st_size > max_bytes:
        message = f"{name}: has {status.st_size:,} bytes, over corpus.max_file_bytes ({max_bytes:,})."
        raise UnsafeDocument(message, "Split the document, or raise the limit in config.yaml.")


def check_contents(path: Path) -> None:
    """Refuse a file that is not what its suffix says, is encrypted, or would grow beyond measure. Raises DocumentError."""
    try:
        with path.open("rb") as handle:
            head = handle.read(_PDF_HEAD)
    except OSError as error:
        raise UnreadableDocument(f"{path.name}: cannot be read ({error.strerror}).") from error
    if not head:
        raise UnreadableDocument(f"{path.name}: is empty.", "Export the document again, or remove the file.")
    wanted, found = _KINDS.get(path.suffix.lower(), "text"), _kind(head, path.suffix)
    if wanted == "zip" and found == "ole":
        _refuse_ole(path)
    if wanted != found:
        message = f"{path.name}: is {_SHOWN[found]} by its content, not a {path.suffix} file."
        raise UnsupportedFormat(message, "Give it the suffix of what it is, or save it again.")
    if found == "zip":
        check_archive(path)


def _kind(head: bytes, suffix: str) -> str:
    """Kind of a file by its first bytes."""
    if suffix.lower() == ".pdf" and b"%PDF-" in head:
        return "pdf"
    return next((kind for signature, kind in _SIGNATURES if head.startswith(signature)), "text")


def _refuse_ole(path: Path) -> None:
    """An OLE file with the suffix of a newer format: encrypted, or written by an old program."""
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        message = f"{path.name}: is encrypted with a password."
        raise UnreadableDocument(message, "Open it, take the password away, and save it again.")
    message = f"{path.name}: is an old Office file (.doc or .xls) by its content."
    raise UnsupportedFormat(message, f"Open it and save it as {path.suffix}.")


def _is_hidden(char: str) -> bool:
    return char in _BIDI or unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")


def _reason(error: OSError | RuntimeError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "links in a circle"
