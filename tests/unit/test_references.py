"""Places and figures that a query names."""

from __future__ import annotations

import pytest

from indexer.figures import telling_numbers
from search_app.references import Reference, leading_indicator_number, parse_indicator_number, parse_reference

CLAUSE = (("part", 1), ("item", 3), ("clause", 4))


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("106 壹 三 (四)", Reference(2017, CLAUSE)),
        ("106年度壹、三、（四）", Reference(2017, CLAUSE)),
        ("2019 壹三(四)", Reference(2019, CLAUSE)),
        ("壹三（四）", Reference(None, CLAUSE)),
        ("106 壹 三", Reference(2017, CLAUSE[:2])),
        ("工會", None),
        ("三 公平", None),
        ("壹", None),
        ("106", None),
    ],
)
def test_places(text: str, reference: Reference | None) -> None:
    assert parse_reference(text) == reference


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("指標 8.7.1", "8.7.1"),
        ("8.7.1", "8.7.1"),
        ("指標1.a.2", "1.a.2"),
        ("KPI 四-1", "四-1"),
        ("關鍵績效指標四之1", "四-1"),
        ("8.7", None),
        ("2.0", None),
        ("工會 8.7.1", None),
    ],
)
def test_indicator_numbers(text: str, number: str | None) -> None:
    assert parse_indicator_number(text) == number


def test_a_query_may_begin_with_its_indicator() -> None:
    assert leading_indicator_number("指標8.7.1職災死亡千人率") == "8.7.1"
    assert leading_indicator_number("職災死亡千人率") is None


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1,435,614", [1435614]),
        ("143 萬 5,614 人", [1435614]),
        ("6.6萬人", [66000]),
        ("成長率為 58.7%", [58.7]),
        ("2020 年 15 歲，3K 產業", []),  # years and small counts stand everywhere
        ("指標 8.7.1", []),
        ("0800-777-888", []),
        ("20萬3,827人 20萬3,827人", [203827]),
    ],
)
def test_telling_numbers(text: str, values: list[float]) -> None:
    assert telling_numbers(text) == values
