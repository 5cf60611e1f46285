"""What a build costs: seconds of the clock and of the processor, memory of all its processes, disk; killed; repeated.

    python benchmarks/corpora.py FOLDER --passages 1000000
    python benchmarks/build.py --config CONFIG [--kill-after SECONDS ...] [--changes 3] [--out FILE]

Runs `plansearch index` from nothing: what the configuration's index folder and its caches hold is removed first. With
--kill-after it is killed (SIGKILL) after so many seconds and begun again, as often as told; then a row adds up all of
these. With --changes so often one document is changed, by turns a word of it and a clause more, and the build repeated.
Memory is the sum of the proportional set sizes (PSS) of the build and its processes, twice a second, mapped files
included (Linux).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from speed import command, machine

from indexer.config import Config, load_config
from indexer.generations import current_generation, read_manifest

EVERY = 0.5  # seconds between two looks at the memory


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--config", type=Path, required=True)
    options.add_argument("--kill-after", type=float, nargs="*", default=[], help="seconds of each build that is killed")
    options.add_argument("--changes", type=int, default=0, help="builds after one document was changed")
    options.add_argument(
        "--whole", type=float, help="seconds that the index took which is there: only changes are measured"
    )
    options.add_argument("--out", type=Path)
    given = options.parse_args()
    rows = []
    for row in measure(load_config(given.config), given.config, given.kill_after, given.changes, given.whole):
        print("  ".join(f"{name} {value}" for name, value in row.items()), flush=True)
        rows.append(row)
        if given.out:
            told = {"date": date.today().isoformat(), "command": command(), "machine": machine(), "rows": rows}
            given.out.write_text(f"{json.dumps(told, ensure_ascii=False, indent=1)}\n", encoding="utf-8")


def measure(
    config: Config, path: Path, kill_after: list[float], changes: int, known: float | None
) -> Iterator[dict[str, object]]:
    total = known or (yield from whole(config, path, kill_after))
    documents = sorted(config.corpus.dir.glob("*.txt"))
    for number in range(changes):
        document = documents[(number + 1) * len(documents) // (changes + 1)]
        before = document.read_text(encoding="utf-8")
        try:
            what = "a clause more" if number % 2 else "a word changed"
            document.write_text(_changed(before, more=bool(number % 2)), encoding="utf-8")
            again, seconds = built(path)
            yield {
                "what": f"one document of {len(documents)}: {what}",
                **again,
                "of_the_whole": round(seconds / total, 4),
            }
        finally:
            document.write_text(before, encoding="utf-8")


def whole(config: Config, path: Path, kill_after: list[float]) -> Generator[dict[str, object], None, float]:
    """A build from nothing; the seconds until it was published, with those of the builds before it that were killed."""
    for folder in (config.index.dir, config.index.dir.parent / "cache"):
        shutil.rmtree(folder, ignore_errors=True)
    spent = 0.0
    for number, seconds in enumerate(kill_after, start=1):
        killed, took = built(path, kill_after=seconds)
        spent += took
        yield {"what": f"build {number}, killed", **killed, "parts": _parts(config)}
    figures, _ = built(path)
    manifest = read_manifest(config.index.dir / current_generation(config.index.dir))
    folder = config.index.dir / manifest.generation
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    what = "gone on with" if kill_after else "build"
    yield {"what": what, "passages": manifest.passages, **manifest.engines, **figures, "mib": size >> 20}
    total = spent + float(figures["published_after"])
    if kill_after:
        yield {"what": "all of these, until it was published", "seconds": round(total, 1)}
    return total


def _changed(plan: str, more: bool) -> str:
    if more:
        return f"{plan.rstrip()}\n（九）辦理新增事項，公開執行成果。\n"
    return plan.replace("。", "，並公開成果。", 1)


def built(path: Path, kill_after: float | None = None) -> tuple[dict[str, Any], float]:
    """Figures of `plansearch index`, and its seconds; killed after so many seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started, peak = time.monotonic(), 0
    command = [sys.executable, "-m", "search_app.cli", "index", "--json", "--config", str(path)]
    with TemporaryFile() as stream, subprocess.Popen(command, stdout=stream) as process:
        while process.poll() is None:
            peak = max(peak, sum(_pss(pid) for pid in _tree(process.pid)))
            with suppress(subprocess.TimeoutExpired):
                process.wait(EVERY)
            if kill_after is not None and time.monotonic() - started > kill_after:
                process.kill()
        seconds = time.monotonic() - started
        stream.seek(0)
        told = json.loads(stream.read() or "{}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "code": process.returncode, "seconds": round(seconds, 1), "published_after": told.get("seconds"),
        "cpu_seconds": round(processor, 1), "peak_mib": peak >> 10, "load": round(os.getloadavg()[0], 1),
    }, seconds  # fmt: skip


def _parts(config: Config) -> list[str]:
    """Parts that a killed build has left whole."""
    return sorted(path.name for path in config.index.dir.glob(".building-*/parts/*"))


def _tree(pid: int) -> list[int]:
    """A process and all that it started."""
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []
    return [pid, *(found for child in children for found in _tree(child))]


def _pss(pid: int) -> int:
    """KiB of a process, what it shares with others counted in part."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


if __name__ == "__main__":
    main()
