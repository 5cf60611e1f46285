"""What a typed query names besides words: a place, plan years, an indicator, fields; each can be taken out again."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from indexer.titles import year_ce
from search_app.references import parse_indicator_number, parse_reference
from search_app.syntax import FIELDS

PartKind = Literal["place", "years", "indicator", "year", "section", "document", "kind", "title"]

_NUMBER = r"(?<![\d.-])(?<!\d,)\d{2,4}(?![\d.,]*[\d%％‰]|\s*[人場件萬億元天歲個名次種案家項])"  # 106, 2017; never 2,000 or 20%
_YEAR = rf"(?:(?:民國|ROC|FY|year)\s*)?{_NUMBER}(?:\s*年度?)?"
_TO = r"\s*(?:\.\.|[-~–—～至到]|to|through)\s*"
_AND = r"\s*(?:[、,，和與及跟]|and|vs\.?|versus)\s*"
_YEARS = re.compile(rf"{_YEAR}(?:(?:{_TO}|{_AND}){_YEAR})*", re.IGNORECASE)  # 106年, 106、108年度, 2017 to 2019
_RANGE = re.compile(rf"\d(?:\s*年度?)?{_TO}(?:民國|ROC|FY|year)?\s*\d", re.IGNORECASE)  # 106年至108
_SAYS_YEAR = re.compile(r"年|民國|\bROC\b|\bFY", re.IGNORECASE)  # a bare 106 may be any number, 106年 may not
_FIELD = re.compile(rf'({"|".join(FIELDS)})[:：](?:["“”]([^"“”]*)["“”]|([^\s()"“”]+))')  # section:"勞動關係業務"
_INDICATOR = re.compile(
    r"(?:(?:指標|indicator|SDG|KPI|關鍵績效指標)\s*)?(?<![\d.])"
    r"(\d{1,2}\.[\da-z]{1,2}\.\d{1,2}|[一二三四五六七八九十]{1,2}-\d{1,2})(?![\d.])",
    re.IGNORECASE,
)  # 指標 8.7.1, KPI 四-1


@dataclass(frozen=True, slots=True)
class Part:
    """A recognised part of a query: what it is, its value, the query without it; ``years`` (CE) where it names some."""

    kind: PartKind
    value: str
    without: str
    years: tuple[int, ...] = ()


def recognised(text: str, plan_years: Collection[int]) -> list[Part]:
    """The parts in the order in which they stand; ``plan_years`` (CE) are those that year words can mean.

    A query that names other years too is about more than plans: 「106年度目標與2020年實際值」 names no plan year.
    """
    if parse_reference(text):
        return list(_place(text))
    found = [*_fields(text), *_years(text, plan_years), *_indicators(text)]
    return [part for _, part in sorted(found, key=lambda one: one[0])]


def _place(text: str) -> Iterator[Part]:
    """106 壹 三 (四): the year and the place, each of which can be taken out."""
    reference = parse_reference(text)
    year = re.match(rf"\s*{_YEAR}\s*", text, re.IGNORECASE) if reference and reference.year else None
    if reference and reference.year and year:
        yield Part("years", year.group().strip(), text[year.end() :].strip(), (reference.year,))
        yield Part("place", text[year.end() :].strip(), year.group().strip())
    else:
        yield Part("place", text.strip(), "")


def _fields(text: str) -> Iterator[tuple[int, Part]]:
    for found in _FIELD.finditer(text):
        name, quoted, plain = found.groups()
        value = quoted if quoted is not None else plain
        yield found.start(), Part(name, value, _cut(text, found))  # type: ignore[arg-type]


def _years(text: str, plan_years: Collection[int]) -> list[tuple[int, Part]]:
    named = [(found, _named(found.group())) for found in _YEARS.finditer(_without_fields(text))]
    if not {year for _, years in named for year in years} <= set(plan_years):
        return []
    return [
        (
            found.start(),
            Part("years", found.group().strip(), _cut(text, found), _meant(found.group(), years, plan_years)),
        )
        for found, years in named
        if years
    ]


def _indicators(text: str) -> Iterator[tuple[int, Part]]:
    for found in _INDICATOR.finditer(_without_fields(text)):
        number = found.group(1)
        if "." in number or parse_indicator_number(found.group()):
            yield found.start(), Part("indicator", number, _cut(text, found))


def _named(words: str) -> tuple[int, ...]:
    """The CE years printed in an expression such as 106、108年度 or 2017 to 2019, () when they are no years."""
    numbers = [int(number) for number in re.findall(r"\d+", words)]
    if not _SAYS_YEAR.search(words) and any(number < 1912 for number in numbers):
        return ()
    try:
        return tuple(sorted({year_ce(number) for number in numbers}))
    except ValueError:
        return ()


def _meant(words: str, named: tuple[int, ...], plan_years: Collection[int]) -> tuple[int, ...]:
    """The years named, and for a range the plan years between them."""
    if not _RANGE.search(words):
        return named
    return tuple(sorted(year for year in plan_years if named[0] <= year <= named[-1]))


def _without_fields(text: str) -> str:
    """The text with its fields and quoted words blanked, so that offsets stay."""
    blanked = _FIELD.sub(lambda found: " " * len(found.group()), text)
    return re.sub(r'["“][^"“”]*["”]', lambda found: " " * len(found.group()), blanked)


def _cut(text: str, found: re.Match[str]) -> str:
    """The text without a match, and without the 的 or comma that is then left over."""
    before, after = text[: found.start()].rstrip(), re.sub(r"^[\s的]+", "", text[found.end() :])
    blank = " " if before[-1:].isascii() or after[:1].isascii() else ""
    return f"{before}{blank}{after}".strip(" ,，、")
