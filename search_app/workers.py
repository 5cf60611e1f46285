"""Several processes that do the same until they are told to stop, each replaced when it ends."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from indexer.errors import EngineError

log = logging.getLogger(__name__)

SOON = 30.0  # seconds; what ends a process that fast would end the next one too


def keep_running(count: int, work: Callable[[], None], stopped: Callable[[], None] = lambda: None) -> None:
    """Do ``work`` in ``count`` processes and replace those that end, until SIGTERM or Ctrl-C, which they are told.

    ``stopped`` is called here once they shall end. Raises EngineError when one ends within SOON seconds of its start.
    """
    started: dict[int, float] = {}
    stopping = failed = False

    def stop(number: int = signal.SIGTERM, frame: FrameType | None = None) -> None:
        nonlocal stopping
        if not stopping:
            stopping = True
            stopped()
        for pid in started:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    for _ in range(count):
        started[_forked(work)] = time.monotonic()
    while started:
        if stopping:  # also for a process that was forked while the signal came
            stop()
        pid, _ = os.wait()
        lasted = time.monotonic() - started.pop(pid)
        if stopping:
            continue
        log.error("process %d ended after %.0f s", pid, lasted)
        if lasted < SOON:
            failed = True
            stop()
        else:
            started[_forked(work)] = time.monotonic()
    if failed:
        raise EngineError("a server process ended right after its start.", "The lines above tell why.")


def _forked(work: Callable[[], None]) -> int:
    """The id of a new process that does ``work`` and ends."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        os.setpgrp()  # Ctrl-C goes to the parent alone, which tells it once
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        work()
        status = 0
    except BaseException:
        log.exception("a server process failed")
    finally:
        os._exit(status)
