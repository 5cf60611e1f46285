"""One clause through the years: where it stands in every other plan, and which sections correspond."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indexer.model import Clause, DocumentInfo
from search_app.compare import compare
from search_app.difference import Difference, difference
from search_app.relations import Comparison, Relation
from search_app.similarity import Meaning

KEPT = 32  # comparisons held: of 8 plans every pair; 1 MB each with clauses of their own
SECTION_LEVELS = ("section", "goal", "work_plan")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A clause in another plan. ``clauses`` is empty where that plan has no counterpart.

    ``relation`` reads from the earlier plan to the later one, whichever of them the clause asked about is in.
    ``change`` is what differs between the two texts, in the same direction; None where one side is empty.
    """

    document: DocumentInfo
    clauses: tuple[Clause, ...]
    relation: Relation
    change: Difference | None


class Lineage:
    """Comparisons of the documents of one generation, each made once. Safe over threads."""

    def __init__(
        self, documents: Sequence[DocumentInfo], clauses_of: Callable[[str], Sequence[Clause]], meaning: Meaning | None
    ) -> None:
        """``clauses_of`` gives all clauses of a document in order; ``meaning`` as in ``compare``."""
        self._documents = {document.document_id: document for document in documents}
        self._clauses_of, self._meaning = clauses_of, meaning
        self._made: OrderedDict[tuple[str, str], Comparison] = OrderedDict()
        self._lock = threading.Lock()

    def comparison(self, from_id: str, to_id: str) -> Comparison:
        """What became of the one document in the other. Raises KeyError for an unknown document."""
        key = self._documents[from_id].document_id, self._documents[to_id].document_id
        with self._lock:  # two at once would only take each other's time
            made = self._made.pop(key, None) or compare(
                self._clauses_of(from_id), self._clauses_of(to_id), self._meaning
            )
            self._made[key] = made
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
        return made

    def history(self, clause: Clause) -> list[Occurrence]:
        """The clause in every other document of the same kind, by plan year; [] where it is not compared (KPIs, notes)."""
        own = self._documents[clause.document_id]
        others = [other for other in self._documents.values() if other.kind == own.kind and other != own]
        found = [self._occurrence(clause, own, other) for other in sorted(others, key=_age)]
        return [one for one in found if one is not None]

    def _occurrence(self, clause: Clause, own: DocumentInfo, other: DocumentInfo) -> Occurrence | None:
        earlier = _age(own) < _age(other)
        if earlier:
            relation = self.comparison(own.document_id, other.document_id).became(clause.clause_id)
        else:
            relation = self.comparison(other.document_id, own.document_id).came_from(clause.clause_id)
        if relation is None:
            return None
        clauses = relation.to_clauses if earlier else relation.from_clauses
        return Occurrence(other, clauses, relation, change_of(relation))


def change_of(relation: Relation) -> Difference | None:
    """What changed in the words; None for a clause without counterpart. Several clauses count as lines of one text."""
    if not relation.from_clauses or not relation.to_clauses:
        return None
    texts = ["\n".join(clause.text for clause in side) for side in (relation.from_clauses, relation.to_clauses)]
    return difference(*texts)


def sections(comparison: Comparison) -> list[Relation]:
    """Parts, goals and work plans that correspond; ``moved`` is True where they are numbered differently.

    參 年度重要計畫 of one plan is 貳 年度重要計畫 of another.
    """
    paired = [one for one in comparison.relations if one.from_clauses and one.to_clauses]
    return [one for one in paired if one.level in SECTION_LEVELS]


def _age(document: DocumentInfo) -> tuple[int, str]:
    return document.year_ce, document.document_id
