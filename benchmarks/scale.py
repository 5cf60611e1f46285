"""Search over a large corpus: milliseconds by kind of query, cold and warm, by 1 and 8 clients; size, memory; peers.

    python benchmarks/corpora.py FOLDER --passages 100000
    plansearch index --config CONFIG
    python benchmarks/scale.py --config CONFIG [--queries 60] [--peers] [--naive] [--out FILE]

Queries are drawn with a fixed seed from the passages themselves. None is asked twice, but for "warm", which asks those of
"cold" again. CPU milliseconds stand beside those of the clock: on a busy machine only they, and ratios, can be compared.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path

import yaml
from peers import KEYWORD_PEERS, NaiveScript, Peer, flat_index, installed
from speed import command, machine, percentile

from indexer.build import open_encoder
from indexer.config import Config, load_config
from indexer.encode import EmbeddingCache, encode_cached
from indexer.generations import current_generation, read_manifest
from indexer.model import Clause, Passage
from indexer.passages import embedding_text
from indexer.text import lexicon_text
from indexer.tokens import warm
from search_app.live import Live
from search_app.model import Filters
from search_app.retrieve import Search

SEED = 106
CLIENTS = 8


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--config", type=Path, required=True)
    options.add_argument("--queries", type=int, default=60, help="of each kind")
    options.add_argument("--peers", action="store_true", help="also other keyword engines")
    options.add_argument(
        "--naive", action="store_true", help="also plain FAISS, and a naive script on Whoosh and FAISS"
    )
    options.add_argument("--out", type=Path)
    given = options.parse_args()
    config = load_config(given.config)
    rows = list(measure(config, given.queries))
    if given.peers or given.naive:
        rows += compare(config, given.queries, given.peers, given.naive)
    for row in rows:
        print("  ".join(f"{name} {value}" for name, value in row.items()))
    if given.out:
        told = {"date": date.today().isoformat(), "command": command(), "machine": machine(), "rows": rows}
        given.out.write_text(f"{json.dumps(told, ensure_ascii=False, indent=1)}\n", encoding="utf-8")


def measure(config: Config, count: int) -> Iterable[dict[str, object]]:
    """Rows of figures of the published index."""
    folder = config.index.dir / current_generation(config.index.dir)
    manifest = read_manifest(folder)
    yield {"what": "index", "passages": manifest.passages, **manifest.engines, **sizes(folder)}
    live = Live(config, library=False)
    live._encoder = open_encoder(config.encoder, library=False)  # the model is loaded before the clock starts
    live._encoder.encode_query("施政計畫")
    warm()
    started, used = time.perf_counter(), time.process_time()
    search = live.load()
    yield {
        "what": "start to ready beyond the model", "seconds": round(time.perf_counter() - started, 2),
        "cpu_seconds": round(time.process_time() - used, 2),
    }  # fmt: skip
    queries = draw_queries(search, count)
    for kind, texts in queries.items():
        call = asked(search, kind)
        yield timed(f"{kind}, cold", texts, call)
        yield timed(f"{kind}, warm", texts, call)
    fresh = draw_queries(search, count, seed=1)["question"]
    yield timed(f"question, {CLIENTS} clients", fresh, asked(search, "question"), CLIENTS)
    yield {"what": "memory", "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, **private_memory()}
    live.close()


def asked(search: Search, kind: str) -> Callable[[str], object]:
    if kind == "filtered":
        years = sorted({info.year_ce for info in search.documents()})
        return lambda text: search.search(text, filters=Filters(years=(years[-1],)), group="same")
    return lambda text: search.search(text, group="same")


def draw_queries(search: Search, count: int, seed: int = 0) -> dict[str, list[str]]:
    """Queries of each kind, made of pieces of the passages and of the glossary's English."""
    draw = random.Random(SEED + seed)
    infos = search.documents()
    chosen = [draw.choice(infos) for _ in range(4 * count)]
    clauses = [draw.choice(list(leaves(search, info.document_id))) for info in chosen]
    pieces = [piece(draw, clause.text, 5, 9) for clause in clauses]
    english = [form for entry in yaml.safe_load(lexicon_text("glossary.yaml")) for form in entry["en"][:1]]
    return {
        "wording": pieces[:count],
        "short": [piece(draw, clause.text, 2, 2) for clause in clauses[count : 2 * count]],
        "question": [
            f"{one}和{other}今年有哪些措施，什麼時候辦理？" for one, other in zip(pieces[:count], pieces[count:], strict=False)
        ][:count],
        "english": [f"What is planned for {draw.choice(english)} and {draw.choice(english)}?" for _ in range(count)],
        "filtered": [piece(draw, clause.text, 5, 9) for clause in clauses[2 * count : 3 * count]],
        "phrase": [f'"{piece(draw, clause.text, 4, 8)}"' for clause in clauses[3 * count :]],
    }  # fmt: skip


