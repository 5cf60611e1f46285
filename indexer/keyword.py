"""Keyword index on Whoosh: words, headings, English stems, character n-grams. The only importer of whoosh.

Whoosh keeps the postings; they are added up in numpy rather than by Whoosh's query tree, because that tree
- gives wrong hits for Or under And, Require and DisjunctionMax, and takes an empty filter set for "no filter";
- costs Python for every posting of every query;
- reads through one file position, which two threads move under each other (8 threads, 24,000 reads, switching as often
  as Python can: 16 wrong lists and 69 exceptions).
Here postings are read once, under a lock, and kept as arrays. A question, in ms: 0.3 instead of 3.4 at 780 passages; 0.7
(10 the first time) instead of 30 at 20,000. The files stay a plain index that Whoosh's own query language can search.
"""

from __future__ import annotations

import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from whoosh import analysis, fields, formats, index
from whoosh.reading import TermNotFound

from indexer.errors import EngineError, PlanSearchError
from indexer.grams import Scores, added_up, best, bm25_impacts, character_grams, mean_length
from indexer.keyword_fields import (
    HEADING_WEIGHT,
    RANKED,
    encodable,
    english_of,
    folded_lines,
    placed_tokens,
    query_terms,
)
from indexer.model import Candidate, DocNums, Passage, Token
from indexer.revision import Revision
from indexer.text import fold_text
from indexer.tokens import finest, tokenize

CACHED_POSTINGS = 8_000_000  # 8 bytes each: 64 MB at most, far more than a home corpus has

_LENGTHS = "lengths.npy"
_DOCNUMS = "docnums.npy"  # of Whoosh's documents, -1 of those that are deleted


class QueryAnalyzer(analysis.Composable):  # type: ignore[misc]
    """How a query in Whoosh's own language is cut: into the finest tokens, which stand side by side as a phrase must.

    Whoosh pickles it into the index by name, so it stays here and holds no state.
    """

    def __call__(self, value: str, **_: Any) -> Iterator[Any]:
        for token in finest(tokenize(value)):
            place = {"pos": token.position, "startchar": token.start, "endchar": token.end}
            yield analysis.Token(text=token.text, boost=1.0, stopped=False, **place)


