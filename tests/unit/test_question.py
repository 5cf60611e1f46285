"""Questions as understood: language, years in both calendars, what is wanted, and what they are about."""

from __future__ import annotations

import pytest

from indexer.text import fold_text
from search_app.question import looks_like_question, printed_amount, understand
from search_app.terms import correct

KINDS = [
    ("最低工資法制的寫法怎麼變？", "compare"),
    ("How did the wording on unions change?", "compare"),
    ("106年度有幾項關鍵績效指標？", "count"),
    ("How many key performance indicators does the plan have?", "count"),
    ("職災死亡千人率有達到目標嗎？", "met"),
    ("Which SDG targets were missed?", "met"),
    ("How often does the committee meet?", "how_much"),  # "meet" alone is no target
    ("目標值是多少？", "how_much"),
    ("勞工保險什麼時候施行？", "which_year"),
    ("When does the act take effect?", "which_year"),
    ("What happens when wages are unpaid?", "what"),
    ("哪個單位負責？", "who"),
    ("有哪些措施？", "list"),
    ("會檢討嗎？", "yes_no"),
    ("Is there a plan?", "yes_no"),
    ("老闆好幾個月沒發薪水，要找誰？", "who"),  # some months: no number is asked for
    ("想先工作幾年再念書，有配套嗎？", "yes_no"),
    ("關鍵績效指標有幾項？", "count"),
    ("雙重弱勢要怎麼改善？", "what"),  # 怎麼改善 is no comparison
]
YEARS = [
    ("106年的目標", (2017,), None),
    ("民國108年度計畫", (2019,), None),
    ("2017 target", (2017,), None),
    ("用語，106年和108年有什麼不同", (2017, 2019), None),  # a comma before a year
    ("106到108的寫法有什麼不同", (2017, 2019), None),
    ("How did it change from 2017 to 2019?", (2017, 2019), None),
    ("2017年至2020年推介了多少人", (), (2017, 2020)),
    ("2030永續發展目標", (), None),  # a name, no year
    ("客服電話0800-777-888", (), None),
    ("55 歲以上的服務", (), None),
    ("指標 8.7.1 的目標值", (), None),
    ("補助 100 元", (), None),
]
TERMS = [
    ("老闆欠薪怎麼辦？", "雇主", "积欠工资"),
    ("被資遣有什麼權益？", "资遣"),
    ("外勞的工作許可", "移工"),
    ("What help is there for disabled people?", "身心障碍者"),
    ("派遺員工的權益", "派遣劳工"),  # corrected first
    ("残障人士的职务再设计", "身心障碍者"),
]


@pytest.mark.parametrize(("text", "kind"), KINDS)
def test_kind(text: str, kind: str) -> None:
    assert understand(text).kind == kind


@pytest.mark.parametrize(("text", "years", "year_range"), YEARS)
def test_years_in_either_calendar(text: str, years: tuple[int, ...], year_range: tuple[int, int] | None) -> None:
    understood = understand(text)
    assert (understood.years, understood.year_range) == (years, year_range)


@pytest.mark.parametrize(("text", "word"), [("去年的目標", "去年"), ("How many last year?", "last year")])
def test_relative_year_is_named(text: str, word: str) -> None:
    assert understand(text).relative_year == word
    assert understand(f"2017 {text}").relative_year == ""  # the year itself stands beside it


@pytest.mark.parametrize("case", TERMS, ids=lambda case: case[0])
def test_terms_reach_the_words_of_the_plans(case: tuple[str, ...]) -> None:
    text, *expected = case
    forms = {form.text for term in understand(text).terms for form in term.forms}
    assert set(expected) <= forms


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("最低工資", "zh"),
        ("最低工资立法", "zh-Hans"),
        ("minimum wage", "en"),
        ("ISMS 續評", "zh"),
        ("minimum wage act 最低", "mixed"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert understand(text).language == language


@pytest.mark.parametrize(
    ("text", "facet", "outcome", "number", "goal"),
    [
        ("指標 8.7.1 的目標值是多少？", "target", "", "8.7.1", None),
        ("1.a.2 實際值", "actual", "", "1.a.2", None),
        ("哪些指標沒有達成？", "both", "missed", "", None),
        ("目標八達成了嗎？", "both", "met", "", 8),
        ("Did goal 8 meet its targets?", "both", "met", "", 8),
        ("永續發展目標一共有幾項？", "", "", "", None),  # 目標一共 is no goal one
    ],
)
def test_what_is_asked_of_an_indicator(text: str, facet: str, outcome: str, number: str, goal: int | None) -> None:
    understood = understand(text)
    assert (understood.facet, understood.outcome, understood.number, understood.goal) == (facet, outcome, number, goal)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("罰款多少？", "money"),
        ("產假有幾天？", "day"),
        ("退休年齡是幾歲？", "age"),
        ("多久開一次會？", "often"),
        ("占多少比例？", "percent"),
        ("辦了幾場？", "count"),
        ("最低工資是什麼？", ""),
    ],
)
def test_unit_of_an_amount(text: str, unit: str) -> None:
    assert understand(text).unit == unit


