"""Printed quantities as numbers: 「143 萬 5,614 人」 is 1,435,614 人."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from indexer.markers import match_marker

_MYRIADS = {
    "兆": 10**12,
    "億": 10**8,
    "萬": 10**4,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
_BELOW_MYRIAD = {"千": 10**3, "百": 10**2}
_PLAIN = r"\d[\d,]*(?:\.\d+)?"
_NUMBER = (
    rf"(?<![\d.])[-+−]?{_PLAIN}(?:\s*[兆億萬千百](?:\s*{_PLAIN})?)*(?:\s*(?:thousand|million|billion|trillion)\b)?"
)
_WORD = r"[A-Za-z][A-Za-z/-]*"
_RANGE = r"至到~–—-"
_UNIT = (
    rf"%|‰|per ?cent\b|(?!to\b){_WORD}(?: (?!(?:per|of|or|and|by|in|a|an|each|every|to|for)\b){_WORD})?"
    rf"|[^\dA-Za-z\s%。，；、;,(){_RANGE}]{{0,6}}"
)
_QUANTITY = re.compile(
    rf"(?P<number>{_NUMBER})\s*(?P<unit>{_UNIT})(?:\s*(?:[{_RANGE}]|to\b)\s*{_NUMBER}\s*(?P<range_unit>{_UNIT}))?"
)  # 2萬1,895人; 3至5件
_PIECE = re.compile(rf"({_PLAIN})|([兆億萬千百]|thousand|million|billion|trillion)")  # 2, 千, 5, 百, 萬
# Numbers that count no achievement: 108年12月底前, 12月底, 第2季
_DATE = re.compile(
    r"(?:民國)?(?:1\d{2}|(?:19|20)\d{2})\s*年度?(?:底|初|\s*\d{1,2}\s*月)?(?:底|初|\s*\d{1,2}\s*日)?前?|\d{1,2}\s*月(?:底|初|\s*\d{1,2}\s*日)?前?|第\s*\d+\s*[季期年]?"
)
_BETWEEN = re.compile(r"[；;、。]|[，,](?!\d{3})")  # 青年85%、失業者70%
# What stands before a number without naming a part: ≧85%, 每年2場次, at least 3
_FILLER = re.compile(
    r"^(?:[≧≦≥≤<>=~±約近達共計為至:：(（「]|每[年季月案件人場]|全年|年度|累計|至少|平均|不[低少]於|不[超高]過?於?|[低高小大優]於|超過|維持|(?:提[升高]|降低?|減少|增加)至?"
    r"|完成|辦理|舉辦|召開|補助|新增|培訓|目標值?|at least|at most|about|over|under|up to|NT\$|US\$|\$)+\s*"
)
_PART_MAX = 12  # characters; what is longer is a sentence, not the name of a part
_AFTERWARDS = re.compile(r"(?:(?:\(含\)|含)?以[上下內]|左右|上下|[/／]年|per year)$")  # 80%以上
_AT_MOST = re.compile(
    r"[≦≤<＜]|以下|以內|不超過|不高於|低於|小於|至多|at most|no more than|not exceed|less than|below"
)  # ≦3%
# Words in an indicator's name that make fewer better; 職災死亡千人率.
_LOWER = re.compile(
    r"死亡|失能|傷病|傷亡|死傷|罹災|罹患|失業率|離職率|輟學|中輟|逾期|逾時|違規率|缺失率|事故|肇事|犯罪|發生率|排放|污染|漏水率|感染率|自殺|貧窮率"
    r"|等候|處理天數|辦理天數|負債|再犯|吸菸|肥胖|近視|超額|超收|(?:降低|減少|下降|縮短)(?!.*(?:件數|場次|人次))"
    r"|[Dd]eath|[Ff]atal|[Ii]njur|[Uu]nemployment|[Mm]ortality|[Aa]ccident|[Ee]mission|[Cc]rime|[Ww]aiting|[Pp]overty"
    r"|[Ss]moking|[Oo]besity|[Rr]eoffend|[Rr]ecidivism"
    r"|[Pp]ollution|[Ll]eakage|[Dd]ropout|[Ii]nfection"
)
# Work done against them is better when more, and so is the amount of a decrease; 職災預防宣導場次, 事故死亡人數降低比率.
_WORK_DONE = re.compile(
    r"檢查|預防|保險|宣導|輔導|訓練|給付|改善|防制|查扣|查獲|沒收|查緝|破獲|減量|(?:降低|減少|下降)(?:比率|比例|率|幅度|數|量)|[降減]幅"
    r"|[Pp]revent|[Ii]nspect|[Ii]nsur|[Tt]raining|[Rr]educ(?:ed|tion)|[Dd]ecrease"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit as printed (人次, %, ""), and the part of a two-part value that it names (青年)."""

    value: float
    unit: str
    part: str
    printed: str


def parse_quantity(text: str) -> Quantity | None:
    """The first quantity of a text, or None when it prints no number; of a range the first number."""
    plain = _DATE.sub(lambda found: " " * len(found.group(0)), unicodedata.normalize("NFKC", text))
    marker = match_marker(plain.lstrip())
    begins = plain.index(marker.printed) + len(marker.printed) if marker else 0
    found = _QUANTITY.search(plain, begins)
    if found is None:
        return None
    part = _FILLER.sub("", plain[begins : found.start()].strip()).strip("：: ")
    part = part if len(part) <= _PART_MAX and not set(part) & set("()") else ""
    return Quantity(_value(found["number"]), _unit(found["range_unit"] or found["unit"]), part, text.strip())


def parse_quantities(text: str) -> list[Quantity]:
    """The quantities of a cell: of each line, and of each part that a line prints: 「青年85%、失業者70%」."""
    parts = [part for line in text.split("\n") for part in _BETWEEN.split(line)]
    return [quantity for part in parts if (quantity := parse_quantity(part)) is not None]


def lower_is_better(name: str) -> bool:
    """True when the words of an indicator's name say that fewer is better (死亡, 失能, 傷病, 失業率 ...)."""
    return _LOWER.search(name) is not None and _WORK_DONE.search(name) is None


def limits_from_above(target: str) -> bool:
    """True when a printed target is a limit not to be passed: 「≦3%」, 「5件以下」."""
    return _AT_MOST.search(unicodedata.normalize("NFKC", target)) is not None


def reaches(target: float | None, actual: float | None, lower: bool) -> bool | None:
    """Whether the actual reaches the target in its direction; None when one of them is missing."""
    if target is None or actual is None:
        return None
    return actual <= target if lower else actual >= target


def _unit(printed: str) -> str:
    unit = _AFTERWARDS.sub("", printed.strip())
    return "%" if unit.replace(" ", "").lower() == "percent" else unit


def _value(number: str) -> float:
    """The number behind digits and scales: 2千5百萬 is (2 x 1000 + 5 x 100) x 10,000."""
    total = section = digits = 0.0
    for plain, scale in _PIECE.findall(number):
        if plain:
            digits = float(plain.replace(",", ""))
        elif scale in _BELOW_MYRIAD:
            section, digits = section + digits * _BELOW_MYRIAD[scale], 0.0
        else:
            total, section, digits = total + (section + digits) * _MYRIADS[scale], 0.0, 0.0
    return round((total + section + digits) * (-1 if number[0] in "-−" else 1), 9)
