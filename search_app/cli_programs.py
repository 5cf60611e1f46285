"""Commands for other programs: the MCP server."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from search_app.cli_common import config_option, example


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


COMMANDS: Sequence[click.Command] = (mcp,)
