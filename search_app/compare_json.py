"""The JSON of comparing: the same for the HTTP API, the command line and files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from indexer.model import Clause, DocumentInfo
from search_app.difference import Difference
from search_app.lineage import Occurrence, change_of
from search_app.relations import Comparison, Relation

Json = dict[str, object]


def comparison_json(comparison: Comparison, documents: Sequence[DocumentInfo] = ()) -> Json:
    """The JSON of a comparison: from, to, counts by level, relations; ``documents`` tell titles and years."""
    return {
        "from": comparison.from_document,
        "to": comparison.to_document,
        "documents": [
            {"document_id": doc.document_id, "title": doc.title_zh, "year_roc": doc.year_roc, "year_ce": doc.year_ce}
            for doc in documents
        ],
        "counts": comparison.counts(),
        "relations": [relation_json(relation) for relation in comparison.relations],
    }


def relation_json(relation: Relation) -> Json:
    """One relation; ``changes`` is None where nothing stands on one side or nothing changed."""
    change = None if relation.relation == "unchanged" else change_of(relation)
    return {
        "relation": relation.relation, "level": relation.level, "moved": relation.moved, "title": relation.title,
        "from": [_clause_json(clause) for clause in relation.from_clauses],
        "to": [_clause_json(clause) for clause in relation.to_clauses],
        "confidence": relation.confidence, "unsure": relation.unsure,
        "changes": change_json(change) if change else None,
    }  # fmt: skip


def change_json(change: Difference) -> Json:
    """A difference: offsets into both texts (several clauses count as lines of one text), and the verbs that moved."""
    return {
        "substantive": change.substantive,
        "operations": [
            {"kind": one.kind, "from": [one.a_start, one.a_end], "to": [one.b_start, one.b_end],
             "from_text": change.a[one.a_start : one.a_end], "to_text": change.b[one.b_start : one.b_end],
             "substantive": one.substantive}
            for one in change.operations
        ],
        "steps": [{**asdict(step), "forward": step.forward} for step in change.steps],
    }  # fmt: skip


def occurrence_json(one: Occurrence) -> Json:
    """A clause in another year: ``clauses`` is [] where that plan has no counterpart."""
    return {
        "document_id": one.document.document_id, "year_roc": one.document.year_roc, "year_ce": one.document.year_ce,
        "relation": one.relation.relation, "moved": one.relation.moved, "confidence": one.relation.confidence,
        "unsure": one.relation.unsure,
        "clauses": [_clause_json(clause) for clause in one.clauses],
        "changes": change_json(one.change) if one.change and one.relation.relation != "unchanged" else None,
    }  # fmt: skip


def _clause_json(clause: Clause) -> Json:
    return {
        "clause_id": clause.clause_id, "marker": clause.marker, "section_path": list(clause.section_path), "text": clause.text
    }  # fmt: skip
