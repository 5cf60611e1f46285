"""The printed rows of indicator tables: which ones a question names, and which belong to its years and goals."""

from __future__ import annotations

import re
import weakref
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.model import DocumentInfo, Indicator
from indexer.text import fold_text
from search_app.answer_model import Understanding
from search_app.evidence import alike
from search_app.retrieve import ClauseView, Search
from search_app.terms import chinese_terms, content_stems
from search_app.trust import is_quotable
from search_app.weighing import Weighed, coverage, rendering_key, statistics

CLOSE = 0.12  # below the best match: still meant as well, where the year does not tell
# How much of a name a question must at least say: likeness and the share of the name's own words together in Chinese
# (questions for the 34 indicators: 0.46 and more, 「工會數」 for 工會法 0.18), likeness of words in English (0.27, 0.20)
NAME = {"zh": 0.4, "en": 0.25}
TIE = 0.05  # between rows of one document that the question does not tell apart: all are told
OWN_NAME = 0.5  # likeness from which a name is meant even if its figure is of another kind: 年金給付人數 in percent
NEAR = 0.3  # match from which on an indicator is offered as the nearest
# 工會數, 工會的數量, number of unions; not 數值, 成長率
_COUNTED = r"數(?![值據字])(?!.{0,12}(?:成長|增加|比率|比例|率))|数(?![值据字])(?!.{0,12}(?:成长|增加|比率|比例|率))|\bnumber of\b"
_NUMERALS = "〇一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Row:
    """One indicator with its document and its clause; ``parts`` holds all halves of the same printed row.

    ``folded`` is its name and formula, ``terms`` are the weighed terms of its name.
    """

    document: DocumentInfo
    view: ClauseView
    parts: tuple[Indicator, ...]
    folded: str
    terms: tuple[Weighed, ...]

    @property
    def first(self) -> Indicator:
        """The first half; the only one of most rows."""
        return self.parts[0]

    @property
    def table(self) -> str:
        """The kind of table: kpi or indicator."""
        return self.view.clause.kind


_rows: weakref.WeakKeyDictionary[Search, list[Row]] = weakref.WeakKeyDictionary()


def rows_of(search: Search) -> list[Row]:
    """Every printed row of every document of a generation, in printed order; read once."""
    if search not in _rows:
        _rows[search] = _read_rows(search)
    return _rows[search]


def matching(rows: Sequence[Row], understanding: Understanding, special: Sequence[Weighed], least: float) -> list[Row]:
    """Rows whose names the question names, best first: those nearly as good as the best, of one table only its ties."""
    scored = [entry for entry in _scored(rows, understanding, special) if _named(entry[2], understanding)]
    best = scored[0][0] if scored else 0.0
    firsts: dict[str, float] = {}
    for score, _, row in scored:
        firsts.setdefault(row.document.document_id, score)
    return [
        row for score, _, row in scored if score >= max(least, best - CLOSE, firsts[row.document.document_id] - TIE)
    ]


def nearest(rows: Sequence[Row], understanding: Understanding, special: Sequence[Weighed]) -> Row | None:
    """The row that is most like what was asked, of the years asked for where they have any; None when none is."""
    fitting = [row for row in rows if fits(row, understanding)] or list(rows)
    scored = _scored(fitting, understanding, special)
    return scored[0][2] if scored and scored[0][0] >= NEAR else None


def counts_alike(row: Row, understanding: Understanding) -> bool:
    """False for a growth rate where people are counted, and for another year than the figure's own."""
    periods = " ".join(part.period for part in row.parts)
    if any(str(year) not in periods for year in understanding.years):
        return False
    percent = all(part.unit in ("%", "％") for part in row.parts)
    return not (percent and understanding.unit == "count" and "率" not in understanding.text)


def fits(row: Row, understanding: Understanding) -> bool:
    return fits_year(row, understanding) and (not understanding.tables or row.table in understanding.tables)


