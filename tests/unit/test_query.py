"""Queries and filters as understood."""

from __future__ import annotations

import pytest

from indexer.errors import QueryError
from search_app.query import language_of, parse_filters, parse_query

LANGUAGES = [
    ("最低工資", "zh"),
    ("最低工资", "zh"),
    ("ISMS 資安 續評", "zh"),  # one name among Chinese
    ("指標8.7.1", "zh"),
    ("minimum wage", "en"),
    ("TPP / RCEP", "en"),
    ("how does 職災保險 protect migrant workers", "mixed"),
    ("8.7.1", "zh"),
]


@pytest.mark.parametrize(("text", "language"), LANGUAGES)
def test_language(text: str, language: str) -> None:
    assert language_of(text) == language


def test_query_is_shown_back_in_traditional_script() -> None:
    query = parse_query("最低工资")
    assert (query.text, query.normalized) == ("最低工资", "最低工資")


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ('"工會結社"', ("工会结社",)),
        ("“工會結社” 規範", ("工会结社",)),
        ('"a b" "c"', ("a b", "c")),
        ('"unclosed', ()),
        ('""', ()),
        ("仿效日本「工作卡」制度", ()),  # quotation marks of the plan itself are no phrase search
    ],
)
def test_quoted_phrases(text: str, phrases: tuple[str, ...]) -> None:
    assert parse_query(text).phrases == phrases


@pytest.mark.parametrize("value", ["106", "2017", "106年", "106年度", "民國106年", "１０６"])
def test_both_calendars_mean_the_same_year(value: str) -> None:
    assert parse_filters(year=[value]).years == (2017,)


@pytest.mark.parametrize("value", ["", "去年", "0", "999", "1800", "20170"])
def test_unknown_year_is_refused_by_name(value: str) -> None:
    with pytest.raises(QueryError, match="unknown year"):
        parse_filters(year=[value])


def test_unknown_kind_is_refused_with_the_known_ones() -> None:
    with pytest.raises(QueryError) as refused:
        parse_filters(kind=["goalclause"])
    assert "goal_clause" in str(refused.value)
