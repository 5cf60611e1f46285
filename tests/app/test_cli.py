"""The command line as a user meets it: results, exit codes, messages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from indexer.config import Config
from search_app.cli import main
from search_app.live import Live

COMMANDS = tuple(main.commands)


@pytest.fixture
def settings(config: Config, live: Live, tmp_path: Path) -> Path:
    """A configuration file over the shipped corpus and the tests' own index."""
    assert live.ready
    path = tmp_path / "config.yaml"
    path.write_text(f"corpus: {{dir: {config.corpus.dir}}}\nindex: {{dir: {config.index.dir}}}\n", encoding="utf-8")
    return path


def run(*arguments: str, config: Path | None = None) -> Result:
    extra = ["--config", str(config)] if config else []
    return CliRunner().invoke(main, [*arguments, *extra])


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.output


def test_search_for_programs(settings: Path) -> None:
    result = run("search", "最低工资", "--year", "2017", "-k", "2", "--json", config=settings)
    data = json.loads(result.output)
    assert data["query"]["normalized"] == "最低工資"
    assert [hit["year_roc"] for hit in data["hits"]] == [106, 106]
    assert data["hits"][0]["url"].startswith("/clauses/mol-106-plan/")


def test_search_for_people(settings: Path) -> None:
    output = run("search", '"工會結社規範"', config=settings).output
    assert "106 (2017)" in output
    assert "（一）放寬工會結社規範" in output
    assert "no clause found" in run("search", '"沒有這句話"', config=settings).output


def test_inspect_a_document_and_a_file(settings: Path, root: Path) -> None:
    data = json.loads(run("inspect", "mol-108-plan", "--json", config=settings).output)
    assert data["document"]["year_roc"] == 108
    assert data["account"]["missing"] == 0
    listing = run("inspect", str(root / "corpus" / "mol-106-plan.txt"), config=settings).output
    assert "balances" in listing
    assert "四-1 勞工健康照護率之提升: target 20%: no actual" in listing


def test_inspect_a_file_that_tells_no_year_or_title(settings: Path, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(
        "壹、目標\n一、促進就業\n（一）辦理就業服務。\n績效指標\t目標值\n就業人數\t120人\n", encoding="utf-8"
    )
    result = run("inspect", str(path), config=settings)
    assert result.exit_code == 0
    for told in (
        "title unknown",
        "plan year unknown, agency unknown",
        "corpus.yaml",
        "（一）辦理就業服務。",
        "balances",
    ):
        assert told in result.output
    assert "table: 績效指標 | 目標值" in result.output
    assert "就業人數: target 120人: no actual" in result.output
    data = json.loads(run("inspect", str(path), "--json", config=settings).output)
    unknown = ("year_ce", "year_roc", "title_zh", "title_en", "agency_zh", "agency_en")
    assert [data["document"][name] for name in unknown] == [None] * 6
    assert data["account"]["missing"] == 0
    assert run("inspect", "mol-106-plan", config=settings).output.count("unknown") == 0


def test_check_and_index_that_is_current(settings: Path) -> None:
    assert "as published" in run("check", config=settings).output
    assert json.loads(run("index", "--json", config=settings).output)["published"] is False
    told = run("index", config=settings).output
    assert "documents: 0 parsed anew, 3 from the cache" in told
    assert "0 embedded anew" in told


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("search", "x", "--year", "去年"), 2, "unknown year"),
        (("search", "x" * 2000), 2, "at most 1000"),
        (("search", "x", "-k", "5000"), 2, "Ask for 1 to 100"),
        (("inspect", "no-such-document"), 2, "mol-106-plan"),
        (("search",), 2, "Missing argument"),
        (("nonsense",), 2, "No such command"),
    ],
)
def test_wrong_use_is_told_and_exits_2(settings: Path, arguments: tuple[str, ...], code: int, message: str) -> None:
    result = run(*arguments, config=settings) if arguments != ("nonsense",) else run(*arguments)
    assert result.exit_code == code
    assert message in result.output


