"""The parameters of addresses, read strictly: what is misspelt or given twice is named, never ignored."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar, get_args

from werkzeug.datastructures import MultiDict

from indexer.config import SearchConfig
from indexer.errors import QueryError
from search_app.model import Filters, Grouping, Mode, SearchResult, Sort
from search_app.observe import Searched, note
from search_app.query import parse_filters
from search_app.retrieve import Search

Args = MultiDict[str, str]
T = TypeVar("T")

ONCE = ("q", "mode", "sort", "group", "page", "per_page")
OFTEN = ("year", "document", "section", "kind")
MODES: dict[str, Mode] = {mode: mode for mode in get_args(Mode)}
SORTS: dict[str, Sort] = {sort: sort for sort in get_args(Sort)}
GROUPINGS: dict[str, Grouping] = {grouping: grouping for grouping in get_args(Grouping)}
MAX_PAGE = 100_000


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """The parameters of a search, checked; ``page`` is 1-based."""

    text: str
    mode: Mode
    filters: Filters
    sort: Sort
    group: Grouping
    page: int
    per_page: int

    def run(self, search: Search) -> SearchResult:
        found = search.search(
            self.text, mode=self.mode, filters=self.filters, sort=self.sort, group=self.group,
            page=self.page, per_page=self.per_page,
        )  # fmt: skip
        note(Searched(found.query.language, found.query.kind, found.total))
        return found


def read_search(args: Args, limits: SearchConfig, group: Grouping = "none") -> SearchRequest:
    """The search that the parameters ask for; ``group`` is the default. Raises QueryError naming the parameter."""
    refuse_repeated(args, *ONCE)
    return SearchRequest(
        text=args.get("q", "").strip(),
        mode=choice(args, "mode", MODES, "hybrid"),
        filters=parse_filters(*(values(args, name) for name in OFTEN)),
        sort=choice(args, "sort", SORTS, "relevance"),
        group=choice(args, "group", GROUPINGS, group),
        page=_number(args, "page", 1, MAX_PAGE),
        per_page=_number(args, "per_page", limits.default_k, limits.max_k),
    )


def years(args: Args) -> tuple[int, ...]:
    """The CE years asked for; 106 and 2017 mean the same. Raises QueryError."""
    return parse_filters(values(args, "year")).years


def text(args: Args, name: str) -> str:
    """The one value of a parameter, "" when it is not given. Raises QueryError when it is given twice."""
    refuse_repeated(args, name)
    return args.get(name, "").strip()


def known(args: Args, name: str, choices: Collection[str]) -> str:
    """The one value of a parameter, one of the choices or "". Raises QueryError naming them."""
    return choice(args, name, {value: value for value in choices}, "") if text(args, name) else ""


def choice(args: Args, name: str, known: Mapping[str, T], default: T) -> T:
    """What the value of a parameter stands for. Raises QueryError naming what is known."""
    value = args.get(name) or None
    if value is not None and value not in known:
        raise QueryError(f"unknown {name} {value!r}.", f"Known: {', '.join(known)}.")
    return known[value] if value is not None else default


def values(args: Args, name: str) -> list[str]:
    """Every value of a parameter that may be repeated or hold several, separated by commas.

    A comma before a blank belongs to a section's heading: "Goals, strategies and targets".
    """
    comma = r",(?!\s)" if name == "section" else ","
    parts = [part.strip() for value in args.getlist(name) for part in re.split(comma, value)]
    return [part for part in dict.fromkeys(parts) if part]


def refuse_repeated(args: Args, *names: str) -> None:
    """Raise QueryError when one of the parameters is given more than once."""
    for name in names:
        if len(args.getlist(name)) > 1:
            raise QueryError(f"{name} is given {len(args.getlist(name))} times.", "Give it once.")


def refuse_unknown(args: Args, *known: str) -> None:
    """Raise QueryError when there is another parameter: a misspelt filter must not be ignored."""
    for name in args:
        if name not in known:
            hint = f"Known: {', '.join(known)}." if known else "This address takes no parameters."
            raise QueryError(f"unknown parameter {name!r}.", hint)


def _number(args: Args, name: str, default: int, most: int) -> int:
    value = args.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and len(value) < 10 and 1 <= int(value) <= most):
        raise QueryError(f"{name} is {value!r}.", f"Give a whole number from 1 to {most}.")
    return int(value)
