"""Sentences of clauses, how much of a question they hold, and which comes first."""

from __future__ import annotations

from itertools import pairwise

import pytest

from search_app.answer_model import Expansion, SubjectTerm
from search_app.evidence import alike, gather, spans
from search_app.question import understand
from search_app.retrieve import Search
from search_app.weighing import Statistics, Weighed, coverage, rendering_key, share, statistics


def term(text: str, *forms: tuple[str, float], language: str = "zh") -> SubjectTerm:
    own = Expansion(text, 1.0, "question")
    return SubjectTerm(text, language, (own, *(Expansion(word, weight, "synonym") for word, weight in forms)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("推動年金修法。確保勞工老年經濟。", ["推動年金修法。", "確保勞工老年經濟。"]),
        ("第一項很短；第二項也很短", ["第一項很短；第二項也很短"]),  # one sentence, quoted whole
        (f"{'長' * 50}；{'短' * 40}。", [f"{'長' * 50}；", f"{'短' * 40}。"]),
        ("名稱名稱名稱\n20%", ["名稱名稱名稱\n20%"]),  # too short to stand alone
        ("  前後有空白的句子。 \n", ["前後有空白的句子。"]),
        ("", []),
    ],
)
def test_spans_are_pieces_of_the_text(text: str, expected: list[str]) -> None:
    assert [text[span.start : span.end] for span in spans(text)] == expected


def test_spans_of_every_clause_cover_it_without_overlap(search: Search) -> None:
    for info in search.documents():
        for clause in search.document(info.document_id).clauses:  # type: ignore[union-attr]
            found = spans(clause.text)
            assert all(left.end <= right.start for left, right in pairwise(found))
            covered = sum(len("".join(clause.text[span.start : span.end].split())) for span in found)
            between = "".join(clause.text.split())
            assert covered == len(between)


def test_own_word_counts_more_than_an_expansion_and_that_more_than_a_heading() -> None:
    wanted = term("欠薪", ("积欠工资", 0.8))
    assert share(wanted, "老板欠薪", "", "") == 1.0
    assert share(wanted, "积欠工资垫偿", "", "") == 0.8
    assert 0 < share(wanted, "其他", "积欠工资", "") < 0.8
    assert share(wanted, "其他", "其他", "") == 0.0


def test_english_terms_are_looked_for_in_the_rendering() -> None:
    wanted = term("invested", language="en")
    assert share(wanted, "增加投资", "", rendering_key("Increase the investment in Taiwan stocks")) == 1.0
    assert share(wanted, "增加投资", "", rendering_key("Hold meetings")) == 0.0
    assert share(wanted, "增加投资", "", "") == 0.0


def test_rare_terms_weigh_more_and_unknown_ones_most() -> None:
    counts = Statistics(["劳工 工会", "劳工 外送", "劳工 年金", "劳工"], ["", "", "", ""])
    common, rare, unknown = (counts.weigh(term(word)) for word in ("劳工", "工会", "骑手"))
    assert common.weight < rare.weight < unknown.weight == 1.0
    assert rare.known
    assert not unknown.known


def test_coverage_is_weighed() -> None:
    weighed = [Weighed(term("工会"), 0.9, True), Weighed(term("劳工"), 0.1, True)]
    assert coverage(weighed, "工会", "", "") == pytest.approx(0.9)
    assert coverage(weighed, "劳工", "", "") == pytest.approx(0.1)
    assert coverage([], "劳工", "", "") == 0.0


def test_best_evidence_stands_first_with_its_other_years(search: Search) -> None:
    understood = understand("職業災害保險要不要單獨立法？")
    counts = statistics(search)
    weighed = [counts.weigh(entry) for entry in understood.terms]
    found = gather(understood, search.search(understood.text, per_page=20).hits, weighed, counts)
    assert found[0].text == "推動職業災害保險單獨立法。"
    years = {found[0].hit.document.year_ce, *(other.document.year_ce for other in found[0].also)}
    assert years == {2017, 2019}
    assert [entry.score for entry in found] == sorted((entry.score for entry in found), reverse=True)


def test_damaged_pages_give_no_evidence(search: Search) -> None:
    understood = understand("國公營事業減災跨部會平台")
    counts = statistics(search)
    hits = search.search('"youtu"').hits
    assert hits
    assert all(hit.clause.damaged for hit in hits)
    assert gather(understood, hits, [counts.weigh(entry) for entry in understood.terms], counts) == []


def test_alike() -> None:
    assert alike("放宽工会结社规范", "放宽工会结社规范") == 1.0
    assert alike("放宽工会结社规范", "健全工会结社规范") > 0.6
    assert alike("", "健全") == 0.0
