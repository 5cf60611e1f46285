"""A small corpus whose index is built in a fifth of a second, by a process whose children may be killed or made to fail."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from indexer.config import Config, load_config

PLAN = "勞動部 {year} 年度施政計畫\n\n壹、年度施政目標\n一、促進就業\n（一）{text}\n（二）推動最低工資法制。\n"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a build ended: exit code (-9 when killed), what it told, how often it could have failed."""

    code: int
    told: str
    events: int


class Builder:
    """Builds in children of one process that has everything loaded."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def start(self, config: Path, **order: object) -> int:
        """Begin a build; the pid of its process."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"config": str(config), **order}) + "\n")
        self._process.stdin.flush()
        return int(self._answer()["pid"])

    def finish(self) -> Outcome:
        """The outcome of the build that was started."""
        answer = self._answer()
        return Outcome(answer["rc"], answer["told"], answer["events"])

    def build(self, config: Path, **order: object) -> Outcome:
        self.start(config, **order)
        return self.finish()

    def _answer(self) -> dict:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the building process has ended"
        return json.loads(line)


def write_site(folder: Path) -> Path:
    """A configuration file over a corpus of one short plan, in a folder of its own."""
    (folder / "corpus").mkdir(parents=True)
    (folder / "corpus" / "plan-109.txt").write_text(PLAN.format(year=109, text="辦理就業服務。"), encoding="utf-8")
    (folder / "config.yaml").write_text("corpus: {dir: corpus}\nindex: {dir: var/index}\n", encoding="utf-8")
    return folder / "config.yaml"


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    """failing.c compiled, None where there is no C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    made = tmp_path_factory.mktemp("shim") / "failing.so"
    source = Path(__file__).parent / "failing.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", made, source, "-ldl"], check=True)
    return made


@pytest.fixture(scope="session")
def builder(tmp_path_factory: pytest.TempPathFactory, root: Path, shim: Path | None) -> Iterator[Builder]:
    folder = tmp_path_factory.mktemp("builder")
    command = [sys.executable, str(Path(__file__).parent / "building.py"), folder / "told", write_site(folder)]
    surroundings = {**os.environ, "PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
    if shim is not None:
        surroundings["LD_PRELOAD"] = str(shim)
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True, env=surroundings, cwd=folder) as process:
        assert process.stdout is not None
        while process.stdout.readline().strip():
            pass
        yield Builder(process)
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def memory_path(tmp_path: Path) -> Iterator[Path]:
    """A temporary folder in memory where there is one: a build flushes 60 files, 30 ms each on a busy disk."""
    shared = Path("/dev/shm")
    if not os.access(shared, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=shared) as folder:
        yield Path(folder)


@pytest.fixture
def place(memory_path: Path, builder: Builder) -> Path:
    """The configuration file of a corpus whose index has been built once."""
    config = write_site(memory_path / "site")
    outcome = builder.build(config)
    assert outcome.code == 0, outcome.told
    return config


@pytest.fixture
def small(place: Path) -> Config:
    return load_config(place)


@pytest.fixture(scope="session")
def record(root: Path) -> Callable[[str, dict], None]:
    """Keep the raw results of a full form under benchmarks/results, with date, command and machine."""

    def keep(name: str, figures: dict) -> None:
        from tests.faults.machine import machine

        path = root / "benchmarks" / "results" / f"faults-{name}.json"
        command = f"./test -m slow tests/faults -k {name}"
        path.write_text(json.dumps({**machine(command), **figures}, indent=1, ensure_ascii=False) + "\n", "utf-8")

    return keep
