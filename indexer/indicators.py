"""Targets and actuals of a table row as Indicators, two by two and year by year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from indexer.headers import Column
from indexer.model import Indicator
from indexer.quantities import Quantity, limits_from_above, lower_is_better, parse_quantities, reaches
from indexer.roles import period_of, unit_of
from indexer.tablerows import Row

_SERIES = ("target", "actual")


@dataclass(frozen=True, slots=True)
class _Year:
    """The roles of one year's columns; "" where the table has none."""

    period: str
    target: str = ""
    actual: str = ""


def measured_roles(columns: Sequence[Column]) -> tuple[str, ...]:
    """The roles of all target and actual columns from left to right."""
    return tuple(column.role for column in columns if column.role.startswith(_SERIES))


def indicators_of(
    row: Row, columns: Sequence[Column], number: str, name: str, goal: str, formula: str
) -> tuple[Indicator, ...]:
    """One Indicator per target and its actual; a row without a number in either keeps the printed texts."""
    made = []
    units = {column.role: unit_of(column.name) for column in columns if column.role.startswith(_SERIES)}
    years = _years(columns)
    lower = lower_is_better(name) or any(limits_from_above(row.text(year.target)) for year in years)
    for year in years:
        target_text, actual_text = row.text(year.target), row.text(year.actual)
        unit = units.get(year.target) or units.get(year.actual, "")
        for target, actual in _pairs(parse_quantities(target_text), parse_quantities(actual_text)):
            shown = target or actual
            made.append(
                Indicator(
                    number=number, name=name, goal=goal, formula=formula, part=_part(target, actual),
                    unit=(shown.unit if shown else "") or row.text("unit") or unit, period=year.period,
                    direction="lower" if lower else "higher", target=target.value if target else None,
                    target_printed=target.printed if target else target_text, actual=actual.value if actual else None,
                    actual_printed=actual.printed if actual else actual_text,
                    met=reaches(target.value if target else None, actual.value if actual else None, lower), clause_id="",
                )
            )  # fmt: skip
    return tuple(made)


def _years(columns: Sequence[Column]) -> list[_Year]:
    """Columns grouped by the year that their headers print; a header without one goes with the only year there is."""
    found: dict[str, dict[str, str]] = {}
    for column in columns:
        series = next((series for series in _SERIES if column.role.startswith(series)), None)
        if series is not None:
            found.setdefault(period_of(column.name), {}).setdefault(series, column.role)
    named = [period for period in found if period]
    if "" in found and len(named) == 1:
        found = {named[0]: {**found[""], **found[named[0]]}}
    return [_Year(period, **roles) for period, roles in found.items()] or [_Year("")]


def _pairs(targets: Sequence[Quantity], actuals: Sequence[Quantity]) -> list[tuple[Quantity | None, Quantity | None]]:
    """Targets with their actuals: by the part that both name (青年, 失業者), else by their order."""
    parts = {quantity.part: quantity for quantity in actuals}
    if targets and len(parts) == len(targets) and {target.part for target in targets} == set(parts):
        return [(target, parts[target.part]) for target in targets]
    return list(zip_longest(targets, actuals)) or [(None, None)]


def _part(target: Quantity | None, actual: Quantity | None) -> str:
    return (target.part if target else "") or (actual.part if actual else "")
