"""Commands for programs and editors: the MCP server, and what readers asked in vain."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from search_app.cli_common import config_option, example, json_option, print_json


@click.command(epilog=example("plansearch mcp", "plansearch mcp --http --port 8765"))
@config_option
@click.option("--http", is_flag=True, help="Streamable HTTP at /mcp instead of standard input and output.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on, with --http.")
@click.option("--port", type=click.IntRange(1, 65535), default=8765, show_default=True, help="Port, with --http.")
def mcp(config_path: Path, http: bool, host: str, port: int) -> None:
    """Let an assistant search, quote and verify: a server of the Model Context Protocol (MCP)."""
    from indexer.config import load_config
    from search_app.mcp import run_http, run_stdio

    config = load_config(config_path)
    if http:
        run_http(config, host, port)
    else:
        run_stdio(config)


@click.command(epilog=example("plansearch gaps", "plansearch gaps --json"))
@config_option
@json_option
def gaps(config_path: Path, as_json: bool) -> None:
    """List what readers asked in vain, and propose entries for the editors' lexicon beside the corpus.

    Needs query_log.enabled in the configuration of the server.
    """
    from dataclasses import asdict

    from indexer.build import open_encoder
    from indexer.config import load_config
    from search_app.gaps import gaps as find
    from search_app.gaps import known_glossary
    from search_app.querylog import QueryLog

    config = load_config(config_path)
    log = QueryLog(config.query_log)
    kept, daily = log.kept(), log.daily()
    glossary = known_glossary(config.corpus.dir, config.corpus.lexicon)
    found = find(kept, glossary, open_encoder(config.encoder, library=False)) if kept else []
    if as_json:
        days = [{"day": day, "outcome": outcome, "count": count} for day, outcome, count in daily]
        print_json(
            {"enabled": log.enabled, "days": days, "gaps": [{**asdict(gap), "count": gap.query.count} for gap in found]}
        )
        return
    if not log.enabled:
        click.echo("query_log.enabled is false: nothing is counted.", err=True)
    for day, outcome, count in daily[:30]:
        click.echo(f"{day}  {outcome:<13}{count:>6}")
    for gap in found:
        query = gap.query
        click.echo(
            f"\n{query.text}  ({query.count}: {query.zero} zero, {query.unanswered} unanswered, "
            f"{query.reformulated} reformulated; {query.first_day} to {query.last_day})"
        )
        click.echo("  nearest: " + (", ".join(f"{near.term} {near.likeness:.2f}" for near in gap.nearest) or "none"))
        click.echo("".join(f"    {line}\n" for line in gap.entry.splitlines()), nl=False)
    if any(gap.entry for gap in found):
        click.echo(
            f"\nPut what is right into {config.corpus.dir / config.corpus.lexicon}, then build: plansearch index"
        )


COMMANDS: Sequence[click.Command] = (mcp, gaps)
