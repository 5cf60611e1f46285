"""An application over a small library in memory: two plans with everything that a page has to get right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from flask.testing import FlaskClient

from indexer.changes import Change, Gone, What
from indexer.config import Config, ServerConfig
from indexer.errors import IndexMissing, PlanSearchError, QueryError
from indexer.model import Account, Clause, DocNums, DocumentInfo, Indicator, Span
from indexer.store import Rendering
from indexer.text import fold_text
from search_app.app import create_app
from search_app.cite import cite
from search_app.difference import difference
from search_app.gone import GoneView, Replacement
from search_app.indicator_english import EnglishNames
from search_app.indicators import IndicatorTable, Source, indicator_table
from search_app.lineage import History, Occurrence, change_of
from search_app.live import Live
from search_app.model import HEADINGS, Filters, Hit, Query, SearchResult, Why
from search_app.relations import Comparison, Relation
from search_app.retrieve import ClauseView, DocumentView
from search_app.verify import Place, Verification

PLAN_106 = DocumentInfo(
    "plan-106", "勞動部106年度施政計畫", "Administrative Plan for 2017", "勞動部", "Ministry of Labor", 2017,
    "annual_plan", "zh-Hant", "plan-106.txt", "0" * 64, "Official document.", "Kept byte for byte.",
)  # fmt: skip
PLAN_108 = replace(
    PLAN_106, document_id="plan-108", title_zh="<b>108年度</b>施政計畫", title_en="<i>Plan</i> for 2019", year_ce=2019
)
PART, GOAL = "壹、年度施政目標", "三、推動公平的集體勞資關係"
CLAUSES = (
    Clause("plan-106/1", "plan-106", "heading", "壹、", (), "年度施政目標", Span(1, 1), 0),
    Clause("plan-106/1.3", "plan-106", "goal", "三、", (PART,), "推動公平的集體勞資關係", Span(2, 2), 1),
    Clause("plan-106/1.3.4", "plan-106", "goal_clause", "（四）", (PART, GOAL), "研擬最低工資法制。", Span(3, 3), 2),
    Clause(
        "plan-106/2", "plan-106", "kpi", "1", ("貳、年度關鍵績效指標",), "工會數\n計算方式\n85%", Span(4, 9, 2), 3,
        cells=(("關鍵績效指標", "工會數"), ("年度目標值", "85%")),
    ),
    Clause("plan-106/page19", "plan-106", "damaged", "", (), "最低\n工資\n" * 100, Span(10, 50, 19), 4, True),
    Clause("plan-108/1", "plan-108", "narrative", "", (), "<script>alert('最低工資')</script> & 最低工資", Span(1, 2), 0),
    Clause("plan-108/2", "plan-108", "goal_clause", "（四）", (), "研擬最低工資法制。", Span(3, 3), 1),
)  # fmt: skip
INDICATOR = Indicator(
    "1", "工會數", "", "計算方式", "", "%", "106", "higher", 85.0, "85%", None, "", None, "plan-106/2"
)  # fmt: skip

MISSED = replace(INDICATOR, number="2", name="死亡千人率", clause_id="plan-106/page19", goal="職場安全", direction="lower", target=0.021, unit="‰",
                 target_printed="0.021", actual=0.023, actual_printed="0.023", met=False)  # fmt: skip

GONE = Gone(
    Clause("plan-106/1.3.5", "plan-106", "goal_clause", "（五）", (PART, GOAL), "研議<b>工時</b>制度。", Span(4, 4), 5),
    PLAN_106, "generation-0", "2026-02-01T00:00:00+00:00",
)  # fmt: skip
BUILT = "2026-02-01T00:00:00+00:00"


class Library:
    """Search as the pages know it: every clause that holds the query, in order."""

    generation, built = "generation-1", BUILT

    def __init__(self) -> None:
        self.asked: dict[str, object] = {}

    def search(self, text: str, **asked: object) -> SearchResult:
        self.asked = asked
        if len(text) > 1000:
            raise QueryError("the query is too long.", "Shorten it.")
        filters, page, per_page = (
            cast(Filters, asked["filters"]),
            cast(int, asked["page"]),
            cast(int, asked["per_page"]),
        )
        found = [
            clause for clause in CLAUSES if text in clause.text.replace("\n", "") and self._passes(clause, filters)
        ]
        if asked["group"] == "same":
            found = [clause for clause in found if clause.clause_id != "plan-108/2"]
        hits = [self._hit(rank, text, clause, asked["group"] == "same") for rank, clause in enumerate(found, start=1)]
        query = Query(text, text, text, text, "zh", "wording", (text,))
        facets = {
            "year": [("106", 2), ("108", 1)], "document": [("plan-106", 2), ("plan-108", 1)],
            "section": [(PART, 1), ("其他", 1)], "kind": [("goal_clause", 1), ("narrative", 1)],
        }  # fmt: skip
        shown = tuple(hits[(page - 1) * per_page : page * per_page])
        return SearchResult(query, shown, len(hits), 1.25, self.generation, facets if hits else {}, ("工會",))

    def clauses(self) -> Iterator[Clause]:
        return iter(CLAUSES)

    def clause(self, clause_id: str) -> ClauseView | None:
        found = next((clause for clause in CLAUSES if clause.clause_id == clause_id), None)
        if found is None:
            return None
        document = _document(found)
        beside = {clause.order: clause for clause in CLAUSES if clause.document_id == found.document_id}
        children = tuple(clause for clause in CLAUSES if clause.clause_id.rpartition(".")[0] == clause_id)
        previous, following = beside.get(found.order - 1), beside.get(found.order + 1)
        return ClauseView(found, document, cite(found, document), previous, following, children, {"en": "A rendering."})

    def history(self, clause_id: str) -> list[Occurrence]:
        """（四） of the one plan stands unchanged in the other."""
        if clause_id != "plan-106/1.3.4":
            return []
        relation = Relation("unchanged", "goal_clause", (CLAUSES[2],), (CLAUSES[-1],), 1.0, moved=True)
        return [Occurrence(PLAN_108, (CLAUSES[-1],), relation, change_of(relation))]

    def history_so_far(self, clause_id: str) -> History:
        """plan-106/1.3 waits for the other plan to be compared."""
        return History(self.history(clause_id), [PLAN_108] if clause_id == "plan-106/1.3" else [])

    def gone(self, clause_id: str) -> GoneView | None:
        """（五） was removed; （四） stands in its place, but that is not sure."""
        if clause_id != GONE.clause.clause_id:
            return None
        return GoneView(
            GONE, (Replacement(CLAUSES[2], PLAN_106, "merged", True), Replacement(CLAUSES[-1], PLAN_108, None))
        )

    def gone_document(self, document_id: str) -> Gone | None:
        return GONE if document_id == "plan-104" else None

    def changes(self, most: int) -> list[Change]:
        """One change of each kind in the second build; texts of a document may be hostile."""
        changed = replace(CLAUSES[-2], text="<b>推動</b>最低工資法制。\x0b")
        rows: list[tuple[What, Clause | None, str, int]] = [
            ("changed", changed, "<b>研擬</b>最低工資法制。", 1), ("added", CLAUSES[2], "", 1), ("removed", GONE.clause, "", 1),
            ("document_added", None, "", 7), ("document_removed", None, "", 3),
        ]  # fmt: skip
        return [
            Change("generation-1", BUILT, what, PLAN_108 if clause is changed else PLAN_106, clause, before, count)
            for what, clause, before, count in rows
        ][:most]

    def updated(self, clause: Clause) -> str:
        return BUILT if clause.document_id == "plan-108" else "2026-01-01T00:00:00+00:00"

    def english_names(self, table: IndicatorTable) -> dict[str, EnglishNames]:
        """The first indicator has an English name; the other has none."""
        return {INDICATOR.clause_id: EnglishNames("Number of unions", "")} if table.rows else {}

    def comparison(self, from_document: str, to_document: str) -> Comparison:
        """One clause reworded with a step of its verb, one dropped; the other document's text is hostile."""
        reworded = replace(CLAUSES[2], text="推動最低工資法制。", clause_id="plan-108/2", document_id="plan-108")
        relations = (
            Relation("reworded", "goal_clause", (CLAUSES[2],), (reworded,), 0.9),
            Relation("dropped", "goal", (CLAUSES[1],), (), 0.8),
            Relation("added", "narrative", (), (CLAUSES[5],), 0.7),
        )
        return Comparison(from_document, to_document, relations)

    def indicators(self, years: Sequence[int] = (), goal: str = "", status: str = "") -> IndicatorTable:
        sources = [Source(PLAN_106, (INDICATOR, MISSED), CLAUSES[:5]), Source(PLAN_108, (), CLAUSES[5:])]
        return indicator_table(sources, years, goal, status)

    def verify_quote(self, quote: str, years: Sequence[int] = (), section: str = "") -> Verification:
        """The quotation against 研擬最低工資法制。 alone."""
        if len(quote) > 2000:
            raise QueryError("the quotation is too long.", "Shorten it.")
        place = Place(CLAUSES[2], PLAN_106, 0, len(CLAUSES[2].text), True)
        if quote == CLAUSES[2].text:
            return Verification(quote, "exact", (place,), 1, 1.0, difference(quote, quote))
        return Verification(quote, "altered", (place,), 1, 0.9, difference(CLAUSES[2].text, quote))

    def headings(self) -> list[Clause]:
        return [clause for clause in CLAUSES if clause.kind in HEADINGS]

    def renderings(self, clause_ids: Sequence[str]) -> dict[str, Rendering]:
        """Headings and the clause on the minimum wage have one."""
        known = {clause.clause_id: f"Rendering of {clause.clause_id}" for clause in (*self.headings(), CLAUSES[2])}
        return {one: Rendering(known[one], (), "a test", False) for one in clause_ids if one in known}

    def containing(self, folded: str) -> DocNums:
        return np.array([n for n, clause in enumerate(CLAUSES) if folded in fold_text(clause.text)], dtype=np.int64)

    def documents(self) -> tuple[DocumentInfo, ...]:
        return (PLAN_106, PLAN_108)

    def document(self, document_id: str) -> DocumentView | None:
        info = next((document for document in self.documents() if document.document_id == document_id), None)
        clauses = tuple(clause for clause in CLAUSES if clause.document_id == document_id)
        return DocumentView(info, clauses, Account(100, 70, 10, 0, 0, 20, 0), (INDICATOR,)) if info else None

    @staticmethod
    def _passes(clause: Clause, filters: Filters) -> bool:
        return not filters.years or _document(clause).year_ce in filters.years

    @staticmethod
    def _hit(rank: int, text: str, clause: Clause, grouped: bool) -> Hit:
        start = clause.text.find(text)
        spans = ((start, start + len(text)),) if start >= 0 else ()
        also = (CLAUSES[-1],) if grouped and clause.clause_id == "plan-106/1.3.4" else ()
        document = _document(clause)
        why = Why(rank, None, (text,) if spans else ())
        return Hit(rank, 0.5, clause, document, spans, cite(clause, document), why, {"en": "A rendering."}, also=also)


class Client(FlaskClient):
    """Reads every answer to its end, so that files do not stay open."""

    def open(self, *args, **asked):
        return super().open(*args, **{"buffered": True, **asked})


class Shelf:
    """Live as the application knows it; ``problem`` keeps it from being ready."""

    def __init__(self) -> None:
        self.library = Library()
        self.loaded = True
        self.problem: PlanSearchError | None = None

    @property
    def ready(self) -> bool:
        return self.loaded and self.problem is None

    @property
    def folder(self) -> Path | None:
        return None

    def current(self) -> Library:
        if not self.ready:
            raise self.problem or IndexMissing("the index is being loaded from /srv/secret.", "Try again.")
        return self.library


def _document(clause: Clause) -> DocumentInfo:
    return PLAN_106 if clause.document_id == "plan-106" else PLAN_108


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def client_with(shelf: Shelf) -> Callable[..., FlaskClient]:
    """A client of the application with other settings of the server."""

    def made(**server: object) -> FlaskClient:
        app = create_app(cast(Live, shelf), Config(server=ServerConfig(**server)))
        app.test_client_class = Client
        return app.test_client()

    return made


@pytest.fixture
def client(client_with: Callable[..., FlaskClient]) -> FlaskClient:
    return client_with()
