"""Year, document, kind, section and text of every passage as arrays of codes: filters, facets and groups without rows.

Reading the same from SQLite takes 1.5 µs a passage and a search asks three times for all of its hits; here a filter or a
facet over 100,000 passages takes 0.1 ms.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.errors import EngineError
from indexer.model import DocNums, Passage
from indexer.revision import Revision
from indexer.text import fold_fragments, fold_text

Codes = npt.NDArray[np.int32]

_NAMED = ("documents", "kinds", "sections")  # a section is a whole path of headings, one heading a line
_ARRAYS = ("years", "texts", *_NAMED)
_DIGESTS = "digests"  # of folded texts, of which a revision makes their numbers anew
_FILE = "names.json"
MOST_VALUES = 200  # of a facet; ten thousand documents would make half a megabyte of every page of hits
ROC = 1911  # plan year 106 is 2017


class Columns:
    """Immutable; safe over threads."""

    def __init__(self, names: dict[str, list[str]], arrays: dict[str, Codes]) -> None:
        self._names = names
        self._arrays = arrays
        self._paths = [fold_text(path.replace("\n", " ")) for path in names["sections"]]
        self._tops, self._top_of = _tops(names["sections"])
        self.passages = len(arrays["years"])

    @classmethod
    def build(cls, folder: Path, passages: Iterable[Passage]) -> None:
        """Write the columns into an existing folder; passages in order of docnum, from 0."""
        _save(folder, *_coded(passages, {name: {} for name in _NAMED}))

    @classmethod
    def revise(cls, folder: Path, before: Path, revision: Revision) -> None:
        """What ``build`` writes, from what it wrote in the folder ``before`` and the fresh passages."""
        names = json.loads((before / _FILE).read_text(encoding="utf-8"))
        codes = {name: {value: code for code, value in enumerate(known)} for name, known in names.items()}
        fresh, codes = _coded(revision.fresh, codes)
        columns = {name: revision.column(_load(before / f"{name}.npy"), values) for name, values in fresh.items()}
        _save(folder, columns, codes)

    @classmethod
    def open(cls, folder: Path) -> Columns:
        """The saved columns, memory-mapped. Raises EngineError when a file is missing or is not what it should be."""
        try:
            names = json.loads((folder / _FILE).read_text(encoding="utf-8"))
            return cls(names, {name: _load(folder / f"{name}.npy") for name in _ARRAYS})
        except (OSError, ValueError, KeyError, TypeError) as cause:
            raise EngineError(f"The columns in {folder} cannot be read: {cause}.") from cause

    def select(
        self, years: Sequence[int] = (), documents: Sequence[str] = (), sections: Sequence[str] = (),
        kinds: Sequence[str] = (),
    ) -> DocNums:  # fmt: skip
        """Sorted docnums that belong to one of the given values of every filter that is not empty.

        A section is part of a path of headings, in whatever script and spacing.
        """
        kept = np.ones(self.passages, dtype=bool)
        if years:
            kept &= np.isin(self._arrays["years"], np.array(years, dtype=np.int64))
        for name, wanted in (("documents", documents), ("kinds", kinds)):
            if wanted:
                kept &= self._has(name, [value in wanted for value in self._names[name]])
        if sections:
            folded = [fold_text(section) for section in sections]
            kept &= self._has("sections", [any(part in path for part in folded) for path in self._paths])
        return np.flatnonzero(kept)

    def years(self, docnums: DocNums) -> Codes:
        """CE plan years of passages, same shape."""
        found: Codes = self._arrays["years"][docnums]
        return found

    def texts(self, docnums: DocNums) -> Codes:
        """A number for the folded text of each passage, equal for equal texts; below ``passages``."""
        found: Codes = self._arrays["texts"][docnums]
        return found

    def facets(self, docnums: DocNums) -> dict[str, list[tuple[str, int]]]:
        """How many of the passages have which ROC year, document, kind and top section, most first, ties by value.

        Of each at most ``MOST_VALUES``.
        """
        counts = np.bincount(self.years(docnums))
        years = np.flatnonzero(counts)
        return {
            "year": _most([str(year - ROC) for year in years.tolist()], counts[years]),
            "document": self._counted("documents", docnums),
            "kind": self._counted("kinds", docnums),
            "section": _most(self._tops, _count(self._top_of[self._arrays["sections"][docnums]], len(self._tops))),
        }

    def _counted(self, name: str, docnums: DocNums) -> list[tuple[str, int]]:
        return _most(self._names[name], _count(self._arrays[name][docnums], len(self._names[name])))

    def _has(self, name: str, wanted: list[bool]) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = np.array(wanted, dtype=bool)[self._arrays[name]]
        return found


def _coded(
    passages: Iterable[Passage], codes: dict[str, dict[str, int]]
) -> tuple[dict[str, npt.NDArray[Any]], dict[str, dict[str, int]]]:
    """The columns of passages, and the codes of their names: those that are given, and then new ones."""
    columns: dict[str, list[int]] = {name: [] for name in ("years", *_NAMED)}
    texts: list[bytes] = []
    for passage in passages:
        columns["years"].append(passage.year_ce)
        values = (passage.document_id, passage.kind, passage.headings)
        for name, value in zip(_NAMED, values, strict=True):
            columns[name].append(codes[name].setdefault(value, len(codes[name])))
        folded = fold_fragments(passage.body) if passage.fragments else fold_text(passage.body)
        texts.append(hashlib.blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=8).digest())
    arrays: dict[str, npt.NDArray[Any]] = {name: np.array(values, dtype=np.int32) for name, values in columns.items()}
    return {**arrays, _DIGESTS: np.frombuffer(b"".join(texts), dtype=np.uint64)}, codes


def _save(folder: Path, columns: dict[str, npt.NDArray[Any]], codes: dict[str, dict[str, int]]) -> None:
    """Names that no passage has are left out; equal texts get equal numbers."""
    names = {}
    for name in _NAMED:
        used, columns[name] = np.unique(columns[name], return_inverse=True)
        known = list(codes[name])
        names[name] = [known[code] for code in used.tolist()]
    columns["texts"] = np.unique(columns[_DIGESTS], return_inverse=True)[1]
    for name in _ARRAYS:
        np.save(folder / f"{name}.npy", columns[name].astype(np.int32), allow_pickle=False)
    np.save(folder / f"{_DIGESTS}.npy", columns[_DIGESTS], allow_pickle=False)
    (folder / _FILE).write_text(json.dumps(names, ensure_ascii=False), encoding="utf-8")


def _tops(paths: Sequence[str]) -> tuple[list[str], Codes]:
    """The top headings as printed, and which of them each path begins with; "" where there are no headings."""
    known: dict[str, int] = {}
    codes = [known.setdefault(path.split("\n", 1)[0], len(known)) for path in paths]
    return list(known), np.array(codes, dtype=np.int32)


def _count(codes: Codes, size: int) -> npt.NDArray[np.int64]:
    return np.bincount(codes, minlength=size)


def _most(names: Sequence[str], counts: npt.NDArray[np.int64]) -> list[tuple[str, int]]:
    there = np.flatnonzero(counts)
    if len(there) > MOST_VALUES:  # and one more, which may have no name; equal counts are told apart by their names
        there = there[counts[there] >= np.partition(counts[there], -MOST_VALUES - 1)[-MOST_VALUES - 1]]
    found = [(names[place], int(counts[place])) for place in there.tolist() if names[place]]
    return sorted(found, key=lambda entry: (-entry[1], entry[0]))[:MOST_VALUES]


def _load(path: Path) -> Any:
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
