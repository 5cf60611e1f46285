"""Damage on the disk is found before the first answer, named, and bridged by the generation before."""

from __future__ import annotations

import pickle
import random
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from indexer.config import Config
from indexer.errors import IndexCorrupt, StoreError
from indexer.generations import current_generation, published_generations, read_manifest, verify
from search_app.app import create_app
from search_app.cli import main
from search_app.live import Live


@pytest.fixture
def two(place: Path, builder) -> Path:
    """A corpus with two published generations."""
    assert builder.build(place).code == 0
    return place


def damage(path: Path, chance: random.Random) -> str:
    """Flip a bit of a file, cut it, or make it longer; what was done."""
    content = bytearray(path.read_bytes())
    way = chance.choice(("flip", "flip", "flip", "cut", "append")) if content else "append"
    if way == "flip":
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    elif way == "cut":
        del content[chance.randrange(len(content)) :]
    else:
        content.append(chance.randrange(256))
    path.write_bytes(content)
    return way


def flip_and_look(small: Config, cases: int, seed: int) -> dict[str, int]:
    """Damage one file at a time; counts of what was done, all of it found and named."""
    folder = small.index.dir / current_generation(small.index.dir)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    chance = random.Random(seed)
    done: dict[str, int] = {"files": len(files)}
    for number in range(cases):
        path = files[number % len(files)] if number < len(files) else chance.choice(files)
        kept = path.read_bytes()
        way = damage(path, chance)
        with pytest.raises(StoreError) as caught:
            verify(folder, read_manifest(folder))
        assert path.name in caught.value.message, (path, way)
        path.write_bytes(kept)
        done[way] = done.get(way, 0) + 1
    verify(folder, read_manifest(folder))
    return done


def test_every_flip_cut_and_added_byte_is_found(place, small):
    assert sum(flip_and_look(small, 100, seed=1).values()) > 100


@pytest.mark.slow
def test_every_flip_in_full(place, small, record):
    done = flip_and_look(small, 300, seed=2)
    record("flip", {"cases": 300, "detected": 300, "done": done})


def test_check_names_every_damaged_file(two, small):
    folder = small.index.dir / current_generation(small.index.dir)
    (folder / "passages.sqlite").write_bytes(b"x")
    (folder / "grams" / "keys.npy").unlink()
    (folder / "keyword" / "planted.toc").write_bytes(b"x")
    result = CliRunner().invoke(main, ["check", "--config", str(two)])
    assert result.exit_code == 4
    for name in ("passages.sqlite differs", "grams/keys.npy is missing", "keyword/planted.toc is not in the manifest"):
        assert f"{folder.name}/{name}" in result.output


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sha256", "vector/vectors.faiss", "../current"])
def test_the_generation_before_is_served_and_everybody_is_told(two, small, caplog, name):
    newest, older = published_generations(small.index.dir)
    damage_at = small.index.dir / newest / name
    damage_at.write_bytes(b"\0" + damage_at.read_bytes()[1:])
    live = Live(small, library=False)
    found = live.load().search("最低工資")
    assert (found.generation, len(found.hits)) == (older, 1)
    client = create_app(live, small).test_client()
    told = client.get("/readyz").json
    assert (told["ready"], told["generation"]) == (True, older)
    assert told["problem"]["code"] in ("index_corrupt", "index_missing")
    assert "前一個完好的世代" in client.get("/about?lang=zh").text
    assert "plansearch_index_problem 1.0" in client.get("/metrics").text
    assert older in caplog.text
    live.close()
    result = CliRunner().invoke(main, ["search", "最低工資", "--config", str(two)])
    assert result.exit_code == 0
    assert f"Generation {older} is used instead" in result.stderr
    assert "推動最低工資法制" in result.stdout


def test_a_new_build_ends_the_makeshift(two, small, builder):
    newest = small.index.dir / current_generation(small.index.dir)
    (newest / "passages.sqlite").write_bytes(b"x")
    live = Live(small, library=False)
    live.load()
    assert live.problem is not None
    assert builder.build(two).code == 0
    assert live.load().generation == current_generation(small.index.dir)
    assert live.problem is None
    live.close()


def test_without_a_good_generation_nothing_is_answered(place, small):
    folder = small.index.dir / current_generation(small.index.dir)
    (folder / "passages.sqlite").write_bytes(b"x")
    live = Live(small, library=False)
    with pytest.raises(IndexCorrupt, match=r"passages\.sqlite differs"):
        live.load()
    client = create_app(live, small).test_client()
    for address, status in (("/readyz", 503), ("/api/v1/search?q=工資", 503), ("/healthz", 200)):
        assert client.get(address).status_code == status
    live.close()


class _Planted:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("name", ["_MAIN_1.toc", "_MAIN_2.toc"])
def test_no_pickle_is_read_before_its_digest_is_verified(place, small, tmp_path, name):
    """Whoosh's table of contents holds a pickled schema; another one beside it would be the newest."""
    mark = tmp_path / "mark"
    poison = pickle.dumps(_Planted(mark))
    folder = small.index.dir / current_generation(small.index.dir) / "keyword"
    real = (folder / "_MAIN_1.toc").read_bytes()
    schema = real.index(b"\x80")  # where the pickle begins, behind its length
    (folder / name).write_bytes(real[:schema] + poison)
    live = Live(small, library=False)
    with pytest.raises(IndexCorrupt, match=name):
        live.load()
    live.close()
    assert not mark.exists()
    pickle.loads(poison)  # the poison works
    assert mark.exists()


def test_an_unforeseen_failure_leaves_the_old_generation_serving(place, small, builder, monkeypatch, caplog):
    live = Live(small, library=False)
    kept = live.load().generation
    assert builder.build(place).code == 0
    for error in (MemoryError(), OSError(24, "Too many open files"), ZeroDivisionError("odd")):

        def fails(folder: Path, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(live, "_open", fails)
        live._again = 0.0
        assert live.load().generation == kept
        assert type(error).__name__ in str(live.problem)
    monkeypatch.undo()
    live._again = 0.0
    assert live.load().generation == current_generation(small.index.dir)
    assert live.problem is None
    live.close()


def test_backup_and_restore_as_documented(place, small, root, tmp_path):
    """The lines of SECURITY.md, run as they stand there."""
    text = (root / "SECURITY.md").read_text(encoding="utf-8")
    block = text.partition("## Backup and restore")[2].partition("```sh\n")[2].partition("```")[0]
    lines = [line.partition("#")[0].strip() for line in block.splitlines() if line.strip()]
    assert len(lines) == 3
    folder = place.parent
    name = current_generation(small.index.dir)
    backup, remove, restore = lines
    subprocess.run(["sh", "-ec", backup], cwd=folder, check=True)
    with tarfile.open(folder / "plansearch-backup.tar.gz") as kept:
        assert len(kept.getnames()) > 20
    shutil.rmtree(folder / "corpus")
    (small.index.dir / name / "passages.sqlite").write_bytes(b"x")
    for line in (remove, restore):
        subprocess.run(["sh", "-ec", line], cwd=folder, check=True)
    result = CliRunner().invoke(main, ["check", "--config", str(place)])
    assert result.exit_code == 0, result.output
    assert (folder / "corpus" / "plan-109.txt").is_file()
