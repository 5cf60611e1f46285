"""Answers from indicator records: the right row, the right year, never another's figure."""

from __future__ import annotations

import pytest

from search_app.answer import ask
from search_app.frames import number_text
from search_app.retrieve import Search

FIGURES = [
    ("2017 target for worker health-care coverage?", ["20%"], ["mol-106-plan/2.4.1"]),
    ("106年單獨參加職業災害保險之保險人數成長率的目標值是多少？", ["8%"], ["mol-106-plan/2.4.3"]),
    ("2020年單獨參加職業災害保險的被保險人數成長率的目標值與實際值？", ["35%", "60.8%"], ["mol-sdg-2021/17.1.2"]),
    (
        "單獨參加職業災害保險成長率的目標值是多少？",  # no year: both, each with its own
        ["106（2017）年目標值 8%", "2020年目標值 35%"],
        ["mol-106-plan/2.4.3", "mol-sdg-2021/17.1.2"],
    ),
    ("What is the target of indicator 8.7.1?", ["0.021"], ["mol-sdg-2021/17.1.12"]),
    ("指標 10.2.2 的實際值是多少？", ["77,972 人", "72%"], ["mol-sdg-2021/17.1.14"]),
    ("指標 10.3.1 的目標值是多少？", ["1,000,000 人"], ["mol-sdg-2021/17.1.15"]),
    ("職災死亡千人率有達到目標嗎？", ["未達成目標"], ["mol-sdg-2021/17.1.12"]),
    ("職災失能及傷病千人率有達到目標嗎？", ["已達成目標", "數值愈低愈好"], ["mol-sdg-2021/17.1.13"]),
]


@pytest.mark.parametrize(("question", "said", "clauses"), FIGURES, ids=lambda value: str(value)[:30])
def test_figures(search: Search, question: str, said: list[str], clauses: list[str]) -> None:
    result = ask(search, question)
    assert result.status == "answered"
    assert result.answer is not None
    assert result.answer.origin == "data"
    assert [quote.clause_id for quote in result.answer.quotes] == clauses
    assert all(words in result.answer.text for words in said)


def test_the_figure_of_another_year_is_never_given(search: Search) -> None:
    answer = ask(search, "106年單獨參加職業災害保險之保險人數成長率的目標值是多少？").answer
    assert answer is not None
    assert "35%" not in answer.text
    assert "60.8%" not in answer.text


@pytest.mark.parametrize("question", ["108年度KPI目標值？", "What are the KPI targets of the 2019 plan?"])
def test_a_plan_without_a_table_says_so_and_offers_another_year(search: Search, question: str) -> None:
    result = ask(search, question)
    assert result.status == "partial"
    assert result.reason is not None
    assert result.reason.code == "no_table"
    assert result.answer is not None
    assert {quote.document_id for quote in result.answer.quotes} == {"mol-106-plan"}
    assert "2017" in result.answer.text


def test_a_plan_with_targets_only_cannot_say_whether_they_were_met(search: Search) -> None:
    result = ask(search, "106年勞工健康照護率有達標嗎？")
    assert (result.status, result.reason and result.reason.code) == ("partial", "no_actual")


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("指標 13.1.1 的目標值是多少？", "no_indicator"),
        ("2016年職災死亡千人率是多少？", "not_for_year"),
        ("110年度施政計畫的關鍵績效指標有哪些？", "no_plan_year"),
    ],
)
def test_what_no_table_holds_is_refused(search: Search, question: str, code: str) -> None:
    result = ask(search, question)
    assert (result.status, result.reason and result.reason.code) == ("unanswered", code)


@pytest.mark.parametrize(
    "question", ["Which SDG targets were missed?", "哪些永續發展指標沒有達成？", "有幾項永續指標沒達成？"]
)
def test_missed_targets_are_listed(search: Search, question: str) -> None:
    answer = ask(search, question).answer
    assert answer is not None
    assert [quote.clause_id for quote in answer.quotes] == ["mol-sdg-2021/17.1.12"]
    assert "18" in answer.text


def test_met_targets_are_listed(search: Search) -> None:
    answer = ask(search, "List the SDG targets that were met").answer
    assert answer is not None
    assert "17 were met" in answer.text
    assert "mol-sdg-2021/17.1.12" not in {quote.clause_id for quote in answer.quotes}


@pytest.mark.parametrize(
    "question", ["目標八的指標執行成果均達成預期目標嗎？", "Did all indicators of goal 8 meet their targets?"]
)
def test_a_sentence_about_other_goals_does_not_answer_for_goal_eight(search: Search, question: str) -> None:
    answer = ask(search, question).answer
    assert answer is not None
    assert [quote.clause_id for quote in answer.quotes] == ["mol-sdg-2021/17.1.12"]
    assert all("均達成預期目標" not in quote.text for quote in answer.quotes)


@pytest.mark.parametrize(
    ("question", "count"), [("106年度有幾項關鍵績效指標？", "16"), ("How many SDG indicators are there?", "15")]
)
def test_counts(search: Search, question: str, count: str) -> None:
    answer = ask(search, question).answer
    assert answer is not None
    assert count in answer.text


@pytest.mark.parametrize(
    ("value", "unit", "language", "expected"),
    [
        (66000.0, "人", "zh", "66,000 人"),
        (66000.0, "人", "en", "66,000 people"),
        (0.021, "", "en", "0.021"),
        (4.5, "%", "zh", "4.5%"),
        (400.0, "場次", "en", "400 sessions"),
    ],
)
def test_numbers_as_told(value: float, unit: str, language: str, expected: str) -> None:
    assert number_text(value, unit, language) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "code", "named"),
    [
        ("106年工會數的目標值是多少？", "no_such_offer", "完成工會法修法相關法制作業"),
        ("What was the 2017 target for the number of unions?", "no_such_offer", "完成工會法修法相關法制作業"),
        ("106年外籍移工人數的目標值是多少？", "no_such_indicator", ""),
        ("108年工會數的目標值是多少？", "no_table", ""),
    ],
)
def test_an_indicator_that_is_none_is_not_answered_with_another(
    search: Search, question: str, code: str, named: str
) -> None:
    result = ask(search, question)
    assert (result.status, result.answer) == ("unanswered", None)
    assert result.reason is not None
    assert result.reason.code == code
    assert named in result.reason.zh
