"""Unofficial English names of indicators and their goals, from what editors wrote beside their rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from indexer.model import Indicator
from indexer.store import Rendering

_NUMBERED = re.compile(
    r"(?i)^(?:indicator|kpi)?\s*[\w.-]*\d[\w.-]*\s*[:.]?\s+"
)  # "Indicator 8.7.1: " of a row's rendering
_ORDINAL = re.compile(r"^[^A-Za-z]+")  # the printed number of a heading: 四 of "四 Raise the standard of safety"


@dataclass(frozen=True, slots=True)
class EnglishNames:
    """An indicator's name in English, and its goal's ("" where the goal is a number or has no rendering)."""

    name: str
    goal: str


def english_names(indicators: list[Indicator], renderings: Mapping[str, Rendering]) -> dict[str, EnglishNames]:
    """The names by clause id, of the indicators whose row has a rendering. Unofficial, as all renderings are."""
    return {
        one.clause_id: EnglishNames(_name(renderings[one.clause_id].en), _goal(one, renderings[one.clause_id]))
        for one in indicators
        if one.clause_id in renderings
    }


def _name(rendering: str) -> str:
    """The first line of a row's rendering, which is its name, without the number that the table shows anyway."""
    first = rendering.split("\n", 1)[0].strip()
    return _NUMBERED.sub("", first, count=1) or first


def _goal(indicator: Indicator, rendering: Rendering) -> str:
    """The heading right above the row where the goal is that heading; a goal that is a number (8.7) needs none."""
    named = any(char.isalpha() and not char.isascii() for char in indicator.goal)
    return _ORDINAL.sub("", rendering.headings_en[-1]) if named and rendering.headings_en else ""
