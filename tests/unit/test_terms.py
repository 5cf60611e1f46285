"""Sets of terms scored as one; synonyms and translations that fill them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexer import translations
from indexer.model import Passage
from indexer.synonyms import NEAR, chinese_synonyms, correct, expand, reworded
from indexer.terms import TermIndex
from indexer.text import fold_text
from indexer.translations import Translator, build_translations, english_key

TEXTS = ["辦理積欠工資墊償基金管理作業", "雇主提供哺集乳室", "推動最低工資法制", "積欠工資，積欠工資"]


@pytest.fixture
def terms(tmp_path: Path) -> TermIndex:
    passages = [Passage(n, f"d/{n}", "d", "narrative", 2017, "zh", "", text, "") for n, text in enumerate(TEXTS)]
    TermIndex.build(passages, {fold_text(t) for t in ("積欠工資", "工資", "雇主", "老闆", "最低工資")}, tmp_path)
    build_translations(TermIndex.open(tmp_path).vocabulary(), tmp_path)
    return TermIndex.open(tmp_path)


def test_only_terms_that_stand_somewhere_are_kept(terms: TermIndex) -> None:
    assert sorted(terms.vocabulary()) == sorted(fold_text(t) for t in ("積欠工資", "工資", "雇主", "最低工資"))


def test_terms_inside_terms_count(terms: TermIndex) -> None:
    assert np.flatnonzero(terms.scores([{fold_text("工資"): 1.0}])).tolist() == [0, 2, 3]


def test_a_group_counts_as_one_term(terms: TermIndex) -> None:
    boss = terms.scores([{fold_text("老闆"): 1.0, fold_text("雇主"): 0.8}])
    assert boss.argmax() == 1
    assert terms.scores([{"沒有": 1.0}]).tolist() == [0, 0, 0, 0]


def test_more_occurrences_and_higher_weights_score_more(terms: TermIndex) -> None:
    scores = terms.scores([{fold_text("積欠工資"): 1.0}])
    assert scores[3] > scores[0] > 0
    half = terms.scores([{fold_text("積欠工資"): 0.5, fold_text("工資"): 0.5}])
    assert half[2] > 0


def test_translations_are_weighted_and_sum_to_one(terms: TermIndex, tmp_path: Path) -> None:
    assert terms
    translator = Translator.open(tmp_path, {})
    (found,) = translator.translate("minimum wage")
    assert found.term == " ".join(english_key("minimum wage"))
    assert sum(found.others.values()) == pytest.approx(1)
    assert max(found.others, key=lambda zh: found.others[zh]) == fold_text("最低工資")
    assert translator.translate("zxqv") == []


def test_words_without_meaning_are_no_keys() -> None:
    assert english_key("how many of the workers") == ["many", "worker"]


@pytest.mark.parametrize(
    ("query", "word", "other"),
    [("老闆欠薪", "老闆", "雇主"), ("勞保怎麼領", "勞保", "勞工保險"), ("殘疾人就業", "殘疾人", "身心障礙者")],
)
def test_expansions(query: str, word: str, other: str) -> None:
    found = {entry.word: entry.others for entry in expand(fold_text(query))}
    assert fold_text(other) in found[fold_text(word)]


def test_expansions_are_weaker_than_the_users_word() -> None:
    assert all(0 < weight <= 1 for others in chinese_synonyms().values() for weight in others.values())
    assert all(word not in others for word, others in chinese_synonyms().items())


@pytest.mark.parametrize(
    ("written", "meant"),
    [("派遺勞工", "派遣勞工"), ("物連網", "物聯網"), ("派遣勞工", "派遣勞工"), ("派遗劳工", "派遣劳工")],
)
def test_slips_are_set_right(written: str, meant: str) -> None:
    assert correct(written)[0] == meant


@pytest.mark.parametrize(
    ("query", "other"),
    [
        ("老闆沒給擠奶室", "雇主沒給哺（集）乳室"),
        ("雇主沒給擠奶室", "雇主沒給哺（集）乳室"),
        ("雇主", ""),  # stands in the corpus
        ("去年的天氣", ""),  # nothing is known of it
    ],
)
def test_words_that_stand_nowhere_give_way_to_words_that_do(query: str, other: str) -> None:
    known = {fold_text(word) for word in ("雇主", "哺（集）乳室", "公司")}
    assert reworded(fold_text(query), known) == fold_text(other)


def test_a_hint_does_not_stand_in_for_a_word() -> None:
    weights = {word: weight for entry in expand(fold_text("紓困")) for word, weight in entry.others.items()}
    assert weights
    assert max(weights.values()) < NEAR
    assert reworded(fold_text("紓困"), set(weights)) == ""


def test_the_dictionary_is_kept_and_made_anew_when_it_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    monkeypatch.setattr(translations, "_dictionary", lambda: made.append(1) or {"wag": {"工资": 1.0}})
    read = translations.dictionary_table.__wrapped__
    (tmp_path / "dictionary-outdated.json").write_text("{}")
    assert read(tmp_path) == read(tmp_path) == {"wag": {"工资": 1.0}}
    (kept,) = tmp_path.iterdir()
    assert len(made) == 1
    kept.write_text("{")
    assert read(tmp_path) == {"wag": {"工资": 1.0}}
    assert len(made) == 2


ENGLISH = ["The minimum wage shall be reviewed.", "Employers pay wages in arrears from the fund.", "Nursing rooms."]


def test_chinese_terms_find_english_text(tmp_path: Path) -> None:
    passages = [Passage(n, f"d/{n}", "d", "narrative", 2017, "en", "", text, "") for n, text in enumerate(ENGLISH)]
    TermIndex.build(passages, set(), tmp_path, translations.english_keys())
    build_translations(TermIndex.open(tmp_path).vocabulary(), tmp_path)
    terms, translator = TermIndex.open(tmp_path), Translator.open(tmp_path, {})
    for query, expected in (("最低工資", 0), ("雇主", 1), ("哺乳室", 2)):
        found = translator.translate_back(fold_text(query), {})
        assert sum(found[0].others.values()) == pytest.approx(1)
        assert terms.scores(entry.others for entry in found).argmax() == expected
    by_synonym = translator.translate_back(fold_text("老闆"), chinese_synonyms())
    assert terms.scores(entry.others for entry in by_synonym).argmax() == 1


def test_without_english_text_nothing_is_translated_back(terms: TermIndex, tmp_path: Path) -> None:
    assert terms
    assert Translator.open(tmp_path, {}).translate_back(fold_text("最低工資"), chinese_synonyms()) == []
