"""Hits as a file: CSV for spreadsheets, JSON for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from indexer.model import DocumentInfo
from search_app.model import Hit, SearchResult
from search_app.wire import clause_url, result_json

COLUMNS = (
    "rank", "year_roc", "year_ce", "document", "section", "marker", "text", "english_unofficial", "citation_zh",
    "citation_en", "clause_id", "url", "damaged",
)  # fmt: skip
_RISKY = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so (OWASP, "CSV injection")


def as_csv(result: SearchResult, documents: Sequence[DocumentInfo], site: str) -> bytes:
    """UTF-8 with a byte order mark, without which Excel reads it as Big5; ``site`` is the address of the server."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_safe(cell) for cell in _cells(hit, site)] for hit in result.hits)
    return out.getvalue().encode("utf-8-sig")


def as_json(result: SearchResult, documents: Sequence[DocumentInfo], site: str) -> bytes:
    """The answer of /api/v1/search."""
    return json.dumps(result_json(result, documents), ensure_ascii=False, indent=1).encode()


def _cells(hit: Hit, site: str) -> tuple[str, ...]:
    clause, document = hit.clause, hit.document
    return (
        str(hit.rank), str(document.year_roc), str(document.year_ce), document.title_zh, " > ".join(clause.section_path),
        clause.marker, clause.text, hit.translation.get("en", ""), hit.citation.zh, hit.citation.en, clause.clause_id,
        site + clause_url(clause.clause_id), "damaged" if clause.damaged else "",
    )  # fmt: skip


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_RISKY) else cell
