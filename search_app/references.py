"""Queries that name a place: 「106 壹 三 (四)」, 「指標 8.7.1」, 「KPI 四-1」."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from indexer.markers import match_marker
from indexer.titles import year_ce

_YEAR = re.compile(r"(?:民國)?\s*(\d{2,4})\s*年?度?\s*(?=[^\d\s.,-])")  # 106年度 壹三(四)
_INDICATOR = re.compile(
    r"(?:指標|indicator|SDG)?\s*(\d{1,2}\.[0-9a-z]{1,2}(?:\.\d{1,2})?)$", re.IGNORECASE
)  # 指標 8.7.1
_KPI = re.compile(
    r"(?:KPI|關鍵績效指標|績效指標)\s*([一二三四五六七八九十]{1,3})\s*[-－–之、.]?\s*(\d{1,2})$", re.IGNORECASE
)  # KPI 四-1
_CAPITAL = re.compile(r"[壹貳貮參叁肆伍陸柒捌玖拾]{1,3}")
_SMALL = re.compile(r"[一二三四五六七八九十]{1,3}")
_BRACKETED = re.compile(r"[（(]\s*[一二三四五六七八九十\d]{1,3}\s*[)）]")
_PIECE = re.compile(
    rf"\s*(?:({_CAPITAL.pattern})|({_BRACKETED.pattern})|({_SMALL.pattern})|(\d{{1,2}})[.、])[、,，]?\s*"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """The place that a query names: the markers from the top, as (style, ordinal); ``year`` is CE, None for every year."""

    year: int | None
    markers: tuple[tuple[str, int], ...]


def parse_reference(text: str) -> Reference | None:
    """The place behind 「106 壹 三 (四)」 or 「壹三（四）」; None when the text is anything else."""
    plain = unicodedata.normalize("NFKC", text).strip()
    year, plain = _take_year(plain)
    markers: list[tuple[str, int]] = []
    place = 0
    while place < len(plain):
        piece = _PIECE.match(plain, place)
        marker = _marker(piece) if piece else None
        if piece is None or marker is None:
            return None
        markers.append(marker)
        place = piece.end()
    return Reference(year, tuple(markers)) if len(markers) >= 2 and markers[0][0] in ("part", "item") else None


def parse_indicator_number(text: str) -> str | None:
    """The indicator number that a query consists of: 指標 8.7.1 gives 8.7.1, KPI 四-1 gives 四-1."""
    plain = unicodedata.normalize("NFKC", text).strip()
    kpi = _KPI.match(plain)
    if kpi:
        return f"{kpi.group(1)}-{kpi.group(2)}"
    found = _INDICATOR.match(plain)
    return found.group(1).lower() if found and found.group(1).count(".") == 2 else None


def leading_indicator_number(text: str) -> str | None:
    """The indicator number that a query begins with: 指標8.7.1職災死亡千人率 gives 8.7.1."""
    found = re.match(r"\s*指標\s*(\d{1,2}\.[0-9a-z]{1,2}\.\d{1,2})", unicodedata.normalize("NFKC", text))
    return found.group(1) if found else None


def _take_year(text: str) -> tuple[int | None, str]:
    found = _YEAR.match(text)
    if found is None:
        return None, text
    try:
        return year_ce(int(found.group(1))), text[found.end() :].strip()
    except ValueError:
        return None, text


def _marker(piece: re.Match[str]) -> tuple[str, int] | None:
    """A piece as the marker that a plan would print: 三 as 三、, (四) as （四）."""
    capital, bracketed, small, number = piece.groups()
    printed = f"{capital}、" if capital else bracketed or (f"{small}、" if small else f"{number}.")
    marker = match_marker(printed)
    return (marker.style, marker.ordinal) if marker else None
