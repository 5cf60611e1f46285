"""The JSON of DESIGN: the same for the HTTP API, the command line and other programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from indexer.model import Clause, DocumentInfo
from search_app.model import Hit, SearchResult

Json = dict[str, object]
FACETS = ("year", "document", "section", "kind")


def result_json(result: SearchResult, documents: Sequence[DocumentInfo]) -> Json:
    """A search result; ``documents`` tells the plan years of the places in ``also``."""
    query = result.query
    years = {document.document_id: document for document in documents}
    return {
        "query": {
            "text": query.text, "normalized": query.normalized, "language": query.language,
            "terms": query.terms, "expansions": query.expansions, "corrected": query.corrected,
        },
        "total": result.total,
        "took_ms": round(result.took_ms, 1),
        "generation": result.generation,
        "hits": [hit_json(hit, years) for hit in result.hits],
        "facets": {
            name: [{"value": value, "count": count} for value, count in result.facets.get(name, ())] for name in FACETS
        },
        "suggestions": result.suggestions,
    }  # fmt: skip


def hit_json(hit: Hit, documents: Mapping[str, DocumentInfo]) -> Json:
    """One hit; its clause, where it stands, and why it was found."""
    return {
        "rank": hit.rank,
        "score": hit.score,
        **place_json(hit.clause, hit.document),
        "document_title": hit.document.title_zh,
        "kind": hit.clause.kind,
        "text": hit.clause.text,
        "highlights": hit.highlights,
        "translation": dict(hit.translation),
        "citation": asdict(hit.citation),
        "damaged": hit.clause.damaged,
        "why": asdict(hit.why),
        "also": [place_json(clause, documents[clause.document_id]) for clause in hit.also],
    }


def place_json(clause: Clause, document: DocumentInfo) -> Json:
    """Where a clause stands."""
    return {
        "clause_id": clause.clause_id,
        "document_id": clause.document_id,
        "year_roc": document.year_roc,
        "year_ce": document.year_ce,
        "section_path": clause.section_path,
        "marker": clause.marker,
        "url": clause_url(clause.clause_id),
    }


def clause_url(clause_id: str) -> str:
    """The permalink of a clause, without the host."""
    return f"/clauses/{clause_id}"
