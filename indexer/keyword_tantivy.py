"""Keyword index on tantivy, for one machine and many documents. The only importer of tantivy.

The same tokens in the same fields as on Whoosh, put in as words between blanks. tantivy scores every term by BM25 with
k1 = 1.2, as we do, but with b = 0.75 fixed, where clauses want 0.4: a term that nobody searches stands in every passage
often enough to flatten the differences of length by just so much (see ``_padding``). tantivy keeps lengths in a byte, so
that scores differ by a few per cent from those of Whoosh; the same passages lead (tests/contracts).

Only the best ``DEPTH`` passages are handed over: each costs 0.5 µs as a Python object. What the others would have scored
is told by ``moments``, which fusion needs.
"""

from __future__ import annotations

import importlib
import itertools
import json
import math
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from indexer.errors import ConfigError, EngineError, PlanSearchError
from indexer.grams import B, Scores, best
from indexer.keyword_fields import HEADING_WEIGHT, RANKED, encodable, folded_lines, query_terms, tokens_of
from indexer.model import Candidate, DocNums, Passage
from indexer.pairs import PairIndex
from indexer.revision import Revision

DEPTH = 2000  # passages; the fused top 10 of 100,000 passages were always among the best 1,000 of every leg

_REMEMBERED = 64  # queries whose best passages are kept, 24 KB each
_TANTIVY_B = 0.75
_PAD = "\u2205"  # ∅, which no text folds to a token
_SAMPLE = 2000  # passages, evenly spaced, whose lengths decide the padding
_HEAP = 256 * 2**20  # bytes that the writer may take
_SMALL_HEAP = 32 * 2**20
_FILE = "padding.json"
_NUMBERS = "numbers.npy"


