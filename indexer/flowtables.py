"""Tables whose cells were poured into the flow of lines: found by their header names, put back into rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.markers import match_marker
from indexer.model import Cell, Span
from indexer.pages import Line
from indexer.wraps import clean_text, join_wrapped

NOWHERE = Span(0, 0)  # of an empty cell

_YEAR = r"(?:\d{3,4}年度?)?"
_HEADER = re.compile(
    rf"(?:核心目標|具體目標|對應指標|指標名稱|指標|{_YEAR}目標值|{_YEAR}實際值|{_YEAR}達成值|計算方式|負責單位|主辦單位"
    r"|利害關係人類別|利害關係人|項目|內容)"
)
_HEADER_LINES = 12  # the report prints its indicator header on 7 lines
HEADER_LOOK = 3 * _HEADER_LINES  # lines to look at for a header, blank ones included
_CODES = re.compile(r"(\d{1,2})\s+(\d{1,2}\.\w{1,2})$")  # 1 1.3
_INDICATOR = re.compile(r"指標\s*\d+(?:\.\w+)+")  # 指標 1.3.1：請領勞保年金給付人數
_NUMBER = r"[\d,.]+(?:\s?[萬億兆]\s?[\d,.]*)*"
_VALUE = rf"[^\d\s%％，。：:（(]{{0,8}}{_NUMBER}\s?(?:[%％‰]|[^\d\s%，。：:（(]{{0,4}})"
_VALUES = re.compile(rf"{_VALUE}(?:\s+{_VALUE})*$")  # 17萬6,000人 20萬3,827人
_INDICATOR_PART = re.compile(r"計算方式|指標")  # 計算方式：2020 年職災死亡千人率
_PART = re.compile(r"[^\d\s，。：:；、（）()]{1,6}$")  # 失業者


@dataclass(frozen=True, slots=True)
class FlowTable:
    """Rows with the header first; the headers that page breaks repeated are set apart."""

    rows: tuple[tuple[Cell, ...], ...]
    span: Span
    repeated_headers: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class _Header:
    names: tuple[str, ...]
    lines: tuple[Line, ...]


def starts_flow_table(lines: Sequence[Line]) -> bool:
    """True when the first of ``lines`` begins a header; ``HEADER_LOOK`` lines are enough to tell."""
    return _header(lines) is not None


def read_flow_table(lines: Sequence[Line]) -> FlowTable | None:
    """The table that begins at the first of ``lines``, or None when they do not begin with a header."""
    header = _header(lines)
    if header is None:
        return None
    body, repeated = _body(lines, header)
    rows = _indicator_rows(body) if _is_indicator(header) else _labelled_rows(body)
    if not rows:
        return None
    header_row = tuple(Cell(name, _span(header.lines)) for name in header.names)
    last = max(cell.span.last_line for row in rows for cell in row)
    return FlowTable((header_row, *rows), Span(header.lines[0].number, last), repeated)


def _header(lines: Sequence[Line]) -> _Header | None:
    """The longest run of lines that holds nothing but header names, at least three."""
    best: _Header | None = None
    taken: list[Line] = []
    for line in lines:
        if line.blank:
            continue
        taken.append(line)
        joined = "".join("".join(entry.text.split()) for entry in taken)
        if len(taken) > _HEADER_LINES or len(joined) > 60:
            break
        names = _HEADER.findall(joined)
        if len(names) >= 3 and "".join(names) == joined and _is_known(names):
            best = _Header(tuple(names), tuple(taken))
    return best


def _is_known(names: Sequence[str]) -> bool:
    return _has_indicator(names) or (names[0].startswith("利害關係人") and "內容" in names)


def _is_indicator(header: _Header) -> bool:
    return _has_indicator(header.names)


def _has_indicator(names: Sequence[str]) -> bool:
    return any("指標" in name for name in names) and any("目標值" in name for name in names)


def _body(lines: Sequence[Line], header: _Header) -> tuple[list[Line], tuple[Cell, ...]]:
    """Non-blank lines up to the next chapter or part, without repeated headers."""
    body: list[Line] = []
    repeated: list[Cell] = []
    index = lines.index(header.lines[-1]) + 1
    while index < len(lines):
        line = lines[index]
        marker = match_marker(line.text.strip())
        if marker is not None and marker.rank <= 3:
            break
        again = _header(lines[index : index + HEADER_LOOK]) if not line.blank else None
        if again is not None and again.names == header.names:
            repeated.append(Cell("".join(entry.text for entry in again.lines), _span(again.lines)))
            index = lines.index(again.lines[-1]) + 1
            continue
        if not line.blank:
            body.append(line)
        index += 1
    return body, tuple(repeated)


def _indicator_rows(body: Sequence[Line]) -> list[tuple[Cell, ...]]:
    """Rows of: core goal, specific goal, indicator with its formula, targets, actuals."""
    records: list[list[Line]] = []
    for line in body:
        opens = _CODES.match(line.text.strip()) or (
            _INDICATOR.match(line.text.strip()) and not (records and len(records[-1]) == 1)
        )
        if opens:
            records.append([line])
        elif records:
            records[-1].append(line)
        else:
            return []
    return [_indicator_row(record) for record in records]


def _indicator_row(record: Sequence[Line]) -> tuple[Cell, ...]:
    codes = _CODES.match(record[0].text.strip())
    text = list(record[1:] if codes else record)
    values: list[Line] = []
    while text and (_VALUES.match(text[-1].text.strip()) or (values and _PART.match(text[-1].text.strip()))):
        values.insert(0, text.pop())
    while values and not _VALUES.match(values[0].text.strip()):
        text.append(values.pop(0))  # the end of a wrapped formula, not the name of a part
    core, specific = codes.groups() if codes else ("", "")
    targets, actuals = _split_values(values)
    place = record[:1]
    return (
        Cell(core, _span(place)),
        Cell(specific, _span(place)),
        _joined(text, _INDICATOR_PART) if text else Cell("", _span(place)),
        Cell("\n".join(targets), _span(values or place)),
        Cell("\n".join(actuals), _span(values or place)),
    )


def _split_values(lines: Sequence[Line]) -> tuple[list[str], list[str]]:
    """The first half of the printed values are targets, the second half their actuals."""
    values: list[str] = []
    part = ""
    for line in lines:
        text = line.text.strip()
        if _VALUES.match(text):
            found = [match.group(0).strip() for match in re.finditer(_VALUE, text)]
            values += [part + found[0], *found[1:]]
            part = ""
        else:
            part = text
    half = (len(values) + 1) // 2
    return values[:half], values[half:]


def _labelled_rows(body: Sequence[Line]) -> list[tuple[Cell, ...]]:
    """Rows of: category (carried forward as empty), label, content. Labels are the line heads that keep coming back."""
    labels = _labels(body)
    rows: list[tuple[Cell, ...]] = []
    category: list[Line] = []
    label: Cell | None = None
    content: list[Line] = []
    first_label: str | None = None
    for line in body:
        name = next((label for label in labels if line.text.strip().startswith(label)), None)
        if name is None:
            (content if label is not None else category).append(line)
            continue
        first_label = first_label or name
        if label is not None:
            content, following = _part_content(content) if name == first_label else (content, [])
            rows.append((_joined(category, None), label, _joined(content, None)))
            category = following
        label = Cell(name, _span([line]))
        rest = line.text.strip()[len(name) :].strip()
        content = [Line(line.number, rest)] if rest else []
    if label is not None:
        rows.append((_joined(category, None), label, _joined(content, None)))
    return rows


def _labels(body: Sequence[Line]) -> list[str]:
    heads = Counter(line.text.split()[0] for line in body if re.fullmatch(r"[一-鿿]{4,12}", line.text.split()[0]))
    return [head for head, count in heads.items() if count >= 3]


def _part_content(lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """Content up to its last sentence end, and the lines after it: the next row's category."""
    ends = [index for index, line in enumerate(lines) if line.text.strip().endswith(("。", "。」"))]
    cut = ends[-1] + 1 if ends else 1
    return list(lines[:cut]), list(lines[cut:])


def _joined(lines: Sequence[Line], starts: re.Pattern[str] | None) -> Cell:
    """One cell of wrapped lines; numbered items, and lines that ``starts`` fits, stand on lines of their own."""
    text = ""
    for line in lines:
        part = clean_text(line.text)
        own_line = match_marker(part) is not None or (starts is not None and starts.match(part) is not None)
        text = f"{text}\n{part}" if text and own_line else join_wrapped(text, part)
    return Cell(text, _span(lines)) if lines else Cell("", NOWHERE)


def _span(lines: Sequence[Line]) -> Span:
    return Span(lines[0].number, lines[-1].number)
