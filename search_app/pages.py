"""HTML pages of searching and reading: home, search, clause, documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from flask import Response, abort, g, render_template, request
from flask_babel import gettext

from indexer.model import Clause, DocumentInfo
from indexer.store import Rendering
from search_app import downloads, parameters
from search_app.answer import ask
from search_app.answer_model import AskResult
from search_app.answer_pages import written_url
from search_app.asked import note_search
from search_app.citeblock import citation_blocks, occurrence_blocks
from search_app.difference import redline
from search_app.english import EnglishHeadings
from search_app.language import bilingual, language, short_language
from search_app.links import chips, facets, options, page_url, search_url
from search_app.model import Filters, SearchResult
from search_app.narrowing import run_narrowed
from search_app.parameters import SearchRequest, read_search
from search_app.query import kind_of
from search_app.sheets import KINDS
from search_app.site import address, searcher, site
from search_app.structured import clause_data, document_data, site_data
from search_app.suggestions import Suggestions
from search_app.texts import name_of, outline

if TYPE_CHECKING:
    from search_app.retrieve import Search

QUESTION_MARKS = ("?", "？", "﹖")

pages = bilingual("pages")


@pages.get("/")
def home() -> str:
    data = site_data(address(), gettext("site.name"), gettext("site.description"))
    return render_template("home.html", documents=by_year(searcher().documents()), data=data)


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
    searched, result, parts = run_narrowed(found, asked)
    answer = _answer(found, asked, result)
    note_search(replace(asked, filters=searched.filters), result, answer)
    return render_template(
        "search.html", result=result, documents=documents, facets=facets(asked, result), options=options(asked),
        chips=chips(asked, parts), answer=answer, written_url=written_url(asked.text, asked.filters.years, answer),
        clause_of=found.clause, by_year=by_year,
        exports=_exports(searched), most=limits.max_k, related=_related(found, asked, result),
        feed_url=search_url(replace(searched, page=1), "feeds.search", lang=language()), plain_url=_plain_url(asked, result),
        unfiltered_url=search_url(replace(asked, filters=Filters(), page=1)),
        first_url=search_url(replace(asked, page=1)), compared=_compared([*documents.values()]),
        previous_url=page_url(asked, asked.page - 1, result.total), next_url=page_url(asked, asked.page + 1, result.total),
    )  # fmt: skip


@pages.get("/search/export")
def export() -> Response:
    """The hits of a search as a file, as many as one answer may hold."""
    form = parameters.choice(request.args, "format", {name: name for name in downloads.FORMATS}, None)
    limits = site().config.search
    asked = replace(read_search(request.args, limits), page=1, per_page=limits.max_k)
    if form is None or not asked.text:
        abort(404)
    found = searcher()
    hits = downloads.Found(asked.run(found), found.documents(), address(), date.today(), short_language())
    return download(downloads.write_hits(hits, form), KINDS[form].media_type, f"plansearch.{KINDS[form].ending}")


@pages.get("/clauses/<path:clause_id>")
def clause(clause_id: str) -> str | tuple[str, int]:
    found = searcher()
    view = found.clause(clause_id)
    if view is None:
        return render_template("gone.html", view=found.gone(clause_id) or abort(404), gone=True), 410
    (others, waiting), today = found.history_so_far(clause_id), date.today()
    block, block_en = citation_blocks(view.clause, view.document, address(), today)
    headings = site().of(EnglishHeadings, found)
    path = headings.path(view.clause, view.headings_en)
    name = headings.of(view.clause) if language() == "en" else ""
    linked = [one for one in (view.previous, view.next, *view.children) if one]
    linked += [one for other in others for one in other.clauses]
    return render_template(
        "clause.html", view=view, name=name or name_of(view.clause), path=path, others=others, block=block, block_en=block_en, redline=redline,
        pairs=[occurrence_blocks(one, view.document, address(), today) for one in others], waiting=waiting,
        data=clause_data(view, path, address()), renderings=renderings_for(found, linked),
    )  # fmt: skip


@pages.get("/documents")
def documents() -> str:
    return render_template("documents.html", documents=by_year(searcher().documents()))


@pages.get("/documents/<document_id>")
def document(document_id: str) -> str:
    found = searcher()
    view = found.document(document_id) or abort(410 if found.gone_document(document_id) else 404)
    return render_template(
        "document.html", view=view, entries=list(outline(view.clauses)), data=document_data(view, address()),
        renderings=renderings_for(found, view.clauses),
    )  # fmt: skip


def renderings_for(found: Search, clauses: Iterable[Clause]) -> Mapping[str, Rendering]:
    """What an English page tells of clauses beside their own words; nothing in a Chinese page."""
    return found.renderings([clause.clause_id for clause in clauses]) if language() == "en" else {}


def by_year(documents: Sequence[DocumentInfo]) -> list[DocumentInfo]:
    """Newest first."""
    return sorted(documents, key=lambda document: (-document.year_ce, document.document_id))


def download(content: bytes, media_type: str, name: str) -> Response:
    """A file to be saved."""
    response = Response(content, content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-cache"
    return response


def _answer(found: Search, asked: SearchRequest, result: SearchResult) -> AskResult | None:
    """The answer to a question, above the first hits; None for what is no question, or an expression gone wrong."""
    query = result.query
    words = query.ranked if query.filters else asked.text  # without year:106 and other fields
    question = query.kind == "question" and not (query.problem and kind_of(words) != "question")
    if asked.page > 1 or not (question or words.endswith(QUESTION_MARKS)):
        return None
    return ask(found, words, asked.filters.years or query.filters.years)


def _related(found: Search, asked: SearchRequest, result: SearchResult) -> list[str]:
    """Queries that find something, for one that finds nothing."""
    if result.total:
        return []
    return [one.text for one in site().of(Suggestions, found).related(asked.text, result.query.terms)]


def _plain_url(asked: SearchRequest, result: SearchResult) -> str | None:
    """The same words as plain text, for an expression that finds nothing."""
    words = result.query.ranked
    return search_url(replace(asked, text=words, page=1)) if not result.total and words != asked.text else None


def _compared(documents: Sequence[DocumentInfo]) -> set[str]:
    """Ids of the documents that have another one of their kind to be compared with."""
    kinds = [document.kind for document in documents]
    return {document.document_id for document in documents if kinds.count(document.kind) > 1}


def _exports(asked: SearchRequest) -> dict[str, str]:
    return {form: search_url(asked, "pages.export", format=form) for form in downloads.FORMATS}