class Words(fields.TEXT):  # type: ignore[misc]
    """A text field fed with Tokens, so that each text is cut once and keeps our positions.

    Whoosh's own jieba analyzer puts character offsets into positions: no phrase is ever found.
    """

    def index(self, value: Iterable[Token], **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        places: dict[str, list[int]] = {}
        for token in value:
            places.setdefault(token.text, []).append(token.position)
        for text, positions in places.items():
            yield text.encode(), len(positions), float(len(positions)), self.format.encode(positions)


class WhooshKeywordIndex:
    """Implements KeywordIndex. Immutable; one instance serves all threads of a process."""

    def __init__(
        self, folder: Path, whoosh_index: Any, docnums: DocNums, lengths: Scores, heading_weight: float
    ) -> None:
        self._folder = folder
        self._index = whoosh_index
        self._reader = whoosh_index.reader()
        self._docnums = docnums
        self._lengths = dict(zip(RANKED, lengths, strict=True))
        self._means = {field: mean_length(own) for field, own in self._lengths.items()}
        self._heading_weight = heading_weight
        self._lock = threading.Lock()
        self._cache: OrderedDict[tuple[str, str], _Postings] = OrderedDict()
        self._cached = 0
        self.passages = int(lengths.shape[1])

    @staticmethod
    def build(folder: Path, passages: Iterable[Passage], progress: Callable[[int], None] | None = None) -> None:
        """Writes the index into an existing, empty folder: one segment, Whoosh's document i is docnum i.

        ``passages`` in order of docnum, from 0. ``progress`` is told how many are done. Raises EngineError.
        """
        with _engine_errors("write", folder):
            lengths = _add(index.create_in(str(folder), _schema()), _counted(passages, progress))
            _save(folder, np.arange(len(lengths), dtype=np.int32), lengths)

    @staticmethod
    def revise(folder: Path, before: Path, revision: Revision) -> None:
        """Writes the index of a revision into an existing, empty folder: what was written before and one segment more.

        Documents that are gone are deleted; Whoosh's documents are in any order of docnum. Raises EngineError.
        """
        with _engine_errors("write", folder):
            for file in before.iterdir():
                if file.name not in (_DOCNUMS, _LENGTHS):
                    shutil.copyfile(file, folder / file.name)
            docnums, lengths = (np.load(before / name, allow_pickle=False) for name in (_DOCNUMS, _LENGTHS))
            there = docnums >= 0
            moved = np.where(there, revision.moved[np.where(there, docnums, 0)], -1)
            fresh = _add(index.open_dir(str(folder)), revision.fresh, np.flatnonzero(there & (moved < 0)).tolist())
            _save(
                folder,
                np.concatenate((moved, revision.numbers)).astype(np.int32),
                np.stack([revision.column(*both) for both in zip(lengths, fresh.T, strict=True)], axis=1),
            )

    @classmethod
    def open(cls, folder: Path, heading_weight: float = HEADING_WEIGHT) -> WhooshKeywordIndex:
        """The index in a folder whose files the manifest has verified: Whoosh unpickles what it reads.

        Raises EngineError when it cannot be read or does not hold every docnum once.
        """
        with _engine_errors("open", folder):
            docnums, lengths = (np.load(folder / name, allow_pickle=False) for name in (_DOCNUMS, _LENGTHS))
            opened = cls(folder, index.open_dir(str(folder), readonly=True), docnums, lengths, heading_weight)
            if opened._reader.doc_count_all() != len(docnums):
                raise EngineError(f"The keyword index in {folder} does not hold {len(docnums)} passages.")
            if not np.array_equal(np.sort(docnums[docnums >= 0]), np.arange(opened.passages)):
                raise EngineError(f"The keyword index in {folder} does not hold every passage once.")
            return opened

    def close(self) -> None:
        """Frees the files; the index cannot be used afterwards."""
        with self._lock:
            self._cache.clear()
            self._reader.close()

    def scores(self, text: str) -> Scores:
        """Shape (n,), float32, 0 where nothing matches: BM25 of the words, each distinct one once.

        Words in headings count ``heading_weight`` times; Latin words by their stems, over body and headings together.
        """
        terms = query_terms(text, self._heading_weight)
        found = [(np.float32(weight), *self._postings(field, term)) for field, term, weight in terms]
        return added_up(found, self.passages)

    def moments(self, text: str) -> None:
        """None: ``scores`` tells all there is."""

    def rank(self, text: str, k: int, allowed: DocNums | None = None) -> list[Candidate]:
        """BM25 over words, any word may match; the best k passages, ties by docnum, only ``allowed`` ones."""
        return best(self.scores(text), k, allowed)

    def containing(self, folded: str, allowed: DocNums | None = None) -> DocNums:
        """Sorted docnums whose characters and bigrams include all of those of ``folded``; none for an empty text.

        A superset of the passages whose folded body contains it: the caller looks into the text.
        """
        if not folded:
            return np.empty(0, dtype=np.int64)
        pairs = {gram for gram in character_grams(encodable(folded)) if len(gram) == 2 or len(folded) == 1}
        lists = sorted((self._postings("grams", gram).docnums for gram in pairs), key=len)
        found = reduce(lambda left, right: np.intersect1d(left, right, assume_unique=True), lists)
        if allowed is not None:
            found = np.intersect1d(found, allowed, assume_unique=True)
        return found.astype(np.int64)

    def _postings(self, field: str, term: str) -> _Postings:
        with self._lock:
            known = self._cache.get((field, term))
            if known is not None:
                self._cache.move_to_end((field, term))
                return known
            with _engine_errors("read", self._folder):
                read = self._read(field, term)
            self._cache[field, term] = read
            self._cached += read.cost
            while self._cached > CACHED_POSTINGS:
                self._cached -= self._cache.popitem(last=False)[1].cost
            return read

    def _read(self, field: str, term: str) -> _Postings:
        docnums: list[int] = []
        weights: list[float] = []
        try:
            matcher = self._reader.postings(field, term)
        except TermNotFound:
            return _Postings(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32))
        while matcher.is_active():
            docnums.append(matcher.id())
            weights.append(matcher.weight())
            matcher.next()
        places = self._docnums[docnums].astype(np.int64)
        counts = np.array(weights, dtype=np.float32)
        if (places[1:] < places[:-1]).any():  # in several segments
            order = np.argsort(places)
            places, counts = places[order], counts[order]
        if field not in self._lengths:
            return _Postings(places, counts)
        lengths = self._lengths[field][places]
        return _Postings(places, bm25_impacts(counts, lengths, self._means[field], len(places), self.passages))


