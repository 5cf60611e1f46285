"""How long one search may take: what scans text asks now and then whether its time is up.

Time of the processor, in the thread that searches: on a busy machine the clock would stop honest searches too.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from indexer.errors import QueryError

_until: ContextVar[float] = ContextVar("until", default=math.inf)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is done in this block, in this thread, has so many seconds of the processor."""
    token = _until.set(time.thread_time() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


def check_time() -> None:
    """Raises QueryError when the time of the search that is going on is up; outside of one there is no limit."""
    if time.thread_time() > _until.get():
        raise QueryError("the search takes too long.", "Use longer words, fewer wildcards, or a filter.")