@pytest.mark.parametrize(
    ("unit", "text", "printed"),
    [
        ("money", "補助 3 萬元", True),
        ("money", "2017 年至 2020 年補助 403 件", False),
        ("age", "55 歲以上", True),
        ("percent", "占總體事業 97%", True),
        ("count", "2017 年辦理", False),  # a year counts nothing
        ("count", "2017 年辦理 618 場次", True),
        ("often", "各校半年一次", True),
        ("day", "2022 年 5 月 1 日施行", False),
        ("", "任何文字", True),
    ],
)
def test_printed_amount(unit: str, text: str, printed: bool) -> None:
    assert printed_amount(unit, text) is printed


def test_slips_are_put_right_and_shown() -> None:
    assert understand("派遺勞工與最底工資").corrected == "派遣勞工與最低工資"
    assert understand("派遣勞工").corrected is None
    assert correct("資遺費") == "資遣費"


def test_words_of_asking_are_no_subject() -> None:
    texts = {term.text for term in understand("請問有哪些什麼樣的定額進用制度？").terms}
    assert texts == {"定额进用制度"}


@pytest.mark.parametrize("text", ["最低工資?", "有哪些措施", "How many", "勞工保險？"])
def test_looks_like_a_question(text: str) -> None:
    assert looks_like_question(text)


@pytest.mark.parametrize("text", ["最低工資法制", "minimum wage legislation", "籌組工會"])
def test_plain_searches_are_no_questions(text: str) -> None:
    assert not looks_like_question(text)


@pytest.mark.parametrize("text", ["", "？", "\x00", "a" * 500, "😀", "\ud800", "((", "106", "%", "的的的"])
def test_odd_questions_are_understood_somehow(text: str) -> None:
    assert understand(text).text == text


@pytest.mark.parametrize(
    ("text", "aged"),
    [
        ("我媽媽五十八歲被裁掉了，有人可以幫她嗎？", True),
        ("我爸 62 歲想找工作", True),
        ("My father is 62 and looks for work.", True),
        ("a 58-year-old electrician", True),
        ("我 22 歲，想找工作", False),
        ("55歲以上的人有什麼服務", False),  # the plan's own words
        ("Unemployment is 45% there", False),
    ],
)
def test_an_age_is_what_the_plans_call_it(text: str, aged: bool) -> None:
    assert ("中高龄者" in {term.text for term in understand(text).terms}) is aged


@pytest.mark.parametrize(
    ("text", "asked", "told"),
    [
        ("公司沒有地方擠奶，勞動部有推哺乳室嗎？", "哺乳室", "公司"),
        ("My boss closed the factory. Is there a fund for unpaid wages?", "unpaid wages", "factory"),
        ("高中畢業想先工作，有方案嗎", "高中", ""),  # the last part has no subject of its own
    ],
)
def test_a_story_is_background_to_what_is_asked(text: str, asked: str, told: str) -> None:
    background = {term.text: term.background for term in understand(text).terms}
    assert background[fold_text(asked)] is False
    assert not told or background[fold_text(told)] is True


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("去年的最低工資目標是什麼？", "去年"),
        ("My father lost his job last year. Is there help for older workers?", ""),
        ("我去年被裁員，現在有職業訓練可以上嗎？", ""),
        ("What will the ministry do this year about youth jobs?", "this year"),
    ],
)
def test_a_relative_year_is_asked_for_only_where_the_question_is(text: str, word: str) -> None:
    assert understand(text).relative_year == word
