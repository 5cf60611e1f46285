"""Target against actual, one bar an indicator: what the page draws, and says in words beside each bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indexer.text import is_cjk
from search_app.frames import Language, number_text
from search_app.indicator_english import EnglishNames
from search_app.indicators import IndicatorRow

MOST = 2.0  # of the target; a longer bar is cut there and says so


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the chart.

    ``share`` is actual over target (1.0 is the target), None without an actual. ``chinese`` is True where the name is
    Chinese in a chart of another language, which then has to say so.
    """

    clause_id: str
    number: str
    name: str
    share: float | None
    figures: str
    status: str
    lower: bool
    chinese: bool

    @property
    def percent(self) -> float:
        """Length of the bar in percent of the chart's width."""
        return round(min(max(self.share or 0.0, 0.0), MOST) / MOST * 100, 2)

    @property
    def cut(self) -> bool:
        """True when the bar would leave the chart."""
        return self.share is not None and self.share > MOST


def bars(
    rows: Sequence[IndicatorRow], language: Language, english: Mapping[str, EnglishNames] | None = None
) -> list[Bar]:
    """The lines of the chart. ``english`` holds unofficial English names by clause id, used where the page is English."""
    return [_bar(row, language, (english or {}) if language == "en" else {}) for row in rows]


def _bar(row: IndicatorRow, language: Language, english: Mapping[str, EnglishNames]) -> Bar:
    one = row.indicator
    named = english.get(one.clause_id)
    name = named.name if named else one.name
    if one.part and one.part not in one.name and not named:
        name += f"（{one.part}）"
    chinese = language == "en" and any(map(is_cjk, name))
    return Bar(
        one.clause_id, one.number, name, row.attained, _figures(row, language), row.status, one.direction == "lower", chinese
    )  # fmt: skip


def _figures(row: IndicatorRow, language: Language) -> str:
    """Actual and target: as printed in Chinese; in English the figures, for 1萬7,168人次 is no English."""
    one = row.indicator
    if language == "zh":
        return f"{one.actual_printed or '—'} / {one.target_printed}"
    actual, target = (
        "—" if value is None else number_text(value, unit, language)
        for value, unit in ((one.actual, "%" if one.unit == "%" else ""), (one.target, one.unit))
    )
    return f"{actual} / {target}"
