"""The boxes of ruled tables on a PDF page, those included that the page end leaves open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Edge = dict[str, Any]  # pdfplumber's: orientation, x0, x1, top, bottom, width

_TOUCH = 2.0  # points; rules that are nearer than this meet
_RULE_MIN = 4.0  # points; what is shorter is the end of a vertical rule, not a horizontal one
_RULES_MAX = 500  # vertical rules; a page with more is a drawing


@dataclass(frozen=True, slots=True)
class Box:
    """A cell in points from the top left corner; ``is_cut`` says that no rule closes it at the bottom."""

    x0: float
    top: float
    x1: float
    bottom: float
    is_cut: bool


@dataclass(frozen=True, slots=True)
class _Rule:
    """A vertical rule at ``place`` points from the left."""

    place: int
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class _Gap:
    """Two vertical rules that both end at ``height`` with no horizontal one between them."""

    height: float
    left: float
    right: float


def find_tables(page: Any) -> list[list[Box]]:
    """The cells of each table of a pdfplumber page; frames around a single text are no tables."""
    tops, bottoms = _gaps(page.edges, "top"), _gaps(page.edges, "bottom")
    lines = sorted({gap.height for gap in [*tops, *bottoms]})
    tables = page.find_tables({"explicit_horizontal_lines": lines} if lines else {})
    return [[_box(cell, bottoms) for cell in table.cells] for table in tables if len(table.cells) > 1]


def _box(cell: Sequence[float], bottoms: Sequence[_Gap]) -> Box:
    x0, top, x1, bottom = cell
    cut = any(abs(gap.height - bottom) <= _TOUCH and gap.left < (x0 + x1) / 2 < gap.right for gap in bottoms)
    return Box(x0, top, x1, bottom, cut)


def _gaps(edges: Sequence[Edge], side: str) -> list[_Gap]:
    """Where rows have no line above (side top) or below them (side bottom): there a page break cut them."""
    levels = [edge for edge in edges if edge["orientation"] == "h" and edge["width"] > _RULE_MIN]
    rules = _vertical_rules(edges)
    return [gap for gap in _ends(rules, side) if not _is_closed(gap, levels)] if len(rules) <= _RULES_MAX else []


def _vertical_rules(edges: Sequence[Edge]) -> list[_Rule]:
    """Vertical rules from left to right, pieces that touch put together."""
    rules: list[_Rule] = []
    pieces = sorted((round(edge["x0"]), edge["top"], edge["bottom"]) for edge in edges if edge["orientation"] == "v")
    for place, top, bottom in pieces:
        last = rules[-1] if rules else None
        if last is not None and last.place == place and top <= last.bottom + _TOUCH:
            rules[-1] = _Rule(place, last.top, max(last.bottom, bottom))
        else:
            rules.append(_Rule(place, top, bottom))
    return rules


def _ends(rules: Sequence[_Rule], side: str) -> Iterator[_Gap]:
    """Pairs of neighbouring rules that end at one height; neighbours are those that run side by side up to it."""
    for index, rule in enumerate(rules):
        height = rule.top if side == "top" else rule.bottom
        beside = (
            other
            for other in rules[index + 1 :]
            if other.place - rule.place > _RULE_MIN
            and min(rule.bottom, other.bottom) - max(rule.top, other.top) > _TOUCH
        )
        neighbour = next((other for other in beside if other.top - _TOUCH <= height <= other.bottom + _TOUCH), None)
        if neighbour and abs((neighbour.top if side == "top" else neighbour.bottom) - height) <= _TOUCH:
            yield _Gap(height, rule.place, neighbour.place)


def _is_closed(gap: _Gap, levels: Sequence[Edge]) -> bool:
    middle = (gap.left + gap.right) / 2
    return any(abs(edge["top"] - gap.height) <= _TOUCH and edge["x0"] < middle < edge["x1"] for edge in levels)
