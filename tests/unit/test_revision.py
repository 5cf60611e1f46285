"""A generation made of the one before it is what a whole build of the same documents gives, part by part."""

from __future__ import annotations

import shutil
from contextlib import closing
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from indexer import build, revisable, revision
from indexer.columns import Columns
from indexer.config import Config, CorpusConfig, IndexConfig, KeywordConfig, VectorConfig
from indexer.engines import engines_of, open_keyword, open_vector
from indexer.generations import current_generation, read_manifest
from indexer.store import Store
from indexer.stored import StoredPassages
from indexer.vector import count_rows

SUBJECTS = "就業服務 職業訓練 勞工保險 職業安全 勞動檢查 退休制度 工會組織 派遣勞工 移工權益 育嬰留職停薪".split()
ENDS = "保障勞工權益。 協助1,200人。 落實稽查；並公開成果。 promote decent work. 比率達85%。".split()
QUERIES = ["職業安全", "協助1,200人", "移工權益 稽查", "decent work", "勞工保險制度如何落實", "育嬰", "測試", "第7期"]
ENGINES = [("whoosh", "Flat"), ("tantivy", "IVF4,SQ8")]


def plan(chance: Random, number: int) -> str:
    """A plan of some size in words of its own and of all."""
    lines = [f"測試部 {number % 80 + 50} 年度施政計畫", "", "壹、年度施政目標"]
    for goal in range(chance.randint(1, 3)):
        lines.append(f"{'一二三'[goal]}、推動{chance.choice(SUBJECTS)}")
        lines += [
            f"（{'一二三四'[place]}）辦理{chance.choice(SUBJECTS)}第{chance.randint(1, 99)}期，{chance.choice(ENDS)}"
            for place in range(chance.randint(1, 4))
        ]
    return "\n".join(lines) + "\n"


