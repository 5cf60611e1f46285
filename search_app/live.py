"""The published generation, kept open: loaded in the background, exchanged when a new one is published."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from indexer.build import Progress, open_encoder
from indexer.config import Config
from indexer.errors import EngineError, IndexMissing, PlanSearchError, QueryError, StoreError
from indexer.generations import Hold, current_generation, pointer_state, usable_generations
from indexer.model import Encoder
from indexer.tokens import warm
from search_app.retrieve import Search

log = logging.getLogger(__name__)

POLL_SECONDS = 2.0  # how often the pointer file is looked at
COMPARE_SECONDS = 60.0  # that a build spends on comparing its documents; one pair of 250 clauses takes 1 to 2
RETRY_SECONDS = 60.0  # how long a generation that cannot be opened is left alone: verifying it takes time
WARMING = "勞動部施政計畫"
RETIRE_SECONDS = 30.0  # how long a replaced generation stays open for requests that still use it


class Live:
    """Gives the current Search; readers keep the one they got.

    A generation that cannot be opened, for whatever reason, never replaces one that can: ``problem`` then tells why
    the open one is not the published one. At the start, when none is open, the older published ones are tried in turn.
    """

    def __init__(self, config: Config, library: bool = True) -> None:
        """``library=False`` opens the embedded model without sentence-transformers: same vectors, ready 4 s sooner."""
        self._config = config
        self._library = library
        self._encoder: Encoder | None = None
        self._search: Search | None = None
        self._prepares = False  # compare documents in the background: for a server, which goes on
        self._held: Hold | None = None
        self._seen = (0, 0)
        self._again = 0.0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._retired: list[_Retired] = []
        self.problem: PlanSearchError | None = None
        self.opened: Callable[[Search], object] | None = None  # called in the background with each new generation

    @property
    def ready(self) -> bool:
        """True once the model and an index are loaded."""
        return self._search is not None

    @property
    def folder(self) -> Path | None:
        """Where the open generation lies, None while there is none."""
        return self._config.index.dir / self._search.generation if self._search else None

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
        for retired in self._retired:
            retired.close()
        if self._search is not None:
            _Retired(self._search, self._held).close()
            self._search = self._held = None

    def _watch(self) -> None:
        while not self._stop.is_set():
            try:
                self._refresh()
            except PlanSearchError as error:
                self._tell(error)
            except Exception as error:  # whatever it is, the open generation goes on serving
                log.exception("index not looked at")
                self.problem = _unforeseen(error)
            self._stop.wait(POLL_SECONDS)

    def _refresh(self) -> None:
        """Open the newest usable generation when something was published or the last try is long ago."""
        root = self._config.index.dir
        state, now = pointer_state(root), time.monotonic()
        if state == self._seen and (now < self._again if self.problem else self._search is not None):
            return
        problem: StoreError | None = None
        try:
            current_generation(root)
        except IndexMissing as error:  # the pointer file is gone or damaged; older generations may be whole
            problem = error
        for name in usable_generations(root):
            if self._search is not None and self._search.generation == name:
                break
            try:
                self._exchange(root / name)
                break
            except StoreError as error:
                problem = problem or error
            except PlanSearchError:
                raise
            except Exception as error:  # no memory, no file handle: the next generation may need less
                log.exception("generation %s not opened", name)
                problem = problem or _unforeseen(error)
            if self._search is not None:
                break  # what is open is no older than what would be tried next
        self._seen, self._again = state, now + RETRY_SECONDS
        self._tell(problem)

    def _tell(self, problem: PlanSearchError | None) -> None:
        """Keep the problem for whoever asks, and log it once."""
        if problem is not None and str(problem) != str(self.problem):
            serving = f"generation {self._search.generation} is served instead" if self._search else "none is served"
            log.error("index not usable, %s: %s", serving, problem)
        self.problem = problem

    def _exchange(self, folder: Path) -> None:
        """Open a generation and retire the one that was open."""
        held = Hold(folder)
        try:
            fresh = self._open(folder)
        except BaseException:
            held.close()  # the error keeps this call's variables for as long as anybody has it
            raise
        self._retired = [one for one in self._retired if not one.closed]
        if self._search is not None:
            self._retired.append(_Retired(self._search, self._held))
            self._retired[-1].close_in(RETIRE_SECONDS)
        self._search, self._held = fresh, held
        if self._prepares:
            fresh.prepare()
        if self.opened is not None:
            self.opened(fresh)
        log.info("generation %s is served", fresh.generation)

    def _open(self, folder: Path) -> Search:
        if self._encoder is None:
            self._encoder = open_encoder(self._config.encoder, self._library)
            self._encoder.encode_query(WARMING)  # the first call pays for the model's set-up
            warm()
        opened = Search(folder, self._encoder, self._config.search)
        with suppress(QueryError):  # over the limits of config.yaml
            opened.search(WARMING)  # what the first search loads would otherwise keep its readers waiting
        return opened


def compare_likely(config: Config, progress: Progress | None, seconds: float) -> None:
    """Compare the documents of the published generation once, so that pages need not; told as the stage "compare".

    Takes about ``seconds`` at the most: a server goes on with the rest.
    """
    live = Live(config, library=False)
    search = live.load()
    try:
        started = time.monotonic()
        for done, total in search.compare_likely():
            if progress is not None:
                progress("compare", done, total)
            if time.monotonic() - started > min(seconds, COMPARE_SECONDS):
                break
    finally:
        live.close()


class _Retired:
    """A replaced generation, open for the requests that still use it; it is not swept until it is closed."""

    def __init__(self, search: Search, held: Hold | None) -> None:
        self._search: Search | None = search
        self._held = held
        self._timer: threading.Timer | None = None

    @property
    def closed(self) -> bool:
        return self._search is None

    def close_in(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self.close)
        self._timer.daemon = True
        self._timer.start()

    def close(self) -> None:
        """Close it and let go of it: its mapped arrays keep files open as long as anybody has them."""
        if self._timer is not None:
            self._timer.cancel()
        search, self._search = self._search, None
        if search is None:
            return
        try:
            search.close()
        finally:
            if self._held is not None:
                self._held.close()


def _unforeseen(error: Exception) -> EngineError:
    return EngineError(f"the index could not be opened: {error!r}.", "The log tells where.")
