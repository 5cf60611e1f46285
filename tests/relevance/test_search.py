"""Searches over the shipped corpus: exact wording first, the right clause in either language, filters that hold."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from indexer.errors import QueryError
from indexer.text import fold_fragments, fold_text, is_cjk
from indexer.tokens import tokenize
from search_app.evaluate import evaluate_judged, read_judged
from search_app.gains import gains, read_kept
from search_app.model import Filters
from search_app.query import parse_filters
from search_app.retrieve import Search

EXACT = [
    ('"工會結社規範"', ["mol-106-plan/1.3.1", "mol-108-plan/1.3.1"]),
    ('"籌組工會"', ["mol-106-plan/1.3.1", "mol-108-plan/1.3.1", "mol-108-plan/2.2.1.2"]),  # jieba cuts 勞工籌/組工會
    (
        '"最低工资法制"',  # Simplified
        [
            "mol-106-plan/1.3.4",
            "mol-106-plan/2.3.2",
            "mol-106-plan/3.3.1.2",
            "mol-108-plan/1.3.3",
            "mol-108-plan/2.3.2.2",
        ],
    ),
    ('"施行年金制度"', ["mol-sdg-2021/2.1.1"]),  # the source spells 行 and 年 as compatibility ideographs
    ('"聯合國發表"', ["mol-sdg-2021/1.1.p1"]),  # the source spaces the letters out
    ('"定額進用制度" "進用意願"', ["mol-106-plan/1.2.7", "mol-106-plan/3.8.7.1", "mol-108-plan/1.2.7"]),
    ('"没有这样的字句"', []),
]
FIRST = [
    ("minimum wage legislation", {"mol-106-plan/1.3.4", "mol-108-plan/1.3.3"}),
    ("籌組工會", {"mol-106-plan/1.3.1", "mol-108-plan/1.3.1", "mol-108-plan/2.2.1.2"}),
    ("推動職業災害保險單獨立法", {"mol-106-plan/1.4.9", "mol-108-plan/1.4.7"}),
    ("鳳凰小聚", {"mol-sdg-2021/17.2.2"}),
]


@pytest.mark.parametrize(("query", "expected"), EXACT)
def test_quoted_phrase_finds_exactly_the_clauses_that_hold_it(search: Search, query: str, expected: list[str]) -> None:
    result = search.search(query, per_page=100)
    assert sorted(hit.clause.clause_id for hit in result.hits) == expected
    assert result.total == len(expected)


@pytest.mark.parametrize(("query", "expected"), FIRST)
def test_first_hit(search: Search, query: str, expected: set[str]) -> None:
    assert search.search(query).hits[0].clause.clause_id in expected


def test_two_thousand_pieces_of_the_corpus_are_found_exactly(search: Search) -> None:
    """Whatever jieba cut and however it is typed: as a plain scan of the folded text finds it; 100 of them in quotes."""
    clauses = [clause for info in search.documents() for clause in search.document(info.document_id).clauses]  # type: ignore[union-attr]
    folded = [fold_fragments(clause.text) if clause.damaged else fold_text(clause.text) for clause in clauses]
    chooser = random.Random(20190108)
    written = _ways_to_write({char for text in folded for char in text})
    lines = [line for text in folded for line in text.split("\n") if len(line) >= 4 and not set(line) & set(QUOTES)]
    for number in range(2000):
        piece = _piece(chooser, chooser.choice(lines), within_word=number % 2 == 0)
        typed = "".join(_typed(chooser, written, *pair) for pair in zip(piece, (*piece[1:], "."), strict=True))
        expected = [docnum for docnum, text in enumerate(folded) if piece in text]
        assert expected
        assert search.containing(fold_text(typed)).tolist() == expected, typed
        if number % 20 == 0:
            found = {hit.clause.clause_id for hit in search.search(f'"{typed}"', mode="keyword", per_page=100).hits}
            places = {clauses[docnum].clause_id for docnum in expected}
            assert found == places or (len(found) == 100 and found < places), typed


BETWEEN = ("", "", "", "\u3000", "\u200b")  # a blank, a character that nobody sees


def _typed(chooser: random.Random, written: dict[str, list[str]], char: str, following: str) -> str:
    """A character in some way of writing it, with something unseen behind it where it stands among Han characters."""
    between = is_cjk(char) and is_cjk(following)
    return chooser.choice(written[char]) + (chooser.choice(BETWEEN) if between else "")


def _ways_to_write(chars: set[str]) -> dict[str, list[str]]:
    """Folded character -> those that are the same to a reader: other scripts, full width, compatibility ideographs."""
    ways = {char: [char] for char in chars}
    for code in (*range(0x3400, 0xA000), *range(0xF900, 0xFB00), *range(0xFF01, 0xFF5F)):
        folded = fold_text(chr(code))
        if folded in ways and chr(code) not in QUOTES:
            ways[folded].append(chr(code))
    return ways


QUOTES = '"\uff02\u201c\u201d'  # they delimit phrases


def _piece(chooser: random.Random, line: str, *, within_word: bool) -> str:
    """2 to 30 characters of a line; ``within_word``: cut inside a word of jieba's where one is."""
    places = [end for token in tokenize(line) for end in range(token.start + 1, token.end)] if within_word else []
    start = chooser.choice(places) if places else chooser.randrange(len(line) - 1)
    piece = line[start : start + chooser.randint(2, 30)].strip()
    return piece if len(piece) >= 2 else line[:4].strip()


