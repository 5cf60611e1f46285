"""The large or exact numbers of a text: figures that name a place, however they are written."""

from __future__ import annotations

import re
import unicodedata

_NUMBER = re.compile(
    r"(?<![\d.])\d[\d,]*(?:\.\d+)?(?:\s*[兆億萬]\s*(?:\d[\d,]*(?:\.\d+)?)?)*(?![\d.]*\d)"
)  # 143 萬 5,614
_PIECE = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*([兆億萬]?)")
_SCALE = {"兆": 10.0**12, "億": 10.0**8, "萬": 10.0**4, "": 1.0}
_LEAST = 1000  # smaller whole numbers count things everywhere
_YEARS = range(1900, 2200)


def telling_numbers(text: str) -> list[float]:
    """Values of the numbers that tell a place: 1,435,614 and 58.7, but neither 2020 nor 15; repeated ones once each."""
    plain = unicodedata.normalize("NFKC", text)
    found = ((match.group(0).strip(), _value(match.group(0))) for match in _NUMBER.finditer(plain))
    return list(dict.fromkeys(value for printed, value in found if _is_telling(printed, value)))


def _value(printed: str) -> float:
    return round(sum(float(digits.replace(",", "")) * _SCALE[unit] for digits, unit in _PIECE.findall(printed)), 9)


def _is_telling(printed: str, value: float) -> bool:
    a_year = printed.isdigit() and int(printed) in _YEARS
    return (value >= _LEAST and not a_year) or value != int(value)
