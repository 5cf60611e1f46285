"""One plan in six formats is one tree: the same clauses, ids, rows, items and indicators from each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer.clauses import parse_clauses
from indexer.corpus import source_of
from indexer.model import Clause, Document, Indicator
from indexer.parse import parse_document
from indexer.readers import read_blocks

from .printed import printed_of
from .rendering import WRITERS

PLANS = ("mol-106-plan", "mol-108-plan")
FORMATS = [pytest.param(name, marks=pytest.mark.browser if name == "pdf" else ()) for name in WRITERS]


@pytest.fixture(scope="module", params=PLANS)
def plan(request: pytest.FixtureRequest, root: Path) -> Document:
    return parse_document(source_of(root / "corpus" / f"{request.param}.txt"))


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_gives_the_same_tree(plan: Document, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"plan.{suffix}"
    WRITERS[suffix](printed_of(plan.clauses), path)
    clauses, indicators, account = parse_clauses(read_blocks(path), plan.info.document_id)
    assert [_key(clause) for clause in clauses] == [_key(clause) for clause in plan.clauses]
    assert [_measured(indicator) for indicator in indicators] == [_measured(indicator) for indicator in plan.indicators]
    assert account.missing == 0
    assert account.total == account.clauses + account.headings + account.cells + account.furniture


def _key(clause: Clause) -> tuple[Any, ...]:
    cells = tuple((name, "".join(text.split())) for name, text in clause.cells)  # items may stand on lines of their own
    return clause.clause_id, clause.kind, clause.marker, clause.section_path, clause.text, cells


def _measured(indicator: Indicator) -> Indicator:
    return replace(indicator, period="", formula="".join(indicator.formula.split()))
