"""The numbering of official plans: 壹、 一、 （一） 1. （1） A. and their kin, 第一章, Part 1."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

_DIGITS = {char: value for value, chars in enumerate(["〇零○", "一壹ㄧ", "二貳貮", "三參叁", "四肆", "五伍", "六陸", "七柒", "八捌", "九玖"])
           for char in chars}  # fmt: skip
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100}
_CAPITAL = "壹貳貮參叁肆伍陸柒捌玖拾佰"
_SMALL = "一二三四五六七八九十百〇零○ㄧ"  # the last is a Bopomofo letter that passes for 一 in print
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳❶❷❸❹❺❻❼❽❾❿"
_BRACKETED = "㈠㈡㈢㈣㈤㈥㈦㈧㈨㈩"
_STOPPED = "⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛"
_ROMANS = "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩⅪⅫ"
_PARENTHESISED = "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇"
_ROMAN = {"I": 1, "V": 5, "X": 10}


@dataclass(frozen=True, slots=True)
class Marker:
    """A printed number: its style's name, its depth among the styles (0 is the top), and its value (1-based)."""

    style: str
    rank: float
    ordinal: int
    printed: str


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    rank: float
    pattern: re.Pattern[str]
    value: Callable[[str], int | None]


def ordinal_of(number: str) -> int | None:
    """Value of a printed number: 十二 = 12, 參 = 3, ７ = 7, C = 3, IV = 4, ③ = 3, 乙 = 2; None when it is none."""
    if number.isdecimal():
        return int(number)
    if len(number) == 1 and number in _CIRCLED + _PARENTHESISED:
        return _enclosed(number)
    if len(number) == 1 and number in _STEMS:
        return _stem(number)
    if len(number) == 1 and number.isascii() and number.isalpha() and number not in _ROMAN:
        return _letter(number)
    return _roman(number) or _chinese(number)


def _chinese(number: str) -> int | None:
    total, digit = 0, 0
    for char in number:
        if char in _TENS:
            total += (digit or 1) * _TENS[char]
            digit = 0
        elif char in _DIGITS:
            digit = digit * 10 + _DIGITS[char]
        else:
            return None
    return total + digit if number else None


def _roman(number: str) -> int | None:
    values = [_ROMAN.get(char, 0) for char in unicodedata.normalize("NFKC", number).upper()]
    if not values or 0 in values:
        return None
    return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))


def _letter(number: str) -> int | None:
    return ord(unicodedata.normalize("NFKC", number).upper()) - ord("A") + 1


def _stem(number: str) -> int | None:
    return _STEMS.index(number) + 1


def _enclosed(number: str) -> int | None:
    return int(unicodedata.normalize("NFKC", number).strip("()")) if number < "❶" else ord(number) - ord("❶") + 1


def _bracketed(number: str) -> int | None:
    return _BRACKETED.index(number) + 1


def _stopped(number: str) -> int | None:
    return _STOPPED.index(number) + 1


def _last_part(number: str) -> int | None:
    return int(number.rsplit(".", 1)[-1])


