"""The passages of a generation that is being built, read from its store whenever they are needed: none are held."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import overload

from indexer.model import Passage
from indexer.numbering import Numbering
from indexer.store import FILE_NAME

_READ = 500  # rows fetched at a time, each a bound parameter; SQLite allows 999 in old builds
_SELECT = """
SELECT row, clause_id, document_id, kind, clauses.year_ce, json_extract(info, '$.language'), marker, text, section_path, damaged
FROM clauses JOIN documents USING (document_id)
"""


class StoredPassages(Sequence[Passage]):
    """In order of docnum; as often as wanted, from any thread or process."""

    def __init__(self, folder: Path) -> None:
        """``folder`` holds a store that is written."""
        self._uri = f"{(folder / FILE_NAME).resolve().as_uri()}?mode=ro&immutable=1"
        with closing(self._open()) as database:
            self.numbering = Numbering.read(database)

    def __len__(self) -> int:
        return len(self.numbering)

    def __iter__(self) -> Iterator[Passage]:
        yield from self._at(range(len(self)))

    @overload
    def __getitem__(self, wanted: int) -> Passage: ...

    @overload
    def __getitem__(self, wanted: slice) -> list[Passage]: ...

    def __getitem__(self, wanted: int | slice) -> Passage | list[Passage]:
        if isinstance(wanted, int):
            return next(self._at([range(len(self))[wanted]]))
        return list(self._at(range(len(self))[wanted]))

    def of(self, document_ids: Collection[str]) -> list[Passage]:
        """All passages of some documents."""
        spans = (
            range(*self.numbering.span(place))
            for place, name in enumerate(self.numbering.documents)
            if name in document_ids
        )
        return list(self._at([docnum for span in spans for docnum in span]))

    def _at(self, docnums: Sequence[int]) -> Iterator[Passage]:
        """The passages of docnums, in the order asked for."""
        headings: dict[str, str] = {}
        with closing(self._open()) as database:
            for start in range(0, len(docnums), _READ):
                batch = docnums[start : start + _READ]
                wanted = self.numbering.rows(batch)
                marks = ",".join("?" * len(wanted))
                found = {row[0]: row[1:] for row in database.execute(f"{_SELECT} WHERE row IN ({marks})", wanted)}
                paths = {values[7] for values in found.values()}
                headings = {path: headings.get(path) or "\n".join(json.loads(path)) for path in paths}
                for docnum, row in zip(batch, wanted, strict=True):
                    clause_id, document_id, kind, year, language, marker, text, path, damaged = found[row]
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
