"""Clients that are slow, silent or too many: a normal one is still answered, and nothing is left of them."""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest

from indexer.config import ServerConfig
from search_app import serving
from search_app.app import create_app
from search_app.live import Live

HALF = b"GET /search?q=a HTTP/1.1\r\nHost: localhost\r\nX-Slow: "


@contextmanager
def server(place: Path, root: Path, **settings: object) -> Iterator[tuple[int, psutil.Process]]:
    """A server of its own process over the small index: its port and process."""
    lines = "".join(f"  {key}: {value}\n" for key, value in {"port": 0, **settings}.items())
    path = place.with_name("server.yaml")
    path.write_text(f"{place.read_text('utf-8')}server:\n{lines}", encoding="utf-8")
    command = [sys.executable, "-m", "search_app.cli", "serve", "--config", str(path)]
    surroundings = {**os.environ, "PYTHONPATH": str(root), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=-1, stderr=subprocess.DEVNULL, text=True, env=surroundings) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().split()[0].rpartition(":")[2])
        while ask(port, "/readyz")[0] != 200:
            time.sleep(0.2)
        try:
            yield port, psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(timeout=60)
    assert process.returncode == 0


def ask(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, float]:
    """Status and seconds of one request of a normal client."""
    started = time.perf_counter()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as client:
        client.request("GET", path, headers=headers or {})
        answer = client.getresponse()
        answer.read()
    return answer.status, time.perf_counter() - started


def slow_clients(port: int, half_open: int, dripping: int, stop: threading.Event) -> list[socket.socket]:
    """Connections that send nothing, half a request, or one byte a second."""
    sockets = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(half_open + dripping)]
    for number, one in enumerate(sockets):
        if number % 2 or number >= half_open:
            one.sendall(HALF)

    def drip() -> None:
        while not stop.wait(1):
            for one in sockets[half_open:]:
                try:
                    one.sendall(b"a")
                except OSError:  # the server has closed it
                    continue

    threading.Thread(target=drip, daemon=True).start()
    return sockets


def beside_slow_clients(port: int, process: psutil.Process, count: int, seconds: float) -> dict[str, object]:
    for _ in range(5):
        ask(port, "/search?q=a")
    before = process.num_fds(), process.memory_info().rss
    stop = threading.Event()
    sockets = slow_clients(port, count // 2, count - count // 2, stop)
    took, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        status, second = ask(port, "/api/v1/search?q=%E5%B7%A5%E8%B3%87")
        assert status == 200
        took.append(second)
        time.sleep(0.05)
    stop.set()
    open_at_most = process.num_fds()
    for one in sockets:
        one.close()
    patience = time.monotonic() + 30
    while process.num_fds() > before[0] + 5 and time.monotonic() < patience:
        time.sleep(0.2)
    after = process.num_fds(), process.memory_info().rss
    assert open_at_most > before[0] + count * 0.8  # they were really connected
    assert after[0] <= before[0] + 5
    return {
        "slow_clients": count, "requests": len(took), "p95_ms": round(1000 * statistics.quantiles(took, n=20)[-1], 1),
        "handles": [before[0], after[0]], "memory_mib": [before[1] >> 20, after[1] >> 20],
    }  # fmt: skip


def test_a_normal_client_is_answered_beside_slow_ones_and_too_many_get_429(small, monkeypatch):
    """The short form serves from a thread of this process: a server of its own loads its libraries for 10 s."""
    stop, addresses = threading.Event(), []
    monkeypatch.setattr(serving, "_stop_signals", lambda listening: stop)
    live = Live(small, library=False)
    live.load()
    settings = ServerConfig(port=0, rate_limit=20)
    app = create_app(live, small.model_copy(update={"server": settings}))
    thread = threading.Thread(target=serving.serve_app, args=(app, settings, addresses.append))
    thread.start()
    while not addresses:
        time.sleep(0.01)
    port = int(addresses[0].rpartition(":")[2])
    try:
        figures = beside_slow_clients(port, psutil.Process(), 150, 1.5)
        statuses = [ask(port, "/documents", {"X-Forwarded-For": "203.0.113.7"})[0] for _ in range(22)]
    finally:
        stop.set()
        thread.join()
        live.close()
    assert statuses == [200] * 20 + [429] * 2
    assert figures["p95_ms"] < 1000 * max(1, os.getloadavg()[0])


@pytest.mark.slow
def test_500_slow_clients_in_full(place, root, record):
    with server(place, root, rate_limit=0, channel_timeout=120) as (port, process):
        figures = beside_slow_clients(port, process, 500, 30)
    record("500_slow_clients", figures)
    assert figures["p95_ms"] < 1000


@pytest.mark.slow
def test_64_clients_for_a_minute_in_full(place, root, record):
    took: list[float] = []
    statuses: list[int] = []
    with server(place, root, rate_limit=0) as (port, process):
        ask(port, "/search?q=a")
        before = process.num_fds(), process.memory_info().rss
        until = time.monotonic() + 60

        def client() -> None:
            while time.monotonic() < until:
                status, second = ask(port, "/api/v1/search?q=%E5%B7%A5%E8%B3%87")
                statuses.append(status)
                took.append(second)

        threads = [threading.Thread(target=client) for _ in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        time.sleep(2)
        after = process.num_fds(), process.memory_info().rss
    figures = {
        "clients": 64, "seconds": 60, "pause_seconds": 0, "requests": len(took), "errors": sum(one != 200 for one in statuses),
        "p95_ms": round(1000 * statistics.quantiles(took, n=20)[-1], 1), "handles": [before[0], after[0]],
        "memory_mib": [before[1] >> 20, after[1] >> 20],
    }  # fmt: skip
    record("64_clients", figures)
    assert figures["errors"] == 0
    assert figures["p95_ms"] < 1000
    assert after[0] <= before[0] + 5
