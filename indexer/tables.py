"""Tables of plans and reports: columns known by their header names, rows put together again over page breaks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from indexer.markers import match_marker, ordinal_of
from indexer.model import Cell, Span

TableKind = Literal["plan", "kpi", "indicator", "stakeholder", "other"]

_YEAR = r"(?:(?:民國)?\d{2,4}年(?:度)?)?"
# Role -> the header names that it goes by, blanks removed. The first role that fits wins.
_ROLES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (role, re.compile(rf"(?:{names})$"))
    for role, names in (
        ("work_plan", r"工作計畫名稱|工作計畫|業務計畫名稱|業務計畫|Work Plan|Programme|Program"),
        (
            "item",
            r"重要計畫項目|重要施政計畫項目|計畫項目|重要工作項目|計畫名稱|分支計畫名稱|Key Project|Key Item|Project",
        ),
        ("plan_category", r"計畫類別|類別|Category|Type"),
        (
            "content",
            r"實施內容|計畫內容|執行內容|工作內容|實施要項|辦理內容|預定工作內容|Content|Implementation|Activities",
        ),
        ("kpi_link", r"與?(?:KPI|關鍵績效指標|績效指標)(?:之)?(?:關聯|關連|對應)|對應KPI|KPI關聯|Linked KPI|KPI Link"),
        ("goal", r"關鍵策略目標|策略目標|施政目標|年度施政目標|施政策略目標|Strategic Goal|Goal"),
        ("core_goal", r"核心目標|永續發展目標|SDG"),
        ("specific_goal", r"具體目標|SDG Target"),
        ("kpi", r"關鍵績效指標|績效指標|共同性指標|KPI|Key Performance Indicator"),
        ("indicator", r"對應指標|指標名稱|指標|指標項目|Indicator"),
        ("system", r"評估體制"),
        ("method", r"評估方式"),
        ("standard", r"衡量標準|衡量指標|評估標準|計算方式|計算公式|Measure|Formula|Measurement"),
        ("target", rf"{_YEAR}(?:年度)?(?:目標值|目標|預期目標|預定目標)|(?:\d{{4}} )?Target(?: Value)?"),
        (
            "actual",
            rf"{_YEAR}(?:年度)?(?:實際值|達成值|實績值|執行結果|實際達成值)|(?:\d{{4}} )?(?:Actual|Result)(?: Value)?",
        ),
        ("related_plan", r"與中長程個案計畫(?:之)?關[聯連]|關[聯連]計畫"),
        ("unit_in_charge", r"負責單位|主辦單位|主辦機關|權責單位"),
        ("stakeholder", r"利害關係人類別|利害關係人|Stakeholder"),
        ("label", r"項目|Item"),
        ("text", r"內容|說明"),
    )
)
_NUMBERED = (
    "goal",
    "kpi",
    "indicator",
    "work_plan",
    "item",
)  # columns that may print their number in a cell of its own
_CARRIED = ("goal", "work_plan", "stakeholder", "core_goal", "specific_goal")  # an empty cell means: as above
_HEADS = ("goal", "work_plan")
_OPEN_END = re.compile(r"[^。！？；.!?;）)」]$")  # 辦理本部同仁…，加強同仁對


@dataclass(frozen=True, slots=True)
class Row:
    """One row: role -> cell; ``numbers`` holds what a numbered column printed before its text."""

    cells: Mapping[str, Cell]
    numbers: Mapping[str, str]
    printed: Mapping[str, str]

    def text(self, role: str) -> str:
        cell = self.cells.get(role)
        return cell.text if cell else ""

    def span(self) -> Span:
        """From the first to the last line of the row's own cells; values that head several rows do not count."""
        own = [cell.span for role, cell in self.cells.items() if cell.text and role not in _HEADS]
        spans = [span for span in own if span.first_line] or [cell.span for cell in self.cells.values()]
        return Span(min(s.first_line for s in spans), max(s.last_line for s in spans), spans[0].page)


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was understood; ``columns`` are (role, name as printed) from left to right.

    ``rows`` carry values forward; what a row itself printed stands in ``Row.printed``. ``headers`` are the texts of
    all header cells, repeated ones included.
    """

    kind: TableKind
    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    headers: tuple[str, ...]


def read_table(rows: Sequence[Sequence[Cell]]) -> Table:
    """The table behind rows of cells; the header is found by its names, else the first row is taken for it."""
    header_count = _count_headers(rows)
    columns = _columns(rows[:header_count])
    header_texts = {tuple(cell.text for cell in row) for row in rows[:header_count]}
    printed_headers = [cell.text for row in rows[:header_count] for cell in row]
    read: list[Row] = []
    after_header = False
    for cells in rows[header_count:]:
        if tuple(cell.text for cell in cells) in header_texts:
            printed_headers += [cell.text for cell in cells]
            after_header = True
            continue
        if not any(cell.text for cell in cells):
            continue
        row = _row(cells, columns)
        if read and _continues(read, row, after_header):
            read[-1] = _merged(read[-1], row)
        else:
            read.append(row)
        after_header = False
    return Table(_kind(columns), columns, tuple(_carry_forward(read)), tuple(printed_headers))


def role_of(name: str) -> str | None:
    """The role that a header name stands for, or None."""
    plain = re.sub(r"\s+", "" if re.search(r"[一-鿿]", name) else " ", name).strip()
    return next((role for role, pattern in _ROLES if pattern.match(plain)), None)


def _count_headers(rows: Sequence[Sequence[Cell]]) -> int:
    """How many leading rows hold mostly header names; at least one."""
    count = 0
    for row in rows:
        names = [cell.text for cell in row if cell.text]
        known = sum(1 for name in names if role_of(name) is not None)
        if not names or known < 0.5 * len(names) or (count and known < 2):
            break
        count += 1
    return max(1, count)


def _columns(headers: Sequence[Sequence[Cell]]) -> tuple[tuple[str, str], ...]:
    """Header rows as one list of columns: a grid column by column, rows of unequal length by their order."""
    widths = {len(row) for row in headers}
    if len(widths) == 1:
        stacked = [[row[index].text for row in headers if row[index].text] for index in range(widths.pop())]
        names = [
            next((name for name in reversed(stack) if role_of(name)), stack[-1] if stack else "") for stack in stacked
        ]
    else:
        names = list(dict.fromkeys(cell.text for row in headers for cell in row if cell.text))
    columns: list[tuple[str, str]] = []
    for index, name in enumerate(names):
        role = role_of(name) or f"column{index + 1}"
        columns.append((role if role not in [taken for taken, _ in columns] else f"column{index + 1}", name))
    return tuple(columns)


def _kind(columns: Sequence[tuple[str, str]]) -> TableKind:
    roles = {role for role, _ in columns}
    if "content" in roles and roles & {"work_plan", "item"}:
        return "plan"
    if "kpi" in roles and "target" in roles:
        return "kpi"
    if "indicator" in roles and roles & {"target", "actual"}:
        return "kpi" if "goal" in roles else "indicator"
    if "stakeholder" in roles:
        return "stakeholder"
    return "other"


def _row(cells: Sequence[Cell], columns: Sequence[tuple[str, str]]) -> Row:
    """Cells under their columns; a number in a cell of its own goes with the numbered column on its right."""
    found: dict[str, Cell] = {}
    numbers: dict[str, str] = {}
    left = list(cells)
    for index, (role, _) in enumerate(columns):
        surplus = len(left) - (len(columns) - index)
        number = left.pop(0) if surplus > 0 and role in _NUMBERED and _is_number(left[0].text) else None
        if left:
            found[role] = left.pop(0)
        if number is not None and number.text:
            numbers[role] = number.text
            found[role] = replace(found[role], span=_from(number.span, found[role].span))
    for extra in left:
        last = columns[-1][0]
        found[last] = _joined(found[last], extra, "\n")
    for role in _NUMBERED:
        marker = match_marker(found[role].text) if role in found and not numbers.get(role) else None
        if marker is not None:
            numbers[role] = marker.printed
            found[role] = _without(found[role], marker.printed)
    return Row(found, numbers, {role: numbers.get(role, "") + cell.text for role, cell in found.items()})


def _without(cell: Cell, prefix: str) -> Cell:
    """The cell without its leading number."""
    text = cell.text[len(prefix) :].strip()
    shift = len(cell.text) - len(text)
    return Cell(text, cell.span, tuple((max(0, offset - shift), span) for offset, span in cell.pieces))


def _is_number(text: str) -> bool:
    return not text or (len(text) <= 4 and (ordinal_of(text) is not None or match_marker(text) is not None))


def _continues(read: Sequence[Row], row: Row, after_header: bool) -> bool:
    """True when ``row`` is the rest of the row before it, which a page break cut."""
    before = read[-1]
    key = "item" if "item" in row.cells else "kpi" if "kpi" in row.cells else None
    if key is None or any(row.text(role) for role in _CARRIED):
        return False
    if not row.text(key):
        return not row.numbers.get(key)
    if not after_header:
        return False
    known = {entry.text("plan_category") for entry in read[:-1]}
    category = before.text("plan_category")
    if category and category not in known and category + row.text("plan_category") in known:
        return True
    body = "content" if "content" in row.cells else "standard"
    marker = match_marker(row.text(body))
    open_end = _OPEN_END.search(before.text(body)) is not None
    return open_end and bool(row.text(body)) and (marker is None or marker.ordinal > 1)


def _merged(first: Row, second: Row) -> Row:
    """Two halves of a row; items keep lines of their own, a cut word is joined."""
    cells = dict(first.cells)
    for role, cell in second.cells.items():
        if cell.text:
            own_line = match_marker(cell.text) is not None
            cells[role] = _joined(cells[role], cell, "\n" if own_line else "") if role in cells else cell
    printed = {
        role: first.printed.get(role, "") + second.printed.get(role, "") for role in {**first.printed, **second.printed}
    }
    return Row(cells, first.numbers, printed)


def _joined(first: Cell, second: Cell, between: str) -> Cell:
    if not first.text or not second.text:
        return first if first.text else second
    text = first.text + between + second.text
    shift = len(text) - len(second.text)
    after = [(offset + shift, span) for offset, span in _pieces(second)]
    return Cell(text, _from(first.span, second.span), (*_pieces(first), *after))


def _pieces(cell: Cell) -> tuple[tuple[int, Span], ...]:
    return cell.pieces or ((0, cell.span),)


def _from(first: Span, second: Span) -> Span:
    """From the beginning of the first to the end of the second."""
    return Span(first.first_line, max(first.last_line, second.last_line), first.page)


def _carry_forward(rows: Sequence[Row]) -> list[Row]:
    carried: dict[str, tuple[Cell, str]] = {}
    result = []
    for row in rows:
        cells, numbers = dict(row.cells), dict(row.numbers)
        for role in _CARRIED:
            if role not in cells:
                continue
            if cells[role].text:
                carried[role] = (cells[role], numbers.get(role, ""))
            elif role in carried:
                cell, numbers[role] = carried[role]
                cells[role] = Cell(cell.text, Span(0, 0))  # the value is printed elsewhere
        result.append(Row(cells, numbers, row.printed))
    return result
