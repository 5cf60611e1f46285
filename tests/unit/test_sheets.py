"""Tables as files: readable by Excel, LibreOffice and programs; no cell runs."""

from __future__ import annotations

import csv
import io

import pytest
from odfdo import Document as OpenDocument
from openpyxl import load_workbook

from search_app.sheets import Table, csv_bytes, markdown_table, ods_bytes, plain, printable, xlsx_bytes

RISKY = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1+1", "＋1", "－1", "＠x"]
HARMLESS = ["（一）推動", "1-1", "甲=乙", "", "'x"]


@pytest.mark.parametrize("text", RISKY)
def test_no_cell_of_a_csv_file_runs(text: str) -> None:
    raw = csv_bytes(Table("t", ["a"], [[text]]))
    (row,) = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))[1:]
    assert row == [f"'{text}"]


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stands_as_it_is(text: str) -> None:
    raw = csv_bytes(Table("t", ["a", "b"], [[text, "x"]]))
    assert list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))[1] == [text, "x"]


def test_numbers_are_numbers_also_below_zero() -> None:
    table = Table("t", ["a"], [[-5], [0.021], [None]])
    assert csv_bytes(table).decode("utf-8-sig").split("\r\n") == ["a", "-5", "0.021", '""', ""]
    sheet = load_workbook(io.BytesIO(xlsx_bytes([table])))["t"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [[-5], [0.021], [None]]
    rows = list(OpenDocument(io.BytesIO(ods_bytes([table]))).body.get_tables()[0].iter_values())
    assert [float(row[0]) for row in rows[1:3]] == [-5, 0.021]


@pytest.mark.parametrize("text", [*RISKY, *HARMLESS])
def test_text_of_office_files_is_text_and_whole(text: str) -> None:
    table = Table("t", ["=head()"], [[text]])
    sheet = load_workbook(io.BytesIO(xlsx_bytes([table])))["t"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}  # "n" is an empty cell
    assert (sheet["A2"].value or "").replace("_x000D_", "\r") == text
    held = OpenDocument(io.BytesIO(ods_bytes([table])))
    assert "formula" not in held.body.serialize()
    assert (list(held.body.get_tables()[0].iter_values())[1][0] or "").strip() == text.strip()


def test_what_no_office_file_can_hold_is_shown_as_such() -> None:
    assert printable("甲\x0b乙\ud800丙\ufffe𠮷\n\t") == "甲�乙�丙�𠮷\n\t"
    table = Table("t", ["a"], [["甲\x0b乙\ud800"], ["長" * 40_000]])
    sheet = load_workbook(io.BytesIO(xlsx_bytes([table])))["t"]
    assert sheet["A2"].value == "甲�乙�"
    assert (len(sheet["A3"].value), sheet["A3"].value[-1]) == (32767, "…")
    assert ods_bytes([table])
    assert csv_bytes(table)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("甲*乙_丙", r"甲\*乙\_丙"),
        ("<b>a&b</b>", "&lt;b&gt;a&amp;b&lt;/b&gt;"),
        ("[x](y)|`z`", r"\[x\](y)\|\`z\`"),
        ("# ~", r"\# \~"),
    ],
)
def test_markdown_shows_a_text_as_it_stands(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_markdown_tables_keep_lines_in_their_cells() -> None:
    assert markdown_table([["a", "b"], ["1\n2", plain("x|y")]]) == ["| a | b |", "| --- | --- |", "| 1<br>2 | x\\|y |"]
