"""A parsed document as plain data, for people and programs that look at a parse."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from indexer.model import UNKNOWN_YEAR, Clause, Document, Indicator


def document_json(document: Document) -> dict[str, Any]:
    """The JSON of ``plansearch inspect``: document, clauses, indicators, account.

    The document has ``ocr_pages`` only where pages were read by OCR. What cannot be read from its text (year, title,
    agency) is None.
    """
    info: dict[str, Any] = {key: value for key, value in asdict(document.info).items() if key != "ocr_pages" or value}
    info["year_roc"] = document.info.year_roc
    return {
        "document": {**info, **dict.fromkeys(unknown(document))},
        "clauses": [clause_json(clause) for clause in document.clauses],
        "indicators": [indicator_json(indicator) for indicator in document.indicators],
        "account": asdict(document.account),
    }


def unknown(document: Document) -> list[str]:
    """The fields of a document that stand nowhere: agency, and title and year where only ``inspect`` goes on."""
    info = document.info
    years = ["year_ce", "year_roc"] if info.year_ce == UNKNOWN_YEAR else []
    return years + [name for name in ("title_zh", "title_en", "agency_zh", "agency_en") if not getattr(info, name)]


def clause_json(clause: Clause) -> dict[str, Any]:
    """One clause; ``lines`` are first and last source line, 1-based."""
    return {
        "clause_id": clause.clause_id, "kind": clause.kind, "marker": clause.marker,
        "section_path": list(clause.section_path), "text": clause.text,
        "lines": [clause.span.first_line, clause.span.last_line], "page": clause.span.page, "damaged": clause.damaged,
        "cells": [list(cell) for cell in clause.cells],
    }  # fmt: skip


def indicator_json(indicator: Indicator) -> dict[str, Any]:
    """One indicator; ``target`` and ``actual`` are numbers in ``unit``, None when nothing is printed."""
    return asdict(indicator)
