"""The words of comparing as data: what became of the clauses of one plan in another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from indexer.model import Clause, ClauseKind

Level = Literal["section", "goal", "goal_clause", "work_plan", "plan_row", "plan_item", "narrative"]
RelationName = Literal["unchanged", "typographic", "reworded", "merged", "split", "added", "dropped"]
UNSURE = 0.6  # of confidence; of the pairs below it a third were right (tests/relevance/test_alignment.py)
LEVELS: tuple[Level, ...] = get_args(Level)
RELATIONS: tuple[RelationName, ...] = get_args(RelationName)

# Kinds of clauses by level, from the top down: the sections above are known before what they hold. KPI tables are left
# to search_app.indicators, because a plan that prints none has not dropped its targets.
LEVEL_OF: Mapping[ClauseKind, Level] = {
    "heading": "section", "goal": "goal", "work_plan": "work_plan", "goal_clause": "goal_clause",
    "plan_row": "plan_row", "narrative": "narrative", "plan_item": "plan_item",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Relation:
    """What became of some clauses: ``from_clauses`` of one plan stand as ``to_clauses`` in the other.

    ``relation`` is judged on the clause's own words, for a plan-table row on its title and items together;
    ``title`` is then the relation of the titles alone. ``moved`` is True when the printed number or the section above
    differs, so a clause can be unchanged and moved.

    ``confidence`` is 0.5 where the decision could as well have fallen the other way and 1 where nothing speaks against
    it: for pairs by how far their score stands above what a pair needs, for dropped and added clauses by how far the
    best score that they could have had stands below. It is an order, not a probability.
    """

    relation: RelationName
    level: Level
    from_clauses: tuple[Clause, ...]
    to_clauses: tuple[Clause, ...]
    confidence: float
    moved: bool = False
    title: RelationName | None = None

    @property
    def unsure(self) -> bool:
        """True where a reader has to look at both texts before relying on the pair."""
        return self.confidence < UNSURE


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every compared clause of two documents in exactly one relation, by level and then in reading order."""

    from_document: str
    to_document: str
    relations: tuple[Relation, ...]

    def counts(self) -> dict[Level, dict[str, int]]:
        """Relations by level and name; ``moved`` counts those that moved, whatever else became of them."""
        counted: dict[Level, dict[str, int]] = {}
        for one in self.relations:
            row = counted.setdefault(one.level, dict.fromkeys((*RELATIONS, "moved"), 0))
            row[one.relation] += 1
            row["moved"] += one.moved
        return counted

    def became(self, clause_id: str) -> Relation | None:
        """What became of a clause of the first document; None when it is not compared."""
        return next((one for one in self.relations if clause_id in _ids(one.from_clauses)), None)

    def about(self, clause_id: str) -> Comparison:
        """What became of one clause of either document alone; all of it for ""."""
        kept = (one for one in self.relations if clause_id in _ids((*one.from_clauses, *one.to_clauses)))
        return replace(self, relations=tuple(kept)) if clause_id else self

    def came_from(self, clause_id: str) -> Relation | None:
        """Where a clause of the second document came from; None when it is not compared."""
        return next((one for one in self.relations if clause_id in _ids(one.to_clauses)), None)


def _ids(clauses: tuple[Clause, ...]) -> list[str]:
    return [clause.clause_id for clause in clauses]
