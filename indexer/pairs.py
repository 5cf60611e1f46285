"""Which passages hold which characters and pairs of neighbours, as sorted arrays: where a text may stand word for word.

One posting takes 4 bytes on disk and nothing in Python: two characters that stand in 300,000 of a million passages are
one slice. A keyword engine would hand over as many objects, which takes 0.3 s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.errors import EngineError
from indexer.model import DocNums

Keys = npt.NDArray[np.uint64]
Docs = npt.NDArray[np.int32]

_PARTS = ("keys", "starts", "docnums")
_BLOCK = 20_000  # passages that are put in order at a time, 100 MB
_WIDTH = np.uint64(21)  # bits of a character; a pair is two of them, a single one is followed by 0
_CUT = "\n"  # between lines and passages; no folded line holds it


class PairIndex:
    """Immutable; safe over threads."""

    def __init__(self, keys: Keys, starts: npt.NDArray[np.int64], docnums: Docs) -> None:
        self._keys, self._starts, self._docnums = keys, starts, docnums

    @staticmethod
    def build(folder: Path, texts: Iterable[Sequence[str]]) -> None:
        """Write the index into an existing folder; the folded lines of each passage, in order of docnum from 0."""
        blocks = list(_blocks(texts))
        keys = np.concatenate([block[0] for block in blocks] or [np.empty(0, dtype=np.uint64)])
        docnums = np.concatenate([block[1] for block in blocks] or [np.empty(0, dtype=np.int32)])
        del blocks
        order = np.argsort(keys, kind="stable")  # docnums stay in order within a key
        keys, docnums = keys[order], docnums[order]
        first = np.flatnonzero(np.concatenate(([True], keys[1:] != keys[:-1]))) if len(keys) else np.empty(0, np.int64)
        np.save(folder / "keys.npy", keys[first], allow_pickle=False)
        np.save(folder / "starts.npy", np.append(first, len(keys)).astype(np.int64), allow_pickle=False)
        np.save(folder / "docnums.npy", docnums, allow_pickle=False)

    @classmethod
    def open(cls, folder: Path) -> PairIndex:
        """The saved index, memory-mapped. Raises EngineError when a file is missing or is not what it should be."""
        try:
            return cls(*(_load(folder / f"{part}.npy") for part in _PARTS))
        except (OSError, ValueError) as cause:
            raise EngineError(f"The index of pairs in {folder} cannot be read: {cause}.") from cause

    def containing(self, folded: str) -> DocNums:
        """Sorted docnums that hold every pair of neighbours of a folded text (the character, of a single one).

        Up to two characters these are the passages that contain the text; of a longer one a superset. None for "".
        """
        codes = np.frombuffer(folded.encode("utf-32-le"), dtype="<u4").astype(np.uint64)
        wanted = np.unique(_pairs(codes) if len(codes) > 1 else _singles(codes))
        lists = sorted(map(self._postings, wanted), key=len)
        found = lists[0] if lists else np.empty(0, dtype=np.int32)
        for other in lists[1:]:
            if not len(found):
                break
            places = np.minimum(np.searchsorted(other, found), len(other) - 1)
            found = found[other[places] == found]
        return found.astype(np.int64)

    def _postings(self, key: np.uint64) -> Docs:
        place = int(np.searchsorted(self._keys, key))
        if place == len(self._keys) or self._keys[place] != key:
            return np.empty(0, dtype=np.int32)
        return self._docnums[self._starts[place] : self._starts[place + 1]]


def _blocks(texts: Iterable[Sequence[str]]) -> Iterator[tuple[Keys, Docs]]:
    """Keys in order with the docnums that hold them, each once, a block of passages at a time."""
    passages = iter(texts)
    first = 0
    while block := list(islice(passages, _BLOCK)):
        joined = [_CUT.join(lines) + _CUT for lines in block]
        sizes = [len(text) for text in joined]
        codes = np.frombuffer("".join(joined).encode("utf-32-le"), dtype="<u4").astype(np.uint64)
        docs = np.repeat(np.arange(first, first + len(block), dtype=np.int32), sizes)
        held = codes != ord(_CUT)
        both = held[:-1] & held[1:]
        keys = np.concatenate((_singles(codes)[held], _pairs(codes)[both]))
        owners = np.concatenate((docs[held], docs[:-1][both]))
        order = np.lexsort((owners, keys))
        keys, owners = keys[order], owners[order]
        fresh = np.ones(len(keys), dtype=bool)
        fresh[1:] = (keys[1:] != keys[:-1]) | (owners[1:] != owners[:-1])
        yield keys[fresh], owners[fresh]
        first += len(block)


def _singles(codes: Keys) -> Keys:
    return codes << _WIDTH


def _pairs(codes: Keys) -> Keys:
    found: Keys = (codes[:-1] << _WIDTH) | codes[1:]
    return found


def _load(path: Path) -> Any:
    return np.load(path, mmap_mode="r", allow_pickle=False)
