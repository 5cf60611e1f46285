"""What a collection of 100,000 passages costs `plansearch evaluate`: seconds and memory, as JSON.

The passages are new text in the manner of the corpus: a chain over its characters, each drawn by the three before it. A
query is fourteen characters of one passage, which is the only relevant one.

    python benchmarks/large_collection.py FOLDER [--passages 100000] [--queries 200] [--config config.yaml]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

ORDER, LENGTH, QUERY = 3, (60, 150), 14


def chain(texts: list[str]) -> dict[str, list[str]]:
    """Every run of three characters with the characters that follow it."""
    follows: dict[str, list[str]] = defaultdict(list)
    for text in texts:
        for place in range(len(text) - ORDER):
            follows[text[place : place + ORDER]].append(text[place + ORDER])
    return follows


def passages(texts: list[str], count: int) -> Iterator[str]:
    """New texts of 60 to 150 characters, the same at every run."""
    draw = random.Random(20171031)
    follows = chain(texts)
    starts = sorted(follows)
    for _ in range(count):
        text = draw.choice(starts)
        size = draw.randint(*LENGTH)
        while len(text) < size:
            text += draw.choice(follows.get(text[-ORDER:]) or [draw.choice(starts)])
        yield text + "。"


def write_collection(folder: Path, texts: list[str], count: int, queries: int) -> None:
    """A BEIR folder: corpus.jsonl, queries.jsonl, qrels.tsv."""
    folder.mkdir(parents=True, exist_ok=True)
    every = max(1, count // queries)
    with (
        (folder / "corpus.jsonl").open("w", encoding="utf-8") as corpus,
        (folder / "queries.jsonl").open("w", encoding="utf-8") as asked,
        (folder / "qrels.tsv").open("w", encoding="utf-8") as qrels,
    ):
        qrels.write("query-id\tcorpus-id\tscore\n")
        for number, text in enumerate(passages(texts, count)):
            corpus.write(json.dumps({"_id": f"p{number}", "title": "", "text": text}, ensure_ascii=False) + "\n")
            if number % every == 0:
                query = text[len(text) // 2 - QUERY // 2 :][:QUERY]
                asked.write(json.dumps({"_id": f"q{number}", "text": query}, ensure_ascii=False) + "\n")
                qrels.write(f"q{number}\tp{number}\t1\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--config", type=Path, default=Path("config.yaml"))
    given = parser.parse_args()
    shipped = sorted(Path("corpus").glob("*.txt"))
    texts = ["".join(path.read_text(encoding="utf-8").split()) for path in shipped]
    write_collection(given.folder, texts, given.passages, given.queries)
    command = [
        sys.executable,
        "-m",
        "search_app.cli",
        "evaluate",
        str(given.folder),
        "--config",
        str(given.config),
        "--json",
    ]
    started = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    table = next(iter(json.loads(done.stdout).values()))["categories"]["all"]
    print(
        json.dumps(
            {
                "date": date.today().isoformat(), "machine": f"{os.cpu_count()} cores", "passages": given.passages,
                "corpus_bytes": (given.folder / "corpus.jsonl").stat().st_size, "seconds": round(time.monotonic() - started, 1),
                "cpu_seconds": round(used.ru_utime + used.ru_stime, 1), "peak_mib": used.ru_maxrss // 1024,
                "measured": {name: round(value, 4) for name, value in table.items()},
            },
            indent=1,
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
