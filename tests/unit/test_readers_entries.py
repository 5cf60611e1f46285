"""Collections: one clause per entry under its own id; other CSV files are tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.clauses import parse_clauses
from indexer.errors import UnreadableDocument
from indexer.ledger import missing_characters
from indexer.readers import read_blocks


def entries(folder: Path, name: str, content: str | bytes) -> list[tuple[str, tuple[str, ...], str, int]]:
    """Own id, section path, text and first line of each clause; nothing may be lost."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    clauses, _, account = parse_clauses(read_blocks(path), "d")
    assert account.missing == 0
    return [(clause.clause_id[2:], clause.section_path, clause.text, clause.span.first_line) for clause in clauses]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.jsonl", '{"_id": "q1", "title": "題", "text": "文。"}\n\n{"_id": 2, "text": "無題。"}\n',
         [("q1", ("題",), "文。", 1), ("2", (), "無題。", 3)]),
        ("a.jsonl", '{"text": "第一段\\n第二段", "_id": "a/b"}', [("a-b-c14cddc0", (), "第一段\n第二段", 1)]),
        ("a.jsonl", '{"_id": "x", "title": "只有題", "text": ""}', [("x", (), "只有題", 1)]),
        ("a.csv", "_id,title,text\n1,題,文。\n2,,無題。\n", [("1", ("題",), "文。", 2), ("2", (), "無題。", 3)]),
        ("a.csv", "text;id\n文。;x\n", [("x", (), "文。", 2)]),
        ("a.csv", 'id,text\nx,"兩行\n文。"\ny,次。\n', [("x", (), "兩行\n文。", 2), ("y", (), "次。", 4)]),
        ("a.csv", "id,title,text\n1,題,文。\n".encode("utf-8-sig"), [("1", ("題",), "文。", 2)]),
        ("a.csv", "id,title,text\r\n1,最低工資,推動最低工資法制，保障勞工。\r\n".encode("cp950"), [("1", ("最低工資",), "推動最低工資法制，保障勞工。", 2)]),
        ("a.csv", "績效指標,目標值\n媒合率,60%\n", [("1", (), "媒合率\n60%", 2)]),
        ("a.csv", "業務\t預算\n農糧\t1250\n", [("1", (), "農糧\n1250", 2)]),
    ],
    ids=["jsonl", "id for a URL", "title only", "csv", "semicolons", "quoted lines", "mark", "cp950", "indicators", "any table"],
)  # fmt: skip
def test_entries(
    name: str, content: str | bytes, expected: list[tuple[str, tuple[str, ...], str, int]], tmp_path: Path
) -> None:
    assert entries(tmp_path, name, content) == expected


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jsonl", "{", "line 1 is no JSON"),
        ("a.jsonl", '{"_id": "1", "text": "甲"}\n[1]', "line 2 is no entry"),
        ("a.jsonl", '{"_id": "1"}', "line 1 is no entry"),
        ("a.jsonl", '{"text": "甲"}', "line 1 is no entry"),
        ("a.jsonl", '{"_id": "1", "text": "甲"}\n{"_id": "1", "text": "乙"}', "lines 1 and 2 have the same id 1"),
        ("a.csv", "id,text\n1,甲\n1,乙\n", "lines 2 and 3 have the same id 1"),
        ("a.csv", "id,text\n,甲\n", "line 2 has no id"),
        ("a.csv", 'id,text\n1,"甲\n', "not CSV"),
    ],
)
def test_refused(name: str, content: str, words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(UnreadableDocument, match=words):
        read_blocks(tmp_path / name)


def test_every_character_is_in_one_cell(root: Path) -> None:
    path = root / "tests" / "fixtures" / "plans" / "moi-faq.csv"
    source = path.read_text(encoding="utf-8").replace(",", "").replace('"', "")
    assert missing_characters(source, read_blocks(path)) == 0


def test_half_surrogates_are_replaced(tmp_path: Path) -> None:
    assert entries(tmp_path, "a.jsonl", '{"_id": "1", "text": "甲\\ud800乙"}')[0][2] == "甲\ufffd乙"
