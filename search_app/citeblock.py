"""Citations of several lines, ready to be pasted: one clause, or what became of it in another plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal, NamedTuple

from indexer.model import Clause, DocumentInfo
from search_app.exports import NAMES, step_text, told_changes
from search_app.lineage import Occurrence, age, change_of
from search_app.relations import Relation
from search_app.wire import clause_url

Language = Literal["zh", "en"]
_LANGUAGES: tuple[Language, Language] = ("zh", "en")

_WORDS = {
    "zh": {
        "agency": "機關", "document": "計畫名稱", "year": "年度", "section": "章節", "number": "編號", "page": "頁次",
        "text": "條文", "link": "連結", "date": "擷取日期", "relation": "關係", "changes": "變動", "steps": "政策動詞",
        "none": "此計畫無對應條文", "colon": "：",
        "damaged": "（此頁文字擷取不可靠，請對照原始文件，勿直接引用）",
    },
    "en": {
        "agency": "Agency", "document": "Document", "year": "Year", "section": "Section", "number": "Number", "page": "Page",
        "text": "Text", "link": "Link", "date": "Retrieved", "relation": "Relation", "changes": "Changes",
        "steps": "Policy verbs", "none": "no counterpart in this plan", "colon": ": ",
        "damaged": "(the text of this page is not reliable; see the original document and do not quote it)",
    },
}  # fmt: skip


class Blocks(NamedTuple):
    """One citation in both languages."""

    zh: str
    en: str


def citation_block(clause: Clause, document: DocumentInfo, site: str, day: date, language: Language = "zh") -> str:
    """Agency, plan, year in both calendars, section path, number, the words as printed, permalink and date, a line each.

    ``site`` is the address of the server without a slash at its end. Section and words stay in the source's language.
    """
    return "\n".join(
        [*_document_lines(document, language), *_clause_lines(clause, site, language), _day(day, language)]
    )


def comparison_block(
    relation: Relation, documents: tuple[DocumentInfo, DocumentInfo], site: str, day: date, language: Language = "zh"
) -> str:
    """Both sides of a relation as citations, then the relation and what changed; ``documents`` as in the comparison."""
    sides = relation.from_clauses, relation.to_clauses
    blocks = [_side(clauses, document, site, language) for clauses, document in zip(sides, documents, strict=True)]
    return "\n\n".join([*blocks, "\n".join([*_relation_lines(relation, language), _day(day, language)])])


def citation_blocks(clause: Clause, document: DocumentInfo, site: str, day: date) -> Blocks:
    """A clause's citation in both languages."""
    return Blocks(*(citation_block(clause, document, site, day, language) for language in _LANGUAGES))


def comparison_blocks(relation: Relation, documents: tuple[DocumentInfo, DocumentInfo], site: str, day: date) -> Blocks:
    """What became of some clauses, in both languages."""
    return Blocks(*(comparison_block(relation, documents, site, day, language) for language in _LANGUAGES))


def occurrence_blocks(one: Occurrence, own: DocumentInfo, site: str, day: date) -> Blocks:
    """A clause of ``own`` and its counterpart in another year, in both languages, the earlier plan first."""
    earlier, later = sorted((own, one.document), key=age)
    return comparison_blocks(one.relation, (earlier, later), site, day)


def _side(clauses: Sequence[Clause], document: DocumentInfo, site: str, language: Language) -> str:
    lines = _document_lines(document, language)
    for clause in clauses:
        lines += _clause_lines(clause, site, language)
    return "\n".join(lines if clauses else [*lines, _WORDS[language]["none"]])


def _document_lines(document: DocumentInfo, language: Language) -> list[str]:
    if language == "zh":
        names = document.agency_zh, document.title_zh, f"民國{document.year_roc}年（{document.year_ce}）"
    else:
        names = (
            f"{document.agency_en} ({document.agency_zh})",
            f"{document.title_en} ({document.title_zh})",
            f"{document.year_ce} (ROC {document.year_roc})",
        )
    return [_line(key, name, language) for key, name in zip(("agency", "document", "year"), names, strict=True)]


def _clause_lines(clause: Clause, site: str, language: Language) -> list[str]:
    text = _WORDS[language]["damaged"] if clause.damaged else clause.text
    found = {
        "section": " > ".join(clause.section_path),
        "number": clause.marker.strip(),
        "page": str(clause.span.page or ""),
        "text": text,
        "link": f"{site}{clause_url(clause.clause_id)}",
    }
    return [_line(key, value, language) for key, value in found.items() if value]


def _relation_lines(relation: Relation, language: Language) -> list[str]:
    names = NAMES[language]
    holds = {relation.relation: True, "moved": relation.moved, "unsure": relation.unsure}
    told = ("、" if language == "zh" else ", ").join(names[key] for key, is_so in holds.items() if is_so)
    change = change_of(relation)
    lines = [_line("relation", told, language)]
    if changes := told_changes(change, language):
        lines.append(_line("changes", changes, language))
    if change and change.steps:
        lines.append(_line("steps", "；".join(step_text(step) for step in change.steps), language))
    return lines


def _day(day: date, language: Language) -> str:
    told = (
        f"民國{day.year - 1911}年{day.month}月{day.day}日（{day.isoformat()}）" if language == "zh" else day.isoformat()
    )
    return _line("date", told, language)


def _line(key: str, value: str, language: Language) -> str:
    words = _WORDS[language]
    return f"{words[key]}{words['colon']}{value}"
