"""Documents and hits for people at a terminal."""

from __future__ import annotations

import click

from indexer.model import Clause, Document, Indicator
from search_app.model import Hit, SearchResult


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
    click.echo(f"{info.document_id}: {info.title_zh}")
    click.echo(f"plan year {info.year_roc} ({info.year_ce}), {info.kind}, {info.file_name}, sha256 {info.sha256}")
    for clause in document.clauses:
        indent = "  " * (clause.clause_id.count(".") + 1)
        click.echo(f"{indent}[{clause.clause_id.split('/', 1)[1]}] {clause.kind}{_lines(clause)} {_short(clause)}")
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


def _head(hit: Hit) -> str:
    year = f"{hit.document.year_roc} ({hit.document.year_ce})"
    damaged = "  [damaged page: do not quote]" if hit.clause.damaged else ""
    return click.style(f"{hit.rank:>2}. {year}  {hit.document.title_zh}  {hit.clause.clause_id}", bold=True) + damaged


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
