"""What a change of the ranking gained and lost: an evaluation against a kept one, per category and per query.

The kept file is what ``plansearch evaluate ... --json`` printed: for each run its categories and its queries.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError

from indexer.errors import ConfigError
from search_app.evaluate import Evaluation

MEASURE = "nDCG@10"
_LEAST = 0.0005  # smaller differences are not shown


class _KeptRun(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    categories: dict[str, dict[str, float]]
    queries: dict[str, dict[str, Any]]


class _KeptRuns(RootModel[dict[str, _KeptRun]]):
    pass


@dataclass(frozen=True, slots=True)
class Change:
    """A measure of one category or query, before and now; None where it was not measured."""

    name: str
    before: float | None
    now: float | None

    @property
    def difference(self) -> float:
        """Now less before; what is new or gone counts from 0."""
        return (self.now or 0.0) - (self.before or 0.0)


@dataclass(frozen=True, slots=True)
class Gains:
    """Changes of one run: of its categories in their order, of its queries from the greatest loss to the greatest gain."""

    categories: tuple[Change, ...]
    queries: tuple[Change, ...]

    @property
    def lost(self) -> tuple[Change, ...]:
        """Queries that are worse now, worst first."""
        return tuple(change for change in self.queries if change.difference < 0)

    @property
    def gained(self) -> tuple[Change, ...]:
        """Queries that are better now, best first."""
        return tuple(change for change in reversed(self.queries) if change.difference > 0)


def read_kept(path: Path) -> Mapping[str, Evaluation]:
    """The evaluations of a kept file by the name of their run. Raises ConfigError that says what is wrong with it."""
    try:
        kept = _KeptRuns.model_validate(json.loads(path.read_text(encoding="utf-8"))).root
    except OSError as cause:
        raise ConfigError(f"{path} cannot be read: {cause.strerror}.") from cause
    except (ValidationError, ValueError) as cause:
        raise ConfigError(
            f"{path} is no kept evaluation: {str(cause).splitlines()[0]}.",
            "Make one with: plansearch evaluate JUDGED --json > FILE",
        ) from cause
    return {name: Evaluation(run.categories, run.queries, {}) for name, run in kept.items()}


def gains(now: Evaluation, before: Evaluation) -> Gains:
    """What changed between two evaluations of the same queries."""
    queries = sorted(_changes(now.per_query, before.per_query), key=lambda change: (change.difference, change.name))
    return Gains(tuple(_changes(now.table, before.table, least=0.0)), tuple(queries))


def _changes(
    now: Mapping[str, Mapping[str, Any]], before: Mapping[str, Mapping[str, Any]], least: float = _LEAST
) -> Iterator[Change]:
    for name in dict.fromkeys((*now, *before)):
        change = Change(name, _value(before, name), _value(now, name))
        if abs(change.difference) >= least:
            yield change


def _value(measured: Mapping[str, Mapping[str, Any]], name: str) -> float | None:
    return float(measured[name][MEASURE]) if name in measured else None
