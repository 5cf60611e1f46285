"""Plain text: path -> Blocks."""

from __future__ import annotations

from pathlib import Path

from indexer.errors import UnreadableDocument
from indexer.layout import read_lines
from indexer.model import Block
from indexer.pages import Line


def read_txt(path: Path) -> list[Block]:
    """Blocks of a UTF-8 text file. Raises UnreadableDocument when it is empty or not UTF-8."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path.name}: not UTF-8 text (byte {error.start + 1})."
        raise UnreadableDocument(message, "Save it as UTF-8 and build again.") from error
    except OSError as error:
        raise UnreadableDocument(f"{path.name}: cannot be read ({error.strerror}).") from error
    if not text.strip():
        raise UnreadableDocument(f"{path.name}: holds no text.", "Export the document again, or remove the file.")
    return read_lines(source_lines(text))


def source_lines(text: str) -> list[Line]:
    """Lines numbered from 1; any line end counts, a form feed does not end a line."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    return [Line(number, line) for number, line in enumerate(lines, start=1)]
