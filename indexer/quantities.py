"""Printed quantities as numbers: 「143 萬 5,614 人」 is 1,435,614 人."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_UNITS = {"兆": 10**12, "億": 10**8, "萬": 10**4, "千": 10**3, "百": 10**2}
_QUANTITY = re.compile(
    r"(?P<part>[^\d\s%]{0,8}?)\s*(?P<number>[-+]?\d[\d,]*(?:\.\d+)?(?:\s*[兆億萬千百](?:\s*\d[\d,]*(?:\.\d+)?)?)*)\s*(?P<unit>%|‰|[^\d\s%。，；()]{0,6})"
)  # 失業者 2萬1,895人
_PIECE = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*([兆億萬千百]?)")
# Words in an indicator's name that make fewer better; 職災死亡千人率. 檢查 and 預防 count work done against them: more is better.
_LOWER = re.compile(
    r"死亡|失能|傷病|傷亡|罹災|失業率|離職率|逾期|違規率|(?:降低|減少|下降)(?!.*(?:件數|場次|人次))|[Dd]eath|[Ff]atal|[Ii]njur|[Uu]nemployment"
)
_WORK_DONE = re.compile(r"檢查|預防|保險|宣導|輔導|訓練|給付")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit as printed (人次, %, ""), and the part of a two-part value that it names (青年)."""

    value: float
    unit: str
    part: str
    printed: str


def parse_quantity(text: str) -> Quantity | None:
    """The first quantity of a text, or None when it prints no number."""
    plain = unicodedata.normalize("NFKC", text)
    found = _QUANTITY.search(plain)
    if found is None:
        return None
    return Quantity(_value(found["number"]), found["unit"].strip(), found["part"].strip("：: "), text.strip())


def parse_quantities(text: str) -> list[Quantity]:
    """One quantity per line of a cell."""
    return [quantity for line in text.split("\n") if (quantity := parse_quantity(line)) is not None]


def lower_is_better(name: str) -> bool:
    """True when the words of an indicator's name say that fewer is better (死亡, 失能, 傷病, 失業率 ...)."""
    return _LOWER.search(name) is not None and _WORK_DONE.search(name) is None


def reaches(target: float | None, actual: float | None, lower: bool) -> bool | None:
    """Whether the actual reaches the target in its direction; None when one of them is missing."""
    if target is None or actual is None:
        return None
    return actual <= target if lower else actual >= target


def _value(number: str) -> float:
    total, pending = 0.0, 0.0
    sign = -1.0 if number.startswith("-") else 1.0
    for digits, unit in _PIECE.findall(number):
        pending = float(digits.replace(",", ""))
        total += pending * _UNITS.get(unit, 1)
    return sign * round(total, 9)
