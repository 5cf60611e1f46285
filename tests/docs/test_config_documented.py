"""config.yaml explains every setting and holds exactly the defaults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from indexer.config import Config, load_config


def settings(model: type[BaseModel], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key of the model that holds a value, not a section."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from settings(field.annotation, (*above, name))
        else:
            yield (*above, name)


def line_of(node: yaml.Node, key: tuple[str, ...]) -> int:
    """0-based line of a key."""
    for name, value in node.value:
        if name.value == key[0]:
            return line_of(value, key[1:]) if key[1:] else name.start_mark.line
    raise KeyError(key)


def comment_of(lines: list[str], line: int) -> str:
    """The comment right above a line."""
    first = line
    while lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return " ".join(text.strip().removeprefix("#").strip() for text in lines[first:line])


@pytest.mark.parametrize("key", list(settings(Config)), ids=".".join)
def test_every_key_is_explained_with_its_default(root: Path, key: tuple[str, ...]) -> None:
    text = (root / "config.yaml").read_text(encoding="utf-8")
    lines = text.splitlines()
    node = yaml.compose(text)
    assert node is not None
    line = line_of(node, key)
    written = lines[line].partition(":")[2].strip()
    assert f"(default {written}" in comment_of(lines, line), f"{'.'.join(key)} needs a comment that ends in its default"


def test_the_shipped_file_holds_the_defaults(root: Path) -> None:
    shipped = yaml.safe_load((root / "config.yaml").read_text(encoding="utf-8"))
    assert shipped == Config().model_dump(mode="json")
    assert load_config(root / "config.yaml") == Config().below(root)
