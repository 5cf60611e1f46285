"""A search as a reader means it: plan years in the words narrow it, unless the words stand somewhere as typed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from indexer.text import fold_text
from search_app.model import SearchResult
from search_app.parameters import SearchRequest
from search_app.recognised import Part, recognised

if TYPE_CHECKING:
    from search_app.retrieve import Search


class Narrowed(NamedTuple):
    """What was searched, with what result, and the parts of the query that count beside its words."""

    asked: SearchRequest
    result: SearchResult
    parts: list[Part]


def run_narrowed(found: Search, asked: SearchRequest) -> Narrowed:
    """The search with the plan years that its words name. Chosen years count more; years that leave nothing do not count."""
    plan_years = {document.year_ce for document in found.documents()}
    parts = recognised(asked.text, plan_years)
    years = {year for part in parts for year in part.years}
    if not years or parts[-1].kind == "place":
        return Narrowed(asked, asked.run(found), parts)
    if not asked.filters.years and not found.containing(fold_text(asked.text)).size:
        narrowed = replace(asked, filters=replace(asked.filters, years=tuple(sorted(years))))
        result = narrowed.run(found)
        if result.total:
            return Narrowed(narrowed, result, parts)
    return Narrowed(asked, asked.run(found), [part for part in parts if not part.years])
