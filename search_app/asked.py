"""What of a request goes into the query log: searches without a hit, questions without an answer, queries asked anew.

A query counts as asked anew when the reader searches for something else from its result page: the browser names that
page as the referrer (our own pages ask it to, within this site only), so that nobody need be followed.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from flask import request

from indexer.text import fold_text
from search_app.answer_model import AskResult
from search_app.model import SearchResult
from search_app.parameters import SearchRequest
from search_app.site import site

LACKING = ("not_found", "unknown_terms")  # reasons that better words could help; a year without a plan is none


def note_search(asked: SearchRequest, result: SearchResult, answer: AskResult | None = None) -> None:
    """Count a search that served nobody. Filters and later pages say nothing about the words, so they do not count."""
    if not site().querylog.enabled or asked.page > 1 or asked.filters or result.query.filters:
        return
    _note_referrer(asked.text)
    if answer is not None:
        note_answer(asked.text, answer)
    elif not result.total:
        site().querylog.record(asked.text, "zero")


def note_answer(question: str, result: AskResult) -> None:
    """Count a question that the documents did not answer."""
    if result.status == "unanswered" and result.reason and result.reason.code in LACKING:
        site().querylog.record(question, "unanswered")


def _note_referrer(text: str) -> None:
    """Count the query whose result page this one was asked from, if it was another."""
    came_from = urlsplit(request.referrer or "")
    if (came_from.netloc, came_from.path) != (request.host, request.path):
        return
    before = parse_qs(came_from.query).get("q", [""])[0].strip()
    if before and fold_text(before) != fold_text(text):
        site().querylog.record(before, "reformulated")
