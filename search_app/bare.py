"""The bare form of a text: folded, without blanks and punctuation. Two texts with one bare form differ in print only.

Folding (indexer.text) makes variants, width and script alike. What is dropped beside it is what printers and typists
treat freely: blanks, commas, stops, quotation marks, brackets, dashes. What makes a value stays: the point in 4.5, the
comma in 3,10 (not in 1,600), the minus of a formula, %, ÷, the hyphen in self-employed.
"""

from __future__ import annotations

import re
import unicodedata

from indexer.text import Folded, fold, is_cjk

# After folding: ，：； have become ,:; and （） (); NFKC leaves 、。「」『』《》〈〉【】 and the dashes.
_DROPPED = frozenset("、。,;:!?.…‥·・‧'\"_|•●◎*~")
_DASHES = frozenset("-–—―─")
# Simplified script writes 計畫 as 计划, so that 划 is 畫 as well as 劃; Taiwan's own texts have 計畫 and 計劃 side by side.
_ALIKE = str.maketrans({"划": "画"})
_NO_LETTER = re.compile(r"[\W_]+")
_GROUP = 3  # digits behind the comma of 1,600


def bare(text: str) -> Folded:
    """The bare form with a map to the offsets of ``text``; empty when nothing but blanks and punctuation is there."""
    return bare_of(fold(text))


def bare_of(folded: Folded) -> Folded:
    """The bare form of what is folded already."""
    chars = [_kept(folded.text, place) for place in range(len(folded.text))]
    kept = [place for place, char in enumerate(chars) if char]
    starts, ends = [folded.starts[place] for place in kept], [folded.ends[place] for place in kept]
    return Folded("".join(chars).translate(_ALIKE), starts, ends)


def bare_text(text: str) -> str:
    """The bare form without the map."""
    return bare(text).text


def letters(folded: str) -> str:
    """Nothing but the letters and digits of a folded text: where one bare form holds another, so do their letters."""
    return _NO_LETTER.sub("", folded).translate(_ALIKE)


def _kept(text: str, place: int) -> str:
    """What the character at ``place`` of a folded text is in the bare form, "" when it says nothing by itself."""
    char = text[place]
    before, after = text[place - 1 : place], text[place + 1 : place + 2]
    if char.isalnum():
        return char
    if before.isdigit() and after.isdigit():  # 4.5, 12:30, 2017-2020; 3、10 and 3，10 alike; but 1,600 is 1600
        grouped = char == "," and _groups(text, place)
        return "" if grouped else "," if char in "、,;。" else char
    if char in _DASHES:  # one is a minus or joins words: 人數－上年度, self-employed; two are a dash: 就業——安全
        alone = before not in _DASHES and after not in _DASHES
        return "-" if alone and after and (before or after.isdigit()) else ""
    if char == " ":
        return char if _is_latin(before) and _is_latin(after) else ""
    return "" if char in _DROPPED or unicodedata.category(char) in ("Ps", "Pe", "Pi", "Pf") else char


def _is_latin(char: str) -> bool:
    return char.isalnum() and not is_cjk(char)


def _groups(text: str, place: int) -> bool:
    """True for the commas of 1,600 and 1,435,614: three digits and no more stand behind them."""
    end = place + 1
    while end < len(text) and text[end].isdigit():
        end += 1
    return end - place - 1 == _GROUP