class _Postings(NamedTuple):
    """Docnums in order, and what the term adds to the score of each."""

    docnums: DocNums
    impacts: Scores

    @property
    def cost(self) -> int:
        return len(self.docnums) + 16  # an entry for an unknown term costs memory too


def _schema() -> Any:
    words = Words(analyzer=QueryAnalyzer(), phrase=True)
    return fields.Schema(
        clause_id=fields.ID(stored=True),
        words=words,
        headings=words,
        # scorable for speed only: without lengths Whoosh looks for their file at every posting (2.0 s instead of 1.7)
        grams=fields.FieldType(formats.Existence(), analysis.IDAnalyzer(), scorable=True),
        english=fields.TEXT(analyzer=analysis.IDAnalyzer(), phrase=False),
        marker=fields.ID,
        year=fields.ID,
        document=fields.ID,
        kind=fields.ID,
        language=fields.ID,
    )


def _document(passage: Passage) -> dict[str, Any]:
    return {
        "clause_id": passage.clause_id,
        **placed_tokens(passage),
        "grams": sorted(set().union(*map(character_grams, folded_lines(passage)))),
        "english": english_of(passage),
        "marker": fold_text(passage.marker),
        "year": str(passage.year_ce),
        "document": passage.document_id,
        "kind": passage.kind,
        "language": passage.language,
    }


def _counted(passages: Iterable[Passage], progress: Callable[[int], None] | None) -> Iterator[Passage]:
    """Passages in order of docnum, from 0. Raises EngineError for others."""
    for number, passage in enumerate(passages):
        if passage.docnum != number:
            raise EngineError(f"Passage {passage.clause_id} has docnum {passage.docnum}, not the next one.")
        yield passage
        if progress is not None:
            progress(number + 1)


def _add(opened: Any, passages: Iterable[Passage], gone: Iterable[int] = ()) -> Scores:
    """Add passages as one segment, and delete documents; the lengths of the fields of each passage, shape (n, 3)."""
    lengths: list[tuple[int, int, int]] = []
    writer = opened.writer(limitmb=256)
    try:
        for number in gone:
            writer.delete_document(number)
        for passage in passages:
            document = _document(passage)
            writer.add_document(**document)
            lengths.append((len(document["words"]), len(document["headings"]), len(document["english"])))
    except BaseException:
        writer.cancel()
        raise
    writer.commit(merge=False)
    return np.array(lengths, dtype=np.float32).reshape(-1, 3)


def _save(folder: Path, docnums: npt.NDArray[np.int32], lengths: Scores) -> None:
    np.save(folder / _DOCNUMS, docnums, allow_pickle=False)
    np.save(folder / _LENGTHS, np.ascontiguousarray(lengths.T), allow_pickle=False)


@contextmanager
def _engine_errors(action: str, folder: Path) -> Iterator[None]:
    """Whoosh raises bare Exceptions, KeyErrors and pickle errors alike; all of them mean that it failed."""
    try:
        yield
    except PlanSearchError:
        raise
    except Exception as cause:
        raise EngineError(f"Whoosh could not {action} the keyword index in {folder}: {cause!r}.") from cause
