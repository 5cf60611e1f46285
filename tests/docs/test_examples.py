"""The examples of docs/ run as they are printed."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from indexer.config import Config
from indexer.editors import read_editors
from search_app import operations
from search_app.app import create_app

DOCS = Path(__file__).parents[2] / "docs"


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", (DOCS / name).read_text("utf-8"), re.MULTILINE | re.DOTALL)


CURL = [line for block in blocks("api.md", "sh") for line in block.splitlines() if line.startswith("curl")]


@pytest.fixture(scope="module")
def client(live):
    return create_app(live, Config()).test_client()


@pytest.mark.parametrize("line", CURL)
def test_curl(client, line):
    (address,) = [word for word in shlex.split(line) if word.startswith("http")]
    asked = urlsplit(address)
    assert asked.netloc == "127.0.0.1:8000"
    response = client.get(f"{asked.path}?{asked.query}")
    assert response.status_code == 200
    assert response.get_data()


def test_every_address_has_an_example():
    shown = " ".join(CURL)
    assert all(f"{operations.PREFIX}{one.path.partition('{')[0]}" in shown for one in operations.OPERATIONS)


def test_python(live, config, tmp_path, monkeypatch, capsys):
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config.model_dump(mode="json")), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for block in blocks("api.md", "python"):
        exec(compile(block, "api.md", "exec"), {})
    assert "\nexact\n" in capsys.readouterr().out


def test_the_entry_for_assistants_is_json_and_names_a_command_that_exists():
    for block in blocks("api.md", "json"):
        entry = json.loads(block)["mcpServers"]["plansearch"]
        assert entry["args"][0] == "mcp"


def test_the_lexicon_of_the_example_is_read(tmp_path):
    (block,) = blocks("gaps.md", "yaml")
    (tmp_path / "lexicon.yaml").write_text(block, encoding="utf-8")
    read = read_editors(tmp_path / "lexicon.yaml")
    assert (len(read.synonyms), len(read.glossary)) == (1, 1)
