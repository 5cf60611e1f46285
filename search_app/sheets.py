"""Tables as files that people open: CSV, ODS, XLSX, Markdown. No cell of them runs, and Chinese survives Excel."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal, NamedTuple

from odfdo import Document as OpenDocument
from odfdo import Row
from odfdo import Table as OpenTable
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

Cell = str | int | float | None
Form = Literal["json", "csv", "ods", "xlsx", "docx", "md", "trec"]


class Kind(NamedTuple):
    """How a format is served: its media type and the ending of its file name."""

    media_type: str
    ending: str


KINDS: Mapping[Form, Kind] = {
    "json": Kind("application/json", "json"),
    "csv": Kind("text/csv; charset=utf-8", "csv"),
    "ods": Kind("application/vnd.oasis.opendocument.spreadsheet", "ods"),
    "xlsx": Kind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    "docx": Kind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
    "md": Kind("text/markdown; charset=utf-8", "md"),
    "trec": Kind("text/plain; charset=utf-8", "run"),
}
BINARY: tuple[Form, ...] = ("ods", "xlsx", "docx")  # not for a terminal

# A spreadsheet runs a cell of a CSV file that begins so (OWASP, "CSV injection"); Excel in Chinese also takes full width.
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_FORBIDDEN = re.compile(
    r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)  # what XML cannot hold: "\x0b", "\ufffe"
_MARKUP = re.compile(r"([\\`*_\[\]#|~])")  # what Markdown would take for its own: * of 甲*乙
_LONGEST = 32767  # characters in a cell of Excel
_WIDEST = 60  # characters; a wider column of a spreadsheet is wrapped


@dataclass(frozen=True, slots=True)
class Table:
    """A named table; the cells of ``rows`` are text, or numbers where a spreadsheet shall count with them."""

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def csv_bytes(table: Table) -> bytes:
    """UTF-8 with a byte order mark, without which Excel reads it as Big5."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(table.heads)
    writer.writerows([_safe(cell) for cell in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig", "replace")


def ods_bytes(tables: Sequence[Table]) -> bytes:
    """One sheet a table. Text is typed as text, so that none of it is a formula."""
    book = OpenDocument("spreadsheet")
    book.body.clear()
    for table in tables:
        sheet = OpenTable(table.name)
        for values in (table.heads, *table.rows):
            row = Row()
            row.set_values([_held(value) for value in values])
            sheet.append_row(row)
        book.body.append(sheet)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xlsx_bytes(tables: Sequence[Table]) -> bytes:
    """One sheet a table, its heads in bold and in view. Text is typed as text, so that none of it is a formula."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for table in tables:
        sheet = book.create_sheet(table.name)
        for number, values in enumerate((table.heads, *table.rows), start=1):
            for column, value in enumerate(values, start=1):
                cell = sheet.cell(number, column)
                held = _held(value)
                cell.value = (_cut(held) or None) if isinstance(held, str) else held
                if held and isinstance(held, str):
                    cell.data_type = "s"  # openpyxl takes "=" for a formula
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                if number == 1:
                    cell.font = Font(bold=True)
        for column, width in enumerate(_widths(table), start=1):
            sheet.column_dimensions[get_column_letter(column)].width = width
        sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def json_bytes(value: object) -> bytes:
    """The JSON of the API as a file, Chinese as it is."""
    return json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def markdown_table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table, the first row its head; the cells are Markdown already, of several lines if need be."""
    lines = ["| " + " | ".join(cell.replace("\n", "<br>") for cell in row) + " |" for row in rows]
    return [lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]]


def plain(text: str) -> str:
    """A text that Markdown shows as it stands."""
    return _MARKUP.sub(r"\\\1", escape(text, quote=False))


def _safe(cell: Cell) -> Cell:
    """Text that would run in a spreadsheet behind an apostrophe; a number is no text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_RISKY) else cell


def printable(text: str) -> str:
    """The text with what no XML can hold shown as �."""
    return _FORBIDDEN.sub("�", text)


def _held(cell: Cell) -> Cell:
    return printable(cell) if isinstance(cell, str) else cell


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _widths(table: Table) -> list[int]:
    """Per column room for its longest line, Chinese counting two."""
    columns = zip(table.heads, *table.rows, strict=True)
    return [
        min(_WIDEST, max(8, *(2 * len(line) for cell in column for line in str(cell or "").split("\n")[:1])))
        for column in columns
    ]
