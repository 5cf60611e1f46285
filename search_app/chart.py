"""Target against actual as an SVG that can be read: by eye without colour, by a screen reader, and beside a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from indexer.text import display_width
from search_app.indicator_english import EnglishNames
from search_app.indicators import IndicatorRow

Language = Literal["zh", "en"]

WIDTH, LABEL, VALUE = 1120, 330, 380  # user units: the whole, the names on the left, the figures on the right
ROW, BAR, TOP, FOOT = 34, 16, 44, 14
MOST = 2.0  # of the target; longer bars are cut there and say so
_COLUMNS = 42  # of a name, a Chinese character counting two; the whole stands in the bar's title
_WORDS = {
    "zh": {
        "title": "指標：實績占目標值的比率", "target": "目標值（100%）", "met": "達成", "missed": "未達成", "no-actual": "未刊載實績",
        "lower": "愈低愈好", "cut": "超出圖幅",
        "desc": "橫條圖，共 {count} 項指標；直線為目標值。{met} 項達成，{missed} 項未達成，{none} 項未刊載實績。"
                "愈低愈好的指標，橫條超過直線即為未達成。各項數值見下方表格。",
        "unofficial": "",
    },
    "en": {
        "title": "Indicators: actual as a share of the target", "target": "target (100%)", "met": "met", "missed": "missed",
        "no-actual": "no actual printed", "lower": "lower is better", "cut": "beyond the chart",
        "desc": "Bar chart of {count} indicators; the line is the target. {met} met, {missed} missed, {none} without a "
                "printed actual. Where lower is better, a bar beyond the line has missed. The table below has every figure.",
        "unofficial": " English names are unofficial renderings.",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the chart; ``share`` is actual over target (1.0 is the target), None without an actual.

    ``chinese`` is True where the name is Chinese in a chart of another language, which then has to say so.
    """

    name: str
    share: float | None
    figures: str
    status: str
    spoken: str
    chinese: bool = False


def bars(
    rows: Sequence[IndicatorRow], language: Language, english: Mapping[str, EnglishNames] | None = None
) -> list[Bar]:
    """What the chart shows, for a template that draws it otherwise."""
    return [_bar(row, language, english or {}) for row in rows]


def chart(
    rows: Sequence[IndicatorRow], language: Language = "zh", chart_id: str = "indicator-chart",
    english: Mapping[str, EnglishNames] | None = None,
) -> str:  # fmt: skip
    """The SVG, with title and description; "" without rows. ``chart_id`` must be unique in the page.

    ``english`` holds unofficial English names by clause id; an English chart uses them and says so.

    Colours come from the page's style (classes met, missed, no-actual); shape and words say the same: a missed bar is
    hatched and an indicator without an actual has an empty frame.
    """
    if not rows:
        return ""
    words, lines = _WORDS[language], bars(rows, language, english)
    height = TOP + ROW * len(lines) + FOOT
    counts = {name: sum(line.status == name for line in lines) for name in ("met", "missed", "no-actual")}
    told = words["desc"].format(count=len(lines), met=counts["met"], missed=counts["missed"], none=counts["no-actual"])
    told += words["unofficial"] if language == "en" and any(not line.chinese for line in lines) else ""
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="indicator-chart" role="img" viewBox="0 0 {WIDTH} {height}" '
            f'lang="{"zh-Hant-TW" if language == "zh" else "en"}" '
            f'aria-labelledby="{escape(chart_id)}-title {escape(chart_id)}-desc">',
            f'<title id="{escape(chart_id)}-title">{escape(words["title"])}</title>',
            f'<desc id="{escape(chart_id)}-desc">{escape(told)}</desc>',
            _hatch(chart_id),
            *(_drawn(line, place, chart_id, words) for place, line in enumerate(lines)),
            _target_line(height, words["target"]),
            "</svg>",
        ]
    )


def _bar(row: IndicatorRow, language: Language, english: Mapping[str, EnglishNames]) -> Bar:
    words, one = _WORDS[language], row.indicator
    named = english.get(one.clause_id) if language == "en" else None
    name = f"{one.number} {named.name if named else one.name}"
    if one.part and one.part not in one.name and not named:
        name += f"（{one.part}）"
    figures = _printed(row, language)
    lower = f"，{words['lower']}" if one.direction == "lower" else ""
    spoken = f"{name}：{words[row.status]}，{figures}{lower}"
    chinese = language == "en" and any("\u3400" <= char <= "\u9fff" for char in name)
    return Bar(name, row.attained, figures, row.status, spoken if language == "zh" else _half_width(spoken), chinese)


def _printed(row: IndicatorRow, language: Language) -> str:
    """Actual and target: as printed in Chinese; in English the figures alone, for 1萬7,168人次 is no English."""
    one = row.indicator
    if language == "zh":
        return f"{one.actual_printed or '—'} / {one.target_printed}"
    percent = "%" if one.unit == "%" else ""
    shown = ["—" if value is None else f"{value:,.10g}{percent}" for value in (one.actual, one.target)]
    return " / ".join(shown)


def _drawn(line: Bar, place: int, chart_id: str, words: dict[str, str]) -> str:
    """One bar with its name, its figures and its status in words."""
    middle = TOP + ROW * place + ROW / 2
    share = 1.0 if line.share is None else min(max(line.share, 0.0), MOST)
    cut = f" ({words['cut']})" if line.share is not None and line.share > MOST else ""
    fill = f' fill="url(#{escape(chart_id)}-hatch)"' if line.status == "missed" else ""
    lang = ' lang="zh-Hant-TW"' if line.chinese else ""
    frame = ' fill="none" stroke="currentColor" stroke-dasharray="4 3"' if line.status == "no-actual" else fill
    return (
        f"<g><title{lang}>{escape(line.spoken)}</title>"
        f'<text x="{LABEL - 10}" y="{middle + 5:g}" text-anchor="end" font-size="14" fill="currentColor"{lang}>'
        f"{escape(_short(line.name))}</text>"
        f'<rect class="{line.status}" x="{LABEL}" y="{middle - BAR / 2:g}" width="{share * _unit():.1f}" '
        f'height="{BAR}"{frame}/>'
        f'<text x="{WIDTH - VALUE + 10}" y="{middle + 5:g}" font-size="13" fill="currentColor">'
        f"{escape(words[line.status])} {escape(line.figures)}{escape(cut)}</text></g>"
    )


def _target_line(height: int, name: str) -> str:
    x = f"{LABEL + _unit():.1f}"
    return (
        f'<line class="target" x1="{x}" x2="{x}" y1="{TOP - 8}" y2="{height - FOOT}" stroke="currentColor" '
        f'stroke-width="2"/><text x="{x}" y="{TOP - 16}" text-anchor="middle" font-size="13" fill="currentColor">'
        f"{escape(name)}</text>"
    )


def _hatch(chart_id: str) -> str:
    return (
        f'<defs><pattern id="{escape(chart_id)}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="6" stroke="currentColor" stroke-width="3"/>'
        "</pattern></defs>"
    )


def _unit() -> float:
    """Width of a bar that reaches its target."""
    return (WIDTH - LABEL - VALUE) / MOST


def _short(name: str) -> str:
    """The name, cut to the columns that fit on the left."""
    if display_width(name) <= _COLUMNS:
        return name
    while display_width(name) > _COLUMNS - 1:
        name = name[:-1]
    return f"{name}…"


def _half_width(text: str) -> str:
    return text.replace("：", ": ").replace("，", ", ").replace("（", " (").replace("）", ")")
