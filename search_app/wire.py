"""The documented JSON: the same for the HTTP API, the command line and other programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from indexer import inspect
from indexer.model import Clause, DocumentInfo
from search_app.cite import cite
from search_app.model import Hit, SearchResult, Why

if TYPE_CHECKING:
    from search_app.gone import GoneView
    from search_app.retrieve import ClauseView, DocumentView, Search

Json = dict[str, object]
OPTIONAL = ("ocr_pages", "licence_zh", "provenance_zh")  # of a document; told where there is something to tell
_WHY = tuple(one.name for one in fields(Why) if not one.name.endswith("similarity"))
FACETS = ("year", "document", "section", "kind")


def result_json(result: SearchResult, documents: Sequence[DocumentInfo]) -> Json:
    """A search result; ``documents`` tells the plan years of the places in ``also``."""
    query = result.query
    years = {document.document_id: document for document in documents}
    return {
        "query": {
            "text": query.text, "normalized": query.normalized, "language": query.language, "kind": query.kind,
            "terms": query.terms, "expansions": query.expansions, "corrected": query.corrected, "problem": query.problem,
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
        "citation": {"zh": hit.citation.zh, "en": hit.citation.en},
        "damaged": hit.clause.damaged,
        "why": _why(hit.why),
        "also": [place_json(clause, documents[clause.document_id]) for clause in hit.also],
    }


def _why(why: Why) -> Json:
    """Why a hit was found; its cosines are left out, which mean something to one encoder only."""
    return {name: getattr(why, name) for name in _WHY}


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


def clause_json(clause: Clause) -> Json:
    """One clause as parsed, with its permalink."""
    return {**inspect.clause_json(clause), "url": clause_url(clause.clause_id)}


def gone_json(view: GoneView) -> Json:
    """A clause that is published no more, since when, and what stands in its place."""
    gone = view.gone
    return {
        "gone": {**inspect.clause_json(gone.clause), "document": document_json(gone.document), "removed": gone.at},
        "replaced_by": [
            {
                **place_json(one.clause, one.document),
                "text": one.clause.text,
                "relation": one.relation,
                "unsure": one.unsure,
            }
            for one in view.replacements
        ],
    }


def document_json(document: DocumentInfo) -> Json:
    """What is known of a document, with its permalink."""
    told = {key: value for key, value in asdict(document).items() if value or key not in OPTIONAL}
    return {**told, "year_roc": document.year_roc, "url": f"/documents/{document.document_id}"}


def clause_view_json(view: ClauseView) -> Json:
    """A clause with its surroundings."""
    return {
        **clause_json(view.clause),
        "document": document_json(view.document),
        "citation": asdict(view.citation),
        "translation": dict(view.translation),
        "rendering": {"headings_en": view.headings_en, "by": view.rendering_by, "reviewed": view.reviewed}
        if view.translation
        else None,
        "previous": clause_json(view.previous) if view.previous else None,
        "next": clause_json(view.next) if view.next else None,
        "children": [clause_json(child) for child in view.children],
    }


def document_view_json(view: DocumentView) -> Json:
    """A document as a tree."""
    return {
        "document": document_json(view.info),
        "clauses": _tree(view.clauses),
        "indicators": [inspect.indicator_json(indicator) for indicator in view.indicators],
        "account": asdict(view.account),
    }


def export_lines(search: Search) -> Iterator[str]:
    """All clauses by document and in its order, one JSON object a line, read as they are taken."""
    documents = {document.document_id: document for document in search.documents()}
    for clause in search.clauses():
        document = documents[clause.document_id]
        line = {
            **clause_json(clause), "document_id": clause.document_id, "document_title": document.title_zh,
            "year_roc": document.year_roc, "year_ce": document.year_ce, "citation": asdict(cite(clause, document)),
        }  # fmt: skip
        yield json.dumps(line, ensure_ascii=False) + "\n"


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
