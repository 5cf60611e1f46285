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

from ..plan_files import PLANS, plan_bytes

NAMES = sorted(path.stem for path in PLANS.glob("*.yaml"))
FIELDS = ("number", "name", "period", "part", "target", "actual", "unit", "direction", "met")


def wanted(name: str) -> dict[str, Any]:
    tree: dict[str, Any] = yaml.safe_load((PLANS / f"{name}.yaml").read_text(encoding="utf-8"))
    return tree


def source(name: str, folder: Path) -> Path:
    """The plan as a file of its own."""
    path = folder / str(wanted(name)["source"])
    path.write_bytes(plan_bytes(path.name))
    return path


def parsed(name: str, folder: Path) -> tuple[list[Clause], list[Indicator]]:
    clauses, indicators, account = parse_clauses(read_blocks(source(name, folder)), "d")
    assert account.missing == 0
    assert account.total == account.clauses + account.headings + account.cells + account.furniture + account.damaged
    return clauses, indicators


def test_there_are_plans() -> None:
    assert len(NAMES) >= 12


@pytest.mark.parametrize("name", NAMES)
def test_tree(name: str, tmp_path: Path) -> None:
    expected = [
        (f"d/{clause['id']}", clause["kind"], clause.get("marker", ""), tuple(clause.get("under", ())), clause["text"])
        for clause in wanted(name)["clauses"]
    ]
    clauses, _ = parsed(name, tmp_path)
    assert [(c.clause_id, c.kind, c.marker, c.section_path, c.text) for c in clauses] == expected


@pytest.mark.parametrize("name", NAMES)
def test_cells(name: str, tmp_path: Path) -> None:
    cells = {f"d/{clause['id']}": clause["cells"] for clause in wanted(name)["clauses"] if "cells" in clause}
    clauses, _ = parsed(name, tmp_path)
    assert {clause.clause_id: dict(clause.cells) for clause in clauses if clause.clause_id in cells} == cells


@pytest.mark.parametrize("name", NAMES)
def test_indicators(name: str, tmp_path: Path) -> None:
    expected = [
        (*(entry.get(field, "" if field == "part" else None) for field in FIELDS), f"d/{entry['under']}")
        for entry in wanted(name)["indicators"]
    ]
    _, indicators = parsed(name, tmp_path)
    assert [(*(getattr(entry, field) for field in FIELDS), entry.clause_id) for entry in indicators] == expected


@pytest.mark.parametrize("name", [name for name in NAMES if "year" in wanted(name)])
def test_title_agency_and_year_stand_in_the_text(name: str, tmp_path: Path) -> None:
    path = source(name, tmp_path)
    info, expected = describe(source_of(path), read_blocks(path)), wanted(name)
    assert (info.title_zh, info.year_ce) == (expected["title"], expected["year"])
    assert info.agency_zh == expected.get("agency", info.agency_zh)
