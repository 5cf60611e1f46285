"""Answers measured over the development questions, and the abstention fitted on them.

    python -m benchmarks.answers            report on dev.jsonl and figures.jsonl
    python -m benchmarks.answers --fit      fit search_app/answering/abstention.json
    python -m benchmarks.answers --set aside the questions that nothing was tuned on; not to be read while tuning

Needs the built index of the shipped corpus (./run --no-serve). The fit is a logistic with a ridge penalty on the signals
of search_app/abstain.py; the label is whether the best evidence holds the answer. It learns from dev.jsonl; from expected
questions that were taken out of an index (held_out.py), because the lexicon knows the words of dev.jsonl too well; and from
questions about other statutes, which no plan answers. The threshold comes from predictions of five folds, never from a
question's own fit.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.held_out import ask_held_out
from indexer.config import Config, load_config
from search_app.abstain import FILE, SIGNALS
from search_app.answer import ask
from search_app.answer_evaluate import Judgement, figure_questions, judge, read_questions, report
from search_app.answer_model import AskResult
from search_app.live import Live
from search_app.retrieve import Search

ROOT = Path(__file__).parent.parent
QUESTIONS = ROOT / "tests" / "relevance" / "questions"
FOREIGN_FILE = ROOT / "benchmarks" / "data" / "statute_questions.tsv"
TARGET = ROOT / "search_app" / "answering" / FILE
USED = {
    "zh": (
        "terms", "grams", "unknown", "meaning", "gap", "asked", "specific", "strength", "likeness", "story",
        "procedure", "strange", "figure",
    ),
    "en": ("terms", "gap", "asked", "specific", "strength", "likeness", "procedure", "strange", "figure"),
}  # fmt: skip
RIDGE = 0.5  # pulls weights to 0; between 0.2 and 1 the folds differ by one question
FOLDS = 5
TOLD = 0.07  # share of the refusable that the score decides on which may be told; rules refuse half of all before
SHARES = {"tuned": 1.0, "held out, right": 0.4, "held out, wrong": 0.1, "foreign": 0.2}  # what a row counts in the fit
FOREIGN = 350  # articles of other statutes whose questions are asked


def main() -> None:
    """Measure, and fit first where asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", action="store_true", help="fit the abstention and write it")
    parser.add_argument("--set", default="dev", help="name of the question file (default dev)")
    parser.add_argument("--config", type=Path, default=ROOT / "config.yaml")
    options = parser.parse_args()
    config = load_config(options.config)
    live = Live(config, library=False)
    search = live.load()
    if options.fit:
        write_fit(list(read_rows(search, config)))
    else:
        print(report(judge(search, read_questions(QUESTIONS / f"{options.set}.jsonl"))))
        print(report(judge(search, figure_questions(QUESTIONS / "figures.jsonl"))))
    live.close()


@dataclass(frozen=True, slots=True)
class Row:
    """One question with what came; ``right`` when the best evidence holds its answer, ``refusable`` when nothing does."""

    source: str
    result: AskResult
    right: bool
    refusable: bool = False


def write_fit(rows: Sequence[Row]) -> None:
    """Fit each language and write the parameters."""
    languages = {}
    for language, names in USED.items():
        own = [row for row in rows if row.result.understanding.answer_language == language and _decided(row.result)]
        signals = np.array([[row.result.signals[name] for name in names] for row in own])
        labels = np.array([float(row.right) for row in own])
        shares = np.array([SHARES[row.source] for row in own])
        print(language, len(own), "questions,", int(labels.sum()), "answerable")
        threshold = _threshold(_out_of_fold(signals, labels, shares), own)
        weights = fit(signals, labels, shares)
        languages[language] = {
            "weights": {name: round(float(weight), 3) for name, weight in zip(names, weights[1:], strict=True)},
            "bias": round(float(weights[0]), 3),
            "threshold": threshold,
        }
    kept = {"made_by": "python -m benchmarks.answers --fit", "signals": list(SIGNALS), "languages": languages}
    TARGET.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def read_rows(search: Search, config: Config) -> Iterator[Row]:
    """All the questions that the fit learns from, asked."""
    for entry in judge(search, read_questions(QUESTIONS / "dev.jsonl")):
        yield Row("tuned", entry.result, _holds(entry), entry.question.expect == "refuse")
    for result, right in ask_held_out(config):
        yield Row("held out, right" if right else "held out, wrong", result, right)
    for question in _foreign_questions():
        yield Row("foreign", ask(search, question), False)


def _foreign_questions() -> list[str]:
    """Everyday questions about other statutes, one in Chinese and one in English an article."""
    lines = [line for line in FOREIGN_FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    random.Random(2017).shuffle(lines)
    return [question for line in lines[:FOREIGN] for question in line.split("\t")[2::2]]


def fit(signals: np.ndarray, labels: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Bias and weights by Newton's method; a row counts by its share; the bias is not penalised."""
    x = np.hstack([np.ones((len(signals), 1)), signals])
    penalty = np.diag([0.0] + [RIDGE] * signals.shape[1])
    weights = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ ((p - labels) * shares) + penalty @ weights
        hessian = x.T @ (x * (p * (1 - p) * shares)[:, None]) + penalty + 1e-6 * np.eye(len(weights))
        weights = weights - np.linalg.solve(hessian, gradient)
    return weights


def _out_of_fold(signals: np.ndarray, labels: np.ndarray, shares: np.ndarray) -> np.ndarray:
    order = list(range(len(labels)))
    random.Random(2017).shuffle(order)
    predicted = np.zeros(len(labels))
    for fold in range(FOLDS):
        held = np.array(order[fold::FOLDS])
        rest = np.array([index for index in order if index not in set(held.tolist())])
        weights = fit(signals[rest], labels[rest], shares[rest])
        predicted[held] = 1 / (1 + np.exp(-(weights[0] + signals[held] @ weights[1:])))
    return predicted


def _threshold(predicted: np.ndarray, rows: Sequence[Row]) -> float:
    """The probability that few of the refusable questions reach, each predicted by a fit that has not seen it."""
    held = predicted[np.array([row.source == "held out, right" for row in rows])]
    refusable = predicted[np.array([row.refusable for row in rows])]
    threshold = float(np.quantile(refusable, 1 - TOLD))
    for step in (*np.arange(0.2, 0.81, 0.1), threshold):
        refused, told = (held < step).mean(), (refusable > step).mean()
        print(f"  {step:.2f}: {refused:.3f} of right ones refused, {told:.3f} of refusable ones told")
    return round(threshold, 2)


def _decided(result: AskResult) -> bool:
    """True where the score alone decides: not by tables, years or a missing amount."""
    signals, answer = result.signals, result.answer
    return (
        bool(signals) and "confidence" in signals and signals["amount"] > 0 and not (answer and answer.origin == "data")
    )


def _holds(entry: Judgement) -> bool:
    """True when the best evidence holds the answer, told or not."""
    if entry.question.expect == "refuse":
        return False
    wanted = entry.question.right or entry.question.all
    return any(words in entry.result.best for words in wanted)


if __name__ == "__main__":
    main()
