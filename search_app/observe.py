"""What a request found, noted where it happens and counted where requests are counted; never the words of a query."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Searched:
    """One search that a client asked for."""

    language: str
    kind: str
    total: int


@dataclass(frozen=True, slots=True)
class Asked:
    """One question that a client asked; ``answered`` is False where plansearch abstained."""

    answered: bool


Note = Searched | Asked

_notes: ContextVar[list[Note] | None] = ContextVar("notes", default=None)


def begin() -> None:
    """Collect the notes of the request that begins in this thread."""
    _notes.set([])


def note(found: Note) -> None:
    """Keep a note for the request that is being answered; nothing outside of one."""
    notes = _notes.get()
    if notes is not None:
        notes.append(found)


def end() -> list[Note]:
    """The notes since ``begin``."""
    notes = _notes.get()
    _notes.set(None)
    return notes or []
