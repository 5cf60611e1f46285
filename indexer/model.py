"""The words of the project as data: frozen, standard library only."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
DocNums = npt.NDArray[np.int64]

BlockKind = Literal["heading", "paragraph", "table", "furniture", "damaged"]
ClauseKind = Literal[
    "heading",  # a part, chapter or section title
    "goal",  # 一、 of 年度施政目標
    "goal_clause",  # （一） of a goal
    "kpi",  # one row of a KPI table
    "note",  # one note under a table
    "work_plan",  # 工作計畫名稱
    "plan_row",  # 重要計畫項目
    "plan_item",  # one content item of a plan-table row
    "kpi_link",  # 與KPI關聯 of a plan-table row
    "indicator",  # one row of an indicator table
    "stakeholder",  # one row of a stakeholder table
    "table_row",  # one row of any other table
    "narrative",  # a numbered or plain paragraph of prose
    "damaged",  # one page that cannot be trusted
]
Direction = Literal["higher", "lower"]
Language = Literal["zh", "en", "mixed"]


@dataclass(frozen=True, slots=True)
class Span:
    """Lines of the source, 1-based and inclusive; the page where it is known."""

    first_line: int
    last_line: int
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One table cell as printed; wrapped lines are already joined, items stand on lines of their own.

    ``pieces`` tells where the parts of ``text`` came from: (offset into text, span), in order; empty for one piece.
    ``columns`` is how many columns of the grid a merged cell takes; a cell merged with the one above it is empty.
    """

    text: str
    span: Span
    pieces: tuple[tuple[int, Span], ...] = ()
    columns: int = 1

    def span_at(self, start: int, end: int) -> Span:
        """Where text[start:end] came from."""
        pieces = self.pieces or ((0, self.span),)
        ends = [offset for offset, _ in pieces[1:]] + [len(self.text)]
        used = [span for (offset, span), after in zip(pieces, ends, strict=True) if offset < end and after > start]
        return Span(used[0].first_line, used[-1].last_line, used[0].page) if used else self.span


@dataclass(frozen=True, slots=True)
class Block:
    """What a reader returns: one paragraph, heading, table, page furniture or damaged page.

    ``level`` is the heading level that the format itself gives (1 is the top, 0 the document's title), else None: the
    grammar decides.
    ``rows`` is filled for tables only; the first row is the header.
    ``page_start`` is True for the first block of a page.
    """

    kind: BlockKind
    text: str
    span: Span
    level: int | None = None
    rows: tuple[tuple[Cell, ...], ...] = ()
    page_start: bool = False


@dataclass(frozen=True, slots=True)
class Clause:
    """The smallest unit that can be found, cited and compared.

    ``text`` is the source's own text without the marker; cells of one row stand on lines of their own.
    ``section_path`` holds the headings from the top down, as printed, without the clause itself.
    ``cells`` names the table cells (column, printed text) that a row was read from.
    ``order`` is the position in the document, 0-based.
    """

    clause_id: str
    document_id: str
    kind: ClauseKind
    marker: str
    section_path: tuple[str, ...]
    text: str
    span: Span
    order: int
    damaged: bool = False
    cells: tuple[tuple[str, str], ...] = ()

    @property
    def digest(self) -> str:
        """First 16 hexadecimal digits of the SHA-256 of the text: tells whether a clause has changed."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One target and, where printed, its actual.

    ``target`` and ``actual`` are numbers in ``unit``; the ``_printed`` fields hold the source's own text.
    ``met`` is recomputed from the numbers and ``direction``; None when there is no actual.
    ``part`` names one half of a two-part target (青年, 失業者), else "".
    """

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
    clause_id: str


UNKNOWN_YEAR = 0  # plan year of a document that tells none; only ``plansearch inspect`` lets one through


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """What is known of a document beside its text; ``year_ce`` is the plan year in the common era.

    ``ocr_pages`` are the pages, counted from 1, whose text was read from pictures and may be wrong in single characters.
    Licence and provenance are "" where nobody wrote them, and may be written in one language only.
    """

    document_id: str
    title_zh: str
    title_en: str
    agency_zh: str
    agency_en: str
    year_ce: int
    kind: str
    language: str
    file_name: str
    sha256: str
    licence: str = ""
    provenance: str = ""
    ocr_pages: tuple[int, ...] = ()
    licence_zh: str = ""
    provenance_zh: str = ""

    @property
    def year_roc(self) -> int:
        """The plan year in the calendar of the Republic of China: CE - 1911."""
        return self.year_ce - 1911


