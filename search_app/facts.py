"""Answers from Indicator records: targets, actuals, met or missed, counts and lists. No text similarity decides them."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.model import DocumentInfo
from search_app.answer_model import Draft, Reason, Understanding
from search_app.fact_rows import Row, counts_alike, fits, fits_year, in_goal, matching, nearest, rows_of, without_tables
from search_app.fact_text import called, figure, item, label, list_text, names, quote_row, quote_rows, where, wheres
from search_app.frames import frame, reason, sentence
from search_app.question import names_table
from search_app.retrieve import Search
from search_app.weighing import Weighed

NAMED = 0.38  # match of a question with an indicator's name that counts, where a target or actual is asked for
CERTAIN = 0.75  # where only 「多少」 is asked: the name must nearly be the question
SURE = 0.97  # confidence of a figure that stands in a table


def answer_from_data(search: Search, understanding: Understanding, weighed: Sequence[Weighed]) -> Draft | None:
    """What the tables say, or None when the question is not about them."""
    if not _about_tables(understanding):
        return None
    rows = rows_of(search)
    if understanding.number:
        return _numbered(rows, understanding)
    special = [entry for entry in weighed if not entry.term.generic and not names_table(entry.term.text)]
    asked_for_figure = bool(understanding.facet or understanding.tables)
    if special and not (understanding.goal is not None and understanding.kind in ("met", "list", "count")):
        matched = matching(rows, understanding, special, NAMED if asked_for_figure else CERTAIN)
        if not asked_for_figure:
            if matched and not any(fits_year(row, understanding) for row in matched):
                return _wrong_year(matched)
            matched = [row for row in matched if counts_alike(row, understanding)]
        if not matched and understanding.facet == "target" and understanding.kind == "how_much":
            return _no_such(search, nearest(rows, understanding, special), understanding)
        return _single(search, matched, understanding) if matched else None
    if not (understanding.tables or understanding.goal is not None or understanding.kind == "met"):
        return None
    return _many(search, rows, understanding)


def _about_tables(understanding: Understanding) -> bool:
    asked = understanding.number or understanding.tables or understanding.facet or understanding.outcome
    return bool(asked) or understanding.kind in ("how_much", "met")


def _numbered(rows: Sequence[Row], understanding: Understanding) -> Draft:
    named = [row for row in rows if row.first.number == understanding.number]
    if not named:
        return _refusal(reason("no_indicator", number=understanding.number))
    fitting = [row for row in named if fits_year(row, understanding)]
    return _figures(fitting, understanding) if fitting else _wrong_year(named)


def _single(search: Search, matched: Sequence[Row], understanding: Understanding) -> Draft | None:
    """Figures of the rows of the years asked for; of every document's where no year is."""
    fitting = [row for row in matched if fits(row, understanding)]
    if not fitting:
        missing = without_tables(search, understanding)
        if missing:
            return _offer(matched[:1], missing, understanding)
        return _wrong_year(matched) if understanding.years else None
    return _figures(fitting, understanding)


def _figures(rows: Sequence[Row], understanding: Understanding) -> Draft:
    language = understanding.answer_language
    text = " ".join(figure(row, understanding) for row in rows)
    quotes = tuple(quote_row(row, understanding) for row in rows)
    lacking = [row for row in rows if row.first.actual is None]
    if understanding.facet in ("actual", "both") and len(lacking) == len(rows):
        why = reason("no_actual", where=wheres(lacking))
        return Draft("partial", f"{text} {why.en if language == 'en' else why.zh}", quotes, "data", SURE, why)
    return Draft("answered", text, quotes, "data", SURE)


def _many(search: Search, rows: Sequence[Row], understanding: Understanding) -> Draft | None:
    """The rows of a table, or those met or missed, or how many there are."""
    inside = [row for row in rows if fits(row, understanding) and in_goal(row, understanding.goal)]
    if understanding.outcome:
        judged = [row for row in inside if any(part.met is not None for part in row.parts)]
        inside = judged or inside
    if not inside:
        missing = without_tables(search, understanding)
        offered = [row for row in rows if not understanding.tables or row.table in understanding.tables]
        return _offer(offered, missing, understanding) if missing and offered else None
    if understanding.kind == "count" and not understanding.outcome:
        return _counted(inside, understanding)
    if understanding.outcome:
        return _by_outcome(inside, understanding)
    return _listed(inside, understanding)


