"""Which passages hold which characters and pairs of neighbours, as sorted arrays: where a text may stand word for word.

One posting takes 4 bytes on disk and nothing in Python: two characters that stand in 300,000 of a million passages are
one slice. A keyword engine would hand over as many objects, which takes 0.3 s.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.errors import EngineError
from indexer.model import DocNums
from indexer.postings import BLOCK, Block, Docs, Keys, Postings, held_by, new_array, starts_of
from indexer.revision import RevisedPostings, Revision

_PARTS = ("keys", "starts", "docnums")
_WIDTH = np.uint64(21)  # bits of a character; a pair is two of them, a single one is followed by 0
_CUT = "\n"  # between lines and passages; no folded line holds it


class PairIndex:
    """Immutable; safe over threads."""

    def __init__(self, keys: Keys, starts: npt.NDArray[np.int64], docnums: Docs) -> None:
        self._keys, self._starts, self._docnums = keys, starts, docnums

    @staticmethod
    def build(folder: Path, texts: Iterable[Sequence[str]]) -> None:
        """Write the index into an existing folder; the folded lines of each passage, in order of docnum from 0."""
        with TemporaryDirectory(dir=folder) as scratch:
            postings = Postings(Path(scratch))
            passages = iter(texts)
            first = 0
            while block := [_CUT.join(lines) for lines in islice(passages, BLOCK)]:
                postings.add(*_held(block), first)
                first += len(block)
            _save(folder, postings)

    @staticmethod
    def revise(folder: Path, before: Path, revision: Revision, texts: Iterable[Sequence[str]]) -> None:
        """What ``build`` writes, from what it wrote in the folder ``before`` and the folded lines of the fresh passages."""
        fresh = Postings()
        fresh.add(*_held([_CUT.join(lines) for lines in texts]), 0)
        keys, starts, docnums = (_load(before / f"{part}.npy") for part in _PARTS)
        known = Block(keys, np.diff(starts), docnums, docnums)  # how often is not asked
        _save(folder, RevisedPostings(known, revision, fresh.whole()))

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


def _save(folder: Path, postings: Postings | RevisedPostings) -> None:
    keys = postings.keys
    starts = starts_of(postings.sizes(keys))
    docnums = new_array(folder / "docnums.npy", np.int32, int(starts[-1]))
    for part in postings.placed(keys, starts):
        docnums[part.places] = part.docnums
    np.save(folder / "keys.npy", keys, allow_pickle=False)
    np.save(folder / "starts.npy", starts, allow_pickle=False)


def _held(block: Sequence[str]) -> tuple[Keys, Docs]:
    """The key of every character and pair of neighbours, and which passage of the block holds it."""
    codes, owners = held_by(block, _CUT)
    held = codes != ord(_CUT)
    both = held[:-1] & held[1:]
    return np.concatenate((_singles(codes)[held], _pairs(codes)[both])), np.concatenate(
        (owners[held], owners[:-1][both])
    )


def _singles(codes: Keys) -> Keys:
    return codes << _WIDTH


def _pairs(codes: Keys) -> Keys:
    found: Keys = (codes[:-1] << _WIDTH) | codes[1:]
    return found


def _load(path: Path) -> Any:
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
