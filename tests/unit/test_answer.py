"""Whole answers: words of the corpus in fixed sentences, or the reason why there are none."""

from __future__ import annotations

import string

import pytest

from indexer.errors import QueryError
from search_app import abstain
from search_app.answer import ask, in_goal
from search_app.frames import FRAMES, frame
from search_app.retrieve import Search

ANSWERS = [
    ("最低工資有沒有要立法？", "最低工資法制", None),
    ("老闆不讓我們組工會，政府有輔導勞工組工會嗎？", "籌組工會", None),
    ("派遺勞工有什麼保護法制？", "派遣勞工保護法制", None),
    ("中高龄者就业促进专法进展如何？", "中高齡者就業促進專法", None),
    ("Is there any plan for minimum wage legislation?", "最低工資法制", None),
    ("職業災害保險要不要單獨立法？", "職業災害保險單獨立法", (2017, 2019)),
]
REFUSED = [
    ("外送員有沒有職業災害保障？", "unknown_terms"),
    ("加班不給加班費，罰款多少？", "unknown_terms"),
    ("今天台北天氣如何？", "unknown_terms"),
    ("去年的最低工資目標是什麼？", "relative_year"),
    ("105年度的勞動部施政計畫有什麼重點？", "no_plan_year"),
    ("What does the 2015 plan say about unions?", "no_plan_year"),
    ("1999年的勞工人數", "no_year"),
    ("", "empty"),
]


@pytest.mark.parametrize(("question", "words", "years"), ANSWERS, ids=lambda value: str(value)[:30])
def test_answers_are_quoted(search: Search, question: str, words: str, years: tuple[int, ...] | None) -> None:
    result = ask(search, question)
    assert result.status == "answered"
    assert result.answer is not None
    first = result.answer.quotes[0]
    assert words in first.text
    assert first.url == f"/clauses/{first.clause_id}"
    assert years is None or first.years == years
    assert first.text in result.answer.text
    assert str(first.years[0]) in first.citation.zh


@pytest.mark.parametrize(("question", "code"), REFUSED, ids=lambda value: str(value)[:30])
def test_refusals_tell_why_and_what_there_is(search: Search, question: str, code: str) -> None:
    result = ask(search, question)
    assert (result.status, result.answer) == ("unanswered", None)
    assert result.reason is not None
    assert result.reason.code == code
    assert [year for _, _, year, _, _, _ in result.coverage.documents] == [2017, 2019, 2021]


def test_years_held_are_named_in_both_languages(search: Search) -> None:
    reason = ask(search, "去年的目標").reason
    assert reason is not None
    assert "106（2017）、108（2019）" in reason.zh
    assert "2017 (ROC 106), 2019 (ROC 108)" in reason.en


def test_nearest_clauses_stand_below_a_refusal(search: Search) -> None:
    result = ask(search, "外送員有沒有職業災害保障？")
    assert result.evidence
    assert all(hit.citation.zh for hit in result.evidence)


def test_work_without_an_amount_is_a_partial_answer(search: Search) -> None:
    result = ask(search, "僱用獎助一個月補助多少錢？")
    assert (result.status, result.reason and result.reason.code) == ("partial", "no_amount")
    assert result.answer is not None
    assert "僱用獎助" in result.answer.quotes[0].text


def test_english_question_gets_an_english_frame_and_a_rendering(search: Search) -> None:
    answer = ask(search, "Is there any plan for minimum wage legislation?").answer
    assert answer is not None
    assert answer.language == "en"
    assert "Administrative Plan for" in answer.text
    assert "minimum wage" in (answer.quotes[0].translation or "").lower()


def test_a_comparison_quotes_both_years(search: Search) -> None:
    answer = ask(search, "工會結社規範的用語，106年和108年有什麼不同？").answer
    assert answer is not None
    assert answer.origin == "compare"
    assert [(quote.years, quote.text[:2]) for quote in answer.quotes] == [((2017,), "放寬"), ((2019,), "健全")]


def test_same_wording_of_two_years_is_told_once(search: Search) -> None:
    answer = ask(search, "擘建基金最適配置的寫法，106年和108年有什麼不同？").answer
    assert answer is not None
    assert [quote.years for quote in answer.quotes] == [(2017, 2019)]


def test_the_year_of_the_question_comes_before_that_of_the_page(search: Search) -> None:
    answer = ask(search, "106年派遣勞工的權益怎麼保障？", years=(2019,)).answer
    assert answer is not None
    assert answer.quotes[0].years[0] == 2017
    answer = ask(search, "派遣勞工的權益怎麼保障？", years=(2019,)).answer
    assert answer is not None
    assert 2019 in answer.quotes[0].years


def test_who_is_answered_with_the_units_work(search: Search) -> None:
    answer = ask(search, "定額進用制度是哪個單位負責？").answer
    assert answer is not None
    assert "「勞動力發展業務」" in answer.text


def test_damaged_pages_are_linked_and_never_quoted(search: Search) -> None:
    result = ask(search, '"youtu" 是什麼？')
    assert result.status == "unanswered"
    assert result.reason is not None
    assert result.reason.code == "damaged"
    assert result.evidence[0].clause.damaged


def test_too_long_a_question_is_an_error(search: Search) -> None:
    with pytest.raises(QueryError):
        ask(search, "勞工" * 600)


@pytest.mark.parametrize("question", ["？", "\x00", "(((", "%", "😀？", "a" * 300, '""', "\ud800", "AND OR NOT"])
def test_odd_questions_get_a_result(search: Search, question: str) -> None:
    assert ask(search, question).status in ("answered", "partial", "unanswered")


def test_both_languages_of_a_frame_take_the_same_values() -> None:
    for name, (zh, en) in FRAMES.items():
        fields = [{field for _, field, _, _ in string.Formatter().parse(text) if field} for text in (zh, en)]
        optional = {"were", "indicators", "ce"}  # English numbers agree; the title holds the year
        assert fields[1] - optional == fields[0] - optional, name
    assert frame("no_year", "en", asked="2015", held="2017") != frame("no_year", "zh", asked="2015", held="2017")


def test_more_coverage_makes_an_answer_likelier_and_unknown_terms_less() -> None:
    for language in ("zh", "en"):
        calibration = abstain.calibration(language)  # type: ignore[arg-type]
        low = dict.fromkeys(abstain.SIGNALS, 0.5)
        assert calibration.probability(low | {"terms": 1.0}) > calibration.probability(low)
        for name in ("strange", "procedure"):
            assert calibration.probability(low | {name: 1.0}) < calibration.probability(low)
        assert 0.3 < calibration.threshold < 0.9


@pytest.mark.parametrize(
    ("clause_id", "goal", "inside"),
    [
        ("mol-106-plan/1.8.1", 8, True),
        ("mol-106-plan/1.3.1", 8, False),
        ("mol-sdg-2021/9.2", 8, True),  # below 「指標 8.6.2」
        ("mol-sdg-2021/7.p1", 8, False),  # 「均達成預期目標」, said of another goal
        ("mol-sdg-2021/17.1.14", 10, True),
        ("mol-sdg-2021/17.1.14", 1, False),
    ],
)
def test_clauses_of_a_goal(search: Search, clause_id: str, goal: int, inside: bool) -> None:
    view = search.clause(clause_id)
    assert view is not None
    assert in_goal(view.clause, goal) is inside


def test_an_answer_about_a_goal_is_quoted_from_that_goal(search: Search) -> None:
    answer = ask(search, "目標八的指標執行成果是怎麼檢討的？").answer
    assert answer is None or all("均達成預期目標" not in quote.text for quote in answer.quotes)
