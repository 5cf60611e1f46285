"""What the views of one application share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app, request

from indexer.config import Config

if TYPE_CHECKING:
    from search_app.live import Live
    from search_app.retrieve import Search


@dataclass(frozen=True, slots=True)
class Site:
    """The open index and the settings."""

    live: Live
    config: Config


def site() -> Site:
    return cast(Site, current_app.extensions["plansearch"])


def searcher() -> Search:
    """The search over the published generation. Raises StoreError while there is none."""
    return site().live.current()


def address() -> str:
    """The address of this server as the reader wrote it, without a slash at its end: for permalinks that are copied."""
    return request.url_root.rstrip("/")
