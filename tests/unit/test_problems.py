"""Every message about a query that the sources raise has a Chinese one."""

from __future__ import annotations

import ast
from itertools import chain
from pathlib import Path

import pytest

import search_app
from indexer.config import SearchConfig
from search_app.problems import in_chinese
from search_app.query import parse_query

SOURCES = Path(search_app.__file__).parent
NOT_ON_PAGES = {"cli_plans.py", "cli_programs.py", "cli_common.py", "cli.py"}  # the command line speaks English


def said(node: ast.expr) -> str:
    """A literal or f-string with 7 for every value."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    return ""


def raised() -> list[str]:
    """Message and hint of every SyntaxProblem and QueryError, as far as they are written where they are raised."""
    calls = chain.from_iterable(
        ast.walk(ast.parse(path.read_text("utf-8"))) for path in SOURCES.glob("*.py") if path.name not in NOT_ON_PAGES
    )
    found = []
    for call in calls:
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("SyntaxProblem", "QueryError"):
            texts = [said(argument) for argument in call.args]
            if all(texts):
                found.append(" ".join(texts))
    return found


def test_every_message_that_is_raised_has_a_chinese_one():
    messages = raised()
    assert len(messages) > 20
    # values stand for numbers or for names
    unknown = [one for one in messages if not any(in_chinese(one.replace("7", value)) for value in ("7", "AND"))]
    assert unknown == []


@pytest.mark.parametrize(
    ("query", "chinese"),
    [
        ("(工會", "左括號沒有對應的右括號"),
        ("工會)", "右括號沒有對應的左括號"),
        ("工會 AND", "AND 的右邊沒有文字"),
        ("year:abc 工會", "沒有 'abc' 這個年度。請輸入計畫年度，例如 106 或 2017。"),
        ("kind:x 工會", None),
        ("工*會*工*會*工*會", "一個詞裡超過 4 個萬用字元"),
    ],
)
def test_what_a_reader_types_wrong(query, chinese):
    problem = parse_query(query, SearchConfig()).problem
    assert problem
    assert in_chinese(problem) == (chinese or in_chinese(problem))
    assert in_chinese(problem)


def test_an_unknown_message_stays():
    assert in_chinese("something new") == ""
