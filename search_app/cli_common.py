"""What commands share: options, exit codes, opening the index, printing JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from indexer.errors import ConfigError, PlanSearchError, QueryError, StoreError

if TYPE_CHECKING:
    from indexer.config import Config
    from search_app.retrieve import Search

EXIT_UNEXPECTED, EXIT_USE, EXIT_PARTLY, EXIT_NO_INDEX = 1, 2, 3, 4
_EXIT_CODES: tuple[tuple[type[PlanSearchError], int], ...] = (
    (ConfigError, EXIT_USE),
    (QueryError, EXIT_USE),
    (StoreError, EXIT_NO_INDEX),
    (PlanSearchError, EXIT_UNEXPECTED),
)

config_option = click.option(
    "--config", "config_path", type=click.Path(path_type=Path), default=Path("config.yaml"), show_default=True,
    help="Configuration file.",
)  # fmt: skip
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def exit_code(error: PlanSearchError) -> int:
    """The exit code that stands for an error."""
    return next(code for kind, code in _EXIT_CODES if isinstance(error, kind))


def example(*lines: str) -> str:
    """Examples as they stand at the end of a command's help."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def open_search(config_path: Path) -> tuple[Search, Config]:
    """The published index, loaded now, and the configuration."""
    from indexer.config import load_config
    from search_app.live import Live

    config = load_config(config_path)
    return Live(config, library=False).load(), config


def print_json(value: object) -> None:
    """JSON for programs, Chinese as it is."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
