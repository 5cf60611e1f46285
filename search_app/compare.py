"""Two plans clause by clause: what stayed, was reworded, moved, merged, split, dropped or added."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indexer.markers import match_marker
from indexer.model import Clause
from search_app.alignment import Alignment, Text, Weights, align
from search_app.bare import bare_text
from search_app.relations import LEVEL_OF, LEVELS, Comparison, Level, Relation, RelationName
from search_app.similarity import Meaning

# Both were set on the two shipped plans (壹 with 47 and 42 clauses, plan tables with 37 and 44 rows, aligned by hand) and
# then tried on plans made by known edits, benchmarks/plans.py; tests/relevance/test_alignment.py measures both.
# F1 of goals and rows on the shipped plans is 1.0 and 0.97 to 0.99 for ``least`` from 0.27 to 0.29, at least 0.98 and 0.94
# from 0.25 to 0.32; on the made ones it rises by 0.03 from 0.25 to 0.33.
CLAUSE = Weights(own=0.81, body=0.0, meaning=0.09, section=0.1, least=0.28)
# A row is title and items. The encoder tells a hundred characters better than twenty, and work plans are the ministry's
# units, which stay, so meaning and section count more.
ROW = Weights(own=0.34, body=0.255, meaning=0.255, section=0.15, least=0.28)


def compare(from_clauses: Sequence[Clause], to_clauses: Sequence[Clause], meaning: Meaning | None = None) -> Comparison:
    """The comparison of two documents, each given by all its clauses in order.

    ``meaning`` turns texts into unit vectors (``Encoder.encode_passages``); without it words alone decide. It is asked
    only for clauses whose words leave doubt. Damaged pages are left out. The same input gives the same output.
    """
    before, after = _Side(from_clauses), _Side(to_clauses)
    counterparts: set[tuple[str, str]] = set()
    relations: list[Relation] = []
    for level, depth in _batches(before, after):
        batch = _Batch(level, before.entries(level, depth), after.entries(level, depth), counterparts)
        found = batch.relations(meaning)
        counterparts |= {(a.clause_id, b.clause_id) for one in found for a in one.from_clauses for b in one.to_clauses}
        relations += found
    relations.sort(key=lambda one: LEVELS.index(one.level))
    return Comparison(document_of(from_clauses), document_of(to_clauses), tuple(relations))


@dataclass(frozen=True, slots=True)
class _Entry:
    """A clause with its text and the ids above it, from the nearest up."""

    clause: Clause
    text: Text
    above: tuple[str, ...]


class _Side:
    """One document's clauses by level; headings also by depth, so that the upper ones are compared first."""

    def __init__(self, clauses: Sequence[Clause]) -> None:
        known = {clause.clause_id for clause in clauses}
        items: dict[str, list[str]] = {}
        for clause in clauses:
            if clause.kind == "plan_item":
                items.setdefault(parent_id(clause.clause_id), []).append(clause.text)
        holding = {
            one for clause in clauses if _level(clause) not in (None, "section") for one in _above(clause.clause_id)
        }
        self._entries: dict[tuple[Level, int], list[_Entry]] = {}
        for clause in clauses:
            level = _level(clause)
            depth = clause.clause_id.count(".") if level == "section" else 0
            if level is None or (depth and clause.clause_id not in holding):  # headings within a KPI table
                continue
            text = Text(clause.text, "\n".join(items.get(clause.clause_id, ())) if level == "plan_row" else "")
            above = tuple(one for one in _above(clause.clause_id) if one in known)
            self._entries.setdefault((level, depth), []).append(_Entry(clause, text, above))

    @property
    def batches(self) -> Iterable[tuple[Level, int]]:
        return self._entries

    def entries(self, level: Level, depth: int) -> list[_Entry]:
        return self._entries.get((level, depth), [])


