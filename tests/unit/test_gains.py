"""What a run gained and lost against a kept one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from indexer.errors import ConfigError
from search_app.evaluate import Evaluation
from search_app.gains import Change, gains, read_kept


def evaluation(**queries: float) -> Evaluation:
    mean = sum(queries.values()) / len(queries)
    return Evaluation({"all": {"nDCG@10": mean}}, {name: {"nDCG@10": value} for name, value in queries.items()}, {})


def test_queries_are_told_from_the_greatest_loss_and_the_greatest_gain() -> None:
    found = gains(evaluation(a=0.5, b=0.9, c=0.7, d=1.0), evaluation(a=0.8, b=0.4, c=0.7, d=0.9))
    assert [(change.name, round(change.difference, 3)) for change in found.lost] == [("a", -0.3)]
    assert [change.name for change in found.gained] == ["b", "d"]
    assert [round(change.difference, 3) for change in found.categories] == [0.075]


def test_new_and_gone_queries_are_told() -> None:
    found = gains(evaluation(a=0.5, new=0.4), evaluation(a=0.5, gone=0.3))
    assert found.queries == (Change("gone", 0.3, None), Change("new", None, 0.4))


def test_kept_file_is_what_json_printed(tmp_path: Path) -> None:
    kept = {"measured": {"categories": {"all": {"nDCG@10": 0.5, "queries": 1}}, "queries": {"a": {"nDCG@10": 0.5}}}}
    (tmp_path / "kept.json").write_text(json.dumps(kept), encoding="utf-8")
    assert gains(evaluation(a=0.25), read_kept(tmp_path / "kept.json")["measured"]).lost == (Change("a", 0.5, 0.25),)


@pytest.mark.parametrize("text", ["", "[1]", '{"measured": {"all": 0.5}}'])
def test_another_file_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "kept.json").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"kept\.json is no kept evaluation"):
        read_kept(tmp_path / "kept.json")
