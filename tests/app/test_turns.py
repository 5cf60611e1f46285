"""Searches of one process take turns."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from search_app import retrieve
from search_app.retrieve import Search


def test_one_search_computes_at_a_time(search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    running: list[int] = []
    seen: list[int] = []
    lock = threading.Lock()

    def computed(self: Search, *asked: object) -> None:
        with lock:
            running.append(1)
            seen.append(len(running))
        time.sleep(0.01)
        with lock:
            running.pop()

    monkeypatch.setattr(Search, "_search", computed)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(search.search, ["工會"] * 16))
    assert len(seen) == 16
    assert max(seen) == 1


def test_a_search_that_takes_long_holds_up_no_other(search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrieve, "TURN_SECONDS", 0.01)
    with search._turn():
        assert search.search("工會").total > 0
    assert [search._turns.acquire(blocking=False) for _ in range(2)] == [True, False]
    search._turns.release()
