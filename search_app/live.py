"""The published generation, kept open: loaded in the background, exchanged when a new one is published."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from indexer.build import Progress, open_encoder
from indexer.config import Config
from indexer.errors import IndexMissing, PlanSearchError, StoreError
from indexer.generations import current_generation
from indexer.model import Encoder
from indexer.tokens import warm
from search_app.retrieve import Search

log = logging.getLogger(__name__)

POLL_SECONDS = 2.0  # how often the pointer file is looked at
COMPARE_SECONDS = 60.0  # that a build spends on comparing its documents; one pair of 250 clauses takes 1 to 2
RETIRE_SECONDS = 30.0  # how long a replaced generation stays open for requests that still use it


class Live:
    """Gives the current Search; readers keep the one they got."""

    def __init__(self, config: Config, library: bool = True) -> None:
        """``library=False`` opens the embedded model without sentence-transformers: same vectors, ready 4 s sooner."""
        self._config = config
        self._library = library
        self._encoder: Encoder | None = None
        self._search: Search | None = None
        self._refused = ""
        self._prepares = False  # compare documents in the background: for a server, which goes on
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.problem: PlanSearchError | None = None
        self.opened: Callable[[Search], object] | None = None  # called in the background with each new generation

    @property
    def ready(self) -> bool:
        """True once the model and an index are loaded."""
        return self._search is not None

    def start(self) -> None:
        """Load in the background and watch for new generations."""
        self._prepares = True
        self._thread = threading.Thread(target=self._watch, name="plansearch-live", daemon=True)
        self._thread.start()

    def load(self) -> Search:
        """Load now, in this thread. Raises StoreError when there is no usable index."""
        self._refresh()
        return self.current()

    def current(self) -> Search:
        """The open Search. Raises the StoreError that keeps it from being there."""
        search = self._search
        if search is not None:
            return search
        if isinstance(self.problem, StoreError):
            raise self.problem
        raise IndexMissing("the index is being loaded.", "Try again in a few seconds.")

    def close(self) -> None:
        """Stop watching and close the index."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=POLL_SECONDS + 5)
        if self._search is not None:
            self._search.close()
            self._search = None

    def _watch(self) -> None:
        while not self._stop.is_set():
            try:
                self._refresh()
            except PlanSearchError as error:
                if self.problem is None or str(error) != str(self.problem):
                    log.error("index not usable: %s", error)
                self.problem = error
            self._stop.wait(POLL_SECONDS)

    def _refresh(self) -> None:
        """Open the published generation when it is another than the open one; the old one serves until then."""
        root = self._config.index.dir
        name = current_generation(root)
        if self._search is not None and name in (self._search.generation, self._refused):
            return
        try:
            fresh = self._open(root / name)
        except StoreError:
            self._refused = name
            raise
        retired, self._search, self.problem = self._search, fresh, None
        if self._prepares:
            fresh.prepare()
        if retired is not None:
            timer = threading.Timer(RETIRE_SECONDS, retired.close)
            timer.daemon = True
            timer.start()
        if self.opened is not None:
            self.opened(fresh)

    def _open(self, folder: Path) -> Search:
        if self._encoder is None:
            self._encoder = open_encoder(self._config.encoder, self._library)
            self._encoder.encode_query("勞動部施政計畫")  # the first call pays for the model's set-up
            warm()
        return Search(folder, self._encoder, self._config.search)


def compare_likely(config: Config, progress: Progress | None) -> None:
    """Compare the documents of the published generation once, so that pages need not; told as the stage "compare"."""
    live = Live(config, library=False)
    search = live.load()
    try:
        started = time.monotonic()
        for done, total in search.compare_likely():
            if progress is not None:
                progress("compare", done, total)
            if time.monotonic() - started > COMPARE_SECONDS:  # a server goes on with the rest
                break
    finally:
        live.close()
