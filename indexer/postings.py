"""Which passages hold which keys, put in order for more passages than fit into memory.

Passages come in blocks, in order of docnum. Each block is sorted by itself and kept, in memory or in a scratch file; at the
end the size of every key is known, and with it the place of every posting, so that blocks are laid into place one after
the other. Nothing is sorted twice, and no more than a block is held.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]
Docs = npt.NDArray[np.int32]
Sizes = npt.NDArray[np.int64]

BLOCK = 20_000  # passages, below 2 to the power of _DOC_BITS
_DOC_BITS = np.uint64(15)
_KEY_BITS = np.uint64(42)  # keys below have two characters of 21 bits; those above are hashes, which are few


class Block(NamedTuple):
    """Different keys in order, how many postings each has, and the postings: their passages and how often they stand."""

    keys: Keys
    sizes: Sizes
    docnums: Docs
    counts: npt.NDArray[Any]


_NOTHING = Block(np.empty(0, np.uint64), np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int32))


class Placed(NamedTuple):
    """Postings of one block: where they belong among all, and the row of the key of each."""

    places: Sizes
    rows: Sizes
    docnums: Docs
    counts: npt.NDArray[Any]


class Postings:
    """Postings of one field, added block by block."""

    def __init__(self, scratch: Path | None = None) -> None:
        """``scratch`` is an existing folder for blocks; without one they are kept in memory."""
        self._scratch = scratch
        self._blocks: list[Block | Path] = []
        self._keys: Keys = np.empty(0, dtype=np.uint64)

    def add(self, keys: Keys, passages: Docs, first: int) -> None:
        """One key for each time that it stands in a passage, in any order; passages count from ``first``."""
        block = _sorted(keys, passages, first)
        self._keys = np.union1d(self._keys, block.keys)
        if self._scratch is None:
            self._blocks.append(block)
            return
        path = self._scratch / f"{len(self._blocks)}.npz"
        np.savez(path, **block._asdict())
        self._blocks.append(path)

    def whole(self) -> Block:
        """All that was added, as one block; without scratch, and for no more passages than one."""
        return next(self._read(), _NOTHING)

    @property
    def keys(self) -> Keys:
        """All keys, in order."""
        return self._keys

    def sizes(self, keys: Keys) -> Sizes:
        """How many passages hold each of the sorted keys, among which are all of its own."""
        sizes = np.zeros(len(keys), dtype=np.int64)
        for block in self._read():
            sizes[np.searchsorted(keys, block.keys)] += block.sizes
        return sizes

    def placed(self, keys: Keys, starts: Sizes) -> Iterator[Placed]:
        """The postings of each block, with their places where those of key i begin at ``starts[i]``, by docnum."""
        free = starts[: len(keys)].copy()
        for block in self._read():
            rows = np.searchsorted(keys, block.keys)
            ends = np.cumsum(block.sizes)
            within = np.arange(len(block.docnums)) - np.repeat(ends - block.sizes, block.sizes)
            yield Placed(
                np.repeat(free[rows], block.sizes) + within, np.repeat(rows, block.sizes), block.docnums, block.counts
            )
            free[rows] += block.sizes

    def _read(self) -> Iterator[Block]:
        for block in self._blocks:
            if isinstance(block, Block):
                yield block
            else:
                with np.load(block, allow_pickle=False) as stored:
                    yield Block(*(stored[name] for name in Block._fields))


def new_array(path: Path | None, kind: Any, size: int) -> npt.NDArray[Any]:
    """An array to be filled: in memory, or mapped from a file of numpy's."""
    if path is None:
        return np.empty(size, dtype=kind)
    if not size:  # an empty file cannot be mapped
        np.save(path, np.empty(0, dtype=kind), allow_pickle=False)
        return np.empty(0, dtype=kind)
    return np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=(size,))


def starts_of(sizes: Sizes) -> Sizes:
    """Where each key's postings begin, and where the last ones end."""
    return np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)


def held_by(lines: Sequence[str], end: str) -> tuple[npt.NDArray[np.uint64], Docs]:
    """The code of every character of every passage's text, each text with ``end`` behind it, and whose it is."""
    sizes = [len(text) + 1 for text in lines]
    codes = np.frombuffer("".join(f"{text}{end}" for text in lines).encode("utf-32-le", "surrogatepass"), dtype="<u4")
    return codes.astype(np.uint64), np.repeat(np.arange(len(lines), dtype=np.int32), sizes)


def _sorted(keys: Keys, passages: Docs, first: int) -> Block:
    """As two sorts of one number each: twice as fast as sorting by two columns."""
    short = keys < np.uint64(1) << _KEY_BITS
    together = (keys[short] << _DOC_BITS) | passages[short].astype(np.uint64)
    pairs, counts = np.unique(together, return_counts=True)
    own, docs = pairs >> _DOC_BITS, (pairs & ((np.uint64(1) << _DOC_BITS) - np.uint64(1))).astype(np.int32)
    if not short.all():
        names, numbers = np.unique(keys[~short], return_inverse=True)
        together = (numbers.astype(np.uint64) << _DOC_BITS) | passages[~short].astype(np.uint64)
        pairs, more = np.unique(together, return_counts=True)
        own = np.concatenate((own, names[pairs >> _DOC_BITS]))
        docs = np.concatenate((docs, (pairs & ((np.uint64(1) << _DOC_BITS) - np.uint64(1))).astype(np.int32)))
        counts = np.concatenate((counts, more))
    starts = np.flatnonzero(np.concatenate(([True], own[1:] != own[:-1]))) if len(own) else np.empty(0, np.int64)
    sizes = np.diff(np.append(starts, len(own)))
    return Block(own[starts], sizes.astype(np.int64), docs + np.int32(first), counts.astype(np.int32))
