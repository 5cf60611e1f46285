"""open_search: the index for Python programs."""

from __future__ import annotations

import runpy
import subprocess
import sys

import pytest
import yaml

import search_app
from indexer.build import build_index
from indexer.errors import ConfigError, IndexMissing, QueryError
from search_app import open_search


@pytest.fixture(scope="module")
def config_file(live, config, tmp_path_factory):
    path = tmp_path_factory.mktemp("library") / "config.yaml"
    path.write_text(yaml.safe_dump(config.model_dump(mode="json")), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def plans(config_file):
    with open_search(config_file) as opened:
        yield opened


def test_importing_the_package_loads_nothing_heavy():
    heavy = "{'numpy', 'flask', 'faiss', 'pydantic', 'yaml', 'jieba', 'whoosh'}"
    program = f"import sys, search_app; print(sorted({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_documented_lines_run(config_file, monkeypatch, capsys):
    """The lines of the package's docstring, as they stand there."""
    lines = [line[4:] for line in search_app.__doc__.split("::\n", 1)[1].splitlines()]
    monkeypatch.chdir(config_file.parent)
    exec(compile("\n".join(lines), "search_app", "exec"), {})
    told = capsys.readouterr().out
    assert "研擬最低工資法制。" in told
    assert "\nexact\n" in told


def test_the_example_runs(config_file, root, monkeypatch, capsys):
    program = root / "examples" / "minimum_wage.py"
    monkeypatch.setattr(sys, "argv", [str(program), str(config_file)])
    runpy.run_path(str(program), run_name="__main__")
    told = capsys.readouterr().out.splitlines()
    assert "研擬最低工資法制。 -> 推動最低工資法制，保障勞工基本生活。 (reworded)" in told
    assert "推動最低工資法制，保障勞工基本生活。 exact" in told
    assert "完成最低工資法制。 altered" in told


def test_years_in_either_calendar(plans):
    found = [
        [hit.clause.clause_id for hit in plans.search("工會", years=years).hits] for years in ([106], [2017], ["106"])
    ]
    assert found[0] == found[1] == found[2]
    assert all(one.startswith("mol-106-plan/") for one in found[0])


def test_paging_and_defaults(plans):
    first, second = (plans.search("勞工", page=page).hits for page in (1, 2))
    assert (len(first), second[0].rank) == (10, 11)


def test_every_clause(plans):
    assert sum(1 for _ in plans.clauses()) == sum(1 for one in plans.clauses() if plans.clause(one.clause_id)) > 600
    assert plans.clause("no/1") is None


def test_what_is_wrong_is_named(plans):
    with pytest.raises(QueryError, match="abc"):
        plans.search("工會", years=["abc"])
    with pytest.raises(QueryError, match="no document 'a'"):
        plans.compare("a", "b")


def test_what_cannot_be_opened_is_named(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        open_search(tmp_path / "config.yaml")
    (tmp_path / "corpus").mkdir()
    (tmp_path / "config.yaml").write_text("", encoding="utf-8")
    with pytest.raises(IndexMissing):
        open_search(tmp_path / "config.yaml")


@pytest.mark.slow
def test_a_new_generation_is_taken_up(config, config_file):
    with open_search(config_file) as opened:
        before = opened.generation
        published = build_index(config, rebuild=True).generation
        assert opened.generation == published != before
