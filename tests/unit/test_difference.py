"""What changed between two texts: readable, complete, print told from substance, policy verbs named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_app.bare import bare_text
from search_app.difference import difference, policy_verbs, redline

MARKS = {"equal": "{}", "delete": "[-{}-]", "insert": "{{+{}+}}"}
PRINT = {"equal": "{}", "delete": "[~{}~]", "insert": "{{~{}~}}"}


def shown(a: str, b: str) -> str:
    """One line, changes of substance in [-…-]{+…+}, of print in [~…~]{~…~}."""
    pieces = redline(difference(a, b))
    return "".join((MARKS if piece.substantive else PRINT)[piece.kind].format(piece.text) for piece in pieces)


LINES = [
    ("研擬最低工資法制。", "推動最低工資法制，保障勞工基本生活。", "[-研擬-]{+推動+}最低工資法制{+，保障勞工基本生活+}。"),
    ("提升雇主進用意願", "提升僱主進用意願", "提升[~雇~]{~僱~}主進用意願"),
    ("對自身權益之暸解。", "對自身權益之瞭解。", "對自身權益之[~暸~]{~瞭~}解。"),
    ("維護勞工健康福祉。", "維護勞工福祉。", "維護勞工[-健康-]福祉。"),
    ("放寬工會結社規範，輔導", "健全工會結社規範，輔導", "[-放寬-]{+健全+}工會結社規範，輔導"),
    ("推動派遣勞工保護法制化", "推動派遣勞工保護法制", "推動派遣勞工保護法制[-化-]"),  # by character within a word
    ("設（措）施，營造友善職場哺育環境", "設(措)施，營造友善職場環境",
     "設[~（~]{~(~}措[~）~]{~)~}施，營造友善職場[-哺育-]環境"),
    ("目標 35%", "目標 38%", "目標 [-35-]{+38+}%"),  # a number changes as a whole
    ("4.5%", "45%", "[-4.5-]{+45+}%"),
    ("1,600件", "1600件", "[~1,600~]{~1600~}件"),
    ("機械、設備及器具", "機械設備及器具", "機械[~、~]設備及器具"),
    ("不當勞動行為", "當勞動行為", "[-不-]當勞動行為"),
    ("同一句", "同一句", "同一句"),
    ("", "新增", "{+新增+}"),
    ("刪除", "", "[-刪除-]"),
    ("", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b", "line"), LINES)
def test_line(a: str, b: str, line: str) -> None:
    assert shown(a, b) == line


def test_short_words_between_long_changes_count_as_changed() -> None:
    a = "推展「台灣就業通」品牌，整合0800-777-888台灣就業通客服中心、台灣就業通網站及全國各地服務據點，提供即時資訊"
    b = "強化就業媒合，整合網實多元就業服務通路，提供即時資訊"
    kinds = [piece.kind for piece in redline(difference(a, b))]
    assert kinds == ["delete", "insert", "equal"]  # not 就業 and 服務 left standing alone


@pytest.mark.parametrize(
    ("a", "b", "steps"),
    [
        ("研擬最低工資法制。", "推動最低工資法制，保障勞工基本生活。", [("研擬", "推動", 2, 4, "最低工資法制", True)]),
        ("順利重返職場；研訂中高齡者就業促進專法。", "排除障礙，推動中高齡者就業促進專法，營造友善環境。",
         [("研訂", "推動", 3, 4, "中高齡者就業促進專法", True)]),
        ("推動最低工資法制。", "研議最低工資法制。", [("推動", "研議", 4, 1, "最低工資法制", False)]),
        ("研議最低工資法制。", "研訂最低工資法制。", [("研議", "研訂", 1, 3, "最低工資法制", True)]),  # 研 stayed
        ("研议最低工资法制", "完成最低工資法制", [("研議", "完成", 1, 5, "最低工資法制", True)]),
        ("加強勞動檢查。", "強化勞動檢查。", []),  # no stages
        ("推動勞動教育。", "推行勞動教育。", []),  # one stage
        ("推動勞動教育。", "推動勞工教育。", []),
    ],
)  # fmt: skip
def test_verb_steps(a: str, b: str, steps: list[tuple[object, ...]]) -> None:
    found = difference(a, b).steps
    assert [(s.verb_from, s.verb_to, s.stage_from, s.stage_to, s.object, s.forward) for s in found] == steps


def test_policy_verbs_are_a_ladder_with_reasons() -> None:
    verbs = {verb.zh: verb for verb in policy_verbs()}
    ladder = [verbs[name].stage for name in ("研議", "研擬", "研訂", "推動", "完成")]
    assert ladder == [1, 2, 3, 4, 5]
    assert verbs["落實"].stage == 5
    assert all(verb.en and verb.why and 1 <= verb.stage <= 5 for verb in verbs.values())


ALPHABET = st.text(alphabet="勞工雇僱獎奬推動研擬保險，,。（）()3.5% \n「」a不", max_size=24)


@given(ALPHABET, ALPHABET)
def test_operations_cover_both_texts_without_gaps(a: str, b: str) -> None:
    change = difference(a, b)
    at_a = at_b = 0
    for one in change.operations:
        assert (one.a_start, one.b_start) == (at_a, at_b)
        at_a, at_b = one.a_end, one.b_end
        if one.kind == "equal":
            assert a[one.a_start : one.a_end] == b[one.b_start : one.b_end] != ""
            assert not one.substantive
        assert (one.a_start == one.a_end) == (one.kind == "insert")
        assert (one.b_start == one.b_end) == (one.kind == "delete")
    assert (at_a, at_b) == (len(a), len(b))


@given(ALPHABET, ALPHABET)
def test_substantive_exactly_where_bare_forms_differ(a: str, b: str) -> None:
    if bare_text(a) == bare_text(b):
        assert not difference(a, b).substantive
    else:
        assert any(one.kind != "equal" for one in difference(a, b).operations)


@given(ALPHABET)
def test_equal_texts_have_no_change(text: str) -> None:
    assert all(one.kind == "equal" for one in difference(text, text).operations)
