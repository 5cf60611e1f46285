"""The index for programs in the same process: what the commands do, as methods of one object."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

from indexer.config import Config
from indexer.errors import StoreError
from indexer.model import Clause, DocumentInfo
from search_app.answer import ask
from search_app.answer_model import AskResult
from search_app.indicators import IndicatorTable
from search_app.live import Live
from search_app.model import Grouping, Mode, SearchResult, Sort
from search_app.query import parse_filters
from search_app.relations import Comparison
from search_app.retrieve import ClauseView, Search
from search_app.verify import Verification

Years = Sequence[int | str]


class Plans:
    """The published index; safe over threads. A new generation is taken up at the next call, without reopening.

    ``years`` are plan years in either calendar: 106 and 2017 mean the same. Methods raise QueryError, which names what is
    wrong with a value, and StoreError while there is no usable index.
    """

    def __init__(self, config: Config) -> None:
        """Nothing is loaded before the first call, or ``load``."""
        self._live = Live(config, library=False)
        self._default_k = config.search.default_k
        self._lock = threading.Lock()

    def load(self) -> Search:
        """The published generation, loaded when it is not yet."""
        with self._lock:
            try:
                return self._live.load()
            except StoreError:
                if not self._live.ready:
                    raise
                return self._live.current()  # a new generation that cannot be used leaves the old one in its place

    @property
    def generation(self) -> str:
        """Name of the generation that answers."""
        return self.load().generation

    def search(
        self, text: str, *, years: Years = (), documents: Sequence[str] = (), sections: Sequence[str] = (),
        kinds: Sequence[str] = (), mode: Mode = "hybrid", sort: Sort = "relevance", group: Grouping = "none",
        page: int = 1, per_page: int | None = None,
    ) -> SearchResult:  # fmt: skip
        """One page of ranked clauses; ``per_page`` is search.default_k when it is not given."""
        filters = parse_filters(_written(years), documents, sections, kinds)
        return self.load().search(
            text, mode=mode, filters=filters, sort=sort, group=group, page=page, per_page=per_page or self._default_k
        )

    def ask(self, question: str, *, years: Years = ()) -> AskResult:
        """An answer with its quotations, or the reason why there is none; ``years`` count where it names none."""
        return ask(self.load(), question, parse_filters(_written(years)).years)

    def compare(self, from_document: str, to_document: str) -> Comparison:
        """What became of every clause of one document in another."""
        return self.load().comparison(from_document, to_document)

    def verify_quote(self, quote: str, *, years: Years = (), section: str = "") -> Verification:
        """Whether a quotation stands in the documents, where, and how exactly."""
        return self.load().verify_quote(quote, parse_filters(_written(years)).years, section)

    def indicators(self, *, years: Years = (), goal: str = "", status: str = "") -> IndicatorTable:
        """Indicators with target, actual value and status: met, missed, no-actual."""
        return self.load().indicators(parse_filters(_written(years)).years, goal, status)

    def clause(self, clause_id: str) -> ClauseView | None:
        """A clause with its document, citation and neighbours, or None."""
        return self.load().clause(clause_id)

    def clauses(self) -> Iterator[Clause]:
        """Every clause, by document and in its order."""
        return self.load().clauses()

    def documents(self) -> tuple[DocumentInfo, ...]:
        """All documents by id."""
        return self.load().documents()

    def close(self) -> None:
        """Close the index."""
        self._live.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _written(years: Years) -> list[str]:
    return [str(year) for year in years]
