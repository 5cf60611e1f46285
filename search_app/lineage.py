"""One clause through the years: where it stands in every other plan, and which sections correspond."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest
from itertools import combinations
from queue import Empty, SimpleQueue
from typing import NamedTuple

from indexer.model import Clause, DocumentInfo
from search_app.compare import compare
from search_app.difference import Difference, difference
from search_app.kept import KeptComparisons
from search_app.relations import Comparison, Relation
from search_app.similarity import Meaning

log = logging.getLogger(__name__)

KEPT = 256  # comparisons held: of 23 plans every pair; 60 kB each, their clauses apart
DOCUMENTS = 64  # documents whose clauses are held for them; 0.3 MB each
PATIENCE = 0.5  # seconds that a page waits for comparisons; one from disk takes 0.02, a new one of two plans 1 to 2
SECTION_LEVELS = ("section", "goal", "work_plan")

Pair = tuple[str, str]


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


class History(NamedTuple):
    """A clause in other years as far as they are compared, and the documents that still are being compared."""

    found: list[Occurrence]
    waiting: list[DocumentInfo]


class Lineage:
    """Comparisons of the documents of one generation, each made once. Safe over threads."""

    def __init__(
        self, documents: Sequence[DocumentInfo], clauses_of: Callable[[str], Sequence[Clause]], meaning: Meaning | None,
        kept: KeptComparisons | None = None,
    ) -> None:  # fmt: skip
        """``clauses_of`` gives all clauses of a document in order; ``meaning`` as in ``compare``."""
        self._documents = {document.document_id: document for document in documents}
        # Few documents are compared whatever their agency is called: one may have got another name. Many are not.
        self._by_agency = len(self._documents) > DOCUMENTS
        self._series: dict[tuple[str, str], list[DocumentInfo]] = {}
        for document in sorted(documents, key=age):
            self._series.setdefault(self._name(document), []).append(document)
        self._clauses_of = lru_cache(maxsize=DOCUMENTS)(clauses_of)
        self._meaning, self._kept = meaning, kept
        self._made: OrderedDict[Pair, Comparison] = OrderedDict()
        self._holding, self._making = threading.Condition(), threading.Lock()
        self._asked: SimpleQueue[Pair] = SimpleQueue()
        self._worker: threading.Thread | None = None
        self._closed = False

    def comparison(self, from_id: str, to_id: str) -> Comparison:
        """What became of the one document in the other. Raises KeyError for an unknown document."""
        key = self._documents[from_id].document_id, self._documents[to_id].document_id
        if (held := self._held(key)) is not None:
            return held
        with self._making:  # two at once would only take each other's time
            return self._held(key) or self._hold(key, self._compared(*map(self._clauses_of, key)))

    def compared(self, before: Sequence[Clause], after: Sequence[Clause]) -> Comparison:
        """What became of clauses that are of no open document, such as those of an earlier generation."""
        with self._making:
            return self._compared(before, after)

    def history(self, clause: Clause) -> list[Occurrence]:
        """The clause in every other document of its series, by plan year; [] where it is not compared (KPIs, notes)."""
        found = [self._occurrence(clause, other) for other in self._others(clause)]
        return [one for one in found if one is not None]

    def history_so_far(self, clause: Clause) -> History:
        """The same without waiting long: what is not compared yet is left to a thread of its own, and named."""
        others = {self._key(clause, other): other for other in self._others(clause)}
        for key in others:
            if self._held(key) is None:
                self._ask(key)
        with self._holding:
            self._holding.wait_for(lambda: others.keys() <= self._made.keys(), PATIENCE)
            waiting = [other for key, other in others.items() if key not in self._made]
        ready = [other for other in others.values() if other not in waiting]
        found = [self._occurrence(clause, other) for other in ready]
        return History([one for one in found if one is not None], waiting)

    def prepare(self) -> None:
        """Compare what readers will ask for first, in a thread of its own: documents of one series, nearest years first."""
        for key in self.likely():
            self._ask(key)

    def likely(self) -> list[Pair]:
        """The pairs of documents of one series, the earlier one first, the nearest years first; at most ``KEPT``."""
        pairs = (pair for documents in self._series.values() for pair in combinations(documents, 2))
        first = nsmallest(KEPT, pairs, key=lambda pair: (pair[1].year_ce - pair[0].year_ce, -pair[1].year_ce))
        return [(one.document_id, other.document_id) for one, other in first]

    def close(self) -> None:
        """Let the thread end after the comparison that it is at."""
        self._closed = True

    def _name(self, document: DocumentInfo) -> tuple[str, str]:
        """The series of a document: plans or reports, of one agency where there are many."""
        return document.kind, document.agency_zh if self._by_agency else ""

    def _others(self, clause: Clause) -> list[DocumentInfo]:
        own = self._documents[clause.document_id]
        return [one for one in self._series[self._name(own)] if one != own]

    def _key(self, clause: Clause, other: DocumentInfo) -> Pair:
        earlier, later = sorted((self._documents[clause.document_id], other), key=age)
        return earlier.document_id, later.document_id

    def _occurrence(self, clause: Clause, other: DocumentInfo) -> Occurrence | None:
        key = self._key(clause, other)
        forward = key[0] == clause.document_id
        compared = self.comparison(*key)
        relation = compared.became(clause.clause_id) if forward else compared.came_from(clause.clause_id)
        if relation is None:
            return None
        clauses = relation.to_clauses if forward else relation.from_clauses
        return Occurrence(other, clauses, relation, change_of(relation))

    def _held(self, key: Pair) -> Comparison | None:
        with self._holding:
            if key in self._made:
                self._made.move_to_end(key)
            return self._made.get(key)

    def _hold(self, key: Pair, comparison: Comparison) -> Comparison:
        with self._holding:
            self._made[key] = comparison
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
            self._holding.notify_all()
        return comparison

    def _compared(self, before: Sequence[Clause], after: Sequence[Clause]) -> Comparison:
        if self._kept is None:
            return compare(before, after, self._meaning)
        found = self._kept.get(before, after)
        if found is None:
            found = compare(before, after, self._meaning)
            self._kept.put(before, after, found)
        return found

    def _ask(self, key: Pair) -> None:
        self._asked.put(key)
        with self._holding:
            if self._worker is None and not self._closed:
                self._worker = threading.Thread(target=self._work, name="plansearch-compare", daemon=True)
                self._worker.start()

    def _work(self) -> None:
        """Compare what is asked for until nothing is, then end."""
        while not self._closed:
            try:
                key = self._asked.get_nowait()
            except Empty:
                with self._holding:
                    if self._asked.empty():
                        self._worker = None
                        return
                continue
            try:
                self.comparison(*key)
            except sqlite3.Error as error:  # the generation was closed meanwhile
                log.warning("%s and %s are not compared: %s", *key, error)


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


def age(document: DocumentInfo) -> tuple[int, str]:
    """What documents are put in order of time by."""
    return document.year_ce, document.document_id
