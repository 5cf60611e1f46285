"""The words of answering as data: Understanding, Span, Quote, Answer, AskResult."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from search_app.model import Citation, Hit

QuestionLanguage = Literal["zh", "zh-Hans", "en", "mixed"]
QuestionKind = Literal[
    "what", "how_much", "which_year", "met", "who", "compare", "list", "yes_no", "count",
]  # fmt: skip
Facet = Literal["", "target", "actual", "both"]
Outcome = Literal["", "met", "missed"]
TermSource = Literal["question", "glossary", "synonym"]
Status = Literal["answered", "partial", "unanswered"]
Origin = Literal["data", "extract", "compare", "generated"]


@dataclass(frozen=True, slots=True)
class Expansion:
    """A word of the plans that may stand for a word of the question; ``weight`` above 0, at most 1 (the same word)."""

    text: str
    weight: float
    source: TermSource


@dataclass(frozen=True, slots=True)
class SubjectTerm:
    """One thing that a question is about: ``text`` as asked (corrected), ``forms`` what to look for, itself first.

    ``generic`` words could stand in nearly every clause; ``background`` ones stand in a part of the question that only
    tells the story: 「老闆不讓我們組工會，政府有輔導嗎？」.
    """

    text: str
    language: Literal["zh", "en"]
    forms: tuple[Expansion, ...]
    generic: bool = False
    background: bool = False


@dataclass(frozen=True, slots=True)
class Understanding:
    """A question as understood.

    ``years`` are CE, ``year_range`` is a period asked for as a whole (2017 to 2020). ``relative_year`` is the word that
    names a year only by the day of asking (去年), which is refused. ``facet`` and ``outcome`` tell what is asked of an
    indicator, ``number`` names one (8.7.1), ``goal`` a goal by its number. ``roc_years`` are those
    of the years that were written in the calendar of plans (106). ``unit`` is what an amount is counted in, as
    a group of ``question.UNITS`` ("money", "day"), or "". ``procedure``: it asks how to do or to reckon something.
    """

    text: str
    language: QuestionLanguage
    kind: QuestionKind
    years: tuple[int, ...]
    terms: tuple[SubjectTerm, ...]
    subject: str
    year_range: tuple[int, int] | None = None
    relative_year: str = ""
    facet: Facet = ""
    outcome: Outcome = ""
    number: str = ""
    goal: int | None = None
    unit: str = ""
    tables: tuple[str, ...] = ()
    plan_named: bool = False
    roc_years: tuple[int, ...] = ()
    corrected: str | None = None
    procedure: bool = False

    @property
    def answer_language(self) -> Literal["zh", "en"]:
        """The language of the frames around quotations."""
        return "en" if self.language == "en" else "zh"


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of the corpus: ``text`` is ``clause.text[start:end]``, always.

    ``years`` are the plan years (CE) whose documents hold the same words; ``also`` the ids of the other clauses.
    ``translation`` is an unofficial English rendering of the whole clause, where there is one.
    """

    text: str
    clause_id: str
    document_id: str
    start: int
    end: int
    citation: Citation
    url: str
    years: tuple[int, ...]
    also: tuple[str, ...] = ()
    translation: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A fixed sentence around quotations; ``confidence`` is the calibrated chance that it answers, 0 to 1."""

    text: str
    language: Literal["zh", "en"]
    confidence: float
    quotes: tuple[Quote, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Reason:
    """Why there is no full answer: a stable code, and the sentence in both languages."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the corpus holds, by year: (document id, ROC year, CE year, Chinese title, English title, kind)."""

    documents: tuple[tuple[str, int, int, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before it is told: what ``AskResult`` needs of it. An unanswered one has a reason and no text."""

    status: Status
    text: str
    quotes: tuple[Quote, ...]
    origin: Origin
    confidence: float
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class AskResult:
    """The answer to one question, or why there is none, with the nearest clauses either way.

    ``answered`` has an answer and no reason, ``partial`` an answer and a reason, ``unanswered`` a reason alone.
    ``signals`` are the measured values that the decision was made on, ``best`` the nearest words, folded, told or not.
    """

    status: Status
    understanding: Understanding
    answer: Answer | None
    reason: Reason | None
    evidence: tuple[Hit, ...]
    coverage: Coverage
    took_ms: float
    generation: str
    signals: Mapping[str, float] = field(default_factory=dict)
    best: str = ""

    @property
    def answered(self) -> bool:
        """True when the question is answered in full."""
        return self.status == "answered"


def ordered(years: Sequence[int]) -> tuple[int, ...]:
    """Years once each, ascending."""
    return tuple(sorted(set(years)))
