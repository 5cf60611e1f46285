"""Indicators of every document in one table: what was met, what only sounds alike, what a plan does not print."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Literal

from indexer.errors import QueryError
from indexer.markers import match_marker, ordinal_of
from indexer.model import Clause, DocumentInfo, Indicator
from indexer.text import fold_text
from search_app.bare import bare_text
from search_app.difference import Difference, difference
from search_app.similarity import Texts, profile

Status = Literal["met", "missed", "no-actual"]
NoteKind = Literal["no-table", "targets-only", "namesake", "goal-name"]
STATUSES: tuple[Status, ...] = ("met", "missed", "no-actual")

# Of two names, by their rare words: 單獨參加職業災害保險… of the plan for 2017 and of the 2021 report have 0.66, no other
# pair of the shipped documents more than 0.29.
ALIKE = 0.5

_BASE_YEAR = re.compile(r"以\s*(\d{3,4})\s*年為基期")  # 以 2016 年為基期
_YEAR_BEFORE = re.compile(r"上年度|前一年|前一年度|較上年")  # （每年較前一年成長比率）


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One indicator with its document. ``status`` is recomputed from target, actual and direction."""

    document: DocumentInfo
    indicator: Indicator
    status: Status

    @property
    def attained(self) -> float | None:
        """Actual over target (1.0 is the target); None without both or for a target of 0."""
        one = self.indicator
        return one.actual / one.target if one.actual is not None and one.target else None


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a reader of the table must know, in both languages.

    ``clause_ids`` are the places that it is about; ``change`` shows two names against each other.
    """

    kind: NoteKind
    document_ids: tuple[str, ...]
    clause_ids: tuple[str, ...]
    zh: str
    en: str
    change: Difference | None = None


@dataclass(frozen=True, slots=True)
class IndicatorTable:
    """Rows that the filters leave, counts of them by status, and the notes on the documents in question."""

    rows: tuple[IndicatorRow, ...]
    counts: Mapping[Status, int]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A document with its indicators in printed order and all its clauses."""

    document: DocumentInfo
    indicators: Sequence[Indicator]
    clauses: Sequence[Clause]


def indicator_table(
    sources: Sequence[Source], years: Collection[int] = (), goal: str = "", status: str = ""
) -> IndicatorTable:
    """The table over all documents, by plan year.

    ``years`` are CE; ``goal`` is part of a goal's name or its number (8.7, 四); empty values filter nothing. Notes look
    at every document, so that a filter cannot hide that two indicators only sound alike. Raises QueryError for an
    unknown status.
    """
    if status and status not in STATUSES:
        raise QueryError(f"unknown status {status!r}.", f"Known: {', '.join(STATUSES)}.")
    ordered = sorted(sources, key=lambda source: (source.document.year_ce, source.document.document_id))
    rows = [IndicatorRow(source.document, one, status_of(one)) for source in ordered for one in source.indicators]
    shown = [row for row in rows if _wanted(row, years, goal, status)]
    counts = Counter(row.status for row in shown)
    notes = [note for source in ordered for note in _own_notes(source)]
    notes += namesakes(rows)
    about = {source.document.document_id for source in ordered if not years or source.document.year_ce in years}
    return IndicatorTable(
        tuple(shown),
        {name: counts[name] for name in STATUSES},
        tuple(note for note in notes if about & set(note.document_ids)),
    )


def status_of(indicator: Indicator) -> Status:
    """Met or missed in the indicator's own direction; no-actual where nothing can be judged."""
    return "no-actual" if indicator.met is None else "met" if indicator.met else "missed"


def namesakes(rows: Sequence[IndicatorRow]) -> Sequence[Note]:
    """Pairs of indicators of different documents whose names share their rare words, told apart. Never merged."""
    return _namesakes(tuple(rows))


@lru_cache(maxsize=8)  # every pair is looked at: 20 ms for the 35 indicators of the shipped documents, at each page
def _namesakes(rows: tuple[IndicatorRow, ...]) -> Sequence[Note]:
    texts = Texts([profile(row.indicator.name) for row in rows])
    found = []
    for one, other in combinations(rows, 2):
        if one.document == other.document or _same_measure(one.indicator, other.indicator):
            continue
        if texts.score(profile(one.indicator.name), profile(other.indicator.name)) >= ALIKE:
            found.append(_told_apart(one, other))
    return tuple(found)


def _same_measure(one: Indicator, other: Indicator) -> bool:
    """True for one indicator in two years: its name, its formula and so its base are the same but for print."""
    return bare_text(one.name) == bare_text(other.name) and bare_text(one.formula) == bare_text(other.formula)


def table_json(table: IndicatorTable) -> dict[str, object]:
    """The JSON of the table."""
    return {
        "total": len(table.rows),
        "counts": dict(table.counts),
        "indicators": [_row_json(row) for row in table.rows],
        "notes": [
            {
                "kind": note.kind,
                "documents": note.document_ids,
                "clauses": note.clause_ids,
                "zh": note.zh,
                "en": note.en,
            }
            for note in table.notes
        ],
    }


# --- filters --------------------------------------------------------------------------------------------------------


def _wanted(row: IndicatorRow, years: Collection[int], goal: str, status: str) -> bool:
    return (
        (not years or row.document.year_ce in years)
        and (not goal or _of_goal(row.indicator, goal))
        and (not status or row.status == status)
    )


