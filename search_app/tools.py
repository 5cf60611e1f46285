"""What one opened generation can do besides searching: compare, follow a clause, check a quotation, list indicators."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.model import Clause, DocumentInfo
from search_app.indicators import IndicatorTable, Source, indicator_table
from search_app.lineage import Lineage, Occurrence
from search_app.relations import Comparison
from search_app.retrieve import Search
from search_app.verify import Verification, verify


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison with the two documents that it compares."""

    comparison: Comparison
    documents: tuple[DocumentInfo, DocumentInfo]


_lineages: weakref.WeakKeyDictionary[Search, Lineage] = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def compared(search: Search, from_id: str, to_id: str) -> Compared | None:
    """What became of the clauses of one document in another, or None when one of them is unknown."""
    known = {document.document_id: document for document in search.documents()}
    if from_id not in known or to_id not in known:
        return None
    return Compared(_lineage(search).comparison(from_id, to_id), (known[from_id], known[to_id]))


def history(search: Search, clause: Clause) -> list[Occurrence]:
    """The clause in every other document of the same kind, by plan year."""
    return _lineage(search).history(clause)


def check_quote(search: Search, quote: str, years: Sequence[int] = (), section: str = "") -> Verification:
    """Whether a quotation stands in the corpus. Raises QueryError when it is too long."""
    return verify(quote, search._store, search._engines.grams, years, section)


def indicators(search: Search, years: Sequence[int] = (), goal: str = "", status: str = "") -> IndicatorTable:
    """The indicators that the filters leave. Raises QueryError for an unknown status."""
    return indicator_table(_sources(search), years, goal, status)


def goals(search: Search) -> list[str]:
    """The goals that indicators stand under, as printed, in the order of the documents."""
    return list(dict.fromkeys(one.goal for source in _sources(search) for one in source.indicators if one.goal))


def _sources(search: Search) -> list[Source]:
    views = [search.document(document.document_id) for document in search.documents()]
    return [Source(view.info, view.indicators, view.clauses) for view in views if view is not None]


def _lineage(search: Search) -> Lineage:
    with _lock:
        found = _lineages.get(search)
        if found is None:
            reference = weakref.ref(search)  # the lineage must not keep a replaced generation alive
            found = Lineage(search.documents(), lambda one: _clauses(reference(), one), search._encoder.encode_passages)
            _lineages[search] = found
        return found


def _clauses(search: Search | None, document_id: str) -> Sequence[Clause]:
    view = search.document(document_id) if search is not None else None
    return view.clauses if view is not None else ()
