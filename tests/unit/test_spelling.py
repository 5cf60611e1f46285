"""Slips in English words."""

from __future__ import annotations

import pytest

from indexer.spelling import correct_english

KNOWN = frozenset(("college", "grant", "shall"))  # that a dictionary has, as stems, or that are skipped


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("unfiar labor practice", "unfair labor practice"),  # changed about
        ("occupatonal acident", "occupational accident"),  # too few
        ("minimuum wage", "minimum wage"),  # too many
        ("insurence", "insurance"),  # another one
        ("Unfiar dismissal", "unfair dismissal"),
        ("grants for colleges", "grants for colleges"),  # a dictionary knows them
        ("foodpanda riders", "foodpanda riders"),  # nothing is near
        ("it shall", "it shall"),  # not small
        ("wgae", "wgae"),  # too short to tell
        ("Kaohsiung", "Kaohsiung"),
        ("insurancs", "insurancs"),  # stands in the corpus, see below
    ],
)
def test_slips_are_set_right(written: str, meant: str) -> None:
    assert correct_english(written, KNOWN, lambda word: word == "insurancs")[0] == meant


def test_what_was_changed_is_told() -> None:
    _, (change,) = correct_english("insurence", KNOWN, lambda word: False)
    assert (change.wrong, change.right) == ("insurence", "insurance")
