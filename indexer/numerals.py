"""The numbers that a Chinese and an English text print, so that one can be checked against the other.

143 萬 5,614 and 一百萬 are one number each; 106年 is 2017, 3月 March, 八成 80%, 第二 second, and 三分之一 one third.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

ROC_ERA = 1911  # year 1 of the Republic of China is 1912

_ARABIC = r"(?:\d{1,3}(?:,\d{3}){1,12}(?!\d)|\d{1,40})(?:\.\d{1,40})?"  # 1,435,614.5
# Numbers of several parts, and Latin words with digits, are names: 8.7.1, 1.a.2, IPv6, COVID-19, 3K
_NAME = (
    r"(?<![\d.])\d{1,2}(?:\.(?:\d+|[a-z](?![a-z]))){2,}|(?<![A-Za-z\d])(?:[A-Za-z]+-?\d[A-Za-z\d]*|\d+[A-Z][A-Za-z\d]*)"
)

_HAN_DIGITS = {char: value for value, chars in enumerate(("〇○零", "一", "二兩", *"三四五六七八九")) for char in chars}
_HAN_SCALES = {"十": 10, "百": 100, "千": 1000, "萬": 10**4, "億": 10**8, "兆": 10**12}
_HAN = "[〇○零一二兩三四五六七八九十][〇○零一二兩三四五六七八九十百千萬億兆]*"  # 二十三萬
_ZH_NUMBER = rf"(?:{_ARABIC}(?:\s*(?:百(?!分)|千(?!人率)|[萬億兆])(?:\s*{_ARABIC})?)*|{_HAN})"  # 143 萬 5,614
_ZH_PIECE = re.compile(rf"{_ARABIC}|[{''.join(_HAN_DIGITS)}{''.join(_HAN_SCALES)}]")
_ZH = re.compile(
    rf"(?P<name>{_NAME})|百分之(?P<percent>{_ZH_NUMBER})|(?P<below>{_ZH_NUMBER})分之(?P<above>{_ZH_NUMBER})"
    rf"|(?P<before>第\s*|民國\s*)?(?P<number>{_ZH_NUMBER})"
)
# What stands behind the end of a range holds for its start too: 50至60%
_TO = rf"(?:\s*[-–—~至到]\s*{_ZH_NUMBER})?\s*"
_ZH_PERCENT = re.compile(rf"{_TO}(?:%|個?百分點)")
_TENTHS = re.compile(rf"{_TO}成(?![果長立為效員本功就])")  # 八成, but not 三成員
_FISCAL_YEAR = re.compile(
    rf"(?:\s*[、及和與]\s*{_ZH_NUMBER})?{_TO}年(?:度|[底初]|\s*\d+\s*月)"
)  # 106年度, 106、107年度
_YEAR = re.compile(rf"{_TO}年")
# Chinese numerals count before a unit; elsewhere they are parts of words: 一般, 三讀, 五一
_UNIT = re.compile(
    rf"{_TO}(?:[大項年個月日天週周季次場名倍條款期類種級方件家處組篇章層面歲]|人(?![力才])|小時|階段)"
)  # 六大, 十年, 三至五人
_FIRST_LINE = re.compile("第一[線時手]")  # 第一線

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip
_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
             "twelfth")  # fmt: skip
_CARDINALS = {word: value for value, word in enumerate((*_ONES, *_TEENS), start=1)} | {
    word: 10 * value for value, word in enumerate(_TENS, start=2)
}
_OTHER_WORDS = {word: value for value, word in enumerate(_ORDINALS, start=1)} | {
    "once": 1, "both": 2, "twice": 2, "double": 2, "dual": 2, "tripartite": 3, "decade": 10
}  # fmt: skip
_EN_SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "tenth": 10}
_WORDS = rf"(?i:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_ONES)}))?|{'|'.join(_CARDINALS)})\b"  # twenty-five
_EN = re.compile(
    rf"(?P<nth>(?<![A-Za-z\d.]){_ARABIC})(?:st|nd|rd|th)\b|(?P<name>{_NAME})"  # 21st, IPv6
    rf"|\b(?P<above>{_WORDS})[ -](?P<below>(?i:{'|'.join(_PARTS)}))s?\b"  # two-thirds
    rf"|(?P<count>{_ARABIC}|\b{_WORDS})(?P<scales>(?:[ -](?i:{'|'.join(_EN_SCALES)})\b)*)"  # 1.4 million
    rf"|\b(?:(?P<month>{'|'.join(_MONTHS)})|(?P<abbreviated>(?:{'|'.join(month[:3] for month in _MONTHS)})t?)(?=\.?\s*\d))\b"
    rf"|\b(?P<word>(?i:{'|'.join(_OTHER_WORDS)}))\b"
)
_EN_PERCENT = re.compile(rf"(?:\s*(?:[-–—~]|to|and)\s*{_ARABIC})?\s*(?:%|per ?cent)")  # 5 to 10%, 3 percentage points


@dataclass(frozen=True, slots=True)
class Number:
    """A number as printed. It is rendered right by any of ``values``, and ``also`` may stand beside it: 2017 (ROC 106).

    ``sure`` is False for a word that is not always a number, such as "both" or 一: it need not be rendered.
    """

    printed: str
    values: tuple[Fraction, ...]
    also: tuple[Fraction, ...] = ()
    percent: bool = False
    sure: bool = True


def chinese_numbers(text: str) -> list[Number]:
    """The numbers of a Chinese text in order."""
    plain = unicodedata.normalize("NFKC", text.replace("，", "、"))  # a full-width comma never groups digits
    return [_chinese(found, plain) for found in _ZH.finditer(plain) if not found["name"]]


def english_numbers(text: str) -> list[Number]:
    """The numbers of an English text in order, words and names of months too."""
    plain = unicodedata.normalize("NFKC", text)
    return [_english(found, plain) for found in _EN.finditer(plain) if not found["name"]]


def missing_numbers(source: Iterable[Number], rendering: Iterable[Number]) -> list[Number]:
    """The numbers of a source that its rendering does not print, as often as it should."""
    unused = list(rendering)
    missing: list[Number] = []
    for number in source:
        match = next((other for other in unused if _renders(other, number)), None)
        if number.sure and match is not None:
            unused.remove(match)
        elif number.sure:
            missing.append(number)
    return missing


def extra_numbers(source: Iterable[Number], rendering: Iterable[Number]) -> list[Number]:
    """The numbers of a rendering that its source does not print at all."""
    known = {value for number in source for value in (*number.values, *number.also)}
    return [number for number in rendering if number.sure and known.isdisjoint(number.values)]


def numbered_names(text: str) -> list[str]:
    """The names with digits in a text of either language: 8.7.1, IPv6, 3K."""
    return [found.group() for found in re.finditer(_NAME, unicodedata.normalize("NFKC", text))]


def _renders(rendering: Number, source: Number) -> bool:
    return (rendering.percent or not source.percent) and not set(source.values).isdisjoint(rendering.values)


def _chinese(found: re.Match[str], text: str) -> Number:
    if found["percent"]:
        return Number(found.group(), (han_value(found["percent"]),), percent=True)
    if found["below"]:
        return Number(found.group(), (han_value(found["above"]) / (han_value(found["below"]) or 1),))
    printed, end = found["number"], found.end()
    value = han_value(printed)
    if _TENTHS.match(text, end):
        return Number(f"{printed}成", (value * 10,), percent=True)
    if (year := _roc_year(found, text)) is not None:
        return year
    arabic = printed[0].isdecimal()
    counted = bool(found["before"] and not _FIRST_LINE.match(found.group()[:2] + text[end : end + 1]))
    long = len(printed) > 1 and not _HAN_SCALES.keys().isdisjoint(printed)  # 三百, but not 五一
    sure = arabic or counted or long or (value > 1 and _UNIT.match(text, end) is not None)
    also = (value - ROC_ERA,) if _YEAR.match(text, end) and value > ROC_ERA else ()
    return Number(printed, (value,), also, _ZH_PERCENT.match(text, end) is not None, sure)


def _roc_year(found: re.Match[str], text: str) -> Number | None:
    """A year of the Republic of China, which a rendering gives in the common era; None for any other number."""
    value, before, end = han_value(found["number"]), found["before"] or "", found.end()
    fiscal, year = _FISCAL_YEAR.match(text, end), _YEAR.match(text, end)
    meant = (fiscal and 20 <= value < 200) or (year and 100 <= value < 200)  # not 10年計畫
    if before.startswith("民國") or (meant and not before):  # not 第100年
        return Number(f"{found['number']}年", (value + ROC_ERA,), (value,))
    return None


def han_value(printed: str) -> Fraction:
    """143 萬 5,614 -> 1435614; 一○六 -> 106; 十五 -> 15."""
    total = section = digits = Fraction(0)
    for piece in _ZH_PIECE.findall(printed):
        if piece in _HAN_DIGITS:
            digits = digits * 10 + _HAN_DIGITS[piece]
        elif piece not in _HAN_SCALES:
            digits = Fraction(piece.replace(",", ""))
        elif _HAN_SCALES[piece] < 10**4:
            section, digits = section + (digits or 1) * _HAN_SCALES[piece], Fraction(0)
        else:
            total, section, digits = total + (section + digits or 1) * _HAN_SCALES[piece], Fraction(0), Fraction(0)
    return total + section + digits


def _english(found: re.Match[str], text: str) -> Number:
    printed = found.group()
    if month := found["month"] or found["abbreviated"]:
        number = next(place for place, name in enumerate(_MONTHS, start=1) if name[:3] == month[:3])
        return Number(printed, (Fraction(number),), sure=month not in ("March", "May"))
    if found["word"]:
        return Number(printed, (Fraction(_OTHER_WORDS[printed.lower()]),), sure=False)
    if found["below"]:
        return Number(printed, (_word_value(found["above"]) / _PARTS[found["below"].lower()],), sure=False)
    value = _word_value(found["nth"] or found["count"])
    for scale in re.findall(r"\w+", found["scales"] or ""):
        value *= _EN_SCALES[scale.lower()]
    percent = _EN_PERCENT.match(text, found.end()) is not None
    return Number(printed, (value,), percent=percent, sure=printed[0].isdecimal() or value > 2)


def _word_value(printed: str) -> Fraction:
    """1,435.5 -> 1435.5; twenty-five -> 25."""
    if printed[0].isdecimal():
        return Fraction(printed.replace(",", ""))
    return Fraction(sum(_CARDINALS[word] for word in re.split("[ -]", printed.lower())))
