"""The command line: every command parses, calls one function, prints."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import click

from indexer.errors import ConfigError, PlanSearchError
from search_app import cli_plans, cli_programs
from search_app.cli_common import (
    EXIT_PARTLY,
    EXIT_UNEXPECTED,
    config_option,
    example,
    exit_code,
    format_option,
    json_option,
    language_option,
    open_search,
    out_option,
    print_json,
    put_file,
    put_json,
    stand_back,
)
from search_app.model import Mode

if TYPE_CHECKING:
    from search_app.evaluate import Evaluation

COMPARING = 0.25  # of the seconds of a build that comparing its documents may add at the most
TOLD_DOCUMENTS = 50  # documents of which `plansearch index` tells one by one


class _Group(click.Group):
    """Turns our errors into one message and an exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PlanSearchError as error:
            click.echo(f"plansearch: {error}", err=True)
            ctx.exit(exit_code(error))
        except KeyboardInterrupt:
            click.echo("plansearch: interrupted; what was published before is unchanged.", err=True)
            ctx.exit(130)
        except MemoryError:
            click.echo("plansearch: memory ran out; what was published before is unchanged.", err=True)
            ctx.exit(EXIT_UNEXPECTED)
        except BrokenPipeError:
            raise  # click ends quietly when whoever reads has enough
        except OSError as error:
            click.echo(f"plansearch: {error.filename or 'a file'}: {error.strerror or error}.", err=True)
            ctx.exit(EXIT_UNEXPECTED)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="plansearch")
def main() -> None:
    """Search government policy plans by clause, in Traditional Chinese and English.

    Exit codes: 0 done, 1 unexpected, 2 wrong use or configuration, 3 partly done, 4 no usable index.
    """


@main.command(
    epilog=example("plansearch index", "plansearch index --rebuild", "plansearch index --corpus ./more-plans")
)
@config_option
@click.option("--corpus", type=click.Path(path_type=Path), help="Folder of documents instead of corpus.dir.")
@click.option("--rebuild", is_flag=True, help="Build also when nothing has changed.")
@json_option
def index(config_path: Path, corpus: Path | None, rebuild: bool, as_json: bool) -> None:
    """Build the index of the corpus and publish it as a new generation."""
    from indexer.config import load_config
    from indexer.generations import build_lock

    config = load_config(config_path)
    stand_back()
    with build_lock(config.index.dir):
        pass  # another build is told before the libraries are loaded, which takes seconds

    from indexer.build import build_index
    from search_app.live import compare_likely
    from search_app.progress import progress_bars

    with progress_bars(quiet=as_json) as progress:
        report = build_index(config, corpus, rebuild, progress)
        if (
            report.published and not report.taken_over
        ):  # a few documents that changed are compared when they are asked for
            compare_likely(config, progress, report.seconds * COMPARING)
    if as_json:
        print_json(
            {
                "generation": report.generation, "published": report.published, "clauses": dict(report.clauses),
                "failed": dict(report.failed), "parsed": report.parsed, "parse_reused": report.parse_reused,
                "embedded": report.embedded, "reused": report.reused, "taken_over": report.taken_over,
                "warnings": list(report.warnings),
                "seconds": round(report.seconds, 3),
            }
        )  # fmt: skip
    else:
        for document_id, count in report.clauses.items() if len(report.clauses) <= TOLD_DOCUMENTS else ():
            click.echo(f"{document_id}: {count} clauses")
        click.echo(f"{len(report.clauses):,} documents, {sum(report.clauses.values()):,} clauses")
        state = "published" if report.published else "unchanged, still published"
        click.echo(f"documents: {report.parsed:,} parsed anew, {report.parse_reused:,} from the cache")
        if report.taken_over:
            click.echo(f"passages: {report.taken_over:,} taken over from the generation before")
        click.echo(f"texts: {report.embedded:,} embedded anew, {report.reused:,} from the cache")
        click.echo(f"generation {report.generation} {state}; {report.seconds:.1f} s")
        for message in report.warnings:
            click.echo(f"warning: {message}", err=True)
        for message in report.failed.values():
            click.echo(f"not indexed: {message}", err=True)
    if report.failed:
        sys.exit(EXIT_PARTLY)