@pytest.mark.parametrize("year", ["106", "2017", "民國106年"])
def test_year_filter_holds_in_both_calendars(search: Search, year: str) -> None:
    result = search.search("工會", filters=parse_filters(year=[year]), per_page=100)
    assert result.hits
    assert {hit.document.year_ce for hit in result.hits} == {2017}


def test_filters_meet(search: Search) -> None:
    filters = Filters(years=(2019,), kinds=("plan_item",), sections=("勞動關係業務",))
    result = search.search("工會", filters=filters, per_page=100)
    assert {hit.clause.clause_id.rsplit(".", 2)[0] for hit in result.hits} == {"mol-108-plan/2.2"}


def test_identical_clauses_are_one_hit_with_its_places(search: Search) -> None:
    result = search.search("推動職業災害保險單獨立法", group="same")
    assert {result.hits[0].clause.clause_id, *(also.clause_id for also in result.hits[0].also)} == {
        "mol-106-plan/1.4.9",
        "mol-108-plan/1.4.7",
    }


def test_pages_of_hits_follow_each_other(search: Search) -> None:
    both = [hit.clause.clause_id for hit in search.search("就業服務", per_page=10).hits]
    parts = [hit.clause.clause_id for page in (1, 2) for hit in search.search("就業服務", page=page, per_page=5).hits]
    assert parts == both


def test_damaged_page_is_found_by_fragment_and_marked(search: Search) -> None:
    hit = search.search('"組織訓"').hits or search.search('"youtu"').hits
    assert hit[0].clause.damaged
    assert hit[0].clause.span.page == 19


def test_highlights_are_the_sources_own_characters(search: Search) -> None:
    hit = search.search("施行年金制度").hits[0]
    assert [hit.clause.text[start:end] for start, end in hit.highlights] == ["施\ufa08\uf98e\uf90a制\ufa01"]


@pytest.mark.parametrize("query", ["", "   ", "\x00", "。", '""', "a" * 900, "😀", "\ud800", "((((", "*", "AND OR NOT"])
def test_odd_queries_give_an_answer(search: Search, query: str) -> None:
    search.search(query)


def test_too_long_a_query_is_refused_with_a_hint(search: Search) -> None:
    with pytest.raises(QueryError, match="1001 characters"):
        search.search("勞" * 1001)


@pytest.mark.parametrize("run", ["measured", "without enrichment"])
def test_judged_queries_keep_their_level(search: Search, root: Path, run: str) -> None:
    """A gate, not a target: each category as in the kept run, less 0.01; a failure lists the queries that lost."""
    kept = read_kept(root / "tests/relevance/kept.json")[run]
    asked = search if run == "measured" else search.without_enrichment()
    found = gains(evaluate_judged(asked, root / "tests/relevance/judged.jsonl"), kept)
    low = [change.name for change in found.categories if change.difference < -0.01]
    assert not low, [f"{change.name} {change.before} -> {change.now}" for change in found.lost]


