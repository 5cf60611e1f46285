"""What each part of the ranking adds, and what it costs: nDCG@10 and median time of a search with the part left out.

    python benchmarks/ablation.py JUDGED.jsonl [BEIR-FOLDER ...]

Prints one Markdown row per variant: the means per category of the judged queries (asked without enrichment) or of a
folder, and the median milliseconds of a search, the variants taking turns on every query. "plain hybrid" is characters
and vectors alone, nothing else.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path

from indexer.config import Config, Leg, load_config
from search_app import ranking
from search_app.collection import collection_search
from search_app.evaluate import Evaluation, evaluate_collection, evaluate_judged
from search_app.live import Live
from search_app.model import Mode
from search_app.retrieve import Search

MEANING: frozenset[Leg] = frozenset({"synonyms", "translation"})
EVERYTHING: dict[str, float] = {"FEEDBACK_WEIGHT": 0.0, "HEADING_PENALTY": 0.0, "DAMAGED_PENALTY": 0.0,
                                "EXACT_BONUS": 0.0, "BELOW_BONUS": 0.0}  # fmt: skip


@dataclass(frozen=True)
class Variant:
    """The shipped ranking less some legs, in some mode, with some constants of search_app.ranking set otherwise."""

    name: str
    without: frozenset[Leg] = frozenset()
    mode: Mode = "hybrid"
    constants: Mapping[str, float] = field(default_factory=dict)


VARIANTS = (
    Variant("as shipped"),
    Variant("less feedback", constants={"FEEDBACK_WEIGHT": 0.0}),
    Variant("less second asking", constants={"REWORDED_VECTOR": 0.0, "REWORDED_GRAMS": 0.0}),
    Variant("less synonyms and translations", MEANING),
    Variant("less words", frozenset({"words"})),
    Variant("less characters", frozenset({"grams"})),
    Variant("less vectors", frozenset({"vector"})),
    Variant("headings and damaged pages do not stand back", constants={"HEADING_PENALTY": 0.0, "DAMAGED_PENALTY": 0.0}),
    Variant("verbatim places are not lifted", constants={"EXACT_BONUS": 0.0, "BELOW_BONUS": 0.0}),
    Variant("vectors alone", mode="semantic", constants={"FEEDBACK_WEIGHT": 0.0}),
    Variant("plain hybrid", MEANING | {"words"}, constants=EVERYTHING),
)


def main(judged: Path, folders: list[Path]) -> None:
    """Measure and print."""
    config = load_config(Path("config.yaml"))
    for model in ("embedded", "embedded-original"):
        own = _with_model(config, model)
        print(f"\nencoder.model: {model}\n")
        sets = {judged.name: _opened(own).without_enrichment()}
        sets |= {folder.name: collection_search(own, folder) for folder in folders}
        for (name, search), source in zip(sets.items(), (judged, *folders), strict=True):
            _print(
                name,
                {variant.name: _evaluated(search, source, variant) for variant in VARIANTS},
                _times(search, source),
            )


def _with_model(config: Config, model: str) -> Config:
    root = config.index.dir.parent / "ablation" / model
    return config.model_copy(
        update={
            "encoder": config.encoder.model_copy(update={"model": model}),
            "index": config.index.model_copy(update={"dir": root / "index"}),
        }
    )


def _opened(config: Config) -> Search:
    from indexer.build import build_index

    build_index(config)
    return Live(config, library=False).load()


@contextmanager
def _varied(search: Search, variant: Variant) -> Iterator[Search]:
    kept = {name: getattr(ranking, name) for name in variant.constants}
    other = copy(search)
    other._ranker = search._ranker.without(search._ranker._silent | variant.without)
    try:
        for name, value in variant.constants.items():
            setattr(ranking, name, value)
        yield other
    finally:
        for name, value in kept.items():
            setattr(ranking, name, value)


def _evaluated(search: Search, source: Path, variant: Variant) -> Evaluation:
    with _varied(search, variant) as varied:
        if source.is_dir():
            return evaluate_collection(varied, source, variant.mode)
        return evaluate_judged(varied, source, variant.mode)


def _times(search: Search, source: Path) -> dict[str, float]:
    """Median milliseconds of each variant; they take turns."""
    texts = _texts(source)[:200]
    spent: dict[str, list[float]] = {variant.name: [] for variant in VARIANTS}
    for text in texts:
        for variant in VARIANTS:
            with _varied(search, variant) as varied:
                started = time.perf_counter()
                varied.search(text, mode=variant.mode)
                spent[variant.name].append(1000 * (time.perf_counter() - started))
    return {name: statistics.median(times) for name, times in spent.items()}


def _texts(source: Path) -> list[str]:
    from search_app.collection import read_queries
    from search_app.evaluate import read_judged

    if source.is_dir():
        return [text for _, text in read_queries(source)]
    return [query.text for query in read_judged(source)]


def _print(name: str, evaluations: Mapping[str, Evaluation], times: Mapping[str, float]) -> None:
    categories = list(next(iter(evaluations.values())).table)
    print(f"| {name} | " + " | ".join(categories) + " | ms |")
    print("|---" * (len(categories) + 2) + "|")
    for variant, evaluation in evaluations.items():
        figures = " | ".join(f"{evaluation.table[category]['nDCG@10']:.3f}" for category in categories)
        print(f"| {variant} | {figures} | {times[variant]:.1f} |")
    print()
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("judged", type=Path)
    parser.add_argument("folders", type=Path, nargs="*")
    options = parser.parse_args()
    main(options.judged, options.folders)
