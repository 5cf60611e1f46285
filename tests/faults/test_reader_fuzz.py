"""Mutants of valid files of every format: a document whose account balances, or one error that names the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.sandbox import Sandbox

from .fuzzing import FORMATS, GROWTH_MIB, SETTINGS, Seen, fuzz, mutants

COUNT = 20  # mutants of each format in every run
SLOW_SECONDS = 60.0  # for each format; 600 where results are kept: python -m tests.faults.fuzzing


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SETTINGS) as opened:
        yield opened


def assert_sound(seen: Seen) -> None:
    assert seen.broken == []
    assert seen.documents
    assert seen.documents + seen.errors.total() == seen.mutants
    assert seen.grown_mib < GROWTH_MIB


@pytest.mark.parametrize("suffix", FORMATS)
def test_some_mutants(sandbox: Sandbox, suffix: str) -> None:
    seen = fuzz(sandbox, suffix, 0, count=COUNT)
    assert_sound(seen)
    assert seen.mutants == COUNT


@pytest.mark.slow
@pytest.mark.parametrize("suffix", FORMATS)
def test_many_mutants(sandbox: Sandbox, suffix: str) -> None:
    assert_sound(fuzz(sandbox, suffix, 1, seconds=SLOW_SECONDS))


def test_mutants_differ_from_run_to_run_only_by_their_seed(tmp_path: Path) -> None:
    first, again, other = (
        [data for data, _ in zip(mutants("csv", seed, tmp_path), range(30), strict=False)] for seed in (1, 1, 2)
    )
    assert first == again != other
