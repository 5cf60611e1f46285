"""A comparison as a file, in every form of sheets.py and as DOCX. Texts stand as printed, changes marked in words too."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from docx import Document as NewDocument
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.table import _Cell

from indexer.model import Clause, DocumentInfo
from search_app.compare_json import comparison_json
from search_app.difference import Difference, Piece, VerbStep, redline
from search_app.lineage import change_of
from search_app.relations import LEVELS, RELATIONS, Comparison, Level, Relation
from search_app.sheets import KINDS, Table, csv_bytes, json_bytes, markdown_table, ods_bytes, plain, xlsx_bytes

Format = Literal["json", "csv", "ods", "xlsx", "docx", "md"]
FORMATS: tuple[Format, ...] = get_args(Format)
Language = Literal["zh", "en"]

NAMES: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "unchanged": "不變", "typographic": "僅用字或標點不同", "reworded": "修改", "merged": "合併", "split": "拆分",
        "added": "新增", "dropped": "刪除", "moved": "移列",
        "section": "章節", "goal": "施政目標", "goal_clause": "目標條文", "work_plan": "工作計畫", "plan_row": "重要計畫項目",
        "plan_item": "實施內容", "narrative": "敘述段落",
        "heading": "施政計畫對照", "count": "件數", "level": "層級", "relation": "關係", "title": "項目名稱", "confidence": "信心",
        "check": "核對", "unsure": "把握不高，請核對原文",
        "from": "前一計畫", "to": "後一計畫", "place": "所在章節", "marker": "編號", "text": "條文", "id": "條文代碼",
        "changes": "文字變動", "steps": "政策動詞", "yes": "是", "no": "否", "delete": "刪", "insert": "增", "print": "僅印刷",
        "note": "實質變動標為〔刪：…〕〔增：…〕，並加刪除線或底線；只有字形、全半形或標點不同者（僅印刷）只加線，不加括號。"
                "信心 0.5 表示難以判斷，1 表示沒有反證；數值只表示高低，不是機率。"
                "信心低於 0.6 者標明「把握不高，請核對原文」：以已知改寫的計畫實測，這類配對約三分之一正確。",
    },
    "en": {
        "unchanged": "unchanged", "typographic": "differs in print only", "reworded": "reworded", "merged": "merged",
        "split": "split", "added": "added", "dropped": "dropped", "moved": "moved",
        "section": "section", "goal": "goal", "goal_clause": "goal clause", "work_plan": "work plan",
        "plan_row": "plan-table row", "plan_item": "plan item", "narrative": "paragraph",
        "heading": "Comparison of plans", "count": "count", "level": "level", "relation": "relation", "title": "title of the row",
        "confidence": "confidence",
        "check": "check", "unsure": "low confidence, check the originals", "from": "earlier plan", "to": "later plan", "place": "section", "marker": "number",
        "text": "text", "id": "clause id", "changes": "changes of wording", "steps": "policy verbs", "yes": "yes", "no": "no",
        "delete": "deleted", "insert": "inserted", "print": "print only",
        "note": "Changes of substance read 〔deleted: …〕 and 〔inserted: …〕 and are struck through or underlined; changes of "
                "print only (forms of characters, width, punctuation) have the line without the brackets. Confidence 0.5 "
                "means that the decision was close and 1 that nothing speaks against it; it is an order, not a probability. "
                "Below 0.6 it reads 「low confidence, check the originals」: on plans rewritten by known edits about a third of such "
                "pairs were right.",
    },
}  # fmt: skip
_COLUMNS = ("level", "relation", "title", "moved", "confidence", "check")
_FONT = "Noto Sans CJK TC"

Change = tuple[Relation, Difference | None]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A comparison ready to be written: the two documents, the language of the labels, relations with their changes."""

    comparison: Comparison
    documents: tuple[DocumentInfo, DocumentInfo]
    language: Language
    changes: tuple[Change, ...]

    def label(self, key: str) -> str:
        """The word for a key in the sheet's language."""
        return NAMES[self.language][key]

    def titles(self) -> str:
        """Both documents with their years in both calendars."""
        names = [doc.title_zh if self.language == "zh" else doc.title_en for doc in self.documents]
        years = [f"({doc.year_roc} / {doc.year_ce})" for doc in self.documents]
        return " → ".join(f"{name} {year}" for name, year in zip(names, years, strict=True))

    def by_level(self) -> Iterator[tuple[Level, list[Change]]]:
        """The levels that hold something, with what they hold."""
        for level in LEVELS:
            if found := [change for change in self.changes if change[0].level == level]:
                yield level, found


