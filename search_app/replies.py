"""What the API replies, field by field: the description of the JSON that ``wire`` and its neighbours make.

Pydantic models, for the OpenAPI description, for programs over MCP, and for the tests, which hold every reply against
them. The server does not validate its own replies: 0.1 ms of a search's 9 would find nothing that the tests do not.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from indexer.model import ClauseKind, Direction
from search_app.model import QueryKind

Score = Annotated[float, Field(ge=0, le=1)]
Range = Annotated[
    list[int], Field(min_length=2, max_length=2, description="Start and end, [start, end), in characters.")
]
ClauseId = Annotated[str, Field(description="Document id and a path of ordinals; stays the same at every rebuild.")]
YearRoc = Annotated[int, Field(description="Plan year in the calendar of the Republic of China: CE - 1911.")]
Permalink = Annotated[str, Field(description="Address of the clause's page, without the host.")]
Headings = Annotated[list[str], Field(description="Headings from the top down, as printed.")]
Renderings = Annotated[dict[Literal["en"], str], Field(description="Unofficial English, {} without one.")]


class Reply(BaseModel):
    """One JSON object. Later versions may have more fields, never fewer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Citation(Reply):
    """How a clause is quoted, in both languages."""

    zh: str
    en: str


class Place(Reply):
    """Where a clause stands."""

    clause_id: ClauseId
    document_id: str
    year_roc: YearRoc
    year_ce: int
    section_path: Headings
    marker: Annotated[str, Field(description="The clause's own number as printed, such as （一）.")]
    url: Permalink


class Why(Reply):
    """Why a hit is there; ranks count from 1 and are null where that leg did not find it."""

    keyword_rank: int | None
    vector_rank: int | None
    matched_terms: list[str]
    exact: Annotated[bool, Field(description="The query stands there word for word.")]
    expansions: list[str]
    question: Annotated[str | None, Field(description="Expected question through which the clause was found.")]


class Hit(Place):
    """One clause in a ranking."""

    rank: Annotated[int, Field(ge=1)]
    score: Annotated[Score, Field(description="Comparable within one query only.")]
    document_title: str
    kind: ClauseKind
    text: Annotated[str, Field(description="The source's own text, without the marker.")]
    highlights: list[Range]
    translation: Renderings
    citation: Citation
    damaged: Annotated[bool, Field(description="The page's extraction cannot be trusted; never quote it.")]
    why: Why
    also: Annotated[list[Place], Field(description="Identical clauses of other places, with group=same.")]


class UnderstoodQuery(Reply):
    """The query as understood."""

    text: str
    normalized: str
    language: Literal["zh", "en", "mixed"]
    kind: QueryKind
    terms: list[str]
    expansions: list[str]
    corrected: str | None
    problem: Annotated[str | None, Field(description="Why an expression was searched as plain text.")]


class FacetValue(Reply):
    """How many hits have one value."""

    value: str
    count: Annotated[int, Field(ge=1)]


class Facets(Reply):
    """Hits by plan year, document, top section and kind, the most frequent first, at most 200 of each."""

    year: list[FacetValue]
    document: list[FacetValue]
    section: list[FacetValue]
    kind: list[FacetValue]


class SearchReply(Reply):
    """One page of ranked clauses; the order stays the same as long as ``generation`` does."""

    query: UnderstoodQuery
    total: Annotated[int, Field(ge=0)]
    took_ms: Annotated[float, Field(ge=0)]
    generation: Annotated[str, Field(description="Name of the index generation that answered.")]
    hits: list[Hit]
    facets: Facets
    suggestions: list[str]


class Document(Reply):
    """What is known of a document."""

    document_id: str
    title_zh: str
    title_en: str
    agency_zh: str
    agency_en: str
    year_roc: YearRoc
    year_ce: int
    kind: str
    language: str
    file_name: str
    sha256: str
    licence: str
    provenance: str
    ocr_pages: Annotated[list[int], Field(description="Pages read by OCR; only where there are some.")] = []
    licence_zh: Annotated[str, Field(description="The licence in Chinese; only where it is written.")] = ""
    provenance_zh: Annotated[str, Field(description="The provenance in Chinese; only where it is written.")] = ""
    url: Permalink


class DocumentsReply(Reply):
    """All documents."""

    documents: list[Document]


class ParsedClause(Reply):
    """One clause as parsed."""

    clause_id: ClauseId
    kind: ClauseKind
    marker: str
    section_path: Headings
    text: str
    lines: Annotated[
        list[int], Field(min_length=2, max_length=2, description="First and last line of the source, from 1.")
    ]
    page: int | None
    damaged: bool
    cells: Annotated[
        list[Annotated[list[str], Field(min_length=2, max_length=2)]], Field(description="Column and printed text.")
    ]


class Clause(ParsedClause):
    """A clause that is published."""

    url: Permalink


class TreeClause(Clause):
    """A clause with those below it."""

    children: list[TreeClause]


class ExportedClause(Clause):
    """One line of the export: a clause with its document and years."""

    document_id: str
    document_title: str
    year_roc: YearRoc
    year_ce: int
    citation: Citation


class Indicator(Reply):
    """A target and, where printed, its actual value."""

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
    met: Annotated[bool | None, Field(description="Recomputed from the numbers; null without an actual value.")]
    clause_id: ClauseId


class Account(Reply):
    """Non-blank characters of the source by where they ended."""

    total: int
    clauses: int
    headings: int
    cells: int
    furniture: int
    damaged: int
    missing: Annotated[int, Field(description="Always 0.")]


class DocumentReply(Reply):
    """A document as a tree."""

    document: Document
    clauses: list[TreeClause]
    indicators: list[Indicator]
    account: Account


class Rendering(Reply):
    """Who wrote the unofficial English of a clause."""

    headings_en: list[str]
    by: str
    reviewed: bool
