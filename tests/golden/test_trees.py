"""The shipped documents parse to the trees that were checked against their sources by eye.

Write the golden files anew after a checked change: python tests/golden/test_trees.py
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from indexer.corpus import list_corpus
from indexer.inspect import document_json
from indexer.ledger import missing_characters
from indexer.model import Document
from indexer.parse import parse_document
from indexer.readers import READERS, read_blocks

HERE = Path(__file__).parent
CORPUS = HERE.parent.parent / "corpus"
IDS = ("mol-106-plan", "mol-108-plan", "mol-sdg-2021")
COUNTS = {
    "mol-106-plan": {
        "goal": 8, "goal_clause": 47, "kpi": 16, "note": 5, "work_plan": 11, "plan_row": 37, "plan_item": 121, "kpi_link": 10,
    },
    "mol-108-plan": {"goal": 8, "goal_clause": 42, "kpi": 0, "work_plan": 11, "plan_row": 44, "plan_item": 140},
    "mol-sdg-2021": {"narrative": 59, "indicator": 15, "stakeholder": 18, "damaged": 6},
}  # fmt: skip


def parsed() -> dict[str, Document]:
    listing = list_corpus(CORPUS, tuple(READERS))
    assert not listing.problems
    return {source.document_id: parse_document(source) for source in listing.sources if source.document_id in IDS}


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    return parsed()


@pytest.mark.parametrize("document_id", IDS)
def test_tree_is_the_checked_one(documents: dict[str, Document], document_id: str) -> None:
    golden = json.loads((HERE / f"{document_id}.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(document_json(documents[document_id]))) == golden


@pytest.mark.parametrize("document_id", IDS)
def test_counts(documents: dict[str, Document], document_id: str) -> None:
    counts = Counter(clause.kind for clause in documents[document_id].clauses)
    assert {kind: counts[kind] for kind in COUNTS[document_id]} == COUNTS[document_id]


@pytest.mark.parametrize("document_id", IDS)
def test_no_character_is_lost_or_doubled(documents: dict[str, Document], document_id: str) -> None:
    path = CORPUS / documents[document_id].info.file_name
    assert missing_characters(path.read_text(encoding="utf-8"), read_blocks(path)) == 0
    account = documents[document_id].account
    assert account.missing == 0
    assert account.total == account.clauses + account.headings + account.cells + account.furniture + account.damaged


def test_kpi_rows_per_goal(documents: dict[str, Document]) -> None:
    rows = Counter(indicator.number.split("-")[0] for indicator in documents["mol-106-plan"].indicators)
    assert list(rows.values()) == [2, 1, 3, 3, 2, 2, 1, 2]


def test_indicator_pairs(documents: dict[str, Document]) -> None:
    pairs = documents["mol-sdg-2021"].indicators
    assert len(pairs) == 18
    assert [pair.number for pair in pairs if pair.met is False] == ["8.7.1"]
    assert all(pair.met is not None for pair in pairs)


def test_rows_cut_over_pages_are_whole(documents: dict[str, Document]) -> None:
    clauses = {clause.text: clause for clause in documents["mol-108-plan"].clauses}
    for text in (
        "完備職業災害保障制度，增進職災勞工權益",
        "推動職業災害保險單獨立法，加強保障職災勞工及其家屬之基本生活。",
        "辦理本部同仁行政法理論與實務研習會，加強同仁對行政法學理論概念之了解，以健全勞動法制。",
        "辦理職業災害勞工保護法規檢討、職業疾病鑑定、職業災害勞工各項補助審核作業。",
    ):
        assert text in clauses
    moved = clauses["推動個案主動服務、職災個案慰助、績效評鑑及職能復健輔導服務。"]
    assert (moved.span.first_line, moved.span.last_line) == (153, 153)


def test_damaged_pages(documents: dict[str, Document]) -> None:
    damaged = [clause for clause in documents["mol-sdg-2021"].clauses if clause.damaged]
    assert [clause.span.page for clause in damaged] == [19, 20, 21, 23, 24, 25]


def write_golden() -> None:
    for document_id, document in parsed().items():
        data: Any = document_json(document)
        (HERE / f"{document_id}.json").write_text(
            json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )


if __name__ == "__main__":
    write_golden()
