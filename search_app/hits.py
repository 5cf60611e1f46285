"""Hits: what a reader is told of the passages that a search ranked, and why they were found."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial
from itertools import count
from typing import NamedTuple

import numpy as np

from indexer.asides import AsideIndex
from indexer.model import Clause, DocumentInfo
from indexer.store import Rendering, Store
from indexer.text import fold_shown
from search_app.cite import cite
from search_app.highlight import highlight
from search_app.model import Citation, Hit, Query, Why
from search_app.ranking import Ranking, ranks_in

_TOLD = 4096  # hits of which all but the ranking is kept, 10 MB: half of what a page of them takes
_QUESTION_LEAD = 3  # a clause is told as found by an expected question when that leg ranks it this high


class Hits:
    """Makes the hits of one generation; safe over threads."""

    def __init__(self, store: Store, asides: AsideIndex) -> None:
        self._asides = asides
        self._told = lru_cache(maxsize=_TOLD)(partial(_read, store))

    def of(self, query: Query, ranking: Ranking, groups: Sequence[Sequence[int]], first_rank: int) -> tuple[Hit, ...]:
        """A hit for each group of docnums, which stands for its first; their ranks count from ``first_rank``."""
        hits = []
        ranks = _ranks(ranking, [members[0] for members in groups])
        for rank, members, own in zip(count(first_rank), groups, ranks):
            clause, document, citation, rendering = self._told(members[0])
            spans, terms = highlight(query, clause)
            hits.append(
                Hit(
                    rank=rank, score=_unit(float(ranking.scores[members[0]])), clause=clause, document=document,
                    highlights=spans, citation=citation, why=self._why(ranking, members[0], clause, terms, own),
                    translation={"en": rendering.en} if rendering else {},
                    headings_en=rendering.headings_en if rendering else (),
                    also=tuple(self._told(other).clause for other in members[1:]),
                )
            )  # fmt: skip
        return tuple(hits)

    def _why(self, ranking: Ranking, docnum: int, clause: Clause, terms: tuple[str, ...], ranks: _Ranks) -> Why:
        """What brought a clause here, in the terms of people."""
        legs = ranking.legs
        folded = fold_shown(clause.text).text
        return Why(
            keyword_rank=ranks.words, vector_rank=ranks.meaning, matched_terms=terms,
            exact=docnum in ranking.exact,
            expansions=tuple(word for word in ranking.expansions if word in folded),
            question=self._question(ranking, docnum, ranks),
            similarity=float(legs["vector"][docnum]) if "vector" in legs else 0.0,
            asked_similarity=float(legs["asides_vector"][docnum]) if "asides_vector" in legs else 0.0,
        )  # fmt: skip

    def _question(self, ranking: Ranking, docnum: int, ranks: _Ranks) -> str | None:
        """The expected question through which a clause was found, if one of its legs ranks it at the top."""
        if ranking.asides is None or docnum in ranking.exact or ranking.asides.rows[docnum] < 0:
            return None
        aside = self._asides.asides[int(ranking.asides.rows[docnum])]
        leads = any(rank is not None and rank <= _QUESTION_LEAD for rank in (ranks.asked_words, ranks.asked_meaning))
        return aside.text if leads and aside.kind == "question" else None


class _Told(NamedTuple):
    """What a hit tells whatever was asked."""

    clause: Clause
    document: DocumentInfo
    citation: Citation
    rendering: Rendering | None


class _Ranks(NamedTuple):
    """The rank of a passage by its words and meaning, and by those of its expected questions; None for none."""

    words: int | None
    meaning: int | None
    asked_words: int | None
    asked_meaning: int | None


def _read(store: Store, docnum: int) -> _Told:
    (clause,) = store.clauses([docnum])
    document = store.documents[clause.document_id]
    rendering = store.renderings([clause.clause_id]).get(clause.clause_id)
    return _Told(clause, document, cite(clause, document), rendering)


def _ranks(ranking: Ranking, docnums: Sequence[int]) -> list[_Ranks]:
    """The ranks of each passage."""
    legs = ranking.legs
    words = legs.get("grams") if legs.get("translation") is None else legs["translation"]
    scores = (words, legs.get("vector"), legs.get("asides"), legs.get("asides_vector"))
    return list(map(_Ranks, *(ranks_in(one, docnums) for one in scores)))


def _unit(score: float) -> float:
    """A fused score between 0 and 1 (logistic)."""
    return round(float(1 / (1 + np.exp(-score))), 4)
