"""From a query that found nothing to an entry in the editors' lexicon that finds it."""

from __future__ import annotations

import json
import shutil

import pytest
import yaml
from click.testing import CliRunner

from indexer.build import build_index
from indexer.config import Config, QueryLogConfig
from indexer.editors import NONE, active, read_editors
from indexer.errors import ConfigError
from indexer.generations import current_generation
from indexer.text import fold_text
from search_app.answer import ask
from search_app.app import create_app
from search_app.cli import main
from search_app.gaps import entry
from search_app.live import Live
from search_app.querylog import QueryLog

UNKNOWN = "鏟屎官"


@pytest.fixture
def logged(shelf, tmp_path):
    """A client whose application keeps a log, and the log."""
    settings = QueryLogConfig(enabled=True, file=tmp_path / "log.sqlite")
    client = create_app(shelf, Config(query_log=settings)).test_client()
    return client, QueryLog(settings)


@pytest.mark.parametrize(
    ("address", "referrer", "expected"),
    [
        ("/api/v1/search?q=鏟屎官", None, ["zero"]),
        ("/search?q=鏟屎官", None, ["zero"]),
        ("/search?q=最低工資", None, []),
        ("/search?q=鏟屎官&year=106", None, []),
        ("/search?q=鏟屎官&page=2", None, []),
        ("/search?q=最低工資", "http://localhost/search?q=鏟屎官", ["reformulated"]),
        ("/search?q=最低工資", "http://localhost/search?q=最低工资", []),
        ("/search?q=最低工資", "http://localhost/documents?q=x", []),
        ("/search?q=最低工資", "https://other.example.org/search?q=鏟屎官", []),
        ("/api/v1/documents", None, []),
    ],
)
def test_what_counts(logged, address, referrer, expected):
    client, log = logged
    client.get(address, headers={"Referer": referrer} if referrer else {})
    assert [outcome for _, outcome, _ in log.daily()] == expected


def test_the_log_names_nobody(logged, tmp_path):
    client, log = logged
    for _ in range(6):
        client.get("/search?q=鏟屎官", headers={"User-Agent": "Netscape"}, environ_base={"REMOTE_ADDR": "203.0.113.7"})
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert log.kept()[0].count == 6
    assert b"203.0.113.7" not in written
    assert b"Netscape" not in written


@pytest.mark.parametrize(
    ("text", "term", "expected"),
    [
        ("工安意外", "職業災害", {"synonyms": [{"words": ["職業災害", "工安意外"], "weight": 0.8, "direction": "to_first"}]}),
        ("job mishap", "職業災害", {"glossary": [{"zh": "職業災害", "en": ["job mishap"], "note": "proposed by plansearch gaps"}]}),
        ("最低工资", "最低工資", None),
    ],
)  # fmt: skip
def test_proposed_entries_are_what_the_lexicon_takes(tmp_path, text, term, expected):
    written = entry(text, term)
    assert yaml.safe_load(written) == expected
    (tmp_path / "lexicon.yaml").write_text(written, encoding="utf-8")
    read = read_editors(tmp_path / "lexicon.yaml")
    assert (len(read.synonyms) + len(read.glossary)) == (expected is not None)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("synonyms: [{words: [工會]}]", "synonyms.0.words"),
        ("glossary: [{zh: 工會}]", "glossary.0.en"),
        ("words: []", "words"),
        ("synonyms: [", "YAML"),
        ("[]", "lexicon.yaml"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path, text, named):
    (tmp_path / "lexicon.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=named):
        read_editors(tmp_path / "lexicon.yaml")


def test_gaps_lists_and_proposes(tmp_path, root):
    shutil.copy(root / "config.yaml", tmp_path)
    text = (tmp_path / "config.yaml").read_text("utf-8").replace("  enabled: false", "  enabled: true")
    (tmp_path / "config.yaml").write_text(text.replace("dir: corpus", f"dir: {root / 'corpus'}"), encoding="utf-8")
    log = QueryLog(QueryLogConfig(enabled=True, file=tmp_path / "var" / "querylog.sqlite"))
    for query in ("最低薪水", "occupational accident insurance"):
        for _ in range(5):
            log.record(query, "zero")
    log.record("只問一次", "zero")
    done = CliRunner().invoke(main, ["gaps", "--json", "--config", str(tmp_path / "config.yaml")])
    found = {gap["query"]["text"]: gap for gap in json.loads(done.output)["gaps"]}
    assert found.keys() == {"最低薪水", "occupational accident insurance"}
    assert "最低工資" in [near["term"] for near in found["最低薪水"]["nearest"]]
    assert all(gap["count"] == 5 and yaml.safe_load(gap["entry"]) for gap in found.values())
    told = CliRunner().invoke(main, ["gaps", "--config", str(tmp_path / "config.yaml")]).output
    assert "最低薪水  (5: 5 zero" in told
    assert "plansearch index" in told


PLAN = (
    "勞動部106年度施政計畫\n\n壹、年度施政目標\n\n一、健全勞動權益\n（一）辦理寵物照護假。\n（二）研擬最低工資法制。\n"
)


def test_rebuilding_applies_what_an_editor_wrote(tmp_path):
    """Before: nothing in either language. After: found, also by a server that had the old generation open."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "plan.txt").write_text(PLAN, encoding="utf-8")
    config = Config(corpus={"dir": corpus}, index={"dir": tmp_path / "index"})
    build_index(config)
    live = Live(config, library=False)

    def found(query):
        return [hit.clause.text for hit in live.load().search(query, mode="keyword").hits]

    def forms(question):
        return [form.text for term in ask(live.load(), question).understanding.terms for form in term.forms]

    assert (found(UNKNOWN), found("zorbing allowance")) == ([], [])
    assert fold_text("寵物照護假") not in forms("有沒有鏟屎官？")
    lexicon = {
        "synonyms": [{"words": ["寵物照護假", UNKNOWN]}],
        "glossary": [{"zh": "寵物照護假", "en": ["zorbing allowance"]}],
    }
    (corpus / "lexicon.yaml").write_text(yaml.safe_dump(lexicon, allow_unicode=True), encoding="utf-8")
    before = current_generation(config.index.dir)
    assert found(UNKNOWN) == []  # not before the rebuild
    assert build_index(config).published
    assert current_generation(config.index.dir) != before
    assert found(UNKNOWN)[0] == found("zorbing allowance")[0] == "辦理寵物照護假。"
    assert fold_text("寵物照護假") in forms("有沒有鏟屎官？")
    assert not build_index(config).published  # nothing has changed since
    assert active() is NONE
    live.close()
