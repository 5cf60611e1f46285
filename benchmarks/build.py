"""What a build costs: seconds of the clock and of the processor, memory of all its processes, disk; killed; repeated.

    python benchmarks/corpora.py FOLDER --passages 1000000
    python benchmarks/build.py --config CONFIG [--kill-at 0.5 ...] [--change] [--out FILE]

Runs `plansearch index` from nothing: what the configuration's index folder and its caches hold is removed first. With
--kill-at it is killed (SIGKILL) at shares of the seconds that the first build took and begun again; with --change one
document is changed afterwards and the build repeated. Memory is the sum of the proportional set sizes (PSS) of the build and
its processes, twice a second, mapped files included (Linux).
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
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from speed import machine

from indexer.config import Config, load_config
from indexer.generations import current_generation, read_manifest

EVERY = 0.5  # seconds between two looks at the memory


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--config", type=Path, required=True)
    options.add_argument("--kill-at", type=float, nargs="*", default=[], help="shares of the first build's seconds")
    options.add_argument("--change", action="store_true", help="also after one document was changed")
    options.add_argument("--out", type=Path)
    given = options.parse_args()
    rows = []
    for row in measure(load_config(given.config), given.config, given.kill_at, given.change):
        print("  ".join(f"{name} {value}" for name, value in row.items()), flush=True)
        rows.append(row)
        if given.out:
            told = {"date": date.today().isoformat(), "command": " ".join(sys.argv), "machine": machine(), "rows": rows}
            given.out.write_text(f"{json.dumps(told, ensure_ascii=False, indent=1)}\n", encoding="utf-8")


def measure(config: Config, path: Path, kill_at: list[float], change: bool) -> Iterator[dict[str, object]]:
    _from_nothing(config)
    whole, seconds = built(path)
    manifest = read_manifest(config.index.dir / current_generation(config.index.dir))
    folder = config.index.dir / manifest.generation
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    yield {"what": "build", "passages": manifest.passages, **manifest.engines, **whole, "mib": size >> 20}
    if kill_at:
        _from_nothing(config)
        for share in kill_at:
            killed, _ = built(path, kill_after=share * seconds)
            yield {"what": f"killed at {share:.0%} of the seconds", **killed, "parts": _parts(config)}
        yield {"what": "gone on with", **built(path)[0]}
    if change:
        document = sorted(config.corpus.dir.glob("*.txt"))[len(manifest.corpus) // 2]
        before = document.read_text(encoding="utf-8")
        try:
            document.write_text(before.replace("。", "，並公開成果。", 1), encoding="utf-8")
            yield {"what": f"one document of {len(manifest.corpus)} changed", **built(path)[0]}
        finally:
            document.write_text(before, encoding="utf-8")


def built(path: Path, kill_after: float | None = None) -> tuple[dict[str, object], float]:
    """Figures of `plansearch index`, and its seconds; killed after so many seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started, peak = time.monotonic(), 0
    process = subprocess.Popen(
        [sys.executable, "-m", "search_app.cli", "index", "--config", str(path)], stdout=subprocess.DEVNULL
    )
    while process.poll() is None:
        peak = max(peak, sum(_pss(pid) for pid in _tree(process.pid)))
        time.sleep(EVERY)
        if kill_after is not None and time.monotonic() - started > kill_after:
            process.kill()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = time.monotonic() - started
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "code": process.returncode, "seconds": round(seconds, 1), "cpu_seconds": round(processor, 1), "peak_mib": peak >> 10,
        "load": round(os.getloadavg()[0], 1),
    }, seconds  # fmt: skip


def _from_nothing(config: Config) -> None:
    for folder in (config.index.dir, config.index.dir.parent / "cache"):
        shutil.rmtree(folder, ignore_errors=True)


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
