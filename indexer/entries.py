"""Rows of a collection as entries with ids of their own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from indexer.tablerows import Row

_SAFE = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,99}$")  # what stands in a URL as it is: doc-12.3


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; ``text_role`` is the column that its text stands in: the title's where there is no text."""

    own_id: str
    title: str
    text: str
    text_role: str


def entry_rows(rows: Sequence[Row]) -> Iterator[tuple[Row, Entry]]:
    """Each row with its entry; rows that hold neither title nor text get their id as text."""
    for row in rows:
        text_role = next((role for role in ("text", "title", "entry_id") if row.text(role)), "entry_id")
        title = row.text("title") if text_role == "text" else ""
        text = row.text(text_role) or next(cell.text for cell in row.cells.values() if cell.text)
        yield row, Entry(url_safe(row.text("entry_id")) if row.text("entry_id") else "", title, text, text_role)


def url_safe(entry_id: str) -> str:
    """The id as it stands in a clause id: unchanged where a URL takes it, else shortened and told apart by a digest."""
    if _SAFE.match(entry_id):
        return entry_id
    digest = hashlib.sha256(entry_id.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    slug = re.sub(r"[^A-Za-z0-9_]+", "-", entry_id).strip("-")[:40]  # doc/2 -> doc-2
    return f"{slug}-{digest}" if slug else digest
