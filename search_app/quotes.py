"""Where a quotation stands in one text, whether it is whole there, and what differs: no index, only characters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

from indexer.text import Folded, is_cjk
from indexer.tokens import finest, tokenize
from search_app.bare import bare

Cut = Literal["negation", "number", "word"]

PIECE = 6  # characters; a shorter stretch that stands in a clause may stand there by chance
_SLACK = 6  # characters that a window may be longer than the quotation on each side
_NEGATIONS = ("不", "未", "無", "非", "勿", "毋", "沒", "不得", "不予", "不能", "不可", "不應", "不再", "不須", "不必",
              "無須", "毋須", "無法", "未能", "禁止", "避免", "以免", "停止", "取消", "廢止")  # fmt: skip
_NUMERALS = frozenset("0123456789０１２３４５６７８９〇零一二三四五六七八九十百千萬億兆")
_POINTS, _PERCENT = frozenset(".,．，"), frozenset("%％‰")


@dataclass(frozen=True, slots=True)
class Match:
    """text[start:end] of a source has the bare form of the quotation. ``letters`` is True when it also has its characters.

    ``cut`` names what the quotation's edge cuts off: a negation right before it, part of a number, part of a word.
    ``whole`` is True when nothing but punctuation of the text is left out.
    """

    start: int
    end: int
    letters: bool
    whole: bool
    cut: Cut | None


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch text[start:end] of a source that is nearest to a quotation; ``likeness`` is 0 to 1 (Dice)."""

    start: int
    end: int
    likeness: float


@lru_cache(maxsize=4096)
def bare_form(text: str) -> Folded:
    """The bare form with its map, kept for texts asked for again."""
    return bare(text)


def plain(text: str) -> str:
    """The characters of a text without its blanks and line ends, except one between two Latin words or numbers."""
    kept: list[str] = []
    words = text.split()
    for word in words:
        if kept and _is_latin(kept[-1][-1]) and _is_latin(word[0]):
            kept.append(" ")
        kept.append(word)
    return "".join(kept)


def matches(quote: str, text: str) -> Iterator[Match]:
    """Every place where the text has the quotation's bare form, in order. Nothing for a quotation without letters."""
    wanted, known = bare_form(quote), bare_form(text)
    place = known.text.find(wanted.text) if wanted.text else -1
    while place >= 0:
        start, end = known.source_range(place, place + len(wanted.text))
        start, end = _with_edges(quote, wanted, text, start, end)
        whole = place == 0 and place + len(wanted.text) == len(known.text)
        letters = plain(text[start:end]) == plain(quote)
        yield Match(start, end, letters, whole, _cut(text, *known.source_range(place, place + len(wanted.text))))
        place = known.text.find(wanted.text, place + 1)


def nearest_window(quote: str, text: str) -> Window | None:
    """The stretch of a text that has most of the quotation in order; None when nothing of two characters is shared."""
    wanted, known = bare_form(quote), bare_form(text)
    longest = SequenceMatcher(None, known.text, wanted.text, autojunk=False).find_longest_match()
    if longest.size < 2:
        return None
    slack = max(_SLACK, len(wanted.text) // 4)
    first = max(0, longest.a - longest.b - slack)
    last = min(len(known.text), longest.a - longest.b + len(wanted.text) + slack)
    inside = SequenceMatcher(None, known.text[first:last], wanted.text, autojunk=False)
    blocks = [block for block in inside.get_matching_blocks() if block.size > 1]
    # the window also holds what stands in place of a changed beginning or end of the quotation
    left = max(0, first + blocks[0].a - blocks[0].b)
    rest = len(wanted.text) - blocks[-1].b - blocks[-1].size
    right = min(len(known.text), first + blocks[-1].a + blocks[-1].size + rest)
    likeness = 2 * sum(block.size for block in blocks) / (right - left + len(wanted.text))
    return Window(*_with_edges(quote, wanted, text, *known.source_range(left, right)), likeness)


def pieces(quote: str, texts: Sequence[str]) -> list[tuple[int, int, list[int]]]:
    """The quotation's bare form as the longest stretches that stand in the texts, from left to right.

    (start, end, places of the texts that have it) of each stretch of at least ``PIECE`` characters; what stands in no
    text is left out.
    """
    wanted = bare_form(quote).text
    known = [bare_form(text).text for text in texts]
    found = []
    at = 0
    while at + PIECE <= len(wanted):
        size = max((_longest_prefix(wanted[at:], text) for text in known), default=0)
        if size < PIECE:
            at += 1
            continue
        stretch = wanted[at : at + size]
        found.append((at, at + size, [place for place, text in enumerate(known) if stretch in text]))
        at += size
    return found


def _longest_prefix(wanted: str, text: str) -> int:
    """How many characters from the start of ``wanted`` stand together in the text."""
    low, high = 0, len(wanted)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if wanted[:middle] in text else (low, middle - 1)
    return low


def _with_edges(quote: str, wanted: Folded, text: str, start: int, end: int) -> tuple[int, int]:
    """The range with the blanks and punctuation at its edges that the quotation has there too."""
    for char in reversed(plain(quote[: wanted.starts[0]])):
        before = text[:start].rstrip()
        if not before.endswith(char):
            break
        start = len(before) - 1
    for char in plain(quote[wanted.ends[-1] :]):
        at = len(text) - len(text[end:].lstrip())
        if text[at : at + 1] != char:
            break
        end = at + 1
    return start, end


def _cut(text: str, start: int, end: int) -> Cut | None:
    """What the edges of text[start:end] cut off."""
    if _inside_number(text, start) or _inside_number(text, end):
        return "number"
    if text[:start].endswith(_NEGATIONS):
        return "negation"
    inside = {place for token in _tokens(text) for place in range(token[0] + 1, token[1])}
    return "word" if start in inside or end in inside else None


@lru_cache(maxsize=1024)
def _tokens(text: str) -> tuple[tuple[int, int], ...]:
    return tuple((token.start, token.end) for token in finest(tokenize(text)))


def _inside_number(text: str, place: int) -> bool:
    """True between 1 and 2 of 12, 1.2 and 1,2, between 萬 and 1 of 1萬1,200, and before the % of 25%."""
    before, after = text[:place].rstrip(), text[place:].lstrip()
    if before[-1:] in _POINTS and after[:1].isdigit():
        before = before[:-1]
    if after[:1] in _POINTS and before[-1:].isdigit():
        after = after[1:]
    return before[-1:] in _NUMERALS and (after[:1] in _NUMERALS or after[:1] in _PERCENT)


def _is_latin(char: str) -> bool:
    return char.isalnum() and not is_cjk(char)
