"""What marks a page as not to be trusted, and what does not."""

from __future__ import annotations

import pytest

from indexer.damage import damage_score, is_narrow, lost_share, rare_share
from indexer.pages import DAMAGED_FROM

PLAN = "勞動部為保障勞工權益，推動最低工資法制，健全工會組織，並強化職業安全衛生管理，以提升勞動條件。"
STRIPS = ["保障勞工", "，推動最", "低工資法", "制，健全", "工會組織", "。並強化", "職業安全", "衛生管理", "以提升勞"]


@pytest.mark.parametrize(
    "lines",
    [
        STRIPS,
        ["(cid:123)(cid:45)(cid:67)勞動部"],
        ["\ue123\ue124\ue125勞動部年度施政計畫"],
        ["勞\ufffd部年\ufffd施政\ufffd畫"],
        [PLAN.encode().decode("gb18030", "replace")],
        [PLAN.encode().decode("cp950", "replace")],
        [PLAN.encode("big5").decode("gb18030", "replace")],
        [PLAN.encode("big5").decode("latin-1")],
        [PLAN.encode().decode("latin-1")],
        ["錕斤拷锟斤拷锟斤拷年度"],
    ],
    ids=[
        "strips",
        "cid",
        "private use",
        "replacement",
        "as GB",
        "as Big5",
        "Big5 as GB",
        "Big5 as Latin",
        "as Latin",
        "锟斤拷",
    ],
)
def test_damaged(lines: list[str]) -> None:
    assert damage_score(lines) >= DAMAGED_FROM


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [""],
        [PLAN],
        [PLAN] * 20,
        ["短行"] * 20,
        STRIPS[:7],
        ["Café, naïve, München: ±5 °C, § 3, © 2024"],
        ["一、甲。", "二、乙。", "三、丙。", "四、丁。", "五、戊。", "六、己。", "七、庚。", "八、辛。"],
        ["\uf06c 推動甲案", "\uf06c 推動乙案", "\uf0b7推動丙案"],
        ["覈實辦理，擘建基金，挹注財源，賡續推動，以維勞動權益與永續發展。"],
        ["陳彧堃、林翀、王垚"],
    ],
)
def test_clean(lines: list[str]) -> None:
    assert damage_score(lines) < DAMAGED_FROM


def test_shares_are_scaled() -> None:
    assert lost_share("\ufffd" + 19 * "甲") == pytest.approx(0.5)
    assert rare_share(4 * "彧" + 16 * "甲") == pytest.approx(0.5)
    assert rare_share(19 * "彧") == 0.0


def test_narrow() -> None:
    assert is_narrow(STRIPS)
    assert not is_narrow([PLAN, "短行"])
