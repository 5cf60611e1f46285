"""What every test may use."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from indexer.build import build_index
from indexer.config import Config, load_config
from search_app.live import Live
from search_app.retrieve import Search

# The same examples at every run, and no time limit for one example: a busy machine is no failure.
settings.register_profile("plansearch", derandomize=True, deadline=None)
settings.load_profile("plansearch")

CHROMIUM = shutil.which("chromium-headless-shell")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CHROMIUM is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="chromium-headless-shell is not installed"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """Playwright drives Debian's chromium; its sandbox cannot be had as root."""
    return {"executable_path": CHROMIUM, "args": ["--no-sandbox"] if os.geteuid() == 0 else []}


@pytest.fixture(scope="session", autouse=True)
def priority() -> Iterator[None]:
    """Commands that run within the tests leave the tests' own priority as it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("search_app.cli.stand_back", lambda: None)
        yield


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return Path(__file__).parent.parent


@pytest.fixture(scope="session")
def config(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """The shipped settings over the shipped corpus, with an index folder that the processes of one run share."""
    shipped = load_config(root / "config.yaml")
    own = tmp_path_factory.getbasetemp()
    run = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    index = shipped.index.model_copy(update={"dir": run / "var" / "index"})
    return shipped.model_copy(update={"index": index})


@pytest.fixture(scope="session")
def live(config: Config) -> Iterator[Live]:
    """The index of the shipped corpus, built by whichever process comes first, and opened."""
    folder = config.index.dir.parent
    folder.mkdir(parents=True, exist_ok=True)
    opened = Live(config, library=False)
    with (folder / "built.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (config.index.dir / "current").exists():
            build_index(config)
        for _ in opened.load().compare_likely():  # as `plansearch index` does
            pass
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def search(live: Live) -> Search:
    return live.current()
