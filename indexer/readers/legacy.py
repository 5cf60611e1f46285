"""Formats that are not read: the message says how to convert them."""

from __future__ import annotations

from pathlib import Path

from indexer.errors import UnsupportedFormat
from indexer.model import Block


def refuse_text(path: Path) -> list[Block]:
    """Raises UnsupportedFormat for .doc and .rtf."""
    raise _refusal(path, "odt")


def refuse_sheet(path: Path) -> list[Block]:
    """Raises UnsupportedFormat for .xls and .xlsx."""
    raise _refusal(path, "ods")


def _refusal(path: Path, target: str) -> UnsupportedFormat:
    message = f"{path.name}: {path.suffix.lower()} files are not read."
    return UnsupportedFormat(
        message, f"Convert it: soffice --headless --convert-to {target} {path.name}; then add the .{target} file."
    )
