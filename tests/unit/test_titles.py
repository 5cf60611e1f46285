"""Title, agency and plan year as documents print them on their first lines, or as their file is named."""

from __future__ import annotations

import pytest

from indexer.model import Block, Span
from indexer.titles import find_cover, is_title, read_imprint


def blocks(*lines: str) -> list[Block]:
    return [Block("paragraph", line, Span(number, number)) for number, line in enumerate(lines, start=1)]


@pytest.mark.parametrize(
    ("lines", "title", "agency", "year"),
    [
        (["勞動部 108 年度施政計畫"], "勞動部108年度施政計畫", "勞動部", 2019),
        (["勞動部", "一百十三年度施政計畫"], "勞動部一百十三年度施政計畫", "勞動部", 2024),
        (["中華民國113年度", "桃園市政府施政計畫"], "中華民國113年度桃園市政府施政計畫", "桃園市政府", 2024),
        (["衛生福利部國民健康署", "中程施政計畫", "（110至113年度）"],
         "衛生福利部國民健康署中程施政計畫（110至113年度）", "衛生福利部國民健康署", 2021),
        (["內政部中程施政計畫(106-109年度)"], "內政部中程施政計畫(106-109年度)", "內政部", 2017),
        (["國家發展委員會112年度施政績效報告"], "國家發展委員會112年度施政績效報告", "國家發展委員會", 2023),
        (["嘉義縣政府民國99年施政計畫（草案）"], "嘉義縣政府民國99年施政計畫（草案）", "嘉義縣政府", 2010),
        (["二〇二一年永續發展報告書"], "二〇二一年永續發展報告書", "", 2021),
        (["審計部", "109年度政府審計年報暨工作報告"], "審計部109年度政府審計年報暨工作報告", "審計部", 2020),
        (["Ministry of Labor Administrative Plan 2021"], "Ministry of Labor Administrative Plan 2021", "Ministry of Labor", 2021),
        (["2024 Annual Report of the Ministry of Health and Welfare"],
         "2024 Annual Report of the Ministry of Health and Welfare", "Ministry of Health and Welfare", 2024),
        (["Taipei City Government", "Policy Plan for Fiscal Year 2023"],
         "Taipei City Government Policy Plan for Fiscal Year 2023", "Taipei City Government", 2023),
        (["National Development Council", "Medium-Term Plan", "2021-2024"],
         "National Development Council Medium-Term Plan 2021-2024", "National Development Council", 2021),
        (["前言", "本部編定113年度施政計畫，以利推動。"], "113年度施政計畫", "", 2024),
    ],
)  # fmt: skip
def test_first_lines(lines: list[str], title: str, agency: str, year: int) -> None:
    found = read_imprint(blocks(*lines, "壹、總論"))
    assert found is not None
    assert (found.title, found.agency, found.year_ce) == (title, agency, year)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["一些沒有年度的文字。"],
        ["長照十年計畫"],  # ten years, not the year 10
        ["依 109 年統計，失業率下降，計畫持續推動。"],
        ["壹、113年度工作計畫"],  # a part, not the document
        ["聯絡電話 02-8995-6866"],
        ["9999年度施政計畫"],
    ],
)
def test_what_names_no_plan_and_year(lines: list[str]) -> None:
    assert read_imprint(blocks(*lines), "notes") is None


def test_the_name_of_the_file_comes_last() -> None:
    named = read_imprint(blocks("壹、總論"), "農業部_113年度施政計畫")
    assert named is not None
    assert (named.title, named.agency, named.year_ce) == ("農業部113年度施政計畫", "農業部", 2024)
    printed = read_imprint(blocks("農業部112年度施政計畫"), "農業部113年度施政計畫")
    assert printed is not None
    assert printed.year_ce == 2023


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("交通部109年度施政計畫", "annual_plan"), ("交通部109年度施政計畫執行報告", "report"), ("Annual Report 2023", "report"),
        ("永續發展目標2021年自願檢視報告", "report"), ("Action Plan 2023", "annual_plan"),
    ],
)  # fmt: skip
def test_reports_are_told_from_plans(line: str, kind: str) -> None:
    found = read_imprint(blocks(line))
    assert found is not None
    assert found.kind == kind


def test_only_the_plan_of_a_year_binds_corpus_yaml() -> None:
    names = {line: read_imprint(blocks(line)) for line in ("甲部108年度施政計畫", "甲部108年統計報告")}
    assert [found.named for found in names.values() if found] == [True, False]


def test_cover_ends_before_the_first_number() -> None:
    cover = find_cover(["法務部", "中程施政計畫", "（114至117年度）", "壹、使命"])
    assert cover is not None
    assert (cover.first, cover.end, cover.named) == (1, 3, 1)
    assert find_cover(["法務部", "壹、使命", "114年度施政計畫"]) is None
    assert not is_title("壹、使命")