_NUMBER = rf"[{_SMALL}\d]+"
_OPEN, _CLOSE = "[（(﹙〔]", "[)）﹚〕]"
_STOP = "[、﹑､．.﹒]"
_LATIN = r"(\d+|[A-Z]|[IVX]+)\b(?:\s*[.:：–—-](?!\d)|(?=\s*$|\s+[^\sa-z]))"  # never 「Section 2 of the Act」
_BLANK = r"(?=[\s　]|[^\x00-\x7f]|$)"  # after a Latin letter: 「A. 稽查」 and 「A.稽查」, never 「U.S.」
# Order matters: the first style that fits is the likeliest. The comment shows one line that each pattern takes.
_STYLES = (
    _Style(
        "book", 0, re.compile(rf"第\s*({_NUMBER})\s*(?:[編篇部]|部[分份])(?=[\s　：:]|$)"), ordinal_of
    ),  # 第一篇 總論
    _Style("chapter", 1, re.compile(rf"第\s*({_NUMBER})\s*章(?=[\s　：:]|$)"), ordinal_of),  # 第一章   推動重點
    _Style("chapter", 1, re.compile(rf"(?:Part|Chapter|PART|CHAPTER)\s+{_LATIN}"), ordinal_of),  # Part 1: Goals
    _Style("appendix", 2, re.compile(rf"附\s*[錄件]\s*({_NUMBER})(?=[\s　：:、]|$)"), ordinal_of),  # 附錄一  指標
    _Style("appendix", 2, re.compile(rf"(?:Appendix|Annex|APPENDIX|ANNEX)\s+{_LATIN}"), ordinal_of),  # Annex A: Data
    _Style("appendices", 1, re.compile(r"(附\s*[錄件])(?=\s*$)"), lambda _: 1),  # 附   錄
    _Style("section", 2, re.compile(rf"第\s*({_NUMBER})\s*節(?=[\s　：:]|$)"), ordinal_of),  # 第二節 指標
    _Style("section", 2, re.compile(rf"(?:Section|SECTION)\s+{_LATIN}"), ordinal_of),  # Section 2
    _Style(
        "section", 2, re.compile(r"(?:Section|SECTION)\s+\d+\.(\d+)(?=\s*[:：–—-]|\s+[^\sa-z])"), ordinal_of
    ),  # Section 1.2 Scope
    _Style("part", 3, re.compile(rf"([{_CAPITAL}]+)\s*(?:{_STOP}|[：:])"), _chinese),  # 壹、年度施政目標
    _Style("part", 3, re.compile(rf"([{_CAPITAL}]{{1,3}})[ 　]+(?=\S\S)"), _chinese),  # 壹　年度施政目標
    _Style("roman", 3, re.compile(rf"([{_ROMANS}])\s*{_STOP}"), _roman),  # Ⅱ、年度目標
    _Style("roman", 3, re.compile(rf"([IVX]{{1,5}})\s*{_STOP}{_BLANK}"), _roman),  # II. Annual Goals
    _Style("subpart", 3.4, re.compile(rf"{_OPEN}\s*([{_CAPITAL}]+)\s*{_CLOSE}{_STOP}?"), _chinese),  # （壹）施政重點
    _Style(
        "goal", 3.6, re.compile(r"(?:Goal|GOAL|Objective)\s+(\d+|[IVX]+)\s*[.:：](?!\d)"), ordinal_of
    ),  # Goal 1: Jobs
    _Style("goal", 3.6, re.compile(rf"目標\s*({_NUMBER})\s*[：:、]"), ordinal_of),  # 目標一：擴大公共運輸
    _Style(
        "strategy", 3.8, re.compile(r"(?:Goal|Objective|Strategy|Action)\s+(?:\d+\.)+(\d+)\s*[.:：]"), ordinal_of
    ),  # Objective 1.2: Jobs
    _Style("strategy", 3.8, re.compile(r"Strategy\s+(\d+|[IVX]+)\s*[.:：](?!\d)"), ordinal_of),  # Strategy 1: Jobs
    _Style(
        "strategy", 3.8, re.compile(rf"(?:策略|重點|主軸|面向)\s*({_NUMBER})\s*[：:、]"), ordinal_of
    ),  # 策略一：推動自造
    _Style("item", 4, re.compile(rf"([{_SMALL}]+)\s*{_STOP}(?!\d)"), _chinese),  # 一、推辦職訓多元管道
    _Style("clause", 5, re.compile(rf"{_OPEN}\s*([{_SMALL}]+)\s*{_CLOSE}{_STOP}?"), _chinese),  # （一）放寬工會結社規範
    _Style("clause", 5, re.compile(rf"([{_BRACKETED}])\s*{_STOP}?"), _bracketed),  # ㈠放寬工會結社規範
    _Style("halfclause", 5.5, re.compile(rf"([{_SMALL}]+)\s*{_CLOSE}"), _chinese),  # 一）加強宣導
    _Style("number", 6, re.compile(rf"([{_STOPPED}])"), _stopped),  # ⒈ 加強宣導
    _Style("number", 6, re.compile(rf"(\d{{1,2}})\s*{_STOP}(?!\d)"), ordinal_of),  # 1. 面臨之機會與挑戰
    _Style("halfnumber", 6.5, re.compile(rf"(\d{{1,2}})\s*{_CLOSE}"), ordinal_of),  # 1) 加強稽查
    _Style("subnumber", 7, re.compile(rf"{_OPEN}\s*(\d{{1,2}})\s*{_CLOSE}{_STOP}?"), ordinal_of),  # （1）加強檢查
    _Style("subnumber", 7, re.compile(rf"([{_PARENTHESISED}])"), _enclosed),  # ⑴ 加強監督檢查效能
    _Style("stem", 7.5, re.compile(rf"([{_STEMS}])\s*[、﹑､．.](?!\d)"), _stem),  # 甲、總說明
    _Style("substem", 7.7, re.compile(rf"{_OPEN}\s*([{_STEMS}])\s*{_CLOSE}"), _stem),  # （甲）總說明
    _Style("letter", 8, re.compile(rf"([A-ZＡ-Ｚ])\s*{_STOP}{_BLANK}"), _letter),  # A. 辦理公共工程稽查
    _Style("lowletter", 8.5, re.compile(rf"([a-zａ-ｚ])\s*{_STOP}{_BLANK}"), _letter),  # a. 稽查
    _Style("subletter", 9, re.compile(rf"{_OPEN}\s*([A-ZＡ-Ｚ])\s*{_CLOSE}"), _letter),  # (A) notice
    _Style("sublowletter", 9.2, re.compile(rf"{_OPEN}?\s*([a-zａ-ｚ])\s*{_CLOSE}"), _letter),  # (a) notice, a) notice
    _Style("lowroman", 9.5, re.compile(rf"([ivx]{{1,5}})\s*{_STOP}{_BLANK}"), _roman),  # iv. review
    _Style("sublowroman", 9.7, re.compile(rf"{_OPEN}\s*([ivx]{{1,5}})\s*{_CLOSE}"), _roman),  # (iv) review
    _Style("circled", 10, re.compile(rf"([{_CIRCLED}])"), _enclosed),  # ① 審查
)
# 1.2.3 Safety; not 「2.5 萬人」, and only where the numbers before it make it likely: see match_markers
_DECIMAL = re.compile(r"(\d{1,2}(?:\.\d{1,2}){1,4})\.?(?=[\s　]+[^\s\d萬億千百%％])")


