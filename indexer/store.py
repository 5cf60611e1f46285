"""Passages of one generation in SQLite: documents, clauses, indicators, and the filters over them."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from indexer.enrichment import ClauseEnrichment, headings_en
from indexer.errors import IndexCorrupt
from indexer.figures import telling_numbers
from indexer.markers import match_marker
from indexer.model import Account, Clause, DocNums, Document, DocumentInfo, Indicator, Passage, Span
from indexer.passages import make_passages
from indexer.text import fold_fragments, fold_text

FILE_NAME = "passages.sqlite"

_SCHEMA = """
CREATE TABLE documents (document_id TEXT PRIMARY KEY, year_ce INTEGER NOT NULL, info TEXT NOT NULL, account TEXT NOT NULL);
CREATE TABLE clauses (
  docnum INTEGER PRIMARY KEY, clause_id TEXT NOT NULL UNIQUE, document_id TEXT NOT NULL, kind TEXT NOT NULL,
  year_ce INTEGER NOT NULL, ord INTEGER NOT NULL, marker TEXT NOT NULL, section_path TEXT NOT NULL, text TEXT NOT NULL,
  first_line INTEGER NOT NULL, last_line INTEGER NOT NULL, page INTEGER, damaged INTEGER NOT NULL, cells TEXT NOT NULL,
  folded TEXT NOT NULL, folded_path TEXT NOT NULL, marker_path TEXT NOT NULL
);
CREATE TABLE numbers (value REAL NOT NULL, docnum INTEGER NOT NULL);
CREATE TABLE enrichment (
  clause_id TEXT PRIMARY KEY, en TEXT NOT NULL, headings_en TEXT NOT NULL, by_whom TEXT NOT NULL, reviewed INTEGER NOT NULL
);
CREATE TABLE indicators (
  ord INTEGER PRIMARY KEY, document_id TEXT NOT NULL, number TEXT NOT NULL, clause_id TEXT NOT NULL, indicator TEXT NOT NULL
);
"""
_INDEXES = """
CREATE INDEX clauses_by_markers ON clauses (marker_path);
CREATE INDEX numbers_by_value ON numbers (value);
CREATE INDEX clauses_by_document ON clauses (document_id, ord);
CREATE INDEX clauses_by_year ON clauses (year_ce);
CREATE INDEX clauses_by_kind ON clauses (kind);
CREATE INDEX indicators_by_number ON indicators (number);
"""
_CLAUSE = "clause_id, document_id, kind, marker, section_path, text, first_line, last_line, page, ord, damaged, cells"
_BATCH = 500  # bound parameters per statement; SQLite allows 999 in old builds


def write_store(folder: Path, documents: Iterable[Document], entries: Mapping[str, ClauseEnrichment]) -> None:
    """Write the store of a generation into an existing folder; ``entries`` are the enrichments by clause_id.

    One passage a clause, in the order of documents and clauses. Documents are taken one by one: none need be held.
    """
    with closing(sqlite3.connect(folder / FILE_NAME)) as database, database:
        database.executescript(_SCHEMA)
        docnum = order = 0
        for document in documents:
            rows = _DocumentRows(document, entries, docnum, order)
            for table, values in rows.of_tables():
                database.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(values[0]))})", values)
            docnum, order = docnum + len(document.clauses), order + len(document.indicators)
        database.executescript(_INDEXES)


class _DocumentRows:
    """What a document puts into each table; its passages count from ``docnum``, its indicators from ``order``."""

    def __init__(self, document: Document, entries: Mapping[str, ClauseEnrichment], docnum: int, order: int) -> None:
        self._info, self._document, self._entries, self._order = document.info, document, entries, order
        self._clauses = {clause.clause_id: clause for clause in document.clauses}
        self._passages = make_passages([document], docnum)

    def of_tables(self) -> Iterator[tuple[str, list[tuple[object, ...]]]]:
        """Tables with their rows, those without any left out."""
        info, passages = self._info, self._passages
        rows: dict[str, Iterable[tuple[object, ...] | None]] = {
            "documents": [(info.document_id, info.year_ce, _dump(asdict(info)), _dump(asdict(self._document.account)))],
            "clauses": (_clause_row(one, self._clauses[one.clause_id], self._clauses) for one in passages),
            "numbers": (
                (value, one.docnum) for one in passages if not one.fragments for value in set(telling_numbers(one.body))
            ),
            "indicators": (
                (order, info.document_id, entry.number.lower(), entry.clause_id, _dump(asdict(entry)))
                for order, entry in enumerate(self._document.indicators, start=self._order)
            ),
            "enrichment": (_enrichment_row(one, self._entries, self._clauses) for one in self._clauses.values()),
        }  # fmt: skip
        for table, values in rows.items():
            if there := [row for row in values if row is not None]:
                yield table, there


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
            self.count: int = self._query("SELECT count(*) FROM clauses")[0][0]
        except sqlite3.Error as error:
            raise IndexCorrupt(f"{FILE_NAME} cannot be read: {error}.", "Build the index again.") from error
        self.documents: dict[str, DocumentInfo] = {row[0]: _info(row[1]) for row in rows}
        self.accounts: dict[str, Account] = {row[0]: Account(**json.loads(row[2])) for row in rows}

    def clauses(self, docnums: Sequence[int]) -> list[Clause]:
        """The clauses behind docnums, in the order asked for."""
        found: dict[int, Clause] = {}
        for batch in _batches([int(docnum) for docnum in docnums]):
            marks = ",".join("?" * len(batch))
            rows = self._query(f"SELECT docnum, {_CLAUSE} FROM clauses WHERE docnum IN ({marks})", batch)
            found.update((row[0], _clause(row[1:])) for row in rows)
        return [found[int(docnum)] for docnum in docnums]

    def clause(self, clause_id: str) -> Clause | None:
        """The clause of an id, or None."""
        rows = self._query(f"SELECT {_CLAUSE} FROM clauses WHERE clause_id = ?", [clause_id])
        return _clause(rows[0]) if rows else None

    def docnum(self, clause_id: str) -> int | None:
        """The docnum of a clause id, or None."""
        rows = self._query("SELECT docnum FROM clauses WHERE clause_id = ?", [clause_id])
        return int(rows[0][0]) if rows else None

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
            f"SELECT indicator FROM indicators{where} ORDER BY ord", [document_id] if document_id else []
        )
        return [Indicator(**json.loads(row[0])) for row in rows]

    def folded(self, docnums: Sequence[int] | None = None) -> Iterator[tuple[int, str]]:
        """(docnum, folded text) of the given passages, or of all in docnum order."""
        if docnums is None:
            yield from self._query("SELECT docnum, folded FROM clauses ORDER BY docnum")
            return
        for batch in _batches([int(docnum) for docnum in docnums]):
            marks = ",".join("?" * len(batch))
            yield from self._query(f"SELECT docnum, folded FROM clauses WHERE docnum IN ({marks})", batch)

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
        return _docnums(
            self._query(f"SELECT docnum FROM clauses WHERE {' AND '.join(clauses)} ORDER BY docnum", values)
        )

    def below(self, clauses: Sequence[Clause]) -> DocNums:
        """Sorted docnums of everything that stands below headings, rows or clauses, at any depth."""
        found: set[int] = set()
        for clause in clauses:  # ids below an id begin with it and a full stop; "/" is the character after "."
            rows = self._query(
                "SELECT docnum FROM clauses WHERE clause_id > ? AND clause_id < ?",
                [f"{clause.clause_id}.", f"{clause.clause_id}/"],
            )
            found.update(row[0] for row in rows)
        return np.array(sorted(found), dtype=np.int64)

    def at_markers(self, year: int | None, markers: Sequence[tuple[str, int]]) -> DocNums:
        """Sorted docnums of the clauses at a printed place: (("part", 1), ("item", 3)) in one CE year or in all."""
        path = ".".join(f"{style}{ordinal}" for style, ordinal in markers)
        sql = "SELECT docnum FROM clauses WHERE marker_path = ? AND marker != ''"
        rows = self._query(f"{sql} AND (? IS NULL OR year_ce = ?) ORDER BY docnum", [path, year, year])
        return _docnums(rows)

    def with_number(self, value: float) -> DocNums:
        """Sorted docnums of the passages that print a number of this value, however it is written."""
        return _docnums(self._query("SELECT DISTINCT docnum FROM numbers WHERE value = ? ORDER BY docnum", [value]))

    def of_indicator(self, number: str) -> DocNums:
        """Sorted docnums of the rows of an indicator, by its number (8.7.1, 四-1)."""
        rows = self._query(
            "SELECT DISTINCT docnum FROM indicators JOIN clauses USING (clause_id) WHERE number = ? ORDER BY docnum",
            [number.lower()],
        )
        return _docnums(rows)

    def close(self) -> None:
        """Close every connection."""
        for connection in self._connections:
            connection.close()

    def _query(self, sql: str, values: Sequence[object] = ()) -> list[tuple]:  # type: ignore[type-arg]
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._uri, uri=True, check_same_thread=False)
            self._local.connection = connection
            self._connections.append(connection)
        return list(connection.execute(sql, values))


def _enrichment_row(
    clause: Clause, entries: Mapping[str, ClauseEnrichment], clauses: Mapping[str, Clause]
) -> tuple[object, ...] | None:
    entry = entries.get(clause.clause_id)
    if entry is None:
        return None
    return clause.clause_id, entry.en, _dump(headings_en(clause, entries, clauses)), entry.by, entry.reviewed


def _info(text: str) -> DocumentInfo:
    values = json.loads(text)
    return DocumentInfo(**{**values, "ocr_pages": tuple(values.get("ocr_pages", ()))})


def _clause_row(passage: Passage, clause: Clause, clauses: Mapping[str, Clause]) -> tuple[object, ...]:
    folded = fold_fragments(clause.text) if clause.damaged else fold_text(clause.text)
    return (
        passage.docnum, clause.clause_id, clause.document_id, clause.kind, passage.year_ce, clause.order, clause.marker,
        _dump(clause.section_path), clause.text, clause.span.first_line, clause.span.last_line, clause.span.page,
        clause.damaged, _dump(clause.cells), folded, fold_text(" ".join(clause.section_path)), _marker_path(clause, clauses),
    )  # fmt: skip


def _marker_path(clause: Clause, clauses: Mapping[str, Clause]) -> str:
    """The printed numbers from the top: part1.item3.clause4 for 壹、 三、 （四）."""
    numbers: list[str] = []
    above: Clause | None = clause
    while above is not None:
        marker = match_marker(above.marker) if above.marker else None
        if marker is not None:
            numbers.append(f"{marker.style}{marker.ordinal}")
        above = clauses.get(above.clause_id.rpartition(".")[0])
    return ".".join(reversed(numbers))


def _clause(row: Sequence[object]) -> Clause:
    clause_id, document_id, kind, marker, path, text, first, last, page, order, damaged, cells = row
    return Clause(
        clause_id, document_id, kind, marker, tuple(json.loads(path)), text, Span(first, last, page), order, bool(damaged),  # type: ignore[arg-type]
        tuple((name, value) for name, value in json.loads(cells)),  # type: ignore[arg-type]
    )  # fmt: skip


def _docnums(rows: Sequence[tuple[int]]) -> DocNums:
    return np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))


def _batches(values: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(values), _BATCH):
        yield values[start : start + _BATCH]


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
