"""Searches of one process take turns."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from search_app.retrieve import Search
from search_app.turns import Turns


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
    turns = Turns(seconds=0.01)
    monkeypatch.setattr(search, "_turn", turns.turn)
    with turns.turn():
        assert search.search("工會").total > 0
    started = time.monotonic()
    with turns.turn():  # it is free again
        assert time.monotonic() - started < 0.01


def test_who_waits_longest_is_next() -> None:
    turns, order = Turns(seconds=5), []
    threads = []

    def take(number: int) -> None:
        with turns.turn():
            order.append(number)

    with turns.turn():
        for number in range(8):
            threads.append(threading.Thread(target=take, args=[number]))
            threads[-1].start()
            while len(turns._waiting) <= number:
                time.sleep(0.001)
    with turns.turn():  # asked last
        order.append(8)
    for thread in threads:
        thread.join()
    assert order == list(range(9))
