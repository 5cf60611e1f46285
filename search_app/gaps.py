"""What readers asked in vain, and which entry of the lexicon might have served them.

A query's nearest known terms are proposed: those of the glossary that mean most nearly the same (cosine of the encoder
over all terms), after those that share a run of characters with it. The proposal is for an editor to judge: the entry is
printed as it would stand in ``lexicon.yaml``, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from indexer.editors import read_editors, use
from indexer.glossary import Glossary, load_glossary
from indexer.model import Encoder, Vectors
from indexer.text import display_normal, fold_text
from search_app.query import language_of
from search_app.querylog import KeptQuery

NEAREST = 3  # terms proposed for a query
ALIKE = 0.35  # cosine from which a term is worth proposing; most of what lies below has nothing to do with the query


@dataclass(frozen=True, slots=True)
class Near:
    """A known term and how alike it is, 0 to 1."""

    term: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Gap:
    """One query that was not served, the nearest known terms, and the entry that would join it to the first of them."""

    query: KeptQuery
    nearest: tuple[Near, ...]
    entry: str


def known_glossary(corpus: Path, lexicon: str) -> Glossary:
    """The glossary with the additions of a corpus. Raises ConfigError when these cannot be read."""
    with use(read_editors(corpus / lexicon)):
        return load_glossary()


def gaps(kept: Sequence[KeptQuery], glossary: Glossary, encoder: Encoder) -> list[Gap]:
    """The queries in their order with proposals; those that a glossary term already covers are told without an entry."""
    if not kept:
        return []
    terms = [term.zh for term in glossary.terms]
    vectors = encoder.encode_passages(terms)
    found = []
    for query in kept:
        scores = vectors @ encoder.encode_query(display_normal(query.text)) + _shared(query.text, terms)
        best = [int(row) for row in np.argsort(-scores, kind="stable")[:NEAREST] if scores[row] >= ALIKE]
        nearest = tuple(Near(terms[row], round(min(1.0, float(scores[row])), 2)) for row in best)
        found.append(Gap(query, nearest, entry(query.text, nearest[0].term) if nearest else ""))
    return found


def entry(text: str, term: str) -> str:
    """The entry of lexicon.yaml that makes a query find what a term finds; "" when they are the same."""
    if fold_text(text) == fold_text(term):
        return ""
    if language_of(text) == "en":
        value: dict[str, object] = {"glossary": [{"zh": term, "en": [text], "note": "proposed by plansearch gaps"}]}
    else:
        value = {"synonyms": [{"words": [term, display_normal(text)], "weight": 0.8, "direction": "to_first"}]}
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, default_flow_style=None)


def _shared(text: str, terms: Sequence[str]) -> Vectors:
    """Per term, half the share of its character pairs that stand in the text, shape (n,)."""
    held = _pairs(fold_text(text))
    shares = [len(held & pairs) / len(pairs) if (pairs := _pairs(fold_text(term))) else 0.0 for term in terms]
    return np.array(shares, dtype=np.float32) * np.float32(0.5)


def _pairs(folded: str) -> set[str]:
    return {folded[place : place + 2] for place in range(len(folded) - 1)}
