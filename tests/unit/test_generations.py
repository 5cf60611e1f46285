"""Generations: atomic, verified, swept; a generation that differs from its manifest is never opened."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from indexer.build import build_index
from indexer.config import Config
from indexer.errors import IndexCorrupt, IndexLocked, IndexMissing, IndexStale, StoreError
from indexer.generations import build_lock, current_generation, read_manifest, verify
from search_app.live import Live

PLAN = "勞動部 {year} 年度施政計畫\n\n壹、年度施政目標\n一、促進就業\n（一）{text}\n"


@pytest.fixture
def small(config: Config, tmp_path: Path) -> Config:
    """Settings over a corpus of one short plan."""
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "plan-109.txt").write_text(PLAN.format(year=109, text="辦理就業服務。"), encoding="utf-8")
    return config.model_copy(
        update={
            "corpus": config.corpus.model_copy(update={"dir": corpus}),
            "index": config.index.model_copy(update={"dir": tmp_path / "var" / "index"}),
        }
    )


def add_plan(config: Config, name: str, text: str) -> None:
    (config.corpus.dir / name).write_text(text, encoding="utf-8")


def test_nothing_built_says_how_to_build(small: Config) -> None:
    with pytest.raises(IndexMissing, match="plansearch index"):
        current_generation(small.index.dir)


def test_building_again_changes_and_embeds_nothing(small: Config) -> None:
    first = build_index(small)
    second = build_index(small)
    forced = build_index(small, rebuild=True)
    assert first.published
    assert first.embedded > 0
    assert (second.published, second.generation) == (False, first.generation)
    assert forced.published
    assert (forced.embedded, forced.generation != first.generation) == (0, True)


def test_a_new_document_embeds_only_itself(small: Config) -> None:
    build_index(small)
    add_plan(small, "plan-110.txt", PLAN.format(year=110, text="推動青年職涯輔導。"))
    report = build_index(small)
    assert set(report.clauses) == {"plan-109", "plan-110"}
    assert 0 < report.embedded < report.reused + report.embedded


def test_a_bad_document_is_reported_and_the_rest_is_published(small: Config) -> None:
    add_plan(small, "empty.txt", "")
    add_plan(small, "noyear.txt", "沒有年度。")
    report = build_index(small)
    assert report.published
    assert set(report.failed) == {"empty.txt", "noyear.txt"}
    assert all(name in message for name, message in report.failed.items())


def test_a_corpus_of_nothing_keeps_the_old_generation(small: Config) -> None:
    kept = build_index(small).generation
    (small.corpus.dir / "plan-109.txt").unlink()
    with pytest.raises(StoreError, match="nothing to index"):
        build_index(small)
    assert current_generation(small.index.dir) == kept


def test_every_file_is_guarded(small: Config) -> None:
    folder = small.index.dir / build_index(small).generation
    manifest = read_manifest(folder)
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == {
        *manifest.files, "manifest.json", "manifest.sha256",
    }  # fmt: skip
    for name in manifest.files:
        path = folder / name
        kept = path.read_bytes()
        path.write_bytes(bytes([kept[0] ^ 1]) + kept[1:] if kept else b"x")
        with pytest.raises(IndexCorrupt, match=path.name):
            verify(folder, manifest)
        path.write_bytes(kept)
    verify(folder, manifest)


def test_a_missing_file_and_a_broken_manifest_are_named(small: Config) -> None:
    folder = small.index.dir / build_index(small).generation
    manifest = read_manifest(folder)
    (folder / "passages.sqlite").unlink()
    with pytest.raises(IndexCorrupt, match=r"passages.sqlite is missing"):
        verify(folder, manifest)
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(IndexCorrupt, match=r"manifest\.json or manifest\.sha256 differs"):
        read_manifest(folder)
    (folder / "manifest.sha256").unlink()
    with pytest.raises(IndexStale, match="format None"):
        read_manifest(folder)


def test_a_file_that_was_put_there_later_is_named(small: Config) -> None:
    folder = small.index.dir / build_index(small).generation
    (folder / "keyword" / "_MAIN_9.toc").write_bytes(b"pickle")
    with pytest.raises(IndexCorrupt, match=r"keyword/_MAIN_9.toc is not in the manifest"):
        verify(folder, read_manifest(folder))


def test_an_index_of_another_tokenizer_is_refused_by_name(small: Config) -> None:
    folder = small.index.dir / build_index(small).generation
    path = folder / "manifest.json"
    manifest = read_manifest(folder)
    other = manifest.model_copy(update={"fingerprints": {**manifest.fingerprints, "tokenizer": "another"}})
    path.write_text(other.model_dump_json(), encoding="utf-8")
    (folder / "manifest.sha256").write_text(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  manifest.json\n")
    with pytest.raises(IndexStale, match="tokenizer"):
        Live(small, library=False).load()


def test_the_second_build_finds_the_lock(small: Config) -> None:
    with build_lock(small.index.dir), pytest.raises(IndexLocked, match="another build"):
        build_index(small)


def test_leftovers_are_swept_and_old_generations_go(small: Config) -> None:
    root = small.index.dir
    first = build_index(small).generation
    (root / ".building-dead" / "keyword").mkdir(parents=True)
    for _ in range(3):
        build_index(small, rebuild=True)
    kept = {path.name for path in root.iterdir() if path.is_dir()}
    assert len(kept) == small.index.keep_generations
    assert first not in kept
    assert current_generation(root) in kept


def test_readers_pick_up_a_new_generation_and_survive_a_bad_one(small: Config) -> None:
    live = Live(small, library=False)
    build_index(small)
    first = live.load().generation
    second = build_index(small, rebuild=True).generation
    assert live.load().generation == second != first
    bad = build_index(small, rebuild=True).generation
    (small.index.dir / bad / "passages.sqlite").write_bytes(b"broken")
    assert live.load().generation == second
    assert isinstance(live.problem, IndexCorrupt)
    assert "passages.sqlite differs" in str(live.problem)
    live.close()


def test_a_generation_moved_elsewhere_still_opens(small: Config, tmp_path: Path) -> None:
    build_index(small)
    shutil.copytree(small.index.dir, tmp_path / "elsewhere")
    moved = small.model_copy(update={"index": small.index.model_copy(update={"dir": tmp_path / "elsewhere"})})
    assert Live(moved, library=False).load().search("就業服務").hits
