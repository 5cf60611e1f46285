"""Documents and hits for people at a terminal."""

from __future__ import annotations

import click

from indexer.inspect import unknown
from indexer.model import Clause, Document, Indicator
from search_app.answer_model import AskResult
from search_app.cite import cite
from search_app.exports import step_text
from search_app.indicators import IndicatorTable
from search_app.lineage import change_of
from search_app.model import Hit, SearchResult
from search_app.relations import Comparison, Relation
from search_app.trust import is_read_by_ocr
from search_app.verdict import explained, marked, verdict
from search_app.verify import Verification


def show_hits(result: SearchResult) -> None:
    """Print ranked clauses with year, place and matched words marked."""
    if not result.hits:
        click.echo(f"no clause found for 「{result.query.text}」")
        return
    click.echo(f"{result.total} clauses, {result.took_ms:.1f} ms")
    for hit in result.hits:
        click.echo("")
        click.echo(_head(hit))
        click.echo(f"   {_place(hit.clause)}")
        click.echo(f"   {hit.clause.marker}{_marked(hit)}")


def show_document(document: Document) -> None:
    """Print a parsed document: what it is, its tree, its indicators, its account of characters."""
    info = document.info
    missing = unknown(document)
    click.echo(f"{info.document_id}: {info.title_zh or 'title unknown'}")
    year = "unknown" if "year_ce" in missing else f"{info.year_roc} ({info.year_ce})"
    click.echo(
        f"plan year {year}, agency {info.agency_zh or 'unknown'}, {info.kind}, {info.file_name}, sha256 {info.sha256}"
    )
    if "year_ce" in missing or "title_zh" in missing:
        click.echo("to index it, list the file in corpus.yaml with id, title, agency and plan_year")
    if info.ocr_pages:
        click.echo(f"read by OCR: pages {', '.join(map(str, info.ocr_pages))}; single characters may be wrong")
    _show_tree(document)
    if document.indicators:
        click.echo("indicators:")
        for indicator in document.indicators:
            click.echo(f"  {_indicator(indicator)}")
    account = document.account
    balance = "balances" if account.missing == 0 else f"MISSES {account.missing}"
    click.echo(
        f"account: {account.total} characters = {account.clauses} in clauses + {account.headings} in headings + "
        f"{account.cells} in other cells + {account.furniture} furniture + {account.damaged} damaged; {balance}"
    )


def _show_tree(document: Document) -> None:
    """Every clause, and the names of a table's columns where they first come."""
    columns: tuple[str, ...] = ()
    for clause in document.clauses:
        indent = "  " * (clause.clause_id.count(".") + 1)
        names = tuple(name for name, _ in clause.cells)
        if not set(names) <= set(columns):
            columns = names
            click.echo(f"{indent}table: {' | '.join(names)}")
        click.echo(f"{indent}[{clause.clause_id.split('/', 1)[1]}] {clause.kind}{_lines(clause)} {_short(clause)}")
    damaged = [str(clause.span.page or clause.span.first_line) for clause in document.clauses if clause.damaged]
    if damaged:
        click.echo(f"damaged, searchable but never quoted: page {', '.join(damaged)}")


def _head(hit: Hit) -> str:
    year = f"{hit.document.year_roc} ({hit.document.year_ce})"
    mark = "  [read by OCR: check before quoting]" if is_read_by_ocr(hit.clause, hit.document) else ""
    mark = "  [damaged page: do not quote]" if hit.clause.damaged else mark
    return click.style(f"{hit.rank:>2}. {year}  {hit.document.title_zh}  {hit.clause.clause_id}", bold=True) + mark


def _place(clause: Clause) -> str:
    return click.style(" > ".join(clause.section_path), dim=True)


def _marked(hit: Hit) -> str:
    """The clause with its highlights underlined; a damaged page in short."""
    text, shown, last = hit.clause.text, "", 0
    for start, end in hit.highlights:
        shown += text[last:start] + click.style(text[start:end], underline=True, bold=True)
        last = end
    shown += text[last:]
    if hit.clause.damaged:
        return (
            f"{len(text)} characters of page {hit.clause.span.page or '?'}; matched: {', '.join(hit.why.matched_terms)}"
        )
    return shown.replace("\n", "\n   ")


