"""Generations exchanged under load: no error, nothing torn, no memory or file handle left behind."""

from __future__ import annotations

import gc
import shutil
import statistics
import threading
import time
from collections.abc import Callable
from contextlib import closing
from itertools import cycle
from pathlib import Path

import psutil
import pytest

from indexer import synonyms
from indexer.config import Config
from indexer.generations import current_generation
from indexer.store import Store
from indexer.text import fold_text
from search_app import live as live_module
from search_app.live import Live
from tests.faults.conftest import PLAN, Builder

CLIENTS = 8


def search_until(stop: threading.Event, live: Live, queries: list[str], errors: list[str], took: list[float]) -> None:
    """Search again and again for what stands in every generation; hits that do not hold it are torn."""
    for query in cycle(queries):
        if stop.is_set():
            break
        started = time.perf_counter()
        try:
            found = live.current().search(query)
            exact = [hit for hit in found.hits if hit.why.exact]
            if not exact or any(fold_text(query) not in fold_text(hit.clause.text) for hit in exact):
                errors.append(f"torn: {query}")
        except Exception as error:
            errors.append(repr(error))
        took.append(time.perf_counter() - started)
        time.sleep(0.005)


def under_load(live: Live, queries: list[str], work: Callable[[], None]) -> tuple[list[str], list[float]]:
    """Errors and seconds of the searches of eight clients while something is done."""
    stop, errors, took = threading.Event(), [], []
    starts = [number * len(queries) // CLIENTS for number in range(CLIENTS)]
    threads = [
        threading.Thread(target=search_until, args=(stop, live, queries[start:] + queries[:start], errors, took))
        for start in starts
    ]
    for thread in threads:
        thread.start()
    work()
    stop.set()
    for thread in threads:
        thread.join()
    return errors, took


def p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


def build_while_searching(
    place: Path, small: Config, builder: Builder, builds: int, queries: list[str], idle_seconds: float
) -> dict[str, object]:
    live = Live(small, library=False)
    live.load()
    seen = set()

    def work() -> None:
        for number in range(builds):
            text = PLAN.format(year=110, text=f"第{number}次。")
            (small.corpus.dir / "plan-110.txt").write_text(text, encoding="utf-8")
            assert builder.build(place).code == 0
            seen.add(live.load().generation)

    idle_errors, before = under_load(live, queries, lambda: time.sleep(idle_seconds))
    errors, during = under_load(live, queries, work)
    live.close()
    assert idle_errors == errors == []
    assert len(seen) == builds
    return {
        "clients": CLIENTS, "builds": builds, "searches": len(during), "errors": 0, "torn": 0,
        "p95_idle_ms": round(1000 * p95(before), 1), "p95_while_building_ms": round(1000 * p95(during), 1),
        "ratio": round(p95(during) / p95(before), 2),
    }  # fmt: skip


def test_builds_while_clients_search(place, small, builder):
    assert build_while_searching(place, small, builder, 2, ["推動最低工資法制"] * CLIENTS, 0.5)["searches"] > 20


@pytest.mark.slow
def test_builds_while_clients_search_in_full(place, small, builder, record, root):
    """With the shipped corpus: of a plan of five clauses a search takes less than the scheduler's turns."""
    shutil.copytree(root / "corpus", small.corpus.dir, dirs_exist_ok=True)
    assert builder.build(place).code == 0
    with closing(Store(small.index.dir / current_generation(small.index.dir))) as store:
        clauses = [one for one in store.clauses(range(store.count)) if len(one.text) > 24 and not one.damaged]
    figures = build_while_searching(place, small, builder, 12, [one.text[4:14] for one in clauses], 30)
    record("builds_while_clients_search", figures)
    assert figures["ratio"] <= 2


def swap(place: Path, small: Config, builder: Builder, monkeypatch, swaps: int) -> dict[str, object]:
    """Memory and handles after the first swaps and after all of them, with a search in each generation."""
    monkeypatch.setattr(live_module, "RETIRE_SECONDS", 0.05)
    process = psutil.Process()
    live = Live(small, library=False)
    live.load()
    marks: list[tuple[int, int]] = []
    for number in range(swaps):
        assert builder.build(place).code == 0
        assert live.load().generation == current_generation(small.index.dir)
        assert live.current().search("最低工資").hits
        time.sleep(0.1)
        if number in (swaps // 5, swaps - 1):
            time.sleep(0.3)
            gc.collect()
            marks.append((process.memory_info().rss, process.num_fds()))
    live.close()
    gc.collect()
    held = [one.path for one in process.open_files() if one.path.startswith(str(small.index.dir))]
    (first, handles), (last, handles_after) = marks
    assert handles_after <= handles
    assert held == []
    assert len([one for one in small.index.dir.iterdir() if one.is_dir()]) <= small.index.keep_generations + 1
    return {
        "swaps": swaps, "memory_mib": [first >> 20, last >> 20], "growth": round(last / first - 1, 4),
        "handles": [handles, handles_after],
    }  # fmt: skip


def test_swaps_leave_nothing_behind(place, small, builder, monkeypatch):
    assert swap(place, small, builder, monkeypatch, 4)["growth"] <= 0.05


@pytest.mark.slow
def test_swaps_in_full(place, small, builder, monkeypatch, record):
    figures = swap(place, small, builder, monkeypatch, 50)
    assert figures["growth"] <= 0.05
    record("swaps", figures)


def test_no_reader_waits_for_what_a_new_generation_loads(place, small, builder):
    """Eight clients that each read the lexicon again at an exchange waited 5 s."""
    live = Live(small, library=False)
    live.load()
    for lexicon in ("", "synonyms: [{words: [最低工資, 底薪]}]\n"):
        (place.parent / "corpus" / "lexicon.yaml").write_text(lexicon, encoding="utf-8")
        assert builder.build(place).code == 0
        live.load()
        read = synonyms._chinese.cache_info().misses
        assert live.current().search("底薪").hits
        assert synonyms._chinese.cache_info().misses == read
    live.close()


def test_a_generation_that_is_read_is_not_swept(place, small, builder):
    live = Live(small, library=False)
    first = live.load()
    for _ in range(3):
        assert builder.build(place).code == 0
    assert (small.index.dir / first.generation).is_dir()
    results: list[int] = []
    thread = threading.Thread(target=lambda: results.append(first.search("最低工資").total))
    thread.start()  # a new thread opens a connection of its own, by name
    thread.join()
    assert results == [1]
    live.close()
    assert builder.build(place).code == 0
    assert not (small.index.dir / first.generation).exists()
