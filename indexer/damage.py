"""How far a page's text can be trusted.

A page that was extracted in vertical strips gives many short lines that break words and begin with closing
punctuation, which printed Chinese never does (kinsoku, JIS X 4051). Glyphs without a meaning show as replacement and
private-use characters, a wrong encoding as characters that nobody writes in such numbers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from indexer.text import display_width, is_cjk

_NEVER_FIRST = "，。、；：！？）」』》％,.;:!?)"
_SHORT = 18  # columns; strips are 4-16 wide, printed lines of the same report 60-74
_HAN_MIN = 20  # ideographs; fewer tell nothing of their frequency
# What broken programs write for text: (cid:123), 锟斤拷 (UTF-8 read as GBK), 嚙踝蕭 (as Big5), three or more of ¡-¿ (as Latin-1)
_IMPOSSIBLE = re.compile(
    r"\(cid:\d+\)|(?:锟斤拷)+|(?:嚙[踝踐]?蕭?)+|(?:烫烫)+|[\u0080-\u00bf]{3,}|[Ã-Åâ-ï][\u0080-\u00bf]{1,2}"
)
_SYMBOL_BULLET = re.compile(r"^\s*[\uf020-\uf0ff]")  # of a symbol font, before an item


def damage_score(lines: Sequence[str]) -> float:
    """0 (clean) to 1 (unreadable) for the non-blank lines of one page; strips show from 8 lines on."""
    texts = [_SYMBOL_BULLET.sub("", text).strip() for text in lines]
    texts = [text for text in texts if text]
    if not texts:
        return 0.0
    whole = "".join(texts)
    lost = max(lost_share(whole), rare_share(whole))
    return lost if len(texts) < 8 else max(lost, _strip_score(texts))


def lost_share(text: str) -> float:
    """Share of characters that stand for lost glyphs or come of a wrong encoding, scaled so that one in ten is 1."""
    bad = sum(1 for char in text if _is_lost(char)) + sum(len(found) for found in _IMPOSSIBLE.findall(text))
    return min(1.0, 10 * bad / max(1, len(text)))


def rare_share(text: str) -> float:
    """Share of ideographs that are rare, scaled so that two in five are 1; 0 for fewer than 20 ideographs.

    Measured: 0.0001-0.0005 rare ones in the three documents, 0.40-0.68 in them when read in a wrong encoding.
    """
    han = [char for char in unicodedata.normalize("NFKC", text) if is_cjk(char)]
    if len(han) < _HAN_MIN:
        return 0.0
    return min(1.0, 2.5 * sum(1 for char in han if char not in frequent_ideographs()) / len(han))


def is_narrow(lines: Sequence[str]) -> bool:
    """True when nearly all of the text stands in short lines, as in strips (0.97-1.00; printed pages 0-0.35)."""
    return _short_share([text.strip() for text in lines if text.strip()]) > 0.9


def _is_lost(char: str) -> bool:
    """True for replacement, private-use, unassigned and control characters and half surrogates."""
    return char == "\ufffd" or (unicodedata.category(char) in ("Cc", "Cn", "Co", "Cs") and not char.isspace())


@cache
def frequent_ideographs() -> frozenset[str]:
    """The ideographs that the Chinese standards call frequent: level 1 of Big5 (5,401) and of GB 2312 (3,755)."""
    big5 = _decoded("big5", range(0xA4, 0xC7), (*range(0x40, 0x7F), *range(0xA1, 0xFF)))
    return big5 | _decoded("gb2312", range(0xB0, 0xD8), range(0xA1, 0xFF))


def _decoded(encoding: str, leads: Sequence[int], trails: Sequence[int]) -> frozenset[str]:
    return frozenset(bytes((lead, trail)).decode(encoding, "ignore") for lead in leads for trail in trails)


def _strip_score(texts: Sequence[str]) -> float:
    """High when the text stands in short lines and some of them begin as no printed line begins."""
    forbidden = sum(1 for text in texts if text[0] in _NEVER_FIRST) / len(texts)
    return _short_share(texts) * min(1.0, forbidden / 0.02)


def _short_share(texts: Sequence[str]) -> float:
    """Share of the characters that stand in short lines."""
    characters = sum(len(text) for text in texts)
    return sum(len(text) for text in texts if display_width(text) <= _SHORT) / max(1, characters)
