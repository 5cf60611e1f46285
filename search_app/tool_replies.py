"""What the API's tools reply, field by field: answers, comparisons, indicators, checked quotations, errors."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from indexer.model import Direction
from search_app.answer_model import Origin, QuestionKind, QuestionLanguage, Status
from search_app.difference import Kind
from search_app.indicators import NoteKind
from search_app.indicators import Status as IndicatorStatus
from search_app.quotes import Cut
from search_app.relations import Level, RelationName
from search_app.replies import (
    Citation,
    Clause,
    ClauseId,
    Document,
    Headings,
    Hit,
    ParsedClause,
    Permalink,
    Place,
    Range,
    Rendering,
    Renderings,
    Reply,
    Score,
    YearRoc,
)
from search_app.verify import Status as QuoteStatus
from search_app.verify import Wrong

Bilingual = Citation  # the same two fields
Block = Citation
Unsure = Annotated[bool, Field(description="A reader has to look at both texts before relying on the pair.")]


class Quote(Reply):
    """Words of the documents, exactly as printed."""

    text: str
    clause_id: ClauseId
    document_id: str
    range: Range
    citation: Citation
    url: Permalink
    years: Annotated[list[int], Field(description="Plan years (CE) whose documents hold the same words.")]
    also: list[str]
    translation: Renderings


class Answer(Reply):
    """A fixed sentence around quotations."""

    text: str
    language: Literal["zh", "en"]
    confidence: Annotated[Score, Field(description="Calibrated chance that it answers the question.")]
    origin: Origin
    quotes: list[Quote]


class Reason(Reply):
    """Why there is no full answer."""

    code: str
    zh: str
    en: str


class Understanding(Reply):
    """What was taken from the question; years are CE."""

    text: str
    language: QuestionLanguage
    kind: QuestionKind
    years: list[int]
    year_range: Annotated[list[int], Field(min_length=2, max_length=2)] | None
    subject: str
    corrected: str | None
    terms: list[str]


class CoveredDocument(Reply):
    """A document that was looked at."""

    document_id: str
    year_roc: YearRoc
    year_ce: int
    title_zh: str
    title_en: str
    kind: str


class AskReply(Reply):
    """An answer with its quotations, or the reason why there is none; the nearest clauses either way."""

    answered: bool
    status: Annotated[Status, Field(description="partial: an answer and a reason; unanswered: a reason alone.")]
    answer: Answer | None
    evidence: list[Hit]
    reason: Reason | None
    understanding: Understanding
    coverage: list[CoveredDocument]
    took_ms: Annotated[float, Field(ge=0)]
    generation: str


class ComparedClause(Reply):
    """A clause on one side of a comparison."""

    clause_id: ClauseId
    marker: str
    section_path: Headings
    text: str


class Operation(Reply):
    """One stretch that stayed, was taken out or put in."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    kind: Kind
    from_: Annotated[Range, Field(alias="from")]
    to: Range
    from_text: str
    to_text: str
    substantive: Annotated[bool, Field(description="False for equal text and differences of print only.")]


class Step(Reply):
    """A policy that moved along the stages, 1 (under discussion) to 5 (done)."""

    verb_from: str
    verb_to: str
    stage_from: int
    stage_to: int
    object: str
    forward: bool


class Changes(Reply):
    """How one text became the other."""

    substantive: bool
    operations: list[Operation]
    steps: list[Step]


class Relation(Reply):
    """What became of clauses of one document in the other."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    relation: RelationName
    level: Level
    moved: bool
    title: RelationName | None
    from_: Annotated[list[ComparedClause], Field(alias="from")]
    to: list[ComparedClause]
    confidence: Score
    unsure: Unsure
    changes: Changes | None
    citation_block: Annotated[Block, Field(description="Both sides, ready to paste; with citations=1 only.")] | None = (
        None
    )


class ComparedDocument(Reply):
    """A document of the comparison."""

    document_id: str
    title: str
    year_roc: YearRoc
    year_ce: int


class CompareReply(Reply):
    """Two documents clause by clause."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    from_: Annotated[str, Field(alias="from")]
    to: str
    documents: list[ComparedDocument]
    counts: Annotated[
        dict[Level, dict[str, int]], Field(description="Relations by level and name, and how many moved.")
    ]
    relations: list[Relation]


class IndicatorRow(Reply):
    """One indicator with its document and whether its target was met."""

    document_id: str
    year_roc: YearRoc
    year_ce: int
    number: str
    name: str
    goal: str
    formula: str
    part: str
    unit: str
    period: str
    direction: Direction
    target: float | None
    target_printed: str
    actual: float | None
    actual_printed: str
    met: bool | None
    status: IndicatorStatus
    clause_id: ClauseId


class Note(Reply):
    """Something that a reader of the table must know."""

    kind: NoteKind
    documents: list[str]
    clauses: list[str]
    zh: str
    en: str


class IndicatorsReply(Reply):
    """Indicators of all documents, by plan year."""

    total: Annotated[int, Field(ge=0)]
    counts: dict[IndicatorStatus, int]
    indicators: list[IndicatorRow]
    notes: list[Note]


class Stand(Place):
    """Where words of a quotation stand."""

    document_title: str
    text: Annotated[str, Field(description="The clause's text; empty for a damaged page.")]
    range: Range
    quoted: str
    whole: Annotated[bool, Field(description="The quotation is all of the clause.")]
    damaged: bool
    citation: Citation


class Part(Reply):
    """A stretch of a quotation that was put together."""

    text: str
    place: Stand


class VerifyReply(Reply):
    """What became of a check."""

    quote: str
    status: QuoteStatus
    verified: Annotated[bool, Field(description="True for status exact only.")]
    verdict: Bilingual
    explanation: Bilingual
    likeness: Score
    cut: Cut | None
    wrong: list[Wrong]
    total: Annotated[int, Field(ge=0)]
    places: Annotated[list[Stand], Field(description="At most 20 of total.")]
    parts: list[Part]
    changes: Changes | None


class OtherYear(Reply):
    """The same clause in another year's plan; no clauses where that plan has no counterpart."""

    document_id: str
    year_roc: YearRoc
    year_ce: int
    relation: RelationName
    moved: bool
    confidence: Score
    unsure: Unsure
    clauses: list[ComparedClause]
    changes: Changes | None
    citation_block: Block


class ClauseReply(Clause):
    """A clause with its surroundings."""

    document: Document
    citation: Citation
    translation: Renderings
    rendering: Rendering | None
    previous: Clause | None
    next: Clause | None
    children: list[Clause]
    citation_block: Block
    other_years: list[OtherYear]


class Problem(Reply):
    """What failed, and what to do about it; ``code`` stays stable."""

    code: str
    message: str
    hint: str | None


class ErrorReply(Reply):
    """Every error."""

    error: Problem


class GoneClause(ParsedClause):
    """A clause that is published no more, as it was."""

    document: Document
    removed: Annotated[str, Field(description="When the build that left it out was made.")]


class Replacement(Place):
    """What stands in the place of a clause that is gone."""

    text: str
    relation: Annotated[RelationName | None, Field(description="null where the very words stand elsewhere.")]
    unsure: Unsure


class GoneReply(ErrorReply):
    """A clause that was published once: what it said, and what replaced it."""

    gone: GoneClause
    replaced_by: list[Replacement]
