"""Plans of other ministries and years, each against the tree that was written down before it was parsed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from indexer.clauses import parse_clauses
from indexer.corpus import describe, source_of
from indexer.model import Clause, Indicator
from indexer.readers import read_blocks

PLANS = Path(__file__).parent.parent / "fixtures" / "plans"
NAMES = sorted(path.stem for path in PLANS.glob("*.yaml"))
FIELDS = ("number", "name", "period", "part", "target", "actual", "unit", "direction", "met")


def wanted(name: str) -> dict[str, Any]:
    tree: dict[str, Any] = yaml.safe_load((PLANS / f"{name}.yaml").read_text(encoding="utf-8"))
    return tree


def parsed(name: str) -> tuple[list[Clause], list[Indicator]]:
    clauses, indicators, account = parse_clauses(read_blocks(PLANS / wanted(name)["source"]), "d")
    assert account.missing == 0
    assert account.total == account.clauses + account.headings + account.cells + account.furniture + account.damaged
    return clauses, indicators


def test_there_are_plans() -> None:
    assert len(NAMES) >= 8


@pytest.mark.parametrize("name", NAMES)
def test_tree(name: str) -> None:
    expected = [
        (f"d/{clause['id']}", clause["kind"], clause.get("marker", ""), tuple(clause.get("under", ())), clause["text"])
        for clause in wanted(name)["clauses"]
    ]
    clauses, _ = parsed(name)
    assert [(c.clause_id, c.kind, c.marker, c.section_path, c.text) for c in clauses] == expected


@pytest.mark.parametrize("name", NAMES)
def test_cells(name: str) -> None:
    cells = {f"d/{clause['id']}": clause["cells"] for clause in wanted(name)["clauses"] if "cells" in clause}
    clauses, _ = parsed(name)
    assert {clause.clause_id: dict(clause.cells) for clause in clauses if clause.clause_id in cells} == cells


@pytest.mark.parametrize("name", NAMES)
def test_indicators(name: str) -> None:
    expected = [
        (*(entry.get(field, "" if field == "part" else None) for field in FIELDS), f"d/{entry['under']}")
        for entry in wanted(name)["indicators"]
    ]
    _, indicators = parsed(name)
    assert [(*(getattr(entry, field) for field in FIELDS), entry.clause_id) for entry in indicators] == expected


@pytest.mark.parametrize("name", [name for name in NAMES if "year" in wanted(name)])
def test_title_and_year_stand_in_the_text(name: str) -> None:
    path = PLANS / wanted(name)["source"]
    info = describe(source_of(path), read_blocks(path))
    assert (info.title_zh, info.year_ce) == (wanted(name)["title"], wanted(name)["year"])
