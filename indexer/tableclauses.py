"""Rows of understood tables as clauses and indicators."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, zip_longest

from indexer.ledger import Ledger
from indexer.markers import split_items
from indexer.model import Block, Cell, ClauseKind, Indicator, Span
from indexer.quantities import Quantity, lower_is_better, parse_quantities, reaches
from indexer.tables import Row, Table, read_table

_INDICATOR = re.compile(r"(?:(?:指標|Indicator)\s*(\d+(?:\.\w+)+)\s*[：:]?\s*)+")  # 指標 1.4.3：指標 1.4.3：協助申請
_FORMULA = re.compile(r"(?:計算方式|Formula)\s*[：:]\s*")
_PERIOD = re.compile(r"(?:民國)?(\d{2,4})\s*年?度?")  # 2020年目標值


@dataclass(frozen=True, slots=True)
class RowClause:
    """One clause of a table; ``depth`` 0 hangs under the table's section, 1 under the last of depth 0, and so on."""

    depth: int
    kind: ClauseKind
    marker: str
    text: str
    span: Span
    label: str
    cells: tuple[tuple[str, str], ...] = ()
    indicators: tuple[Indicator, ...] = ()


def rows_of_table(block: Block, ledger: Ledger) -> Iterator[RowClause]:
    """The clauses of a table from top to bottom; headers and cells that are no clause are posted as cells."""
    table = read_table(block.rows)
    for header in table.headers:
        ledger.post("cells", header)
    emit = {
        "plan": _plan_rows, "kpi": _kpi_rows, "indicator": _indicator_rows, "stakeholder": _stakeholder_rows,
        "other": _other_rows,
    }[table.kind]  # fmt: skip
    yield from emit(table, ledger)


def _plan_rows(table: Table, ledger: Ledger) -> Iterator[RowClause]:
    """工作計畫 > 重要計畫項目 > content items, and the KPI that the row is linked with."""
    has_plan = "work_plan" in table.rows[0].cells if table.rows else False
    has_item = any(row.text("item") for row in table.rows)
    depth = 1 if has_plan and has_item else 0
    previous = None
    for row in table.rows:
        plan = (row.numbers.get("work_plan", ""), row.text("work_plan"))
        if depth and plan != previous and plan[1]:
            previous = plan
            ledger.post("headings", row.printed["work_plan"])
            span = row.cells["work_plan"].span
            yield RowClause(0, "work_plan", plan[0], plan[1], span if span.first_line else row.span(), _numbered(*plan))
        elif depth:
            ledger.post("headings", row.printed.get("work_plan", ""))
        name_role = "item" if has_item else "work_plan"
        marker, name = row.numbers.get(name_role, ""), row.text(name_role)
        ledger.post("clauses", row.printed.get(name_role, ""))
        for role in row.cells:
            if role not in ("work_plan", "item", "content", "kpi_link"):
                ledger.post("cells", row.printed.get(role, ""))
        yield RowClause(
            depth, "plan_row", marker, name, _span_of(row, name_role), _numbered(marker, name), _cells(row, table)
        )  # fmt: skip
        yield from _content_items(row, depth + 1, ledger)
        if row.text("kpi_link"):
            ledger.post("clauses", row.printed["kpi_link"])
            span = row.cells["kpi_link"].span
            column = next(name for role, name in table.columns if role == "kpi_link")
            yield RowClause(depth + 1, "kpi_link", "", row.text("kpi_link"), span, column)


def _content_items(row: Row, depth: int, ledger: Ledger) -> Iterator[RowClause]:
    content = row.text("content")
    if not content:
        return
    ledger.post("clauses", row.printed["content"])
    for item in split_items(content):
        printed = item.marker.printed if item.marker else ""
        span = row.cells["content"].span_at(item.start, item.end)
        yield RowClause(depth, "plan_item", printed, item.text, span, _numbered(printed, item.text[:18]))


