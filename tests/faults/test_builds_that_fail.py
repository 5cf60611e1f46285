"""Builds that are killed or cannot write: what was published before serves, and the next build succeeds.

The short forms stand in ./test; the full forms, marked slow, keep their raw results under benchmarks/results.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from indexer.config import Config
from indexer.encode import load_encoder
from indexer.generations import MANIFEST, build_lock, current_generation, published_generations, read_manifest, sweep
from indexer.store import Store
from search_app.live import Live
from search_app.retrieve import Search
from tests.faults.conftest import PLAN, Builder, Outcome

QUERY = "最低工資"


@pytest.fixture(scope="module")
def encoder():
    return load_encoder("embedded", "", "", 1, 1, 64, 2000, library=False)


@contextmanager
def serving(config: Config) -> Iterator[list[str]]:
    """A server that is asked all the time; its failures."""
    live = Live(config, library=False)
    live.load()
    failures: list[str] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.wait(0.002):
            try:
                if not live.load().search(QUERY).hits:
                    failures.append("no hit")
            except Exception as error:
                failures.append(repr(error))

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield failures
    finally:
        stop.set()
        thread.join()
        live.close()


def leftovers(config: Config) -> list[str]:
    """What lies in the index folder beside the published generations."""
    known = {"lock", "current", *published_generations(config.index.dir)}
    return sorted(path.name for path in config.index.dir.iterdir() if path.name not in known)


def opens(config: Config, encoder) -> float:
    """Seconds until the published generation gives its first answer; the model is loaded already."""
    started = time.perf_counter()
    opened = Search(config.index.dir / current_generation(config.index.dir), encoder, config.search)
    assert opened.search(QUERY).hits
    seconds = time.perf_counter() - started
    opened.close()
    return seconds


def kill_builds(place: Path, small: Config, builder: Builder, encoder, times: int, seed: int) -> dict[str, object]:
    """Kill so many builds, by turns at a random moment and right before one of their operations on files.

    One that ended before its moment came counts for nothing.
    """
    chance = random.Random(seed)
    below = str(small.index.dir.parent)
    started = time.perf_counter()
    whole = builder.build(place, below=below, at=-1, error="SIGKILL")
    usual = time.perf_counter() - started
    assert whole.code == 0
    restarts, tried, killed = [], 0, 0
    with serving(small) as failures:
        while killed < times and tried < 3 * times:
            if killed % 2:
                at = whole.events * killed // times
                outcome = builder.build(place, below=below, at=at, error="SIGKILL")
            else:
                pid = builder.start(place)
                time.sleep(chance.uniform(0, 1.2 * usual))
                with suppress(ProcessLookupError):  # it had ended already
                    os.kill(pid, signal.SIGKILL)
                outcome = builder.finish()
            tried += 1
            killed += outcome.code == -signal.SIGKILL
            restarts.append(opens(small, encoder))
        again = builder.build(place)
    assert failures == []
    assert again.code == 0, again.told
    assert builder.build(place).code == 0  # the server, which has ended, read one of the generations until now
    assert leftovers(small) == []
    return {"builds": tried, "killed": killed, "places": whole.events, "failed_requests": 0, "seconds_of_a_build": round(usual, 2),
            "restart_seconds_max": round(max(restarts), 3)}  # fmt: skip


def test_killed_builds_leave_the_old_generation_serving(place, small, builder, encoder):
    figures = kill_builds(place, small, builder, encoder, 4, seed=1)
    assert figures["killed"] == 4


@pytest.mark.slow
def test_killed_builds_in_full(place, small, builder, encoder, record):
    figures = kill_builds(place, small, builder, encoder, 200, seed=2)
    assert figures["killed"] == 200
    assert figures["restart_seconds_max"] < 5
    record("killed_builds", figures)


def test_revisions_that_fail_leave_the_old_generation_and_the_next_succeeds(place, small, builder, encoder):
    """A build that takes over most of the generation before it, with one of its operations on files failing."""
    corpus, below = small.corpus.dir, str(small.index.dir.parent)
    for year in range(101, 109):
        (corpus / f"plan-{year}.txt").write_text(PLAN.format(year=year, text="辦理職業訓練。"), encoding="utf-8")
    assert builder.build(place, rebuild=False).code == 0

    def change(number: int) -> None:
        text = f"辦理就業服務第{number}期。"
        (corpus / "plan-109.txt").write_text(PLAN.format(year=109, text=text), encoding="utf-8")

    def revised() -> int:
        return len(read_manifest(small.index.dir / current_generation(small.index.dir)).revised)

    change(0)
    places = builder.build(place, rebuild=False, below=below, at=-1, error="ENOSPC").events
    assert revised() == 1
    failed = kept = 0
    for number, at in enumerate(range(1, places, max(1, places // 8)), start=1):
        old = current_generation(small.index.dir)
        change(number)
        outcome = builder.build(place, rebuild=False, below=below, at=at, error="SIGKILL" if number % 2 else "ENOSPC")
        failed += outcome.code != 0
        kept += current_generation(small.index.dir) == old  # but where it was killed after the exchange
        assert opens(small, encoder) < 5
        again = builder.build(place, rebuild=False)
        assert again.code == 0, again.told
        with closing(Store(small.index.dir / current_generation(small.index.dir))) as store:
            assert any(f"第{number}期" in text for _, text in store.folded())
    assert min(failed, kept) >= 7
    assert builder.build(place, rebuild=False).code == 0
    assert leftovers(small) == []


def test_a_sweep_that_is_killed_is_finished_by_the_next(place, small, builder, monkeypatch):
    """The manifest may go first; a folder without one was never swept."""

    def killed(folder: Path, ignore_errors: bool) -> None:
        (folder / MANIFEST).unlink()
        raise KeyboardInterrupt

    old = current_generation(small.index.dir)
    assert builder.build(place).code == 0
    (small.index.dir / "current").write_text(f"{current_generation(small.index.dir)}\n", encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            sweep(small.index.dir)
    assert [name for name in leftovers(small) if old in name] != []
    sweep(small.index.dir)
    assert leftovers(small) == []


def check_failed(outcome: Outcome, place: Path, small: Config, kept: str, encoder) -> None:
    """A build that could not write: told by file, nothing left, the old generation good."""
    folder = small.index.dir.parent
    assert outcome.code not in (0, -11), outcome.told
    assert "Traceback" not in outcome.told
    assert str(folder) in outcome.told or "memory ran out" in outcome.told, outcome.told
    assert current_generation(small.index.dir) == kept
    assert [name for name in leftovers(small) if name not in (".current.new",)] == [], outcome.told
    opens(small, encoder)


@pytest.mark.parametrize(("error", "first"), [("ENOSPC", 0), ("EIO", 10), ("MemoryError", 20)])
def test_no_file_can_be_written(place, small, builder, encoder, error, first):
    fail_everywhere(place, small, builder, encoder, error, first, share=30)


@pytest.mark.slow
def test_no_file_can_be_written_in_full(place, small, builder, encoder, record):
    figures = {
        error: fail_everywhere(place, small, builder, encoder, error, 0, 1)
        for error in ("ENOSPC", "EIO", "MemoryError")
    }
    record("no_file_can_be_written", {"injected": figures, "told_by_file": "all", "served_meanwhile": "all"})


def fail_everywhere(place, small, builder, encoder, error: str, first: int, share: int) -> dict[str, int]:
    """An error at the first and then every ``share``-th time that a build opens, makes, moves or flushes a file."""
    below = str(small.index.dir.parent)
    whole = builder.build(place, below=below, at=-1, error=error)
    kept = current_generation(small.index.dir)
    tried = harmless = 0
    for at in range(first, whole.events, share):
        outcome = builder.build(place, below=below, at=at, error=error)
        tried += 1
        if outcome.code == 0:  # after the pointer is swapped, or where only the cache could not be kept
            harmless += 1
            kept = current_generation(small.index.dir)
            opens(small, encoder)
        elif current_generation(small.index.dir) != kept:  # published, but the folder's entry could not be flushed
            kept = current_generation(small.index.dir)
            opens(small, encoder)
        else:
            check_failed(outcome, place, small, kept, encoder)
    assert builder.build(place).code == 0
    assert leftovers(small) == []
    assert whole.events > 40
    assert harmless < tried / 4
    return {"places": whole.events, "tried": tried, "harmless": harmless}


@pytest.mark.slow
@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
def test_no_byte_can_be_written(place, small, builder, encoder, shim, record, error):
    """The same for every single write of Whoosh, FAISS, numpy and SQLite."""
    if shim is None:
        pytest.skip("there is no C compiler")
    whole = builder.build(place, write=-1, error=error)
    kept = current_generation(small.index.dir)
    wrong = []
    for at in range(whole.events):
        outcome = builder.build(place, write=at, error=error, once=error == "EIO")
        if current_generation(small.index.dir) == kept:
            if outcome.code == 0:
                wrong.append((at, outcome.told))
            else:
                check_failed(outcome, place, small, kept, encoder)
        else:
            kept = current_generation(small.index.dir)
            opens(small, encoder)
    assert wrong == []
    assert builder.build(place).code == 0
    assert leftovers(small) == []
    record(f"no_byte_can_be_written-{error}", {"error": error, "writes": whole.events, "served_meanwhile": "all"})


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A function's worth of a disk of 2 MiB; root alone can mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True).returncode:
        pytest.skip("a disk cannot be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk_at_every_stage(small_disk, builder, encoder, tmp_path):
    """Less and less room, 80 KiB at a time: every stage of a build meets the full disk once."""
    from indexer.config import load_config
    from tests.faults.conftest import write_site

    config_path = write_site(tmp_path / "site")
    config_path.write_text(
        f"corpus: {{dir: corpus}}\nindex: {{dir: {small_disk}/var/index, keep_generations: 1}}\n", "utf-8"
    )
    (small_disk / "var").mkdir()
    (small_disk / "var" / "cache").symlink_to(
        tmp_path, target_is_directory=True
    )  # the index alone is on the small disk
    first = builder.build(config_path)
    assert first.code == 0, first.told
    config = load_config(config_path)
    ballast = small_disk / "ballast"
    stages = set()
    for room in range(4, 480, 80):
        kept = current_generation(config.index.dir)
        free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
        ballast.write_bytes(bytes(max(0, free - room * 1024)))
        outcome = builder.build(config_path)
        if outcome.code == 0:
            break
        stages.add(outcome.told.partition(" cannot be written")[0].rpartition("/")[2])
        check_failed(outcome, config_path, config, kept, encoder)
        ballast.unlink()
    ballast.unlink(missing_ok=True)
    assert len(stages) > 2, stages
    assert builder.build(config_path).code == 0
    assert leftovers(config) == []


def test_the_second_of_two_builds_is_told_at_once(place, small, root):
    command = [sys.executable, "-m", "search_app.cli", "index", "--rebuild", "--config", str(place)]
    with build_lock(small.index.dir):
        started = time.perf_counter()
        second = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(root)})
        seconds = time.perf_counter() - started
    assert second.returncode == 4
    assert "another build is writing" in second.stderr
    print(f"refused after {seconds:.2f} s")
    assert seconds < 2 * max(1, os.getloadavg()[0] / (os.cpu_count() or 1))  # 2 s on a machine that is not overloaded
