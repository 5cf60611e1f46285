"""Automatic list numbers as they are printed: 一、 （一） 1. A. ③; the counters behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

_SMALL = "〇一二三四五六七八九十百"
_CAPITAL = "零壹貳參肆伍陸柒捌玖拾佰"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def chinese_number(value: int, digits: str = _SMALL) -> str:
    """1-999 in Chinese: 十二, 二十, 一百零五; ``digits`` are zero to nine, ten and hundred. Others as Arabic digits."""
    if not 1 <= value <= 999:
        return str(value)
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10)
    text = digits[hundreds] + digits[11] if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else digits[tens]) + digits[10]
    elif hundreds and ones:
        text += "零"
    return text + (digits[ones] if ones else "")


def letter_number(value: int) -> str:
    """1-702 in letters: A, Z, AA."""
    text = ""
    while value > 0:
        value, place = divmod(value - 1, 26)
        text = chr(ord("A") + place) + text
    return text


def roman_number(value: int) -> str:
    """1-399 in Roman numerals, above 39 with X repeated; others, which no plan prints, as Arabic digits."""
    if not 1 <= value < 400:
        return str(value)
    text = ""
    for amount, letters in _ROMAN:
        while value >= amount:
            text, value = text + letters, value - amount
    return text


def _of(characters: str) -> Callable[[int], str]:
    return lambda value: characters[value - 1] if 1 <= value <= len(characters) else str(value)


SERIES: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "padded": lambda value: f"{value:02d}",
    "fullwidth": lambda value: str(value).translate({ord("0") + digit: ord("０") + digit for digit in range(10)}),
    "chinese": chinese_number,
    "capital": lambda value: chinese_number(value, _CAPITAL),
    "stem": _of(_STEMS),
    "branch": _of(_BRANCHES),
    "upper": letter_number,
    "lower": lambda value: letter_number(value).lower(),
    "ROMAN": roman_number,
    "roman": lambda value: roman_number(value).lower(),
    "circled": _of("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"),
    "parenthesised": _of("⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇"),
}


@dataclass
class Counters:
    """The counters of one list, one for each level (0 is the outermost)."""

    values: dict[int, int] = field(default_factory=dict)

    def count(self, level: int, start: int = 1) -> int:
        """The next number of a level; the levels below it begin anew."""
        self.values = {kept: value for kept, value in self.values.items() if kept <= level}
        self.values[level] = self.values[level] + 1 if level in self.values else start
        return self.values[level]


def with_number(number: str, text: str) -> str:
    """The number before its text as it looks in print: 「一、推動」 and 「1. Safer work」."""
    if not number or not text:
        return number + text
    return f"{number} {text}" if number[-1].isascii() and number[-1] not in ")" else number + text