def test_no_index_exits_4_and_says_how_to_build(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("{}\n", encoding="utf-8")
    result = run("search", "工會", config=path)
    assert result.exit_code == 4
    assert "plansearch index" in result.output


def test_partly_done_exits_3_and_names_the_file(config: Config, tmp_path: Path) -> None:
    corpus = tmp_path / "plans"
    corpus.mkdir()
    (corpus / "plan.txt").write_text("甲部 110 年度施政計畫\n\n一、目標\n（一）做事。\n", encoding="utf-8")
    (corpus / "bad.txt").write_bytes(b"")
    path = tmp_path / "config.yaml"
    path.write_text("index: {dir: var/index}\n", encoding="utf-8")
    result = run("index", "--corpus", str(corpus), config=path)
    assert result.exit_code == 3
    assert "not indexed: bad.txt" in result.output
    assert "plan: 3 clauses" in result.output
    assert "documents: 2 parsed anew, 0 from the cache" in result.output


def test_ask_answers_with_a_citation_or_says_that_it_cannot(settings: Path) -> None:
    data = json.loads(run("ask", "Was the workplace death rate target met?", "--json", config=settings).output)
    assert data["answered"] is True
    assert data["answer"]["quotes"][0]["clause_id"] == "mol-sdg-2021/17.1.12"
    told = run("ask", "外送員加班費罰多少錢？", config=settings).output
    assert "最接近的條文" in told


def test_compare_in_every_format(settings: Path, tmp_path: Path) -> None:
    output = run("compare", "mol-106-plan", "mol-108-plan", config=settings).output
    assert "研擬 → 推動：最低工資法制" in output
    data = json.loads(run("compare", "mol-106-plan", "mol-108-plan", "--json", config=settings).output)
    assert data["counts"]["goal_clause"]["dropped"] == 6
    assert "low confidence" in output
    for form, magic in (("csv", b"\xef\xbb\xbf"), ("ods", b"PK"), ("xlsx", b"PK"), ("docx", b"PK"), ("md", b"#")):
        target = tmp_path / f"difference.{form}"
        run("compare", "mol-106-plan", "mol-108-plan", "--format", form, "--out", str(target), config=settings)
        assert target.read_bytes().startswith(magic)


@pytest.mark.parametrize(
    ("command", "form", "magic"),
    [
        (("search", "最低工資"), "csv", "\ufeffrank,"), (("search", "最低工資"), "md", "# 檢索結果：最低工資"),
        (("search", "最低工資"), "trec", "1 Q0 mol-10"), (("search", "最低工資"), "json", "{"),
        (("indicators", "--status", "missed"), "csv", "\ufeff民國年,"), (("indicators", "--goal", "8.7"), "md", "# 績效指標"),
    ],
)  # fmt: skip
def test_text_formats_are_printed(settings: Path, command: tuple[str, ...], form: str, magic: str) -> None:
    result = run(*command, "--format", form, config=settings)
    assert result.exit_code == 0
    assert result.stdout.startswith(magic)


def test_a_file_is_written_whole_or_not_at_all(settings: Path, tmp_path: Path) -> None:
    target = tmp_path / "found.xlsx"
    result = run("search", "最低工資", "--format", "xlsx", "--out", str(target), config=settings)
    assert f"{target} written" in result.output
    assert target.read_bytes().startswith(b"PK")
    missing = run("search", "x", "--format", "ods", "--out", str(tmp_path / "none" / "x.ods"), config=settings)
    assert missing.exit_code == 2
    assert "Name a file in a folder that exists" in missing.output
    assert [path.name for path in tmp_path.iterdir() if path.suffix in (".new", ".xlsx")] == ["found.xlsx"]


def test_indicators_and_quotations(settings: Path) -> None:
    missed = json.loads(run("indicators", "--status", "missed", "--json", config=settings).output)
    assert [row["number"] for row in missed["indicators"]] == ["8.7.1"]
    exact = json.loads(run("verify-quote", "研擬最低工資法制。", "--json", config=settings).output)
    assert (exact["status"], exact["verified"]) == ("exact", True)
    wrong = json.loads(run("verify-quote", "推動最低工資法制", "--year", "106", "--json", config=settings).output)
    assert (wrong["status"], wrong["verified"]) == ("wrong_place", False)


def test_enrich_writes_a_work_file_of_what_is_missing(settings: Path, tmp_path: Path) -> None:
    target = tmp_path / "work.yaml"
    result = run("enrich", "mol-106-plan", "--out", str(target), config=settings)
    assert result.exit_code == 0
    assert "mol-106-plan" in target.read_text(encoding="utf-8")