def export(
    comparison: Comparison, documents: tuple[DocumentInfo, DocumentInfo], form: Format, language: Language = "zh"
) -> bytes:
    """The comparison as a file of the given form; ``documents`` are those compared, in the same order."""
    changes = tuple((relation, change_of(relation)) for relation in comparison.relations)
    return _WRITERS[form](Sheet(comparison, documents, language, changes))


def file_name(comparison: Comparison, form: Format) -> str:
    """A name for the file: mol-106-plan_mol-108-plan.csv."""
    return f"{comparison.from_document}_{comparison.to_document}.{KINDS[form].ending}"


def step_text(step: VerbStep) -> str:
    """研擬 → 推動：最低工資法制"""
    return f"{step.verb_from} → {step.verb_to}：{step.object}"


def told_changes(change: Difference | None, language: Language) -> str:
    """刪「研擬」增「推動」: the changes in words, those of print named so; "" without any."""
    words = NAMES[language]
    told = []
    for piece in redline(change) if change else ():
        if piece.kind != "equal":
            printed = "" if piece.substantive else f"（{words['print']}）"
            told.append(f"{words[piece.kind]}{printed}「{piece.text}」")
    return " ".join(told)


# --- the forms ------------------------------------------------------------------------------------------------------


def _json(sheet: Sheet) -> bytes:
    return json_bytes(comparison_json(sheet.comparison, sheet.documents))


def _csv(sheet: Sheet) -> bytes:
    return csv_bytes(_table(sheet))


def _ods(sheet: Sheet) -> bytes:
    return ods_bytes([_table(sheet), _counted(sheet)])


def _xlsx(sheet: Sheet) -> bytes:
    return xlsx_bytes([_table(sheet), _counted(sheet)])


def _docx(sheet: Sheet) -> bytes:
    document = NewDocument()
    document.core_properties.author = "plansearch"
    document.core_properties.title = sheet.label("heading")
    normal = document.styles["Normal"]
    normal.font.name = _FONT
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    document.add_heading(sheet.label("heading"), 0)
    document.add_paragraph(sheet.titles())
    document.add_paragraph(sheet.label("note"))
    _add_table(document, _counts(sheet))
    for level, changes in sheet.by_level():
        document.add_heading(sheet.label(level), 1)
        _add_relations(document, sheet, changes)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _markdown(sheet: Sheet) -> bytes:
    lines = [f"# {sheet.label('heading')}", "", sheet.titles(), "", sheet.label("note"), ""]
    lines += markdown_table(_counts(sheet))
    heads = [sheet.label(key) for key in ("relation", "from", "to", "changes")]
    for level, changes in sheet.by_level():
        body = [[*_short(sheet, relation), _redline_html(sheet, change)] for relation, change in changes]
        lines += ["", f"## {sheet.label(level)}", "", *markdown_table([heads, *body])]
    return ("\n".join(lines) + "\n").encode()


_WRITERS: Mapping[Format, Callable[[Sheet], bytes]] = {
    "json": _json, "csv": _csv, "ods": _ods, "xlsx": _xlsx, "docx": _docx, "md": _markdown
}  # fmt: skip


# --- their parts ----------------------------------------------------------------------------------------------------


def _heads(sheet: Sheet) -> list[str]:
    """Names of the columns: one relation a row, several clauses of one side as lines of its cell."""
    both = [f"{sheet.label(side)} {sheet.label(part)}" for side in ("from", "to") for part in ("id", "place", "text")]
    return [*(sheet.label(key) for key in _COLUMNS), *both, sheet.label("changes"), sheet.label("steps")]


def _cells(sheet: Sheet, relation: Relation, change: Difference | None) -> list[str | float]:
    sides = [_side(clauses) for clauses in (relation.from_clauses, relation.to_clauses)]
    title = sheet.label(relation.title) if relation.title else ""
    steps = "\n".join(step_text(step) for step in change.steps) if change else ""
    return [
        sheet.label(relation.level), sheet.label(relation.relation), title, _moved(sheet, relation),
        relation.confidence, _doubt(sheet, relation), *sides[0], *sides[1], told_changes(change, sheet.language), steps,
    ]  # fmt: skip


