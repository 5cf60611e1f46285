"""Vectors of many texts of which most stand there more than once: each different one is kept once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.model import Vectors


@dataclass(frozen=True)
class Rows:
    """Row i is ``different[numbers[i]]``. ``different`` may be mapped from a file: it is read a block at a time."""

    different: Vectors
    numbers: npt.NDArray[np.int64]

    @classmethod
    def of(cls, vectors: Vectors | Rows) -> Rows:
        """Rows that are what they are; vectors as rows that are all taken to differ."""
        return vectors if isinstance(vectors, Rows) else cls(vectors, np.arange(len(vectors), dtype=np.int64))

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.numbers), *self.different.shape[1:])

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, wanted: int | slice | npt.NDArray[np.int64]) -> Vectors:
        return np.ascontiguousarray(self.different[self.numbers[wanted]], dtype=np.float32)


def together(first: Rows, second: Rows) -> Rows:
    """The rows of both, one after the other."""
    if first.different is second.different:
        return Rows(first.different, np.concatenate((first.numbers, second.numbers)))
    numbers = np.concatenate((first.numbers, second.numbers + len(first.different)))
    return Rows(np.concatenate((first.different, second.different)), numbers)
