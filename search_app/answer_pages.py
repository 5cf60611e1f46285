"""The page of one answer: the words of the documents at once, then the sentences of a language model as they are proven.

The page is one HTML answer that grows: no script is needed, and where the service fails, what stood there first stays.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from flask import Response, abort, request, stream_template, url_for

from indexer.errors import ConfigError
from search_app import parameters
from search_app.answer import ask
from search_app.answer_model import AskResult
from search_app.endpoint import Endpoint
from search_app.generate import Proven, stream
from search_app.language import bilingual
from search_app.site import searcher, site

if TYPE_CHECKING:
    from search_app.retrieve import Search

log = logging.getLogger(__name__)

answer_pages = bilingual("answers")


@answer_pages.get("/answer")
def answer() -> Response:
    question, years = parameters.text(request.args, "q"), parameters.years(request.args)
    if not question or len(question) > site().config.search.max_query_chars:
        abort(404)
    found = searcher()
    result = ask(found, question, years)
    page = stream_template(
        "written.html", question=question, answer=result, pieces=_written(found, result) if writes(result) else None,
        clause_of=found.clause,
        documents={document.document_id: document for document in found.documents()},
    )  # fmt: skip
    response = Response(page, mimetype="text/html")
    response.headers["X-Accel-Buffering"] = "no"  # a proxy must pass on every piece as it comes
    return response


def written_url(question: str, years: tuple[int, ...], result: AskResult | None) -> str | None:
    """Where the answer is written by the configured model, or None when there is none or nothing for it to do."""
    return url_for("answers.answer", q=question, year=years) if result is not None and writes(result) else None


def writes(result: AskResult) -> bool:
    """True when a model is configured and the answer is one from text; figures are never left to a model."""
    return bool(site().config.endpoint.url) and result.answer is not None and result.answer.origin != "data"


def _written(search: Search, result: AskResult) -> Iterator[Proven | AskResult]:
    """Proven sentences, then the result that counts; the result as it was when the service cannot be asked."""
    try:
        with Endpoint(site().config.endpoint) as endpoint:
            yield from stream(search, result, endpoint)
    except ConfigError as error:
        log.error("no generated answer: %s", error)
        yield result