def _kpi_rows(table: Table, ledger: Ledger) -> Iterator[RowClause]:
    """策略目標 > 關鍵績效指標 with its measure and target."""
    name_role = "kpi" if any(role == "kpi" for role, _ in table.columns) else "indicator"
    has_goal = any(role == "goal" for role, _ in table.columns)
    previous = None
    count = 0
    for row in table.rows:
        goal = (row.numbers.get("goal", ""), row.text("goal"))
        if has_goal and goal != previous:
            previous, count = goal, 0
            span = row.cells["goal"].span
            yield RowClause(0, "heading", goal[0], goal[1], span if span.first_line else row.span(), _numbered(*goal))
        ledger.post("headings", row.printed.get("goal", ""))
        count += 1
        marker, name = row.numbers.get(name_role, ""), row.text(name_role)
        in_text = (name_role, "standard", "target", "actual")
        for role in row.cells:
            if role != "goal":
                ledger.post("clauses" if role in in_text else "cells", row.printed.get(role, ""))
        text = "\n".join(row.text(role) for role in in_text if row.text(role))
        number = "-".join(part.strip("、.（）() ") for part in (goal[0], marker or str(count)) if part)
        indicators = _pairs(row, number, name, goal[1], row.text("standard"), _period(table))
        yield RowClause(
            1 if has_goal else 0, "kpi", marker, text, row.span(), _numbered(marker, name), _cells(row, table), indicators
        )  # fmt: skip


def _indicator_rows(table: Table, ledger: Ledger) -> Iterator[RowClause]:
    """指標 with its formula, targets and actuals."""
    for row in table.rows:
        printed = row.text("indicator")
        for role in row.cells:
            in_text = role in ("indicator", "target", "actual")
            ledger.post("clauses" if in_text else "cells", row.printed.get(role, ""))
        head, _, formula = printed.partition("\n")
        found = _INDICATOR.match(head)
        number = found.group(1) if found else ""
        name = head[found.end() :] if found else head
        formula = _FORMULA.sub("", formula) or row.text("standard")
        goal = row.text("specific_goal") or row.text("core_goal")
        text = "\n".join(part for part in (printed, row.text("target"), row.text("actual")) if part)
        indicators = _pairs(row, number, name, goal, formula, _period(table))
        yield RowClause(
            0, "indicator", number, text, row.span(), f"指標 {number}".strip(), _cells(row, table), indicators
        )


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
        cells = [(next(column for role, column in table.columns if role == "stakeholder"), name)]
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


def _other_rows(table: Table, ledger: Ledger) -> Iterator[RowClause]:
    """One clause per row of a table that nobody described."""
    for row in table.rows:
        for role in row.cells:
            ledger.post("clauses", row.printed.get(role, ""))
        texts = [row.printed.get(role, "") for role in row.cells]
        text = "\n".join(text for text in texts if text)
        yield RowClause(0, "table_row", "", text, row.span(), text[:18], _cells(row, table))


def _pairs(row: Row, number: str, name: str, goal: str, formula: str, period: str) -> tuple[Indicator, ...]:
    """Targets and actuals two by two; a row without a number in either gives one record with the printed texts."""
    targets, actuals = parse_quantities(row.text("target")), parse_quantities(row.text("actual"))
    pairs = list(zip_longest(targets, actuals)) or [(None, None)]
    lower = lower_is_better(name)
    made = []
    for target, actual in pairs:
        shown = target or actual
        made.append(
            Indicator(
                number=number, name=name, goal=goal, formula=formula, part=_part(target, actual),
                unit=shown.unit if shown else "", period=period, direction="lower" if lower else "higher",
                target=target.value if target else None, target_printed=target.printed if target else row.text("target"),
                actual=actual.value if actual else None, actual_printed=actual.printed if actual else row.text("actual"),
                met=reaches(target.value if target else None, actual.value if actual else None, lower), clause_id="",
            )
        )  # fmt: skip
    return tuple(made)


def _part(target: Quantity | None, actual: Quantity | None) -> str:
    return (target.part if target else "") or (actual.part if actual else "")


def _period(table: Table) -> str:
    """The year that the target's or actual's header prints (2020年目標值 -> 2020), else ""."""
    for role, name in table.columns:
        found = _PERIOD.search("".join(name.split())) if role in ("target", "actual") else None
        if found:
            return found.group(1)
    return ""


def _cells(row: Row, table: Table) -> tuple[tuple[str, str], ...]:
    return tuple((name, row.text(role)) for role, name in table.columns if row.text(role))


def _numbered(number: str, text: str) -> str:
    """「一」 and 「推辦職訓…」 as one heading; a number that ends in punctuation needs no blank."""
    return f"{number} {text}".strip() if number and (number[-1].isalnum() or number[-1] == ".") else f"{number}{text}"


def _span_of(row: Row, role: str) -> Span:
    cell: Cell | None = row.cells.get(role)
    return cell.span if cell and cell.text and cell.span.first_line else row.span()
