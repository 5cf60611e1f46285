"""Page breaks, page numbers and running titles of extracted texts."""

from __future__ import annotations

import pytest

from indexer.pages import read_pages
from indexer.readers.txt import source_lines

BODY = "本頁說明推動最低工資法制之辦理情形與後續規劃方向，"


def pages(text: str) -> list[tuple[int | None, int]]:
    """Page numbers with the count of printed lines that are no furniture."""
    return [(page.number, len(page.printed) - len(page.furniture)) for page in read_pages(source_lines(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("甲\n乙", [(None, 2)]),
        ("甲\n\f乙", [(None, 1), (None, 1)]),
        ("甲\f\n乙", [(None, 1), (None, 1)]),
        ("甲\n\f\n乙", [(None, 1), (None, 1)]),
        ("甲\n\n\n\n乙", [(None, 1), (None, 1)]),
        ("甲\n\n乙", [(None, 2)]),
        (f"施政計畫\n1\n{BODY}\n\f施政計畫\n2\n{BODY}", [(1, 1), (2, 1)]),
        (f"{BODY}\n{BODY}\n{BODY}\n- 7 -\n\f{BODY}\n{BODY}\n{BODY}\n- 8 -", [(7, 3), (8, 3)]),
        ("\t指標\n\t目標值\n\n\t甲\n\t85", [(None, 4)]),
    ],
    ids=[
        "none",
        "feed before",
        "feed after",
        "feed alone",
        "three empty lines",
        "one empty line",
        "running title",
        "foot",
        "cell",
    ],
)
def test_pages(text: str, expected: list[tuple[int | None, int]]) -> None:
    assert pages(text) == expected