def leaves(search: Search, document_id: str) -> Iterable[Clause]:
    view = search.document(document_id)
    return [clause for clause in view.clauses if len(clause.text) > 12] if view else []


def piece(draw: random.Random, text: str, least: int, most: int) -> str:
    """Characters of the text's first part, where what it is about stands."""
    body = text.split("，")[0]
    size = min(len(body), draw.randint(least, most))
    start = draw.randint(0, len(body) - size)
    return body[start : start + size]


def timed(name: str, texts: Sequence[str], call: Callable[[str], object], clients: int = 1) -> dict[str, object]:
    """Percentiles of the clock and of the thread's CPU time in ms, queries a second."""

    def one(text: str) -> tuple[float, float]:
        started, used = time.perf_counter(), time.thread_time()
        call(text)
        return 1000 * (time.perf_counter() - started), 1000 * (time.thread_time() - used)

    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        took = list(pool.map(one, texts)) if clients > 1 else [one(text) for text in texts]
    lasted = time.perf_counter() - started
    clock, processor = ([pair[place] for pair in took] for place in (0, 1))
    told = {f"p{percent}": percentile(clock, percent) for percent in (50, 95, 99)}
    used = {f"cpu_p{percent}": percentile(processor, percent) for percent in (50, 95)}
    return {"what": name, **told, **used, "per_second": round(len(texts) / lasted, 1)}


def compare(config: Config, count: int, peers: bool, naive: bool) -> list[dict[str, object]]:
    """The same questions asked of others, built here from the published passages."""
    search = Live(config, library=False).load()
    passages = stored_passages(search)
    texts = draw_queries(search, count, seed=2)["question"]
    search.search("今年有哪些措施？", group="same")  # loads what the first search loads
    rows = [timed("question, plansearch", texts, lambda text: search.search(text, group="same"))]
    rows.append(timed("question, plansearch, words only", texts, lambda text: search.search(text, mode="keyword")))
    rows.append(timed("question, plansearch, meaning only", texts, lambda text: search.search(text, mode="semantic")))
    for name, (module, kind) in KEYWORD_PEERS.items():
        if peers and installed(module):
            with tempfile.TemporaryDirectory() as folder:
                rows += peer_rows(name, kind(Path(folder)), passages, texts, Path(folder))
    if naive:
        encoder = open_encoder(config.encoder, library=False)
        path = config.index.dir.parent / "cache" / "embeddings.sqlite"
        with closing(EmbeddingCache(path, encoder.name, encoder.dimension)) as cache:
            vectors = encode_cached(encoder, cache, [embedding_text(passage) for passage in passages])
        flat = flat_index(vectors)
        near = timed("question, plain FAISS", texts, lambda text: flat.search(encoder.encode_query(text)[None], 10))
        rows.append(near)
        with tempfile.TemporaryDirectory() as folder:
            script = NaiveScript(Path(folder), encoder, vectors)
            rows += peer_rows("naive Whoosh + FAISS", script, passages, texts, Path(folder))
    return rows


def peer_rows(
    name: str, peer: Peer, passages: Sequence[Passage], texts: Sequence[str], folder: Path
) -> list[dict[str, object]]:
    started = time.process_time()
    peer.build(passages)
    built = time.process_time() - started
    total = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    peer.search(texts[0], 10)
    row = timed(f"question, {name}", texts, lambda text: peer.search(text, 10))
    return [{**row, "build_cpu_seconds": round(built, 1), "mib": round(total / 2**20, 1)}]


def stored_passages(search: Search) -> list[Passage]:
    """All passages in order of docnum, as they were indexed."""
    found = []
    for info in search.documents():
        view = search.document(info.document_id)
        for clause in view.clauses if view else ():
            path = "\n".join(clause.section_path)
            found.append(
                Passage(len(found), clause.clause_id, info.document_id, clause.kind, info.year_ce, info.language,
                        clause.marker, clause.text, path, clause.damaged)
            )  # fmt: skip
    return found


def sizes(folder: Path) -> dict[str, float]:
    """MiB on disk, in all and by part."""
    parts = {path.name: path for path in folder.iterdir()}
    told = {name: round(_bytes(path) / 2**20, 1) for name, path in sorted(parts.items())}
    return {"mib": round(sum(told.values()), 1), **told}


def private_memory() -> dict[str, int]:
    """MiB that this process holds alone, and MiB that it maps and can share with others (Linux)."""
    found = dict.fromkeys(("Pss", "Private_Clean", "Private_Dirty", "Shared_Clean"), 0)
    for line in Path("/proc/self/smaps_rollup").read_text().splitlines()[1:]:
        name, _, rest = line.partition(":")
        if name in found:
            found[name] = int(rest.split()[0]) // 1024
    return {"own_mib": found["Private_Dirty"], "mapped_mib": found["Private_Clean"] + found["Shared_Clean"]}


def _bytes(path: Path) -> int:
    return path.stat().st_size if path.is_file() else sum(_bytes(child) for child in path.iterdir())


if __name__ == "__main__":
    main()
