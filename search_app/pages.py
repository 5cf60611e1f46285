"""HTML pages of searching and reading: home, search, clause, documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from flask import Response, abort, g, render_template, request

from indexer.model import DocumentInfo
from search_app import downloads, parameters
from search_app.answer import ask
from search_app.answer_model import AskResult
from search_app.citeblock import citation_blocks, occurrence_blocks
from search_app.difference import redline
from search_app.language import bilingual, language, short_language
from search_app.links import chips, facets, page_url, search_url
from search_app.model import Filters, SearchResult
from search_app.parameters import SearchRequest, read_search
from search_app.sheets import KINDS
from search_app.site import address, searcher, site
from search_app.texts import linked_path, outline

if TYPE_CHECKING:
    from search_app.retrieve import Search

QUESTION_MARKS = ("?", "？", "﹖")

pages = bilingual("pages")


@pages.get("/")
def home() -> str:
    return render_template("home.html", documents=by_year(searcher().documents()))


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
        answer=_answer(found, asked, result), exports=_exports(asked), most=limits.max_k,
        feed_url=search_url(replace(asked, page=1), "feeds.search", lang=language()),
        unfiltered_url=search_url(replace(asked, filters=Filters(), page=1)),
        first_url=search_url(replace(asked, page=1)),
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
        return render_template("gone.html", view=found.gone(clause_id) or abort(404)), 410
    (others, waiting), today = found.history_so_far(clause_id), date.today()
    block, block_en = citation_blocks(view.clause, view.document, address(), today)
    return render_template(
        "clause.html", view=view, path=linked_path(view.clause, view.headings_en), others=others, block=block,
        block_en=block_en, pairs=[occurrence_blocks(one, view.document, address(), today) for one in others],
        redline=redline, waiting=waiting,
    )  # fmt: skip


@pages.get("/documents")
def documents() -> str:
    return render_template("documents.html", documents=by_year(searcher().documents()))


@pages.get("/documents/<document_id>")
def document(document_id: str) -> str:
    view = searcher().document(document_id) or abort(410 if searcher().gone_document(document_id) else 404)
    return render_template("document.html", view=view, entries=list(outline(view.clauses)))


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
    """The answer to a question, above the first hits; None for what is no question."""
    question = result.query.kind == "question" or asked.text.endswith(QUESTION_MARKS)
    return ask(found, asked.text, asked.filters.years) if question and asked.page == 1 else None


def _exports(asked: SearchRequest) -> dict[str, str]:
    return {form: search_url(asked, "pages.export", format=form) for form in downloads.FORMATS}
