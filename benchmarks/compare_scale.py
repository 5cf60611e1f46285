"""Seconds and memory of comparing two plans, by their number of clauses; and of checking a quotation among many.

    python benchmarks/compare_scale.py [--clauses 500,1000,2000] [--quotes 1000,10000,100000] [--out FILE]

Both plans are made by known edits (plans.py), so F1 of the links stands beside the time. The last column is time per
clause as a ratio to the smallest size, by CPU time: 1.0 would be linear.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from plans import make_pair

from indexer.encode import load_encoder
from indexer.grams import GramIndex
from indexer.model import Account, Clause, Document, DocumentInfo
from indexer.passages import make_passages
from indexer.store import Store, write_store
from indexer.tokens import warm
from search_app.compare import compare
from search_app.similarity import Meaning, profile, words
from search_app.verify import verify

PER_SECTION = 8
LIMIT_SECONDS, LIMIT_CLAUSES = 5.0, 2000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--clauses", default="500,1000,2000")
    options.add_argument("--quotes", default="1000,10000")
    options.add_argument("--out", type=Path)
    given = options.parse_args()
    warm()
    encoder = load_encoder(library=False)
    encoder.encode_query("施政計畫")
    machine = {
        "load_average": round(os.getloadavg()[0], 1),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
    }
    compared = list(compared_sizes(_numbers(given.clauses), encoder.encode_passages))
    checked = list(checked_sizes(_numbers(given.quotes)))
    if given.out:
        text = json.dumps({"machine": machine, "compare": compared, "verify": checked}, indent=1)
        given.out.write_text(f"{text}\n", encoding="utf-8")
    print(machine)


def compared_sizes(sizes: Sequence[int], meaning: Meaning) -> Iterator[dict[str, object]]:
    """One row per size: seconds with and without the encoder, F1 of the links, megabytes the process grew by."""
    first = 0.0
    print("clauses     words   with encoder   its CPU      F1   grown by   per clause")
    for size in sizes:
        pair = make_pair(size, sections=size // PER_SECTION, per_section=PER_SECTION)
        before = _peak()
        _forget()
        plain, _ = _timed(lambda pair=pair: compare(pair.earlier, pair.later))
        _forget()
        used = time.process_time()
        full, comparison = _timed(lambda pair=pair: compare(pair.earlier, pair.later, meaning))
        used = time.process_time() - used
        found = {
            (a.clause_id, b.clause_id)
            for one in comparison.relations
            if one.level == "goal_clause"
            for a in one.from_clauses
            for b in one.to_clauses
        }
        score = 2 * len(found & pair.links) / (len(found) + len(pair.links))
        first = first or used / size
        row = {
            "clauses": size, "seconds_words": round(plain, 2), "seconds": round(full, 2),
            "cpu_seconds": round(used, 2), "f1": round(score, 3),
            "grown_mib": round(_peak() - before), "per_clause_ratio": round(used / size / first, 2),
        }  # fmt: skip
        print(
            f"{size:7} {plain:8.2f} s {full:11.2f} s {used:7.2f} s {score:7.3f} {row['grown_mib']:7} MiB {row['per_clause_ratio']:10.2f}"
        )
        if size <= LIMIT_CLAUSES and full > LIMIT_SECONDS:
            print(f"OVER THE LIMIT of {LIMIT_SECONDS} s")
        yield row


def checked_sizes(sizes: Sequence[int]) -> Iterator[dict[str, object]]:
    """One row per size: milliseconds of checking a true quotation and one with a changed character."""
    print("passages   true: median, p95   altered: median, p95 (ms)")
    for size in sizes:
        pair = make_pair(size, sections=size // PER_SECTION, per_section=PER_SECTION)
        with tempfile.TemporaryDirectory() as folder:
            store, grams = _index(Path(folder), pair.earlier)
            draw = random.Random(size)
            quotes = [clause.text for clause in draw.sample(pair.earlier, 100)]
            true = _milliseconds(quotes, store, grams)
            changed = _milliseconds([text[:4] + "水" + text[5:] for text in quotes], store, grams)
            store.close()
        row = {"passages": len(pair.earlier), "true_ms": true, "altered_ms": changed}
        print(f"{row['passages']:8}   {true[0]:8.1f} {true[1]:6.1f}   {changed[0]:10.1f} {changed[1]:6.1f}")
        yield row


def _index(folder: Path, clauses: list[Clause]) -> tuple[Store, GramIndex]:
    info = DocumentInfo("plan-a", "計畫", "Plan", "機關", "Agency", 2017, "annual_plan", "zh-Hant", "x", "0")
    document = Document(info, tuple(clauses), (), Account(0, 0, 0, 0, 0, 0, 0))
    passages = make_passages([document])
    write_store(folder, [document], {})
    (folder / "grams").mkdir()
    GramIndex.build(passages).save(folder / "grams")
    return Store(folder), GramIndex.open(folder / "grams")


def _milliseconds(quotes: Sequence[str], store: Store, grams: GramIndex) -> tuple[float, float]:
    took = sorted(1000 * _timed(lambda quote=quote: verify(quote, store, grams))[0] for quote in quotes)
    return round(took[len(took) // 2], 1), round(took[len(took) * 95 // 100], 1)


def _timed(call):  # type: ignore[no-untyped-def]
    started = time.perf_counter()
    value = call()
    return time.perf_counter() - started, value


def _forget() -> None:
    profile.cache_clear()
    words.cache_clear()


def _peak() -> float:
    """The most memory the process has held, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part]


if __name__ == "__main__":
    main()
