"""Folding is local: what a piece of text folds to does not depend on what stands around it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from indexer.text import fold, fold_text

CHARACTERS = st.sampled_from(list("勞動部年\uf98e臺台僱雇奬（）()，。 \n\t　ＡaB12.%㈠⻑最低工资\u200be\u0301"))
TEXTS = st.one_of(st.text(CHARACTERS, max_size=40), st.text(max_size=40))


@given(TEXTS)
def test_every_folded_character_has_its_source(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))
    assert folded.starts == sorted(folded.starts)


@given(TEXTS)
def test_folding_again_changes_nothing(text: str) -> None:
    once = fold_text(text)
    assert fold_text(once) == once


@given(st.text(CHARACTERS.filter(lambda char: char != "\u0301"), min_size=1, max_size=40), st.data())
def test_a_piece_folds_to_a_piece(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert fold_text(text[start:end]) in fold_text(text)


@given(TEXTS)
def test_source_of_a_piece_folds_to_that_piece(text: str) -> None:
    folded = fold(text)
    for first in range(len(folded.text)):
        start, end = folded.source_range(first, first + 1)
        assert folded.text[first] in fold_text(text[start:end]) or folded.text[first] == " "