def match_marker(text: str) -> Marker | None:
    """The likeliest number that the text begins with, or None. Leading blanks are not expected."""
    return next(iter(_matches(text)), None)


def match_markers(text: str) -> list[Marker]:
    """All that the beginning of the text may be, the likeliest first: 「i.」 is a letter or a Roman number.

    Numbers such as 1.2 come only here: without those before them they may as well be quantities.
    """
    found = _matches(text)
    decimal = _DECIMAL.match(text)
    if decimal is not None:
        depth = decimal.group(1).count(".")
        found.append(Marker(f"decimal{depth}", 6 + 0.1 * depth, _last_part(decimal.group(1)) or 0, decimal.group(0)))
    return found


def _matches(text: str) -> list[Marker]:
    found: dict[str, Marker] = {}
    for style in _STYLES:
        match = style.pattern.match(text)
        ordinal = style.value(match.group(1)) if match else None
        if match and ordinal is not None and style.name not in found:
            found[style.name] = Marker(style.name, style.rank, ordinal, match.group(0).rstrip())
    return list(found.values())


_MARKER_MAX = 40  # characters, with the lookahead


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a cell: its number, its text, and where it stands in the cell's text [start, end)."""

    marker: Marker | None
    text: str
    start: int
    end: int


def split_items(text: str) -> list[Item]:
    """The items of one cell: 「一、…。 二、…」 gives two; text before the first number comes without one.

    A number starts an item only where it may stand (start, line start, after the end of a sentence) and only when it
    is the next of its own list, so that 「…符合3.之規定」 stays whole.
    """
    items: list[Item] = []
    current: Marker | None = None
    start = begins = 0
    for place in _item_places(text):
        head = text[place : place + _MARKER_MAX]
        marker = next((marker for marker in match_markers(head) if _is_next(current, marker)), None)
        if marker is None:
            continue
        _add_item(items, current, text, (start, begins, place))
        current, start, begins = marker, place, place + len(marker.printed)
    _add_item(items, current, text, (start, begins, len(text)))
    return items


def _item_places(text: str) -> list[int]:
    """Where a number may stand: at the start, and behind a line end, a sentence or a blank: 「…甲案。二、乙案」."""
    return [0] + [
        found.end() for found in re.finditer(r"(?:\n|[。；;：:！？」）)](?=\S)|[。；;：:！？」）)]?[ 　]+)", text)
    ]


def _is_next(current: Marker | None, marker: Marker) -> bool:
    if marker.rank < 3:
        return False  # 「the duties of Part 1」
    if current is None:
        return marker.ordinal == 1 or marker.style in ("item", "clause")
    return marker.style == current.style and marker.ordinal == current.ordinal + 1


def _add_item(items: list[Item], marker: Marker | None, text: str, place: tuple[int, int, int]) -> None:
    start, begins, end = place
    if marker is not None or text[begins:end].strip():
        items.append(Item(marker, text[begins:end].strip(), start, len(text[:end].rstrip())))
