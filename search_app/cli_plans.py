"""Commands over plans: compare two, list indicators, check a quotation, ask, write English beside a document."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import click

from indexer.errors import ConfigError, QueryError
from indexer.model import Document
from search_app.cli_common import (
    EXIT_PARTLY,
    config_option,
    example,
    format_option,
    json_option,
    language_option,
    open_search,
    out_option,
    print_json,
    put_file,
    put_json,
)

STATUSES = ("met", "missed", "no-actual")


@click.command(
    epilog=example(
        "plansearch ask 最低工資法制做到哪裡了？", "plansearch ask 'Was the workplace death rate target met?'"
    )
)
@click.argument("question")
@config_option
@click.option("--year", multiple=True, help="Plan year, 106 or 2017, where the question names none.")
@json_option
def ask(question: str, config_path: Path, year: Sequence[str], as_json: bool) -> None:
    """Answer QUESTION with words of the documents, or say that they do not answer it."""
    from search_app.answer import ask as answer
    from search_app.answer_json import result_json
    from search_app.query import parse_filters
    from search_app.show import show_answer

    search, _ = open_search(config_path)
    result = answer(search, question, parse_filters(year=year).years)
    if as_json:
        print_json(result_json(result, search.documents()))
    else:
        show_answer(result)


@click.command(
    epilog=example(
        "plansearch compare mol-106-plan mol-108-plan",
        "plansearch compare mol-106-plan mol-108-plan --format ods --out diff.ods",
    )
)
@click.argument("from_document")
@click.argument("to_document")
@config_option
@format_option("text", "json", "csv", "ods", "xlsx", "docx", "md")
@out_option
@language_option
@json_option
def compare(
    from_document: str, to_document: str, config_path: Path, form: str, out: Path | None, language: Literal["zh", "en"],
    as_json: bool,
) -> None:  # fmt: skip
    """Compare two plans clause by clause: unchanged, typographic, reworded, merged, split, added, dropped."""
    from search_app.compare_json import comparison_json
    from search_app.exports import export
    from search_app.show import show_comparison

    search, _ = open_search(config_path)
    documents = {info.document_id: info for info in search.documents()}
    for name in (from_document, to_document):
        if name not in documents:
            raise QueryError(f"no document {name!r}.", f"Known: {', '.join(documents)}.")
    comparison = search.comparison(from_document, to_document)
    pair = (documents[from_document], documents[to_document])
    if as_json or form == "json":
        put_json(comparison_json(comparison, pair), out)
    elif form == "text":
        show_comparison(comparison)
    else:
        put_file(export(comparison, pair, form, language), form, out)  # type: ignore[arg-type]


@click.command(
    epilog=example(
        "plansearch indicators",
        "plansearch indicators --status missed",
        "plansearch indicators --year 106 --format ods --out indicators.ods",
    )
)
@config_option
@click.option("--year", multiple=True, help="Plan year, 106 or 2017; may be repeated.")
@click.option("--goal", default="", help="Part of a goal's name, or its number (四, 8.7).")
@click.option("--status", type=click.Choice(STATUSES), help="Only those met, missed or without an actual value.")
@format_option("text", "json", "csv", "ods", "xlsx", "md")
@out_option
@language_option
@json_option
def indicators(
    config_path: Path, year: Sequence[str], goal: str, status: str | None, form: str, out: Path | None,
    language: Literal["zh", "en"], as_json: bool,
) -> None:  # fmt: skip
    """List key performance indicators and SDG indicators with target, actual and whether the target was met."""
    from search_app.indicator_files import Listed, write_indicators
    from search_app.indicators import table_json
    from search_app.query import parse_filters
    from search_app.show import show_indicators

    search, _ = open_search(config_path)
    table = search.indicators(parse_filters(year=year).years, goal, status or "")
    if as_json or form == "json":
        put_json(table_json(table), out)
    elif form == "text":
        show_indicators(table)
    else:
        listed = Listed(table, "", language, search.english_names(table))
        put_file(write_indicators(listed, form), form, out)  # type: ignore[arg-type]


@click.command(
    "verify-quote",
    epilog=example("plansearch verify-quote 研擬最低工資法制。", "plansearch verify-quote 推動最低工資法制 --year 106"),
)
@click.argument("text")
@config_option
@click.option("--year", multiple=True, help="Plan year that the quotation is said to be of, 106 or 2017.")
@click.option("--section", default="", help="Part of the section path that it is said to stand in.")
@json_option
def verify_quote(text: str, config_path: Path, year: Sequence[str], section: str, as_json: bool) -> None:
    """Tell whether TEXT stands in the documents, where, and how exactly."""
    from search_app.query import parse_filters
    from search_app.show import show_verification
    from search_app.verdict import verification_json

    search, _ = open_search(config_path)
    found = search.verify_quote(text, parse_filters(year=year).years, section)
    if as_json:
        print_json(verification_json(found))
    else:
        show_verification(found)


@click.command(
    epilog=example(
        "plansearch enrich mol-106-plan --out work.yaml", "plansearch enrich mol-106-plan --check work.yaml",
        "plansearch enrich mol-106-plan --fill --out work.yaml", "plansearch enrich mol-106-plan --merge work.yaml",
    )
)  # fmt: skip
@click.argument("document")
@config_option
@click.option("--out", type=click.Path(path_type=Path), help="Work file to write; default DOCUMENT.work.yaml.")
@click.option("--check", type=click.Path(path_type=Path, exists=True), help="Check a filled work file and stop.")
@click.option("--merge", type=click.Path(path_type=Path, exists=True), help="Put a filled work file into the corpus.")
@click.option("--fill", is_flag=True, help="Fill what is missing through the endpoint of config.yaml, as unreviewed.")
def enrich(
    document: str, config_path: Path, out: Path | None, check: Path | None, merge: Path | None, fill: bool
) -> None:
    """Write English renderings and expected questions beside DOCUMENT: a work file of what is missing or stale."""
    from indexer.config import load_config
    from search_app import enrich as enriching
    from search_app.endpoint import Endpoint
    from search_app.workfile import write_text

    config = load_config(config_path)
    parsed = _parsed(config_path, document)
    corpus, target = config.corpus.dir, out or Path(f"{document}.work.yaml")
    if check is not None:
        _report_problems(enriching.check_file(parsed, corpus, check))
    elif merge is not None:
        merged = enriching.merge_file(parsed, corpus, merge)
        click.echo(f"{merged.count} entries put into the corpus; build the index to use them: plansearch index")
        _report_problems(merged.problems)
    elif fill:
        with Endpoint(config.endpoint) as endpoint:
            report = enriching.fill_file(parsed, corpus, target, endpoint)
        click.echo(f"{report.filled} entries filled in {target}; look through them, then --merge")
        _report_problems(report.problems)
    else:
        if target.exists():
            raise ConfigError(
                f"{target} exists; it may hold work that is not merged yet.", "Merge it, or name another --out."
            )
        write_text(target, enriching.work_file(parsed, corpus))
        click.echo(f"{target} holds what is missing or stale; fill it, then --check and --merge it")


COMMANDS: Sequence[click.Command] = (ask, compare, indicators, verify_quote, enrich)


def _parsed(config_path: Path, document: str) -> Document:
    from indexer.config import load_config
    from indexer.corpus import list_corpus
    from indexer.readers import READERS
    from indexer.sandbox import parse_alone

    settings = load_config(config_path).corpus
    listing = list_corpus(settings.dir, tuple(READERS), settings.max_file_bytes)
    known = {source.document_id: source for source in listing.sources}
    if document not in known:
        raise ConfigError(f"no document {document!r} in the corpus.", f"Known: {', '.join(known)}.")
    return parse_alone(known[document], settings)


def _report_problems(problems: Sequence[object]) -> None:
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        sys.exit(EXIT_PARTLY)
