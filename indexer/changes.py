"""What changed from generation to generation, and every clause that was published once and is gone.

Each build compares its clauses with those of the generation before it and writes ``changes.sqlite`` into its own folder,
where the manifest guards it. The record is carried over from build to build, so that the address of a clause that once
was published never leads to nothing.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from indexer.errors import IndexCorrupt
from indexer.model import Clause, Document, DocumentInfo, Span
from indexer.store import Store

FILE_NAME = "changes.sqlite"
EVENTS_KEPT = 10_000  # the newest; some 5 MB. What is gone is kept for ever

What = Literal["added", "changed", "removed", "document_added", "document_removed"]

_SCHEMA = """
CREATE TABLE since (at TEXT NOT NULL);
CREATE TABLE events (
  seq INTEGER PRIMARY KEY, generation TEXT NOT NULL, at TEXT NOT NULL, what TEXT NOT NULL, document_id TEXT NOT NULL,
  clause_id TEXT NOT NULL, document TEXT NOT NULL, clause TEXT NOT NULL, before TEXT NOT NULL, count INTEGER NOT NULL
);
CREATE INDEX events_by_clause ON events (clause_id);
CREATE INDEX events_by_document ON events (document_id);
CREATE TABLE gone (
  clause_id TEXT PRIMARY KEY, generation TEXT NOT NULL, at TEXT NOT NULL, document_id TEXT NOT NULL,
  document TEXT NOT NULL, clause TEXT NOT NULL
);
CREATE INDEX gone_by_document ON gone (document_id);
CREATE TABLE states (
  generation TEXT NOT NULL, document_id TEXT NOT NULL, clauses BLOB NOT NULL, PRIMARY KEY (generation, document_id)
);
"""
_CARRIED = ("since", "events", "gone", "states")


@dataclass(frozen=True, slots=True)
class Change:
    """What a build did to one clause, or to a whole document.

    ``at`` is when the generation was built (ISO 8601, UTC). ``clause`` is as the build left it, or as it was before it
    was removed; None for a whole document, of which ``count`` tells the clauses. ``before`` is the text that a changed
    clause had, with its number.
    """

    generation: str
    at: str
    what: What
    document: DocumentInfo
    clause: Clause | None
    before: str
    count: int


@dataclass(frozen=True, slots=True)
class Gone:
    """A clause that is published no more: as it was, in which document, and since which build."""

    clause: Clause
    document: DocumentInfo
    generation: str
    at: str


@dataclass(frozen=True, slots=True)
class Before:
    """The generation before: its folder, and the digest of each document, which tells what needs no comparing."""

    folder: Path
    corpus: Mapping[str, str]


def write_changes(
    folder: Path, documents: Mapping[str, Document], corpus: Mapping[str, str], generation: str, at: str, before: Before | None
) -> None:  # fmt: skip
    """Write the record of a generation into its folder, of its documents by id; ``corpus`` are their digests as in the manifest.

    Without a generation before it nothing has changed: the record begins.
    """
    with closing(sqlite3.connect(folder / FILE_NAME)) as database, database:
        database.executescript(_SCHEMA)
        if before is not None:
            _carry_over(database, before.folder / FILE_NAME)
            build = _Build(database, generation, at)
            build.record(documents, corpus, before)
        if not database.execute("SELECT 1 FROM since").fetchone():
            database.execute("INSERT INTO since VALUES (?)", [at])
        database.execute("DELETE FROM events WHERE seq <= (SELECT max(seq) FROM events) - ?", [EVENTS_KEPT])


class Changes:
    """The record of one generation, read-only; safe over threads."""

    def __init__(self, folder: Path) -> None:
        """Open the record; one that an older version did not write is empty. Raises IndexCorrupt."""
        path = folder / FILE_NAME
        self._lock = threading.Lock()
        try:
            if path.is_file():
                uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
                self._database = sqlite3.connect(uri, uri=True, check_same_thread=False)
            else:
                self._database = sqlite3.connect(":memory:", check_same_thread=False)
                self._database.executescript(_SCHEMA)
            found = self._query("SELECT at FROM since")
        except sqlite3.Error as error:
            raise IndexCorrupt(f"{FILE_NAME} cannot be read: {error}.", "Build the index again.") from error
        self.since: str = found[0][0] if found else ""

    def newest(self, most: int) -> list[Change]:
        """The last changes, the newest build first, each build's in reading order."""
        rows = self._query(
            "SELECT generation, at, what, document, clause, before, count FROM events"
            " ORDER BY generation DESC, seq LIMIT ?", [most]
        )  # fmt: skip
        return [
            Change(generation, at, what, _document(document), _clause(clause) if clause else None, before, count)
            for generation, at, what, document, clause, before, count in rows
        ]

    def gone(self, clause_id: str) -> Gone | None:
        """The clause of an id that was published once and is no more, or None."""
        rows = self._query("SELECT clause, document, generation, at FROM gone WHERE clause_id = ?", [clause_id])
        return Gone(_clause(rows[0][0]), _document(rows[0][1]), *rows[0][2:]) if rows else None

    def gone_document(self, document_id: str) -> Gone | None:
        """The first clause of a document whose clauses are gone, or None."""
        rows = self._query("SELECT clause_id FROM gone WHERE document_id = ? ORDER BY rowid LIMIT 1", [document_id])
        return self.gone(rows[0][0]) if rows else None

    def state(self, gone: Gone) -> list[Clause]:
        """All clauses of its document, in order, as they stood before the build that removed it."""
        rows = self._query(
            "SELECT clauses FROM states WHERE generation = ? AND document_id = ?",
            [gone.generation, gone.document.document_id],
        )
        return [_made(values) for values in json.loads(zlib.decompress(rows[0][0]))] if rows else [gone.clause]

    def updated(self, clause: Clause) -> str:
        """When a clause was last added or changed; the beginning of the record where nothing is known."""
        rows = self._query(
            "SELECT max(at) FROM events WHERE (clause_id = ? AND what != 'removed')"
            " OR (document_id = ? AND what = 'document_added')", [clause.clause_id, clause.document_id]
        )  # fmt: skip
        return rows[0][0] or self.since

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _query(self, sql: str, values: Sequence[object] = ()) -> list[tuple]:  # type: ignore[type-arg]
        with self._lock:
            return list(self._database.execute(sql, values))


