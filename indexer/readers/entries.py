"""Collections of entries: .jsonl with _id, title, text; .csv with a header row. Path -> one table Block.

Entries keep their own ids as the last part of their clause ids. A CSV with other columns is read as any other table.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from indexer.errors import UnreadableDocument
from indexer.model import Block, Cell, Span
from indexer.readers.encoding import read_text

_HALF_SURROGATE = re.compile("[\ud800-\udfff]")  # "\\ud800" in JSON: no character
_FIELDS = ("_id", "title", "text")
_IDS = ("_id", "id")
_NOWHERE = Span(0, 0)  # of the header that a .jsonl file does not print
Record = tuple[Span, Sequence[str]]


def read_jsonl(path: Path) -> list[Block]:
    """One row per line. Raises UnreadableDocument for a line that is no object with ``_id`` and ``text``, and doubled ids."""
    records = [(Span(number, number), _fields(path, number, line)) for number, line in _json_lines(path)]
    _require_own_ids(path, [(span, fields[0]) for span, fields in records])
    return _table(_FIELDS, records)


def read_csv(path: Path) -> list[Block]:
    """One row per record. Raises UnreadableDocument when an entry has no id or that of another."""
    text = read_text(path).text
    try:
        records = [record for record in _records(text) if any(field.strip() for field in record[1])]
    except csv.Error as error:
        raise UnreadableDocument(
            f"{path.name}: not CSV ({error}).", "Export it again with commas and quotes."
        ) from error
    if not records:
        return []
    header = [name.strip() for name in records[0][1]]
    place = next((index for index, name in enumerate(header) if name.lower() in _IDS), None)
    if place is not None and "text" in [name.lower() for name in header]:
        ids = [(span, fields[place] if place < len(fields) else "") for span, fields in records[1:]]
        _require_own_ids(path, ids)
    return _table(header, records[1:], records[0][0])


def _json_lines(path: Path) -> Iterator[tuple[int, str]]:
    lines = read_text(path).text.split("\n")
    return ((number, line) for number, line in enumerate(lines, start=1) if line.strip())


def _fields(path: Path, number: int, line: str) -> list[str]:
    """_id, title and text of one line."""
    try:
        record = json.loads(line)
    except ValueError as error:
        raise UnreadableDocument(
            f"{path.name}: line {number} is no JSON ({error}).", "Write one object a line."
        ) from error
    if not isinstance(record, dict) or not isinstance(record.get("text"), str) or "_id" not in record:
        raise UnreadableDocument(
            f"{path.name}: line {number} is no entry.", 'Write {"_id": "…", "title": "…", "text": "…"}.'
        )
    values = (str(record["_id"]), str(record.get("title") or ""), record["text"])
    return [_HALF_SURROGATE.sub("\ufffd", value) for value in values]


def _records(text: str) -> Iterator[Record]:
    """Records with the lines that they stand on."""
    reader = csv.reader(io.StringIO(text.replace("\r\n", "\n"), newline=""), _dialect(text), strict=True)
    last = 0
    for fields in reader:
        yield Span(last + 1, reader.line_num), fields
        last = reader.line_num


def _dialect(text: str) -> type[csv.Dialect]:
    """Commas unless the header line has more tabs or semicolons."""

    class Found(csv.excel):
        delimiter = max(",\t;", key=text.split("\n", 1)[0].count)

    return Found


def _require_own_ids(path: Path, ids: Sequence[tuple[Span, str]]) -> None:
    seen: dict[str, int] = {}
    for span, entry_id in ids:
        if not entry_id.strip():
            raise UnreadableDocument(f"{path.name}: the entry on line {span.first_line} has no id.", "Give it one.")
        if entry_id in seen:
            message = f"{path.name}: lines {seen[entry_id]} and {span.first_line} have the same id {entry_id}."
            raise UnreadableDocument(message, "Give one of them another id.")
        seen[entry_id] = span.first_line


def _table(header: Sequence[str], records: Sequence[Record], at: Span = _NOWHERE) -> list[Block]:
    if not records:
        return []
    rows = [tuple(Cell(name, at) for name in header)]
    rows += [tuple(Cell(field.strip(), span) for field in fields) for span, fields in records]
    first = at.first_line or records[0][0].first_line
    return [Block("table", "", Span(first, records[-1][0].last_line), rows=tuple(rows))]
