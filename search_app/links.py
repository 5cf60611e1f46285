"""Links of a result page: the same search with one thing changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import url_for

from search_app.model import Filters, SearchResult
from search_app.parameters import OFTEN, SearchRequest
from search_app.site import site


@dataclass(frozen=True, slots=True)
class FacetLink:
    """One value of a facet with the address of the search that has it added, or removed when it is on."""

    value: str
    count: int
    on: bool
    url: str


def search_url(asked: SearchRequest, endpoint: str = "pages.search", **more: str) -> str:
    """The address of a search; what is at its default is left out."""
    usual = {
        "mode": "hybrid",
        "sort": "relevance",
        "group": "same",
        "page": 1,
        "per_page": site().config.search.default_k,
    }
    chosen = {name: getattr(asked, name) for name in usual if getattr(asked, name) != usual[name]}
    arguments: dict[str, Any] = {"q": asked.text, **filter_values(asked.filters), **chosen, **more}
    return url_for(endpoint, **arguments)


def filter_values(filters: Filters) -> dict[str, list[str]]:
    """The filters as parameters; years as printed on the plans."""
    years = [str(year - 1911) for year in filters.years]
    return {"year": years, "document": [*filters.documents], "section": [*filters.sections], "kind": [*filters.kinds]}


def facets(asked: SearchRequest, result: SearchResult) -> dict[str, list[FacetLink]]:
    """Per facet its values that the hits have; facets that leave no choice are left out."""
    on = filter_values(asked.filters)
    links = {
        name: [
            FacetLink(value, count, value in on[name], search_url(_toggled(asked, name, value)))
            for value, count in result.facets.get(name, ())
        ]
        for name in OFTEN
    }
    return {name: values for name, values in links.items() if len(values) > 1 or any(link.on for link in values)}


def chips(asked: SearchRequest) -> list[tuple[str, str, str]]:
    """(facet, value, address of the search without it) of every filter that is on."""
    values = filter_values(asked.filters)
    return [(name, value, search_url(_toggled(asked, name, value))) for name in OFTEN for value in values[name]]


def page_url(asked: SearchRequest, page: int, total: int) -> str | None:
    """The address of another page of hits, None where there is none."""
    last = -(-total // asked.per_page)
    return search_url(replace(asked, page=page)) if 1 <= page <= last else None


def _toggled(asked: SearchRequest, name: str, value: str) -> SearchRequest:
    values = filter_values(asked.filters)
    if value in values[name]:
        values[name].remove(value)
    else:
        values[name].append(value)
    years = tuple(int(year) + 1911 for year in values["year"])
    filters = Filters(years, tuple(values["document"]), tuple(values["section"]), tuple(values["kind"]))
    return replace(asked, filters=filters, page=1)
