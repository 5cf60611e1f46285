"""HTML pages: home, search, clause, documents; the language of a page; links that change one thing of a search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, g, render_template, request, url_for
from flask_babel import gettext

from indexer.model import Clause, DocumentInfo
from search_app.api import MODES, OFTEN, SORTS, SearchRequest, parent_id, read_search, searcher, site
from search_app.model import Filters, SearchResult

DEFAULT_LANGUAGE = "zh-Hant"
LOCALES = {"zh-Hant": "zh_Hant", "en": "en"}  # language tag -> catalogue
HTML_LANG = {"zh-Hant": "zh-Hant-TW", "en": "en"}
COOKIE = "lang"
COOKIE_SECONDS = 365 * 24 * 3600

EXAMPLES = (
    ("最低工資", "zh"), ('"工會結社規範"', "zh"), ("身心障礙者定額進用", "zh"), ("職業災害保險", "zh"),
    ("minimum wage legislation", "en"), ("occupational accident insurance", "en"),
)  # fmt: skip
WHOLE = 300  # characters that a list shows in full; the longest clause of the shipped documents has 283
EXCERPT = 240  # characters shown of a longer one
NAME = 80  # characters of a heading in a link; the longest of the shipped documents has 67
HEADINGS = ("heading", "goal", "work_plan", "plan_row")

pages = Blueprint("pages", __name__)


# Language


def language() -> str:
    """The language of this page: from the address, the cookie, the browser; Chinese when none of them says."""
    wanted = [request.args.get("lang", ""), request.cookies.get(COOKIE, "")]
    wanted += [code for code, quality in request.accept_languages if quality > 0]
    known = [tag for tag in map(language_of, wanted) if tag]
    return known[0] if known else ("en" if request.accept_languages else DEFAULT_LANGUAGE)


def language_of(code: str) -> str | None:
    """The language that a code asks for (zh-Hant, zh-TW, zh_tw, en-GB), or None."""
    return {"zh": "zh-Hant", "en": "en"}.get(code.lower().replace("_", "-").split("-")[0])


def locale() -> str:
    return LOCALES[language()]


@pages.url_defaults
def _keep_language(endpoint: str, values: dict[str, object]) -> None:
    """Pages that were asked for in one language link to pages in it, also where cookies are off."""
    if language_of(request.args.get("lang", "")):
        values.setdefault("lang", language())


@pages.after_request
def _remember_language(response: Response) -> Response:
    if language_of(request.args.get("lang", "")):
        response.set_cookie(
            COOKIE, language(), COOKIE_SECONDS, secure=request.is_secure, httponly=True, samesite="Lax"
        )  # fmt: skip
    return response


def page_context() -> dict[str, object]:
    """What every template knows."""
    other = "en" if language() == "zh-Hant" else "zh-Hant"
    arguments = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return {
        "language": language(), "html_lang": HTML_LANG[language()], "zh_lang": HTML_LANG["zh-Hant"],
        "lang_in_url": language_of(request.args.get("lang", "")),
        "other_language": other, "other_html_lang": HTML_LANG[other],
        "other_url": "?" + urlencode([*arguments, ("lang", other)]),
        "modes": list(MODES), "sorts": list(SORTS), "asked": g.get("asked"), "filter_values": filter_values,
        "examples": EXAMPLES, "headings": HEADINGS, "excerpt": excerpt, "label": label, "name_of": name_of,
        "numbered": numbered,
    }  # fmt: skip


def label(group: str, value: str) -> str:
    """The name of a value in the page's language; the value itself when it has none, such as a new kind of document."""
    key = f"{group}.{value}"
    name: str = gettext(key)
    return value if name == key else name


# Text


def numbered(clause: Clause) -> str:
    """The clause behind its marker as printed: （四）研擬最低工資法制。 and 五 完善退休金制度."""
    return (_lead(clause) + clause.text).strip()


def _lead(clause: Clause) -> str:
    if not clause.marker or clause.kind == "indicator":  # its text begins with its number
        return ""
    return clause.marker if clause.marker.endswith(("、", "）", ")")) else f"{clause.marker} "


def name_of(clause: Clause) -> str:
    """What a link to the clause says: a heading itself, a damaged page's number, else the heading above and the marker."""
    if clause.damaged:
        return gettext("clause.page", page=clause.span.page) if clause.span.page else label("kind", clause.kind)
    if clause.kind in HEADINGS or not clause.section_path:
        text = numbered(clause)
        return text if len(text) <= NAME else f"{text[: NAME - 1]}…"
    return " · ".join(part for part in (clause.section_path[-1], clause.marker.rstrip("、.．")) if part)


class Piece(NamedTuple):
    text: str
    marked: bool


def pieces(text: str, highlights: Sequence[tuple[int, int]], start: int = 0, end: int | None = None) -> Iterator[Piece]:
    """``text[start:end]`` cut at its highlights."""
    end = len(text) if end is None else end
    for first, last in sorted(highlights):
        first, last = max(first, start), min(last, end)
        if first < last:
            if start < first:
                yield Piece(text[start:first], False)
            yield Piece(text[first:last], True)
            start = last
    if start < end:
        yield Piece(text[start:end], False)


