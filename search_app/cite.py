"""Citations that can be pasted: agency, title, year in both calendars, section path, marker."""

from __future__ import annotations

from indexer.model import Clause, DocumentInfo
from search_app.model import Citation

_CITED_WHOLE = ("heading", "goal", "work_plan", "plan_row")  # short titles, named by their own text


def cite(clause: Clause, document: DocumentInfo) -> Citation:
    """The clause's citation in Chinese and in English."""
    place = _place(clause)
    page_zh = f"，第{clause.span.page}頁" if clause.span.page else ""
    page_en = f", p. {clause.span.page}" if clause.span.page else ""
    title_zh = (
        document.title_zh
        if document.title_zh.startswith(document.agency_zh)
        else f"{document.agency_zh}，{document.title_zh}"
    )
    zh = f"{title_zh}（民國{document.year_roc}年，{document.year_ce}）{f'，{place}' if place else ''}{page_zh}"
    en = f"{_title_en(document)} (ROC {document.year_roc}){f', {place}' if place else ''}{page_en}"
    return Citation(zh, en)


def _title_en(document: DocumentInfo) -> str:
    year = "" if str(document.year_ce) in document.title_en else f" {document.year_ce}"
    by = "" if document.agency_en in document.title_en or not document.agency_en else f"{document.agency_en}, "
    return f"{by}{document.title_en}{year}"


def _place(clause: Clause) -> str:
    """Section path and marker as printed: 壹、年度施政目標 > 三、推動公平的… > （四）."""
    whole = clause.kind in _CITED_WHOLE
    own = f"{clause.marker}{clause.text}" if whole else clause.marker
    return " > ".join(part for part in (*clause.section_path, own) if part)
