"""One function per format: path -> Blocks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from indexer.errors import UnsupportedFormat
from indexer.model import Block
from indexer.readers.txt import read_txt

READERS: dict[str, Callable[[Path], list[Block]]] = {".txt": read_txt}


def read_blocks(path: Path) -> list[Block]:
    """Blocks of a file, by its suffix. Raises UnsupportedFormat, or the reader's own DocumentError."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(sorted(READERS))
        raise UnsupportedFormat(
            f"{path.name}: no reader for {path.suffix or 'files without a suffix'}.", f"Known: {known}."
        )
    return reader(path)