def excerpt(clause: Clause, highlights: Sequence[tuple[int, int]]) -> list[Piece]:
    """The clause behind its marker, cut at its highlights; of a long text the part around the first."""
    text, start, end = clause.text, 0, len(clause.text)
    if len(text) > WHOLE:
        first = min(highlights)[0] if highlights else 0
        start = max(0, min(first - EXCERPT // 3, len(text) - EXCERPT))
        end = start + EXCERPT
    before = "…" if start else _lead(clause)
    after = "…" if end < len(text) else ""
    return [Piece(before, False), *pieces(text, highlights, start, end), Piece(after, False)]


# Links of a search


@dataclass(frozen=True, slots=True)
class FacetLink:
    """One value of a facet with the address of the search that has it added, or removed when it is on."""

    value: str
    count: int
    on: bool
    url: str


def search_url(asked: SearchRequest) -> str:
    """The address of a search; what is at its default is left out."""
    usual = {
        "mode": "hybrid",
        "sort": "relevance",
        "group": "same",
        "page": 1,
        "per_page": site().config.search.default_k,
    }
    chosen = {name: getattr(asked, name) for name in usual if getattr(asked, name) != usual[name]}
    arguments: dict[str, Any] = {"q": asked.text, **filter_values(asked.filters), **chosen}
    return url_for("pages.search", **arguments)


def filter_values(filters: Filters) -> dict[str, list[str]]:
    """The filters as parameters; years as printed on the plans."""
    years = [str(year - 1911) for year in filters.years]
    return {"year": years, "document": [*filters.documents], "section": [*filters.sections], "kind": [*filters.kinds]}


def _toggled(asked: SearchRequest, name: str, value: str) -> SearchRequest:
    values = filter_values(asked.filters)
    if value in values[name]:
        values[name].remove(value)
    else:
        values[name].append(value)
    years = tuple(int(year) + 1911 for year in values["year"])
    filters = Filters(years, tuple(values["document"]), tuple(values["section"]), tuple(values["kind"]))
    return replace(asked, filters=filters, page=1)


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


def _page_url(asked: SearchRequest, page: int, total: int) -> str | None:
    last = -(-total // asked.per_page)
    return search_url(replace(asked, page=page)) if 1 <= page <= last else None


# Trees


class Entry(NamedTuple):
    """A clause in the outline of its document; ``level`` is 2 to 6 for headings, 0 for all others."""

    clause: Clause
    depth: int
    level: int

    @property
    def anchor(self) -> str:
        return self.clause.clause_id.rpartition("/")[2]


def outline(clauses: Sequence[Clause]) -> Iterator[Entry]:
    """The clauses in order with heading levels that never skip one."""
    open_headings: list[int] = []
    for clause in clauses:
        depth = len(clause.section_path)
        open_headings = [above for above in open_headings if above < depth]
        level = 0
        if clause.kind in HEADINGS:
            open_headings.append(depth)
            level = min(1 + len(open_headings), 6)
        yield Entry(clause, depth, level)


def linked_path(clause: Clause) -> list[tuple[str, str | None]]:
    """The section path with the id of each heading's clause."""
    above: list[str | None] = []
    upper = parent_id(clause.clause_id)
    while not upper.endswith("/"):
        above.insert(0, upper)
        upper = parent_id(upper)
    if len(above) != len(clause.section_path):
        above = [None] * len(clause.section_path)
    return list(zip(clause.section_path, above, strict=True))


def _by_year(documents: Sequence[DocumentInfo]) -> list[DocumentInfo]:
    return sorted(documents, key=lambda document: (-document.year_ce, document.document_id))


# Views


@pages.get("/")
def home() -> str:
    return render_template("home.html", documents=_by_year(searcher().documents()))


@pages.get("/search")
def search() -> str | tuple[str, int]:
    limits = site().config.search
    g.asked = asked = read_search(request.args, limits, "same")
    if len(asked.text) > limits.max_query_chars:
        return render_template("search.html", result=None, too_long=limits.max_query_chars), 400
    found = searcher()
    documents = {document.document_id: document for document in found.documents()}
    if not asked.text:
        return render_template("search.html", result=None, documents=documents)
    result = asked.run(found)
    return render_template(
        "search.html", result=result, documents=documents, facets=facets(asked, result), chips=chips(asked),
        unfiltered_url=search_url(replace(asked, filters=Filters(), page=1)),
        first_url=search_url(replace(asked, page=1)),
        previous_url=_page_url(asked, asked.page - 1, result.total), next_url=_page_url(asked, asked.page + 1, result.total),
    )  # fmt: skip


@pages.get("/clauses/<path:clause_id>")
def clause(clause_id: str) -> str:
    view = searcher().clause(clause_id) or abort(404)
    return render_template("clause.html", view=view, path=linked_path(view.clause))


@pages.get("/documents")
def documents() -> str:
    return render_template("documents.html", documents=_by_year(searcher().documents()))


@pages.get("/documents/<document_id>")
def document(document_id: str) -> str:
    view = searcher().document(document_id) or abort(404)
    return render_template("document.html", view=view, entries=list(outline(view.clauses)))
