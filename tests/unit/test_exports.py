"""A comparison as CSV, ODS, DOCX, Markdown and JSON: everything in it, safe to open, readable without colour."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest
from docx import Document
from odfdo import Document as OpenDocument

from indexer.model import Clause, DocumentInfo, Span
from search_app.compare import compare
from search_app.compare_json import comparison_json
from search_app.exports import FORMATS, NAMES, Format, export, file_name
from search_app.relations import LEVELS, RELATIONS, Comparison
from search_app.sheets import KINDS


def info(document_id: str, year: int) -> DocumentInfo:
    title_zh, title_en = f"勞動部{year - 1911}年度施政計畫", f"Administrative Plan for {year}"
    return DocumentInfo(
        document_id, title_zh, title_en, "勞動部", "Ministry of Labor", year, "annual_plan", "zh-Hant", "x", "0"
    )


def clauses(document_id: str, texts: list[str]) -> list[Clause]:
    return [
        Clause(f"{document_id}/1.{at}", document_id, "goal_clause", f"（{at}）", ("壹、目標",), text, Span(at, at), at)
        for at, text in enumerate(texts, start=1)
    ]


DOCUMENTS = info("a", 2017), info("b", 2019)
EARLIER = ["研擬最低工資法制。", "提升雇主進用意願。", "推動年金修法|制度。", "=SUM(A1)的條文與試算無關。"]
LATER = [
    "推動最低工資法制，保障勞工基本生活。",
    "提升僱主進用意願。",
    "推動年金修法|制度。",
    "新增<b>照顧</b>服務據點。",
]


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compare(clauses("a", EARLIER), clauses("b", LATER))


def test_csv_opens_in_excel_as_utf8_and_has_every_relation(comparison: Comparison) -> None:
    data = export(comparison, DOCUMENTS, "csv")
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert len(rows) == 1 + len(comparison.relations)
    assert {len(row) for row in rows} == {14}
    table = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    first = table[0]
    assert first["關係"] == "修改"
    assert first["前一計畫 條文"] == "（1）研擬最低工資法制。"
    assert first["後一計畫 條文代碼"] == "b/1.1"
    assert first["文字變動"] == "刪「研擬」 增「推動」 增「，保障勞工基本生活」"
    assert first["政策動詞"] == "研擬 → 推動：最低工資法制"
    assert table[1]["文字變動"] == "刪（僅印刷）「雇」 增（僅印刷）「僱」"


@pytest.mark.parametrize("text", ["=1+1", "+886", "-5%", "@x", "\t=1"])
def test_csv_runs_no_formula(text: str) -> None:
    changed = [replace(one, marker="", text=text) for one in clauses("a", ["舊"])]
    rows = list(csv.reader(io.StringIO(export(compare(changed, []), DOCUMENTS, "csv").decode("utf-8-sig"))))
    assert rows[1][8] == f"'{text}"


def test_ods_has_relations_and_counts(comparison: Comparison) -> None:
    book = OpenDocument(io.BytesIO(export(comparison, DOCUMENTS, "ods", "en")))
    sheets = book.body.get_tables()
    assert [sheet.name for sheet in sheets] == ["relation", "count"]
    values = list(sheets[0].iter_values())
    assert len(values) == 1 + len(comparison.relations)
    assert values[1][1] == "reworded"
    assert values[1][11] == "（1）推動最低工資法制，保障勞工基本生活。"
    counts = list(sheets[1].iter_values())
    assert dict(zip(counts[0], counts[1], strict=True))["reworded"] == 1


def test_docx_marks_changes_by_more_than_colour(comparison: Comparison) -> None:
    document = Document(io.BytesIO(export(comparison, DOCUMENTS, "docx")))
    assert "勞動部106年度施政計畫 (106 / 2017) → 勞動部108年度施政計畫 (108 / 2019)" in [
        p.text for p in document.paragraphs
    ]
    rows = document.tables[1].rows
    assert len(rows) == 1 + len(comparison.relations)
    runs = rows[1].cells[3].paragraphs[0].runs
    told = [(run.text, bool(run.font.strike), bool(run.font.underline)) for run in runs]
    assert told[:3] == [("〔刪：研擬〕", True, False), ("〔增：推動〕", False, True), ("最低工資法制", False, False)]
    typographic = rows[2].cells[3].paragraphs[0].runs
    assert [run.text for run in typographic] == ["提升", "雇", "僱", "主進用意願。"]
    assert rows[3].cells[3].text == ""


def test_markdown_is_a_table_that_breaks_on_no_text(comparison: Comparison) -> None:
    lines = export(comparison, DOCUMENTS, "md").decode().split("\n")
    rows = [line for line in lines if line.startswith("|")]
    assert rows[-len(comparison.relations) :][0] == (
        "| 修改 | （1）研擬最低工資法制。 | （1）推動最低工資法制，保障勞工基本生活。 | "
        "<del>〔刪：研擬〕</del><ins>〔增：推動〕</ins>最低工資法制<ins>〔增：，保障勞工基本生活〕</ins>。<br>研擬 → 推動：最低工資法制 |"
    )
    assert any("年金修法\\|制度" in row for row in rows)
    assert any("新增&lt;b&gt;照顧&lt;/b&gt;服務" in row for row in rows)
    assert "<del>雇</del><ins>僱</ins>" in "".join(rows)


def test_json_is_that_of_the_api(comparison: Comparison) -> None:
    data = json.loads(export(comparison, DOCUMENTS, "json"))
    assert data == json.loads(json.dumps(comparison_json(comparison, DOCUMENTS)))
    assert (data["from"], data["to"]) == ("a", "b")
    assert data["counts"]["goal_clause"]["typographic"] == 1
    first, second, third = data["relations"][:3]
    assert first["relation"] == "reworded"
    assert first["level"] == "goal_clause"
    assert first["from"] == [
        {"clause_id": "a/1.1", "marker": "（1）", "section_path": ["壹、目標"], "text": EARLIER[0]}
    ]
    assert first["changes"]["operations"][0] == {
        "kind": "delete", "from": [0, 2], "to": [0, 0], "from_text": "研擬", "to_text": "", "substantive": True
    }  # fmt: skip
    assert first["changes"]["steps"][0]["verb_to"] == "推動"
    assert second["changes"]["substantive"] is False
    assert third["changes"] is None


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_form_in_both_languages_also_of_nothing(form: Format, language: str) -> None:
    empty = export(compare([], []), DOCUMENTS, form, language)  # type: ignore[arg-type]
    assert empty
    assert file_name(compare(clauses("a", ["舊"]), clauses("b", ["新"])), form) == f"a_b.{KINDS[form].ending}"


def test_every_name_stands_in_both_languages() -> None:
    assert NAMES["zh"].keys() == NAMES["en"].keys()
    assert {*RELATIONS, *LEVELS} <= NAMES["zh"].keys()
