"""Bytes of a text file to characters: UTF-8, UTF-16, Big5 and its extensions, GB18030; never a guess that looks wrong."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from indexer.errors import UnreadableDocument

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_LEGACY = ["big5", "cp950", "big5hkscs", "gb18030", "utf_16_le", "utf_16_be"]
# What Windows calls Big5 is CP950; it differs from the standard in some punctuation (‧ as 0xA145).
_PREFERRED = {"big5": ("cp950", "big5hkscs", "big5"), "cp950": ("cp950",), "big5hkscs": ("cp950", "big5hkscs")}
_HEAD = 4096  # bytes within which a file names its encoding
_SAMPLE = 200_000  # bytes that detection looks at; decoding itself takes them all
_FIX = "Open it in the program that made it, save it as UTF-8 and build again."


@dataclass(frozen=True, slots=True)
class Decoded:
    """The characters of a file and the name of the encoding that was found, as Python knows it (cp950)."""

    text: str
    encoding: str


def read_text(path: Path, declaration: re.Pattern[bytes] | None = None) -> Decoded:
    """The text of a file. ``declaration`` finds the encoding that its beginning names, tried before detection.

    Raises UnreadableDocument when it cannot be read, is no text, or fits no encoding without doubt.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableDocument(f"{path.name}: cannot be read ({error.strerror}).") from error
    declared = declaration.search(raw[:_HEAD]) if declaration else None
    decoded = decode(raw, declared.group(1).decode("ascii") if declared else None)
    if decoded is None:
        message = f"{path.name}: neither UTF-8 nor UTF-16, Big5 or GB18030 text."
        raise UnreadableDocument(message, _FIX)
    if "\0" in decoded.text:
        raise UnreadableDocument(f"{path.name}: holds binary data, not text.", "Give it the suffix of its real format.")
    return decoded


def decode(raw: bytes, declared: str | None = None) -> Decoded | None:
    """The characters behind the bytes, or None when no encoding fits."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return _strict(raw, encoding)
    if b"\0" in raw[:_SAMPLE]:
        return (
            _without_nul(_strict(raw, "utf-16-le")) or _without_nul(_strict(raw, "utf-16-be")) or _strict(raw, "utf-8")
        )
    return _strict(raw, "utf-8") or (_strict(raw, declared) if declared else None) or _detected(raw)


def _detected(raw: bytes) -> Decoded | None:
    best = from_bytes(raw[:_SAMPLE], cp_isolation=_LEGACY).best() or from_bytes(raw, cp_isolation=_LEGACY).best()
    if best is None:
        return None
    tried = (_strict(raw, encoding) for encoding in _PREFERRED.get(best.encoding, (best.encoding,)))
    return next((decoded for decoded in tried if decoded is not None), None)


def _strict(raw: bytes, encoding: str) -> Decoded | None:
    try:
        name = codecs.lookup(encoding).name
        return Decoded(raw.decode(name), name)
    except (UnicodeDecodeError, LookupError):
        return None


def _without_nul(decoded: Decoded | None) -> Decoded | None:
    return None if decoded is None or "\0" in decoded.text else decoded
