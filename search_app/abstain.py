"""Whether what was found answers a question: a few measured signals, a logistic, and thresholds kept as data."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

from search_app.answer_model import Understanding
from search_app.evidence import Evidence, asked_of, headings_of, rendering_of, strength
from search_app.question import printed_amount
from search_app.weighing import Weighed, share

FILE = "abstention.json"
STRONG = 4.0  # fused score of a clause that certainly fits
SIGNALS = (
    "terms",
    "grams",
    "unknown",
    "missing",
    "meaning",
    "rank",
    "gap",
    "asked",
    "specific",
    "lexical",
    "strength",
    "likeness",
    "story",
    "procedure",
    "strange",
    "figure",
)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of the signals and the bias for one language; ``threshold`` is the least probability of an answer."""

    weights: Mapping[str, float]
    bias: float
    threshold: float

    def probability(self, signals: Mapping[str, float]) -> float:
        """The calibrated chance that the best evidence answers, 0 to 1."""
        total = self.bias + sum(weight * signals[name] for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-total))


def measure(found: Sequence[Evidence], weighed: Sequence[Weighed], understanding: Understanding) -> dict[str, float]:
    """The signals of the best evidence, each about 0 to 1.

    terms, grams: idf-weighted shares of subject terms and character pairs that it holds. unknown: share of the
    subject's weight that no clause of the corpus holds. missing: weight of the heaviest term that it lacks. specific:
    weight of the terms that are not generic. meaning, lexical: nearness by the ranks of the encoder and of the words.
    rank: score of the clause over that of the first hit; strength: that score itself. asked: 1 where an expected
    question of its clause is like this one; likeness: cosine with the closest text that an editor put beside it.
    story: 1 where a part of the question only tells what happened; procedure: 1 where it asks how to do something, which
    plans seldom tell. strange: weight of the heaviest term that no clause holds; figure: what is missing where an amount
    is asked for, which belongs to one thing only. gap: lead over the fifth best. amount: 0 where a
    number was asked for and it prints none.
    """
    total = sum(entry.weight for entry in weighed)
    unknown = sum(entry.weight for entry in weighed if not entry.known)
    specific = sum(entry.weight for entry in weighed if not entry.term.generic)
    signals = dict.fromkeys(SIGNALS, 0.0) | {"unknown": unknown / total if total else 1.0, "amount": 1.0}
    signals["specific"] = min(1.0, specific)
    signals["story"] = float(any(entry.term.background for entry in weighed))
    signals["procedure"] = float(understanding.procedure)
    if not found:
        return signals | {"missing": 1.0, "amount": 0.0}
    best = found[0]
    if total:
        strange = (entry for entry in weighed if not entry.known)
        signals["unknown"] = sum(entry.weight * (1 - _share(entry, best)) for entry in strange) / total
    missing = max((entry.weight * (1 - _share(entry, best)) for entry in weighed), default=1.0)
    lacking = (entry for entry in weighed if not entry.known)
    return signals | {
        "strange": max((entry.weight * (1 - _share(entry, best)) for entry in lacking), default=0.0),
        "figure": missing if understanding.unit else 0.0,
        "terms": best.features["terms"],
        "grams": best.features["grams"],
        "missing": missing,
        "meaning": best.features["meaning"],
        "rank": best.features["rank"],
        "asked": best.features["asked"],
        "lexical": best.features["lexical"],
        "likeness": best.hit.why.asked_similarity,
        "strength": strength(best.hit) / STRONG,
        "gap": best.score - found[min(4, len(found) - 1)].score,
        "amount": float(printed_amount(understanding.unit, best.text)),
    }


def calibration(language: Literal["zh", "en"]) -> Calibration:
    """The parameters for questions in a language."""
    return _calibrations()[language]


def _share(entry: Weighed, evidence: Evidence) -> float:
    return share(
        entry.term,
        evidence.span.folded,
        headings_of(evidence.hit),
        rendering_of(evidence.hit, evidence.span),
        asked_of(evidence.hit),
    )


@cache
def _calibrations() -> Mapping[str, Calibration]:
    text = (resources.files("search_app") / "answering" / FILE).read_text(encoding="utf-8")
    return {name: Calibration(**values) for name, values in json.loads(text)["languages"].items()}
