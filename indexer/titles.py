"""What a document says of itself on its first lines: title, agency, plan year, in Chinese and English."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from indexer.markers import match_marker, ordinal_of
from indexer.model import Block

_WITHIN = 6  # blocks: a cover prints agency, title, year and "draft" on lines of their own
_LINES = 3  # lines that may make one title
_LONGEST = 80  # characters of a title
_LOOK = 40  # blocks in which a plan may name itself in a sentence
_YEARS = range(1981, 2062)  # ROC 70-150: 「長照十年計畫」 names no plan year
_HAN = "一-鿿"
_DIGITS = "〇○零一二三四五六七八九十百"
_YEAR_ZH = re.compile(
    rf"(?:中華)?(?:民國)?\s*(?P<year>\d{{2,4}}|[{_DIGITS}]{{2,6}})\s*年?度?\s*"
    rf"(?:[至到~～–—－-]\s*(?:民國)?\s*(?:\d{{2,4}}|[{_DIGITS}]{{2,6}})\s*)?年(?:度)?"
)  # 113年度, 中華民國一百十三年度, 110至113年
_YEAR_CE = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?!\d)")  # 2021 Voluntary Review, FY2024-25
_NOUN = re.compile(
    r"(?:計畫|方針|方案|報告|綱領|綱要|白皮書|藍圖|成果)(?:書|表)?(?:\s*[（(][^（()）]{1,16}[)）])?$"
    r"|(?:計畫|報告|方案|綱領)書?\s*(?=[（(]?\s*(?:民國)?\d)"
    r"|\b(?:Plan|Report|Review|Programme|Program|Strategy|White Paper|Priorities)\b"
)  # 施政計畫（草案）, 中程施政計畫110至113年度, Annual Report 2024
_REPORT = re.compile(r"報告|成果|\b(?:Report|Review)\b")
_SENTENCE = re.compile(r"[，。；：！？,;!?]|\.\s*$|[a-z]{2}\. ")
_ENDS = "部|署|局|院|處|府|所|會|中心|學校|大學|公司"
_AGENCY = re.compile(
    rf"([{_HAN}]{{1,16}}?(?:{_ENDS}))(?=$|[\s\d（(]|中華民國|民國|[{_DIGITS}]{{2,6}}年|中程|中長程|年度|施政|業務|工作|執行|推動|永續|性別)"
)  # 嘉義縣政府 中程施政計畫
_AGENCY_EN = re.compile(
    r"((?:[A-Z][\w'’-]+ ){0,4}?(?:Ministry|Bureau|Council|Agency|Department|Administration|Commission|Authority|Office|Institute"
    r"|Government|Directorate|Secretariat)\b(?:,? (?:of|for|on|and|the)(?: (?:of|for|on|and|the))*(?: (?!(?:Annual|Administrative"
    r"|Policy|Strategic|Work|Action|Mid|Medium|Performance|Plan|Report|Fiscal)\b)[A-Z][\w'’-]+)+)*)"
)  # Ministry of Health and Welfare Annual Plan
_PLAN = re.compile(rf"(?:([{_HAN}]{{2,15}}?)\s*)?(\d{{2,4}})\s*年度\s*施政計畫")  # 勞動部 108 年度施政計畫


@dataclass(frozen=True, slots=True)
class Imprint:
    """Title and year (CE) as printed; ``agency`` is "" where none stands with them.

    ``named`` says that the text itself calls it the plan of that year (「108年度施政計畫」).
    """

    title: str
    agency: str
    year_ce: int
    kind: Literal["annual_plan", "report"]
    named: bool


def year_ce(year: int) -> int:
    """A plan year in the common era: 106 -> 2017, 2017 -> 2017. Raises ValueError outside ROC 1-200 and CE 1912-2111."""
    if 1 <= year <= 200:
        return year + 1911
    if 1912 <= year <= 2111:
        return year
    raise ValueError(f"{year} is neither a ROC year (1-200) nor a CE year (1912-2111)")


@dataclass(frozen=True, slots=True)
class Cover:
    """The lines [first, end) that make the title together, and the one of them that names the plan."""

    first: int
    end: int
    named: int


def read_imprint(blocks: Sequence[Block], file_stem: str = "") -> Imprint | None:
    """What the first lines print, else a plan that the text names, else what the file's name tells; None for nothing."""
    texts = [block.text for block in blocks if block.kind in ("paragraph", "heading")]
    aside = [block.text for block in blocks[:_LOOK] if block.kind == "furniture"]
    return (
        _on_cover(texts)
        or _named([block.text for block in blocks if block.kind in ("paragraph", "heading", "furniture")])
        or next(filter(None, (_imprint([text]) for text in (*aside, file_stem.replace("_", " ")))), None)
    )


