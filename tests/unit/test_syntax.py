"""The query language: what an expression asks for, and that anything else is plain text."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indexer.config import SearchConfig
from search_app.match import stands_wild
from search_app.query import kind_of, parse_query
from search_app.syntax import And, Near, Not, Or, SyntaxProblem, Text, Wild, parse_syntax


def text(folded: str, printed: str) -> Text:
    return Text(folded, printed, True)


UNION, TALKS = text("工会", "工會"), text("协商", "協商")

CONSTRAINTS = [
    ("工會 協商", ()),  # words side by side only rank
    ('"工會"', (UNION,)),
    ("“工會”", (UNION,)),
    ("工會 AND 協商", (And((UNION, TALKS)),)),
    ("工會 && 協商", (And((UNION, TALKS)),)),
    ("工會 OR 協商", (Or((UNION, TALKS)),)),
    ("工會 AND (協商 OR 協商)", (And((UNION, Or((TALKS, TALKS)))),)),
    ("工會 -協商", (Not(TALKS),)),
    ("工會 NOT 協商", (Not(TALKS),)),
    ('"工會 協商"~5', (Near(("工会", "协商"), 5, "工會 協商"),)),
    ("設（措）施", ()),  # brackets inside a word are its own
    ("（一）放寬", ()),
    ("公司要不要設哺乳室？", ()),
    ("the Fund (hereinafter referred to as it)", ()),  # brackets of a sentence
    ("工會 AND (協商 協商)", (And((UNION, And((TALKS, TALKS)))),)),
]
PROBLEMS = [
    "AND 工會",
    "工會 AND",
    "工會 OR",
    "NOT",
    "(工會",
    "工會)",
    "(" * 30 + "工會" + ")" * 30,
    "a*b*c*d*e*f",
    "工會 AND year:106",
    "(工會 AND )",
    "(工會 OR)",
    "(NOT)",
    "協商 NOT ) 工會",
]
PIECES = [
    '"',
    "“",
    "(",
    "）",
    ")",
    "AND",
    "OR",
    "NOT",
    "-",
    "*",
    "?",
    "~5",
    "year:",
    "year:106",
    "year:x",
    "kind:",
    "工會",
    "5",
]


@pytest.mark.parametrize(("query", "constraints"), CONSTRAINTS)
def test_constraints(query: str, constraints: tuple[object, ...]) -> None:
    assert parse_syntax(query).constraints == constraints


def test_wildcard_stands_for_few_characters_of_one_line() -> None:
    (wild,) = parse_syntax("職*保險").constraints
    assert isinstance(wild, Wild)
    assert stands_wild("职业灾害保险", wild)
    assert not stands_wild("职" + "业" * 30 + "保险", wild)
    assert not stands_wild("职业\n保险", wild)


@given(st.text("ab*?", min_size=3, max_size=8), st.text("aab\n", max_size=60))
@settings(max_examples=400)
@example("a*b?", "ab\na")
@example("a?*a*?b", "aaabaab")
def test_wildcards_find_what_a_regular_expression_finds(word: str, text: str) -> None:
    word = f"a{word}"
    try:
        (wild,) = parse_syntax(f"{word}*a").constraints
    except SyntaxProblem:
        assert sum(word.count(sign) for sign in "*?") > 3
        return
    assert isinstance(wild, Wild)
    spans = {"*": "[^\n]{0,20}?", "?": "[^\n]"}
    pattern = "".join(spans.get(char, char) for char in f"{word}*a")
    assert stands_wild(text, wild) == (re.search(pattern, text) is not None)


def test_wildcards_take_no_longer_than_the_text_is_long() -> None:
    (wild,) = parse_syntax("a*a*a*a*b").constraints
    assert isinstance(wild, Wild)
    started = time.process_time()
    assert not stands_wild("a" * 100_000 + "c" * 30 + "b", wild)
    assert time.process_time() - started < 2  # a regular expression tries 21 ** 4 ways at each of 100,000 places


def test_the_limits_are_those_of_the_configuration() -> None:
    limits = SearchConfig(max_query_terms=2, max_query_depth=1, max_phrase_chars=3, max_wildcards=1)
    for query in ("一 二 三", "((一))", "NOT NOT 一", '"一二三四"', "一*二*三"):
        assert parse_query(query, limits).problem, query
        assert parse_query(query).problem is None, query


@pytest.mark.parametrize("query", PROBLEMS)
def test_what_is_no_expression_says_why_and_is_searched_as_text(query: str) -> None:
    with pytest.raises(SyntaxProblem):
        parse_syntax(query)
    parsed = parse_query(query)
    assert parsed.problem
    assert not parsed.constraints
    assert parsed.ranked


@given(st.lists(st.sampled_from(PIECES), max_size=9), st.sampled_from(["", " "]))
@settings(max_examples=100, deadline=None)
def test_pieces_of_expressions_in_any_order_never_fail(pieces: list[str], between: str) -> None:
    query = parse_query(between.join(pieces))
    assert query.problem is None or not query.constraints


@pytest.mark.parametrize(
    ("query", "years"),
    [
        ("year:106 工會", (2017,)),
        ("year:2017", (2017,)),
        ("year:106..108", (2017, 2018, 2019)),
        ("year:2017..2018", (2017, 2018)),
        ("year:106年度", (2017,)),
    ],
)
def test_years_in_both_calendars_and_ranges(query: str, years: tuple[int, ...]) -> None:
    assert parse_query(query).filters.years == years


def test_fields_are_taken_out_of_the_words() -> None:
    query = parse_query('工會 section:"勞動關係業務" kind:kpi document:mol-106-plan title:施政計畫')
    assert query.ranked == "工會"
    assert (query.filters.sections, query.filters.kinds) == (("勞動關係業務",), ("kpi",))
    assert (query.filters.documents, query.filters.titles) == (("mol-106-plan",), ("施政計畫",))


def test_unknown_values_of_fields_are_told() -> None:
    assert "unknown year" in str(parse_query("year:去年").problem)
    assert "unknown kind" in str(parse_query("kind:nonsense 工會").problem)


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("定額進用制度", "wording"),
        ("公司要不要設哺乳室？", "question"),
        ("失業了要去哪裡找工作", "question"),
        ("老闆跑路了", "question"),
        ("how many people were trained", "question"),
        ("106 壹 三 (四)", "reference"),
        ("指標 8.7.1", "reference"),
        ("KPI 四-1", "reference"),
        ("1,435,614", "number"),
    ],
)
def test_kind(query: str, kind: str) -> None:
    assert kind_of(query) == kind
