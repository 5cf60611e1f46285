"""Answers measured over the development questions, and the abstention fitted on them.

    python -m benchmarks.answers            report on dev.jsonl and figures.jsonl
    python -m benchmarks.answers --fit      fit search_app/answering/abstention.json on dev.jsonl, then report
    python -m benchmarks.answers --set aside the questions that nothing was tuned on; not to be read while tuning

Needs the built index of the shipped corpus (./run --no-serve). The fit is a logistic with a ridge penalty on the signals
of search_app/abstain.py; the label is whether the best evidence holds the answer. Thresholds come from predictions of
five folds, never from a question's own fit.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np

from indexer.config import load_config
from search_app.abstain import FILE, SIGNALS
from search_app.answer_evaluate import Judgement, figure_questions, judge, read_questions, report
from search_app.live import Live

ROOT = Path(__file__).parent.parent
QUESTIONS = ROOT / "tests" / "relevance" / "questions"
TARGET = ROOT / "search_app" / "answering" / FILE
USED = {
    "zh": (
        "terms", "grams", "unknown", "missing", "meaning", "gap", "asked", "specific", "strength", "likeness", "story",
    ),
    "en": ("terms", "missing", "gap", "asked", "specific", "strength", "likeness"),
}  # fmt: skip
RIDGE = 0.5  # pulls weights to 0; between 0.2 and 1 the folds differ by one question
FOLDS = 5
NEIGHBOURS = 3  # steps of 0.02 on each side
HARM = 1.5  # a wrong answer from a ministry against a refused right one; rules refuse most others before the score does


def main() -> None:
    """Measure, and fit first where asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fit", action="store_true", help="fit the abstention on dev.jsonl and write it")
    parser.add_argument("--set", default="dev", help="name of the question file (default dev)")
    parser.add_argument("--config", type=Path, default=ROOT / "config.yaml")
    options = parser.parse_args()
    live = Live(load_config(options.config), library=False)
    search = live.load()
    if options.fit:
        write_fit(judge(search, read_questions(QUESTIONS / "dev.jsonl")))
    else:
        print(report(judge(search, read_questions(QUESTIONS / f"{options.set}.jsonl"))))
        print(report(judge(search, figure_questions(QUESTIONS / "figures.jsonl"))))
    live.close()


def write_fit(judged: list[Judgement]) -> None:
    """Fit each language and write the parameters."""
    languages = {}
    for language, names in USED.items():
        rows = [entry for entry in judged if entry.result.understanding.answer_language == language and _decided(entry)]
        signals = np.array([[entry.result.signals[name] for name in names] for entry in rows])
        labels = np.array([float(_holds(entry)) for entry in rows])
        threshold = _threshold(_out_of_fold(signals, labels), labels)
        weights = fit(signals, labels)
        print(language, len(rows), "questions,", int(labels.sum()), "answerable, threshold", threshold)
        languages[language] = {
            "weights": {name: round(float(weight), 3) for name, weight in zip(names, weights[1:], strict=True)},
            "bias": round(float(weights[0]), 3),
            "threshold": threshold,
        }
    kept = {"made_by": "python -m benchmarks.answers --fit", "signals": list(SIGNALS), "languages": languages}
    TARGET.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")


def fit(signals: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Bias and weights by Newton's method; the bias is not penalised."""
    x = np.hstack([np.ones((len(signals), 1)), signals])
    penalty = np.diag([0.0] + [RIDGE] * signals.shape[1])
    weights = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ weights))
        gradient = x.T @ (p - labels) + penalty @ weights
        hessian = x.T @ (x * (p * (1 - p))[:, None]) + penalty + 1e-6 * np.eye(len(weights))
        weights = weights - np.linalg.solve(hessian, gradient)
    return weights


def _out_of_fold(signals: np.ndarray, labels: np.ndarray) -> np.ndarray:
    order = list(range(len(labels)))
    random.Random(2017).shuffle(order)
    predicted = np.zeros(len(labels))
    for fold in range(FOLDS):
        held = np.array(order[fold::FOLDS])
        rest = np.array([index for index in order if index not in set(held.tolist())])
        weights = fit(signals[rest], labels[rest])
        predicted[held] = 1 / (1 + np.exp(-(weights[0] + signals[held] @ weights[1:])))
    return predicted


def _threshold(predicted: np.ndarray, labels: np.ndarray) -> float:
    """The threshold with the least harm, averaged over its neighbours: a lone dip is chance."""
    steps = np.arange(0.2, 0.81, 0.02)
    refused = [((predicted < step) & (labels == 1)).sum() for step in steps]
    wrong = [((predicted >= step) & (labels == 0)).sum() for step in steps]
    harm = np.array(refused) + HARM * np.array(wrong)
    smooth = np.convolve(np.pad(harm, NEIGHBOURS, mode="edge"), np.ones(2 * NEIGHBOURS + 1), mode="valid")
    best = int(np.flatnonzero(smooth <= smooth.min() + 1e-9).mean())
    for step, lost, told in zip(steps[::2], refused[::2], wrong[::2], strict=True):
        print(f"  {step:.2f}: {lost} right ones refused, {told} wrong ones told")
    print(f"  at {steps[best]:.2f}, unseen: {refused[best]} right ones refused, {wrong[best]} wrong ones told")
    return round(float(steps[best]), 2)


def _decided(entry: Judgement) -> bool:
    """True where the score alone decides: not by tables, years or a missing amount."""
    signals, answer = entry.result.signals, entry.result.answer
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
