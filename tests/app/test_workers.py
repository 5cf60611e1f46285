"""Several server processes: each is replaced when it ends, and all end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")

SCRIPT = """
import os, sys, threading
from pathlib import Path
from search_app import workers

folder, soon = Path(sys.argv[1]), float(sys.argv[2])
workers.SOON = soon

def work():
    import signal
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    (folder / str(os.getpid())).touch()
    while not told.wait(0.05):
        if (folder / "fail").exists():
            raise RuntimeError("as asked")
    (folder / f"{os.getpid()}.done").touch()

workers.keep_running(2, work, lambda: (folder / "stopped").touch())
"""


@pytest.fixture
def parent(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """A process with two workers that leave a file named by their id."""
    started = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path), str(request.param)], stderr=subprocess.PIPE, text=True
    )
    assert started.stderr is not None
    yield started
    started.kill()
    started.wait()
    started.stderr.close()


def ids(folder: Path, count: int) -> set[int]:
    """The ids of the workers so far, once there are so many."""
    for _ in range(400):
        found = {int(path.name) for path in folder.iterdir() if path.name.isdigit()}
        if len(found) >= count:
            return found
        time.sleep(0.05)
    raise AssertionError(f"no {count} workers")


@pytest.mark.parametrize("parent", [0], indirect=True)
def test_a_lost_worker_is_replaced_and_all_end_when_told(parent: subprocess.Popen[str], tmp_path: Path) -> None:
    first = ids(tmp_path, 2)
    os.kill(min(first), signal.SIGKILL)
    third = ids(tmp_path, 3) - first
    parent.terminate()
    assert parent.wait(20) == 0
    assert {int(path.stem) for path in tmp_path.glob("*.done")} == {max(first), *third}
    assert (tmp_path / "stopped").exists()


@pytest.mark.parametrize("parent", [30], indirect=True)
def test_workers_that_do_not_stay_are_not_started_for_ever(parent: subprocess.Popen[str], tmp_path: Path) -> None:
    ids(tmp_path, 2)
    (tmp_path / "fail").touch()
    assert parent.wait(20) == 1
    assert parent.stderr is not None
    assert "EngineError: a server process ended right after its start." in parent.stderr.read()
    assert len(ids(tmp_path, 2)) == 2
