"""Questions answered with words of the corpus, or an honest account of why not."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from indexer.editors import use
from indexer.model import Clause, DocumentInfo
from indexer.text import fold
from search_app import abstain
from search_app.answer_model import Answer, AskResult, Coverage, Draft, Quote, Reason, Understanding, ordered
from search_app.evidence import Evidence, gather
from search_app.facts import answer_from_data
from search_app.frames import held_years, reason
from search_app.model import Filters, Hit
from search_app.observe import Asked, note
from search_app.question import ROC, understand
from search_app.retrieve import Search
from search_app.telling import compared, extracted
from search_app.trust import is_quotable
from search_app.weighing import Statistics, Weighed, statistics

CLAUSES = 20  # of a search that are read for evidence
SHOWN = 5  # nearest clauses below an answer
UNKNOWN_WEIGHT = 0.25  # share of a question's weight above which a term that stands nowhere is named in the reason
PLAN = "plan"  # part of the kind of documents that are plans
_SIDE_BY_SIDE = ("what", "yes_no", "list")  # kinds of question that every year named answers for itself
_NUMERALS = "〇一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class _Case:
    """One question with what was found for it."""

    search: Search
    understanding: Understanding
    weighed: tuple[Weighed, ...]
    counts: Statistics
    coverage: Coverage
    found: tuple[Evidence, ...] = ()
    hits: tuple[Hit, ...] = ()


def ask(search: Search, question: str, years: Sequence[int] = ()) -> AskResult:
    """The answer to a question, or why there is none. ``years`` (CE) hold where the question itself names no year.

    Raises QueryError when the question is too long.
    """
    with use(search.editors):
        return _asked(search, question, years)


def _asked(search: Search, question: str, years: Sequence[int]) -> AskResult:
    started = time.perf_counter()
    understanding = _within(understand(question), years)
    counts = statistics(search)
    weighed = tuple(counts.weigh(term) for term in understanding.terms)
    case = _Case(search, understanding, weighed, counts, covered(search.documents()))
    refused = _refused(case)
    if refused:
        return _result(case, _unanswered(refused), {}, started)
    case = _looked_up(case)
    signals = abstain.measure(case.found, weighed, understanding)
    draft = _draft(case, signals)
    return _result(case, draft, signals, started)


def covered(documents: Iterable[DocumentInfo]) -> Coverage:
    """What the corpus holds, by year."""
    by_year = sorted(documents, key=lambda info: (info.year_ce, info.document_id))
    return Coverage(tuple((i.document_id, i.year_roc, i.year_ce, i.title_zh, i.title_en, i.kind) for i in by_year))


# --- what cannot be answered before looking -------------------------------------------------------------------------


def _refused(case: _Case) -> Reason | None:
    """Why a question is not looked up at all: no words, a relative year, a year without a document."""
    understanding, documents = case.understanding, case.coverage.documents
    held = {ce for _, _, ce, _, _, _ in documents}
    if not understanding.text.strip():
        return reason("empty")
    if understanding.relative_year:
        return reason("relative_year", word=understanding.relative_year, held=held_years(case.coverage))
    if understanding.plan_named:
        held = {ce for _, _, ce, _, _, kind in documents if PLAN in kind}
        absent = [year for year in understanding.years if year not in held]
        kinds = tuple({kind for *_, kind in documents if PLAN in kind})
        code = "no_plan_year"
    else:
        absent = [
            year
            for year in understanding.years
            if year not in held and not _printed(case.counts, year, year in understanding.roc_years)
        ]
        kinds, code = (), "no_year"
    if not absent:
        return None
    asked = "、".join(f"{year - ROC}（{year}）" for year in absent)
    return reason(code, asked=(asked, ", ".join(map(str, absent))), held=held_years(case.coverage, kinds))


def _printed(counts: Statistics, year: int, roc: bool) -> bool:
    """True when some clause prints the year, in the calendar that it was asked in."""
    return counts.count(f"{year - ROC}年") > 0 or (not roc and counts.count(str(year)) > 0)


def _within(understanding: Understanding, years: Sequence[int]) -> Understanding:
    if understanding.years or understanding.year_range or not years:
        return understanding
    return replace(understanding, years=ordered(years), relative_year="")


def _draft(case: _Case, signals: dict[str, float]) -> Draft:
    """From the tables where they answer, else from text; a refusal by the tables stands where text has no answer."""
    told = answer_from_data(case.search, case.understanding, case.weighed)
    if told is not None and (told.status != "unanswered" or case.understanding.facet or case.understanding.number):
        return told
    read = _from_text(case, signals)
    return told if told is not None and read.status != "answered" else read


# --- looking up -----------------------------------------------------------------------------------------------------


def _looked_up(case: _Case) -> _Case:
    """The case with its hits and ranked evidence."""
    understanding = case.understanding
    text = _sought(understanding)
    named = understanding.plan_named and understanding.years
    hits = [] if named else list(case.search.search(text, per_page=CLAUSES).hits)
    if understanding.years:
        wanted = case.search.search(text, filters=Filters(years=understanding.years), per_page=CLAUSES).hits
        known = {hit.clause.clause_id for hit in hits}
        hits += [hit for hit in wanted if hit.clause.clause_id not in known]
    found = gather(understanding, hits, case.weighed, case.counts)
    fitting = [entry for entry in found if _fits(entry, understanding)]
    return replace(case, found=tuple(fitting), hits=tuple(hits))


def _sought(understanding: Understanding) -> str:
    """What is searched for: the question; of a comparison only its subject, for 「政策用語有什麼變化」 finds what it names."""
    subject = [term.text for term in understanding.terms if not term.generic]
    if understanding.kind == "compare" and subject:
        return " ".join(subject)
    return understanding.corrected or understanding.text


def _fits(entry: Evidence, understanding: Understanding) -> bool:
    """False for another year, or another goal, than the question names."""
    if understanding.plan_named and understanding.years and entry.hit.document.year_ce not in understanding.years:
        return False
    if understanding.years and entry.features["year"] == 0:
        return False
    return understanding.goal is None or in_goal(entry.hit.clause, understanding.goal)


def in_goal(clause: Clause, goal: int) -> bool:
    """True when a clause stands under a goal or names one of its indicators: 「八、妥適…」, 「指標 8.6.2」."""
    own = f"{clause.marker}{clause.text}" if clause.kind == "goal" else clause.text
    numeral = _NUMERALS[goal] if goal < len(_NUMERALS) else str(goal)
    headed = any(re.match(rf"{numeral}[、 ]", heading) for heading in (*clause.section_path, own))
    named = re.search(rf"(?<![\d.]){goal}\.[\da-z]+\.\d", " ".join((*clause.section_path, own)))
    return headed or named is not None or f"第 {goal} 項核心目標" in own


# --- answers from text ----------------------------------------------------------------------------------------------


def _from_text(case: _Case, signals: dict[str, float]) -> Draft:
    """The draft out of the best evidence, or the reason why there is none."""
    understanding = case.understanding
    calibration = abstain.calibration(understanding.answer_language)
    confidence = calibration.probability(signals)
    signals["confidence"] = confidence
    if not case.found or confidence < calibration.threshold:
        return _unanswered(_why_not(case))
    if understanding.kind == "compare" or (len(understanding.years) > 1 and understanding.kind in _SIDE_BY_SIDE):
        return compared(case.found, understanding, confidence, _plans(case), partial(_counterparts, case.search))
    draft = extracted(case.found, understanding, confidence)
    if signals["amount"] == 0:
        return replace(draft, status="partial", reason=reason("no_amount"))
    return draft


def _counterparts(search: Search, clause_id: str) -> frozenset[str]:
    """The ids of the same clause in the plans of other years."""
    return frozenset(clause.clause_id for one in search.history(clause_id) for clause in one.clauses)


def _plans(case: _Case) -> tuple[int, ...]:
    """The years to compare: those asked for, else those of all plans."""
    plans = [ce for _, _, ce, _, _, kind in case.coverage.documents if PLAN in kind]
    return case.understanding.years if len(case.understanding.years) > 1 else ordered(plans)


def _why_not(case: _Case) -> Reason:
    if _damaged(case):
        return reason("damaged")
    total = sum(entry.weight for entry in case.weighed)
    unknown = [entry for entry in case.weighed if not entry.known and entry.weight > UNKNOWN_WEIGHT * total]
    if unknown:
        names = [_as_asked(entry.term.text, case.understanding) for entry in unknown]
        return reason("unknown_terms", terms=("」「".join(names), "”, “".join(names)))
    return reason("not_found")


def _as_asked(word: str, understanding: Understanding) -> str:
    """A folded word as it stands in the question."""
    folded = fold(understanding.corrected or understanding.text)
    at = folded.text.find(word)
    if at < 0:
        return word
    start, end = folded.source_range(at, at + len(word))
    return (understanding.corrected or understanding.text)[start:end]


def _damaged(case: _Case) -> Hit | None:
    """A page that cannot be trusted but stands among the first hits."""
    return next((hit for hit in case.hits[:3] if not is_quotable(hit.clause, hit.document)), None)


def _unanswered(why: Reason) -> Draft:
    return Draft("unanswered", "", (), "extract", 0.0, why)


# --- telling --------------------------------------------------------------------------------------------------------


def _result(case: _Case, draft: Draft, signals: dict[str, float], started: float) -> AskResult:
    language = case.understanding.answer_language
    answer = (
        Answer(draft.text, language, round(draft.confidence, 3), draft.quotes, draft.origin)
        if draft.status != "unanswered"
        else None
    )
    took = (time.perf_counter() - started) * 1000
    note(Asked(answer is not None))
    return AskResult(
        draft.status, case.understanding, answer, draft.reason, _nearest(case, draft.quotes), case.coverage, took,
        case.search.generation, signals, case.found[0].span.folded if case.found else "",
    )  # fmt: skip


def _nearest(case: _Case, quotes: Sequence[Quote]) -> tuple[Hit, ...]:
    """The nearest clauses that are not quoted already, those with the best evidence first."""
    quoted = {quote.clause_id for quote in quotes}
    hits = {entry.hit.clause.clause_id: entry.hit for entry in case.found}
    damaged = _damaged(case)
    if damaged is not None:
        hits = {damaged.clause.clause_id: damaged, **hits}
    hits |= {hit.clause.clause_id: hit for hit in case.hits if hit.clause.clause_id not in hits}
    return tuple(hit for clause_id, hit in hits.items() if clause_id not in quoted)[:SHOWN]