def fits_year(row: Row, understanding: Understanding) -> bool:
    """True when no year is asked for, or the plan's or the figure's own year is."""
    if understanding.year_range:
        return any(str(year) in row.first.period + row.first.formula for year in understanding.year_range)
    years = understanding.years
    return not years or row.document.year_ce in years or any(str(year) in row.first.period for year in years)


def in_goal(row: Row, goal: int | None) -> bool:
    """True when the indicator's number begins with the goal's: 8.7.1 or 八-2 for goal 8."""
    if goal is None:
        return True
    head = re.match(r"[0-9]+|[一二三四五六七八九十]+", row.first.number)
    return head is not None and head.group() in (str(goal), _NUMERALS[goal] if goal < len(_NUMERALS) else "")


def without_tables(search: Search, understanding: Understanding) -> list[DocumentInfo]:
    """Documents of the years asked for that print no indicators at all."""
    asked = [info for info in search.documents() if info.year_ce in understanding.years]
    views = ((info, search.document(info.document_id)) for info in asked)
    return [info for info, view in views if view is not None and not view.indicators]


def english_names(rendering: str) -> tuple[str, ...]:
    """Name and formula of a rendered row, without the words that announce them."""
    lines = [
        re.sub(r"^(?:Indicator )?[\d.a-z]*\d:? |^Calculation method: ", "", line) for line in rendering.split("\n")
    ]
    return tuple(lines[:2]) or ("",)


def _scored(
    rows: Sequence[Row], understanding: Understanding, special: Sequence[Weighed]
) -> list[tuple[float, int, Row]]:
    """Every row with its match, best first; ties in printed order."""
    scored = [(_match(row, understanding, special), -place, row) for place, row in enumerate(rows)]
    return sorted(scored, reverse=True, key=lambda entry: entry[:2])


def _named(row: Row, understanding: Understanding) -> bool:
    """False where only a word of the name is in the question, or a number of things is asked of a percentage."""
    likeness = _likeness(row, understanding)
    counted = understanding.facet and re.search(_COUNTED, understanding.text.lower())
    if counted and likeness < OWN_NAME and not _counts(row):
        return False
    if understanding.language == "en":
        return likeness >= NAME["en"]
    return likeness + coverage(row.terms, understanding.subject, "", "") >= NAME["zh"]


def _counts(row: Row) -> bool:
    return any(part.unit not in ("%", "％") for part in row.parts)


def _likeness(row: Row, understanding: Understanding) -> float:
    """How alike question and name (or formula) are, 0 to 1."""
    if understanding.language == "en":
        rendering = row.view.translation.get("en", "")
        return max(_alike_words(understanding.text, name) for name in english_names(rendering))
    return max(alike(understanding.subject, fold_text(name)) for name in (row.first.name, row.first.formula))


def _match(row: Row, understanding: Understanding, special: Sequence[Weighed]) -> float:
    """0 to 1: how much of the question the row holds, how alike question and name are, how much of the name is asked."""
    rendering = row.view.translation.get("en", "")
    held = coverage(special, row.folded, "", rendering_key(rendering))
    if understanding.language == "en":
        return 0.5 * held + 0.5 * _likeness(row, understanding)
    return 0.4 * held + 0.35 * _likeness(row, understanding) + 0.25 * coverage(row.terms, understanding.subject, "", "")


def _alike_words(left: str, right: str) -> float:
    """Dice of the stems of two English texts, common words left out."""
    a, b = content_stems(left), content_stems(right)
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def _read_rows(search: Search) -> list[Row]:
    counts = statistics(search)
    made: list[Row] = []
    for info in search.documents():
        view = search.document(info.document_id)
        grouped: dict[str, list[Indicator]] = {}
        for indicator in view.indicators if view else ():
            grouped.setdefault(indicator.clause_id, []).append(indicator)
        for clause_id, parts in grouped.items():
            clause = search.clause(clause_id)
            if clause is not None and is_quotable(clause.clause, info):
                names = (parts[0].name, parts[0].formula, *(part.part for part in parts))
                terms = tuple(counts.weigh(term) for term in chinese_terms(parts[0].name))
                made.append(Row(info, clause, tuple(parts), fold_text("\n".join(names)), terms))
    return made
