"""The cases of cases.yaml: what a search must do, whatever the means say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from search_app.query import parse_filters
from search_app.retrieve import Search

CASES = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text(encoding="utf-8"))
DOCUMENTS = {"106": "mol-106-plan", "108": "mol-108-plan", "sdg": "mol-sdg-2021"}
CLAIMS = {"first", "within", "only", "order", "never"}


def full(short: str) -> str:
    """106/1.3.4 as mol-106-plan/1.3.4."""
    document, _, path = short.partition("/")
    return f"{DOCUMENTS[document]}/{path}"


@pytest.mark.parametrize("case", CASES, ids=[f"{case['category']}: {case['query']}" for case in CASES])
def test_case(search: Search, case: dict[str, Any]) -> None:
    assert case["reason"]
    assert CLAIMS & case.keys(), "a case that claims nothing"
    filters = parse_filters(**{name: [value] for name, value in case.get("filter", {}).items()})
    asked = search if case.get("enriched") else search.without_enrichment()
    result = asked.search(case["query"], filters=filters, per_page=100)
    found = [hit.clause.clause_id for hit in result.hits]
    if "only" in case:
        assert sorted(found) == sorted(map(full, case["only"]))
    if "first" in case:
        assert found[0] in set(map(full, case["first"]))
    if "within" in case:
        assert set(map(full, case["within"]["ids"])) <= set(found[: case["within"]["k"]])
    if "order" in case:
        places = [found.index(full(short)) for short in case["order"]]
        assert places == sorted(places)
    if "never" in case:
        never, leading = case["never"], found[: case["never"]["k"]]
        assert not set(map(full, never.get("ids", ()))) & set(leading)
        assert not [one for one in leading if "prefix" in never and one.startswith(full(never["prefix"]))]


@pytest.mark.parametrize("short", sorted({s for c in CASES for k in CLAIMS & c.keys() for s in
                                          (c[k] if isinstance(c[k], list) else c[k].get("ids", ()))}))  # fmt: skip
def test_cases_name_clauses_that_exist(search: Search, short: str) -> None:
    assert search.clause(full(short)) is not None
