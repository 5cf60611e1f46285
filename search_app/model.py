"""The words of searching as data: Query, Filters, Hit, Citation, SearchResult."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from indexer.model import Clause, ClauseKind, DocumentInfo
from search_app.syntax import Expression

Mode = Literal["hybrid", "keyword", "semantic"]
Sort = Literal["relevance", "year"]
Grouping = Literal["none", "same"]
QueryKind = Literal["wording", "question", "reference", "number"]

HEADINGS: tuple[ClauseKind, ...] = ("heading", "goal", "work_plan", "plan_row")  # what other clauses stand below


@dataclass(frozen=True, slots=True)
class Filters:
    """What hits must belong to; an empty tuple filters nothing. Years are CE.

    A hit belongs to one of the years, documents and kinds, and its section path holds one of ``sections`` as folded text.
    ``titles`` are folded texts that the document's title holds, each of them.
    """

    years: tuple[int, ...] = ()
    documents: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.years or self.documents or self.sections or self.kinds or self.titles)


@dataclass(frozen=True, slots=True)
class Query:
    """A query as understood.

    ``text`` is what the user wrote, ``normalized`` the same in Traditional script for display, ``ranked`` the words to rank
    by and ``folded`` their matching form. ``constraints`` must hold in every hit, ``phrases`` are their folded texts.
    ``corrected`` is the text with likely slips set right, ``problem`` tells why an expression was taken as plain text.
    """

    text: str
    normalized: str
    folded: str
    ranked: str
    language: Literal["zh", "en", "mixed"]
    kind: QueryKind
    terms: tuple[str, ...]
    phrases: tuple[str, ...] = ()
    constraints: tuple[Expression, ...] = ()
    filters: Filters = Filters()
    expansions: tuple[str, ...] = ()
    corrected: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """How the clause is quoted: agency, title, year in both calendars, section path, marker."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Why:
    """Why a hit is there: its rank in each leg (1-based, None when the leg did not find it) and the words that matched.

    ``exact``: the query stands there word for word. ``expansions``: other words for the query's that stand there.
    ``question``: the expected question through which the clause was found, None when it was found by its own text.
    ``similarity`` and ``asked_similarity`` are cosines, of the query with the clause and with the best question or
    rendering beside it; 0 where meaning was not looked at.
    """

    keyword_rank: int | None
    vector_rank: int | None
    matched_terms: tuple[str, ...]
    exact: bool = False
    expansions: tuple[str, ...] = ()
    question: str | None = None
    similarity: float = 0.0
    asked_similarity: float = 0.0


@dataclass(frozen=True, slots=True)
class Hit:
    """One clause in a ranking; ``rank`` is 1-based, ``score`` is 0 to 1 within its query.

    ``highlights`` are [start, end) offsets into ``clause.text``. ``headings_en`` is the
    section path in unofficial English, () without one. ``also`` holds identical clauses of other places.
    """

    rank: int
    score: float
    clause: Clause
    document: DocumentInfo
    highlights: tuple[tuple[int, int], ...]
    citation: Citation
    why: Why
    translation: Mapping[str, str] = field(default_factory=dict)
    headings_en: tuple[str, ...] = ()
    also: Sequence[Clause] = ()


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One page of hits; ``total`` counts all of them, ``facets`` count them by year, document, section and kind."""

    query: Query
    hits: tuple[Hit, ...]
    total: int
    took_ms: float
    generation: str
    facets: Mapping[str, Sequence[tuple[str, int]]]
    suggestions: tuple[str, ...] = ()
