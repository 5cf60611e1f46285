"""Sentences that may answer a question, ranked by measured features, with duplicates over the years merged."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from indexer.model import Clause
from indexer.text import fold_text, is_cjk
from search_app.answer_model import Understanding
from search_app.model import Hit
from search_app.question import ROC, printed_amount
from search_app.trust import is_quotable
from search_app.weighing import Statistics, Weighed, coverage, rendering_key

MARGIN = 0.06  # of a clause on both sides of a span that its rendering is read from: languages keep no common measure
FIGURES = -0.25  # score of a row of figures where none is asked for
LONGEST_ROW = 300  # characters of a table row that is quoted whole
OTHER_YEAR = 0.5  # fit of a sentence in a document of the year asked for that prints other years only
SHORTEST = 6  # characters; a shorter sentence joins the one before it
_SENTENCE = re.compile(r"[^。！？\n]*[。！？\n]?")  # 推動年金修法。
_PART = re.compile(r"[^；]*[；]?")  # 辦理基金管理作業；
WHOLE = 80  # characters; a sentence up to this length is quoted whole, a longer one by its parts between semicolons
_ROWS = ("stakeholder", "table_row", "indicator", "kpi")
_KIND_BIAS: Mapping[str, float] = {
    "heading": -0.5, "work_plan": -0.5, "goal": -0.25, "plan_row": -0.35, "kpi_link": -0.5, "damaged": -1.0,
}  # fmt: skip
# Chosen on the development questions: the right span is first for 237 of 250 Chinese and 102 of 113 English ones (with
# one set of weights for both and without likeness 233 and 97).
WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "zh": {
        "terms": 0.8, "grams": 0.8, "rank": 0.4, "likeness": 0.5, "kind": 1.0, "amount": 0.5, "year": 0.3,
        "length": -0.1,
    },
    "en": {"terms": 0.8, "rank": 0.8, "likeness": 1.0, "kind": 1.0, "amount": 0.5, "year": 0.3, "length": -0.1},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """``clause.text[start:end]``: one sentence, list item or line; ``folded`` is its matching form."""

    start: int
    end: int
    folded: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One span of a hit with its features and score; ``also`` are hits whose clauses hold the same words."""

    hit: Hit
    span: Span
    features: Mapping[str, float]
    score: float
    also: tuple[Hit, ...] = ()

    @property
    def text(self) -> str:
        """The span as printed."""
        return self.hit.clause.text[self.span.start : self.span.end]


@lru_cache(maxsize=8192)
def spans(text: str) -> tuple[Span, ...]:
    """The sentences, items and lines of a text in order; pieces of under six characters join the one before."""
    ranges: list[tuple[int, int]] = []
    for first, last in _pieces(text):
        start, end = _trimmed(text, first, last)
        if start == end:
            continue
        if ranges and (end - start < SHORTEST or ranges[-1][1] - ranges[-1][0] < SHORTEST):
            ranges[-1] = (ranges[-1][0], end)
        else:
            ranges.append((start, end))
    return tuple(Span(start, end, fold_text(text[start:end])) for start, end in ranges)


def gather(
    understanding: Understanding, hits: Sequence[Hit], weighed: Sequence[Weighed], counts: Statistics
) -> list[Evidence]:
    """Spans of quotable hits from best to worst, equal ones merged; ties by clause id."""
    grams = [(gram, counts.idf(counts.count(gram))) for gram in _grams(understanding.subject)]
    best = max((strength(hit) for hit in hits), default=1.0) or 1.0
    likest = max((hit.why.asked_similarity for hit in hits), default=0.0)
    weights = WEIGHTS[understanding.answer_language]
    found = [
        Evidence(hit, span, features, score(features, weights))
        for hit in hits
        if is_quotable(hit.clause, hit.document)
        for span in _spans_of(hit.clause)
        for features in [_features(understanding, hit, span, weighed, grams, best, likest, len(counts.texts))]
    ]
    found.sort(key=lambda entry: (-entry.score, entry.hit.clause.clause_id, entry.span.start))
    return _merged(found)


