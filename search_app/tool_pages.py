"""HTML pages of the tools: compare two documents, indicators, check a quotation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from flask import Response, abort, render_template, request

from indexer.errors import QueryError
from indexer.model import Clause, DocumentInfo
from search_app import indicator_files, parameters
from search_app.chart import bars
from search_app.citeblock import comparison_block
from search_app.difference import Difference, redline
from search_app.exports import FORMATS, file_name
from search_app.exports import export as written
from search_app.frames import number_text
from search_app.indicator_english import EnglishNames
from search_app.indicators import STATUSES, IndicatorTable
from search_app.language import bilingual, language, short_language
from search_app.lineage import change_of
from search_app.pages import by_year, download, renderings_for
from search_app.relations import LEVELS, RELATIONS, Level, Relation
from search_app.sheets import KINDS
from search_app.site import address, searcher
from search_app.verdict import explained, verdict

tool_pages = bilingual("tools")

WHAT = ("changed", *RELATIONS, "moved", "all")  # relations that the page can be narrowed to


class Shown(NamedTuple):
    """A relation with what changed in its words (None where nothing did), and a citation of both sides."""

    relation: Relation
    change: Difference | None
    block: str

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """Those of both sides."""
        return (*self.relation.from_clauses, *self.relation.to_clauses)


@tool_pages.get("/compare")
def compare() -> str:
    found = searcher()
    documents = {document.document_id: document for document in by_year(found.documents())}
    chosen = _chosen(documents)
    if chosen is None:
        return render_template("compare.html", documents=documents, usual=_usual([*documents.values()]), chosen=None)
    comparison = found.comparison(*chosen)
    what, level = (
        parameters.known(request.args, "show", WHAT) or "changed",
        parameters.known(request.args, "level", LEVELS),
    )
    pair = documents[chosen[0]], documents[chosen[1]]
    shown = [_shown(one, pair) for one in comparison.relations if _fits(one, what) and level in ("", one.level)]
    return render_template(
        "compare.html", documents=documents, usual=chosen, chosen=chosen, comparison=comparison, what=what, level=level,
        levels=_by_level(shown), total=len(shown), redline=redline, choices=WHAT, relations=RELATIONS, forms=FORMATS,
        renderings=renderings_for(found, (clause for one in shown for clause in one.clauses)),
    )  # fmt: skip


@tool_pages.get("/compare/export")
def compare_export() -> Response:
    found = searcher()
    documents = {document.document_id: document for document in found.documents()}
    chosen = _chosen(documents) or abort(404)
    form = parameters.choice(request.args, "format", {name: name for name in FORMATS}, None) or abort(404)
    comparison = found.comparison(*chosen).about(parameters.text(request.args, "clause"))
    content = written(comparison, (documents[chosen[0]], documents[chosen[1]]), form, short_language())
    return download(content, KINDS[form].media_type, file_name(comparison, form))


@tool_pages.get("/indicators")
def indicators() -> str:
    found = searcher()
    years, goal = parameters.years(request.args), parameters.text(request.args, "goal")
    status = parameters.known(request.args, "status", STATUSES)
    table = found.indicators(years, goal, status)
    everything = found.indicators()
    charted = [row for row in table.rows if row.status != "no-actual"]
    english = found.english_names(everything) if language() == "en" else {}
    return render_template(
        "indicators.html", table=table, documents=by_year(found.documents()), statuses=STATUSES,
        picked={"year": [str(year - 1911) for year in years], "goal": goal, "status": status},
        goals=list(dict.fromkeys(row.indicator.goal for row in everything.rows if row.indicator.goal)),
        bars=bars(charted, short_language(), english), amount=number_text, english=english, english_goals=_goals(everything, english),
        forms=indicator_files.FORMATS, titles={one.document_id: one for one in found.documents()},
        redline=redline,
    )  # fmt: skip


@tool_pages.get("/indicators/export")
def indicators_export() -> Response:
    """The indicators that the filters leave as a file."""
    found = searcher()
    years, goal = parameters.years(request.args), parameters.text(request.args, "goal")
    status = parameters.known(request.args, "status", STATUSES)
    form = parameters.choice(request.args, "format", {name: name for name in indicator_files.FORMATS}, None) or abort(
        404
    )
    table = found.indicators(years, goal, status)
    listed = indicator_files.Listed(table, address(), short_language(), found.english_names(table))
    content = indicator_files.write_indicators(listed, form)
    return download(content, KINDS[form].media_type, f"indicators.{KINDS[form].ending}")


@tool_pages.get("/verify")
def verify() -> str | tuple[str, int]:
    found = searcher()
    quote, section = parameters.text(request.args, "quote"), parameters.text(request.args, "section")
    years = parameters.years(request.args)
    asked = {"quote": quote, "section": section, "year": str(years[0] - 1911) if years else ""}
    documents = by_year(found.documents())
    if not quote:
        return render_template("verify.html", asked_quote=asked, documents=documents, found=None)
    try:
        checked = found.verify_quote(quote, years, section)
    except QueryError:
        return render_template("verify.html", asked_quote=asked, documents=documents, found=None, too_long=True), 400
    return render_template(
        "verify.html", asked_quote=asked, documents=documents, found=checked, verdict=verdict(checked)[short_language()],
        explained=explained(checked)[short_language()], redline=redline, changed=_told(checked.change),
    )  # fmt: skip


def _goals(table: IndicatorTable, english: Mapping[str, EnglishNames]) -> dict[str, str]:
    """The English names of goals by their printed ones, where there is one."""
    named = ((row.indicator.goal, english.get(row.indicator.clause_id)) for row in table.rows)
    return {goal: names.goal for goal, names in named if names and names.goal}


def _told(change: Difference | None) -> Difference | None:
    """A difference worth showing: one that has a change."""
    return change if change and any(one.kind != "equal" for one in change.operations) else None


def _chosen(documents: dict[str, DocumentInfo]) -> tuple[str, str] | None:
    """The two documents asked for; None when none is. Raises QueryError for one alone or unknown ones."""
    from_id, to_id = parameters.text(request.args, "from"), parameters.text(request.args, "to")
    if not from_id and not to_id:
        return None
    for name, value in (("from", from_id), ("to", to_id)):
        if value not in documents:
            raise QueryError(f"{name} names no document: {value!r}.", f"Known: {', '.join(documents)}.")
    return from_id, to_id


def _usual(documents: Sequence[DocumentInfo]) -> tuple[str, str] | None:
    """The newest two documents of one kind, the older first."""
    for newest in documents:
        for other in documents:
            if other.kind == newest.kind and other.year_ce < newest.year_ce:
                return other.document_id, newest.document_id
    return None


def _fits(relation: Relation, what: str) -> bool:
    if what == "changed":
        return relation.relation not in ("unchanged", "typographic")
    return what in ("all", relation.relation) or (what == "moved" and relation.moved)


def _shown(relation: Relation, documents: tuple[DocumentInfo, DocumentInfo]) -> Shown:
    block = comparison_block(relation, documents, address(), date.today(), short_language())
    return Shown(relation, _told(change_of(relation)), block)


def _by_level(shown: Sequence[Shown]) -> list[tuple[Level, list[Shown]]]:
    grouped = [(level, [one for one in shown if one.relation.level == level]) for level in LEVELS]
    return [(level, found) for level, found in grouped if found]
