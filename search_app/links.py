"""Links of a result page: the same search with one thing changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for

from indexer.titles import year_ce
from search_app.model import Filters, SearchResult
from search_app.parameters import MODES, OFTEN, SORTS, SearchRequest
from search_app.recognised import Part
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


_PART_NAMES = {"years": "year", "title": "title_field"}  # what a recognised part is called beside the facets


@dataclass(frozen=True, slots=True)
class Chip:
    """Something that narrows the search, with the address of the search without it; ``years`` (CE) where it names years."""

    name: str
    value: str
    url: str
    years: tuple[int, ...] = ()


def chips(asked: SearchRequest, parts: Sequence[Part]) -> list[Chip]:
    """What was recognised in the words of the query, then every filter that is on."""
    typed = [
        Chip(
            _PART_NAMES.get(part.kind, part.kind), part.value,
            search_url(replace(asked, text=part.without, page=1)), part.years or _typed_years(part),
        )
        for part in parts
    ]  # fmt: skip
    values = filter_values(asked.filters)
    chosen = [
        Chip(name, value, search_url(_toggled(asked, name, value)), (int(value) + 1911,) if name == "year" else ())
        for name in OFTEN
        for value in values[name]
    ]
    return [*typed, *chosen]


def _typed_years(part: Part) -> tuple[int, ...]:
    """The CE year of year:106 and year:2017; () for a range, which is shown as typed."""
    if part.kind != "year" or not part.value.isdecimal():
        return ()
    try:
        return (year_ce(int(part.value)),)
    except ValueError:
        return ()


@dataclass(frozen=True, slots=True)
class OptionLink:
    """One way to rank or order, with the address of the search in that way."""

    value: str
    on: bool
    url: str


def options(asked: SearchRequest) -> dict[str, list[OptionLink]]:
    """The ways to order and to match."""
    return {
        "sort": [
            OptionLink(one, one == asked.sort, search_url(replace(asked, sort=one, page=1))) for one in SORTS.values()
        ],
        "mode": [
            OptionLink(one, one == asked.mode, search_url(replace(asked, mode=one, page=1))) for one in MODES.values()
        ],
    }


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
