"""The store of a generation, written: from nothing, or as what the one before it holds but for documents that changed."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

from indexer.enrichment import ClauseEnrichment, headings_en
from indexer.figures import telling_numbers
from indexer.markers import match_marker
from indexer.model import Clause, Document, Passage
from indexer.numbering import first_row
from indexer.passages import make_passages
from indexer.store import FILE_NAME
from indexer.text import fold_fragments, fold_text

_SCHEMA = """
CREATE TABLE documents (
  document_id TEXT PRIMARY KEY, serial INTEGER NOT NULL UNIQUE, place INTEGER NOT NULL, size INTEGER NOT NULL,
  year_ce INTEGER NOT NULL, info TEXT NOT NULL, account TEXT NOT NULL
);
CREATE TABLE clauses (
  row INTEGER PRIMARY KEY, clause_id TEXT NOT NULL UNIQUE, document_id TEXT NOT NULL, kind TEXT NOT NULL,
  year_ce INTEGER NOT NULL, ord INTEGER NOT NULL, marker TEXT NOT NULL, section_path TEXT NOT NULL, text TEXT NOT NULL,
  first_line INTEGER NOT NULL, last_line INTEGER NOT NULL, page INTEGER, damaged INTEGER NOT NULL, cells TEXT NOT NULL,
  folded TEXT NOT NULL, folded_path TEXT NOT NULL, marker_path TEXT NOT NULL
);
CREATE TABLE numbers (row INTEGER NOT NULL, value REAL NOT NULL, PRIMARY KEY (row, value)) WITHOUT ROWID;
CREATE TABLE enrichment (
  clause_id TEXT PRIMARY KEY, en TEXT NOT NULL, headings_en TEXT NOT NULL, by_whom TEXT NOT NULL, reviewed INTEGER NOT NULL
);
CREATE TABLE indicators (
  row INTEGER PRIMARY KEY, document_id TEXT NOT NULL, number TEXT NOT NULL, clause_id TEXT NOT NULL, indicator TEXT NOT NULL
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
_BY_ROW = ("clauses", "numbers", "indicators")


def write_store(folder: Path, documents: Iterable[Document], entries: Mapping[str, ClauseEnrichment]) -> None:
    """Write the store of a generation into an existing folder; ``entries`` are the enrichments by clause_id.

    One passage a clause, in the order of documents and clauses. Documents are taken one by one: none need be held.
    """
    with _opened(folder) as database:
        database.executescript(_SCHEMA)
        for place, document in enumerate(documents):
            _insert(database, document, entries, place, place)
        database.executescript(_INDEXES)


def revise_store(
    folder: Path, before: Path, documents: Mapping[str, Document], kept: Collection[str], entries: Mapping[str, ClauseEnrichment]
) -> None:  # fmt: skip
    """The same of a generation whose ``kept`` documents are, with their enrichment, in the store of the one ``before``."""
    shutil.copyfile(before / FILE_NAME, folder / FILE_NAME)
    with _opened(folder) as database:
        serials = dict(database.execute("SELECT document_id, serial FROM documents"))
        for name in serials.keys() - set(kept):
            _delete(database, name, serials[name])
        fresh = 1 + max(serials.values(), default=-1)
        for place, name in enumerate(documents):
            if name in kept:
                database.execute("UPDATE documents SET place = ? WHERE document_id = ?", [place, name])
            else:
                _insert(database, documents[name], entries, fresh, place)
                fresh += 1


@contextmanager
def _opened(folder: Path) -> Iterator[sqlite3.Connection]:
    """One transaction without a journal: a store that is not written whole is thrown away."""
    with closing(sqlite3.connect(folder / FILE_NAME)) as database:
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        with database:
            yield database


def _delete(database: sqlite3.Connection, name: str, serial: int) -> None:
    database.execute(
        "DELETE FROM enrichment WHERE clause_id IN (SELECT clause_id FROM clauses WHERE document_id = ?)", [name]
    )
    for table in _BY_ROW:
        database.execute(f"DELETE FROM {table} WHERE row >= ? AND row < ?", [first_row(serial), first_row(serial + 1)])
    database.execute("DELETE FROM documents WHERE document_id = ?", [name])


def _insert(
    database: sqlite3.Connection, document: Document, entries: Mapping[str, ClauseEnrichment], serial: int, place: int
) -> None:
    for table, values in _rows(document, entries, serial, place):
        database.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(values[0]))})", values)


def _rows(
    document: Document, entries: Mapping[str, ClauseEnrichment], serial: int, place: int
) -> Iterator[tuple[str, list[tuple[object, ...]]]]:
    """What a document puts into each table; tables without any rows of it are left out."""
    info, first = document.info, first_row(serial)
    clauses = {clause.clause_id: clause for clause in document.clauses}
    passages = make_passages([document], first)
    told = _dump(asdict(info)), _dump(asdict(document.account))
    rows: dict[str, Iterable[tuple[object, ...] | None]] = {
        "documents": [(info.document_id, serial, place, len(passages), info.year_ce, *told)],
        "clauses": (_clause_row(one, clauses[one.clause_id], clauses) for one in passages),
        "numbers": (
            (one.docnum, value) for one in passages if not one.fragments for value in set(telling_numbers(one.body))
        ),
        "indicators": (
            (row, info.document_id, entry.number.lower(), entry.clause_id, _dump(asdict(entry)))
            for row, entry in enumerate(document.indicators, start=first)
        ),
        "enrichment": (_enrichment_row(one, entries, clauses) for one in clauses.values()),
    }  # fmt: skip
    for table, values in rows.items():
        if there := [row for row in values if row is not None]:
            yield table, there


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


def _enrichment_row(
    clause: Clause, entries: Mapping[str, ClauseEnrichment], clauses: Mapping[str, Clause]
) -> tuple[object, ...] | None:
    entry = entries.get(clause.clause_id)
    if entry is None:
        return None
    return clause.clause_id, entry.en, _dump(headings_en(clause, entries, clauses)), entry.by, entry.reviewed


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
