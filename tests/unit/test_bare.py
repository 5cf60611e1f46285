"""The bare form: what counts as print and what as substance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_app.bare import bare, bare_text

SAME = [
    ("落實定額進用制度，運用奬（補）助措施，提升雇主進用意願", "落實定額進用制度,運用獎(補)助措施,提升僱主進用意願"),
    ("加強民眾對自身權益之暸解。", "加強民眾對自身權益之瞭解"),
    ("研擬最低工資法制。", "研拟最低工资法制"),
    ("設（措）施", "設措施"),
    ("「工作卡」制度", "工作卡制度"),
    ("1,600件", "1600 件"),
    ("１萬１，２００人次", "1萬1,200人次"),
    ("「長期照顧十年計畫 2.0」政策", "長期照顧十年計畫2.0政策"),
    ("施\ufa08\uf98e\uf90a制\ufa01", "施行年金制度"),
    ("研擬\n最低工資\u3000法制", "研擬最低工資法制"),
    ("3、10", "3，10"),
    ("年度施政計畫", "年度施政计划"),
    ("年度施政計畫", "年度施政計劃"),
    ("勞保──就保", "勞保——就保"),
    ("就業——安全", "就業安全"),
]
OTHER = [
    ("4.5%", "45%"),
    ("3、10", "310"),
    ("-5%", "5%"),
    ("35%", "35"),
    ("人數－上年度", "人數上年度"),
    ("100÷5", "1005"),
    ("2017-2020", "20172020"),
    ("不當勞動行為", "當勞動行為"),
    ("1,60", "160"),
    ("minimum wage", "minimumwage"),
    ("一、二", "一、三"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_print_only(one: str, other: str) -> None:
    assert bare_text(one) == bare_text(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_substance_stays(one: str, other: str) -> None:
    assert bare_text(one) != bare_text(other)


@pytest.mark.parametrize("text", ["", "。", "（）「」，、", " \n\t", "──"])
def test_nothing_but_print(text: str) -> None:
    assert bare_text(text) == ""


@given(st.text(alphabet="勞工-–雇僱（）(),，。.3 5%a「\n萬", max_size=30))
def test_map_points_at_what_was_kept(text: str) -> None:
    form = bare(text)
    assert len(form.text) == len(form.starts) == len(form.ends)
    for place, char in enumerate(form.text):
        start, end = form.source_range(place, place + 1)
        assert bare_text(text[start:end]) in (char, "")  # alone, a comma between digits is no number any more
