"""Passages of one generation in SQLite: documents, clauses, indicators, and the filters over them."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.errors import IndexCorrupt
from indexer.model import Account, Clause, DocNums, DocumentInfo, Indicator, Span
from indexer.numbering import Numbering
from indexer.text import fold_text

FILE_NAME = "passages.sqlite"

_CLAUSE = "clause_id, document_id, kind, marker, section_path, text, first_line, last_line, page, ord, damaged, cells"
_BATCH = 500  # bound parameters per statement; SQLite allows 999 in old builds


@dataclass(frozen=True, slots=True)
class Rendering:
    """The unofficial English of a clause, of its section path, who wrote it, and whether an editor has reviewed it."""

    en: str
    headings_en: tuple[str, ...]
    by: str
    reviewed: bool


class Store:
    """Read-only access to the passages of one generation; safe over threads."""

    def __init__(self, folder: Path) -> None:
        """Open the store. Raises IndexCorrupt when it cannot be read."""
        self._uri = f"{(folder / FILE_NAME).resolve().as_uri()}?mode=ro&immutable=1"
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        try:
            rows = self._query("SELECT document_id, info, account FROM documents ORDER BY document_id")
            self._numbering = Numbering.read(self._connection())
        except sqlite3.Error as error:
            raise IndexCorrupt(f"{FILE_NAME} cannot be read: {error}.", "Build the index again.") from error
        self.documents: dict[str, DocumentInfo] = {row[0]: _info(row[1]) for row in rows}
        self.accounts: dict[str, Account] = {row[0]: Account(**json.loads(row[2])) for row in rows}

    @property
    def count(self) -> int:
        """How many passages there are."""
        return len(self._numbering)

    def clauses(self, docnums: Sequence[int]) -> list[Clause]:
        """The clauses behind docnums, in the order asked for."""
        found: dict[int, Clause] = {}
        wanted = self._numbering.rows(docnums)
        for batch in _batches(wanted):
            marks = ",".join("?" * len(batch))
            rows = self._query(f"SELECT row, {_CLAUSE} FROM clauses WHERE row IN ({marks})", batch)
            found.update((row[0], _clause(row[1:])) for row in rows)
        return [found[row] for row in wanted]

    def clause(self, clause_id: str) -> Clause | None:
        """The clause of an id, or None."""
        rows = self._query(f"SELECT {_CLAUSE} FROM clauses WHERE clause_id = ?", [clause_id])
        return _clause(rows[0]) if rows else None

    def docnum(self, clause_id: str) -> int | None:
        """The docnum of a clause id, or None."""
        rows = self._query("SELECT row FROM clauses WHERE clause_id = ?", [clause_id])
        return int(self._docnums(rows)[0]) if rows else None

    def document_clauses(self, document_id: str) -> list[Clause]:
        """All clauses of a document in its own order."""
        rows = self._query(f"SELECT {_CLAUSE} FROM clauses WHERE document_id = ? ORDER BY ord", [document_id])
        return [_clause(row) for row in rows]

    def neighbours(self, clause: Clause) -> tuple[Clause | None, Clause | None]:
        """The clauses before and after a clause in its document."""
        rows = self._query(
            f"SELECT {_CLAUSE} FROM clauses WHERE document_id = ? AND ord IN (?, ?)",
            [clause.document_id, clause.order - 1, clause.order + 1],
        )
        by_order = {entry.order: entry for entry in map(_clause, rows)}
        return by_order.get(clause.order - 1), by_order.get(clause.order + 1)

    def children(self, clause: Clause) -> list[Clause]:
        """The clauses right below a heading, row or clause."""
        found = self._query(  # every id that begins with the clause's and a full stop: "/" comes right after "."
            f"SELECT {_CLAUSE} FROM clauses WHERE document_id = ? AND clause_id > ? AND clause_id < ? ORDER BY ord",
            [clause.document_id, f"{clause.clause_id}.", f"{clause.clause_id}/"],
        )
        depth = clause.clause_id.count(".") + 1
        return [entry for entry in map(_clause, found) if entry.clause_id.count(".") == depth]

    def renderings(self, clause_ids: Sequence[str]) -> dict[str, Rendering]:
        """The English renderings of those of the clauses that have one."""
        found: dict[str, Rendering] = {}
        for start in range(0, len(clause_ids), _BATCH):
            batch = clause_ids[start : start + _BATCH]
            marks = ",".join("?" * len(batch))
            rows = self._query(f"SELECT * FROM enrichment WHERE clause_id IN ({marks})", batch)
            found.update((row[0], Rendering(row[1], tuple(json.loads(row[2])), row[3], bool(row[4]))) for row in rows)
        return found

    def indicators(self, document_id: str | None = None) -> list[Indicator]:
        """Indicators of one document, or of all, in printed order."""
        where = " WHERE document_id = ?" if document_id else ""
        rows = self._query(
            f"SELECT indicator FROM indicators JOIN documents USING (document_id){where} ORDER BY place, row",
            [document_id] if document_id else [],
        )
        return [Indicator(**json.loads(row[0])) for row in rows]

    def folded(self, docnums: Sequence[int] | None = None) -> Iterator[tuple[int, str]]:
        """(docnum, folded text) of the given passages, or of all in docnum order."""
        wanted = self._numbering.rows(range(self.count) if docnums is None else docnums)
        for batch in _batches(wanted):
            marks = ",".join("?" * len(batch))
            rows = self._query(f"SELECT row, folded FROM clauses WHERE row IN ({marks})", batch)
            docnums = self._numbering.docnums([row[0] for row in rows]).tolist()
            yield from sorted(zip(docnums, (row[1] for row in rows), strict=True))

    def select(
        self, years: Sequence[int], documents: Sequence[str], sections: Sequence[str], kinds: Sequence[str]
    ) -> DocNums:
        """Sorted docnums that belong to one of the given values of every filter that is not empty."""
        clauses, values = ["1"], list[object]()
        for column, wanted in (("year_ce", years), ("document_id", documents), ("kind", kinds)):
            if wanted:
                clauses.append(f"{column} IN ({','.join('?' * len(wanted))})")
                values += wanted
        if sections:
            clauses.append("(" + " OR ".join("instr(folded_path, ?) > 0" for _ in sections) + ")")
            values += [fold_text(section) for section in sections]
        return self._docnums(self._query(f"SELECT row FROM clauses WHERE {' AND '.join(clauses)}", values))

    def below(self, clauses: Sequence[Clause]) -> DocNums:
        """Sorted docnums of everything that stands below headings, rows or clauses, at any depth."""
        found: set[tuple[int]] = set()
        for clause in clauses:  # ids below an id begin with it and a full stop; "/" is the character after "."
            rows = self._query(
                "SELECT row FROM clauses WHERE clause_id > ? AND clause_id < ?",
                [f"{clause.clause_id}.", f"{clause.clause_id}/"],
            )
            found.update(rows)
        return self._docnums(found)

    def at_markers(self, year: int | None, markers: Sequence[tuple[str, int]]) -> DocNums:
        """Sorted docnums of the clauses at a printed place: (("part", 1), ("item", 3)) in one CE year or in all."""
        path = ".".join(f"{style}{ordinal}" for style, ordinal in markers)
        sql = "SELECT row FROM clauses WHERE marker_path = ? AND marker != ''"
        return self._docnums(self._query(f"{sql} AND (? IS NULL OR year_ce = ?)", [path, year, year]))

    def with_number(self, value: float) -> DocNums:
        """Sorted docnums of the passages that print a number of this value, however it is written."""
        return self._docnums(self._query("SELECT row FROM numbers WHERE value = ?", [value]))

    def of_indicator(self, number: str) -> DocNums:
        """Sorted docnums of the rows of an indicator, by its number (8.7.1, 四-1)."""
        rows = self._query(
            "SELECT DISTINCT clauses.row FROM indicators JOIN clauses USING (clause_id) WHERE number = ?",
            [number.lower()],
        )
        return self._docnums(rows)

    def close(self) -> None:
        """Close every connection."""
        for connection in self._connections:
            connection.close()

    def _docnums(self, rows: Iterable[tuple]) -> DocNums:  # type: ignore[type-arg]
        """The sorted docnums of rows, which stand first in each result."""
        return np.sort(self._numbering.docnums([row[0] for row in rows]))

    def _query(self, sql: str, values: Sequence[object] = ()) -> list[tuple]:  # type: ignore[type-arg]
        return list(self._connection().execute(sql, values))

    def _connection(self) -> sqlite3.Connection:
        """One for each thread."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._uri, uri=True, check_same_thread=False)
            self._local.connection = connection
            self._connections.append(connection)
        return connection


def _info(text: str) -> DocumentInfo:
    values = json.loads(text)
    return DocumentInfo(**{**values, "ocr_pages": tuple(values.get("ocr_pages", ()))})


def _clause(row: Sequence[object]) -> Clause:
    clause_id, document_id, kind, marker, path, text, first, last, page, order, damaged, cells = row
    return Clause(
        clause_id, document_id, kind, marker, tuple(json.loads(path)), text, Span(first, last, page), order, bool(damaged),  # type: ignore[arg-type]
        tuple((name, value) for name, value in json.loads(cells)),  # type: ignore[arg-type]
    )  # fmt: skip


def _batches(values: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(values), _BATCH):
        yield values[start : start + _BATCH]
