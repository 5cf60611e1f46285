"""Search over one opened generation: candidates from every leg, fused, filtered, told as hits."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np

from indexer.build import fingerprints
from indexer.config import SearchConfig
from indexer.errors import IndexStale, QueryError
from indexer.generations import Manifest, read_manifest, verify
from indexer.grams import GramIndex
from indexer.keyword import WhooshKeywordIndex
from indexer.model import Account, Clause, DocNums, DocumentInfo, Encoder, Indicator
from indexer.store import Store
from indexer.vector import FlatVectorIndex
from search_app.cite import cite
from search_app.fusion import Scores, fuse
from search_app.highlight import highlight
from search_app.model import Citation, Filters, Grouping, Hit, Mode, Query, SearchResult, Sort, Why
from search_app.query import parse_query

EXACT_BONUS = 4.0  # z-scores; puts every verbatim occurrence above the rest, whose fused scores end near 4
HEADING_PENALTY = 2.0  # z-scores; a heading or damaged page leads only where the query's own words stand in it (+0.02)
FLOOR = 0.25  # of the best fused score; what lies below shares a word with the query but hardly its matter
_FACETS = ("year", "document", "kind", "section")
_PENALISED = ("heading", "goal", "work_plan", "kpi_link", "damaged")
_LEXICAL = ("words", "grams", "english")


@dataclass(frozen=True, slots=True)
class ClauseView:
    """A clause with its surroundings."""

    clause: Clause
    document: DocumentInfo
    citation: Citation
    previous: Clause | None
    next: Clause | None
    children: tuple[Clause, ...]
    translation: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document with its whole tree."""

    info: DocumentInfo
    clauses: tuple[Clause, ...]
    account: Account
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True, slots=True)
class _Ranking:
    """Docnums from best to worst with their scores, and the scores of each leg, shape (n,)."""

    docnums: DocNums
    scores: Scores
    legs: Mapping[str, Scores]
    exact: frozenset[int]


