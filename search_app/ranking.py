"""How well each passage answers a query: the legs' scores, fused, with what is certain put first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import reduce

import numpy as np

from indexer.ages import people_of_age
from indexer.asides import AsideIndex, AsideScores
from indexer.columns import Columns
from indexer.config import Leg, SearchConfig
from indexer.figures import telling_numbers
from indexer.grams import GramIndex, best, likely_best
from indexer.model import ClauseKind, DocNums, Encoder, KeywordIndex, VectorIndex, Vectors
from indexer.store import Store
from indexer.synonyms import chinese_synonyms, expand, reworded
from indexer.terms import TermIndex
from indexer.translations import Translated, Translator
from search_app.fusion import Moments, Scores, add_z_scores, fuse
from search_app.match import Matcher
from search_app.model import Mode, Query
from search_app.references import leading_indicator_number, parse_indicator_number, parse_reference

# Bonuses in z-scores; fused scores end near 4, so that each puts its passages above everything that is merely similar.
PLACE_BONUS = 8.0  # the query names this clause: 「106 壹 三 (四)」, 「指標 8.7.1」
EXACT_BONUS = 4.0  # the query stands here word for word
SECTION_BONUS = 3.0  # the query names the section that the clause stands in
BELOW_BONUS = 2.0  # the query stands word for word in the heading or plan-table row above
NUMBER_BONUS = 2.0  # the query's figure is printed here, however it is written
# A heading, KPI link or damaged page leads only where the query's own words stand in it (dev queries +0.02).
HEADING_PENALTY = 2.0
DAMAGED_PENALTY = 3.0  # besides: a page that cannot be quoted stands behind every clause that can
TITLES: tuple[ClauseKind, ...] = ("heading", "goal", "work_plan", "plan_row")
PENALISED: tuple[ClauseKind, ...] = ("heading", "goal", "work_plan", "kpi_link", "damaged")
# Questions: how many leading passages speak for what is meant, and what likeness to them counts. Expected questions in
# Chinese +0.003, in English +0.002, judged queries +0.008, labour law -0.009 (its articles do not repeat each other).
FEEDBACK, FEEDBACK_WEIGHT = 2, 0.5
# A Chinese query whose words stand nowhere in the corpus is also asked in words that do: what the second asking counts.
# Expected questions in Chinese +0.010, own citizens' questions +0.046, judged ones +0.090, all without enrichment.
REWORDED_VECTOR, REWORDED_GRAMS = 2.0, 0.5
MAX_TITLES = 200  # verbatim passages looked at for titles; a wording that stands in more says little
LEXICAL: frozenset[Leg] = frozenset({"words", "grams", "synonyms", "translation", "asides"})


_NONE: DocNums = np.empty(0, dtype=np.int64)

ASIDE_LEGS: frozenset[Leg] = frozenset({"asides", "asides_vector"})


@dataclass(frozen=True, slots=True)
class Engines:
    """The indexes of one generation and the encoder that its vectors came from."""

    keyword: KeywordIndex
    grams: GramIndex
    terms: TermIndex
    translator: Translator
    vector: VectorIndex
    asides: AsideIndex
    encoder: Encoder
    store: Store
    columns: Columns


@dataclass(frozen=True, slots=True)
class Sorted:
    """Sorted docnums, asked for a few of them: a set of a fifth of a million passages takes 12 ms to make."""

    docnums: DocNums

    def __contains__(self, docnum: int) -> bool:
        place = int(np.searchsorted(self.docnums, docnum))
        return place < len(self.docnums) and int(self.docnums[place]) == docnum


@dataclass(frozen=True, slots=True)
class Ranking:
    """Every passage's fused score, shape (n,), and where it came from.

    ``similar`` are the scores before what is certain was lifted: how alike query and passages are.
    """

    scores: Scores
    similar: Scores
    legs: Mapping[Leg, Scores]
    exact: Sorted
    asides: AsideScores | None = None
    expansions: tuple[str, ...] = ()


class Ranker:
    """Scores passages of one generation; immutable and safe over threads."""

    def __init__(self, engines: Engines, matcher: Matcher, settings: SearchConfig) -> None:
        self._engines = engines
        self._matcher = matcher
        self._settings = settings
        self._silent: frozenset[Leg] = frozenset()
        self._penalised = engines.columns.select(kinds=PENALISED)
        self._damaged = engines.columns.select(kinds=("damaged",))
        self._titles = np.zeros(engines.store.count, dtype=bool)
        self._titles[engines.columns.select(kinds=TITLES)] = True
        self._english = np.zeros(engines.store.count, dtype=bool)
        english = [name for name, info in engines.store.documents.items() if info.language == "en"]
        if english:
            self._english[engines.columns.select(documents=english)] = True

    def without(self, legs: frozenset[Leg]) -> Ranker:
        """A ranker in which some legs do not vote."""
        quieter = copy(self)
        quieter._silent = legs
        return quieter

    def rank(self, query: Query, mode: Mode) -> Ranking:
        """Scores of all passages for a query; equal scores mean nothing is known."""
        legs: dict[Leg, Scores] = {}
        moments: dict[Leg, Moments] = {}
        expansions: tuple[str, ...] = ()
        asides: AsideScores | None = None
        other_words = self._in_other_words(query)
        vector = self._vector(query, other_words) if mode != "keyword" and query.folded else None
        if query.folded and mode != "semantic":
            legs["words"] = self._engines.keyword.scores(query.ranked)
            if query.language == "en":  # Latin words in Chinese text are names: letting them vote cost 0.08 nDCG@10
                legs["words"] = np.where(self._english, legs["words"], np.float32(0))
            else:
                moments["words"] = self._engines.keyword.moments(query.ranked)
            legs["grams"] = self._engines.grams.scores(query.ranked)
            if other_words:
                legs["grams"] = legs["grams"] + REWORDED_GRAMS * self._engines.grams.scores(other_words)
            expansions = self._add_meanings(query, legs)
        if vector is not None:
            found = self._engines.vector.leg(vector, self._settings.depth, lambda: self._leading([*legs.values()]))
            legs["vector"], moments["vector"] = found
            asides = self._engines.asides.scores(query.ranked, vector, query.language == "en")
            legs["asides"], legs["asides_vector"] = asides.words, asides.vectors
        fused = (
            fuse(legs, self._weights(query, mode), moments) if legs else np.zeros(self._engines.store.count, np.float32)
        )
        fused[self._penalised] -= HEADING_PENALTY
        fused[self._damaged] -= DAMAGED_PENALTY
        similar = fused.copy()
        if vector is not None and query.kind != "reference" and (query.kind == "question" or query.language == "en"):
            self._add_likeness(fused)
        exact = self._add_certain(query, mode, fused)
        return Ranking(fused, similar, legs, exact, asides, expansions)

    def _in_other_words(self, query: Query) -> str:
        """The query with words of the corpus for those that stand nowhere in it; empty where that changes nothing."""
        if query.language == "en" or query.kind in ("reference", "number") or "synonyms" in self._silent:
            return ""
        return reworded(query.folded, self._engines.terms)

    def _vector(self, query: Query, other_words: str) -> Vectors:
        """What the query means, shape (dimension,): the encoder's vector, or that of both askings."""
        if not other_words:
            return self._engines.encoder.encode_query(query.ranked)
        own, other = self._engines.encoder.encode_queries(query.ranked, other_words)
        both = own + REWORDED_VECTOR * other
        return np.asarray(both / np.linalg.norm(both), dtype=np.float32)

    def _leading(self, legs: Sequence[Scores]) -> DocNums:
        """Sorted docnums of the best passages of all legs, ``search.depth`` of them at the most."""
        return reduce(np.union1d, (foremost(scores, self._settings.depth // len(legs)) for scores in legs), _NONE)

    def _add_meanings(self, query: Query, legs: dict[Leg, Scores]) -> tuple[str, ...]:
        """Score other words for the same things: synonyms of Chinese words, translations of English ones."""
        terms = self._engines.terms
        translated = (
            [*self._engines.translator.translate(query.ranked), *map(Translated._make, people_of_age(query.ranked))]
            if query.language == "en"
            else self._engines.translator.translate_back(query.folded, chinese_synonyms())
        )
        legs["translation"] = terms.scores(entry.others for entry in translated)
        shown = [_strongest(entry.others) for entry in translated]
        if query.language != "en":
            found = expand(query.folded)
            legs["synonyms"] = terms.scores({**entry.others, entry.word: 1.0} for entry in found)
            shown = [other for entry in found for other in entry.others if other in terms] + shown
        return tuple(dict.fromkeys(shown))

    def _add_likeness(self, fused: Scores) -> None:
        """Add how like the leading passages every passage is: plans say the same in several years and places.

        The leading vectors stand in for the query's, weighted by their scores (pseudo relevance feedback: Rocchio 1971;
        on dense vectors Li, Mourad, Zhuang, Koopman & Zuccon 2021).
        """
        leading = best(fused, FEEDBACK, above=-np.inf)
        shares = np.exp([found.score - leading[0].score for found in leading])
        centre = shares @ self._engines.vector.vectors(np.array([found.docnum for found in leading], dtype=np.int64))
        depth = self._settings.depth
        found = self._engines.vector.leg(centre / np.linalg.norm(centre), depth, lambda: foremost(fused, depth))
        add_z_scores(fused, found.scores, FEEDBACK_WEIGHT, found.moments)

    def _weights(self, query: Query, mode: Mode) -> Mapping[Leg, float]:
        chosen = self._settings.weights.of(query.language, query.kind)
        weights = {name: weight for name, weight in chosen.items() if name not in self._silent}
        if mode == "hybrid":
            return weights
        return {name: weight for name, weight in weights.items() if (name in LEXICAL) == (mode == "keyword")}

    def _add_certain(self, query: Query, mode: Mode, fused: Scores) -> Sorted:
        """Lift what the query names by place, by its own wording or by figure; the docnums of the verbatim ones."""
        named, around = self._named(query.text)
        fused[around] += SECTION_BONUS
        fused[named] += PLACE_BONUS
        if mode == "semantic":
            return Sorted(_NONE)
        verbatim = self._matcher.containing(query.folded) if len(query.folded) >= 2 else named[:0]
        fused[verbatim] += EXACT_BONUS
        fused[self._below(verbatim)] += BELOW_BONUS
        for value in telling_numbers(query.text)[:5]:
            fused[self._engines.store.with_number(value)] += PLACE_BONUS if query.kind == "number" else NUMBER_BONUS
        return Sorted(verbatim)

    def _below(self, docnums: DocNums) -> DocNums:
        """What stands below those of the passages that are titles."""
        first = docnums[:MAX_TITLES]
        return self._engines.store.below(self._engines.store.clauses(first[self._titles[first]].tolist()))

    def _named(self, text: str) -> tuple[DocNums, DocNums]:
        """The passages that the query names by their place or number, and those in a section that bears the number."""
        store = self._engines.store
        number = parse_indicator_number(text) or leading_indicator_number(text)
        if number is not None:
            return store.of_indicator(number), self._engines.columns.select(sections=(f"指標{number}",))
        reference = parse_reference(text)
        if reference is not None:
            return store.at_markers(reference.year, reference.markers), _NONE
        return _NONE, _NONE


def _strongest(weighted: Mapping[str, float]) -> str:
    return max(weighted.items(), key=lambda entry: (entry[1], entry[0]))[0]


def foremost(scores: Scores, depth: int) -> DocNums:
    """Docnums of the ``depth`` best passages that score above 0, in no order."""
    found = likely_best(scores, depth)
    if len(found) <= depth:
        return found
    values = scores[found]
    kept: DocNums = found[np.argpartition(-values, depth)[:depth]]
    return kept


def ranks_in(scores: Scores | None, docnums: Sequence[int]) -> list[int | None]:
    """Rank (1-based) of each passage in a leg, None where the leg gave it nothing."""
    values = [0.0 if scores is None else float(scores[docnum]) for docnum in docnums]
    least = min((value for value in values if value > 0), default=None)
    if scores is None or least is None:
        return [None] * len(values)
    above = scores[scores >= least]
    return [1 + int(np.count_nonzero(above > value)) if value > 0 else None for value in values]