@main.command(epilog=example("plansearch inspect mol-106-plan", "plansearch inspect ./new-plan.txt --json"))
@click.argument("document")
@config_option
@json_option
def inspect(document: str, config_path: Path, as_json: bool) -> None:
    """Show DOCUMENT (an id of the corpus, or any file) as it is parsed: tree, tables, indicators, account of characters.

    Also a file that tells no plan year or title, which cannot be indexed before corpus.yaml names them.
    """
    from indexer.config import load_config
    from indexer.corpus import list_corpus, source_of
    from indexer.inspect import document_json
    from indexer.readers import READERS
    from indexer.sandbox import parse_alone

    config = load_config(config_path)
    listing = list_corpus(config.corpus.dir, tuple(READERS), config.corpus.max_file_bytes)
    known = {source.document_id: source for source in listing.sources}
    if document in known:
        source = known[document]
    elif Path(document).is_file():
        source = source_of(Path(document), config.corpus.max_file_bytes)
    else:
        raise ConfigError(f"no document {document!r} in the corpus, and no such file.", f"Known: {', '.join(known)}.")
    parsed = parse_alone(source, config.corpus, unnamed=True)
    if as_json:
        print_json(document_json(parsed))
        return
    from search_app.show import show_document

    show_document(parsed)


@main.command(
    epilog=example(
        "plansearch search 最低工資",
        "plansearch search '\"工會結社規範\"' --year 106",
        "plansearch search 'minimum wage' -k 3",
        "plansearch search 最低工資 --format xlsx --out found.xlsx",
    )
)
@click.argument("query")
@config_option
@click.option("-k", "count", type=click.IntRange(1), help="Number of clauses; default search.default_k.")
@click.option("--year", multiple=True, help="Plan year, 106 or 2017; may be repeated.")
@click.option("--document", multiple=True, help="Document id; may be repeated.")
@click.option("--section", multiple=True, help="Text that the section path contains; may be repeated.")
@click.option("--kind", multiple=True, help="Kind of clause, such as goal_clause or kpi; may be repeated.")
@click.option("--mode", type=click.Choice(get_args(Mode)), default="hybrid", show_default=True)
@format_option("text", "json", "csv", "ods", "xlsx", "md", "trec")
@out_option
@language_option
@json_option
def search(
    query: str, config_path: Path, count: int | None, year: Sequence[str], document: Sequence[str], section: Sequence[str],
    kind: Sequence[str], mode: Mode, form: str, out: Path | None, language: Literal["zh", "en"], as_json: bool,
) -> None:  # fmt: skip
    """Rank the clauses that answer QUERY; a "quoted phrase" stands in every hit."""
    from search_app.query import parse_filters
    from search_app.wire import result_json

    filters = parse_filters(year, document, section, kind)
    opened, config = open_search(config_path)
    result = opened.search(query, mode=mode, filters=filters, per_page=count or config.search.default_k)
    if as_json or form == "json":
        put_json(result_json(result, opened.documents()), out)
    elif form == "text":
        from search_app.show import show_hits

        show_hits(result)
    else:
        from search_app.downloads import Found, write_hits

        found = Found(result, opened.documents(), "", date.today(), language)
        put_file(write_hits(found, form), form, out)  # type: ignore[arg-type]


@main.command(epilog=example("plansearch serve", "plansearch serve --host 0.0.0.0 --port 8080"))
@config_option
@click.option("--host", help="Address to listen on; default server.host.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; default server.port.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes on that address.")
def serve(config_path: Path, host: str | None, port: int | None, workers: int) -> None:
    """Serve the pages and the JSON API.

    One process answers with several threads that share one index, and computes on one core at a time. Give --workers
    on a machine with several cores when one is busy all the time: one process for each core. Each takes the memory of
    one server, and counts requests (server.rate_limit) and figures (/metrics) for itself.
    """
    from indexer.config import load_config
    from search_app.app import open_app, serve_workers
    from search_app.app import serve as run
    from search_app.logs import log_as_json

    config = load_config(config_path)
    changes = {key: value for key, value in (("host", host), ("port", port)) if value is not None}
    config = config.model_copy(update={"server": config.server.model_copy(update=changes)})
    log_as_json(config.server.log_level)

    def ready(address: str) -> None:
        click.echo(f"{address} (Ctrl-C stops it)")

    if workers > 1:
        serve_workers(config, workers, ready)
    else:
        run(open_app(config), config, ready)


