"""Comparisons kept on disk, so that each pair of documents is compared once and not at every start.

One small file a pair under var/cache/comparisons, named by the digest of both documents' clauses, of the code that compares
and of the encoder: whatever changes makes a new name. What cannot be read is compared again; a folder that cannot be
written costs only time.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from indexer import text, tokens
from indexer.model import Clause
from search_app import alignment, bare, compare, relations, similarity
from search_app.relations import Comparison, Relation

log = logging.getLogger(__name__)

MOST = 5000  # files; of 60 KB each for plans of 250 clauses


class KeptComparisons:
    """The comparisons of one cache folder; ``encoder`` names the model that tells meaning ("" for none)."""

    def __init__(self, folder: Path, encoder: str) -> None:
        self._folder, self._encoder = folder, encoder

    def get(self, before: Sequence[Clause], after: Sequence[Clause]) -> Comparison | None:
        """The kept comparison of two documents, or None."""
        try:
            rows = json.loads(self._path(before, after).read_text(encoding="utf-8"))
            return _made(rows, before, after)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("a kept comparison is not usable and made again: %r", error)
            return None

    def put(self, before: Sequence[Clause], after: Sequence[Clause], comparison: Comparison) -> None:
        """Keep a comparison; the oldest go when there are too many."""
        path = self._path(before, after)
        unfinished = path.with_suffix(f".{os.getpid()}.new")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_text(json.dumps([_row(one) for one in comparison.relations]), encoding="utf-8")
            unfinished.replace(path)
            self._sweep()
        except OSError as error:
            log.warning("comparisons cannot be kept in %s: %s", self._folder, error)

    def _path(self, before: Sequence[Clause], after: Sequence[Clause]) -> Path:
        parts = (_code(), self._encoder, _digest(before), _digest(after))
        return self._folder / f"{hashlib.sha256('/'.join(parts).encode()).hexdigest()[:32]}.json"

    def _sweep(self) -> None:
        files = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for path in files[: max(0, len(files) - MOST)]:
            path.unlink(missing_ok=True)


@cache
def _code() -> str:
    """Digest of everything that decides a comparison beside its input."""
    modules = (alignment, bare, compare, relations, similarity)
    sources = [Path(str(module.__file__)).read_bytes() for module in modules]
    return hashlib.sha256(
        b"".join([*sources, str(text.FOLD_VERSION).encode(), tokens.fingerprint().encode()])
    ).hexdigest()


def _digest(clauses: Sequence[Clause]) -> str:
    told = [(one.clause_id, one.kind, one.marker, one.text, one.damaged) for one in clauses]
    return hashlib.sha256(repr(told).encode("utf-8", "surrogatepass")).hexdigest()


def _row(one: Relation) -> list[object]:
    sides = ([clause.clause_id for clause in side] for side in (one.from_clauses, one.to_clauses))
    return [one.relation, one.level, *sides, one.confidence, one.moved, one.title]


def _made(rows: Sequence[Sequence[object]], before: Sequence[Clause], after: Sequence[Clause]) -> Comparison:
    """The comparison with its clauses; raises KeyError for one that is not there."""
    ours, theirs = ({clause.clause_id: clause for clause in side} for side in (before, after))
    found = tuple(
        Relation(name, level, tuple(ours[one] for one in left), tuple(theirs[one] for one in right), confidence, moved, title)  # type: ignore[arg-type,attr-defined]
        for name, level, left, right, confidence, moved, title in rows
    )  # fmt: skip
    return Comparison(compare.document_of(before), compare.document_of(after), found)
