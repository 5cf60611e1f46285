"""Relations between two small plans, the assignment against the full matrix, and what the encoder is asked."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from indexer.model import Clause, ClauseKind, Span
from search_app.alignment import Text, Weights, align, assign
from search_app.compare import CLAUSE, above, below, compare, name_of_change
from search_app.relations import LEVEL_OF, LEVELS, RELATIONS, Relation
from search_app.similarity import Rarity, Texts, candidates, meanings, profile, words

Row = tuple[str, ClauseKind, str, str]  # path, kind, marker, text


def plan(name: str, rows: Sequence[Row], damaged: Sequence[str] = ()) -> list[Clause]:
    return [
        Clause(f"{name}/{path}", name, kind, marker, (), text, Span(at + 1, at + 1), at, path in damaged)
        for at, (path, kind, marker, text) in enumerate(rows)
    ]


EARLIER = plan(
    "a",
    [
        ("1", "heading", "壹、", "年度施政目標"),
        ("1.1", "goal", "一、", "推動公平的集體勞資關係"),
        ("1.1.1", "goal_clause", "（一）", "放寬工會結社規範，輔導勞工籌組工會。"),
        ("1.1.2", "goal_clause", "（二）", "召開基本工資審議委員會議。"),
        ("1.1.3", "goal_clause", "（三）", "研擬最低工資法制。"),
        ("1.1.4", "goal_clause", "（四）", "提升雇主進用意願，運用奬（補）助措施。"),
        ("1.1.5", "goal_clause", "（五）", "推動職業災害保險單獨立法。"),
        ("1.1.6", "goal_clause", "（六）", "辦理鐵路立體化工程，確保行車安全。"),
        ("1.1.7", "goal_clause", "（七）", "辦理橋梁檢測補強，縮短維修時間。"),
        ("1.1.8", "goal_clause", "（八）", "健全古蹟修復制度，培育傳統工藝人才；擴大地方文化館服務，推廣閱讀活動。"),
        ("2", "heading", "貳、", "年度關鍵績效指標"),
        ("2.1", "heading", "一", "推動公平的集體勞資關係"),
        ("2.1.1", "kpi", "1", "研議最低工資法制"),
        ("3", "heading", "參、", "年度重要計畫"),
        ("3.1", "work_plan", "", "勞動關係業務"),
        ("3.1.1", "plan_row", "", "落實勞動教育"),
        ("3.1.1.1", "plan_item", "一、", "辦理勞動權益教育座談。"),
        ("3.1.1.2", "plan_item", "二、", "編製勞動教育教材。"),
        ("3.1.2", "plan_row", "", "強化勞動檢查"),
        ("3.1.2.1", "plan_item", "", "督促事業單位遵守法令。"),
        ("p", "damaged", "", "斷 裂 的 一 頁"),
    ],
    damaged=["p"],
)
LATER = plan(
    "b",
    [
        ("title", "heading", "", "108年度施政計畫"),
        ("1", "heading", "壹、", "年度施政目標"),
        ("1.1", "goal", "一、", "推動公平的集體勞資關係"),
        ("1.1.1", "goal_clause", "(一)", "健全工會結社規範，輔導勞工籌組工會。"),
        ("1.1.2", "goal_clause", "(二)", "推動最低工資法制，保障勞工基本生活。"),
        ("1.1.3", "goal_clause", "(三)", "推動職業災害保險單獨立法。"),
        ("1.1.4", "goal_clause", "(四)", "提升僱主進用意願,運用獎(補)助措施。"),
        ("1.1.5", "goal_clause", "(五)", "辦理鐵路立體化工程及橋梁檢測補強，確保行車安全，縮短維修時間。"),
        ("1.1.6", "goal_clause", "(六)", "健全古蹟修復制度，培育傳統工藝人才。"),
        ("1.1.7", "goal_clause", "(七)", "擴大地方文化館服務，推廣閱讀活動。"),
        ("1.1.8", "goal_clause", "(八)", "提供 55 歲以上銀髮者專屬就業媒合。"),
        ("2", "heading", "貳、", "年度重要計畫"),
        ("2.1", "work_plan", "", "勞動關係業務"),
        ("2.1.1", "plan_row", "", "強化勞動檢查"),
        ("2.1.1.1", "plan_item", "", "督促事業單位遵守法令。"),
        ("2.1.2", "plan_row", "", "落實勞動教育"),
        ("2.1.2.1", "plan_item", "一、", "辦理勞動權益教育座談。"),
        ("2.1.2.2", "plan_item", "二、", "編製勞動教育數位教材，深植勞動概念。"),
    ],
)
EXPECTED = [
    ("section", "unchanged", "1", "1", False),
    ("section", "dropped", "2", "", False),  # the heading; what stands in a KPI table is not compared
    ("section", "unchanged", "3", "2", True),
    ("goal", "unchanged", "1.1", "1.1", False),
    ("goal_clause", "reworded", "1.1.1", "1.1.1", False),
    ("goal_clause", "dropped", "1.1.2", "", False),
    ("goal_clause", "reworded", "1.1.3", "1.1.2", True),
    ("goal_clause", "typographic", "1.1.4", "1.1.4", False),
    ("goal_clause", "unchanged", "1.1.5", "1.1.3", True),
    ("goal_clause", "merged", "1.1.6 1.1.7", "1.1.5", True),
    ("goal_clause", "split", "1.1.8", "1.1.6 1.1.7", True),
    ("goal_clause", "added", "", "1.1.8", False),
    ("work_plan", "unchanged", "3.1", "2.1", False),
    ("plan_row", "reworded", "3.1.1", "2.1.2", False),
    ("plan_row", "unchanged", "3.1.2", "2.1.1", False),
    ("plan_item", "unchanged", "3.1.1.1", "2.1.2.1", False),
    ("plan_item", "reworded", "3.1.1.2", "2.1.2.2", False),
    ("plan_item", "unchanged", "3.1.2.1", "2.1.1.1", False),
]


def told(relation: Relation) -> tuple[str, str, str, str, bool]:
    left, right = (
        " ".join(one.clause_id.split("/")[1] for one in side) for side in (relation.from_clauses, relation.to_clauses)
    )
    return relation.level, relation.relation, left, right, relation.moved


def test_every_relation_of_a_small_pair() -> None:
    assert [told(one) for one in compare(EARLIER, LATER).relations] == EXPECTED


def test_reading_backwards_exchanges_the_relations() -> None:
    turned = {"added": "dropped", "dropped": "added", "merged": "split", "split": "merged"}
    backwards = {told(one) for one in compare(LATER, EARLIER).relations}
    assert backwards == {(lv, turned.get(name, name), right, left, moved) for lv, name, left, right, moved in EXPECTED}


def test_every_compared_clause_stands_in_one_relation() -> None:
    comparison = compare(EARLIER, LATER)
    for clauses, side in ((EARLIER, "from_clauses"), (LATER, "to_clauses")):
        listed = [one.clause_id for relation in comparison.relations for one in getattr(relation, side)]
        assert len(listed) == len(set(listed))
        left_out = {one.clause_id.split("/")[1] for one in clauses} - {name.split("/")[1] for name in listed}
        assert left_out == ({"2.1", "2.1.1", "p"} if side == "from_clauses" else {"title"})


def test_a_row_is_judged_with_its_items_and_its_title_apart() -> None:
    rows = [one for one in compare(EARLIER, LATER).relations if one.level == "plan_row"]
    assert [(one.relation, one.title) for one in rows] == [("reworded", "unchanged"), ("unchanged", "unchanged")]


def test_counts_and_lookups() -> None:
    comparison = compare(EARLIER, LATER)
    assert comparison.counts()["goal_clause"] == {
        "unchanged": 1, "typographic": 1, "reworded": 2, "merged": 1, "split": 1, "added": 1, "dropped": 1, "moved": 4
    }  # fmt: skip
    assert set(comparison.counts()) <= set(LEVELS)
    became = comparison.became("a/1.1.7")
    assert became is not None
    assert became.relation == "merged"
    assert comparison.came_from("b/1.1.7") == comparison.became("a/1.1.8")
    assert comparison.became("a/2.1.1") is None
    assert comparison.came_from("a/1.1.1") is None


@pytest.mark.parametrize(("a", "b"), [([], LATER), (EARLIER, []), ([], [])])
def test_an_empty_side(a: list[Clause], b: list[Clause]) -> None:
    assert {one.relation for one in compare(a, b).relations} <= {"added" if b else "dropped"}


def test_a_document_against_itself_is_unchanged_throughout() -> None:
    comparison = compare(EARLIER, EARLIER)
    assert {(one.relation, one.moved, one.confidence) for one in comparison.relations} == {("unchanged", False, 1.0)}


def test_equal_clauses_pair_with_the_nearer_place_and_section() -> None:
    rows: list[Row] = [("1", "heading", "壹、", "目標")]
    for goal in (1, 2):
        rows += [(f"1.{goal}", "goal", f"{'一二'[goal - 1]}、", f"目標{'甲乙'[goal - 1]}政策")]
        rows += [(f"1.{goal}.{n}", "goal_clause", f"（{'一二三'[n - 1]}）", "依規定辦理相關業務。") for n in (1, 2, 3)]
    found = [one for one in compare(plan("a", rows), plan("b", rows)).relations if one.level == "goal_clause"]
    assert [(told(one)[2], told(one)[3], one.moved) for one in found] == [
        (path, path, False) for path, kind, *_ in rows if kind == "goal_clause"
    ]


def test_same_input_same_output() -> None:
    first, second = compare(EARLIER, LATER), compare(list(EARLIER), list(LATER))
    assert first == second


def test_confidence_is_a_half_at_the_border_and_one_without_doubt() -> None:
    assert (above(0.3, 0.3), above(0.3, 1.0), above(0.3, 0.65)) == (0.5, 1.0, 0.75)
    assert (below(0.3, 0.3), below(0.3, 0.0), below(0.3, 0.15), below(0.3, 0.9)) == (0.5, 1.0, 0.75, 0.5)
    assert all(0.5 <= one.confidence <= 1 for one in compare(EARLIER, LATER).relations)


def test_the_encoder_is_asked_only_where_words_leave_doubt() -> None:
    asked: list[str] = []

    def meaning(texts: Sequence[str]) -> np.ndarray:
        asked.extend(texts)
        return np.tile(np.array([[1.0, 0.0]], dtype=np.float32), (len(texts), 1))

    compare(EARLIER, LATER, meaning)
    assert "推動職業災害保險單獨立法。" not in asked  # unchanged: settled before
    assert "提升雇主進用意願，運用奬（補）助措施。" not in asked


def test_meaning_decides_between_texts_that_share_as_much() -> None:
    """Two candidates share one word each with the clause; the encoder knows which is meant."""
    left = [Text("推動勞工福祉。")]
    right = [Text("強化勞工體育。"), Text("辦理福祉座談。")]
    vectors = {"推動勞工福祉。": (1, 0), "強化勞工體育。": (0, 1), "辦理福祉座談。": (1, 0)}
    weights = Weights(own=0.4, body=0.0, meaning=0.5, section=0.1, least=0.2)

    def chosen(near: str) -> tuple[int, ...]:
        table = {**vectors, "強化勞工體育。": (1, 0) if near == "first" else (0, 1)}
        table["辦理福祉座談。"] = (0, 1) if near == "first" else (1, 0)

        def meaning(texts: Sequence[str]) -> np.ndarray:
            return np.array([table[text] for text in texts], dtype=np.float32)

        return align(left, right, weights, lambda i, j: 1.0, meaning).groups[0].right

    assert chosen("first") == (0,)
    assert chosen("second") == (1,)


@pytest.mark.parametrize("seed", range(20))
def test_assignment_is_the_best_of_the_full_matrix(seed: int) -> None:
    draw = random.Random(seed)
    rows, columns, least = draw.randint(1, 12), draw.randint(1, 12), draw.choice([0.0, 0.3, 0.6])
    scores = {(i, j): draw.random() for i in range(rows) for j in range(columns) if draw.random() < 0.6}
    matrix = np.zeros((rows, columns))
    for pair, score in scores.items():
        matrix[pair] = max(score - least, 0)
    best = matrix[linear_sum_assignment(matrix, maximize=True)].sum()
    chosen = assign(scores, least)
    assert len(set(chosen.values())) == len(chosen)
    assert all(scores[pair] > least for pair in chosen.items())
    assert sum(scores[pair] - least for pair in chosen.items()) == pytest.approx(best)


def test_no_scores_no_pairs() -> None:
    assert assign({}, 0.3) == {}
    assert assign({(0, 0): 0.3}, 0.3) == {}


@pytest.mark.parametrize(
    ("a", "b", "name"),
    [
        ("推動年金修法。", "推動年金修法。", "unchanged"),
        ("推動年金修法。", "推動年金修法", "typographic"),
        ("推動年金修法。", "推動年金立法。", "reworded"),
        ("目標 5%", "目標 50%", "reworded"),
        ("不得解僱", "得解僱", "reworded"),
    ],
)
def test_name_of_change(a: str, b: str, name: str) -> None:
    assert name_of_change(a, b) == name


# --- similarity -----------------------------------------------------------------------------------------------------


def test_rare_words_count_more() -> None:
    texts = ["推動勞工保險。", "推動年金修法。", "推動職業訓練。", "辦理年金宣導。"]
    rarity = Texts([profile(text) for text in texts])
    common = rarity.score(profile(texts[0]), profile(texts[1]))  # 推動 in three of four
    rare = rarity.score(profile(texts[1]), profile(texts[3]))  # 年金 in two
    assert 0 < common < rare < 1
    assert rarity.score(profile(texts[0]), profile(texts[0])) <= 1


def test_scores_do_not_depend_on_the_order_of_a_set() -> None:
    members = [chr(0x4E00 + n) for n in range(200)]
    rarity = Rarity([frozenset(members[:n]) for n in range(1, 201)])
    assert rarity.sum(members) == rarity.sum(reversed(members))


@pytest.mark.parametrize(
    ("own", "below"), [("推動職業", "災害保險單獨立法"), ("3.5", "5%"), ("a", "b c"), ("工", "會")]
)
def test_pairs_and_words_of_a_line_are_those_of_the_whole(own: str, below: str) -> None:
    for part in (own, below):
        assert profile(part).pairs <= profile(f"{own}\n{below}").pairs
        assert words(part) <= words(f"{own}\n{below}")


def test_candidates_hold_the_equal_text_and_stay_few() -> None:
    texts = [f"辦理第{number}號河川堤防工程，維護安全。" for number in "一二三四五六七八九十"] * 5
    profiles = [profile(text) for text in texts]
    found = candidates(profiles, profiles, Texts(profiles).pairs)
    assert len(found) <= 20 * len(texts)
    assert all(any(texts[i] == texts[j] for k, j in found if k == i) for i in range(len(texts)))


def test_meanings_are_measured_from_chance() -> None:
    table = {"a": (1.0, 0.0), "b": (0.0, 1.0), "c": (1.0, 0.0), "d": (0.0, 1.0), "e": (0.0, 1.0)}

    def meaning(texts: Sequence[str]) -> np.ndarray:
        return np.array([table[text] for text in texts], dtype=np.float32)

    assert meanings(["a", "b"], ["c", "d", "e"], [(0, 0), (0, 1), (1, 1), (1, 2)], meaning) == [1.0, 0.0, 1.0, 1.0]
    assert meanings(["a"], ["c"], [], meaning) == []


def test_levels_and_relations_are_those_of_the_json() -> None:
    assert set(LEVEL_OF.values()) == set(LEVELS)
    assert RELATIONS == ("unchanged", "typographic", "reworded", "merged", "split", "added", "dropped")
    assert CLAUSE.own + CLAUSE.body + CLAUSE.meaning + CLAUSE.section == pytest.approx(1)
