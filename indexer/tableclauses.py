"""Rows of understood tables as clauses and indicators."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import filterfalse, groupby

from indexer.entries import entry_rows
from indexer.headers import count_headers
from indexer.indicators import indicators_of, measured_roles
from indexer.ledger import Ledger
from indexer.markers import match_marker, split_items
from indexer.model import Block, Cell, ClauseKind, Indicator, Span
from indexer.outline import numbered
from indexer.tablerows import Row
from indexer.tables import Table, read_table

_INDICATOR = re.compile(r"(?:(?:指標|Indicator)\s*(\d+(?:\.\w+)+)\s*[：:]?\s*)+")  # 指標 1.4.3：指標 1.4.3：協助申請
_FORMULA = re.compile(r"(?:計算方式|Formula)\s*[：:]\s*")  # 計算方式：年底人數
_NOTE = re.compile(r"(?:[備附]?註|說明|資料來源|Notes?|Sources?)\s*\d*\s*[:：.、]")  # 註：1.本表…


@dataclass(frozen=True, slots=True)
class RowClause:
    """One clause of a table; ``depth`` 0 hangs under the table's section, 1 under the last of depth 0, and so on.

    ``lead`` are headings of its own for its section path, ``own_id`` the last part of its id where the row brings one.
    """

    depth: int
    kind: ClauseKind
    marker: str
    text: str
    span: Span
    label: str
    cells: tuple[tuple[str, str], ...] = ()
    indicators: tuple[Indicator, ...] = ()
    lead: tuple[str, ...] = ()
    own_id: str = ""


def rows_of_table(block: Block, ledger: Ledger) -> Iterator[RowClause]:
    """The clauses of a table from top to bottom; headers and cells that are no clause are posted as cells."""
    if len(block.rows) == 1 and not count_headers(block.rows):
        yield from _lone_row(block.rows[0], ledger)  # 總計　1,234千元: names of no columns
        return
    table = read_table(block.rows)
    for header in table.headers:
        ledger.post("cells", header)
    for heading, rows in groupby(table.rows, key=lambda row: row.heading):
        part = replace(table, rows=tuple(rows))
        if heading is None:
            yield from _clauses(part, ledger)
        else:
            yield _heading(heading, part, ledger)
            for row in _clauses(part, ledger):
                yield replace(row, depth=row.depth + 1)
    for note in table.notes:
        ledger.post("clauses", note.text)
        yield RowClause(0, "note" if _NOTE.match(note.text) else "table_row", "", note.text, note.span, note.text[:18])


def _lone_row(cells: Sequence[Cell], ledger: Ledger) -> Iterator[RowClause]:
    printed = [cell for cell in cells if cell.text]
    text = "\n".join(cell.text for cell in printed)
    if printed:
        ledger.post("clauses", text)
        span = Span(printed[0].span.first_line, printed[-1].span.last_line, printed[0].span.page)
        yield RowClause(0, "table_row", "", text, span, text[:18])


def _clauses(table: Table, ledger: Ledger) -> Iterator[RowClause]:
    """The clauses of rows that say what their kind of table is about, then those of the rows that do not."""
    emit, roles = {
        "plan": (_plan_rows, ("work_plan", "item", "content")), "kpi": (_kpi_rows, ("kpi", "indicator")),
        "indicator": (_indicator_rows, ("indicator",)), "stakeholder": (_stakeholder_rows, ("stakeholder", "label", "text")),
        "entries": (_entries, ("entry_id", "title", "text")), "other": (_other_rows, ()),
    }[table.kind]  # fmt: skip

    def tells(row: Row) -> bool:
        return not roles or any(row.text(role) for role in roles)

    yield from emit(replace(table, rows=tuple(filter(tells, table.rows))), ledger)
    yield from _other_rows(replace(table, rows=tuple(filterfalse(tells, table.rows))), ledger)


def _heading(cell: Cell, table: Table, ledger: Ledger) -> RowClause:
    """A cell over the whole width: a work plan where the table has no column for it, else a heading."""
    ledger.post("headings", cell.text)
    marker = match_marker(cell.text)
    printed = marker.printed if marker else ""
    kind: ClauseKind = "work_plan" if table.kind == "plan" and not table.has("work_plan") else "heading"
    return RowClause(0, kind, printed, cell.text[len(printed) :].strip(), cell.span, cell.text)


def _plan_rows(table: Table, ledger: Ledger) -> Iterator[RowClause]:
    """業務別, where there is such a column, > 工作計畫 > 重要計畫項目 > content items, and the KPI that the row is linked with."""
    has_item = any(row.text("item") for row in table.rows)
    there = {role for row in table.rows for role in row.cells}  # rows may be shorter than their header
    heads = [role for role in ("division", "work_plan") if role in there and (has_item or role == "division")]
    previous: list[tuple[str, str]] = []
    for row in table.rows:
        names = [(row.numbers.get(role, ""), row.text(role)) for role in heads]
        for depth, role in enumerate(heads):
            ledger.post("headings", row.printed.get(role, ""))
            if names[: depth + 1] != previous[: depth + 1] and names[depth][1]:
                kind: ClauseKind = "work_plan" if role == "work_plan" else "heading"
                span = row.cells[role].span
                span = span if span.first_line else row.span()
                yield RowClause(depth, kind, *names[depth], span, numbered(*names[depth]))
        previous = names
        yield from _plan_row(row, "item" if has_item else "work_plan", len(heads), table, ledger)


def _plan_row(row: Row, name_role: str, depth: int, table: Table, ledger: Ledger) -> Iterator[RowClause]:
    """One row, its content items and its KPI link; a row without a name is named by the first words of its content."""
    marker, name = row.numbers.get(name_role, ""), row.text(name_role)
    ledger.post("clauses", row.printed.get(name_role, ""))
    for role in row.cells:
        if role not in ("division", "work_plan", "item", "content", "kpi_link"):
            ledger.post("cells", row.printed.get(role, ""))
    if name:
        span = _span_of(row, name_role)
        yield RowClause(depth, "plan_row", marker, name, span, numbered(marker, name), _cells(row, table))
        depth += 1
    yield from _content_items(row, depth, ledger)
    if row.text("kpi_link"):
        ledger.post("clauses", row.printed["kpi_link"])
        span = row.cells["kpi_link"].span
        yield RowClause(depth, "kpi_link", "", row.text("kpi_link"), span, table.name("kpi_link"))


def _content_items(row: Row, depth: int, ledger: Ledger) -> Iterator[RowClause]:
    content = row.text("content")
    if not content:
        return
    ledger.post("clauses", row.printed["content"])
    for item in split_items(content):
        printed = item.marker.printed if item.marker else ""
        span = row.cells["content"].span_at(item.start, item.end)
        yield RowClause(depth, "plan_item", printed, item.text, span, numbered(printed, item.text[:18]))


def _kpi_rows(table: Table, ledger: Ledger) -> Iterator[RowClause]:
    """策略目標 > 關鍵績效指標 with its measure and targets."""
    name_role = "kpi" if table.has("kpi") else "indicator"
    in_text = dict.fromkeys((name_role, "standard", *measured_roles(table.columns)))
    has_goal = table.has("goal")
    previous = None
    count = 0
    for row in table.rows:
        goal = (row.numbers.get("goal", ""), row.text("goal"))
        if has_goal and goal != previous and any(goal):
            previous, count = goal, 0
            span = row.cells["goal"].span if "goal" in row.cells else row.span()
            yield RowClause(0, "heading", goal[0], goal[1], span if span.first_line else row.span(), numbered(*goal))
        ledger.post("headings", row.printed.get("goal", ""))
        count += 1
        marker, name = row.numbers.get(name_role, ""), row.text(name_role)
        for role in row.cells:
            if role != "goal":
                ledger.post("clauses" if role in in_text else "cells", row.printed.get(role, ""))
        text = "\n".join(row.text(role) for role in in_text if row.text(role))
        number = "-".join(part.strip("、.（）() ") for part in (goal[0], marker or str(count)) if part)
        indicators = indicators_of(row, table.columns, number, name, goal[1], row.text("standard"))
        yield RowClause(
            1 if has_goal else 0, "kpi", marker, text, row.span(), numbered(marker, name), _cells(row, table), indicators
        )  # fmt: skip


def _indicator_rows(table: Table, ledger: Ledger) -> Iterator[RowClause]:
    """指標 with its formula, targets and actuals."""
    values = dict.fromkeys(measured_roles(table.columns))
    for row in table.rows:
        printed = row.text("indicator")
        for role in row.cells:
            ledger.post("clauses" if role == "indicator" or role in values else "cells", row.printed.get(role, ""))
        head, _, formula = printed.partition("\n")
        found = _INDICATOR.match(head)
        number = found.group(1) if found else row.numbers.get("indicator", "").strip("、.（）() ")
        name = head[found.end() :] if found else head
        formula = _FORMULA.sub("", formula) or row.text("standard")
        goal = row.text("specific_goal") or row.text("core_goal")
        text = "\n".join(part for part in (printed, *(row.text(role) for role in values)) if part)
        indicators = indicators_of(row, table.columns, number, name, goal, formula)
        label = f"指標 {number}".strip() if found or not number else f"{number} {name}"
        yield RowClause(0, "indicator", number, text, row.span(), label, _cells(row, table), indicators)


def _stakeholder_rows(table: Table, ledger: Ledger) -> Iterator[RowClause]:
    """One clause per stakeholder, its labelled lines together."""
    for row in table.rows:
        for role in row.cells:
            ledger.post("clauses" if role in ("stakeholder", "label", "text") else "cells", row.printed.get(role, ""))
    grouped = groupby(_with_group(table.rows), key=lambda entry: entry[0])
    for _, entries in grouped:
        rows = [row for _, row in entries]
        name = rows[0].text("stakeholder")
        lines = [name]
        cells = [(table.name("stakeholder"), name)]
        for row in rows:
            label, content = row.text("label"), row.text("text")
            lines.append(f"{label}\n{content}" if "\n" in content else f"{label} {content}".strip())
            cells.append((label, content))
        spans = [row.span() for row in rows]
        span = Span(min(s.first_line for s in spans), max(s.last_line for s in spans), spans[0].page)
        yield RowClause(0, "stakeholder", "", "\n".join(line for line in lines if line), span, name, tuple(cells))


def _with_group(rows: tuple[Row, ...]) -> list[tuple[int, Row]]:
    """Rows numbered by group; a printed stakeholder opens one, also when it has the same name as the one before."""
    group = 0
    result = []
    for row in rows:
        group += 1 if row.printed.get("stakeholder") else 0
        result.append((group, row))
    return result


def _entries(table: Table, ledger: Ledger) -> Iterator[RowClause]:
    """One clause per entry of a collection; its title stands in its section path."""
    for row, entry in entry_rows(table.rows):
        for role in row.cells:
            ledger.post(
                "clauses" if role == entry.text_role else "headings" if role == "title" else "cells",
                row.printed.get(role, ""),
            )
        lead = (entry.title,) if entry.title else ()
        yield RowClause(
            0, "narrative", "", entry.text, row.span(), entry.text[:18], _cells(row, table, entry.text_role), lead=lead,
            own_id=entry.own_id,
        )  # fmt: skip


def _other_rows(table: Table, ledger: Ledger) -> Iterator[RowClause]:
    """One clause per row of a table that nobody described."""
    for row in table.rows:
        for role in row.cells:
            ledger.post("clauses", row.printed.get(role, ""))
        texts = [row.printed.get(role, "") for role in row.cells]
        text = "\n".join(text for text in texts if text)
        yield RowClause(0, "table_row", "", text, row.span(), text[:18], _cells(row, table))


def _cells(row: Row, table: Table, without: str = "") -> tuple[tuple[str, str], ...]:
    return tuple(
        (column.name, row.text(column.role))
        for column in table.columns
        if row.text(column.role) and column.role != without
    )


def _span_of(row: Row, role: str) -> Span:
    cell: Cell | None = row.cells.get(role)
    return cell.span if cell and cell.text and cell.span.first_line else row.span()