def _table(sheet: Sheet) -> Table:
    return Table(sheet.label("relation"), _heads(sheet), [_cells(sheet, *row) for row in sheet.changes])


def _counted(sheet: Sheet) -> Table:
    heads, *rows = _counts(sheet)
    return Table(sheet.label("count"), heads, [[row[0], *map(int, row[1:])] for row in rows])


def _doubt(sheet: Sheet, relation: Relation) -> str:
    return sheet.label("unsure") if relation.unsure else ""


def _counts(sheet: Sheet) -> list[list[str]]:
    """One row a level: how many relations of each name, and how many moved."""
    counts = sheet.comparison.counts()
    names = (*RELATIONS, "moved")
    heads = [sheet.label("level"), *(sheet.label(name) for name in names)]
    return [heads, *([sheet.label(level), *(str(counts[level][name]) for name in names)] for level in _used(counts))]


def _used(counts: Mapping[Level, object]) -> list[Level]:
    return [level for level in LEVELS if level in counts]


def _side(clauses: Sequence[Clause]) -> list[str]:
    ids = "\n".join(clause.clause_id for clause in clauses)
    places = "\n".join(dict.fromkeys(" > ".join(clause.section_path) for clause in clauses))
    return [ids, places, "\n".join(f"{clause.marker}{clause.text}" for clause in clauses)]


def _short(sheet: Sheet, relation: Relation) -> list[str]:
    """Relation, from and to as Markdown cells."""
    name = "、".join(_names(sheet, relation))
    texts = [plain(_side(side)[2]) for side in (relation.from_clauses, relation.to_clauses)]
    return [name if sheet.language == "zh" else name.replace("、", ", "), *texts]


def _names(sheet: Sheet, relation: Relation) -> list[str]:
    """The relation in words: 修改、移列、把握不高，請核對原文."""
    told = {relation.relation: True, "moved": relation.moved, "unsure": relation.unsure}
    return [sheet.label(key) for key, holds in told.items() if holds]


def _moved(sheet: Sheet, relation: Relation) -> str:
    return sheet.label("yes" if relation.moved else "no") if relation.from_clauses and relation.to_clauses else ""


def _redline_html(sheet: Sheet, change: Difference | None) -> str:
    """Both texts in one line with <del> and <ins>, which Markdown passes on."""
    if change is None or not any(one.kind != "equal" for one in change.operations):
        return ""
    marked = [_tagged(sheet, piece) for piece in redline(change)]
    steps = "".join(f"\n{plain(step_text(step))}" for step in change.steps)
    return "".join(marked) + steps


def _tagged(sheet: Sheet, piece: Piece) -> str:
    text = plain(_told(sheet, piece))
    tag = {"delete": "del", "insert": "ins"}.get(piece.kind)
    return f"<{tag}>{text}</{tag}>" if tag else text


def _told(sheet: Sheet, piece: Piece) -> str:
    """〔刪：研擬〕 for a change of substance; what differs in print only, and what stayed, as it is."""
    colon = "：" if sheet.language == "zh" else ": "
    return f"〔{sheet.label(piece.kind)}{colon}{piece.text}〕" if piece.substantive else piece.text


def _add_table(document: WordDocument, rows: Sequence[Sequence[str]]) -> None:
    table = document.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text


def _add_relations(document: WordDocument, sheet: Sheet, changes: Sequence[Change]) -> None:
    """One row a relation: its name, both printed texts, and both in one line with the changes marked."""
    table = document.add_table(rows=1, cols=4, style="Table Grid")
    for cell, key in zip(table.rows[0].cells, ("relation", "from", "to", "changes"), strict=True):
        cell.text = sheet.label(key)
    for relation, change in changes:
        cells = table.add_row().cells
        named = [*_names(sheet, relation), f"{sheet.label('confidence')} {relation.confidence:.2f}"]
        cells[0].text = "\n".join(named)
        cells[1].text, cells[2].text = _side(relation.from_clauses)[2], _side(relation.to_clauses)[2]
        if change is not None and relation.relation != "unchanged":
            _add_redline(cells[3], sheet, change)


def _add_redline(cell: _Cell, sheet: Sheet, change: Difference) -> None:
    paragraph = cell.paragraphs[0]
    for piece in redline(change):
        run = paragraph.add_run(_told(sheet, piece))
        run.font.strike, run.font.underline = piece.kind == "delete", piece.kind == "insert"
    for step in change.steps:
        cell.add_paragraph(step_text(step))