class TantivyKeywordIndex:
    """Implements KeywordIndex. Immutable; one instance serves all threads of a process."""

    def __init__(self, folder: Path, heading_weight: float) -> None:
        self._tantivy = _library()
        self._folder = folder
        self._heading_weight = heading_weight
        with _engine_errors("open", folder):
            self.passages = len(np.load(folder / _NUMBERS, mmap_mode="r"))
            self._index = self._tantivy.Index.open(str(folder / "tantivy"))
            self._searcher = self._index.searcher()
            self._docnums = [np.load(folder / f"docnums-{part}.npy") for part in range(self._searcher.num_segments)]
            if not self.passages == self._searcher.num_docs == sum(int((part >= 0).sum()) for part in self._docnums):
                raise EngineError(f"The keyword index in {folder} does not hold {self.passages} passages.")
        self._pairs = PairIndex.open(folder / "pairs")
        # one search asks for scores and for their moments
        self._leading = lru_cache(maxsize=_REMEMBERED)(lambda text: self._best(text, DEPTH))

    @staticmethod
    def build(folder: Path, passages: Sequence[Passage], progress: Callable[[int], None] | None = None) -> None:
        """Writes the index into an existing, empty folder; ``passages`` in order of docnum, from 0.

        ``progress`` is told how many are done. Raises EngineError, and ConfigError when tantivy is not installed.
        """
        library = _library()
        with _engine_errors("write", folder):
            for name in ("tantivy", "pairs"):
                (folder / name).mkdir()
            index = library.Index(_schema(library), path=str(folder / "tantivy"))
            writer = index.writer(_HEAP, 1)
            padding = _paddings(passages)
            for number, passage in enumerate(passages):
                if passage.docnum != number:
                    raise EngineError(f"Passage {passage.clause_id} has docnum {passage.docnum}, not the next one.")
                writer.add_document(_document(library, passage, number, padding))
                if progress is not None:
                    progress(number + 1)
            _finish(folder, library, writer, np.arange(len(passages), dtype=np.int64))
            PairIndex.build(folder / "pairs", map(folded_lines, passages))
            (folder / _FILE).write_text(json.dumps(padding), encoding="utf-8")

    @staticmethod
    def revise(folder: Path, before: Path, revision: Revision) -> None:
        """Writes the index of a revision into an existing, empty folder: what was written before and what is fresh.

        Raises as ``build``. Until tantivy merges them away, documents that are gone count in how many hold a term.
        """
        library = _library()
        with _engine_errors("write", folder):
            shutil.copytree(before / "tantivy", folder / "tantivy", ignore=shutil.ignore_patterns("*.lock"))
            shutil.copyfile(before / _FILE, folder / _FILE)
            (folder / "pairs").mkdir()
            known = np.load(before / _NUMBERS)
            padding = {
                field: _Padding(*pads)
                for field, pads in json.loads((folder / _FILE).read_text(encoding="utf-8")).items()
            }
            index = library.Index.open(str(folder / "tantivy"))
            writer = index.writer(_SMALL_HEAP, 1)
            for number in known[revision.moved < 0].tolist():
                # by term it takes the number for a signed one, which nothing has
                writer.delete_documents_by_query(library.Query.term_query(index.schema, "number", number))
            fresh = np.arange(len(revision.fresh)) + known.max(initial=-1) + 1
            for number, passage in zip(fresh.tolist(), revision.fresh, strict=True):
                writer.add_document(_document(library, passage, number, padding))
            _finish(folder, library, writer, revision.column(known, fresh))
            PairIndex.revise(folder / "pairs", before / "pairs", revision, map(folded_lines, revision.fresh))

    @classmethod
    def open(cls, folder: Path, heading_weight: float = HEADING_WEIGHT) -> TantivyKeywordIndex:
        """The index in a folder, memory-mapped. Raises EngineError when it cannot be read."""
        return cls(folder, heading_weight)

    def close(self) -> None:
        """Frees the files; the index cannot be used afterwards."""
        self._searcher = self._index = None
        self._leading.cache_clear()

    def scores(self, text: str) -> Scores:
        """Shape (n,), float32: BM25 of the best ``DEPTH`` passages, 0 for all others."""
        total = np.zeros(self.passages, dtype=np.float32)
        docnums, values = self._leading(text)
        total[docnums] = values
        return total

    def moments(self, text: str) -> tuple[float, float]:
        """Mean and deviation of BM25 over all passages.

        Exact while no more than ``DEPTH`` passages match. Beyond that the mean is that of terms that stand once in a
        passage of mean length, and the passages that were not handed over are taken to score half of the last one that
        was: they have little part in the deviation.
        """
        values = self._leading(text)[1].astype(np.float64)
        total, squares = float(values.sum()), float((values**2).sum())
        if len(values) == DEPTH:
            rest = max(0.0, self._expected(text) - total)
            total, squares = total + rest, squares + rest * float(values.min()) / 2
        mean = total / max(1, self.passages)
        return mean, math.sqrt(max(0.0, squares / max(1, self.passages) - mean**2))

    def _expected(self, text: str) -> float:
        """The sum of the scores of all passages, were each term to stand once in those that hold it."""
        total = 0.0
        for field, term, weight in query_terms(text, self._heading_weight):
            with _engine_errors("read", self._folder):
                frequency = self._searcher.doc_freq(field, term)
            total += frequency * weight * math.log1p((self.passages - frequency + 0.5) / (frequency + 0.5))
        return total

    def rank(self, text: str, k: int, allowed: DocNums | None = None) -> list[Candidate]:
        """BM25 over words, any word may match; the best k passages, ties by docnum, only ``allowed`` ones."""
        total = np.zeros(self.passages, dtype=np.float32)
        docnums, values = self._best(text, max(1, self.passages) if allowed is not None else k + DEPTH)
        total[docnums] = values
        return best(total, k, allowed)

    def containing(self, folded: str, allowed: DocNums | None = None) -> DocNums:
        """Sorted docnums whose characters and bigrams include all of those of ``folded``; none for an empty text."""
        found = self._pairs.containing(encodable(folded))
        return found if allowed is None else np.intersect1d(found, allowed, assume_unique=True)

    def _best(self, text: str, depth: int) -> tuple[DocNums, Scores]:
        """The docnums of the best passages and their scores."""
        terms = query_terms(text, self._heading_weight)
        if not terms:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        with _engine_errors("read", self._folder):
            found = self._searcher.search(self._query(terms), limit=depth, count=False).hits
        size = len(found)
        values = np.fromiter((score for score, _ in found), dtype=np.float32, count=size)
        places = np.fromiter((place.doc for _, place in found), dtype=np.int64, count=size)
        parts = np.fromiter((place.segment_ord for _, place in found), dtype=np.int64, count=size)
        docnums = np.empty(size, dtype=np.int64)
        for part, numbers in enumerate(self._docnums):
            own = parts == part
            docnums[own] = numbers[places[own]]
        return docnums, values

    def _query(self, terms: Iterable[tuple[str, str, float]]) -> Any:
        query, schema, should = self._tantivy.Query, self._index.schema, self._tantivy.Occur.Should
        return query.boolean_query(
            [
                (should, query.boost_query(query.term_query(schema, field, term, "freq"), weight))
                for field, term, weight in terms
            ]
        )


