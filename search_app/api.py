"""JSON over HTTP under /api/v1, and the one reader of search parameters that the HTML pages share."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, TypeVar, cast, get_args

from flask import Blueprint, Response, abort, current_app, json, jsonify, request, url_for
from werkzeug.datastructures import MultiDict

from indexer import inspect
from indexer.config import Config, SearchConfig
from indexer.errors import QueryError
from indexer.model import Clause, DocumentInfo
from search_app.model import Filters, Grouping, Mode, SearchResult, Sort
from search_app.query import parse_filters
from search_app.wire import Json, clause_url, result_json

if TYPE_CHECKING:
    from search_app.live import Live
    from search_app.retrieve import ClauseView, DocumentView, Search

Args = MultiDict[str, str]
T = TypeVar("T")

ONCE = ("q", "mode", "sort", "group", "page", "per_page")
OFTEN = ("year", "document", "section", "kind")
MODES: dict[str, Mode] = {mode: mode for mode in get_args(Mode)}
SORTS: dict[str, Sort] = {sort: sort for sort in get_args(Sort)}
GROUPINGS: dict[str, Grouping] = {grouping: grouping for grouping in get_args(Grouping)}
MAX_PAGE = 100_000

api = Blueprint("api", __name__, url_prefix="/api/v1")


@dataclass(frozen=True, slots=True)
class Site:
    """What the views of one application share."""

    live: Live
    config: Config


def site() -> Site:
    return cast(Site, current_app.extensions["plansearch"])


def searcher() -> Search:
    """The search over the published generation. Raises StoreError while there is none."""
    return site().live.current()


# Parameters


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
        return search.search(
            self.text, mode=self.mode, filters=self.filters, sort=self.sort, group=self.group,
            page=self.page, per_page=self.per_page,
        )  # fmt: skip


def read_search(args: Args, limits: SearchConfig, group: Grouping = "none") -> SearchRequest:
    """The search that the parameters ask for; ``group`` is the default. Raises QueryError naming the parameter."""
    for name in ONCE:
        if len(args.getlist(name)) > 1:
            raise QueryError(f"{name} is given {len(args.getlist(name))} times.", "Give it once.")
    return SearchRequest(
        text=args.get("q", "").strip(),
        mode=_choice(args, "mode", MODES, "hybrid"),
        filters=parse_filters(*(_values(args, name) for name in OFTEN)),
        sort=_choice(args, "sort", SORTS, "relevance"),
        group=_choice(args, "group", GROUPINGS, group),
        page=_number(args, "page", 1, MAX_PAGE),
        per_page=_number(args, "per_page", limits.default_k, limits.max_k),
    )


def _choice(args: Args, name: str, known: Mapping[str, T], default: T) -> T:
    value = args.get(name) or None
    if value is not None and value not in known:
        raise QueryError(f"unknown {name} {value!r}.", f"Known: {', '.join(known)}.")
    return known[value] if value is not None else default


def _values(args: Args, name: str) -> list[str]:
    """Every value of a parameter that may be repeated or hold several, separated by commas.

    A comma before a blank belongs to a section's heading: "Goals, strategies and targets".
    """
    comma = r",(?!\s)" if name == "section" else ","
    parts = [part.strip() for value in args.getlist(name) for part in re.split(comma, value)]
    return [part for part in dict.fromkeys(parts) if part]


def _number(args: Args, name: str, default: int, most: int) -> int:
    value = args.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and len(value) < 10 and 1 <= int(value) <= most):
        raise QueryError(f"{name} is {value!r}.", f"Give a whole number from 1 to {most}.")
    return int(value)


def _refuse_unknown(*known: str) -> None:
    """Raise QueryError when the request has another parameter: a misspelt filter must not be ignored."""
    for name in request.args:
        if name not in known:
            hint = f"Known: {', '.join(known)}." if known else "This address takes no parameters."
            raise QueryError(f"unknown parameter {name!r}.", hint)


# Shapes


def clause_json(clause: Clause) -> Json:
    return {**inspect.clause_json(clause), "url": clause_url(clause.clause_id)}


def document_json(document: DocumentInfo) -> Json:
    url = url_for("pages.document", document_id=document.document_id)
    return {**asdict(document), "year_roc": document.year_roc, "url": url}


def clause_view_json(view: ClauseView) -> Json:
    return {
        **clause_json(view.clause),
        "document": document_json(view.document),
        "citation": asdict(view.citation),
        "translation": dict(view.translation),
        "previous": clause_json(view.previous) if view.previous else None,
        "next": clause_json(view.next) if view.next else None,
        "children": [clause_json(child) for child in view.children],
    }


def document_view_json(view: DocumentView) -> Json:
    return {
        "document": document_json(view.info),
        "clauses": _tree(view.clauses),
        "indicators": [inspect.indicator_json(indicator) for indicator in view.indicators],
        "account": asdict(view.account),
    }


def parent_id(clause_id: str) -> str:
    """The id one level up: mol-106-plan/1.3.4 hangs below mol-106-plan/1.3, that below mol-106-plan/1."""
    document_id, _, path = clause_id.rpartition("/")
    return f"{document_id}/{path.rpartition('.')[0]}"


def _tree(clauses: Iterable[Clause]) -> list[Json]:
    """The clauses in document order, each with those below it in ``children``."""
    top: list[Json] = []
    children: dict[str, list[Json]] = {}
    for clause in clauses:
        below = children[clause.clause_id] = []
        children.get(parent_id(clause.clause_id), top).append({**clause_json(clause), "children": below})
    return top


# Views


@api.get("/search")
def search() -> Response:
    _refuse_unknown(*ONCE, *OFTEN)
    asked = read_search(request.args, site().config.search)
    if not asked.text:
        raise QueryError("q is missing.", "Give what to search for: /api/v1/search?q=最低工資")
    found = searcher()
    return _reply(result_json(asked.run(found), found.documents()))


@api.get("/documents")
def documents() -> Response:
    _refuse_unknown()
    return _reply({"documents": [document_json(document) for document in searcher().documents()]})


@api.get("/documents/<document_id>")
def document(document_id: str) -> Response:
    _refuse_unknown()
    view = searcher().document(document_id)
    return _reply(document_view_json(view)) if view else abort(404)


@api.get("/clauses/<path:clause_id>")
def clause(clause_id: str) -> Response:
    _refuse_unknown()
    view = searcher().clause(clause_id)
    return _reply(clause_view_json(view)) if view else abort(404)


def _reply(body: Json) -> Response:
    """JSON with a validator over all that it says, its running time apart; a client that has it already gets a 304."""
    response = jsonify(body)
    content = json.dumps({**body, "took_ms": 0})
    response.set_etag(hashlib.sha256(content.encode()).hexdigest()[:32], weak=True)
    response.headers["Cache-Control"] = "no-cache"
    return cast(Response, response.make_conditional(request))
