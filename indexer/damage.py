"""How far a page's text can be trusted.

A page that was extracted in vertical strips gives many short lines that break words and begin with closing
punctuation, which printed Chinese never does (kinsoku, JIS X 4051). Lost glyphs show as replacement characters.
"""

from __future__ import annotations

from collections.abc import Sequence

from indexer.text import display_width

_NEVER_FIRST = "，。、；：！？）」』》％,.;:!?)"
_SHORT = 18  # columns; strips are 4-16 wide, printed lines of the same report 60-74


def damage_score(lines: Sequence[str]) -> float:
    """0 (clean) to 1 (unreadable) for the non-blank lines of one page; 0 for pages of fewer than 8 lines."""
    texts = [text.strip() for text in lines if text.strip()]
    if not texts:
        return 0.0
    lost = lost_share("".join(texts))
    if len(texts) < 8:
        return lost
    return max(lost, _strip_score(texts))


def lost_share(text: str) -> float:
    """Share of characters that stand for lost glyphs, scaled so that one in ten is 1."""
    bad = sum(1 for char in text if char == "�" or 0xE000 <= ord(char) <= 0xF8FF or ord(char) >= 0xF0000)
    return min(1.0, 10 * bad / max(1, len(text)))


def is_narrow(lines: Sequence[str]) -> bool:
    """True when nearly all of the text stands in short lines, as in strips (0.97-1.00; printed pages 0-0.35)."""
    return _short_share([text.strip() for text in lines if text.strip()]) > 0.9


def _strip_score(texts: Sequence[str]) -> float:
    """High when the text stands in short lines and some of them begin as no printed line begins."""
    forbidden = sum(1 for text in texts if text[0] in _NEVER_FIRST) / len(texts)
    return _short_share(texts) * min(1.0, forbidden / 0.02)


def _short_share(texts: Sequence[str]) -> float:
    """Share of the characters that stand in short lines."""
    characters = sum(len(text) for text in texts)
    return sum(len(text) for text in texts if display_width(text) <= _SHORT) / max(1, characters)