@dataclass(frozen=True, slots=True)
class _Batch:
    """The clauses of one level, and the ids that are known to belong together."""

    level: Level
    before: list[_Entry]
    after: list[_Entry]
    counterparts: set[tuple[str, str]]

    def relations(self, meaning: Meaning | None) -> list[Relation]:
        """Every clause in one relation, in reading order."""
        weights = ROW if self.level == "plan_row" else CLAUSE
        texts = [entry.text for entry in self.before], [entry.text for entry in self.after]
        aligned = align(*texts, weights, self._section, meaning)
        found = [self._related(one.left, one.right, above(weights.least, one.score)) for one in aligned.groups]
        return _in_order(found + self._alone(aligned, weights.least))

    def _related(self, left: Sequence[int], right: Sequence[int], confidence: float) -> Relation:
        a, b = [self.before[i] for i in left], [self.after[j] for j in right]
        name: RelationName = "merged" if len(a) > 1 else "split"
        title: RelationName | None = None
        if len(a) == len(b) == 1:
            name = name_of_change(a[0].text.whole, b[0].text.whole)
            title = name_of_change(a[0].text.own, b[0].text.own) if self.level == "plan_row" else None
        moved = not any(self._same_place(i, j) for i in left for j in right)
        sure = 1.0 if name in ("unchanged", "typographic") else confidence
        return Relation(name, self.level, _clauses(a), _clauses(b), sure, moved, title)

    def _alone(self, aligned: Alignment, least: float) -> list[Relation]:
        dropped = [(self.before[i], missed) for i, missed in aligned.missed_left.items()]
        added = [(self.after[j], missed) for j, missed in aligned.missed_right.items()]
        return [
            *(Relation("dropped", self.level, (one.clause,), (), below(least, missed)) for one, missed in dropped),
            *(Relation("added", self.level, (), (one.clause,), below(least, missed)) for one, missed in added),
        ]

    def _section(self, i: int, j: int) -> float:
        """1 when the headings right above are counterparts or there are none, 1/2 for those above them, else 0."""
        ours, theirs = self.before[i].above, self.after[j].above
        if not ours or not theirs:
            return float(ours == theirs)
        shares = zip((1.0, 0.5), ours, theirs, strict=False)
        return next((share for share, a, b in shares if (a, b) in self.counterparts), 0.0)

    def _same_place(self, i: int, j: int) -> bool:
        numbers = [match_marker(entry.clause.marker) for entry in (self.before[i], self.after[j])]
        ordinals = [number.ordinal for number in numbers if number]
        return len(set(ordinals)) < 2 and self._section(i, j) == 1


def name_of_change(a: str, b: str) -> RelationName:
    """How one text became the other: unchanged to the letter, typographic when their bare forms agree, else reworded."""
    if a == b:
        return "unchanged"
    return "typographic" if bare_text(a) == bare_text(b) else "reworded"


def parent_id(clause_id: str) -> str:
    """The id above: mol-106-plan/1.3.4 -> mol-106-plan/1.3; "" for the top."""
    return clause_id.rpartition(".")[0]


def above(least: float, score: float) -> float:
    """Confidence of a pair: 0.5 at ``least``, 1 at a score of 1."""
    return round(min(1.0, 0.5 + 0.5 * max(score - least, 0) / (1 - least)), 2)


def below(least: float, missed: float) -> float:
    """Confidence of a clause without counterpart: 0.5 when its best score would nearly have done, 1 when it had none."""
    return round(0.5 + 0.5 * max(least - missed, 0) / least, 2)


def _level(clause: Clause) -> Level | None:
    """The level at which a clause is compared, None for what is not: every title names its year, damaged pages are noise."""
    titled = clause.clause_id.endswith("/title")
    return None if clause.damaged or titled else LEVEL_OF.get(clause.kind)


def _batches(before: _Side, after: _Side) -> list[tuple[Level, int]]:
    order = list(LEVEL_OF.values())
    return sorted({*before.batches, *after.batches}, key=lambda entry: (order.index(entry[0]), entry[1]))


def _in_order(relations: list[Relation]) -> list[Relation]:
    """Relations in the order of the first plan; what was added follows what it stands behind in the second."""
    placed = sorted(
        (b.order, one.from_clauses[0].order) for one in relations if one.from_clauses for b in one.to_clauses
    )

    def key(one: Relation) -> tuple[int, int, int]:
        if one.from_clauses:
            return one.from_clauses[0].order, 0, 0
        order = one.to_clauses[0].order
        return next((place for at, place in reversed(placed) if at < order), -1), 1, order

    return sorted(relations, key=key)


def _above(clause_id: str) -> Iterable[str]:
    while clause_id := parent_id(clause_id):
        yield clause_id


def _clauses(entries: Iterable[_Entry]) -> tuple[Clause, ...]:
    return tuple(entry.clause for entry in entries)


def document_of(clauses: Sequence[Clause]) -> str:
    """The id of the document that the clauses are of, "" for none."""
    return clauses[0].document_id if clauses else ""
