"""Fusion on scores: gaps count, silent legs do not vote."""

from __future__ import annotations

import numpy as np
import pytest

from search_app.fusion import fuse, z_scores


def scores(*values: float) -> np.ndarray:  # type: ignore[type-arg]
    return np.array(values, dtype=np.float32)


def test_z_scores_have_mean_zero_and_deviation_one() -> None:
    normalised = z_scores(scores(1, 2, 3, 10))
    assert normalised.mean() == pytest.approx(0, abs=1e-6)
    assert normalised.std() == pytest.approx(1, abs=1e-6)


def test_equal_scores_say_nothing() -> None:
    assert z_scores(scores(3, 3, 3)).tolist() == [0, 0, 0]


def test_an_outstanding_hit_keeps_its_gap() -> None:
    fused = fuse({"words": scores(9, 1, 0, 0), "vector": scores(0.4, 0.5, 0.3, 0.3)}, {"words": 0.5, "vector": 0.5})
    assert fused.argmax() == 0


def test_a_leg_that_found_nothing_does_not_vote() -> None:
    vector = scores(0.1, 0.9, 0.3)
    fused = fuse({"words": scores(0, 0, 0), "vector": vector}, {"words": 0.9, "vector": 0.1})
    assert fused.tolist() == pytest.approx(z_scores(vector).tolist())


def test_no_leg_at_all_gives_zeros() -> None:
    assert fuse({"words": scores(0, 0)}, {"words": 1.0}).tolist() == [0, 0]


def test_given_moments_stand_for_those_of_the_array() -> None:
    known = np.array([0, 0, 4, 2], dtype=np.float32)  # the other passages' scores were not handed over
    fused = fuse({"words": known}, {"words": 1.0}, {"words": (1.0, 2.0)})
    assert fused.tolist() == [-0.5, -0.5, 1.5, 0.5]
