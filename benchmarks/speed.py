"""How long a search and a question take over the published index: in this process, and through HTTP.

    python benchmarks/speed.py [--config config.yaml] [--queries 200] [--clients 8] [--seconds 10] [--http]
                               [--workers 1] [--out FILE]

Queries are drawn with a fixed seed from the index itself: pieces of clauses as wording, and the questions that editors
wrote beside clauses, in Chinese and in English. No query is asked twice, so that nothing is remembered; through HTTP as
many are asked as the seconds allow. CPU milliseconds stand beside those of the clock, because on a busy machine only they
can be compared.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import quote

from indexer.config import Config, load_config
from indexer.generations import current_generation
from search_app.answer import ask
from search_app.live import Live
from search_app.retrieve import Search

SEED = 20170101
WARM_UP = 10
PER_SECOND = 150  # of each kind: more than a server answers


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--config", type=Path, default=Path("config.yaml"))
    options.add_argument("--queries", type=int, default=200, help="of each kind")
    options.add_argument("--clients", type=int, default=8)
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--http", action="store_true", help="also start a server and ask it")
    options.add_argument("--workers", type=int, default=1, help="processes of that server")
    options.add_argument("--out", type=Path)
    given = options.parse_args()
    config = load_config(given.config)
    live = Live(config, library=False)
    search = live.load()
    queries = draw_queries(search, config, given.queries)
    asked = draw_queries(search, config, given.queries, 3)
    rows = [
        measured("search", [text for kind in queries.values() for text in kind], search.search),
        *(measured(f"search {kind}", texts, search.search) for kind, texts in draw_queries(search, config, given.queries, 1).items()),
        measured("ask", [*asked["zh question"], *asked["en question"]], lambda text: ask(search, text)),
    ]  # fmt: skip
    many = draw_queries(search, config, round(PER_SECOND * given.seconds), 2) if given.http else {}
    live.close()
    if many:
        rows.append(through_http(given.config, many, given.clients, given.seconds, given.workers))
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    if given.out:
        told = {"date": date.today().isoformat(), "command": command(), "machine": machine(), "rows": rows}
        given.out.write_text(f"{json.dumps(told, ensure_ascii=False, indent=1)}\n", encoding="utf-8")


def command() -> str:
    """What was run, without the folders of this machine."""
    return " ".join(Path(word).name if word.startswith("/") else word for word in sys.argv)


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = round(os.getloadavg()[0], 1)
    return {"cores": os.cpu_count(), "memory_gib": round(memory), "load": load, "python": platform.python_version()}


def draw_queries(search: Search, config: Config, count: int, seed: int = 0) -> dict[str, list[str]]:
    """``count`` queries of each kind, none twice."""
    draw = random.Random(SEED + seed)
    clauses = [clause for info in search.documents() for clause in search.document(info.document_id).clauses]
    pieces = []
    for clause in draw.choices([clause for clause in clauses if not clause.damaged and len(clause.text) > 4], k=count):
        size = draw.randint(4, min(12, len(clause.text)))
        start = draw.randint(0, len(clause.text) - size)
        pieces.append(clause.text[start : start + size])
    rows = json.loads((config.index.dir / current_generation(config.index.dir) / "asides/rows.json").read_text())
    asked = {
        name: [text for _, language, kind, text in rows if kind == "question" and language == name]
        for name in ("zh", "en")
    }
    drawn = {f"{name} question": draw.sample(texts, min(count, len(texts))) for name, texts in asked.items()}
    return {"wording": list(dict.fromkeys(pieces)), **drawn}


def measured(name: str, texts: Sequence[str], call: Callable[[str], object]) -> dict[str, object]:
    """Percentiles of the clock and the median of CPU time, in ms."""
    for text in texts[:WARM_UP]:
        call(text)
    clock, processor = [], []
    for text in texts[WARM_UP:]:
        started, used = time.perf_counter(), time.process_time()
        call(text)
        clock.append(1000 * (time.perf_counter() - started))
        processor.append(1000 * (time.process_time() - used))
    told = {f"p{percent}": percentile(clock, percent) for percent in (50, 95, 99)}
    return {"what": name, "queries": len(clock), **told, "cpu_p50": percentile(processor, 50)}


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that ``percent`` of the values do not exceed."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)], 2)


def through_http(
    config: Path, queries: dict[str, list[str]], clients: int, seconds: float, workers: int
) -> dict[str, object]:
    """Searches a second that a server of its own answers, asked by ``clients`` connections at once, no query twice."""
    texts = list(dict.fromkeys(text for kind in queries.values() for text in kind))
    random.Random(SEED).shuffle(texts)
    with server(config, workers) as (port, process):
        until = time.monotonic() + seconds
        used = _cpu_seconds(process.pid)

        def one(number: int) -> list[float]:
            return list(_asked(port, texts[number::clients], until))

        with ThreadPoolExecutor(clients) as pool:
            started = time.monotonic()
            took = [value for values in pool.map(one, range(clients)) for value in values]
            lasted = time.monotonic() - started
        used = _cpu_seconds(process.pid) - used
    return {
        "what": f"HTTP, {clients} clients, {workers} processes", "queries": len(took), "per_second": round(len(took) / lasted, 1),
        "p50": percentile(took, 50), "p95": percentile(took, 95), "server_cpu_ms": round(1000 * used / len(took), 2),
        "by_cpu_per_second": round(len(took) / used, 1),
    }  # fmt: skip


@contextmanager
def server(config: Path, workers: int) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A running ``plansearch serve`` on a free port."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "search_app.cli", "serve", "--config", str(config), "--port", str(port)]
    command += ["--workers", str(workers)]
    process = subprocess.Popen(command)
    try:
        _wait_until_ready(port, 8 * workers)
        yield port, process
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_ready(port: int, times: int) -> None:
    """Wait for ``times`` answers in a row that it is ready: each connection may reach another process."""
    ready = 0
    for _ in range(600):
        time.sleep(0.2 if not ready else 0)
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            ready = ready + 1 if connection.getresponse().status == 200 else 0
        except OSError:
            ready = 0
        if ready == times:
            return
    raise SystemExit("The server did not become ready.")


def _asked(port: int, texts: Sequence[str], until: float) -> Iterator[float]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for text in texts:
        if time.monotonic() > until:
            return
        started = time.perf_counter()
        connection.request("GET", f"/api/v1/search?q={quote(text)}")
        reply = connection.getresponse()
        reply.read()
        if reply.status == 200:
            yield 1000 * (time.perf_counter() - started)


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process and of those that it started so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(_cpu_seconds(int(child)) for child in children)


if __name__ == "__main__":
    main()