# 129 queries of many kinds with their clauses, written before anything was searched. Two thirds were then studied for
# what was missing; the last 47, read untouched, gave citizens' questions 0.69, with enrichment 0.77.
ASKED = {
    "aide": 0.94,
    "citizen": 0.74,
    "english": 0.70,
    "lookup": 0.98,
    "noisy": 0.91,
    "reference": 0.95,
    "simplified": 0.85,
}


def test_freshly_asked_queries_keep_their_level(search: Search, root: Path) -> None:
    """A gate without enrichment: the measured nDCG@10 of each category less 0.02."""
    found = evaluate_judged(search.without_enrichment(), root / "tests/relevance/asked.jsonl").table
    assert {name: level for name, level in ASKED.items() if found[name]["nDCG@10"] < level} == {}


def test_year_filters_let_no_other_year_through(search: Search, root: Path) -> None:
    """Neither as a hit nor as another place of one, whatever is asked, in either calendar."""
    queries = [query.text for query in read_judged(root / "tests/relevance/asked.jsonl")][::6]
    year_of = {info.document_id: info.year_ce for info in search.documents()}
    for text in queries:
        for year, years in (("106", {2017}), ("2019", {2019}), ("民國110年", {2021})):
            hits = search.search(text, filters=parse_filters(year=[year]), group="same", per_page=100).hits
            assert {hit.document.year_ce for hit in hits} <= years
            assert {year_of[also.document_id] for hit in hits for also in hit.also} <= years
        assert {hit.document.year_ce for hit in search.search(f"{text} year:108", per_page=100).hits} <= {2019}


NAMED = [
    ("106 壹 三 (四)", "mol-106-plan/1.3.4"),
    ("2019年 壹、四、（七）", "mol-108-plan/1.4.7"),
    ("指標 8.7.1", "mol-sdg-2021/17.1.12"),
    ("KPI 四-1", "mol-106-plan/2.4.1"),
    ("1,435,614", "mol-sdg-2021/2.1.2"),  # printed as 143 萬 5,614
    ("143萬5614", "mol-sdg-2021/2.1.2"),
]


@pytest.mark.parametrize(("query", "clause_id"), NAMED)
def test_references_and_figures_go_straight_to_their_place(search: Search, query: str, clause_id: str) -> None:
    assert search.search(query).hits[0].clause.clause_id == clause_id


@pytest.mark.parametrize(
    ("query", "inside", "outside"),
    [
        ("工會 AND 協商", ("工會", "協商"), ()),
        ("工會 -教育 year:106", (), ("教育",)),
        ('"工會 協商"~12', ("工會", "協商"), ()),
        ("職*保險", ("職", "保險"), ()),
    ],
)
def test_expressions_hold_in_every_hit(
    search: Search, query: str, inside: tuple[str, ...], outside: tuple[str, ...]
) -> None:
    result = search.search(query, per_page=100)
    assert result.hits
    for hit in result.hits:
        folded = fold_text(hit.clause.text)
        assert all(fold_text(word) in folded for word in inside)
        assert not any(fold_text(word) in folded for word in outside)


def test_fields_alone_list_what_they_name(search: Search) -> None:
    result = search.search("year:106 kind:kpi", per_page=100)
    assert result.total == 16


def test_a_slip_is_corrected_and_told(search: Search) -> None:
    result = search.search("派遺勞工")
    assert result.query.corrected == "派遣勞工"
    assert "派遣勞工" in result.hits[0].clause.text


def test_why_tells_other_words_and_expected_questions(search: Search) -> None:
    hits = search.search("老闆跑路了，薪水拿不到").hits
    assert any(hit.why.question for hit in hits)
    assert all(hit.translation.get("en") for hit in hits)
    assert any("雇主" in display for display in search.search("老闆").query.expansions) or hits


def test_simplified_finds_what_traditional_finds(search: Search) -> None:
    for simplified, traditional in (("最低工资法制", "最低工資法制"), ("身心障碍者就业服务", "身心障礙者就業服務")):
        found = [[hit.clause.clause_id for hit in search.search(query).hits] for query in (simplified, traditional)]
        assert found[0] == found[1]
