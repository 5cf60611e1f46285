"""What is marked in a clause."""

from __future__ import annotations

import pytest

from indexer.model import Clause, Span
from search_app.highlight import highlight
from search_app.query import parse_query


def marked(query: str, text: str) -> list[str]:
    clause = Clause("d/1", "d", "narrative", "", (), text, Span(1, 1), 0)
    spans, words = highlight(parse_query(query), clause)
    assert list(words) == list(dict.fromkeys(text[start:end] for start, end in spans))
    return [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("最低工资", "研擬最低工資法制。", ["最低工資"]),
        ('"工會結社"', "放寬工會 結社規範", ["工會 結社"]),
        ("聯合國", "聯 合 國發表", ["聯 合 國"]),
        ("工會 協商", "輔導籌組工會，促進團體協商。", ["工會", "協商"]),
        ("TPP", "（TPP、RCEP等）", ["TPP"]),
        ("ICT", "產品ICTX", []),  # part of another word
        ("籌組工會協會", "輔導勞工籌組工會", ["籌組工會"]),  # pairs that touch are one mark
        ("無關", "推動年金修法", []),
    ],
)
def test_marks(query: str, text: str, expected: list[str]) -> None:
    assert marked(query, text) == expected
