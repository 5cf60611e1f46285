"""A document as it is printed, whatever the file format: headings, paragraphs and tables; and the same read from a tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from indexer.model import Clause


@dataclass(frozen=True)
class Heading:
    """A heading of a level (1 is the top) with its number."""

    text: str
    level: int


@dataclass(frozen=True)
class Paragraph:
    """A paragraph with its number."""

    text: str


@dataclass(frozen=True)
class Table:
    """Column names with the number of cells below each; an empty first cell of a column in ``merged`` means: as above."""

    columns: tuple[tuple[str, int], ...]
    rows: tuple[tuple[str, ...], ...]
    merged: tuple[int, ...] = (0,)


Printed = list[Heading | Paragraph | Table]
_ROWS = ("kpi", "plan_row")
_IN_ROWS = ("work_plan", "plan_item", "kpi_link")


def printed_of(clauses: Sequence[Clause]) -> Printed:
    """What a plan printed, from its tree."""
    printed: Printed = []
    goals = {clause.section_path[-1] for clause in clauses if clause.kind == "kpi"}
    prose = [
        clause
        for clause in clauses
        if clause.kind not in _IN_ROWS and f"{clause.marker} {clause.text}".strip() not in goals
    ]
    for kind, group in groupby(prose, key=lambda clause: clause.kind if clause.kind in _ROWS else "prose"):
        if kind == "kpi":
            printed.append(_kpi_table(list(group)))
        elif kind == "plan_row":
            printed.append(_plan_table(list(group)))
        else:
            printed += [_prose(clause) for clause in group]
    return printed


def _prose(clause: Clause) -> Heading | Paragraph:
    if clause.kind in ("heading", "goal"):
        level = 1 if clause.clause_id.endswith("/title") else 2 + len(clause.section_path)
        return Heading(clause.marker + clause.text, level)
    return Paragraph(clause.marker + clause.text)


def _plan_table(rows: Sequence[Clause]) -> Table:
    names = list(dict.fromkeys(name for row in rows for name, _ in row.cells))
    table = [[dict(row.cells).get(name, "") for name in names] for row in rows]
    plans = [cells[0] for cells in table]
    for index in range(len(table) - 1, 0, -1):
        if plans[index] == plans[index - 1]:
            table[index][0] = ""
    return Table(tuple((name, 1) for name in names), tuple(map(tuple, table)))


def _kpi_table(rows: Sequence[Clause]) -> Table:
    """Goals and indicators print their numbers in cells of their own, below a header over both cells."""
    names = [name for name, _ in rows[0].cells]
    table = []
    before = ""
    for row in rows:
        cells = dict(row.cells)
        goal = row.section_path[-1]
        number, text = goal.split(" ", 1) if goal != before else ("", "")
        before = goal
        table.append((number, text, row.marker, cells[names[1]], *(cells.get(name, "") for name in names[2:])))
    columns = tuple((name, 2 if index < 2 else 1) for index, name in enumerate(names))
    return Table(columns, tuple(table), (0, 1))