def _counted(rows: Sequence[Row], understanding: Understanding) -> Draft:
    language = understanding.answer_language
    said: list[str] = []
    for document_rows in _by_document(rows):
        pairs = sum(len(row.parts) for row in document_rows)
        name = "count" if pairs == len(document_rows) else "count_pairs"
        table = frame(f"table_{label(document_rows[0])}", language)
        place = where(document_rows[0].document, language)
        said.append(sentence(frame(name, language, where=place, count=len(document_rows), pairs=pairs, table=table)))
    return Draft("answered", " ".join(said), quote_rows(rows, understanding), "data", SURE)


def _by_outcome(rows: Sequence[Row], understanding: Understanding) -> Draft:
    language = understanding.answer_language
    wanted = understanding.outcome == "met"
    if all(part.met is None for row in rows for part in row.parts):
        why = reason("no_actual", where=wheres(rows))
        return Draft(
            "partial", why.en if language == "en" else why.zh, quote_rows(rows, understanding), "data", SURE, why
        )
    judged = [(row, part) for row in rows for part in row.parts if part.met is not None]
    missed = [pair for pair in judged if not pair[1].met]
    # 「都達成了嗎」 is answered by what was missed, where anything was.
    chosen = missed if not wanted or (missed and understanding.goal is not None) else [p for p in judged if p[1].met]
    name = "list_missed" if chosen is missed else "list_met"
    places = wheres([row for row, _ in judged])[language == "en"]
    head = frame(
        name, language, where=places, total=len(judged), count=len(chosen), were="was" if len(chosen) == 1 else "were"
    )
    items = [item(row, (part,), language) for row, part in chosen]
    rows_quoted = [row for row in rows if any(row is other for other, _ in chosen)] or list(rows)
    return Draft("answered", list_text(head, items, language), quote_rows(rows_quoted, understanding), "data", SURE)


def _listed(rows: Sequence[Row], understanding: Understanding) -> Draft:
    language = understanding.answer_language
    said: list[str] = []
    for document_rows in _by_document(rows):
        plural = "indicator" if len(document_rows) == 1 else "indicators"
        place = where(document_rows[0].document, language)
        head = frame("list_all", language, where=place, count=len(document_rows), indicators=plural)
        said.append(list_text(head, [item(row, row.parts, language) for row in document_rows], language))
    return Draft("answered", "\n".join(said), quote_rows(rows, understanding), "data", SURE)


def _offer(rows: Sequence[Row], missing: Sequence[DocumentInfo], understanding: Understanding) -> Draft:
    """No table for that year: says so, and gives what another document has, with its year."""
    language = understanding.answer_language
    why = reason("no_table", where=(names(missing, "zh"), names(missing, "en")))
    head = f"{why.en} " if language == "en" else why.zh
    offer = frame("no_table_offer", language)
    figures = figure(rows[0], understanding) if len(rows) == 1 else _listed(_by_document(rows)[0], understanding).text
    shown = rows if len(rows) == 1 else _by_document(rows)[0]
    gap = " " if language == "en" else ""
    return Draft("partial", f"{head}{offer}{gap}{figures}", quote_rows(shown, understanding), "data", SURE, why)


def _no_such(search: Search, offered: Row | None, understanding: Understanding) -> Draft:
    """A target that no table prints: says so, and names the indicator that comes nearest."""
    missing = without_tables(search, understanding)
    if missing:
        return _refusal(reason("no_table", where=(names(missing, "zh"), names(missing, "en"))))
    if offered is None:
        return _refusal(reason("no_such_indicator"))
    return _refusal(reason("no_such_offer", nearest=(called(offered, "zh"), called(offered, "en"))))


def _refusal(why: Reason) -> Draft:
    return Draft("unanswered", "", (), "data", SURE, why)


def _wrong_year(rows: Sequence[Row]) -> Draft:
    periods = "、".join(sorted({part.period for row in rows for part in row.parts}))
    return _refusal(reason("not_for_year", periods=(periods, periods.replace("、", ", "))))


def _by_document(rows: Sequence[Row]) -> list[list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.document.document_id, []).append(row)
    return list(grouped.values())
