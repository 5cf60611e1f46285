"""The parsed documents of a build: held while they are few, read again from the cache when they are many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from indexer.corpus import Source
from indexer.model import Document
from indexer.parsecache import Known, ParseCache

HELD = 50_000  # clauses, 1 KB each


class Documents(Mapping[str, Document]):
    """By document_id, in the order in which they were added."""

    def __init__(self, known: ParseCache, parse: Callable[[Source], Document]) -> None:
        """``parse`` is called for what has gone from the cache since it was added."""
        self._known, self._parse = known, parse
        self._sources: dict[str, Source] = {}
        self._held: dict[str, Document] = {}
        self._clauses = 0  # of the documents that are held
        self.sizes: dict[str, int] = {}  # clauses of each

    def add(self, source: Source, known: Known, document: Document | None = None) -> None:
        """``document`` is given where it was parsed just now."""
        name = source.document_id
        self._sources[name] = source
        self.sizes[name] = known.clauses
        if document is not None and self._clauses < HELD:
            self._held[name] = document
            self._clauses += known.clauses

    def __getitem__(self, name: str) -> Document:
        held = self._held.get(name) or self._known.read(self._sources[name])
        return self._parse(self._sources[name]) if held is None else held

    def __contains__(self, name: object) -> bool:
        return name in self._sources  # Mapping would read the document

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)