class Search:
    """One generation, opened; immutable and safe over threads."""

    def __init__(self, folder: Path, encoder: Encoder, settings: SearchConfig) -> None:
        """Verify and open a generation.

        Raises IndexCorrupt when a file differs from the manifest, IndexStale when the index was built by another
        tokenizer, lexicon, parser or encoder.
        """
        manifest = read_manifest(folder)
        verify(folder, manifest)
        _check_fresh(manifest, encoder)
        self.generation = manifest.generation
        self._settings = settings
        self._encoder = encoder
        self._store = Store(folder)
        self._keyword = WhooshKeywordIndex.open(folder / "keyword")
        self._grams = GramIndex.open(folder / "grams")
        self._vector = FlatVectorIndex.open(folder / "vector")
        self._headings = self._select(Filters(kinds=_PENALISED))

    def search(
        self, text: str, *, mode: Mode = "hybrid", filters: Filters | None = None, sort: Sort = "relevance",
        group: Grouping = "none", page: int = 1, per_page: int = 10,
    ) -> SearchResult:  # fmt: skip
        """One page of ranked clauses. Raises QueryError when the query is too long or a parameter is unknown."""
        started = time.perf_counter()
        _check_parameters(mode, sort, group, page, per_page, self._settings.max_k)
        query = parse_query(text, self._settings.max_query_chars)
        ranking = self._rank(query, mode, self._allowed(query, filters or Filters()))
        order = self._sorted(ranking, sort)
        groups = self._grouped(order) if group == "same" else [[docnum] for docnum in order]
        shown = groups[(page - 1) * per_page : page * per_page]
        hits = self._hits(query, ranking, shown, (page - 1) * per_page + 1)
        facets = self._facets([members[0] for members in groups])
        took = (time.perf_counter() - started) * 1000
        return SearchResult(query, hits, len(groups), took, self.generation, facets)

    def clause(self, clause_id: str) -> ClauseView | None:
        """A clause with its document, citation and neighbours, or None."""
        clause = self._store.clause(clause_id)
        if clause is None:
            return None
        document = self._store.documents[clause.document_id]
        previous, following = self._store.neighbours(clause)
        children = tuple(self._store.children(clause))
        return ClauseView(clause, document, cite(clause, document), previous, following, children, {})

    def documents(self) -> tuple[DocumentInfo, ...]:
        """All documents by id."""
        return tuple(self._store.documents.values())

    def document(self, document_id: str) -> DocumentView | None:
        """A document with its clauses in order, or None."""
        info = self._store.documents.get(document_id)
        if info is None:
            return None
        clauses = tuple(self._store.document_clauses(document_id))
        return DocumentView(
            info, clauses, self._store.accounts[document_id], tuple(self._store.indicators(document_id))
        )

    def close(self) -> None:
        """Release files and memory."""
        self._keyword.close()
        self._store.close()

    def _allowed(self, query: Query, filters: Filters) -> DocNums | None:
        """Sorted docnums that filters and quoted phrases leave, or None for all."""
        allowed = self._select(filters) if filters else None
        for phrase in query.phrases:
            found = self.containing(phrase)
            allowed = found if allowed is None else np.intersect1d(allowed, found, assume_unique=True)
        return allowed

    def containing(self, folded: str) -> DocNums:
        """Sorted docnums of all passages whose folded text contains ``folded``: none missed, none too many."""
        candidates = self._keyword.containing(folded)
        found = sorted(docnum for docnum, text in self._store.folded(candidates.tolist()) if folded in text)
        return np.array(found, dtype=np.int64)

    def _select(self, filters: Filters) -> DocNums:
        return self._store.select(filters.years, filters.documents, filters.sections, filters.kinds)

    def _rank(self, query: Query, mode: Mode, allowed: DocNums | None) -> _Ranking:
        legs = self._legs(query, mode)
        fused = fuse(legs, self._weights(query, mode))
        exact = (
            self.containing(query.folded) if len(query.folded) >= 2 and mode != "semantic" else np.array([], np.int64)
        )
        fused[self._headings] -= HEADING_PENALTY
        fused[exact] += EXACT_BONUS
        docnums = np.arange(fused.size, dtype=np.int64) if allowed is None else allowed
        if not query.folded or not docnums.size:
            docnums = docnums[:0] if not query.phrases else docnums
        scores = fused[docnums]
        if scores.size and not query.phrases:
            keep = scores >= max(FLOOR * float(scores.max()), 1e-6)
            docnums, scores = docnums[keep], scores[keep]
        order = np.lexsort((docnums, -scores))
        return _Ranking(docnums[order], scores[order], legs, frozenset(exact.tolist()))

    def _legs(self, query: Query, mode: Mode) -> dict[str, Scores]:
        """Scores of every passage in each leg that takes part."""
        legs: dict[str, Scores] = {}
        if mode != "semantic":
            legs["words"] = self._keyword.scores(query.text)
            legs["grams"] = self._grams.scores(query.text)
        if mode != "keyword" and query.folded:
            legs["vector"] = self._vector.scores(self._encoder.encode_query(query.text))
        return legs

    def _weights(self, query: Query, mode: Mode) -> Mapping[str, float]:
        if mode == "semantic":
            return {"vector": 1.0}
        weights = dict(self._settings.weights.of(query.language))
        return {name: weight for name, weight in weights.items() if mode == "hybrid" or name in _LEXICAL}

    def _sorted(self, ranking: _Ranking, sort: Sort) -> list[int]:
        docnums: list[int] = ranking.docnums.tolist()
        if sort == "year":
            years = {docnum: row[0] for docnum, row in zip(docnums, self._store.facet_values(docnums), strict=True)}
            docnums.sort(key=lambda docnum: -years[docnum])
        return docnums

    def _grouped(self, docnums: Sequence[int]) -> list[list[int]]:
        """Passages of the same folded text together, in the order of the best of them."""
        texts = dict(self._store.folded(docnums))
        groups: dict[str, list[int]] = {}
        for docnum in docnums:
            groups.setdefault(texts[docnum], []).append(docnum)
        return list(groups.values())

    def _hits(
        self, query: Query, ranking: _Ranking, groups: Sequence[Sequence[int]], first_rank: int
    ) -> tuple[Hit, ...]:
        clauses = self._store.clauses([docnum for members in groups for docnum in members])
        by_docnum = dict(zip([docnum for members in groups for docnum in members], clauses, strict=True))
        scores = dict(zip(ranking.docnums.tolist(), ranking.scores.tolist(), strict=True))
        hits = []
        for rank, members in enumerate(groups, start=first_rank):
            docnum, clause = members[0], by_docnum[members[0]]
            document = self._store.documents[clause.document_id]
            spans, terms = highlight(query, clause)
            why = Why(_rank_in(ranking.legs.get("grams"), docnum), _rank_in(ranking.legs.get("vector"), docnum), terms,
                      docnum in ranking.exact)  # fmt: skip
            also = tuple(by_docnum[other] for other in members[1:])
            hits.append(
                Hit(rank, _unit(scores[docnum]), clause, document, spans, cite(clause, document), why, {}, also)
            )
        return tuple(hits)

    def _facets(self, docnums: Sequence[int]) -> dict[str, Sequence[tuple[str, int]]]:
        counters: dict[str, Counter[str]] = {name: Counter() for name in _FACETS}
        for year, document_id, kind, section in self._store.facet_values(docnums):
            values = (str(year - 1911), document_id, kind, section)
            for name, value in zip(_FACETS, values, strict=True):
                if value:
                    counters[name][value] += 1
        return {
            name: sorted(counter.items(), key=lambda entry: (-entry[1], entry[0])) for name, counter in counters.items()
        }


def _check_fresh(manifest: Manifest, encoder: Encoder) -> None:
    """Refuse a generation that was built otherwise than queries would be understood."""
    now = fingerprints()
    differing = [name for name, value in manifest.fingerprints.items() if now.get(name) != value]
    if manifest.encoder != encoder.name:
        differing.append(f"encoder ({manifest.encoder}, now {encoder.name})")
    if differing:
        raise IndexStale(
            f"the index was built with another {', '.join(differing)}.", "Build it again: plansearch index"
        )


def _check_parameters(mode: str, sort: str, group: str, page: int, per_page: int, max_k: int) -> None:
    for name, value, known in (("mode", mode, Mode), ("sort", sort, Sort), ("group", group, Grouping)):
        if value not in get_args(known):
            raise QueryError(f"unknown {name} {value!r}.", f"Known: {', '.join(get_args(known))}.")
    if page < 1:
        raise QueryError(f"page {page} does not exist.", "Pages count from 1.")
    if not 1 <= per_page <= max_k:
        raise QueryError(f"{per_page} hits on a page are not possible.", f"Ask for 1 to {max_k}.")


def _rank_in(scores: Scores | None, docnum: int) -> int | None:
    """Rank (1-based) of a passage in a leg, None when the leg gave it nothing."""
    if scores is None or scores[docnum] <= 0:
        return None
    return 1 + int(np.count_nonzero(scores > scores[docnum]))


def _unit(score: float) -> float:
    """A fused score between 0 and 1 (logistic)."""
    return round(float(1 / (1 + np.exp(-score))), 4)
