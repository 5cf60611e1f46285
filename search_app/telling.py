"""Drafts out of evidence: which spans are quoted, and the fixed sentence that introduces them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from search_app.answer_model import Draft, Understanding, ordered
from search_app.evidence import Evidence, alike
from search_app.frames import Language, frame, sentence
from search_app.quoting import quote_evidence

SECOND = 0.9  # of the best score: a second quotation of another document or clause stands beside the first
LABEL = 12  # characters; what is shorter names something and says nothing of it
COUNTERPART = 0.7  # weight of the likeness of two texts that are compared, beside their scores
ALIGNED = 0.5  # beside that: the comparison of the plans says that the one became the other
COMPARED = 8  # spans of a year that are tried
Counterparts = Callable[[str], Collection[str]]  # clause id -> ids of the same clause in other years
QUOTED = {"zh": "「{}」", "en": "“{}”"}


def extracted(found: Sequence[Evidence], understanding: Understanding, confidence: float) -> Draft:
    """The best span, with a second one where another clause is nearly as good."""
    language = understanding.answer_language
    found = _with_unit(found) if understanding.kind == "who" else found
    chosen = [found[0], *_second(found, understanding)]
    quotes = tuple(quote_evidence(entry) for entry in chosen)
    head = _head(chosen, understanding, language)
    lines = [sentence(head), *(QUOTED[language].format(quote.text) for quote in quotes)]
    return Draft("answered", "\n".join(lines), quotes, "extract", confidence)


def compared(
    found: Sequence[Evidence], understanding: Understanding, confidence: float, years: Sequence[int],
    counterparts: Counterparts,
) -> Draft:  # fmt: skip
    """The best span of each year side by side, those preferred that became one another or are alike."""
    language = understanding.answer_language
    entries = _counterparts(found, years, counterparts)
    quotes = tuple(quote_evidence(entry) for entry in entries)
    places = frame("and", language).join(dict.fromkeys(_place(entry, language) for entry in entries))
    head = frame("compare" if len(entries) > 1 else "compare_same", language, where=places)
    lines = [sentence(head)]
    for entry, quote in zip(entries, quotes, strict=True):
        place = frame("compare_line", language, where=_place(entry, language))
        lines.append(sentence(place) + QUOTED[language].format(quote.text))
    return Draft("answered", "\n".join(lines), quotes, "compare", confidence)


def _counterparts(
    found: Sequence[Evidence], years: Sequence[int], counterparts: Counterparts
) -> list[Evidence]:  # fmt: skip
    """For each year the span that fits best with those of the other years, by year; one where the words are the same."""
    by_year = {year: [entry for entry in found if year in _years(entry)][:COMPARED] for year in years}
    tried = {entry.hit.clause.clause_id for entries in by_year.values() for entry in entries}
    became = {clause_id: counterparts(clause_id) for clause_id in tried}
    best = max(
        (entry for entries in by_year.values() for entry in entries), default=found[0],
        key=lambda entry: entry.score + sum(_fit(entry, others, became)[0] for others in by_year.values()),
    )  # fmt: skip
    chosen = [_fit(best, entries, became)[1] for _, entries in sorted(by_year.items()) if entries]
    return list({id(entry): entry for entry in chosen}.values()) or [best]


def _fit(
    entry: Evidence, others: Sequence[Evidence], became: Mapping[str, Collection[str]]
) -> tuple[float, Evidence]:  # fmt: skip
    """The best of the others beside a span: by its own score, how alike the two are, and whether one became the other."""
    aligned = became.get(entry.hit.clause.clause_id, ())
    scored = [
        (
            other.score
            + COUNTERPART * alike(other.span.folded, entry.span.folded)
            + ALIGNED * (other.hit.clause.clause_id in aligned),
            -place,
        )
        for place, other in enumerate(others)
    ]
    if not scored:
        return 0.0, entry
    score, place = max(scored)
    return score, others[-place]


def _with_unit(found: Sequence[Evidence]) -> Sequence[Evidence]:
    """Alone the best span of a plan-table row, which names the unit's work, where it is nearly as good as the best."""
    named = [entry for entry in found if _unit(entry) and entry.score >= SECOND * SECOND * found[0].score]
    return named[:1] or found


def _second(found: Sequence[Evidence], understanding: Understanding) -> list[Evidence]:
    """At most one more: nearly as good and from another clause, not the same words again."""
    best = found[0]
    for entry in found[1:6]:
        if entry.hit.clause.clause_id == best.hit.clause.clause_id:
            continue
        if (
            len(entry.span.folded) >= LABEL
            and entry.score >= SECOND * best.score
            and alike(entry.span.folded, best.span.folded) < 0.8
        ):
            return [entry]
    return []


def _head(chosen: Sequence[Evidence], understanding: Understanding, language: Language) -> str:
    places = list(dict.fromkeys(place for entry in chosen for place in _places(entry, language)))
    joined = frame("and", language).join(places)
    if len(chosen) > 1:
        return frame("extract_two", language, where=joined)
    unit = _unit(chosen[0])
    if understanding.kind == "who" and unit:
        return frame("extract_who", language, where=joined, unit=unit)
    if understanding.kind == "which_year":
        return frame("extract_which_year", language, where=joined)
    if understanding.kind == "yes_no":
        return frame("extract_yes_no", language, where=joined)
    return frame("extract_years" if len(places) > 1 else "extract", language, where=joined)


def _unit(entry: Evidence) -> str:
    """The work plan that a row of a plan table stands under: the ministry's name for the unit's work."""
    clause = entry.hit.clause
    return clause.section_path[1] if clause.kind in ("plan_item", "plan_row") and len(clause.section_path) > 1 else ""


def _places(entry: Evidence, language: Language) -> list[str]:
    documents = {hit.document.document_id: hit.document for hit in (entry.hit, *entry.also)}
    ordered_documents = sorted(documents.values(), key=lambda info: (info.year_ce, info.document_id))
    return [
        frame("document", language, title=i.title_en if language == "en" else i.title_zh) for i in ordered_documents
    ]


def _place(entry: Evidence, language: Language) -> str:
    return frame("and", language).join(_places(entry, language))


def _years(entry: Evidence) -> tuple[int, ...]:
    return ordered([hit.document.year_ce for hit in (entry.hit, *entry.also)])
