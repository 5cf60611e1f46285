"""The glossary: its data, lookups in both languages, and terms in texts."""

from __future__ import annotations

from collections import Counter

import pytest

from indexer.errors import ConfigError
from indexer.glossary import Glossary, Term, english_key, english_keys, load_glossary, parse_glossary
from indexer.text import is_cjk, is_simplified

SMALL = Glossary(
    (
        Term("退休", ("retirement",)),
        Term("勞工退休金", ("labor pension",), zh_colloquial=("退休金",), en_colloquial=("pension money",)),
        Term("營造業", ("construction industry",), zh_colloquial=("營造",)),
        Term("工會", ("labor union", "union")),
        Term("工會法", ("Labor Union Act",)),
        Term("法令", ("laws and regulations",)),
        Term("人工智慧", ("artificial intelligence",), zh_variants=("AI",)),
        Term("勞工", ("worker",), en_variants=("employee",)),
        Term("受僱者", ("employee",)),
    )
)


def found(text: str) -> list[tuple[str, list[str]]]:
    """The Chinese forms in a text with the terms of which they are official forms."""
    return [(text[form.start : form.end], [term.zh for term in form.official]) for form in SMALL.find_chinese(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("退休後領勞工退休金", [("退休", ["退休"]), ("勞工退休金", ["勞工退休金"])]),
        ("退休金", [("退休金", [])]),  # not 退休
        ("營造友善環境", [("營造", [])]),  # a verb, or said for the industry: never demanded of a rendering
        ("营造业", [("营造业", ["營造業"])]),
        ("工會法第一條", [("工會法", ["工會法"])]),
        ("工會法令", [("工會", ["工會"]), ("法令", ["法令"])]),  # not the Labor Union Act
        ("工會\n法", [("工會\n法", ["工會法"])]),
        ("導入 AI 技術", [("AI", ["人工智慧"])]),
        ("Sustainable", []),
        ("", []),
    ],
)
def test_the_longest_forms_are_found(text: str, expected: list[tuple[str, list[str]]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Labour unions organise", ["Labour unions"]),
        ("the Labor Union Act", ["Labor Union Act"]),
        ("pension money for the employee's", ["pension money", "employee's"]),
        ("workers' rights", ["workers"]),
        ("disunion", []),
    ],
)
def test_english_forms_are_found(text: str, expected: list[str]) -> None:
    assert [text[form.start : form.end] for form in SMALL.find_english(text)] == expected


def test_lookups_in_both_directions() -> None:
    assert [term.zh for term in SMALL.of_english("Employees")] == ["勞工", "受僱者"]
    assert [term.zh for term in SMALL.of_english("pension money")] == ["勞工退休金"]
    assert [term.en[0] for term in SMALL.of_chinese("退休金")] == ["labor pension"]
    assert [term.en[0] for term in SMALL.of_chinese("劳工退休金")] == ["labor pension"]
    assert SMALL.of_english("wage") == SMALL.of_chinese("工資") == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("start-up loans", "startup loan"),
        ("the minimum wage", "Minimum Wages"),
        ("labour organisations", "labor organization"),
        ("training centres", "Training center"),
        ("human-centred", "Human-Centered"),
        ("programmes", "program"),
        ("planned", "planning"),
        ("employer's duties", "employers duty"),
    ],
)
def test_inflections_hyphens_and_spellings_compare_alike(one: str, other: str) -> None:
    assert english_key(one) == english_key(other)


def test_different_words_stay_different() -> None:
    assert len({english_key(word) for word in ("insurance", "insured", "employer", "employee", "work", "worker")}) == 6


def test_keys_are_those_of_whole_words_in_a_row() -> None:
    keys = english_keys("Review the basic wage.")
    assert english_key("basic wage") in keys
    assert english_key("wage basic") not in keys
    assert english_key("sic wage") not in keys


def test_a_term_keeps_every_field() -> None:
    text = "- {zh: 甲, en: [a], zh_variants: [乙], zh_colloquial: [丙], en_variants: [b], en_colloquial: [c], note: n}"
    assert parse_glossary(text).terms == (Term("甲", ("a",), ("乙",), ("丙",), ("b",), ("c",), "n"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- {zh: 甲}", "entry 0.en: Field required"),
        ("- {zh: 甲, en: [true]}", "entry 0.en.0: Input should be a valid string"),
        ("- {zh: 甲, en: [a], english: [b]}", "entry 0.english: Extra inputs are not permitted"),
        ("- {zh: 甲, en: [", "cannot be read as YAML"),
    ],
)
def test_a_wrong_glossary_is_told(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match="glossary") as caught:
        parse_glossary(text)
    assert message in str(caught.value)


def test_the_shipped_glossary_is_large_and_each_term_stands_once() -> None:
    terms = load_glossary().terms
    assert len(terms) >= 400
    assert [zh for zh, count in Counter(term.zh for term in terms).items() if count > 1] == []


def test_the_shipped_forms_are_in_their_language() -> None:
    for term in load_glossary().terms:
        for zh in (*term.zh_official, *term.zh_colloquial):
            assert not is_simplified(zh), zh
            assert zh.strip() == zh
        for en in (*term.en_official, *term.en_colloquial):
            assert not any(map(is_cjk, en)), en
            assert english_key(en), en


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("分級管理", "graded management"),
        ("不當勞動行為", "unfair labor practice"),
        ("勞動力發展署", "Workforce Development Agency"),
        ("積欠工資墊償基金", "Wage Arrears Payment Fund"),
    ],
)
def test_official_terminology(form: str, expected: str) -> None:
    assert [term.en[0] for term in load_glossary().of_chinese(form)] == [expected]


@pytest.mark.parametrize(
    ("text", "absent"),
    [("營造友善職場", "營造業"), ("維護退休金權益", "退休"), ("安全衛生教育訓練分級管理", "風險分級")],
)
def test_what_is_not_meant_is_not_found(text: str, absent: str) -> None:
    assert absent not in {term.zh for form in load_glossary().find_chinese(text) for term in form.official}
