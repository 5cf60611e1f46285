"""What commands share: options, exit codes, opening the index, printing JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

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

_NO_TEXT = ("ods", "xlsx", "docx")

config_option = click.option(
    "--config", "config_path", type=click.Path(path_type=Path), default=Path("config.yaml"), show_default=True,
    help="Configuration file.",
)  # fmt: skip
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


language_option = click.option(
    "--language",
    type=click.Choice(("zh", "en")),
    default="zh",
    show_default=True,
    help="Of headings and words in a file.",
)
out_option = click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write; ods, xlsx and docx need one, or a pipe.",
)


def format_option(*forms: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """--format with the given choices, the first of them the default."""
    return click.option("--format", "form", type=click.Choice(forms), default=forms[0], show_default=True)


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
    live = Live(config, library=False)
    search = live.load()
    if live.problem is not None:
        click.echo(f"warning: {live.problem} Generation {search.generation} is used instead.", err=True)
    return search, config


def put_file(content: bytes, form: str, out: Path | None) -> None:
    """Write a file whole or not at all; without ``out`` to the standard output, unless that is a terminal and it is no text."""
    if out is None:
        if form in _NO_TEXT and sys.stdout.isatty():
            raise ConfigError(f"{form} is not for a terminal.", "Give --out FILE, or pipe it.")
        sys.stdout.buffer.write(content)
        return
    unfinished = out.with_name(f".{out.name}.new")
    try:
        if out.exists() and not out.is_file():  # /dev/null, a pipe: nothing to replace
            out.write_bytes(content)
        else:
            unfinished.write_bytes(content)
            unfinished.replace(out)
    except OSError as error:
        raise ConfigError(
            f"--out {out} cannot be written: {error.strerror}.", "Name a file in a folder that exists."
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
    click.echo(f"{out} written")


def put_json(value: object, out: Path | None) -> None:
    """JSON for programs, printed or written to a file."""
    if out is None:
        print_json(value)
    else:
        put_file(json.dumps(value, ensure_ascii=False, indent=2).encode(), "json", out)


def print_json(value: object) -> None:
    """JSON for programs, Chinese as it is."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def stand_back() -> None:
    """Let a server on this machine go first, where the system knows priorities."""
    if hasattr(os, "nice"):
        os.nice(10)
