"""BM25 over characters and bigrams, against the formula written out."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import EngineError
from indexer.grams import HEADING_WEIGHT, K1, B, GramIndex, best, character_grams, gram_terms
from indexer.model import Candidate, Passage

BODIES = (
    ("壹、年度施政目標\n三、推動公平的集體勞資關係", "放寬工會結社規範，輔導勞工籌組工會，促進團體協商。"),
    ("壹、年度施政目標\n三、推動公平的集體勞資關係", "研擬最低工資法制。"),
    ("壹、年度施政目標\n四、健全職業災害保險制度", "推動職業災害保險單獨立法。"),
    ("貳、年度重要計畫\n推動國際勞動事務", "辦理APEC、WTO、ILO等與勞動、就業等議題之相關活動。"),
    ("貳、年度重要計畫\n推動雇主設置哺(集)乳室", "輔導及補助雇主設置員工哺（集）乳室，共1,435,614人。"),
    ("", "研擬最低工資法制。"),
)


def passage(docnum: int, headings: str, body: str, fragments: bool = False) -> Passage:
    return Passage(docnum, f"d/{docnum}", "d", "narrative", 2017, "zh", "", body, headings, fragments)


PASSAGES = tuple(passage(docnum, headings, body) for docnum, (headings, body) in enumerate(BODIES))


def bm25(query: str, texts: list[list[str]]) -> list[float]:
    """The formula, term by term; the mean length is that of the texts which are not empty."""
    lengths = [len(terms) for terms in texts]
    mean = sum(lengths) / (sum(length > 0 for length in lengths) or 1)
    scores = [0.0] * len(texts)
    for term in set(gram_terms(query)):
        holding = sum(term in terms for terms in texts)
        idf = math.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
        for docnum, terms in enumerate(texts):
            count = terms.count(term)
            scores[docnum] += idf * count * (K1 + 1) / (count + K1 * (1 - B + B * lengths[docnum] / (mean or 1)))
    return scores


@pytest.fixture(params=["in memory", "saved"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> GramIndex:
    built = GramIndex.build(PASSAGES)
    if request.param == "in memory":
        return built
    built.save(tmp_path)
    return GramIndex.open(tmp_path)


@pytest.mark.parametrize(
    "query",
    [
        "最低工資法制",
        "最低工资",
        "籌組工會",
        "勞工勞工勞工",
        "APEC",
        "apec 會議",
        "哺集乳室",
        "1435614",
        "年度",
        "、。",
        "",
        "xyz",
    ],
)
@pytest.mark.parametrize("weight", [0.0, HEADING_WEIGHT, 1.0])
def test_scores_are_bm25(index: GramIndex, query: str, weight: float) -> None:
    bodies = bm25(query, [gram_terms(one.body) for one in PASSAGES])
    headings = bm25(query, [[t for line in one.headings.splitlines() for t in gram_terms(line)] for one in PASSAGES])
    found = index.scores(query, weight)
    assert found.dtype == np.float32
    assert found.tolist() == pytest.approx([b + weight * h for b, h in zip(bodies, headings, strict=True)], abs=1e-5)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("籌組工會", [0]),
        ("组工会", [0]),
        ("災害保險", [2]),
        ("apec", [3]),
        ("ap", []),
        ("哺集乳室", [4]),
        ("1435614", [4]),
    ],
)
def test_rank_puts_the_passage_with_these_characters_first(index: GramIndex, query: str, expected: list[int]) -> None:
    assert [one.docnum for one in index.rank(query, 1)] == expected


def test_equal_passages_tie_by_docnum(index: GramIndex) -> None:
    found = index.rank("最低工資法制", 10, heading_weight=0)
    assert [one.docnum for one in found[:2]] == [1, 5]
    assert found[0].score == found[1].score


@pytest.mark.parametrize("allowed", [[], [1], [0, 3, 5], list(range(6))])
@pytest.mark.parametrize("k", [0, 1, 3, 100])
def test_filter_and_k(index: GramIndex, allowed: list[int], k: int) -> None:
    everything = [one for one in index.rank("研擬勞工工資", 100) if one.docnum in allowed]
    assert index.rank("研擬勞工工資", k, np.array(allowed, dtype=np.int64)) == everything[:k]


def test_lines_of_a_damaged_page_are_never_joined() -> None:
    torn = [passage(0, "", "職業災\n害保險", fragments=True), passage(1, "", "職業災\n害保險"), passage(2, "", "其他")]
    whole = GramIndex.build(torn).scores("災害")
    assert 0 < whole[0] < whole[1]  # characters in both, the bigram only where lines may be joined


def test_no_passages(tmp_path: Path) -> None:
    empty = GramIndex.build([])
    empty.save(tmp_path)
    for one in (empty, GramIndex.open(tmp_path)):
        assert one.rank("勞工", 10) == []
        assert one.scores("勞工").shape == (0,)


def test_passages_without_any_term(tmp_path: Path) -> None:
    GramIndex.build([passage(0, "", "。"), passage(1, "", "")]).save(tmp_path)
    assert GramIndex.open(tmp_path).rank("勞工", 10) == []


def test_missing_and_damaged_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"grams\.json"):
        GramIndex.open(tmp_path)
    GramIndex.build(PASSAGES).save(tmp_path)
    (tmp_path / "body-docnums.npy").write_bytes(b"no array")
    with pytest.raises(EngineError, match="cannot be read"):
        GramIndex.open(tmp_path)
    (tmp_path / "grams.json").write_text(json.dumps([]))
    with pytest.raises(EngineError, match="cannot be read"):
        GramIndex.open(tmp_path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("工會法", ["工", "会", "法", "工会", "会法"]),
        ("工會，法", ["工", "会", "工会", "法"]),
        ("APEC會議", ["apec", "会", "议", "会议"]),
        ("1,435,614", ["1435614"]),
        ("8.7.1", ["8.7.1"]),
        ("GRI 403", ["gri", "403"]),
        ("", []),
    ],
)
def test_gram_terms(text: str, expected: list[str]) -> None:
    assert gram_terms(text) == expected


def test_character_grams() -> None:
    assert character_grams("工会,a") == {"工", "会", ",", "a", "工会", "会,", ",a"}
    assert character_grams("") == set()


@pytest.mark.parametrize(
    ("scores", "k", "allowed", "expected"),
    [
        ([1, 3, 2], 2, None, [(1, 3), (2, 2)]),
        ([2, 2, 2, 2], 2, None, [(0, 2), (1, 2)]),
        ([1, 2, 2, 2, 5], 3, None, [(4, 5), (1, 2), (2, 2)]),
        ([0, -1, 1], 9, None, [(2, 1)]),
        ([1, 3, 2], 2, [0, 2], [(2, 2), (0, 1)]),
        ([], 5, None, []),
        ([1], -1, None, []),
    ],
)
def test_best(scores: list[float], k: int, allowed: list[int] | None, expected: list[tuple[int, float]]) -> None:
    permitted = None if allowed is None else np.array(allowed, dtype=np.int64)
    found = best(np.array(scores, dtype=np.float32), k, permitted)
    assert found == [Candidate(docnum, score) for docnum, score in expected]
