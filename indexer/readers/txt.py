"""Plain text: path -> Blocks."""

from __future__ import annotations

from pathlib import Path

from indexer.layout import read_lines
from indexer.model import Block
from indexer.pages import Line
from indexer.readers.encoding import read_text


def read_txt(path: Path) -> list[Block]:
    """Blocks of a text file. Raises UnreadableDocument when its encoding cannot be told."""
    return read_lines(source_lines(read_text(path).text))


def source_lines(text: str) -> list[Line]:
    """Lines numbered from 1; any line end counts. A form feed ends no line: it stands before the page's first."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    return [
        Line(number, line.replace("\f", ""), new_page="\f" in line[:-1] or line == "\f" or before.endswith("\f"))
        for number, (before, line) in enumerate(zip(["", *lines], lines, strict=False), start=1)
    ]