@pytest.fixture(params=ENGINES, ids=lambda pair: pair[0])
def config(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setattr(build, "open_encoder", partial(build.open_encoder, library=False))
    monkeypatch.setattr(revisable, "MOST_REPLACED", 9.0)
    monkeypatch.setattr(revision, "_SLICE", 50)  # so that postings are renumbered in many slices
    keyword, vector = request.param
    (tmp_path / "corpus").mkdir()
    return Config(
        corpus=CorpusConfig(dir=tmp_path / "corpus"), index=IndexConfig(dir=tmp_path / "var" / "index"),
        keyword=KeywordConfig(engine=keyword), vector=VectorConfig(index=vector, nprobe=4),
    )  # fmt: skip


def built(config: Config, rebuild: bool = False) -> Path:
    build.build_index(config, rebuild=rebuild)
    return config.index.dir / current_generation(config.index.dir)


def revised(folder: Path) -> int:
    return len(read_manifest(folder).revised)


def test_revisions_are_what_whole_builds_give(config: Config) -> None:
    chance = Random(7)
    paths = [config.corpus.dir / f"plan-{number:02}.txt" for number in range(0, 30, 2)]
    for number, path in enumerate(paths):
        path.write_text(plan(chance, number), encoding="utf-8")
    assert revised(built(config)) == 0
    steps = [
        lambda: paths[3].write_text(plan(chance, 3), encoding="utf-8"),  # one changes and has another size
        lambda: (config.corpus.dir / "plan-07.txt").write_text(plan(chance, 40), encoding="utf-8"),  # one comes between
        lambda: paths[0].unlink(),  # the first one goes
        lambda: [path.write_text(plan(chance, 50), encoding="utf-8") for path in (paths[1], paths[-1])],
        lambda: (config.corpus.dir / "english.txt").write_text("Annual Plan 2020\n\n1. Promote decent work.\n"),
        lambda: (config.corpus.dir / "plan-07.txt").unlink(),
    ]
    for number, step in enumerate(steps, start=1):
        step()
        folder = built(config)
        assert revised(folder) == number
        kept = config.index.dir.parent / f"revision-{number}"
        shutil.copytree(folder, kept)
    whole = built(config, rebuild=True)
    assert revised(whole) == 0
    compare(kept, whole, config)


def compare(made: Path, whole: Path, config: Config) -> None:
    assert list(StoredPassages(made)) == list(StoredPassages(whole))
    with closing(Store(made)) as one, closing(Store(whole)) as other:
        assert told(one) == told(other)
    for name in ("grams", "terms", "keyword/pairs"):
        assert files(made / name) == files(whole / name), name
    columns = [Columns.open(folder / "columns") for folder in (made, whole)]
    every = np.arange(columns[0].passages)
    assert count_rows(made / "vector") == count_rows(whole / "vector")
    assert columns[0].facets(every) == columns[1].facets(every)
    for places in (every[:5], every[-5:]):
        assert columns[0].facets(places) == columns[1].facets(places)
    assert columns[0].texts(every).tolist() == columns[1].texts(every).tolist()
    engines = engines_of(config)
    keywords = [open_keyword(folder / "keyword", engines) for folder in (made, whole)]
    vectors: list[Any] = [open_vector(folder / "vector", engines) for folder in (made, whole)]
    exact = config.keyword.engine == "whoosh"
    for query in QUERIES:
        assert keywords[0].containing(query).tolist() == keywords[1].containing(query).tolist()
        scores, expected = (keyword.scores(query) for keyword in keywords)
        assert ((scores > 0) == (expected > 0)).all()
        assert scores == pytest.approx(expected, rel=1e-6 if exact else 0.3)
    asked = vectors[1].vectors(every)
    assert vectors[0].vectors(every) == pytest.approx(asked, abs=1e-6)
    for vector in asked[::7]:
        assert vectors[0].scores(vector) == pytest.approx(vectors[1].scores(vector), abs=1e-6)


def told(store: Store) -> list[object]:
    """All that a store tells."""
    every = list(range(store.count))
    ids = [clause.clause_id for clause in store.clauses(every)]
    return [
        store.documents, store.accounts, store.clauses(every), list(store.folded()), store.indicators(),
        [store.docnum(one) for one in ids], store.renderings(ids),
        [store.with_number(value).tolist() for value in (85.0, 1200.0, 7.0)],
        [store.select(years, (), (), ()).tolist() for years in ((), (2020,), (1964, 1965))],
        [store.at_markers(None, (("part", 1), ("item", number))).tolist() for number in (1, 2, 3)],
        [store.below([clause]).tolist() for clause in store.clauses(every[:9])],
    ]  # fmt: skip


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@pytest.mark.parametrize("config", ENGINES[:1], indirect=True)
def test_much_that_changes_is_built_whole(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revisable, "MOST_REPLACED", 0.5)
    chance = Random(3)
    paths = [config.corpus.dir / f"plan-{number:02}.txt" for number in range(6)]
    for number, path in enumerate(paths):
        path.write_text(plan(chance, number), encoding="utf-8")
    built(config)
    counts = []
    for path in paths[:3]:
        path.write_text(path.read_text(encoding="utf-8").replace("辦理", "加強辦理"), encoding="utf-8")
        counts.append(revised(built(config)))
    assert counts[0] == 1
    assert 0 in counts
    monkeypatch.setattr(revisable, "MOST_REVISIONS", 0)
    paths[5].write_text(plan(chance, 5), encoding="utf-8")
    assert revised(built(config)) == 0


@pytest.mark.parametrize("config", ENGINES[:1], indirect=True)
def test_what_is_damaged_is_not_revised(config: Config) -> None:
    chance = Random(5)
    paths = [config.corpus.dir / f"plan-{number:02}.txt" for number in range(12)]
    for number, path in enumerate(paths):
        path.write_text(plan(chance, number), encoding="utf-8")
    folder = built(config)
    (folder / "grams" / "body-counts.npy").write_bytes(b"damaged")
    paths[4].write_text(plan(chance, 4), encoding="utf-8")
    assert revised(built(config)) == 0


@pytest.mark.parametrize("config", ENGINES[:1], indirect=True)
@pytest.mark.parametrize("stopped_whole", [True, False])
def test_a_revision_takes_nothing_from_a_whole_build_that_was_stopped_nor_the_other_way_round(
    config: Config, monkeypatch: pytest.MonkeyPatch, stopped_whole: bool
) -> None:
    """Vectors are those of all passages in the one, of the fresh ones in the other."""
    chance = Random(9)
    paths = [config.corpus.dir / f"plan-{number:02}.txt" for number in range(6)]
    for number, path in enumerate(paths):
        path.write_text(plan(chance, number), encoding="utf-8")
    built(config)
    paths[4].write_text(plan(chance, 60), encoding="utf-8")

    def stopped(*given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(build, "build_vector" if stopped_whole else "revise_vector", stopped)
        with pytest.raises(KeyboardInterrupt):
            build.build_index(config, rebuild=stopped_whole)
    made = built(config, rebuild=not stopped_whole)
    assert revised(made) == int(stopped_whole)
    kept = config.index.dir.parent / "kept"
    shutil.copytree(made, kept)
    compare(kept, built(config, rebuild=True), config)
