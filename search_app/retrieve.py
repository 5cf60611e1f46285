"""Search over one opened generation: candidates from every leg, fused, filtered, told as hits."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from copy import copy
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import get_args

import numpy as np

from indexer.asides import AsideIndex
from indexer.build import fingerprints
from indexer.changes import Change, Changes, Gone
from indexer.columns import Columns
from indexer.config import SearchConfig
from indexer.editors import FILE as EDITORS_FILE
from indexer.editors import Editors, read_editors, use
from indexer.engines import open_keyword, open_vector
from indexer.errors import IndexStale, QueryError
from indexer.generations import Manifest, read_manifest, verify
from indexer.grams import GramIndex
from indexer.model import Account, Clause, DocNums, DocumentInfo, Encoder, Indicator
from indexer.spelling import correct_english
from indexer.store import Rendering, Store
from indexer.synonyms import Correction, correct, english_synonyms
from indexer.terms import TermIndex
from indexer.text import fold_text
from indexer.translations import Translator
from search_app.cite import cite
from search_app.deadline import within
from search_app.gone import GoneView, Library, Replacement, replacements
from search_app.hits import Hits
from search_app.indicator_english import EnglishNames, english_names
from search_app.indicators import IndicatorTable, Source, indicator_table
from search_app.kept import KeptComparisons
from search_app.lineage import History, Lineage, Occurrence
from search_app.listing import list_hits
from search_app.match import Matcher
from search_app.model import HEADINGS, Citation, Filters, Grouping, Mode, Query, SearchResult, Sort
from search_app.query import parse_query, with_correction
from search_app.ranking import ASIDE_LEGS, Engines, Ranker, Ranking
from search_app.relations import Comparison
from search_app.syntax import Expression
from search_app.turns import Turns
from search_app.verify import Verification
from search_app.verify import verify as check_quote

FLOOR = 0.25  # of the best fused score; what lies below shares a word with the query but hardly its matter
_READ = 500  # clauses in one batch of an export
_SENTENCE_TERMS = 8  # words; a query of that many says what is meant without its quoted words too
# Passages; with no more, the searches of one process compute one after the other. Eight at once take the interpreter from
# each other at every step: 12.6 ms of the processor each, 9.7 one after the other. With more passages, most of a search is
# numpy's, which runs beside the interpreter.
TAKE_TURNS = 50_000


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
    headings_en: tuple[str, ...] = ()
    rendering_by: str = ""
    reviewed: bool = False


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document with its whole tree."""

    info: DocumentInfo
    clauses: tuple[Clause, ...]
    account: Account
    indicators: tuple[Indicator, ...]


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
        self.generation, self.built = manifest.generation, manifest.created
        self._settings = settings
        self._encoder = encoder
        self.editors = read_editors(folder / EDITORS_FILE)
        self._store = Store(folder)
        self._turn = Turns().turn if self._store.count <= TAKE_TURNS else nullcontext
        self._columns = Columns.open(folder / "columns")
        keyword = open_keyword(folder / "keyword", manifest.engines)
        self._matcher = Matcher(keyword, self._store)
        engines = Engines(
            keyword=keyword,
            grams=GramIndex.open(folder / "grams"),
            terms=TermIndex.open(folder / "terms"),
            translator=Translator.open(folder / "terms", _english_synonyms(self.editors)),
            vector=open_vector(folder / "vector", manifest.engines),
            asides=AsideIndex.open(folder / "asides", self._store.count),
            encoder=encoder,
            store=self._store,
            columns=self._columns,
        )
        self._engines = engines
        self._ranker = Ranker(engines, self._matcher, settings)
        self._hits = Hits(self._store, engines.asides)
        self._changes = Changes(folder)
        kept = KeptComparisons(folder.parent.parent / "cache" / "comparisons", encoder.name)
        self._lineage = Lineage(self.documents(), self._store.document_clauses, encoder.encode_passages, kept)

    def search(
        self, text: str, *, mode: Mode = "hybrid", filters: Filters | None = None, sort: Sort = "relevance",
        group: Grouping = "none", page: int = 1, per_page: int = 10,
    ) -> SearchResult:  # fmt: skip
        """One page of ranked clauses.

        Raises QueryError when the query is too long, takes too long, or a parameter is unknown.
        """
        _check_parameters(mode, sort, group, page, per_page, self._settings.max_k)
        with self._turn(), within(self._settings.max_query_seconds), use(self.editors):
            return self._search(text, mode, filters or Filters(), sort, group, page, per_page)

    def _search(
        self, text: str, mode: Mode, filters: Filters, sort: Sort, group: Grouping, page: int, per_page: int
    ) -> SearchResult:
        started = time.perf_counter()
        query = self._understood(text)
        ranking = self._ranker.rank(query, mode)
        query = replace(query, expansions=ranking.expansions)
        found = self._listed(query, ranking, filters)
        scores = ranking.scores if query.folded else None
        listing = list_hits(self._columns, scores, found, sort, group == "same", page, per_page)
        hits = self._hits.of(query, ranking, listing.shown, (page - 1) * per_page + 1)
        facets = self._columns.facets(listing.leaders)
        took = (time.perf_counter() - started) * 1000
        return SearchResult(query, hits, listing.total, took, self.generation, facets)

    def clause(self, clause_id: str) -> ClauseView | None:
        """A clause with its document, citation and neighbours, or None."""
        clause = self._store.clause(clause_id)
        if clause is None:
            return None
        document = self._store.documents[clause.document_id]
        previous, following = self._store.neighbours(clause)
        children = tuple(self._store.children(clause))
        view = ClauseView(clause, document, cite(clause, document), previous, following, children, {})
        rendering = self._store.renderings([clause_id]).get(clause_id)
        if rendering is None:
            return view
        return replace(
            view, translation={"en": rendering.en}, headings_en=rendering.headings_en, rendering_by=rendering.by,
            reviewed=rendering.reviewed,
        )  # fmt: skip

    def clauses(self) -> Iterator[Clause]:
        """Every clause, by document and in its order; read in batches, so that none need be held."""
        for start in range(0, self._store.count, _READ):
            yield from self._store.clauses(range(start, min(start + _READ, self._store.count)))

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

    def headings(self) -> list[Clause]:
        """The headings of all documents, in order."""
        return self._store.clauses(self._store.select((), (), (), HEADINGS).tolist())

    def renderings(self, clause_ids: Sequence[str]) -> dict[str, Rendering]:
        """The English renderings of those of the clauses that have one."""
        return self._store.renderings(clause_ids)

    def comparison(self, from_document: str, to_document: str) -> Comparison:
        """What became of the clauses of one document in another; made once per generation. Raises QueryError."""
        for document_id in (from_document, to_document):
            if document_id not in self._store.documents:
                raise QueryError(f"no document {document_id!r}.", f"Known: {', '.join(self._store.documents)}.")
        return self._lineage.comparison(from_document, to_document)

    def history(self, clause_id: str) -> list[Occurrence]:
        """The same clause in every other year's plan; empty for a clause that is not compared."""
        clause = self._store.clause(clause_id)
        return list(self._lineage.history(clause)) if clause is not None else []

    def history_so_far(self, clause_id: str) -> History:
        """The same without waiting long: years that are still being compared are named instead."""
        clause = self._store.clause(clause_id)
        return self._lineage.history_so_far(clause) if clause is not None else History([], [])

    def prepare(self) -> None:
        """Begin to compare the documents that readers will ask for, in a thread of its own."""
        self._lineage.prepare()

    def compare_likely(self) -> Iterator[tuple[int, int]]:
        """Compare them now; (done, total) after each pair. Those that are kept on disk take no time."""
        pairs = self._lineage.likely()
        for done, pair in enumerate(pairs, start=1):
            self._lineage.comparison(*pair)
            yield done, len(pairs)

    def gone(self, clause_id: str) -> GoneView | None:
        """A clause that was published once and is no more, with what replaced it; None for an id that never was."""
        gone = self._changes.gone(clause_id)
        return GoneView(gone, self._replacements(gone)) if gone is not None else None

    def gone_document(self, document_id: str) -> Gone | None:
        """A clause of a document that was published once and is no more, or None."""
        return self._changes.gone_document(document_id)

    def changes(self, most: int) -> list[Change]:
        """What the last builds changed, the newest first."""
        return self._changes.newest(most)

    def updated(self, clause: Clause) -> str:
        """When a clause was added or last changed (ISO 8601, UTC), as far as builds have recorded it."""
        return self._changes.updated(clause) or self.built

    def indicators(self, years: Sequence[int] = (), goal: str = "", status: str = "") -> IndicatorTable:
        """Indicators of all documents, filtered. Raises QueryError for an unknown status."""
        sources = [
            Source(info, self._store.indicators(document_id), self._store.document_clauses(document_id))
            for document_id, info in self._store.documents.items()
        ]
        return indicator_table(sources, years, goal, status)

    def english_names(self, table: IndicatorTable) -> dict[str, EnglishNames]:
        """Unofficial English names of the table's indicators by clause id, where their rows have a rendering."""
        listed = [row.indicator for row in table.rows]
        return english_names(listed, self._store.renderings([one.clause_id for one in listed]))

    def verify_quote(self, quote: str, years: Sequence[int] = (), section: str = "") -> Verification:
        """Whether a quotation stands in the documents, where, and how exactly. Raises QueryError when it is too long."""
        return check_quote(quote, self._store, self._engines.grams, years, section)

    def containing(self, folded: str) -> DocNums:
        """Sorted docnums of all passages whose folded text contains ``folded``: none missed, none too many."""
        return self._matcher.containing(folded)

    def without_enrichment(self) -> Search:
        """The same index as if no editor had written renderings or questions: what other people's documents get."""
        plain = copy(self)
        plain._ranker = self._ranker.without(ASIDE_LEGS)
        return plain

    def close(self) -> None:
        """Release files and memory."""
        self._engines.keyword.close()
        self._engines.asides.close()
        self._lineage.close()
        self._changes.close()
        self._store.close()

    def _replacements(self, gone: Gone) -> tuple[Replacement, ...]:
        library = Library(self.documents(), self._store.document_clauses, self._holding, self._lineage.compared)
        return replacements(gone, self._changes.state(gone), library)

    def _holding(self, text: str) -> list[Clause]:
        return self._store.clauses(self.containing(fold_text(text)).tolist())

    def _understood(self, text: str) -> Query:
        """The query, with slips set right unless the slip itself stands in the corpus."""
        query = self._satisfiable(parse_query(text, self._settings))
        if query.constraints or (query.folded and self.containing(query.folded).size):
            return query
        if query.kind == "wording" and " " not in query.ranked:
            query = replace(query, kind="question")  # words that stand nowhere are meant, not looked up
        return with_correction(query, *self._corrected(query))

    def _corrected(self, query: Query) -> tuple[str, list[Correction]]:
        """The words of a query with slips of the input method or of the keyboard set right, and what was changed."""
        if query.language != "en":
            return correct(query.ranked)
        known = self._engines.translator.words
        return correct_english(query.ranked, known, lambda word: self.containing(word).size > 0)

    def _satisfiable(self, query: Query) -> Query:
        """The query without constraints that nothing meets, when it has words enough to rank by instead."""
        if len(query.terms) < _SENTENCE_TERMS or not query.constraints or all(self._found(query.constraints)):
            return query
        problem = "nothing contains all that was asked for word for word; ranked by the words instead"
        return replace(query, constraints=(), phrases=(), problem=problem)

    def _found(self, constraints: Sequence[Expression]) -> list[bool]:
        return [bool(self._matcher.find(constraint).size) for constraint in constraints]

    def _listed(self, query: Query, ranking: Ranking, filters: Filters) -> DocNums:
        """Sorted docnums of the hits."""
        allowed = self._allowed(query, filters)
        if query.folded and not query.constraints:
            return _above_floor(ranking, allowed)
        if allowed is None:
            allowed = np.arange(ranking.scores.size, dtype=np.int64) if query.folded else np.empty(0, dtype=np.int64)
        return allowed

    def _allowed(self, query: Query, filters: Filters) -> DocNums | None:
        """Sorted docnums that filters and constraints leave, or None for all."""
        sets = [self._matcher.find(constraint) for constraint in query.constraints]
        sets += [self._select(chosen) for chosen in (filters, query.filters) if chosen]
        return reduce(lambda left, right: np.intersect1d(left, right, assume_unique=True), sets) if sets else None

    def _select(self, filters: Filters) -> DocNums:
        documents = self._titled(filters.titles) if filters.titles else ()
        if filters.titles and not documents:
            return np.empty(0, dtype=np.int64)
        found = self._columns.select(filters.years, filters.documents, filters.sections, filters.kinds)
        return np.intersect1d(found, self._columns.select(documents=documents)) if documents else found

    def _titled(self, titles: Sequence[str]) -> tuple[str, ...]:
        """Ids of the documents whose Chinese or English title holds every one of the texts."""
        wanted = [fold_text(title) for title in titles]
        return tuple(
            info.document_id
            for info in self._store.documents.values()
            if all(title in fold_text(f"{info.title_zh} {info.title_en}") for title in wanted)
        )


def _english_synonyms(editors: Editors) -> Mapping[str, Mapping[str, float]]:
    with use(editors):
        return english_synonyms()


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


def _above_floor(ranking: Ranking, docnums: DocNums | None) -> DocNums:
    """Those of the docnums, or of all, that are not far less like the query than the most alike one.

    What is certain always stays.
    """
    similar = ranking.similar if docnums is None else ranking.similar[docnums]
    if not similar.size:
        return np.empty(0, dtype=np.int64)
    floor = max(FLOOR * float(similar.max()), 1e-6)
    if docnums is None:
        return np.flatnonzero(ranking.scores >= floor)
    kept: DocNums = docnums[ranking.scores[docnums] >= floor]
    return kept
