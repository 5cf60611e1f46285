"""Whether a generation can be made of the one before it, and how its passages are renumbered."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indexer.numbering import Numbering
from indexer.postings import BLOCK
from indexer.revision import Revision
from indexer.store import FILE_NAME
from indexer.stored import StoredPassages

MOST_REVISIONS = 32  # each leaves Whoosh a segment more, which every search asks
MOST_REPLACED = 0.25  # of the passages; those that went leave room behind that only a whole build frees


@dataclass(frozen=True)
class Revisable:
    """A generation in ``folder`` whose ``kept`` documents stay as they are.

    ``revised`` tells of it and of the revisions before it how many passages came or went.
    """

    folder: Path
    kept: frozenset[str]
    revised: tuple[int, ...]

    def revision(self, passages: StoredPassages) -> Revision:
        """What to make of it for the new store."""
        old, new = _numbering(self.folder), passages.numbering
        starts = dict(zip(new.documents, new.starts.tolist(), strict=False))
        moved = np.full(len(old), -1, dtype=np.int64)
        for place, name in enumerate(old.documents):
            if name in self.kept:
                first, last = old.span(place)
                moved[first:last] = starts[name] + np.arange(last - first)
        return Revision(self.folder, moved, passages.of(set(new.documents) - self.kept), len(passages))


def find_revisable(
    folder: Path, before: Mapping[str, str], revised: tuple[int, ...], wanted: Mapping[str, str], sizes: Mapping[str, int]
) -> Revisable | None:  # fmt: skip
    """The generation in ``folder``, when few passages come or go; digests of documents ``before`` and as ``wanted``.

    ``sizes`` are the passages of each wanted document. Documents must be in the same order in both.
    """
    kept = frozenset(name for name, digest in wanted.items() if before.get(name) == digest)
    old = _numbering(folder)
    stay = [name for name in old.documents if name in kept]
    if stay != [name for name in sizes if name in kept]:
        return None
    staying = sum(sizes[name] for name in kept)
    fresh, passages = sum(sizes.values()) - staying, sum(sizes.values())
    revisions = (*revised, fresh + len(old) - staying)
    few = len(revisions) <= MOST_REVISIONS and sum(revisions) <= MOST_REPLACED * passages
    return Revisable(folder, kept, revisions) if few and fresh <= BLOCK else None


def _numbering(folder: Path) -> Numbering:
    with closing(
        sqlite3.connect(f"{(folder / FILE_NAME).resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    ) as database:
        return Numbering.read(database)
