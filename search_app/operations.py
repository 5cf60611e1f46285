"""Every address of the API as a table: what it gives, what it takes, what it replies.

The table decides which parameters an address knows (another one is refused), and from it come the OpenAPI description
and the page about the API. Texts stand in both languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from indexer.model import ClauseKind
from search_app.indicators import STATUSES
from search_app.parameters import GROUPINGS, MAX_PAGE, MODES, SORTS
from search_app.replies import DocumentReply, DocumentsReply, ExportedClause, Reply, SearchReply
from search_app.tool_replies import (
    AskReply,
    ClauseReply,
    CompareReply,
    ErrorReply,
    GoneReply,
    IndicatorsReply,
    VerifyReply,
)
from search_app.verify import MAX_CHARS

PREFIX = "/api/v1"
JSON, NDJSON = "application/json", "application/x-ndjson"

# Plan years that parse_filters accepts, digits alone: 1-200 (ROC), 1912-2111 (CE)
_YEAR = "^([1-9][0-9]?|1[0-9][0-9]|200|19(1[2-9]|[2-9][0-9])|20[0-9][0-9]|21(0[0-9]|1[01]))$"  # 106, 2017
_WORDS = r"^[^\s\x00-\x1f\x7f-\x9f]"  # begins with a visible character
_ITEM = "^[^,]+$"  # commas separate values

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; ``schema`` is JSON Schema, in which a limit of config.yaml stands as its key (``search.max_k``)."""

    name: str
    schema: Schema
    zh: str
    en: str
    example: str
    required: bool = False
    in_path: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One address; ``name`` is that of its view in ``api``, ``example`` a whole address that works."""

    name: str
    path: str
    zh: str
    en: str
    parameters: tuple[Parameter, ...]
    reply: type[Reply]
    example: str
    media_type: str = JSON
    gone: type[Reply] | None = None  # the reply with 410, where what was published once may be gone

    @property
    def query_names(self) -> tuple[str, ...]:
        """Names of the parameters after the question mark."""
        return tuple(parameter.name for parameter in self.parameters if not parameter.in_path)


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_Q = Parameter(
    "q", {"type": "string", "minLength": 1, "maxLength": "search.max_query_chars", "pattern": _WORDS},
    "要查的內容，可用查詢語法。", "What to search for, in the query language or as plain words.", "最低工資", required=True,
)  # fmt: skip
_YEARS = Parameter(
    "year", _list({"type": "string", "pattern": _YEAR}),
    "計畫年度，民國或西元；可重複，或以逗號分隔。", "Plan year, ROC or CE; may be repeated or hold several, separated by commas.", "106",
)  # fmt: skip
_SECTION = Parameter(
    "section", {"type": "string"},
    "章節標題中的文字。", "Text that the section path holds.", "施政目標",
)  # fmt: skip

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "search", "/search", "搜尋條文，依相關程度排序。", "Ranked clauses.",
        (
            _Q,
            Parameter("mode", {"type": "string", "enum": list(MODES), "default": "hybrid"},
                      "比對方式：合併、字詞、語意。", "Words and meaning together, words alone, meaning alone.", "keyword"),
            _YEARS,
            Parameter("document", _list({"type": "string", "pattern": _ITEM}),
                      "文件代號；可重複。", "Document id; may be repeated.", "mol-106-plan"),
            Parameter("section", _list({"type": "string", "pattern": _ITEM}),
                      "章節標題中的文字；可重複。", "Text that the section path holds; may be repeated.", "施政目標"),
            Parameter("kind", _list({"type": "string", "enum": list(get_args(ClauseKind))}),
                      "條文種類；可重複。", "Kind of clause; may be repeated.", "goal_clause"),
            Parameter("sort", {"type": "string", "enum": list(SORTS), "default": "relevance"},
                      "依相關程度，或年度由新到舊。", "By relevance, or by year, newest first.", "year"),
            Parameter("group", {"type": "string", "enum": list(GROUPINGS), "default": "none"},
                      "same：相同的條文合為一筆，其他出處列在 also。", "same: identical clauses are one hit, their other places in also.", "same"),
            Parameter("page", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": 1},
                      "第幾頁，從 1 起算。同一版索引內，順序不變。", "Page, from 1. The order stays the same within one generation.", "2"),
            Parameter("per_page", {"type": "integer", "minimum": 1, "maximum": "search.max_k", "default": "search.default_k"},
                      "每頁筆數。", "Hits on a page.", "20"),
        ),
        SearchReply, "/search?q=最低工資&year=106",
    ),
    Operation(
        "ask", "/ask", "以文件原文回答問題，或說明文件未載。", "An answer in the documents' own words, or why there is none.",
        (
            Parameter("q", _Q.schema, "問題。", "The question.", "8.7.1達標了嗎？", required=True),
            Parameter("year", _YEARS.schema, "問題未提年度時所指的年度。", "Plan years meant where the question names none.", "110"),
        ),
        AskReply, "/ask?q=8.7.1達標了嗎？",
    ),
    Operation(
        "compare", "/compare", "逐條比較兩份文件。", "Two documents compared clause by clause.",
        (
            Parameter("from", {"type": "string", "minLength": 1}, "較早文件的代號。", "Id of the earlier document.", "mol-106-plan", required=True),
            Parameter("to", {"type": "string", "minLength": 1}, "較晚文件的代號。", "Id of the later document.", "mol-108-plan", required=True),
            Parameter("citations", {"type": "string", "enum": ["1"]}, "1：每項附上可直接貼用的引註。", "1: each relation with a citation of both sides.", "1"),
        ),
        CompareReply, "/compare?from=mol-106-plan&to=mol-108-plan",
    ),
    Operation(
        "indicators", "/indicators", "績效指標的目標、實績與是否達成。", "Indicators: target, actual value, met or missed.",
        (
            _YEARS,
            Parameter("goal", {"type": "string"}, "目標名稱的一部分或編號。", "Part of a goal's name, or its number.", "8.7"),
            Parameter("status", {"type": "string", "enum": list(STATUSES)}, "達成、未達成、無實績。", "Met, missed, or without an actual value.", "missed"),
        ),
        IndicatorsReply, "/indicators?status=missed",
    ),
    Operation(
        "verify", "/verify", "查對引文是否見於文件、何處、是否逐字相符。", "Whether a quotation stands in the documents, where, and how exactly.",
        (
            Parameter("quote", {"type": "string", "minLength": 1, "maxLength": MAX_CHARS, "pattern": _WORDS},
                      "要查對的引文。", "The quotation.", "研擬最低工資法制。", required=True),
            Parameter("year", _YEARS.schema, "引文據稱所屬的年度。", "Plan year that it is said to be of.", "106"),
            _SECTION,
        ),
        VerifyReply, "/verify?quote=研擬最低工資法制。&year=106",
    ),
    Operation("documents", "/documents", "所有文件。", "All documents.", (), DocumentsReply, "/documents"),
    Operation(
        "document", "/documents/{document_id}", "一份文件的全部條文（樹狀）與指標。", "A document as a tree of its clauses, with its indicators.",
        (Parameter("document_id", {"type": "string", "minLength": 1}, "文件代號。", "Document id.", "mol-106-plan", required=True, in_path=True),),
        DocumentReply, "/documents/mol-106-plan", gone=ErrorReply,
    ),
    Operation(
        "clause", "/clauses/{clause_id}", "一則條文、其前後文與其他年度的對應條文。", "A clause, what stands around it, and its like in other years.",
        (Parameter("clause_id", {"type": "string", "minLength": 1}, "條文代號，含斜線。", "Clause id, with its slash.",
                   "mol-106-plan/1.3.4", required=True, in_path=True),),
        ClauseReply, "/clauses/mol-106-plan/1.3.4", gone=GoneReply,
    ),
    Operation(
        "clauses", "/clauses.ndjson", "全部條文，一行一則，邊讀邊送。", "All clauses, one JSON object a line, sent as they are read.",
        (), ExportedClause, "/clauses.ndjson", NDJSON,
    ),
)  # fmt: skip

BY_NAME: Mapping[str, Operation] = {operation.name: operation for operation in OPERATIONS}
