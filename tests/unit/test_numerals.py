"""Numbers of Chinese and English texts, and how they are compared."""

from __future__ import annotations

import pytest

from indexer.numerals import (
    Number,
    chinese_numbers,
    english_numbers,
    extra_numbers,
    han_value,
    missing_numbers,
    numbered_names,
)


def shown(numbers: list[Number]) -> list[str]:
    """The values of the sure numbers."""
    return [
        "|".join(str(value) for value in number.values) + ("%" if number.percent else "")
        for number in numbers
        if number.sure
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("143 萬 5,614 人", ["1435614"]),
        ("６.６萬人、2億3,000萬元", ["66000", "230000000"]),
        ("一百四十三萬五千六百一十四人", ["1435614"]),
        ("三百萬元", ["3000000"]),
        ("85%、百分之八十五、八成", ["85%", "85%", "80%"]),
        ("三至五個百分點，50～60％", ["3%", "5%", "50%", "60%"]),
        ("三分之一", ["1/3"]),
        ("5千人次", ["5000"]),
        # years: of the era, in the common era, or simply a number of them
        ("106年度、106 年底、106年1月1日", ["2017", "2017", "2017", "1", "1"]),
        ("106、107年度", ["2017", "2018"]),
        ("106至108年度", ["2017", "2019"]),
        ("民國一○六年", ["2017"]),
        ("自107年起", ["2018"]),
        ("2017 年至 2020 年", ["2017", "2020"]),
        ("十年計畫", ["10"]),
        ("3個月、12月底、第2季", ["3", "12", "2"]),
        # ordinals, counts and lists
        ("第五十六條第二項", ["56", "2"]),
        ("六大主軸、第二專長、二十五場次", ["6", "2", "25"]),
        ("1.提出草案（25%）。2.審查", ["1", "25%", "2"]),
        ("2017年，106場次", ["2017", "106"]),
        ("0800-777-888", ["800", "777", "888"]),
        # no numbers
        ("一般、統一、第一線、五一、死亡千人率、三讀、萬一", []),
        ("8.7.1、1.a.2、IPv6、3K、COVID-19", []),
        ("三成員", []),
        ("零分之一", ["1"]),
        ("9" * 50, ["9" * 40, "9" * 10]),  # however long, a number
    ],
)
def test_chinese_numbers(text: str, expected: list[str]) -> None:
    assert shown(chinese_numbers(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,435,614 persons", ["1435614"]),
        ("1.43 million, two hundred thousand", ["1430000", "200000"]),
        ("85%, 85 percent, 85 per cent", ["85%", "85%", "85%"]),
        ("5 to 10%, three percentage points", ["5%", "10%", "3%"]),
        ("January 1, 2009; Oct. 5; in Sept. 2020", ["1", "1", "2009", "10", "5", "9", "2020"]),
        ("the 21st century, twenty-five sessions", ["21", "25"]),
        ("Articles 9-1 and 56", ["9", "1", "56"]),
        ("2017–2020, 2017 (ROC 106)", ["2017", "2020", "2017", "106"]),
        ("six main axes", ["6"]),
        # words that are not always numbers
        ("one, two, first, both, decade, two-thirds, May, March", []),
        ("a market where the mayor may decide", []),
        ("8.7.1, 1.a.2, IPv6, 3K, COVID-19", []),
    ],
)
def test_english_numbers(text: str, expected: list[str]) -> None:
    assert shown(english_numbers(text)) == expected


@pytest.mark.parametrize(
    ("source", "rendering", "missing", "extra"),
    [
        ("計 143 萬 5,614 人", "1,435,614 persons", [], []),
        ("計 143 萬 5,614 人", "1,435,641 persons", ["143 萬 5,614"], ["1,435,641"]),
        ("6.6萬人", "6.6 persons", ["6.6萬"], ["6.6"]),
        ("106年度", "fiscal year 2017 (ROC 106)", [], []),
        ("106年度", "fiscal year 2017", [], []),
        ("106年度", "fiscal year 106", ["106年"], []),
        ("2017年", "2017 (ROC 106)", [], []),
        ("第100年", "the 100th year", [], []),
        ("3月", "in March", [], []),
        ("1月至11月", "from January to November", [], []),
        ("3月", "in June", ["3"], ["June"]),
        ("第二專長", "a second specialty", [], []),
        ("三分之二", "two thirds", [], []),
        ("六大主軸", "five main axes", ["六"], ["five"]),
        ("85%", "85 cases", ["85"], []),
        ("50至60%", "50 to 60 percent", [], []),
        ("勞資雙方", "both labor and management", [], []),
        ("提升安全", "raise safety by 5%", [], ["5"]),
        # a number that is printed twice is rendered twice, but a rendering may repeat one
        ("25%、25%", "25%", ["25"], []),
        ("25%", "25%, that is, 25%", [], []),
        ("一案到底，1月至11月", "one-stop, from January to November", [], []),
    ],
)
def test_numbers_are_compared(source: str, rendering: str, missing: list[str], extra: list[str]) -> None:
    printed, rendered = chinese_numbers(source), english_numbers(rendering)
    assert [number.printed for number in missing_numbers(printed, rendered)] == missing
    assert [number.printed for number in extra_numbers(printed, rendered)] == extra


@pytest.mark.parametrize(
    ("text", "expected"),
    [("十五", 15), ("一百零六", 106), ("一○六", 106), ("二十三萬", 230000), ("2千5百萬", 25_000_000), ("3.5", 3.5)],
)
def test_values(text: str, expected: float) -> None:
    assert han_value(text) == expected


def test_names_with_digits() -> None:
    assert numbered_names("指標 1.a.2 與 8.7.1：IPv6、COVID-19、3K 產業") == [
        "1.a.2",
        "8.7.1",
        "IPv6",
        "COVID-19",
        "3K",
    ]
