"""What changed between two texts: by word, then by character, with print told from substance and policy verbs named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from indexer.text import fold_text, lexicon_rows
from indexer.tokens import finest, tokenize
from search_app.bare import bare_text

Kind = Literal["equal", "insert", "delete"]

_NUMBER = re.compile(r"\d[\d.,，．]*")  # 1,600 and 4.5 change as a whole or not at all
_OBJECT = re.compile(r"[^，；。：！？、,;:!?\n]+")  # 最低工資法制 of 最低工資法制，保障勞工基本生活。
_SHORT = 2  # characters; one that stayed amid changes is chance, at their edge it is a prefix or suffix: 法制(化)
_CHANCE = 3  # characters; so few between two longer changes stayed by chance


@dataclass(frozen=True, slots=True)
class Operation:
    """a[a_start:a_end] became b[b_start:b_end]; one of the two is empty unless the operation is ``equal``.

    ``substantive`` is False for equal text and for what differs in print only: variants, width, script, punctuation.
    """

    kind: Kind
    a_start: int
    a_end: int
    b_start: int
    b_end: int
    substantive: bool = False


@dataclass(frozen=True, slots=True)
class VerbStep:
    """A policy that moved along the stages: 最低工資法制 from 研擬 (2) to 推動 (4). Stages are 1 to 5."""

    verb_from: str
    verb_to: str
    stage_from: int
    stage_to: int
    object: str

    @property
    def forward(self) -> bool:
        """True when the policy advanced."""
        return self.stage_to > self.stage_from


@dataclass(frozen=True, slots=True)
class Verb:
    """A policy verb with its stage, 1 (under discussion) to 5 (done), its English and the reason for the stage."""

    zh: str
    stage: int
    en: str
    why: str


@dataclass(frozen=True, slots=True)
class Difference:
    """How text ``a`` became text ``b``. The operations cover both texts in order, without gaps."""

    a: str
    b: str
    operations: tuple[Operation, ...]
    steps: tuple[VerbStep, ...]

    @property
    def substantive(self) -> bool:
        """False when the texts are equal or differ in print only."""
        return any(one.substantive for one in self.operations)


class Piece(NamedTuple):
    """A stretch of a redline: text that stayed, went or came."""

    kind: Kind
    text: str
    substantive: bool


class _Part(NamedTuple):
    """text[start:end] of a source, and what it is compared by."""

    start: int
    end: int
    key: str


@lru_cache(maxsize=2048)  # a comparison of 300 relations is drawn in 0.1 s instead of 0.4; 2 kB each
def difference(a: str, b: str) -> Difference:
    """The difference of two printed texts; offsets are into them as they stand."""
    by_words = bare_text(a) != bare_text(b)  # where only print differs, words could be cut otherwise: 設(措)施
    parts = (_words(a), _words(b)) if by_words else (_characters(a, 0, len(a)), _characters(b, 0, len(b)))
    found = list(_judged(a, b, _joined(_aligned(a, b, *parts, refine=by_words))))
    operations = tuple(_judged(a, b, _joined(_without_chance(found))))
    return Difference(a, b, operations, tuple(_steps(a, b, operations)))


def redline(change: Difference) -> list[Piece]:
    """Both texts in one line: deleted before inserted text, as <del> and <ins> show it. Equal text is that of ``b``."""
    pieces = []
    for one in change.operations:
        text = change.a[one.a_start : one.a_end] if one.kind == "delete" else change.b[one.b_start : one.b_end]
        pieces.append(Piece(one.kind, text, one.substantive))
    return pieces


@cache
def policy_verbs() -> tuple[Verb, ...]:
    """The verbs of lexicon/policy_verbs.tsv in its order."""
    return tuple(Verb(verb, int(stage), en, why) for verb, stage, en, why in lexicon_rows("policy_verbs.tsv"))


# --- parts ----------------------------------------------------------------------------------------------------------


def _words(text: str) -> list[_Part]:
    """The words of a text, and single characters where there are none; together they are the whole text."""
    parts: list[_Part] = []
    end = 0
    for token in sorted(finest(tokenize(text)), key=lambda token: (token.start, token.end)):
        if token.start >= end:  # readings of a bracket overlap: 設(措)施
            parts += _characters(text, end, token.start)
            parts.append(_Part(token.start, token.end, fold_text(text[token.start : token.end])))
            end = token.end
    return parts + _characters(text, end, len(text))


def _characters(text: str, start: int, end: int) -> list[_Part]:
    """The characters of text[start:end], a number as one."""
    parts = []
    while start < end:
        number = _NUMBER.match(text, start, end)
        stop = number.end() if number else start + 1
        parts.append(_Part(start, stop, fold_text(text[start:stop])))
        start = stop
    return parts


# --- operations -----------------------------------------------------------------------------------------------------


def _aligned(a: str, b: str, left: Sequence[_Part], right: Sequence[_Part], *, refine: bool) -> Iterator[Operation]:
    """Operations in order; parts with one key are equal, or differ in print."""
    matcher = SequenceMatcher(None, [part.key for part in left], [part.key for part in right], autojunk=False)
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag == "equal":
            for one, other in zip(left[i:i_end], right[j:j_end], strict=True):
                yield from _same_key(a, b, one, other)
        elif tag == "replace" and refine:
            yield from _refined(a, b, left[i:i_end], right[j:j_end])
        else:
            at = _offset(left, i), _offset(left, i_end), _offset(right, j), _offset(right, j_end)
            yield from _changed(*at)


def _refined(a: str, b: str, left: Sequence[_Part], right: Sequence[_Part]) -> Iterator[Operation]:
    """The operations of a replaced stretch by character; a single one that stayed in its middle counts as changed."""
    ours = _characters(a, left[0].start, left[-1].end)
    theirs = _characters(b, right[0].start, right[-1].end)
    matcher = SequenceMatcher(None, [part.key for part in ours], [part.key for part in theirs], autojunk=False)
    i = j = 0
    for block in matcher.get_matching_blocks():
        last = block.a + block.size == len(ours) and block.b + block.size == len(theirs)
        if block.size < _SHORT and not last and (block.a, block.b) != (0, 0):
            continue
        yield from _changed(_offset(ours, i), _offset(ours, block.a), _offset(theirs, j), _offset(theirs, block.b))
        i, j = block.a + block.size, block.b + block.size
        for one, other in zip(ours[block.a : i], theirs[block.b : j], strict=True):
            yield from _same_key(a, b, one, other)


def _same_key(a: str, b: str, one: _Part, other: _Part) -> Iterator[Operation]:
    """Two parts with one key: equal where they are printed alike, character by character if they are as long."""
    ours, theirs = a[one.start : one.end], b[other.start : other.end]
    if len(ours) != len(theirs):
        yield from _changed(one.start, one.end, other.start, other.end)
        return
    for place, (char, twin) in enumerate(zip(ours, theirs, strict=True)):
        at = one.start + place, one.start + place + 1, other.start + place, other.start + place + 1
        yield from [Operation("equal", *at)] if char == twin else _changed(*at)


def _changed(a_start: int, a_end: int, b_start: int, b_end: int) -> Iterator[Operation]:
    if a_start < a_end:
        yield Operation("delete", a_start, a_end, b_start, b_start)
    if b_start < b_end:
        yield Operation("insert", a_end, a_end, b_start, b_end)


def _offset(parts: Sequence[_Part], place: int) -> int:
    """Where the part begins, or where the last one ends."""
    if place < len(parts):
        return parts[place].start
    return parts[-1].end if parts else 0


def _without_chance(operations: Sequence[Operation]) -> Iterator[Operation]:
    """The operations with what is short and stands between longer changes counted as changed: 強化[台灣]就業[通...].

    The rule is that of diff-match-patch ("semantic cleanup"), kept to ``_CHANCE`` characters.
    """
    for place, one in enumerate(operations):
        size = one.a_end - one.a_start
        around = _size_of_change(operations, place, -1), _size_of_change(operations, place, 1)
        if one.kind == "equal" and size <= min(_CHANCE, *around):
            yield from _changed(one.a_start, one.a_end, one.b_start, one.b_end)
        else:
            yield one


def _size_of_change(operations: Sequence[Operation], place: int, step: int) -> int:
    """Characters of the larger half of the substantive change next to an equal stretch, 0 when there is none."""
    size = 0
    while 0 <= (place := place + step) < len(operations) and operations[place].substantive:
        one = operations[place]
        size = max(size, one.a_end - one.a_start, one.b_end - one.b_start)
    return size


def _joined(operations: Iterable[Operation]) -> Iterator[Operation]:
    """Neighbours of one kind as one; of several changes in a row all deletions, then all insertions."""
    row: list[Operation] = []
    for one in operations:
        if row and (row[0].kind == "equal") != (one.kind == "equal"):
            yield from _merged(row)
            row = []
        row.append(one)
    yield from _merged(row)


def _merged(row: Sequence[Operation]) -> Iterator[Operation]:
    if not row:
        return
    ends = row[0].a_start, row[-1].a_end, row[0].b_start, row[-1].b_end
    if row[0].kind == "equal":
        yield Operation("equal", *ends)
    else:
        yield from _changed(*ends)


def _judged(a: str, b: str, operations: Iterable[Operation]) -> Iterator[Operation]:
    """Changes marked substantive unless what went and what came have one bare form."""
    listed = list(operations)
    for place, one in enumerate(listed):
        if one.kind == "equal":
            yield one
            continue
        partner = next((other for other in listed[max(place - 1, 0) : place + 2] if _partners(one, other)), one)
        gone = a[min(one.a_start, partner.a_start) : max(one.a_end, partner.a_end)]
        came = b[min(one.b_start, partner.b_start) : max(one.b_end, partner.b_end)]
        yield replace(one, substantive=bare_text(gone) != bare_text(came))


def _partners(one: Operation, other: Operation) -> bool:
    """True for a deletion and the insertion in its place."""
    return {one.kind, other.kind} == {"delete", "insert"}


# --- policy verbs ---------------------------------------------------------------------------------------------------


def _steps(a: str, b: str, operations: Iterable[Operation]) -> Iterator[VerbStep]:
    """For every stretch that stayed and that other policy verbs govern now: the verbs right before it."""
    for one in operations:
        stayed = one.kind == "equal" and _OBJECT.match(b, one.b_start, one.b_end)
        governed = _OBJECT.match(b, one.b_start)
        if not stayed or not governed or len(stayed.group()) < _SHORT:
            continue
        before, after = _verb_at_end(a[: one.a_start]), _verb_at_end(b[: one.b_start])
        if before and after and before.stage != after.stage:
            yield VerbStep(before.zh, after.zh, before.stage, after.stage, governed.group())


def _verb_at_end(text: str) -> Verb | None:
    folded = fold_text(text[-4:])
    return next((verb for verb in policy_verbs() if folded.endswith(fold_text(verb.zh))), None)
