"""Searches that take turns: one computes at a time, and who waits longest is next."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock

TURN_SECONDS = 0.25  # that one waits for its turn at the most, so that one that takes long holds up no other


class Turns:
    """Safe over threads. A semaphore of the standard library gives the turn to whoever asks at the right moment."""

    def __init__(self, seconds: float = TURN_SECONDS) -> None:
        self._seconds = seconds
        self._lock = Lock()
        self._waiting: deque[Event] = deque()
        self._taken = False

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and hold it for as long as the block takes; go on without one where none came in time."""
        held = self._take()
        try:
            yield
        finally:
            if held:
                self._hand_on()

    def _take(self) -> bool:
        with self._lock:
            if not self._taken:
                self._taken = True
                return True
            own = Event()
            self._waiting.append(own)
        if own.wait(self._seconds):
            return True
        with self._lock:
            if own.is_set():  # it came between the end of the wait and the lock
                return True
            self._waiting.remove(own)
            return False

    def _hand_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False
