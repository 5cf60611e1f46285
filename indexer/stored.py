"""The passages of a generation that is being built, read from its store whenever they are needed: none are held."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import overload

from indexer.model import Passage
from indexer.store import FILE_NAME

_READ = 1000  # rows fetched at a time
_SELECT = """
SELECT docnum, clause_id, document_id, kind, clauses.year_ce, json_extract(info, '$.language'), marker, text, section_path, damaged
FROM clauses JOIN documents USING (document_id)
"""


class StoredPassages(Sequence[Passage]):
    """In order of docnum; as often as wanted, from any thread or process."""

    def __init__(self, folder: Path) -> None:
        """``folder`` holds a store that is written."""
        self._uri = f"{(folder / FILE_NAME).resolve().as_uri()}?mode=ro&immutable=1"
        with closing(self._open()) as database:
            self._size = int(database.execute("SELECT count(*) FROM clauses").fetchone()[0])

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Passage]:
        yield from self._rows("ORDER BY docnum", ())

    @overload
    def __getitem__(self, wanted: int) -> Passage: ...

    @overload
    def __getitem__(self, wanted: slice) -> list[Passage]: ...

    def __getitem__(self, wanted: int | slice) -> Passage | list[Passage]:
        if isinstance(wanted, int):
            return next(self._rows("WHERE docnum = ?", (range(self._size)[wanted],)))
        start, stop, step = wanted.indices(self._size)
        where = "WHERE docnum >= ? AND docnum < ? AND (docnum - ?) % ? = 0 ORDER BY docnum"
        return list(self._rows(where, (start, stop, start, step)))

    def _rows(self, where: str, values: Sequence[int]) -> Iterator[Passage]:
        headings: dict[str, str] = {}
        with closing(self._open()) as database:
            found = database.execute(f"{_SELECT} {where}", values)
            while rows := found.fetchmany(_READ):
                headings = {
                    path: headings.get(path) or "\n".join(json.loads(path)) for path in {row[8] for row in rows}
                }
                for docnum, clause_id, document_id, kind, year, language, marker, text, path, damaged in rows:
                    yield Passage(
                        docnum,
                        clause_id,
                        document_id,
                        kind,
                        year,
                        language,
                        marker,
                        text,
                        headings[path],
                        bool(damaged),
                    )

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._uri, uri=True)
