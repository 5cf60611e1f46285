"""Figures of indicator rows in fixed sentences, with the printed row as quotation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from indexer.model import DocumentInfo, Indicator
from search_app.answer_model import Quote, Understanding
from search_app.fact_rows import Row, english_names
from search_app.frames import Language, frame, number_text, sentence
from search_app.quoting import quote_of

QUOTED = 20  # rows of a list that are quoted at the most


def figure(row: Row, understanding: Understanding) -> str:
    """One row in a sentence: where, which indicator, what was asked of it."""
    language = understanding.answer_language
    values = [_values(row, part, understanding.facet, language) for part in row.parts]
    named = [
        frame("part", language, part=part.part, values=value) if part.part else value
        for part, value in zip(row.parts, values, strict=True)
    ]
    joined = ("；" if language == "zh" else "; ").join(named)
    return sentence(
        frame("figure", language, where=where(row.document, language), label=_label(row, language), values=joined)
    )


def called(row: Row, language: Language) -> str:
    """The indicator with its document: 《…施政計畫》的關鍵績效指標「…」."""
    return frame("called", language, where=where(row.document, language), label=_label(row, language))


def list_text(head: str, items: Sequence[str], language: Language) -> str:
    """A sentence that ends in a list."""
    joined = ("；" if language == "zh" else "; ").join(items) + ("。" if language == "zh" else ".")
    return sentence(head) + ("" if language == "zh" else " ") + (joined if items else frame("list_none", language))


def item(row: Row, parts: Sequence[Indicator], language: Language) -> str:
    """One row of a list, with its figures in brackets."""
    gap = "；" if language == "zh" else "; "
    values = gap.join(
        frame("part", language, part=part.part, values=_values(row, part, "both", language)) if part.part
        else _values(row, part, "both", language) for part in parts
    )  # fmt: skip
    return frame("list_item", language, number=row.first.number, name=_name(row, language), values=values)


def where(document: DocumentInfo, language: Language) -> str:
    """A document's name as it stands in a sentence."""
    title = document.title_en if language == "en" else document.title_zh
    return frame("document", language, title=title)


def names(documents: Iterable[DocumentInfo], language: Language) -> str:
    unique = dict.fromkeys(where(document, language) for document in documents)
    return frame("and", language).join(unique)


def wheres(rows: Iterable[Row]) -> tuple[str, str]:
    documents = [row.document for row in rows]
    return names(documents, "zh"), names(documents, "en")


def label(row: Row) -> str:
    return "kpi" if row.table == "kpi" else "indicator"


def quote_rows(rows: Sequence[Row], understanding: Understanding) -> tuple[Quote, ...]:
    return tuple(quote_row(row, understanding) for row in rows[:QUOTED])


def quote_row(row: Row, understanding: Understanding) -> Quote:
    """The row from its name to the last figure asked for, as printed."""
    text = row.view.clause.text
    printed = [part.target_printed for part in row.parts]
    if understanding.facet != "target":
        printed += [part.actual_printed for part in row.parts if part.actual_printed]
    ends = [text.rfind(value) + len(value) for value in printed if value and value in text]
    return quote_of(row.view, 0, max(ends, default=len(text)))


def _label(row: Row, language: Language) -> str:
    return frame(f"figure_{label(row)}", language, number=row.first.number, name=_name(row, language))


def _values(row: Row, part: Indicator, facet: str, language: Language) -> str:
    """「2020 年目標值 0.021，實際值 0.023，未達成目標（數值愈低愈好）」, as far as it is asked for and printed."""
    said: list[str] = []
    if facet != "actual" and part.target is not None:
        said.append(
            frame(
                "target",
                language,
                period=_period(row, part, language),
                value=number_text(part.target, part.unit, language),
            )
        )
    if facet != "target" and part.actual is not None:
        said.append(frame("actual", language, value=number_text(part.actual, part.unit, language)))
    if facet != "target" and part.met is not None:
        said.append(frame("met" if part.met else "missed", language))
        said[-1] += frame("lower", language) if part.direction == "lower" else ""
    if not said:
        said.append(frame("target", language, period=_period(row, part, language), value=part.target_printed or "–"))
    return ("，" if language == "zh" else ", ").join(said)


def _period(row: Row, part: Indicator, language: Language) -> str:
    """The year of a figure; a plan's own year in both calendars for Chinese readers: 106（2017）."""
    own = part.period == str(row.document.year_ce)
    return f"{row.document.year_roc}（{part.period}）" if own and language == "zh" else part.period


def _name(row: Row, language: Language) -> str:
    """The indicator's name; with its unofficial rendering for English readers."""
    rendered = english_names(row.view.translation.get("en", ""))[0] if language == "en" else ""
    return f"{row.first.name} ({rendered})" if rendered else row.first.name
