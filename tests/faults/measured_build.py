"""Build an index of one corpus after the other and print, as a JSON list, what came of each.

That is how long each document took and how much memory was needed. A program of its own, so that nothing that the tests
have loaded counts: python measured_build.py INDEX SECONDS CORPUS...
"""

from __future__ import annotations

import json
import resource
import sys
import time
from functools import partial
from itertools import pairwise
from pathlib import Path

from indexer import build
from indexer.config import Config, CorpusConfig, IndexConfig


def peak_mib() -> int:
    """Most memory that this process has ever held. Linux's ru_maxrss begins with that of the parent; VmHWM does not."""
    try:
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 * 1024)  # bytes, on macOS


def measured(corpus: Path, index: Path, seconds: int) -> dict[str, object]:
    moments: list[float] = []
    peaks: dict[str, int] = {}

    def note(stage: str, done: int, total: int) -> None:
        if stage == "read":
            moments.append(time.monotonic())
        peaks[stage] = peak_mib()

    settings = CorpusConfig(dir=corpus, parse_seconds=seconds, max_file_bytes=100 * 1024 * 1024)
    report = build.build_index(Config(corpus=settings, index=IndexConfig(dir=index)), progress=note)
    slowest = max((after - before for before, after in pairwise(moments)), default=0.0)
    return {
        "generation": report.generation, "published": report.published, "clauses": dict(report.clauses),
        "failed": dict(report.failed), "slowest": slowest, "peak_mib": peaks, "seconds": report.seconds,
    }  # fmt: skip


def main(index: Path, seconds: int, *corpora: str) -> None:
    # What is measured ends where the texts are encoded: sentence-transformers alone takes 530 MB.
    build.open_encoder = partial(build.open_encoder, library=False)
    print(json.dumps([measured(Path(corpus), index, seconds) for corpus in corpora]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
