"""Header rows of a table as columns: one or two rows, merged cells, names in any order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from indexer.model import Cell
from indexer.roles import is_bare_year, role_of

NUMBERED = (
    "goal",
    "kpi",
    "indicator",
    "division",
    "work_plan",
    "item",
)  # columns that may print their number in a cell of its own
_LEVELS = ("division", "work_plan", "item")  # of names in a plan table, from the top down
_SERIES = ("target", "actual")  # roles that may stand in one table for several years


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its role, its name as printed, and its place in the grid; width 0 where there is no grid."""

    role: str
    name: str
    first: int
    width: int


def count_headers(rows: Sequence[Sequence[Cell]]) -> int:
    """How many leading rows hold mostly header names; 0 when the table has no known header."""
    count = 0
    for row in rows:
        names = [cell.text for cell in row if cell.text]
        known = sum(1 for name in names if role_of(name) is not None or (count == 0 and is_bare_year(name)))
        below = count == 1 and _is_second_row(rows[0], row)
        if not below and (not names or known < 0.5 * len(names) or (count and known < 2)):
            break
        count += 1
    return count


def read_columns(headers: Sequence[Sequence[Cell]]) -> tuple[Column, ...]:
    """Header rows as columns from left to right: a grid by its places, rows of unequal length by their order."""
    widths = {width_of(row) for row in headers}
    if len(widths) == 1:
        columns = _from_grid(headers, widths.pop())
    else:
        names = list(dict.fromkeys(cell.text for row in headers for cell in row if cell.text))
        columns = [Column(role_of(name) or "", name, 0, 0) for name in names]
    return tuple(_with_own_roles(columns))


def width_of(row: Sequence[Cell]) -> int:
    """How many columns of the grid a row takes."""
    return sum(cell.columns for cell in row)


def _is_second_row(first: Sequence[Cell], second: Sequence[Cell]) -> bool:
    """True when all that ``second`` prints are names below merged cells of ``first``.

    They are names when some are known or years, or when the columns beside them are merged with the header.
    """
    if width_of(first) != width_of(second):
        return False
    above = [cell.columns for cell in first for _ in range(cell.columns)]
    below = [cell.text for cell in second for _ in range(cell.columns)]
    pairs = list(zip(above, below, strict=True))
    named = any(role_of(text) is not None or is_bare_year(text) for text in below if text)
    beside = any(columns == 1 and not text for columns, text in pairs)
    return any(below) and all(columns > 1 for columns, text in pairs if text) and (named or beside)


def _from_grid(headers: Sequence[Sequence[Cell]], width: int) -> list[Column]:
    grid = [[cell for cell in row for _ in range(cell.columns)] for row in headers]
    columns: list[Column] = []
    stack_before: list[Cell] = []
    for place in range(width):
        stack = [row[place] for row in grid if row[place].text]
        same = [id(cell) for cell in stack] == [id(cell) for cell in stack_before]
        if (stack and same) or (not stack and columns and columns[-1].role in NUMBERED):
            columns[-1] = replace(columns[-1], width=columns[-1].width + 1)
        else:
            role, name = _named([cell.text for cell in stack])
            columns.append(Column(role, name, place, 1))
            stack_before = stack
    return columns


def _named(stack: Sequence[str]) -> tuple[str, str]:
    """Role and name of one column from the names above it, the top one first."""
    if not stack:
        return "", ""
    top, own = "".join(stack[:-1]), stack[-1]
    role = role_of(own)
    if role in _SERIES and top and role_of(top) is None:
        return role, top + own  # 110年度 over 目標值
    if role is None and top and role_of(top) in _SERIES and is_bare_year(own):
        return role_of(top) or "", f"{top} {own}"  # 年度目標值 over 110
    return role or "", own


def _with_own_roles(columns: Sequence[Column]) -> list[Column]:
    """Columns with a role that no other has: later ones of a series count on, others are known by their place."""
    taken: list[Column] = []
    places: dict[str, int] = {}  # role -> its column; a look through all of them took 20 s for 20,000 columns
    series = dict.fromkeys(_SERIES, 0)
    for index, column in enumerate(columns):
        role = column.role or f"column{index + 1}"
        if role in places and role in _SERIES:
            role = f"{role}{1 + series[role]}"
        elif role in places and not _make_room(taken, places, role):
            role = f"column{index + 1}"
        places[role] = index
        if column.role in series:
            series[column.role] += 1
        taken.append(replace(column, role=role))
    return taken


def _make_room(taken: list[Column], places: dict[str, int], role: str) -> bool:
    """Give the column that has ``role`` the next higher level of names, if that is free: 業務別 beside 工作計畫 and 工作項目."""
    if role not in _LEVELS[1:]:
        return False
    above = _LEVELS[_LEVELS.index(role) - 1]
    if above in places and not _make_room(taken, places, above):
        return False
    place = places[above] = places.pop(role)
    taken[place] = replace(taken[place], role=above)
    return True
