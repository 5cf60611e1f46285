"""Which row of the store holds which passage: docnums count through all documents, rows stay where they are.

A row is the serial number of its document, times 2 to the power of 32, and the place of the clause in it. A document that
changes gets a new serial number, so that no other row moves, whatever it grew by.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np

from indexer.model import DocNums

_BITS = 32
_PLACE = (1 << _BITS) - 1


def first_row(serial: int) -> int:
    """The row of the first clause of a document; those of the next serial number begin where its rows may end."""
    return serial << _BITS


class Numbering:
    """Immutable. ``documents`` are the ids in order, ``starts`` their first docnums and, at the end, how many there are."""

    def __init__(self, documents: Sequence[str], serials: Sequence[int], sizes: Sequence[int]) -> None:
        self.documents = list(documents)
        self.serials = np.array(serials, dtype=np.int64)
        self.starts = np.concatenate(([0], np.cumsum(np.array(sizes, dtype=np.int64))))
        self._order = np.argsort(self.serials)
        self._sorted = self.serials[self._order]

    @classmethod
    def read(cls, database: sqlite3.Connection) -> Numbering:
        """As the store has it. Raises sqlite3.Error."""
        found = database.execute("SELECT document_id, serial, size FROM documents ORDER BY place").fetchall()
        return cls([row[0] for row in found], [row[1] for row in found], [row[2] for row in found])

    def __len__(self) -> int:
        return int(self.starts[-1])

    def rows(self, docnums: Sequence[int] | DocNums) -> list[int]:
        """The rows of passages, in the order asked for."""
        wanted = np.asarray(docnums, dtype=np.int64)
        places = np.searchsorted(self.starts, wanted, side="right") - 1
        found: list[int] = ((self.serials[places] << _BITS) + wanted - self.starts[places]).tolist()
        return found

    def docnums(self, rows: Sequence[int]) -> DocNums:
        """The passages in rows, in the order asked for."""
        wanted = np.array(rows, dtype=np.int64)
        if not len(wanted):
            return wanted
        places = self._order[np.searchsorted(self._sorted, wanted >> _BITS)]
        return np.asarray(self.starts[places] + (wanted & _PLACE), dtype=np.int64)

    def span(self, place: int) -> tuple[int, int]:
        """First and last docnum, this one excluded, of the document at a place in their order."""
        return int(self.starts[place]), int(self.starts[place + 1])
