"""What the views of one application share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from flask import current_app, request

from indexer.config import Config
from search_app.querylog import QueryLog

if TYPE_CHECKING:
    from search_app.live import Live
    from search_app.retrieve import Search


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Site:
    """The open index, the settings, and the log of what was not found.

    ``made`` holds what was made of a generation: (maker, generation, thing).
    """

    live: Live
    config: Config
    querylog: QueryLog
    made: dict[Callable[..., Any], tuple[str, Any]] = field(default_factory=dict)

    def of(self, make: Callable[[Search], T], found: Search) -> T:
        """What ``make`` makes of a generation: once, kept until another generation is asked about.

        Two threads may make it at the same time; what they make is the same.
        """
        kept = self.made.get(make)
        if kept is None or kept[0] != found.generation:
            kept = self.made[make] = (found.generation, make(found))
        return cast(T, kept[1])


def site() -> Site:
    return cast(Site, current_app.extensions["plansearch"])


def searcher() -> Search:
    """The search over the published generation. Raises StoreError while there is none."""
    return site().live.current()


def address() -> str:
    """The address of this server as the reader wrote it, without a slash at its end: for permalinks that are copied."""
    return request.url_root.rstrip("/")
