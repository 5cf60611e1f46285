"""Matching form of a text with an offset map back to the source.

Folding is for matching only; people always see the source's own text. It is local: what a character folds to never
depends on its neighbours (blanks apart), so a piece of a text folds to a piece of the folded text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import opencc

FOLD_VERSION = 2  # raise it when the same text would fold otherwise: indexes built before are refused


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text; character i came from source[starts[i]:ends[i]]."""

    text: str
    starts: list[int]
    ends: list[int]

    def source_range(self, first: int, last: int) -> tuple[int, int]:
        """Source offsets [start, end) of the folded characters [first, last), last > first."""
        return self.starts[first], self.ends[last - 1]


def is_cjk(char: str) -> bool:
    """True for Han ideographs, compatibility ones included; not for kana or punctuation."""
    return "\u4e00" <= char <= "\u9fff" or (
        char >= "\u3400" and (char <= "\u4dbf" or "\uf900" <= char <= "\ufaff" or "\U00020000" <= char <= "\U000323af")
    )


def fold(text: str) -> Folded:
    """The matching form: NFKC, lower case, one form per variant, Simplified script, no blanks between Han characters.

    A blank stays (as one) only between two letters or between two digits: 「minimum wage」, 「2.7 2.526」.
    """
    plain = _fold_plain(text)
    if plain is not None:
        return Folded(plain, list(range(len(text))), list(range(1, len(text) + 1)))
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    blank_at = -1
    for start, end in _clusters(text):
        cluster = text[start:end]
        if cluster.isspace():
            blank_at = start if blank_at < 0 else blank_at
            continue
        folded = _fold_cluster(cluster)
        if not folded:
            continue
        if blank_at >= 0:
            if out and _blank_matters(out[-1], folded[0]):
                out.append(" ")
                starts.append(blank_at)
                ends.append(start)
            blank_at = -1
        for char in folded:
            out.append(char)
            starts.append(start)
            ends.append(end)
    return Folded("".join(out), starts, ends)


def fold_text(text: str) -> str:
    """The matching form without the offset map."""
    plain = _fold_plain(text)
    return fold(text).text if plain is None else plain


@lru_cache(maxsize=4096)
def fold_shown(text: str) -> Folded:
    """As ``fold``, remembered: for clauses that are shown again and again. Nobody may change what it gives back."""
    return fold(text)


def fold_fragments(text: str) -> str:
    """The matching form of a damaged page: line by line, so that nothing matches across a cut."""
    return "\n".join(folded for line in text.splitlines() if (folded := fold_text(line)))


_SIMPLIFIED_WORDS = ("什么", "怎么", "那么", "多么")  # 老么 is Traditional too
# Spellings of OpenCC and those of Taiwan's government (「法律統一用字表」)
_OFFICIAL = (("計劃", "計畫"), ("公佈", "公布"), ("什么", "什麼"), ("怎么", "怎麼"))


def is_simplified(text: str) -> bool:
    """True when some character exists in Simplified script only (资, 劳), so not for 台, 后, 里; 么 in 什么 alone."""
    return any(_simplified_only(char) for char in text) or any(word in text for word in _SIMPLIFIED_WORDS)


def to_traditional(text: str) -> str:
    """Text in Taiwan's words and script when it is Simplified, else unchanged; for the encoder and for display.

    OpenCC ``s2twp``: lengths may change (信息 -> 資訊), so offsets do not survive.
    """
    if not is_simplified(text):
        return text
    converted = str(_converter("s2twp").convert(text))
    for other, official in _OFFICIAL:
        converted = converted.replace(other, official)
    return converted


@lru_cache(maxsize=4096)
def to_simplified(text: str) -> str:
    """Text in Simplified script, character by character, length kept."""
    return "".join(_to_simplified(char) if is_cjk(char) else char for char in text)


def display_normal(text: str) -> str:
    """How a query is shown back: NFKC, single blanks, Traditional characters (length kept for Han text)."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    return str(_converter("s2t").convert(plain)) if is_simplified(plain) else plain


def display_width(text: str) -> int:
    """Columns that the text takes in a fixed-width font: wide characters count 2."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def lexicon_text(name: str) -> str:
    """A data file of the lexicon."""
    return (resources.files("indexer.lexicon") / name).read_text(encoding="utf-8")


def lexicon_rows(name: str) -> Iterator[list[str]]:
    """Rows of a tab-separated data file of the lexicon, comments and blank lines left out."""
    for line in lexicon_text(name).splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.split("\t")


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Ranges of a character and the combining marks that follow it."""
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or not unicodedata.combining(text[index]):
            yield start, index
            start = index


class _PlainTable(dict[str, str | None]):
    """What each character folds to; None for one that needs its neighbours, or that folds to none or to several."""

    def __missing__(self, char: str) -> str | None:
        alone = not char.isspace() and not unicodedata.combining(char)
        folded = _fold_cluster(char) if alone else ""
        self[char] = folded if len(folded) == 1 else None
        return self[char]


_plain_table = _PlainTable()  # as many entries as there are different characters in what was read


def _fold_plain(text: str) -> str | None:
    """The matching form of a text whose characters fold one by one, None for any other text.

    A Chinese clause without blanks is such a text: 6 µs instead of 54 for 120 characters.
    """
    try:
        return "".join(map(_plain_table.__getitem__, text))  # type: ignore[arg-type]
    except TypeError:  # a None among them
        return None


def _blank_matters(before: str, after: str) -> bool:
    return (_is_letter(before) and _is_letter(after)) or (before.isdigit() and after.isdigit())


def _is_letter(char: str) -> bool:
    return char.isalpha() and not is_cjk(char)


@lru_cache(maxsize=65536)
def _fold_cluster(cluster: str) -> str:
    variants = _variants()
    folded = []
    for char in unicodedata.normalize("NFKC", variants.get(cluster, cluster)).casefold():
        category = unicodedata.category(char)
        if category in ("Cc", "Cf", "Zs", "Zl", "Zp") or 0xFE00 <= ord(char) <= 0xFE0F:
            continue  # invisible: zero-width blanks, byte order marks, variation selectors
        plain = variants.get(char, char)
        folded.append(_to_simplified(plain) if is_cjk(plain) else plain)
    return "".join(folded)


def _to_simplified(char: str) -> str:
    return str(_converter("t2s").convert(char))


@lru_cache(maxsize=65536)
def _simplified_only(char: str) -> bool:
    if not is_cjk(char) or _converter("s2t").convert(char) == char:
        return False
    try:
        char.encode("big5")
    except UnicodeEncodeError:
        return True
    return False


@cache
def _variants() -> dict[str, str]:
    return {row[0]: row[1] for row in lexicon_rows("variants.tsv")}


@cache
def _converter(name: str) -> Any:
    return opencc.OpenCC(name)
