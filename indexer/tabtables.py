"""Tables of a text whose cells are parted by tabs: one cell on a line, or one row on a line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.flow import Flow
from indexer.markers import match_marker
from indexer.model import Cell, Span
from indexer.pages import Line, Page
from indexer.wraps import BULLET, clean_text, join_wrapped

Printed = tuple[Line, Page]

_TAG = re.compile(r"</?(?:p|br)\s*/?>", re.IGNORECASE)  # <p>二、輔導勞工籌組工會</p>


def is_tab_line(line: Line) -> bool:
    """True for a line that holds a cell or a row of cells."""
    return line.text.startswith("\t") or "\t" in line.text.strip(" ")


def read_tab_table(lines: Sequence[Printed], index: int, flow: Flow) -> int:
    """Add the table at ``index``, up to the next prose line or page end; gives back the index after it."""
    rows: list[tuple[Cell, ...]] = []
    first = last = lines[index][0]
    page = lines[index][1]
    while index < len(lines) and lines[index][1] is page:
        line = lines[index][0]
        if line.blank and "\t" not in line.text:
            index += 1
        elif line.number in page.furniture:
            break
        elif "\t" in line.text.strip(" ")[1:]:
            rows.append(_row_of_line(line, page, flow))
            last, index = line, index + 1
        elif line.text.startswith("\t"):
            group = _group(lines, index)
            rows.append(_row_of_group(group, page, flow))
            last, index = group[-1], index + len(group)
        else:
            break
    flow.add("table", "", span_of([first, last], page.number), rows)
    return index


def strip_markup(text: str, span: Span, flow: Flow) -> str:
    """The text without its leading bullet and its tags, which become furniture; a tag ends a line."""
    bullet = BULLET.match(text.strip())
    flow.furniture("".join(_TAG.findall(text) + ([bullet.group(0).strip()] if bullet else [])), span)
    text = _TAG.sub("\n", text.strip())
    return text[bullet.end() :] if bullet else text


def span_of(lines: Sequence[Line], page: int | None) -> Span:
    """From the first to the last line."""
    return Span(lines[0].number, lines[-1].number, page)


def _group(lines: Sequence[Printed], index: int) -> list[Line]:
    """The lines of one row: up to the next empty line or page end."""
    group = []
    page = lines[index][1]
    while index < len(lines) and lines[index][1] is page and lines[index][0].text.strip(" ") != "":
        group.append(lines[index][0])
        index += 1
    return group


def _row_of_group(group: Sequence[Line], page: Page, flow: Flow) -> tuple[Cell, ...]:
    """A row whose cells each begin with a tab; lines without one go on with their cell."""
    cells: list[list[Line]] = []
    for line in group:
        if line.text.startswith("\t"):
            cells.append([line])
        else:
            cells[-1].append(line)
    return tuple(_cell(cell, page, flow) for cell in cells)


def _row_of_line(line: Line, page: Page, flow: Flow) -> tuple[Cell, ...]:
    return tuple(_cell([Line(line.number, part)], page, flow) for part in line.text.split("\t"))


def _cell(lines: Sequence[Line], page: Page, flow: Flow) -> Cell:
    """A cell: numbered items keep lines of their own, other line ends are wraps."""
    span = span_of(lines, page.number)
    text = ""
    pieces: list[tuple[int, Span]] = []
    for line in lines:
        for part in strip_markup(line.text, span, flow).split("\n"):
            if cleaned := clean_text(part):
                starts_item = match_marker(cleaned) is not None or _TAG.search(line.text) is not None
                text = f"{text}\n{cleaned}" if text and starts_item else join_wrapped(text, cleaned)
                pieces.append((len(text) - len(cleaned), span_of([line], page.number)))
    return Cell(text, span, tuple(pieces))
