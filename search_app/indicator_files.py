"""The table of indicators as a file: CSV, ODS and XLSX with numbers to count with, Markdown, JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from search_app.indicator_english import EnglishNames
from search_app.indicators import IndicatorRow, IndicatorTable, table_json
from search_app.sheets import Cell, Table, csv_bytes, json_bytes, markdown_table, ods_bytes, plain, xlsx_bytes
from search_app.wire import clause_url

Format = Literal["csv", "ods", "xlsx", "json", "md"]
Language = Literal["zh", "en"]
FORMATS: tuple[Format, ...] = get_args(Format)

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "heading": "績效指標與永續發展指標", "notes": "閱讀須知", "note": "說明",
        "year_roc": "民國年", "year_ce": "西元年", "document": "文件", "number": "編號", "name": "指標", "english": "非官方英譯",
        "part": "分項", "goal": "目標", "unit": "單位", "direction": "方向", "target": "目標值", "actual": "實際值",
        "target_printed": "目標值（原文）", "actual_printed": "實際值（原文）", "status": "達成情形", "formula": "計算方式",
        "clause_id": "條文代碼", "link": "連結",
        "higher": "愈高愈好", "lower": "愈低愈好", "met": "已達成", "missed": "未達成", "no-actual": "未刊載實績",
    },
    "en": {
        "heading": "Performance and SDG indicators", "notes": "notes", "note": "note",
        "year_roc": "ROC year", "year_ce": "year", "document": "document", "number": "number", "name": "indicator",
        "english": "unofficial English", "part": "part", "goal": "goal", "unit": "unit", "direction": "direction",
        "target": "target", "actual": "actual", "target_printed": "target as printed", "actual_printed": "actual as printed",
        "status": "status", "formula": "calculation", "clause_id": "clause id", "link": "link",
        "higher": "higher is better", "lower": "lower is better", "met": "met", "missed": "missed",
        "no-actual": "no actual printed",
    },
}  # fmt: skip
_COLUMNS = (
    "year_roc", "year_ce", "document", "number", "name", "english", "part", "goal", "unit", "direction", "target",
    "actual", "target_printed", "actual_printed", "status", "formula", "clause_id", "link",
)  # fmt: skip
_SHORT = (
    "year_ce",
    "number",
    "name",
    "target_printed",
    "actual_printed",
    "status",
)  # what a page of Markdown has room for


@dataclass(frozen=True, slots=True)
class Listed:
    """A table ready to be written; ``english`` as Search.english_names gives it."""

    table: IndicatorTable
    site: str
    language: Language
    english: Mapping[str, EnglishNames]


def write_indicators(listed: Listed, form: Format) -> bytes:
    """The indicators as a file of the given form."""
    return _WRITERS[form](listed)


def _sheet(listed: Listed) -> Table:
    words = _WORDS[listed.language]
    rows = [[_values(row, listed)[column] for column in _COLUMNS] for row in listed.table.rows]
    return Table(words["heading"], [words[column] for column in _COLUMNS], rows)


def _notes(listed: Listed) -> Table:
    words = _WORDS[listed.language]
    return Table(words["notes"], [words["note"]], [[getattr(note, listed.language)] for note in listed.table.notes])


def _values(row: IndicatorRow, listed: Listed) -> dict[str, Cell]:
    one, document, words = row.indicator, row.document, _WORDS[listed.language]
    named = listed.english.get(one.clause_id)
    return {
        "year_roc": document.year_roc, "year_ce": document.year_ce,
        "document": document.title_en if listed.language == "en" and document.title_en else document.title_zh,
        "number": one.number, "name": one.name, "english": named.name if named else "", "part": one.part,
        "goal": one.goal, "unit": one.unit, "direction": words[one.direction], "target": one.target, "actual": one.actual,
        "target_printed": one.target_printed, "actual_printed": one.actual_printed, "status": words[row.status],
        "formula": one.formula, "clause_id": one.clause_id, "link": listed.site + clause_url(one.clause_id),
    }  # fmt: skip


def _markdown(listed: Listed) -> bytes:
    words = _WORDS[listed.language]
    cells = [_values(row, listed) for row in listed.table.rows]
    body = [[plain(str(one[column] or "")) for column in _SHORT] for one in cells]
    lines = [f"# {words['heading']}", "", *markdown_table([[words[column] for column in _SHORT], *body])]
    lines += ["", *(f"- {plain(getattr(note, listed.language))}" for note in listed.table.notes)]
    return ("\n".join(lines).rstrip() + "\n").encode("utf-8", "replace")


_WRITERS: Mapping[Format, Callable[[Listed], bytes]] = {
    "csv": lambda listed: csv_bytes(_sheet(listed)),
    "ods": lambda listed: ods_bytes([_sheet(listed), _notes(listed)]),
    "xlsx": lambda listed: xlsx_bytes([_sheet(listed), _notes(listed)]),
    "json": lambda listed: json_bytes(table_json(listed.table)),
    "md": _markdown,
}
