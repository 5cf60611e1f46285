"""Printed lines to Blocks: wraps, letter-spacing, bullets, cells poured into lines."""

from __future__ import annotations

import pytest

from indexer.layout import read_lines
from indexer.ledger import missing_characters
from indexer.readers.txt import source_lines
from indexer.wraps import clean_text, join_wrapped, split_lines


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("聯 合 國", "聯合國"),
        ("第一節  前言", "第一節 前言"),
        ("　一、推動　", "一、推動"),
        ("勞動部 108 年度", "勞動部 108 年度"),
        ("minimum   wage", "minimum wage"),
        ("甲， 乙", "甲，乙"),
        ("", ""),
    ],
)
def test_clean_text(text: str, cleaned: str) -> None:
    assert clean_text(text) == cleaned


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("推動最低", "工資", "推動最低工資"),
        ("the minimum", "wage", "the minimum wage"),
        ("policy-", "making", "policy-making"),
        ("3 萬 9,320", "名", "3 萬 9,320 名"),
        ("辦理APEC", "會議", "辦理APEC會議"),
        ("辦理 ILO 及", "APEC", "辦理 ILO 及 APEC"),
        ("", "甲", "甲"),
    ],
)
def test_join_wrapped(first: str, second: str, joined: str) -> None:
    assert join_wrapped(first, second) == joined


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("一、甲。\n二、乙。", ["一、甲。", "二、乙。"]),
        ("推動公平的勞資關係，\n強化勞動基準", ["推動公平的勞資關係，強化勞動基準"]),
        ("甲：\n乙", ["甲：", "乙"]),
        ("one line\nbroken", ["one line broken"]),
        ("\n \n", []),
    ],
)
def test_split_lines(text: str, lines: list[str]) -> None:
    assert split_lines(text) == lines


WRAPPED = """本報告說明最低工資法制之推動情形與後續規劃方向並蒐集各界意見研議相關
措施以保障勞工之基本生活及勞動權益，同時兼顧產業之發展與經濟成長之需要
並參考國際勞工組織之建議與各國之經驗，

定期檢討。
一、召開審議會議，邀集勞方與資方及學者專家共同研商最低工資之調整幅度與時
程，並將結果陳報行政院核定後公告實施。
二、辦理影響評估，就物價、薪資、就業及產業等面向蒐集統計資料並委託研究，
作為審議之參考依據與施政之重要基礎，並建立常態性之檢討機制以求周延
完備。
"""
COUNTED = """This report tells how the ministry means to raise the pay of workers and
to lower the number of accidents at work within the next three years, for
3.5 per cent of all workers are hurt within a year, which is told by surveys
of the ministry that are made in every year.
1.1 Raise the coverage of insurance among workers of small firms up to 95%.
1.2 Lower the number of accidents among young workers by a tenth each year.
"""


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("甲。\n乙。", ["甲。", "乙。"]),
        ("- （一）甲。\n● 乙。", ["-", "（一）甲。", "●", "乙。"]),
        ("\uf06c甲。", ["\uf06c", "甲。"]),
        (WRAPPED, [
            WRAPPED.split("\n\n")[0].replace("\n", ""),
            "定期檢討。",
            "一、" + WRAPPED.split("一、")[1].split("二、")[0].replace("\n", ""),
            "二、" + WRAPPED.split("二、")[1].replace("\n", ""),
        ]),
        (COUNTED, [COUNTED.split("1.1")[0].replace("\n", " ").strip(), *COUNTED.split("\n")[-3:-1]]),
    ],
    ids=["lines", "bullets", "symbol", "wrapped", "decimal numbers"],
)  # fmt: skip
def test_paragraphs(text: str, texts: list[str]) -> None:
    blocks = read_lines(source_lines(text))
    assert [block.text for block in blocks] == texts
    assert missing_characters(text, blocks) == 0


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("指標\t目標值\n甲\t85%", [["指標", "目標值"], ["甲", "85%"]]),
        ("\t指標\n\t目標值\n\n\t甲\n\t85%", [["指標", "目標值"], ["甲", "85%"]]),
        ("\t指標\n\t內容\n\n\t甲\n\t一、辦\n理。\n二、乙。", [["指標", "內容"], ["甲", "一、辦理。\n二、乙。"]]),
        ("\t指標\n\t內容\n\n\t\n\t<p>一、甲。</p><p>乙。</p>", [["指標", "內容"], ["", "一、甲。\n乙。"]]),
        (
            "核心目標 具體目標 指標\n目標值\n實際值\n1 1.3\n指標 1.3.1：請領人數\n計算方式：年底人數\n17萬人 20萬人\n2 2.1\n指標 2.1.1：比率\n85% 90%",
            [["核心目標", "具體目標", "指標", "目標值", "實際值"], ["1", "1.3", "指標 1.3.1：請領人數\n計算方式：年底人數", "17萬人", "20萬人"],
             ["2", "2.1", "指標 2.1.1：比率", "85%", "90%"]],
        ),
    ],
    ids=["row on a line", "cell on a line", "wrapped cell", "tags", "poured into lines"],
)  # fmt: skip
def test_tables(text: str, rows: list[list[str]]) -> None:
    blocks = read_lines(source_lines(text))
    (table,) = [block for block in blocks if block.kind == "table"]
    assert [[cell.text for cell in row] for row in table.rows] == rows
    assert missing_characters(text, blocks) == 0


def test_a_long_text_takes_no_more_than_its_share_of_time() -> None:
    blocks = read_lines(source_lines("一、推動甲案並辦理乙案。\n" * 20_000))
    assert len(blocks) == 20_000
