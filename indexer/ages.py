"""Ages that a query tells, as the groups of people that labor law makes of them.

Taiwan's statutes and programmes speak of groups: young people are 15 to 29 years old, middle-aged ones 45 to 65, elderly
ones above 65 (Middle-aged and Elderly Employment Promotion Act, Article 3). People say 五十八歲 and "I am 58".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")}
# 58歲, 五十八歲, 五十幾歲 (folded); whole numbers of two digits only: 8.7歲 and 158歲 are no ages of a worker
_ZH = re.compile(
    r"(?<![\d.一二三四五六七八九十百])(?:(\d\d)|([二三四五六七八九]?)十([一二三四五六七八九]?))[几多来]?岁"
)
# aged 58, 58 years old, 58-year-old, I am 58
_EN = re.compile(
    r"\b(?:aged?\s+(\d\d)|(\d\d)[\s-]*years?[\s-]+olds?|(?:i am|i'm|he is|he's|she is|she's)\s+(\d\d))\b(?![\s-]*(?:%|hours|days|workers))",
    re.IGNORECASE,
)

_GROUPS = (
    (15, 29, {"青年": 0.7}),
    (45, 64, {"中高龄": 0.7, "中高龄者": 0.7}),
    (65, 99, {"高龄者": 0.7, "银发者": 0.6}),
)


def people_of_age(text: str) -> Iterator[tuple[str, dict[str, float]]]:
    """What tells an age in a query (folded, or English), with the folded words for people of that age."""
    for found in (*_ZH.finditer(text), *_EN.finditer(text)):
        years = _years(found)
        for first, last, words in _GROUPS:
            if first <= years <= last:
                yield found.group(), words


def _years(found: re.Match[str]) -> int:
    if found.re is _EN or found.group(1):
        return int(next(group for group in found.groups() if group))
    return 10 * _DIGITS.get(found.group(2), 1) + _DIGITS.get(found.group(3), 0)
