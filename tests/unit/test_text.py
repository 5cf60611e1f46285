"""Folding: what matches what, and that highlights land on the source's own characters."""

from __future__ import annotations

import pytest

from indexer.text import display_normal, fold, fold_fragments, fold_text, is_simplified, to_traditional

SAME = [
    ("最低工资法制", "最低工資法制"),  # Simplified
    ("臺灣", "台灣"),
    ("施政计划", "施政計畫"),  # OpenCC turns 畫 into 划 only within words
    ("計劃", "計畫"),
    ("僱主", "雇主"),
    ("奬（補）助", "獎(補)助"),
    ("暸解", "瞭解"),
    ("瞭解", "了解"),
    ("平臺", "平台"),
    ("施行\uf98e金", "施行年金"),  # 年 as a CJK compatibility ideograph
    ("聯 合 國", "聯合國"),
    ("5 月 1\n日", "5月1日"),
    ("143 萬 5,614 人", "143萬5,614人"),
    ("ＡＰＥＣ", "apec"),
    ("Minimum  Wage", "minimum wage"),
    ("１００％", "100%"),
    ("零\u200b寬", "零寬"),
    ("⻑照", "長照"),  # a radical that NFKC leaves alone
    ("「工作卡」", '"工作卡"'),
]
DIFFERENT = [("minimum wage", "minimumwage"), ("2.7 2.526", "2.72.526"), ("工會", "公會"), ("研擬", "研議")]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_folds_alike(left: str, right: str) -> None:
    assert fold_text(left) == fold_text(right)


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_folds_apart(left: str, right: str) -> None:
    assert fold_text(left) != fold_text(right)


def test_offsets_lead_back_to_the_source() -> None:
    source = "2015 年 聯 合 國 發 表"
    folded = fold(source)
    place = folded.text.index("联合国")
    start, end = folded.source_range(place, place + 3)
    assert source[start:end] == "聯 合 國"


def test_expanding_characters_keep_their_source() -> None:
    folded = fold("㈠甲")
    assert folded.text == "(一)甲"
    assert folded.source_range(0, 3) == (0, 1)


def test_damaged_lines_never_join() -> None:
    assert fold_fragments("產業新尖兵\n試辦") == "产业新尖兵\n试办"


def test_simplified_is_told_by_its_own_characters() -> None:
    assert is_simplified("最低工资")
    assert not is_simplified("台灣後里了")  # 台 and 了 exist in both scripts


def test_queries_are_shown_in_traditional() -> None:
    assert display_normal("最低工资　法制") == "最低工資 法制"
    assert to_traditional("残疾人职务再设计") == "殘疾人職務再設計"
    assert to_traditional("台灣") == "台灣"
    assert to_traditional("公布施政计划") == "公布施政計畫"  # as Taiwan's government writes, not 公佈, 計劃
    assert to_traditional("安全卡是什么") == "安全卡是什麼"
    assert to_traditional("老么") == "老么"
