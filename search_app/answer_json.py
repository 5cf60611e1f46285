"""The JSON of an answered question: the same for the HTTP API, the command line and other programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from indexer.model import DocumentInfo
from search_app.answer_model import Answer, AskResult, Coverage, Quote, Understanding
from search_app.wire import Json, hit_json


def result_json(result: AskResult, documents: Sequence[DocumentInfo]) -> Json:
    """Answer or reason, nearest clauses, how the question was understood, and what the documents cover.

    ``status`` is answered, partial (an answer and a reason) or unanswered (a reason alone).
    """
    known = {document.document_id: document for document in documents}
    return {
        "answered": result.answered,
        "status": result.status,
        "answer": answer_json(result.answer) if result.answer else None,
        "evidence": [hit_json(hit, known) for hit in result.evidence],
        "reason": asdict(result.reason) if result.reason else None,
        "understanding": understanding_json(result.understanding),
        "coverage": coverage_json(result.coverage),
        "took_ms": round(result.took_ms, 1),
        "generation": result.generation,
    }


def answer_json(answer: Answer) -> Json:
    """``text`` holds the quotations; ``origin`` tells data, extract, compare or generated."""
    return {
        "text": answer.text,
        "language": answer.language,
        "confidence": answer.confidence,
        "origin": answer.origin,
        "quotes": [_quote_json(quote) for quote in answer.quotes],
    }


def understanding_json(understood: Understanding) -> Json:
    """What was taken from the question: language, kind, years (CE), subject."""
    return {
        "text": understood.text, "language": understood.language, "kind": understood.kind, "years": understood.years,
        "year_range": understood.year_range, "subject": understood.subject, "corrected": understood.corrected,
        "terms": [term.text for term in understood.terms],
    }  # fmt: skip


def coverage_json(coverage: Coverage) -> list[Json]:
    """The documents that were looked at, by year."""
    keys = ("document_id", "year_roc", "year_ce", "title_zh", "title_en", "kind")
    return [dict(zip(keys, document, strict=True)) for document in coverage.documents]


def _quote_json(quote: Quote) -> Json:
    """``range`` are [start, end) offsets into the clause's text; ``years`` (CE) hold the same words."""
    return {
        "text": quote.text, "clause_id": quote.clause_id, "document_id": quote.document_id,
        "range": [quote.start, quote.end], "citation": asdict(quote.citation), "url": quote.url,
        "years": quote.years, "also": quote.also, "translation": {"en": quote.translation} if quote.translation else {},
    }  # fmt: skip
