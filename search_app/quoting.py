"""Quotations: words of a clause with their place, citation and permalink."""

from __future__ import annotations

from urllib.parse import quote as percent

from search_app.answer_model import Quote, ordered
from search_app.evidence import Evidence
from search_app.retrieve import ClauseView


def quote_of(view: ClauseView, start: int, end: int) -> Quote:
    """The words clause.text[start:end] of a clause."""
    clause = view.clause
    return Quote(
        clause.text[start:end], clause.clause_id, clause.document_id, start, end, view.citation,
        permalink(clause.clause_id), (view.document.year_ce,), (), view.translation.get("en"),
    )  # fmt: skip


def quote_evidence(evidence: Evidence) -> Quote:
    """The span of a hit's clause, with the years and ids of the clauses that hold the same words."""
    hit, others, span = evidence.hit, evidence.also, evidence.span
    clause = hit.clause
    return Quote(
        clause.text[span.start : span.end], clause.clause_id, clause.document_id, span.start, span.end, hit.citation,
        permalink(clause.clause_id), ordered([hit.document.year_ce, *(other.document.year_ce for other in others)]),
        tuple(other.clause.clause_id for other in others), hit.translation.get("en"),
    )  # fmt: skip


def permalink(clause_id: str) -> str:
    """Where the clause's page is."""
    return f"/clauses/{percent(clause_id)}"
