"""BEIR folders: split into documents, measured with the collection's own ids."""

from __future__ import annotations

import json

import pytest

from indexer.config import Config
from indexer.errors import ConfigError
from search_app import collection
from search_app.evaluate import evaluate_folder

ENTRIES = {
    "a1": "研擬最低工資法制",
    "doc/2": "輔導勞工籌組工會",
    "3": "辦理職業災害預防",
    "四": "提升青年就業",
    "e": "檢討退休金制度",
}
QUERIES = {"q1": ("籌組工會", "doc/2"), "q2": ("職業災害", "3"), "q3": ("青年就業", "四"), "none": ("沒有評分", "")}


def write(folder, qrels="qrels.tsv"):
    corpus = [{"_id": name, "title": "", "text": text} for name, text in ENTRIES.items()]
    queries = [{"_id": name, "text": text} for name, (text, _) in QUERIES.items()]
    for name, records in (("corpus", corpus), ("queries", queries)):
        lines = "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
        (folder / f"{name}.jsonl").write_text(lines + "\n\n", encoding="utf-8")
    judged = [f"{name}\t{entry}\t1" for name, (_, entry) in QUERIES.items() if entry]
    (folder / qrels).parent.mkdir(exist_ok=True)
    (folder / qrels).write_text("\n".join(["query-id\tcorpus-id\tscore", *judged]) + "\n", encoding="utf-8")


@pytest.mark.parametrize("qrels", ["qrels.tsv", "qrels/test.tsv"])
def test_a_collection_is_split_and_measured(tmp_path, monkeypatch, qrels):
    monkeypatch.setattr(collection, "ENTRIES", 2)
    beir = tmp_path / "beir"
    beir.mkdir()
    write(beir, qrels)
    found = evaluate_folder(Config(index={"dir": tmp_path / "var" / "index"}), beir)
    (corpus,) = (tmp_path / "var" / "evaluate").glob("*/corpus")
    assert len(list(corpus.glob("*.jsonl"))) == 3
    assert found.table["all"]["queries"] == 3.0
    assert {name: ranked[0][0] for name, ranked in found.run.items()} == {"q1": "doc/2", "q2": "3", "q3": "四"}
    assert found.table["all"]["nDCG@10"] == 1.0


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("queries.jsonl", "{\n", "queries.jsonl:1: no JSON"),
        ("queries.jsonl", '{"_id": "q"}\n', "queries.jsonl:1: no entry"),
        ("corpus.jsonl", '{"_id": "a", "text": "工會"}\n[]\n', "corpus.jsonl:2: no entry"),
        ("qrels.tsv", "query-id\tcorpus-id\tscore\nq1 a1 1\n", "qrels.tsv:2: no judgement"),
        ("qrels.tsv", None, "qrels.tsv: no such file"),
        ("corpus.jsonl", None, "corpus.jsonl: no such file"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, name, text, told):
    write(tmp_path)
    if text is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=told):
        evaluate_folder(Config(index={"dir": tmp_path / "var" / "index"}), tmp_path)
