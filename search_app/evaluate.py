"""Rankings against judged queries: nDCG@10, reciprocal rank, recall, per category.

Judged files are JSON lines: ``{"id", "type", "query", "year_roc", "relevant": [{"doc", "snippet", "grade"}]}``. A
clause is relevant when its text, blanks apart, contains the snippet and its document fits ``doc`` (106, sdg, an id).
Measures are those of ir-measures; nDCG is Jarvelin & Kekalainen 2002 with linear gains.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ir_measures
from ir_measures import RR, Qrel, R, ScoredDoc, nDCG

from indexer.config import Config
from indexer.entries import url_safe
from indexer.errors import ConfigError
from indexer.text import fold_text
from search_app.collection import collection_search, read_qrels, read_queries
from search_app.model import Mode, SearchResult
from search_app.retrieve import Search
from search_app.trec import run_text

DEPTH = 100
_MEASURES = {"nDCG@10": nDCG @ 10, "RR": RR, "R@10": R @ 10, "R@100": R @ 100}


@dataclass(frozen=True, slots=True)
class Judged:
    """One judged query; ``relevant`` are (document tag, folded snippet, grade)."""

    query_id: str
    category: str
    text: str
    relevant: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Means per category (``all`` last), measures per query, and the rankings themselves."""

    table: Mapping[str, Mapping[str, float]]
    per_query: Mapping[str, Mapping[str, Any]]
    run: Mapping[str, Sequence[tuple[str, float]]]


def evaluate_judged(search: Search, path: Path, mode: Mode = "hybrid") -> Evaluation:
    """Run every judged query and measure it; queries without relevant clauses are left out of the means."""
    queries = list(read_judged(path))
    qrels = _qrels(search, queries)
    run = {query.query_id: _ranked(search.search(query.text, mode=mode, per_page=DEPTH)) for query in queries}
    return _measure(queries, qrels, run)


def _measure(
    queries: Sequence[Judged], qrels: Sequence[Qrel], run: Mapping[str, Sequence[tuple[str, float]]]
) -> Evaluation:
    scored = [ScoredDoc(query_id, clause_id, score) for query_id, ranked in run.items() for clause_id, score in ranked]
    per_query: dict[str, dict[str, Any]] = defaultdict(dict)
    names = {measure: name for name, measure in _MEASURES.items()}
    for metric in ir_measures.iter_calc(list(_MEASURES.values()), qrels, scored):
        per_query[metric.query_id][names[metric.measure]] = float(metric.value)
    answerable = {qrel.query_id for qrel in qrels}
    for query in queries:
        if query.query_id in answerable:
            empty = dict.fromkeys(_MEASURES, 0.0)
            per_query[query.query_id] = {"category": query.category, **empty, **per_query[query.query_id]}
    return Evaluation(_means(per_query), dict(per_query), run)


def evaluate_folder(config: Config, folder: Path, mode: Mode = "hybrid") -> Evaluation:
    """Rank a BEIR folder's own corpus (corpus.jsonl, queries.jsonl, qrels.tsv) with an index built from it."""
    list(read_qrels(folder)), list(read_queries(folder))  # what is wrong with them is told before the long build
    return evaluate_collection(collection_search(config, folder), folder, mode)


def evaluate_collection(search: Search, folder: Path, mode: Mode = "hybrid") -> Evaluation:
    """Measure a search over a folder's corpus with the folder's queries and judgements."""
    qrels = list(read_qrels(folder))
    wanted = {qrel.query_id for qrel in qrels}
    own_ids = {url_safe(qrel.doc_id): qrel.doc_id for qrel in qrels}  # a clause's id holds only what a URL takes
    judged = [Judged(name, folder.name, text, ()) for name, text in read_queries(folder) if name in wanted]
    run = {}
    for query in judged:
        hits = search.search(query.text, mode=mode, per_page=DEPTH).hits
        entries = [(hit.clause.clause_id.partition("/")[2], 1.0 / hit.rank) for hit in hits]
        run[query.query_id] = [(own_ids.get(entry, entry), score) for entry, score in entries]
    return _measure(judged, qrels, run)


def read_judged(path: Path) -> Iterator[Judged]:
    """Judged queries of a JSON lines file. Raises ConfigError that names the line."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            relevant = tuple((str(r["doc"]), fold_text(r["snippet"]), int(r["grade"])) for r in entry["relevant"])
            yield Judged(str(entry["id"]), str(entry.get("type", "all")), entry["query"], relevant)
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"{path}:{number}: not a judged query: {error!r}") from error


def write_run(evaluation: Evaluation, path: Path) -> None:
    """Write the rankings as a TREC run file."""
    ranked = ((query_id, [clause_id for clause_id, _ in ranking]) for query_id, ranking in evaluation.run.items())
    path.write_text(run_text(ranked), encoding="utf-8")


def _qrels(search: Search, queries: Sequence[Judged]) -> list[Qrel]:
    texts = [
        (info.document_id, str(info.year_roc), clause.clause_id, fold_text(clause.text))
        for info in search.documents()
        for clause in _clauses(search, info.document_id)
    ]
    qrels = []
    for query in queries:
        grades: dict[str, int] = {}
        for tag, snippet, grade in query.relevant:
            for document_id, year, clause_id, text in texts:
                if (tag in (document_id, year) or tag in document_id.split("-")) and snippet in text:
                    grades[clause_id] = max(grade, grades.get(clause_id, 0))
        qrels += [Qrel(query.query_id, clause_id, grade) for clause_id, grade in grades.items()]
    return qrels


def _clauses(search: Search, document_id: str) -> Sequence[Any]:
    view = search.document(document_id)
    return view.clauses if view is not None else ()


def _ranked(result: SearchResult) -> list[tuple[str, float]]:
    """(clause id, score) with scores that fall strictly with the rank, so that ties cannot be reordered."""
    return [(hit.clause.clause_id, 1.0 / hit.rank) for hit in result.hits]


def _means(per_query: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    groups: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for measured in per_query.values():
        groups[measured["category"]].append(measured)
    ordered = {**dict(sorted(groups.items())), "all": list(per_query.values())}
    return {
        name: {"queries": float(len(rows)), **{m: sum(row[m] for row in rows) / max(1, len(rows)) for m in _MEASURES}}
        for name, rows in ordered.items()
    }
