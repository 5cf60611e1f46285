"""Opening and serving the application, and ending it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from flask import Flask
from waitress.adjustments import Adjustments

from indexer.config import Config, ServerConfig
from indexer.errors import ConfigError
from search_app import app as module
from search_app import serving
from search_app.app import create_app, open_app, serve
from search_app.live import Live


def test_the_loop_leaves_a_connection_alone_while_a_thread_sends_on_it():
    own, other = socket.socketpair()
    with own, other:
        channel = serving._Channel(SimpleNamespace(active_channels={}), own, ("", 0), Adjustments(), map={})
        assert not channel.writable()
        channel.total_outbufs_len = 1
        assert channel.writable()
        channel.requests = ["one that is being answered"]
        assert channel.writable()
        taken, done = threading.Event(), threading.Event()

        def send() -> None:
            with channel.outbuf_lock:
                taken.set()
                done.wait()

        thread = threading.Thread(target=send)
        thread.start()
        taken.wait()
        assert not channel.writable()
        done.set()
        thread.join()
        assert channel.writable()


@pytest.mark.parametrize(
    ("sent", "path", "query"),
    [
        ("GET /search?q=最低工資 HTTP/1.1", "/search", "q=%E6%9C%80%E4%BD%8E%E5%B7%A5%E8%B3%87"),
        ("GET /search?q=%E6%9C%80&a=1 HTTP/1.1", "/search", "q=%E6%9C%80&a=1"),
        ("GET /條款?q=%zz HTTP/1.1", "/條款", "q=%zz"),
    ],
)
def test_addresses_may_hold_chinese_as_typed(sent, path, query):
    parser = serving._Parser(Adjustments())
    parser.received(f"{sent}\r\nHost: localhost\r\nX-A: b\r\n\r\n".encode())
    assert parser.error is None
    path_sent = parser.path.encode("latin-1").decode()
    assert (path_sent, parser.query, parser.headers["X_A"]) == (path, query, "b")


@pytest.fixture
def opened(monkeypatch, shelf):
    """What was done to the shelf that stands in for Live."""
    done = []
    shelf.start = lambda: done.append("start")
    shelf.close = lambda: done.append("close")
    monkeypatch.setattr(module, "Live", lambda config: shelf)
    return done


def test_open_app_starts_loading(opened, root):
    for config in (root / "config.yaml", Config()):
        assert open_app(config).test_client().get("/healthz").status_code == 200
    assert opened == ["start", "start"]


def test_a_taken_address_is_told_and_the_index_closed(opened):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config = Config(server=ServerConfig(port=port))
        with pytest.raises(ConfigError, match=rf"cannot listen on 127.0.0.1:{port}"):
            serve(open_app(config), config)
    assert opened == ["start", "close"]


def slow_app(shelf, entered: threading.Event) -> Flask:
    """The application with one view that takes a second and sends more than a socket holds."""
    app = create_app(cast(Live, shelf), Config())

    @app.get("/slow")
    def slow() -> str:
        entered.set()
        time.sleep(1)
        return "x" * 8_000_000

    return app


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_what_was_asked_is_answered_before_the_server_ends(shelf, monkeypatch, host):
    entered, stop, addresses = threading.Event(), threading.Event(), []
    monkeypatch.setattr(serving, "_stop_signals", lambda listening: stop)
    server = ServerConfig(host=host, port=0, shutdown_seconds=20)
    thread = threading.Thread(target=serving.serve_app, args=(slow_app(shelf, entered), server, addresses.append))
    thread.start()
    while not addresses:
        time.sleep(0.01)
    port = int(addresses[0].rpartition(":")[2])
    asking = http.client.HTTPConnection(addresses[0].removeprefix("http://").rpartition(":")[0].strip("[]"), port)
    with closing(asking):
        asking.request("GET", "/slow")
        assert entered.wait(10)
        stop.set()
        assert len(asking.getresponse().read()) == 8_000_000
    thread.join(timeout=10)
    assert not thread.is_alive()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((asking.host, port), timeout=5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_the_process_with_0_and_logs_are_json(tmp_path: Path, root: Path, number: signal.Signals) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "config.yaml").write_text("server: {port: 0}\nindex: {dir: index}\n", encoding="utf-8")
    command = [sys.executable, "-m", "search_app.cli", "serve", "--config", str(tmp_path / "config.yaml")]
    surroundings = {**os.environ, "PYTHONPATH": str(root), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=-1, stderr=-1, text=True, env=surroundings, cwd=tmp_path) as process:
        assert process.stdout is not None
        address = process.stdout.readline().split()[0].removeprefix("http://")
        with closing(http.client.HTTPConnection(address, timeout=30)) as client:
            client.request("GET", "/readyz", headers={"X-Request-ID": "request-0001"})
            answer = client.getresponse()
            assert (answer.status, answer.read()[:1]) == (503, b"{")
        process.send_signal(number)
        _, logged = process.communicate(timeout=60)
    assert process.returncode == 0
    lines = [json.loads(line) for line in logged.splitlines()]
    assert [line["request_id"] for line in lines if line["message"] == "request"] == ["request-0001"]
    assert any("no index in" in line["message"] for line in lines)
