"""Tokens: words, sub-words, brackets, numbers, positions and spans."""

from __future__ import annotations

import subprocess
import sys
import unicodedata

import pytest

from indexer import tokens
from indexer.text import fold_text, is_cjk
from indexer.tokens import english_terms, finest, fingerprint, frequency, runs, stem, tokenize, user_words, word_class


def texts(text: str) -> list[str]:
    return [token.text for token in tokenize(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("輔導勞工籌組工會", ["辅导", "劳工", "筹组工会", "筹组", "组工", "工会"]),  # jieba alone: 劳工筹/组工会
        ("職業災害保險", ["职业灾害保险", "职业", "职业灾害", "灾害", "灾害保险", "保险"]),
        ("工會法", ["工会法", "工会", "法"]),  # a single character that is a part
        ("落實定額進用", ["落实", "定额进用", "定额", "进用"]),  # unknown to jieba: 定额/进/用
        ("最低工资法制", ["最低工资法制", "最低", "最低工资", "最低工资法", "低工资", "工资", "法制"]),
        ("最低工資法制", ["最低工资法制", "最低", "最低工资", "最低工资法", "低工资", "工资", "法制"]),
        ("勞安知識", ["劳", "安", "知识"]),  # no words that no dictionary holds: jieba's model makes 劳安
        ("", []),
        ("，。！？（）", []),
        ("APEC、WTO", ["apec", "wto"]),
        ("e化教材", ["e", "化", "教材"]),
        ("1,435,614人", ["1,435,614", "1435614", "人"]),
        ("１，４３５，６１４人", ["1,435,614", "1435614", "人"]),
        ("指標8.7.1", ["指标", "8.7.1"]),
        ("計畫2.0", ["计划", "2.0"]),
        ("88.81%", ["88.81"]),
        ("106,107,20", ["106,107", "106107", "20"]),  # a list looks like a grouped number: the price of grouping
        ("GRI 403", ["gri", "403"]),
        ("GRI403", ["gri403", "gri", "403"]),
        ("section 56", ["section", "56"]),
        ("3K產業", ["3k", "产业"]),
        ("0800-777-888", ["0800", "777", "888"]),
        ("well-being", ["well", "being"]),
        ("\uf98e\uf90a", ["年金"]),  # compatibility ideographs
        ("聯 合 國", ["联合国", "联合", "国"]),
        ("\ud800勞工", ["劳工"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


@pytest.mark.parametrize(
    ("written", "readings"),
    [
        ("哺(集)乳室", {"哺集乳室", "哺乳室", "集乳室"}),
        ("哺（集）乳室", {"哺集乳室", "哺乳室", "集乳室"}),
        ("托兒設（措）施", {"设施", "措施", "托儿设施"}),
        ("法規制（訂）定", {"制定", "订定", "制订"}),
        ("執行勞(就)保業務", {"劳保", "就保"}),
        ("輔導企（產）業工會", {"企业工会", "产业工会", "企业", "产业"}),
        ("奬（補）助措施", {"奖助", "补助"}),
    ],
)
def test_brackets_inside_words_give_every_reading(written: str, readings: set[str]) -> None:
    assert readings <= set(texts(written))


def test_bracketed_and_plain_spelling_meet() -> None:
    assert set(texts("哺集乳室")) <= set(texts("哺(集)乳室")) == set(texts("哺（集）乳室"))
    assert texts("哺乳室")[0] in texts("哺(集)乳室")


@pytest.mark.parametrize("text", ["勞動保險業務(一)健全", "勞動（含職業訓練及就業服務等）業務"])
def test_markers_and_remarks_are_no_part_of_a_word(text: str) -> None:
    words = texts(text)
    assert "业务健全" not in words
    assert "劳动业务" not in words
    assert [run.text for run in runs(text)] == [part for part in fold_text(text).replace("(", ")").split(")") if part]


@pytest.mark.parametrize(
    "text",
    [
        "推動雇主提供哺（集）乳室與托兒設（措）施。",
        "聯 合 國 2015 年發表",
        "GRI 403：職業安全 1,435,614 人",
        "勞保年金",
    ],
)
def test_spans_point_at_the_source(text: str) -> None:
    for token in tokenize(text):
        assert 0 <= token.start < token.end <= len(text)
        source = fold_text(text[token.start : token.end])
        assert set(token.text) <= set(source), (token, source)


def test_spans_of_words_cut_out_the_word() -> None:
    text = "推動「職業災害保險」單獨立法"
    assert {token.text: text[token.start : token.end] for token in tokenize(text)}["职业灾害保险"] == "職業災害保險"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("職業災害保險制度", [("职业", 0), ("灾害", 1), ("保险", 2), ("制度", 3)]),
        ("工會法修正", [("工会", 0), ("法", 1), ("修正", 2)]),
        ("APEC會議100人", [("apec", 0), ("会议", 1), ("100", 2), ("人", 3)]),
        ("哺（集）乳室與托兒", [("哺", 0), ("集乳室", 1), ("与", 2), ("托儿", 3)]),
    ],
)
def test_positions_are_ordinal_and_without_holes(text: str, expected: list[tuple[str, int]]) -> None:
    found = tokenize(text)
    assert [(token.text, token.position) for token in finest(found)] == expected
    positions = [token.position for token in found]
    assert positions == sorted(positions)


def test_long_words_stand_where_they_begin() -> None:
    places = {token.text: token.position for token in tokenize("推動職業災害保險")}
    assert (places["职业灾害保险"], places["职业灾害"], places["灾害保险"], places["保险"]) == (1, 1, 2, 3)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("wages", "wag"), ("wage", "wag"), ("waged", "wag"), ("policies", "policy"), ("policy", "policy"),
        ("agencies", "agency"), ("workers", "worker"), ("training", "train"), ("trained", "train"), ("trains", "train"),
        ("planned", "plan"), ("planning", "plan"), ("filling", "fill"), ("status", "status"), ("analysis", "analysis"),
        ("classes", "class"), ("need", "need"), ("agreed", "agreed"), ("king", "king"), ("bring", "bring"), ("bus", "bus"),
        ("apec", "apec"), ("naïve", "naïve"),
    ],
)  # fmt: skip
def test_stem(word: str, expected: str) -> None:
    assert stem(word) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Minimum wages and Workers' rights", ["minimum", "wag", "and", "worker", "right"]),
        ("參與APEC、WTO等e化議題2.0", ["apec", "wto"]),
        ("GRI403", ["gri"]),
        ("最低工資", []),
    ],
)
def test_english_terms(text: str, expected: list[str]) -> None:
    assert english_terms(text) == expected