class _Build:
    """The changes that one build makes, as rows."""

    def __init__(self, database: sqlite3.Connection, generation: str, at: str) -> None:
        self._database, self._generation, self._at = database, generation, at

    def record(self, documents: Mapping[str, Document], corpus: Mapping[str, str], before: Before) -> None:
        """Compare with the generation before; what it cannot be asked for has not changed."""
        try:
            store = Store(before.folder)
        except IndexCorrupt:
            return
        with closing(store):
            for document_id, info in store.documents.items():
                if document_id not in documents:
                    self._document_left(info, store.document_clauses(document_id))
            for document_id in documents:
                if document_id not in store.documents:
                    self._document_came(documents[document_id])
                elif corpus.get(document_id) != before.corpus.get(document_id):
                    clauses = store.document_clauses(document_id)
                    self._document_stayed(store.documents[document_id], clauses, documents[document_id])

    def _document_left(self, info: DocumentInfo, clauses: Sequence[Clause]) -> None:
        self._event("document_removed", info, None, count=len(clauses))
        self._remove(info, clauses, clauses)

    def _document_came(self, document: Document) -> None:
        self._event("document_added", document.info, None, count=len(document.clauses))
        self._restore(document.clauses)

    def _document_stayed(self, info: DocumentInfo, before: Sequence[Clause], document: Document) -> None:
        old, new = ({clause.clause_id: clause for clause in side} for side in (before, document.clauses))
        for clause in document.clauses:
            earlier = old.get(clause.clause_id)
            if earlier is None:
                self._event("added", document.info, clause)
            elif _printed(earlier) != _printed(clause):
                self._event("changed", document.info, clause, before=_printed(earlier))
        removed = [clause for clause in before if clause.clause_id not in new]
        for clause in removed:
            self._event("removed", info, clause)
        self._restore([clause for clause in document.clauses if clause.clause_id not in old])
        if removed:
            self._remove(info, removed, before)

    def _event(self, what: What, info: DocumentInfo, clause: Clause | None, before: str = "", count: int = 1) -> None:
        told = _dump(asdict(clause)) if clause else ""
        clause_id = clause.clause_id if clause else ""
        self._database.execute(
            "INSERT INTO events (generation, at, what, document_id, clause_id, document, clause, before, count)"
            " VALUES (?,?,?,?,?,?,?,?,?)",
            [self._generation, self._at, what, info.document_id, clause_id, _dump(asdict(info)), told, before, count],
        )

    def _remove(self, info: DocumentInfo, removed: Iterable[Clause], state: Sequence[Clause]) -> None:
        """Keep the clauses, and the whole document as it was: what replaced them is found against what stands now."""
        told = _dump(asdict(info))
        self._database.executemany(
            "INSERT OR REPLACE INTO gone VALUES (?,?,?,?,?,?)",
            [
                (one.clause_id, self._generation, self._at, info.document_id, told, _dump(asdict(one)))
                for one in removed
            ],
        )
        packed = zlib.compress(_dump([asdict(clause) for clause in state]).encode("utf-8", "surrogatepass"))
        self._database.execute("INSERT INTO states VALUES (?,?,?)", [self._generation, info.document_id, packed])

    def _restore(self, clauses: Iterable[Clause]) -> None:
        """Clauses that are published again are gone no more; a state that nothing gone refers to goes too."""
        self._database.executemany("DELETE FROM gone WHERE clause_id = ?", [(one.clause_id,) for one in clauses])
        self._database.execute(
            "DELETE FROM states WHERE NOT EXISTS (SELECT 1 FROM gone WHERE gone.generation = states.generation"
            " AND gone.document_id = states.document_id)"
        )


def _carry_over(database: sqlite3.Connection, source: Path) -> None:
    """Copy the record of the generation before; one that cannot be read is left behind."""
    if not source.is_file():
        return
    with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as old:
        for table in _CARRIED:
            rows = old.execute(f"SELECT * FROM {table}").fetchall()
            if rows:
                database.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(rows[0]))})", rows)


def _printed(clause: Clause) -> str:
    """The clause with its number: what a reader sees of it."""
    return f"{clause.marker}{clause.text}"


def _clause(text: str) -> Clause:
    return _made(json.loads(text))


def _made(values: dict[str, Any]) -> Clause:
    cells = tuple((name, text) for name, text in values["cells"])
    kept = {**values, "section_path": tuple(values["section_path"]), "cells": cells, "span": Span(**values["span"])}
    return Clause(**kept)


def _document(text: str) -> DocumentInfo:
    values = json.loads(text)
    return DocumentInfo(**{**values, "ocr_pages": tuple(values.get("ocr_pages", ()))})


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