@dataclass(frozen=True, slots=True)
class Account:
    """Non-blank characters of a source by where they ended; ``missing`` must be 0."""

    total: int
    clauses: int
    headings: int
    cells: int
    furniture: int
    damaged: int
    missing: int


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed document."""

    info: DocumentInfo
    clauses: tuple[Clause, ...]
    indicators: tuple[Indicator, ...]
    account: Account


@dataclass(frozen=True, slots=True)
class Passage:
    """What the indexes are fed with: one per clause; ``docnum`` is its row in every index, 0-based and dense.

    ``body`` is the clause's text, ``headings`` its section path joined by line ends.
    ``fragments`` is True for damaged pages: lines are never joined, neither for matching nor for meaning.
    """

    docnum: int
    clause_id: str
    document_id: str
    kind: ClauseKind
    year_ce: int
    language: str
    marker: str
    body: str
    headings: str
    fragments: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """One passage with the score that one leg gave it; higher is better."""

    docnum: int
    score: float


@dataclass(frozen=True, slots=True)
class Token:
    """One token; ``position`` is ordinal, ``start`` and ``end`` are offsets into the tokenised text."""

    text: str
    position: int
    start: int
    end: int


class Scored(NamedTuple):
    """What a leg gives to every passage, shape (n,); and the mean and deviation, where it looked at a part of them only."""

    scores: Vectors
    moments: tuple[float, float] | None


class Encoder(Protocol):
    """Texts to unit vectors. The same encoder at build and at query time."""

    @property
    def name(self) -> str:
        """Name and revision; stands in the manifest."""
        ...

    @property
    def dimension(self) -> int: ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), dimension), float32, rows of length 1."""
        ...

    def encode_query(self, text: str) -> Vectors:
        """Shape (dimension,), float32, of length 1."""
        ...

    def encode_queries(self, *texts: str) -> Vectors:
        """Shape (len(texts), dimension): those of several queries at once, one at least."""
        ...


class VectorIndex(Protocol):
    """Unit vectors of passages and of their sentences."""

    passages: int

    def leg(self, query: Vectors, depth: int, among: Callable[[], DocNums]) -> Scored:
        """Scores of all passages; or of the ``depth`` most alike and of those ``among`` what other legs found."""
        ...

    def vectors(self, docnums: DocNums) -> Vectors:
        """The unit vectors of whole passages, shape (len(docnums), dimension)."""
        ...

    def search(self, query: Vectors, k: int, allowed: DocNums | None = None) -> list[Candidate]:
        """The best k passages by the mean of whole-passage and best-sentence cosine, ties by docnum.

        ``allowed`` holds sorted docnums; passages outside it are never returned.
        """
        ...


class KeywordIndex(Protocol):
    """Words, characters and English stems of passages. ``passages`` is their number, n."""

    passages: int

    def scores(self, text: str) -> Vectors:
        """Shape (n,), float32: BM25 over words, headings and English stems; 0 where nothing matches.

        An engine for many passages may give the best ones only, 0 for the others, and ``moments``.
        """
        ...

    def moments(self, text: str) -> tuple[float, float] | None:
        """Mean and deviation over all passages, where ``scores`` gives only the best of them; else None."""
        ...

    def rank(self, text: str, k: int, allowed: DocNums | None = None) -> list[Candidate]:
        """BM25 over words, any word may match; the best k passages, ties by docnum."""
        ...

    def containing(self, folded: str, allowed: DocNums | None = None) -> DocNums:
        """Sorted docnums whose character n-grams include all those of ``folded``: a superset of the true matches."""
        ...

    def close(self) -> None:
        """Frees the files; the index cannot be used afterwards."""
        ...


@dataclass(frozen=True, slots=True)
class CorpusReport:
    """What a build did: per document its clause count, or the message that tells why it was left out.

    ``parsed`` counts the documents that a parser was tried on, ``parse_reused`` those taken from the cache. ``taken_over``
    counts passages that came whole from the generation before; ``embedded`` and ``reused`` the texts of all others.
    """

    generation: str
    published: bool
    clauses: Mapping[str, int]
    failed: Mapping[str, str]
    embedded: int
    reused: int
    seconds: float
    warnings: Sequence[str] = field(default_factory=tuple)
    parsed: int = 0
    parse_reused: int = 0
    taken_over: int = 0
