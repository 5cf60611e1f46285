"""What the editors of a corpus add to the lexicon: synonyms and glossary entries in ``lexicon.yaml`` beside the documents.

A build puts the file into its generation, and every search uses what its own generation holds, so that a rebuild applies
a change at once and no process ever mixes two. ``use`` tells it to the functions that look words up, for the running
call only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from indexer.errors import ConfigError

FILE = "editors.yaml"  # inside a generation
Word = Annotated[str, Field(min_length=1)]


class SynonymGroup(BaseModel):
    """Words that mean nearly the same, as in synonyms.yaml: the first is the word of the plans."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: Annotated[list[Word], Field(min_length=2)]
    weight: Annotated[float, Field(gt=0, le=1)] = 0.8
    direction: Literal["both", "to_first"] = "to_first"
    reason: str = ""


class GlossaryEntry(BaseModel):
    """One term, as in glossary.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: Word
    en: Annotated[list[Word], Field(min_length=1)]
    zh_variants: list[Word] = []
    zh_colloquial: list[Word] = []
    en_variants: list[Word] = []
    en_colloquial: list[Word] = []
    note: str = ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    synonyms: list[SynonymGroup] = []
    glossary: list[GlossaryEntry] = []


@dataclass(frozen=True, slots=True, eq=False)
class Editors:
    """The additions of one file; compared by identity, because what is made of them is kept by them.

    ``text`` is the file as written, "" where there is none.
    """

    synonyms: tuple[SynonymGroup, ...] = ()
    glossary: tuple[GlossaryEntry, ...] = ()
    text: str = ""


NONE = Editors()
_active: ContextVar[Editors] = ContextVar("plansearch_editors", default=NONE)


def active() -> Editors:
    """The additions that hold for the running call."""
    return _active.get()


@contextmanager
def use(editors: Editors) -> Iterator[None]:
    """Look words up with these additions, until the block ends."""
    token = _active.set(editors)
    try:
        yield
    finally:
        _active.reset(token)


def read_editors(path: Path) -> Editors:
    """The additions of a file, none where it does not exist. Raises ConfigError that names entry and field."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return NONE
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}.", "Write it as UTF-8 text.") from error
    try:
        return _parsed(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: cannot be read as YAML: {error}") from error
    except ValidationError as error:
        lines = [f"{path}: {'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise ConfigError("\n".join(lines[:20]), "See the example in docs/gaps.md.") from error


@lru_cache(maxsize=8)
def _parsed(text: str) -> Editors:
    """One object for one text: what is made of it, half a second's work, serves every generation that holds it."""
    values = yaml.load(text, yaml.CSafeLoader)
    read = _File.model_validate({} if values is None else values)
    return Editors(tuple(read.synonyms), tuple(read.glossary), text)
