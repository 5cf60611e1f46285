"""Texts that editors put beside clauses, searched in their stead: English renderings and expected questions.

Every aside is a row of its own; a clause scores as its best row does, because its questions ask for different things.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from indexer.enrichment import ClauseEnrichment
from indexer.errors import EngineError
from indexer.grams import GramIndex, Scores
from indexer.keyword import WhooshKeywordIndex
from indexer.model import DocNums, Passage, Vectors
from indexer.vector_flat import FlatVectorIndex

_ROWS = "rows.json"


@dataclass(frozen=True, slots=True)
class Aside:
    """One text beside the clause of ``docnum``."""

    docnum: int
    language: Literal["zh", "en"]
    kind: Literal["rendering", "question"]
    text: str


@dataclass(frozen=True, slots=True)
class AsideScores:
    """Per passage, shape (n,), the best of its rows by words and by meaning; ``rows`` is the best row, -1 for none."""

    words: Scores
    vectors: Scores
    rows: npt.NDArray[np.int64]


def make_asides(passages: Sequence[Passage], entries: Mapping[str, ClauseEnrichment]) -> list[Aside]:
    """Renderings and questions of the passages that have any, in order of docnum."""
    asides: list[Aside] = []
    for passage in passages:
        entry = entries.get(passage.clause_id)
        if entry is not None:
            asides.append(Aside(passage.docnum, "en", "rendering", entry.en))
            asides += [Aside(passage.docnum, "zh", "question", question) for question in entry.questions_zh]
            asides += [Aside(passage.docnum, "en", "question", question) for question in entry.questions_en]
    return asides


class AsideIndex:
    """Immutable; safe over threads. Empty when nothing was written beside any clause."""

    def __init__(
        self, asides: list[Aside], passages: int, engines: tuple[GramIndex, WhooshKeywordIndex, FlatVectorIndex]
    ) -> None:
        self.asides = asides
        self._passages = passages
        self._grams, self._english, self._vectors = engines
        self._owners = np.array([aside.docnum for aside in asides], dtype=np.int64)
        nothing = np.zeros(passages, dtype=np.float32)
        self._none = AsideScores(nothing, nothing, np.full(passages, -1, dtype=np.int64))
        self._of = {name: _rows(asides, name) for name in ("zh", "en")}

    @classmethod
    def build(cls, folder: Path, asides: Sequence[Aside], vectors: Vectors) -> None:
        """Write the index into an existing, empty folder; ``vectors`` has one row per aside."""
        rows = [[aside.docnum, aside.language, aside.kind, aside.text] for aside in asides]
        (folder / _ROWS).write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
        for name in ("grams", "english", "vectors"):
            (folder / name).mkdir()
        GramIndex.build(_as_passages(asides, "zh")).save(folder / "grams")
        WhooshKeywordIndex.build(folder / "english", _as_passages(asides, "en"))
        FlatVectorIndex.build(folder / "vectors", vectors, vectors[:0], np.empty(0, dtype=np.int64))

    @classmethod
    def open(cls, folder: Path, passages: int) -> AsideIndex:
        """Open the index over ``passages`` passages. Raises EngineError when it cannot be read."""
        try:
            asides = [Aside(*row) for row in json.loads((folder / _ROWS).read_text(encoding="utf-8"))]
        except (OSError, ValueError, TypeError) as cause:
            raise EngineError(f"The index of questions in {folder} cannot be read: {cause}.") from cause
        engines = (
            GramIndex.open(folder / "grams"), WhooshKeywordIndex.open(folder / "english"), FlatVectorIndex.open(folder / "vectors")
        )  # fmt: skip
        return cls(asides, passages, engines)

    def scores(self, text: str, query: Vectors, english: bool) -> AsideScores:
        """How well the asides answer a query; words are those of its language, meaning is over both."""
        if not self.asides:
            return self._none
        cosines = np.maximum(self._vectors.scores(query), 0.0)
        own = self._of["en" if english else "zh"]
        words = np.zeros(len(self.asides), dtype=np.float32)
        words[own] = self._english.scores(text) if english else self._grams.scores(text)
        return AsideScores(self._best(words), self._best(cosines), self._best_rows(words, cosines))

    def close(self) -> None:
        """Release files."""
        self._english.close()

    def _best(self, rows: Scores) -> Scores:
        best = np.zeros(self._passages, dtype=np.float32)
        np.maximum.at(best, self._owners, rows)
        return best

    def _best_rows(self, words: Scores, cosines: Scores) -> DocNums:
        """The row of each passage whose normalised scores are highest together."""
        together = cosines + words / max(1e-6, float(words.max(initial=0.0)))
        highest = np.full(self._passages, -np.inf, dtype=np.float32)
        np.maximum.at(highest, self._owners, together)
        best = np.full(self._passages, -1, dtype=np.int64)
        rows = np.flatnonzero(together == highest[self._owners])
        best[self._owners[rows]] = rows  # of equal ones the last
        return best


def _rows(asides: Sequence[Aside], language: str) -> npt.NDArray[np.int64]:
    return np.array([row for row, aside in enumerate(asides) if aside.language == language], dtype=np.int64)


def _as_passages(asides: Sequence[Aside], language: str) -> list[Passage]:
    """The asides of one language as passages of an index of their own."""
    own = [aside for aside in asides if aside.language == language]
    return [
        Passage(row, f"{aside.docnum}#{row}", "asides", "narrative", 0, language, "", aside.text, "")
        for row, aside in enumerate(own)
    ]