def _of_goal(indicator: Indicator, goal: str) -> bool:
    """True when the goal's number begins the indicator's (8.7 in 8.7.1, 四 in 四-3) or its words stand in the name."""
    number, wanted = fold_text(indicator.number), fold_text(goal)
    numbered = number == wanted or number.startswith((f"{wanted}.", f"{wanted}-"))
    return numbered or (len(wanted) > 1 and wanted in fold_text(indicator.goal))


# --- notes ----------------------------------------------------------------------------------------------------------


def _own_notes(source: Source) -> Iterable[Note]:
    document = source.document
    told = document.title_zh, f"{document.year_roc} / {document.year_ce}", document.title_en
    if not source.indicators:
        yield Note(
            "no-table", (document.document_id,), (),
            f"「{told[0]}」（{told[1]}）未刊載關鍵績效指標表，因此沒有指標可列；這不表示該年度沒有訂定目標。",
            f"The {told[2]} ({told[1]}) prints no table of key performance indicators, so none can be listed; that does "
            "not mean that no targets were set.",
        )  # fmt: skip
    elif all(indicator.actual is None for indicator in source.indicators):
        yield Note(
            "targets-only", (document.document_id,), (),
            f"「{told[0]}」（{told[1]}）的 {len(source.indicators)} 項指標只刊載年度目標值，未刊載實績，因此無從判斷是否達成。",
            f"The {told[2]} ({told[1]}) prints targets for its {len(source.indicators)} indicators but no results, so "
            "whether they were met cannot be told.",
        )  # fmt: skip
    yield from _goal_names(source)


def _goal_names(source: Source) -> Iterable[Note]:
    """Goals that the indicator table calls otherwise than the plan does, beyond differences of print."""
    goals = {
        number: clause for clause in source.clauses if clause.kind == "goal" and (number := _ordinal(clause.marker))
    }
    seen: set[int] = set()
    for indicator in source.indicators:
        number = ordinal_of(indicator.number.partition("-")[0])
        if number is None or number in seen or number not in goals:
            continue
        seen.add(number)
        goal = goals[number]
        if bare_text(goal.text) != bare_text(indicator.goal):
            yield _goal_note(source.document, goal, indicator)


def _goal_note(document: DocumentInfo, goal: Clause, indicator: Indicator) -> Note:
    year = f"{document.year_roc} / {document.year_ce}"
    name = f"{goal.marker}{goal.text}"
    return Note(
        "goal-name", (document.document_id,), (goal.clause_id, indicator.clause_id),
        f"「{document.title_zh}」（{year}）對同一目標有兩種名稱：施政目標為「{name}」，指標表為「{indicator.goal}」。",
        f"The {document.title_en} ({year}) has two names for one goal: 「{name}」 among its goals, 「{indicator.goal}」 in "
        "its table of indicators.",
        difference(goal.text, indicator.goal),
    )  # fmt: skip


def _told_apart(one: IndicatorRow, other: IndicatorRow) -> Note:
    zh, en = ([_described(row, language) for row in (one, other)] for language in ("zh", "en"))
    return Note(
        "namesake",
        (one.document.document_id, other.document.document_id),
        (one.indicator.clause_id, other.indicator.clause_id),
        f"名稱相近，但不是同一指標：{zh[0]}；{zh[1]}。基期或定義不同，數值不可合併，也不可相互比較。",
        f"Alike in name but not the same indicator: {en[0]}; {en[1]}. Base or definition differs, so the figures can "
        "neither be merged nor compared.",
    )


def _described(row: IndicatorRow, language: str) -> str:
    """Document, number, name, target and what the figure is measured against."""
    one, document = row.indicator, row.document
    base_zh, base_en = _base(one)
    years = f"{document.year_roc} / {document.year_ce}"
    if language == "zh":
        return f"「{document.title_zh}」（{years}）{one.number}「{one.name}」目標 {one.target_printed}，{base_zh}"
    return f"{document.title_en} ({years}) {one.number} 「{one.name}」, target {one.target_printed}, {base_en}"


def _base(indicator: Indicator) -> tuple[str, str]:
    """What a figure is measured against, from its formula, in both languages."""
    if found := _BASE_YEAR.search(indicator.formula):
        return (
            f"以 {found[1]} 年為基期累計至 {indicator.period} 年",
            f"up to {indicator.period} on the base of {found[1]}",
        )
    if _YEAR_BEFORE.search(indicator.formula):
        return "與上一年度相比的逐年成長", "growth in one year over the year before"
    return f"計算方式為「{indicator.formula}」", f"measured as 「{indicator.formula}」"


def _ordinal(marker: str) -> int | None:
    found = match_marker(marker)
    return found.ordinal if found else None


def _row_json(row: IndicatorRow) -> dict[str, object]:
    one, document = row.indicator, row.document
    return {
        "document_id": document.document_id, "year_roc": document.year_roc, "year_ce": document.year_ce,
        "number": one.number, "name": one.name, "goal": one.goal, "formula": one.formula, "part": one.part,
        "unit": one.unit, "period": one.period, "direction": one.direction,
        "target": one.target, "target_printed": one.target_printed,
        "actual": one.actual, "actual_printed": one.actual_printed,
        "met": one.met, "status": row.status, "clause_id": one.clause_id,
    }  # fmt: skip