@main.command(epilog=example("plansearch check"))
@config_option
@json_option
def check(config_path: Path, as_json: bool) -> None:
    """Verify the published generation: every file against its manifest, and every part against the others."""
    from indexer.build import fingerprints
    from indexer.config import load_config
    from indexer.errors import IndexCorrupt, IndexStale
    from indexer.generations import current_generation, damaged_files, read_manifest
    from indexer.store import Store

    root = load_config(config_path).index.dir
    folder = root / current_generation(root)
    manifest = read_manifest(folder)
    damaged = list(damaged_files(folder, manifest))
    if damaged:
        raise IndexCorrupt("\n".join(damaged), "Build it again: plansearch index --rebuild")
    stale = [name for name, value in fingerprints().items() if manifest.fingerprints.get(name) != value]
    if stale:
        raise IndexStale(f"the index was built with another {', '.join(stale)}.", "Build it again: plansearch index")
    with closing(Store(folder)) as store:
        count = store.count
    if as_json:
        print_json({"generation": manifest.generation, "files": len(manifest.files), "passages": count, "ok": True})
    else:
        click.echo(
            f"generation {manifest.generation}: {len(manifest.files)} files and {count} passages are as published"
        )


@main.command(
    epilog=example(
        "plansearch evaluate judged.jsonl",
        "plansearch evaluate judged.jsonl --baseline kept.json",
        "plansearch evaluate beir-folder --run-out run.txt --json",
    )
)
@click.argument("judged", type=click.Path(path_type=Path, exists=True))
@config_option
@click.option("--run-out", type=click.Path(path_type=Path), help="Write the rankings as a TREC run file.")
@click.option(
    "--baseline", type=click.Path(path_type=Path, exists=True),
    help="A kept evaluation (what --json printed before): show what was gained and lost since, query by query.",
)  # fmt: skip
@click.option("--mode", type=click.Choice(get_args(Mode)), default="hybrid", show_default=True)
@json_option
def evaluate(
    judged: Path, config_path: Path, run_out: Path | None, baseline: Path | None, mode: Mode, as_json: bool
) -> None:
    """Measure rankings against judged queries: nDCG@10, reciprocal rank and recall per category."""
    from indexer.config import load_config
    from search_app.evaluate import evaluate_folder, evaluate_judged, write_run
    from search_app.gains import read_kept

    kept = read_kept(baseline) if baseline is not None else {}
    if judged.is_dir():
        evaluations = {"measured": evaluate_folder(load_config(config_path), judged, mode)}
    else:
        opened, _ = open_search(config_path)
        plain = opened.without_enrichment()
        evaluations = {
            "measured": evaluate_judged(opened, judged, mode),
            "without enrichment": evaluate_judged(plain, judged, mode),
        }
    if run_out is not None:
        write_run(evaluations["measured"], run_out)
    if as_json:
        print_json({name: {"categories": e.table, "queries": e.per_query} for name, e in evaluations.items()})
        return
    for name, evaluation in evaluations.items():
        _echo_table(name, evaluation)
        if name in kept:
            _echo_gains(evaluation, kept[name])


def _echo_table(name: str, evaluation: Evaluation) -> None:
    click.echo(f"{name:<20}{'queries':>8}{'nDCG@10':>9}{'RR':>7}{'R@10':>7}{'R@100':>7}")
    for category, row in evaluation.table.items():
        figures = "".join(f"{row[measure]:>7.3f}" for measure in ("RR", "R@10", "R@100"))
        click.echo(f"{category:<20}{row['queries']:>8.0f}{row['nDCG@10']:>9.3f}{figures}")


def _echo_gains(evaluation: Evaluation, before: Evaluation) -> None:
    from search_app.gains import MEASURE, gains

    found = gains(evaluation, before)
    moved = ", ".join(f"{c.name} {c.difference:+.3f}" for c in found.categories if abs(c.difference) >= 0.0005)
    click.echo(f"  {MEASURE} since the baseline: {moved or 'nothing changed'}")
    for word, changes in (("lost", found.lost), ("gained", found.gained)):
        for change in changes:
            before_text, now_text = ("-" if value is None else f"{value:.3f}" for value in (change.before, change.now))
            click.echo(f"  {word:<7}{change.name:<10}{before_text:>6} -> {now_text}")


for _command in (*cli_plans.COMMANDS, *cli_programs.COMMANDS):
    main.add_command(_command)


def run(main_function: Callable[[], Any] = main) -> None:
    """Entry point for ``python -m search_app.cli``."""
    main_function()


if __name__ == "__main__":
    run()
