"""Random plans come back from every format as the tree that they were printed from."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from indexer.clauses import parse_clauses
from indexer.readers import read_blocks

from .plans import Plan, plans
from .rendering import WRITERS

QUICK = settings(max_examples=12, suppress_health_check=list(HealthCheck))
BROWSER = settings(QUICK, max_examples=2)  # each starts a browser: a second
LARGE = settings(QUICK, max_examples=300)
LARGE_BROWSER = settings(QUICK, max_examples=40)
PACKED = [name for name in WRITERS if name != "pdf"]


def assert_comes_back(plan: Plan, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"plan.{suffix}"
        WRITERS[suffix](plan.printed, path)
        clauses, _, account = parse_clauses(read_blocks(path), "d")
    assert [(c.clause_id, c.kind, c.marker, c.section_path, c.text) for c in clauses] == [
        (f"d/{own_id}", *rest) for own_id, *rest in plan.expected
    ]
    assert account.missing == 0


@pytest.mark.parametrize("suffix", PACKED)
@QUICK
@given(plan=plans())
def test_plan_comes_back(suffix: str, plan: Plan) -> None:
    assert_comes_back(plan, suffix)


@pytest.mark.browser
@BROWSER
@given(plan=plans())
def test_plan_comes_back_from_pdf(plan: Plan) -> None:
    assert_comes_back(plan, "pdf")


@pytest.mark.slow
@pytest.mark.parametrize("suffix", PACKED)
@LARGE
@given(plan=plans())
def test_many_plans_come_back(suffix: str, plan: Plan) -> None:
    assert_comes_back(plan, suffix)


@pytest.mark.slow
@pytest.mark.browser
@LARGE_BROWSER
@given(plan=plans())
def test_many_plans_come_back_from_pdf(plan: Plan) -> None:
    assert_comes_back(plan, "pdf")