def _lines(clause: Clause) -> str:
    page = f" p.{clause.span.page}" if clause.span.page else ""
    return f" L{clause.span.first_line}-{clause.span.last_line}{page}"


def _short(clause: Clause) -> str:
    text = f"{clause.marker}{clause.text}".replace("\n", " / ")
    return text if len(text) <= 70 else f"{text[:69]}…"


def _indicator(indicator: Indicator) -> str:
    met = {True: "met", False: "MISSED", None: "no actual"}[indicator.met]
    part = f" ({indicator.part})" if indicator.part else ""
    actual = f", actual {indicator.actual_printed}" if indicator.actual_printed else ""
    return f"{indicator.number} {indicator.name}{part}: target {indicator.target_printed}{actual}: {met}"


def show_answer(result: AskResult) -> None:
    """Print an answer with its quotations and citations, or why there is none and what comes nearest."""
    english = result.understanding.answer_language == "en"
    if result.answer is not None:
        click.echo(result.answer.text)
        for quote in result.answer.quotes:
            click.echo("")
            click.echo(f"  「{quote.text}」")
            click.echo(
                click.style(f"  {quote.citation.en if english else quote.citation.zh}  [{quote.clause_id}]", dim=True)
            )
            if english and quote.translation:
                click.echo(f"  unofficial rendering: {quote.translation}")
    if result.reason is not None:
        click.echo(result.reason.en if english else result.reason.zh)
    if result.answer is None and result.evidence:
        click.echo("nearest clauses:" if english else "最接近的條文：")
        for hit in result.evidence:
            click.echo(
                f"  {hit.document.year_roc} ({hit.document.year_ce}) [{hit.clause.clause_id}] {_short(hit.clause)}"
            )


def show_comparison(comparison: Comparison) -> None:
    """Print what became of every clause, level by level, with the words that changed."""
    for level, counts in comparison.counts().items():
        click.echo(f"{level}: " + ", ".join(f"{count} {name}" for name, count in counts.items() if count))
    for relation in comparison.relations:
        if relation.relation == "unchanged" and not relation.moved:
            continue
        moved = ", moved" if relation.moved else ""
        click.echo("")
        click.echo(
            click.style(
                f"{relation.relation}{moved}  {relation.level}  {relation.confidence:.2f}{_doubt(relation)}", bold=True
            )
        )
        for sign, side in (("-", relation.from_clauses), ("+", relation.to_clauses)):
            for clause in side:
                click.echo(f"  {sign} [{clause.clause_id}] {_short(clause)}")
        change = change_of(relation)
        for step in change.steps if change else ():
            click.echo(f"    {step_text(step)}")


def _doubt(relation: Relation) -> str:
    return "  把握不高，請核對原文 / low confidence: check both originals" if relation.unsure else ""


def show_indicators(table: IndicatorTable) -> None:
    """Print indicators with target, actual and status, and the notes on them."""
    click.echo(", ".join(f"{count} {status}" for status, count in table.counts.items()))
    for row in table.rows:
        year = f"{row.document.year_roc} ({row.document.year_ce})"
        click.echo(f"{year}  {_indicator(row.indicator)}  [{row.indicator.clause_id}]")
    for note in table.notes:
        click.echo(click.style(f"note: {note.zh}\n      {note.en}", dim=True))


def show_verification(found: Verification) -> None:
    """Print the verdict on a quotation, the difference where there is one, and where it stands."""
    click.echo(f"{verdict(found)['zh']} / {verdict(found)['en']}")
    click.echo(f"{explained(found)['zh']}\n{explained(found)['en']}")
    if found.change is not None and found.status != "exact":
        click.echo(marked(found))
    for place in found.places:
        click.echo(f"  [{place.clause.clause_id}] {cite(place.clause, place.document).zh}")