def score(features: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """How well a span answers."""
    return sum(weight * features[name] for name, weight in weights.items())


def headings_of(hit: Hit) -> str:
    """The folded headings above a hit's clause."""
    return _folded("\n".join(hit.clause.section_path))


def rendering_of(hit: Hit, span: Span) -> str:
    """The stems of the part of a hit's English rendering that stands about where the span does in the clause."""
    rendering, size = hit.translation.get("en", ""), len(hit.clause.text)
    first, last = max(0.0, span.start / size - MARGIN), min(1.0, span.end / size + MARGIN)
    begin, end = int(first * len(rendering)), int(last * len(rendering))
    return rendering_key(rendering[rendering.rfind(" ", 0, begin) + 1 : end])


def asked_of(hit: Hit) -> str:
    """The expected question through which a hit was found, folded, or its stems when it is English; "" for none."""
    question = hit.why.question or ""
    return rendering_key(question) if question.isascii() else _folded(question)


def alike(left: str, right: str) -> float:
    """Dice of the character pairs of two folded texts, 0 to 1."""
    a, b = ({text[i : i + 2] for i in range(len(text) - 1) if " " not in text[i : i + 2]} for text in (left, right))
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def _spans_of(clause: Clause) -> tuple[Span, ...]:
    """A short table row is one span: its cells say little apart."""
    if clause.kind in _ROWS and len(clause.text) <= LONGEST_ROW:
        return (Span(0, len(clause.text), _folded(clause.text)),)
    return spans(clause.text)


def _features(
    understanding: Understanding, hit: Hit, span: Span, weighed: Sequence[Weighed], grams: Sequence[tuple[str, float]],
    best: float, likest: float, size: int,
) -> dict[str, float]:  # fmt: skip
    text = hit.clause.text[span.start : span.end]
    return {
        "terms": coverage(weighed, span.folded, headings_of(hit), rendering_of(hit, span), asked_of(hit)),
        "grams": _gram_share(grams, span.folded),
        "rank": strength(hit) / best,
        "likeness": hit.why.asked_similarity - likest,
        "meaning": _nearness(hit.why.vector_rank, size),
        "lexical": _nearness(hit.why.keyword_rank, size),
        "kind": _bias(hit.clause.kind, bool(understanding.unit or understanding.facet)),
        "amount": float(printed_amount(understanding.unit, text)) if understanding.unit else 0.5,
        "year": _year_fit(understanding, hit, text),
        "asked": float(hit.why.question is not None),
        "length": math.log(max(1.0, len(span.folded) / 40)),
    }


def _bias(kind: str, figures: bool) -> float:
    """What a kind of clause counts for: rows of figures stand back where none is asked for."""
    if kind in ("kpi", "indicator"):
        return 0.0 if figures else FIGURES
    return _KIND_BIAS.get(kind, 0.0)


def _year_fit(understanding: Understanding, hit: Hit, text: str) -> float:
    """1 where the document is of a year asked for, or the text prints the years; 0.5 when none is asked for."""
    if understanding.year_range:
        return float(all(str(year) in text for year in understanding.year_range))
    if not understanding.years:
        return 0.5
    if any(str(year) in text or f"{year - ROC}年" in text for year in understanding.years):
        return 1.0
    if hit.document.year_ce not in understanding.years:
        return 0.0
    return OTHER_YEAR if re.search(r"(?:19|20)\d\d\s*年", text) else 1.0


def _nearness(rank: int | None, size: int) -> float:
    """1 for the first clause of a leg, 0 for the last, by the logarithm of its rank."""
    return max(0.0, 1 - math.log(rank) / math.log(max(size, 2))) if rank is not None else 0.0


def _merged(found: Iterable[Evidence]) -> list[Evidence]:
    """The first of equal spans, with the hits of the others."""
    groups: dict[str, list[Evidence]] = {}
    for entry in found:
        groups.setdefault(entry.span.folded.rstrip("。；"), []).append(entry)
    return [
        Evidence(first.hit, first.span, first.features, first.score, tuple(other.hit for other in others))
        for first, *others in groups.values()
    ]


def _grams(subject: str) -> list[str]:
    pairs = (subject[i : i + 2] for i in range(len(subject) - 1))
    return list(dict.fromkeys(pair for pair in pairs if is_cjk(pair[0]) and is_cjk(pair[1])))


def _gram_share(grams: Sequence[tuple[str, float]], folded: str) -> float:
    total = sum(weight for _, weight in grams)
    return sum(weight for gram, weight in grams if gram in folded) / total if total else 0.0


def strength(hit: Hit) -> float:
    """The fused z-score behind a hit's score between 0 and 1, at least 0."""
    return logit(hit.score)


def logit(value: float) -> float:
    """The number behind a logistic value, 0 to 9.2; scores are printed with four digits."""
    value = min(max(value, 0.5), 0.9999)
    return math.log(value / (1 - value))


@lru_cache(maxsize=8192)
def _folded(text: str) -> str:
    return fold_text(text)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of sentences and lines, the long ones cut at their semicolons."""
    for found in _SENTENCE.finditer(text):
        if len(found.group()) <= WHOLE:
            yield found.span()
        else:
            parts = _PART.finditer(text, *found.span())
            yield from (part.span() for part in parts if part.group())


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
