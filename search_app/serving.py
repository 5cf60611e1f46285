"""The web server: waitress in one process, ended without cutting off an answer."""

from __future__ import annotations

import logging
import signal
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any
from urllib.parse import quote

import waitress
from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer

from indexer.config import ServerConfig
from indexer.errors import ConfigError

log = logging.getLogger(__name__)

TURN_SECONDS = 1.0  # how long the loop waits for something to happen


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """Takes addresses in which Chinese stands as typed, which is what curl sends and waitress refuses."""

    def parse_header(self, header: bytes) -> None:
        first_line, end, rest = header.partition(b"\r\n")
        super().parse_header(quote(first_line, safe=bytes(range(128))).encode() + end + rest)


class _Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """Leaves a connection alone while a thread is sending on it.

    waitress's loop wants to send what that thread has not sent yet, cannot, and tries again at once: with 64 clients 12,000
    times a second, while the thread waits for the interpreter. The same short search, again and again: 82 a second became
    350, over connections that are kept; over new ones 160 became 327.
    """

    parser_class = _Parser

    def writable(self) -> bool:
        if not super().writable():
            return False
        if not self.requests:
            return True
        if not self.outbuf_lock.acquire(blocking=False):
            return False  # the thread wakes the loop if it leaves something
        self.outbuf_lock.release()
        return True


def serve_app(
    app: Flask,
    server: ServerConfig,
    ready: Callable[[str], None] = lambda address: None,
    shared: list[socket.socket] | None = None,
) -> None:
    """Serve until SIGTERM or Ctrl-C, then answer what has been asked and return; ``ready`` is told the address.

    One process, so that all threads share one index; with ``shared`` sockets it is one of several. Raises ConfigError
    when the address cannot be listened on.
    """
    BaseWSGIServer.channel_class = _Channel
    sockets: dict[int, Any] = {}
    made = waitress.create_server(
        app, map=sockets, sockets=shared or bound(server.host, server.port), threads=server.threads,
        connection_limit=server.connection_limit, channel_timeout=server.channel_timeout,
        max_request_body_size=server.max_body_bytes, ident="plansearch",
        clear_untrusted_proxy_headers=False,  # the application decides whom it trusts
        asyncore_use_poll=True,  # select() fails beyond file descriptor 1,023
    )  # fmt: skip
    listening = [one for one in sockets.values() if isinstance(one, BaseWSGIServer)]
    for one in listening:
        ready(f"http://{one.effective_host}:{one.effective_port}")
    stop = _stop_signals(listening)
    try:
        while not stop.is_set():
            _turn(sockets)
        log.info("stopping: what has been asked is still answered")
        _finish(sockets, listening, time.monotonic() + server.shutdown_seconds)
    finally:
        made.task_dispatcher.shutdown(timeout=1)
        for channel in _channels(sockets):
            channel.handle_close()  # also closes the files that hold what was not sent
        with suppress(OSError):
            wasyncore.close_all(sockets)


def addresses(sockets: list[socket.socket]) -> list[str]:
    """Where bound sockets can be reached: http://127.0.0.1:8000, http://[::1]:8000."""
    pairs = [one.getsockname()[:2] for one in sockets]
    return [f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}" for host, port in pairs]


def bound(host: str, port: int) -> list[socket.socket]:
    """Sockets of every address that the host has. Raises ConfigError; bound here, because waitress leaves them open."""
    sockets: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            sockets.append(socket.socket(family, kind, protocol))
            sockets[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sockets[-1].setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            sockets[-1].bind(address)
    except OSError as error:
        for one in sockets:
            one.close()
        reason = error.strerror or str(error)
        raise ConfigError(
            f"cannot listen on {host}:{port}: {reason}.", "Choose others: server.host, server.port."
        ) from error
    return sockets


def _stop_signals(listening: list[BaseWSGIServer]) -> threading.Event:
    """An event that SIGTERM and Ctrl-C set; a second Ctrl-C ends the process at once."""
    stop = threading.Event()

    def asked(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        for one in listening:
            one.pull_trigger()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, asked)
        signal.signal(signal.SIGINT, asked)
    return stop


def _finish(sockets: dict[int, Any], listening: list[BaseWSGIServer], until: float) -> None:
    """Take no new connection, and go on until every request that was read has its whole answer, or until the time is up."""
    for one in listening:
        one.accepting = False
        wasyncore.dispatcher.close(one)  # the listening socket; the trigger stays, worker threads wake the loop with it
    while _busy(sockets) and time.monotonic() < until:
        _turn(sockets, 0.1)


def _busy(sockets: dict[int, Any]) -> bool:
    return any(channel.requests or channel.total_outbufs_len for channel in _channels(sockets))


def _channels(sockets: dict[int, Any]) -> list[HTTPChannel]:
    return [one for one in sockets.values() if isinstance(one, HTTPChannel)]


def _turn(sockets: dict[int, Any], seconds: float = TURN_SECONDS) -> None:
    wasyncore.loop(timeout=seconds, use_poll=True, map=sockets, count=1)