def find_cover(texts: Sequence[str]) -> Cover | None:
    """Where the title stands among the first texts: as few lines as name a plan or report and its year."""
    lines: list[str] = []
    for text in texts[:_WITHIN]:
        if not _is_line(text) or match_marker(text) is not None:
            break
        lines.append(text)
    for count in range(1, _LINES + 1):
        for first in range(len(lines) - count + 1):
            window = lines[first : first + count]
            if is_title(_joined(window)):
                named = next((index for index, line in enumerate(window) if _NOUN.search(line)), 0)
                return Cover(first, first + count, first + named)
    return None


def is_title(text: str) -> bool:
    """True for a line that names a plan or report and its year."""
    return _year(text) is not None and _is_line(text) and _NOUN.search(text) is not None


def _on_cover(texts: Sequence[str]) -> Imprint | None:
    """The title of the cover; an agency in a line of its own before it belongs to it."""
    cover = find_cover(texts)
    if cover is None:
        return None
    lines = list(texts[cover.first : cover.end])
    before = texts[cover.first - 1] if cover.first else ""
    return _imprint([before, *lines] if _agency([before]) == before != "" and not _agency(lines) else lines)


def _is_line(text: str) -> bool:
    return 0 < len(text) <= _LONGEST and _SENTENCE.search(text) is None


def _imprint(lines: Sequence[str]) -> Imprint | None:
    text = _joined(lines)
    year = _year(text)
    if year is None or _NOUN.search(text) is None or not _is_line(text):
        return None
    kind: Literal["annual_plan", "report"] = "report" if _REPORT.search(text) else "annual_plan"
    return Imprint(text, _agency(lines), year, kind, _PLAN.search(text) is not None)


def _joined(lines: Sequence[str]) -> str:
    """The lines as one title: no blank between Chinese, one between English words."""
    text = " ".join(" ".join(lines).split())
    return text if text.isascii() else re.sub(rf"(?<=[{_HAN}\d（）()]) (?=[{_HAN}\d（）()])", "", text)


def _agency(lines: Sequence[str]) -> str:
    for line in lines:
        plain = _YEAR_ZH.sub("", line, count=1).strip() if _YEAR_ZH.match(line) else line
        found = _AGENCY.match("".join(plain.split())) or _AGENCY_EN.search(plain)
        if found is not None:
            return found.group(1)
    return ""


def _year(text: str) -> int | None:
    """The first year that a title prints, in the common era; of several years the plan begins with it."""
    for found in (*_YEAR_ZH.finditer(text), *_YEAR_CE.finditer(text)):
        number = found["year"]
        value = int(number) if number.isdecimal() else ordinal_of(number)
        year = value + 1911 if value is not None and value < 1000 else value
        if year in _YEARS:
            return year
    return None


def _named(texts: Sequence[str]) -> Imprint | None:
    """The plan that one of the first texts names: 「…編定113年度施政計畫。」"""
    for text in texts[:_LOOK]:
        found = _PLAN.search(text)
        if found is None or not _is_year(int(found.group(2))):
            continue
        agency, number = found.group(1) or "", int(found.group(2))
        is_agency = found.start() == 0 and re.search(f"(?:{_ENDS}|委)$", agency) is not None
        title = "".join(found.group(0).split()) if is_agency else f"{number}年度施政計畫"
        return Imprint(title, agency if is_agency else "", year_ce(number), "annual_plan", True)
    return None


def _is_year(number: int) -> bool:
    try:
        year_ce(number)
    except ValueError:
        return False
    return True