def test_the_user_dictionary_is_large_enough_known_and_folded() -> None:
    words = user_words()
    assert len(words) >= 200
    assert len(set(words)) == len(words)
    assert all(fold_text(word) == word and all(map(is_cjk, word)) for word in words)
    assert [word for word in words if texts(word)[0] != word] == []


def test_han_runs_are_what_text_calls_cjk() -> None:
    letters = [chr(code) for code in range(0x2E80, 0x32400) if unicodedata.category(chr(code)).startswith("L")]
    assert [char for char in letters if bool(tokens._RUN.fullmatch(char)["han"]) != is_cjk(char)] == []


def test_fingerprint_follows_the_dictionary(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint()
    assert fingerprint() == before
    monkeypatch.setattr(tokens, "user_words", lambda: ["劳工"])
    assert fingerprint() != before


def test_importing_loads_nothing_and_loading_says_nothing() -> None:
    code = (
        "import sys, indexer.tokens as t; assert 'jieba' not in sys.modules and t._shared is None;"
        "import threading; [x.start() for x in [threading.Thread(target=t.tokenize, args=('勞工',)) for _ in range(8)]]"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("word", "kind", "common"),
    [("护照", "n", False), ("做到", "v", True), ("这样", "r", True), ("以后", "f", True), ("最低工资法制", "", False)],
)
def test_words_have_a_class_and_a_frequency(word: str, kind: str, common: bool) -> None:
    assert word_class(word) == kind
    assert (frequency(word) > 1000) is common
