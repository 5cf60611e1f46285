"""What is known of documents: from corpus.yaml, else from their own text, else a message that says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from indexer import parse
from indexer.clauses import parse_clauses
from indexer.corpus import list_corpus, source_of
from indexer.errors import ConfigError, DocumentError, UnreadableDocument
from indexer.model import Account, Block, Clause, Indicator, Span
from indexer.parse import parse_document
from indexer.titles import year_ce

PLAN = "勞動部 109 年度施政計畫\n\n壹、年度施政目標\n一、促進就業\n（一）辦理就業服務。\n"
ENTRY = """documents:
  - {{id: some-plan, file: plan.txt, title: {{zh: 計畫, en: Plan}}, agency: {{zh: 部, en: M}}, plan_year: {year}{more}}}
"""


@pytest.mark.parametrize(("year", "ce"), [(106, 2017), (2017, 2017), (1, 1912), (2111, 2111)])
def test_years_of_both_calendars(year: int, ce: int) -> None:
    assert year_ce(year) == ce


@pytest.mark.parametrize("year", [0, -3, 201, 1911, 2112])
def test_impossible_years(year: int) -> None:
    with pytest.raises(ValueError, match="neither a ROC year"):
        year_ce(year)


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return folder


def test_unlisted_document_says_itself_what_it_is(tmp_path: Path) -> None:
    info = parse_document(source_of(write(tmp_path, Plan_109__txt=PLAN) / "Plan_109.txt")).info
    assert (info.document_id, info.year_ce, info.title_zh, info.agency_zh) == (
        "plan-109", 2020, "勞動部109年度施政計畫", "勞動部",
    )  # fmt: skip


def test_unlisted_document_without_year_names_the_file_and_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as error:
        parse_document(source_of(write(tmp_path, notes__txt="一些沒有年度的文字。") / "notes.txt"))
    assert "notes.txt" in str(error.value)
    assert "corpus.yaml" in str(error.value)


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (ENTRY.format(year=109, more=", colour: red"), "colour"),
        (ENTRY.format(year=5000, more=""), "neither a ROC year"),
        (
            ENTRY.format(year=109, more="") + ENTRY.format(year=109, more="").removeprefix("documents:\n"),
            "more than once",
        ),
        ("documents: [", "not valid YAML"),
    ],
)
def test_wrong_manifest_is_told(tmp_path: Path, manifest: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        list_corpus(write(tmp_path, corpus__yaml=manifest, plan__txt=PLAN), [".txt"])


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (ENTRY.format(year=109, more=f", sha256: {'a' * 64}"), "differs from the file"),
        (ENTRY.format(year=109, more="").replace("plan.txt", "gone.txt"), "not in the folder"),
    ],
)
def test_a_file_that_is_not_the_listed_one_is_a_problem_of_its_own(tmp_path: Path, manifest: str, message: str) -> None:
    listing = list_corpus(write(tmp_path, corpus__yaml=manifest, plan__txt=PLAN), [".txt"])
    assert any(message in str(problem) for problem in listing.problems.values())


def test_two_files_with_one_id_are_named_both(tmp_path: Path) -> None:
    listing = list_corpus(write(tmp_path, a_b__txt=PLAN, **{"a-b__txt": PLAN}), [".txt"])
    (problem,) = listing.problems.values()
    assert "a-b.txt" in str(problem)
    assert "a_b.txt" in str(problem)


def test_year_that_contradicts_the_text_names_both(tmp_path: Path) -> None:
    listing = list_corpus(write(tmp_path, corpus__yaml=ENTRY.format(year=108, more=""), plan__txt=PLAN), [".txt"])
    with pytest.raises(DocumentError) as error:
        parse_document(listing.sources[0])
    assert "2019 (108)" in str(error.value)
    assert "2020 (109)" in str(error.value)


def test_two_clauses_of_one_id_are_told_with_their_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def doubled(blocks: list[Block], document_id: str) -> tuple[list[Clause], list[Indicator], Account]:
        clauses, indicators, account = parse_clauses(blocks, document_id)
        return [*clauses, replace(clauses[-1], span=Span(9, 9))], indicators, account

    monkeypatch.setattr(parse, "parse_clauses", doubled)
    with pytest.raises(UnreadableDocument, match=r"Plan_109\.txt: lines \d and 9 have the same id"):
        parse_document(source_of(write(tmp_path, Plan_109__txt=PLAN) / "Plan_109.txt"))