class _Padding(NamedTuple):
    """How often ``_PAD`` stands in a field: where it has text of its own, and where it has none."""

    filled: int
    empty: int


def _padding(lengths: Sequence[int]) -> _Padding:
    """What makes b = 0.75 score as b = 0.4.

    With c more terms in every field the share of the length is 0.25 + 0.75 (l + c) / (m + c), for a mean length m; at
    c = m (0.75 - b) / b that is (1 - b) + b l / m, which is what is wanted. Passages without the field do not count in
    our mean, so they are given m + c terms.
    """
    present = [length for length in lengths if length]
    mean = sum(present) / len(present) if present else 0.0
    more = mean * (_TANTIVY_B - B) / B
    return _Padding(round(more), round(mean + more))


def _paddings(passages: Sequence[Passage]) -> dict[str, _Padding]:
    sample = [tokens_of(passage) for passage in passages[:: max(1, len(passages) // _SAMPLE)]]
    return {field: _padding([len(fields[field]) for fields in sample]) for field in RANKED}


def _schema(library: Any) -> Any:
    builder = library.SchemaBuilder()
    builder.add_unsigned_field("number", indexed=True, fast=True)
    for field in RANKED:
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def _document(library: Any, passage: Passage, number: int, padding: dict[str, _Padding]) -> Any:
    document = library.Document()
    document.add_unsigned("number", number)
    for field, tokens in tokens_of(passage).items():
        pads = padding[field].filled if tokens else padding[field].empty
        document.add_text(field, " ".join(itertools.chain(tokens, itertools.repeat(_PAD, pads))))
    return document


def _finish(folder: Path, library: Any, writer: Any, numbers: DocNums) -> None:
    """Write what was added, and which docnum each of tantivy's documents is: its segments are in no order that it promises.

    ``numbers`` are those of the passages, in order of docnum; a passage keeps its own when others come and go.
    """
    writer.commit()
    writer.wait_merging_threads()
    searcher = library.Index.open(
        str(folder / "tantivy")
    ).searcher()  # opened again: only so is the order of segments kept
    everything = searcher.search(library.Query.all_query(), limit=max(1, len(numbers)), count=False).hits
    places = [place for _, place in everything]
    found = np.array(searcher.fast_field_values("number", places) if places else [], dtype=np.int64)
    docnums = np.argsort(numbers)[np.searchsorted(np.sort(numbers), found)]
    parts = np.fromiter((place.segment_ord for place in places), dtype=np.int64, count=len(places))
    docs = np.fromiter((place.doc for place in places), dtype=np.int64, count=len(places))
    for part in range(searcher.num_segments):
        own = parts == part
        ordered = np.full(docs[own].max(initial=-1) + 1, -1, dtype=np.int64)
        ordered[docs[own]] = docnums[own]
        np.save(folder / f"docnums-{part}.npy", ordered, allow_pickle=False)
    np.save(folder / _NUMBERS, numbers, allow_pickle=False)


def _library() -> Any:
    try:
        return importlib.import_module("tantivy")
    except ImportError as cause:
        raise ConfigError(
            'keyword.engine is "tantivy", but the package tantivy is not installed.',
            'Install it (pip install "plansearch[tantivy]"), or set keyword.engine to whoosh.',
        ) from cause


@contextmanager
def _engine_errors(action: str, folder: Path) -> Iterator[None]:
    try:
        yield
    except PlanSearchError:
        raise
    except Exception as cause:  # tantivy raises ValueError and OSError, and AttributeError once it is closed
        raise EngineError(f"tantivy could not {action} the keyword index in {folder}: {cause!r}.") from cause
