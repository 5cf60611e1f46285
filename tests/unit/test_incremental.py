"""One document more parses and embeds one; one less takes its clauses with it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from indexer import build
from indexer.config import Config, CorpusConfig, IndexConfig
from indexer.model import CorpusReport
from indexer.store import Store

SUBJECTS = ["就業", "職訓", "勞保", "職安", "勞檢", "退休", "福利", "工會", "派遣", "移工"]


def plan(number: int) -> str:
    """A plan whose sentences stand in no other."""
    lines = [
        f"勞動部 {number % 150 + 50} 年度施政計畫",
        "",
        "壹、年度施政目標",
        f"一、促進{SUBJECTS[number % 10]}第{number}案",
    ]
    return "\n".join([*lines, f"（一）辦理{SUBJECTS[number // 10 % 10]}服務第{number}期計畫。"]) + "\n"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setattr(build, "open_encoder", partial(build.open_encoder, library=False))
    (tmp_path / "corpus").mkdir()
    return Config(corpus=CorpusConfig(dir=tmp_path / "corpus"), index=IndexConfig(dir=tmp_path / "var" / "index"))


def write(config: Config, number: int) -> Path:
    path = config.corpus.dir / f"plan-{number:03}.txt"
    path.write_text(plan(number), encoding="utf-8")
    return path


def clause_ids(config: Config, report: CorpusReport) -> set[str]:
    store = Store(config.index.dir / report.generation)
    try:
        return {clause.clause_id for name in store.documents for clause in store.document_clauses(name)}
    finally:
        store.close()


@pytest.mark.parametrize("size", [20, pytest.param(500, marks=pytest.mark.slow)])
def test_adding_one_parses_and_embeds_one(config: Config, size: int) -> None:
    for number in range(size):
        write(config, number)
    first = build.build_index(config)
    assert (first.parsed, first.parse_reused, first.failed) == (size, 0, {})

    added = write(config, size)
    second = build.build_index(config)
    assert (second.parsed, second.parse_reused) == (1, size)
    assert set(second.clauses) - set(first.clauses) == {added.stem}
    # title, goal, its heading and clause, and the sentences among them
    assert 0 < second.embedded <= 2 * second.clauses[added.stem]
    assert second.taken_over == sum(first.clauses.values())

    removed = config.corpus.dir / "plan-007.txt"
    removed.unlink()
    third = build.build_index(config)
    assert (third.parsed, third.parse_reused, third.embedded) == (0, size, 0)
    assert clause_ids(config, second) - clause_ids(config, third) == {
        name for name in clause_ids(config, second) if name.startswith("plan-007/")
    }
    assert len(clause_ids(config, third)) == len(clause_ids(config, second)) - second.clauses["plan-007"]


def test_a_changed_document_and_what_is_said_of_it_are_parsed_again(config: Config) -> None:
    path = write(config, 1)
    write(config, 2)
    build.build_index(config)
    path.write_text(plan(1).replace("服務", "輔導"), encoding="utf-8")
    changed = build.build_index(config)
    assert (changed.parsed, changed.parse_reused) == (1, 1)
    manifest = "documents:\n  - {id: plan-002, file: plan-002.txt, title: {zh: 計畫, en: P}, agency: {zh: 部, en: M}, plan_year: 52}\n"
    (config.corpus.dir / "corpus.yaml").write_text(manifest, encoding="utf-8")
    described = build.build_index(config)
    assert (described.parsed, described.parse_reused, described.published) == (1, 1, True)


def test_a_document_that_failed_is_tried_again(config: Config) -> None:
    write(config, 1)
    (config.corpus.dir / "broken.txt").write_text("沒有年度。", encoding="utf-8")
    assert build.build_index(config).parsed == 2
    again = build.build_index(config)
    assert (again.parsed, again.parse_reused, set(again.failed)) == (1, 1, {"broken.txt"})


def test_a_cache_in_ruins_costs_only_time(config: Config) -> None:
    write(config, 1)
    write(config, 2)
    first = build.build_index(config)
    for path in (config.index.dir.parent / "cache" / "documents").iterdir():
        path.write_bytes(b"ruins")
    second = build.build_index(config)
    assert (second.parsed, second.published, second.generation) == (2, False, first.generation)
    assert build.build_index(config).parse_reused == 2
