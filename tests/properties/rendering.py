"""The same printed document as a file of every format that plansearch reads."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import odfdo
from docx import Document
from docx.oxml.ns import qn

from .printed import Heading, Paragraph, Printed, Table

CHROMIUM = shutil.which("chromium-headless-shell")
_CSS = "body{font-family:'Noto Sans CJK TC',sans-serif}table{border-collapse:collapse}td,th{border:1px solid}td p{margin:0}"


def write_txt(printed: Printed, path: Path) -> None:
    lines: list[str] = []
    for element in printed:
        lines += _text_table(element) if isinstance(element, Table) else [element.text]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _text_table(table: Table) -> list[str]:
    """One cell on a line behind a tab, an empty line after each row."""
    lines = [""]
    for row in ([name for name, _ in table.columns], *table.rows):
        lines += ["\t" + cell for cell in row] + [""]
    return lines


def write_html(printed: Printed, path: Path) -> None:
    body = "\n".join(map(_html_element, printed))
    source = f'<!doctype html>\n<html lang="zh-Hant"><head><meta charset="utf-8"><style>{_CSS}</style></head>\n<body>\n{body}'
    path.write_text(f"{source}\n</body></html>\n", encoding="utf-8")


def _html_element(element: Heading | Paragraph | Table) -> str:
    if isinstance(element, Heading):
        return f"<h{element.level}>{html.escape(element.text)}</h{element.level}>"
    if isinstance(element, Paragraph):
        return f"<p>{html.escape(element.text)}</p>"
    head = "".join(f'<th colspan="{columns}">{html.escape(name)}</th>' for name, columns in element.columns)
    rows = []
    for index, row in enumerate(element.rows):
        cells = [_html_cell(cell, _height(element, index, column)) for column, cell in enumerate(row)]
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>" + "\n".join(rows) + "</tbody></table>"


def _html_cell(text: str, height: int) -> str:
    paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in text.split("\n"))
    return f'<td rowspan="{height}">{paragraphs}</td>' if height else ""


def _height(table: Table, row: int, column: int) -> int:
    """How many rows a cell takes; 0 for one that the cell above it covers."""
    if column not in table.merged:
        return 1
    if row and not table.rows[row][column]:
        return 0
    below = table.rows[row + 1 :]
    return 1 + next((count for count, other in enumerate(below) if other[column]), len(below))


def write_markdown(printed: Printed, path: Path) -> None:
    path.write_text("\n\n".join(map(_markdown_element, printed)) + "\n", encoding="utf-8")


def _markdown_element(element: Heading | Paragraph | Table) -> str:
    if isinstance(element, Heading):
        return f"{'#' * element.level} {_escaped(element.text)}"
    if isinstance(element, Paragraph):
        return _escaped(element.text)
    names = [name for name, columns in element.columns for name in [name] + [""] * (columns - 1)]
    rows = [names, ["---"] * len(names), *element.rows]
    return "\n".join(f"| {' | '.join(_escaped(cell).replace(chr(10), '<br>') for cell in row)} |" for row in rows)


def _escaped(text: str) -> str:
    return text if text == "---" else re.sub(r"([\\`*_\[\]<>#|~])", r"\\\1", text)


def write_docx(printed: Printed, path: Path) -> None:
    document = Document()
    for element in printed:
        if isinstance(element, Heading):
            document.add_heading(element.text, element.level)
        elif isinstance(element, Paragraph):
            document.add_paragraph(element.text)
        else:
            _docx_table(document, element)
    document.save(str(path))


def _docx_table(document: object, table: Table) -> None:
    """Merged cells as Word stores them: gridSpan in the header, vMerge below."""
    width = sum(columns for _, columns in table.columns)
    drawn = document.add_table(rows=1 + len(table.rows), cols=width)  # type: ignore[attr-defined]
    place = 0
    for name, columns in table.columns:
        drawn.cell(0, place).merge(drawn.cell(0, place + columns - 1)).text = name
        place += columns
    for index, row in enumerate(table.rows):
        cells = drawn.rows[index + 1].cells
        for column, text in enumerate(row):
            cells[column].text = text.split("\n")[0]
            for line in text.split("\n")[1:]:
                cells[column].add_paragraph(line)
            height = _height(table, index, column)
            if height != 1:
                merge = cells[column]._tc.get_or_add_tcPr()._add_vMerge()
                merge.set(qn("w:val"), "restart" if height else "continue")


def write_odt(printed: Printed, path: Path) -> None:
    document = odfdo.Document("text")
    body = document.body
    body.clear()
    for index, element in enumerate(printed):
        if isinstance(element, Heading):
            body.append(odfdo.Header(element.level, element.text))
        elif isinstance(element, Paragraph):
            body.append(odfdo.Paragraph(element.text))
        else:
            body.append(_odt_table(f"Table{index}", element))
    document.save(str(path))


def _odt_table(name: str, table: Table) -> odfdo.Table:
    drawn = odfdo.Table(name)
    header = odfdo.Row()
    for text, columns in table.columns:
        cell = odfdo.Cell(text)
        if columns > 1:
            cell.set_attribute("table:number-columns-spanned", str(columns))
        header.append(cell)
        for _ in range(columns - 1):
            header.append(odfdo.Element.from_tag("table:covered-table-cell"))
    drawn.append(header)
    for index, row in enumerate(table.rows):
        drawn.append(_odt_row(table, index, row))
    return drawn


def _odt_row(table: Table, index: int, row: tuple[str, ...]) -> odfdo.Row:
    drawn = odfdo.Row()
    for column, text in enumerate(row):
        height = _height(table, index, column)
        if not height:
            drawn.append(odfdo.Element.from_tag("table:covered-table-cell"))
            continue
        cell = odfdo.Element.from_tag("table:table-cell")
        if height > 1:
            cell.set_attribute("table:number-rows-spanned", str(height))
        for line in text.split("\n"):
            cell.append(odfdo.Paragraph(line))
        drawn.append(cell)
    return drawn


def write_pdf(printed: Printed, path: Path) -> None:
    """Printed by a browser from the HTML file, rows cut over pages as they come."""
    source = path.with_suffix(".print.html")
    write_html(printed, source)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    command = [
        str(CHROMIUM),
        *sandbox,
        "--headless",
        "--disable-gpu",
        "--no-pdf-header-footer",
        f"--print-to-pdf={path}",
    ]
    subprocess.run([*command, source.as_uri()], check=True, capture_output=True, timeout=120)


WRITERS: dict[str, Callable[[Printed, Path], None]] = {
    "txt": write_txt, "html": write_html, "md": write_markdown, "docx": write_docx, "odt": write_odt, "pdf": write_pdf,
}  # fmt: skip
