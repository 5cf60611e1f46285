"""One function per format: path -> Blocks. A format's library is imported when its first file is read."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from indexer.errors import UnreadableDocument, UnsupportedFormat
from indexer.model import Block
from indexer.readers.encoding import read_text

Reader = Callable[[Path], list[Block]]


def _reader(module: str, function: str) -> Reader:
    def read(path: Path) -> list[Block]:
        blocks: list[Block] = getattr(import_module(f"indexer.readers.{module}"), function)(path)
        return blocks

    return read


READERS: dict[str, Reader] = {
    ".txt": _reader("txt", "read_txt"),
    ".md": _reader("markdown", "read_markdown"),
    ".html": _reader("html", "read_html"),
    ".htm": _reader("html", "read_html"),
    ".odt": _reader("odt", "read_odt"),
    ".ods": _reader("ods", "read_ods"),
    ".docx": _reader("docx", "read_docx"),
    ".pdf": _reader("pdf", "read_pdf"),
    ".csv": _reader("entries", "read_csv"),
    ".jsonl": _reader("entries", "read_jsonl"),
    ".doc": _reader("legacy", "refuse_text"),
    ".rtf": _reader("legacy", "refuse_text"),
    ".xls": _reader("legacy", "refuse_sheet"),
    ".xlsx": _reader("legacy", "refuse_sheet"),
}
_REFUSED = (".doc", ".rtf", ".xls", ".xlsx")
_TEXT = (".txt", ".md", ".html", ".htm", ".csv", ".jsonl")


def read_blocks(path: Path) -> list[Block]:
    """Blocks of a file, by its suffix. Raises UnsupportedFormat, or the reader's own DocumentError."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(set(READERS) - set(_REFUSED)))
        raise UnsupportedFormat(
            f"{path.name}: no reader for {path.suffix or 'files without a suffix'}.", f"Known: {known}."
        )
    blocks = reader(path)
    if not any(block.text or any(cell.text for row in block.rows for cell in row) for block in blocks):
        raise UnreadableDocument(f"{path.name}: holds no text.", "Export the document again, or remove the file.")
    return blocks


def text_encoding(path: Path) -> str:
    """The character encoding that was found in a text file (utf-8, cp950); "" for formats that say it themselves."""
    return read_text(path).encoding if path.suffix.lower() in _TEXT else ""
