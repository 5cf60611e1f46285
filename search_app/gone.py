"""A clause that was published once and is no more: what it said, and what stands in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indexer.changes import Gone
from indexer.model import Clause, DocumentInfo
from search_app.bare import bare_text
from search_app.relations import Comparison, RelationName

MOST = 5  # places of identical words that are named
_TELLING = 4  # characters of a bare text; a shorter one (其他) stands everywhere by chance


@dataclass(frozen=True, slots=True)
class Replacement:
    """A clause that stands for a gone one.

    ``relation`` tells what became of it in its own document, by aligning the document as it was with what it is now;
    None where the very words stand elsewhere. ``unsure`` as in Relation.
    """

    clause: Clause
    document: DocumentInfo
    relation: RelationName | None
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class GoneView:
    """A gone clause with what replaced it; () where nothing is known to."""

    gone: Gone
    replacements: tuple[Replacement, ...]


@dataclass(frozen=True, slots=True)
class Library:
    """What is published now, as far as it is needed here.

    ``holding`` gives the clauses whose text holds a text; ``compared`` compares the clauses of two documents.
    """

    documents: Sequence[DocumentInfo]
    clauses_of: Callable[[str], Sequence[Clause]]
    holding: Callable[[str], Sequence[Clause]]
    compared: Callable[[Sequence[Clause], Sequence[Clause]], Comparison]


def replacements(gone: Gone, state: Sequence[Clause], library: Library) -> tuple[Replacement, ...]:
    """What stands for a gone clause now; ``state`` is its whole document as it was.

    Its document is the one of the same id, or else of the same kind and year: a file that was named anew.
    """
    documents = {one.document_id: one for one in library.documents}
    found: dict[str, Replacement] = {}
    if (heir := _heir(gone.document, library.documents)) is not None:
        relation = library.compared(state, library.clauses_of(heir.document_id)).became(gone.clause.clause_id)
        if relation is not None:
            found = {
                one.clause_id: Replacement(one, heir, relation.relation, relation.unsure) for one in relation.to_clauses
            }
    bare = bare_text(gone.clause.text)
    if len(bare) >= _TELLING and not gone.clause.damaged:
        same = [clause for clause in library.holding(gone.clause.text) if bare_text(clause.text) == bare]
        for clause in same[:MOST]:
            found.setdefault(clause.clause_id, Replacement(clause, documents[clause.document_id], None))
    return tuple(found.values())


def _heir(document: DocumentInfo, documents: Sequence[DocumentInfo]) -> DocumentInfo | None:
    """The published document that goes on with one that was published before."""
    same = [one for one in documents if one.document_id == document.document_id]
    alike = [one for one in documents if _what(one) == _what(document)]
    return same[0] if same else alike[0] if len(alike) == 1 else None


def _what(document: DocumentInfo) -> tuple[str, int, str]:
    return document.kind, document.year_ce, document.agency_zh
