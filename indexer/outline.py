"""Blocks with their numbers read: which of them head a section, and where text is missing between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from indexer.ledger import Ledger
from indexer.markers import Marker, match_markers
from indexer.model import Block, Span
from indexer.titles import find_cover, is_title

SENTENCE_END = "。；;."
# 勞動部 108 年度施政計畫, Ministry of Labor Annual Plan 2019
_TITLE = re.compile(r".{0,30}\d{2,4}\s*年度?.{0,12}(?:計畫|報告|方案)(?:書)?$|.{0,60}(?:Plan|Report|Review)\b.{0,20}$")
_NOTE = re.compile(r"[備附]?註\s*[:：]?$|Notes?\s*:?$")  # 註：
_HEADING_MAX = 60  # longest heading of the three documents: 48 characters
_TITLE_WITHIN = 3  # blocks: a ministry's name and a subtitle may stand before the title
_TOP_STEM = 2.8  # rank of 甲、乙、 where 壹、貳、 stand below them


@dataclass
class Item:
    """A block on its way into the tree; ``text`` is without the number."""

    block: Block
    marker: Marker | None
    text: str
    style: str = ""
    rank: float = 99.0
    detached: bool = False

    @property
    def label(self) -> str:
        """The block as one heading, its number before its text."""
        if self.marker is not None and self.block.text == self.marker.printed:
            return numbered(self.marker.printed, self.text)
        return self.block.text


def read_items(blocks: Sequence[Block], ledger: Ledger) -> list[Item]:
    """The blocks that make the tree; furniture is posted and left out."""
    for block in blocks:
        if block.kind == "furniture":
            ledger.post("furniture", block.text)
    items = _numbered([block for block in blocks if block.kind != "furniture"])
    _rank_stems(items)
    _find_plain_headings(items)
    _find_gaps(items)
    return items


def is_heading(text: str) -> bool:
    """True for a text that is short and does not end as a sentence."""
    return 0 < len(text) <= _HEADING_MAX and text[-1] not in SENTENCE_END + "，、"


def numbered(number: str, text: str) -> str:
    """「一」 and 「推辦職訓…」 as one heading, and 「Part 1:」 and 「Goals」; Chinese punctuation needs no blank after it."""
    return f"{number} {text}".strip() if number and (number[-1].isalnum() or number[-1] in ".:") else f"{number}{text}"


def _numbered(blocks: Sequence[Block]) -> list[Item]:
    """Each block with its number; a number in a paragraph of its own goes with the paragraph that follows."""
    items: list[Item] = []
    open_lists: list[Marker] = []
    for block in blocks:
        if items and _is_lone_number(items[-1]) and _takes_number(block, items[-1].marker):
            items[-1] = _joined(items[-1], block)
            continue
        marker = _likeliest(block, open_lists)
        text = block.text[len(marker.printed) :].strip() if marker else block.text
        items.append(Item(block, marker, text, marker.style if marker else "", marker.rank if marker else 99.0))
        if marker is not None:
            open_lists = [entry for entry in open_lists if entry.style != marker.style and entry.rank < marker.rank]
            open_lists.append(marker)
    return items


def _likeliest(block: Block, open_lists: Sequence[Marker]) -> Marker | None:
    """The number that a block begins with: the next of an open list before the first of a new one before any other."""
    if block.kind not in ("paragraph", "heading"):
        return None
    found = match_markers(block.text)
    follows = (marker for marker in found for last in open_lists if _goes_on(last, marker))
    starts = (marker for marker in found if marker.ordinal == 1)
    others = (marker for marker in found if not marker.style.startswith("decimal"))
    return next(follows, None) or next(starts, None) or next(others, None)


def _goes_on(last: Marker, marker: Marker) -> bool:
    return last.style == marker.style and marker.ordinal == last.ordinal + 1


def _is_lone_number(item: Item) -> bool:
    return item.marker is not None and not item.text and item.style != "appendices"  # 「附錄」 is a heading by itself


def _takes_number(block: Block, marker: Marker | None) -> bool:
    if marker is None or block.kind not in ("paragraph", "heading") or not block.text or match_markers(block.text):
        return False
    return marker.rank > 3 or is_heading(block.text)


def _joined(item: Item, block: Block) -> Item:
    """A number and the paragraph after it as one."""
    span = Span(item.block.span.first_line, block.span.last_line, item.block.span.page)
    level = item.block.level if item.block.level is not None else block.level
    return replace(item, block=replace(item.block, span=span, level=level), text=block.text)


def _rank_stems(items: Sequence[Item]) -> None:
    """甲、乙、 stand above 壹、貳、 in budgets and reports, below （1） elsewhere: what the document opens with decides."""
    opener = next((item.style for item in items if item.style in ("stem", "part", "item")), "")
    if opener == "stem" and any(item.style == "part" for item in items):
        for item in items:
            item.rank = _TOP_STEM if item.style == "stem" else item.rank


def _find_plain_headings(items: Sequence[Item]) -> None:
    """Headings without a number: given as such by the format, a note's head, or a short line before a list's first."""
    title = _title(items)
    cover = _cover(items)
    for index, item in enumerate(items):
        if item.marker or item.block.kind not in ("paragraph", "heading"):
            continue
        following = items[index + 1] if index + 1 < len(items) else None
        first_of_list = following is not None and following.marker is not None and following.marker.ordinal == 1
        if item is title:
            item.style = "title"
        elif index in cover:
            continue  # a line of the cover heads nothing, though a list begins below it
        elif _NOTE.match(item.text):
            item.style, item.rank = "note", 3.5
        elif item.block.level is not None:
            item.style, item.rank = f"level{item.block.level}", item.block.level + 0.5
        elif first_of_list and following is not None and is_heading(item.text):
            item.style, item.rank = f"before {following.style}", following.rank - 0.5


def _cover(items: Sequence[Item]) -> range:
    """The places of the lines of the cover: those that make the title, and those before them."""
    found = find_cover([item.text if item.marker is None else "" for item in _prose(items)])
    return range(found.end) if found else range(0)


def _prose(items: Sequence[Item]) -> list[Item]:
    """The items up to the first that is no text."""
    return list(takewhile(lambda item: item.block.kind in ("paragraph", "heading"), items))


def _title(items: Sequence[Item]) -> Item | None:
    """The document's title: marked as such, the only heading of the top level at the very top, or worded as one."""
    cover = find_cover([item.text if item.marker is None else "" for item in _prose(items)])
    if cover is not None and cover.end - cover.first > 1:
        return items[cover.named]
    for index, item in enumerate(items[:_TITLE_WITHIN]):
        if item.marker or item.block.kind not in ("paragraph", "heading"):
            return None
        alone = sum(1 for other in items if other.block.level == item.block.level) == 1
        topmost = item.block.level == 0 or (index == 0 and item.block.level == 1 and alone)
        if topmost or (len(item.text) <= _HEADING_MAX and (_TITLE.match(item.text) or is_title(item.text))):
            return item
        if not is_heading(item.text):
            return None
    return None


def _find_gaps(items: Sequence[Item]) -> None:
    """Mark the items at which a page is missing before them.

    After a damaged page nothing is known of the section. A number that neither goes on nor starts a list shows that
    text is missing; it went at the last page break since the list's last item.
    """
    open_lists: list[tuple[str, float, int, int]] = []  # style, rank, last ordinal, index of the last item
    known_top = True
    last_page_start = 0
    for index, item in enumerate(items):
        if item.block.page_start:
            last_page_start = index
        if item.block.kind == "damaged":
            open_lists, known_top = [], False
            continue
        if index > 0 and items[index - 1].block.kind == "damaged":
            item.detached = True
        if item.marker is None:
            continue
        if item.rank <= 2:
            known_top = True
        last = next((entry for entry in open_lists if entry[0] == item.style), None)
        expected = {1} if last is None else {1, last[2] + 1}
        gap = item.marker.ordinal not in expected and (last is not None or known_top) and item.rank > 2
        since = last[3] if last else 0
        if gap and last_page_start > since:
            items[last_page_start].detached = True
            open_lists, known_top = [], False
        open_lists = [entry for entry in open_lists if entry[0] != item.style and entry[1] < item.rank]
        open_lists.append((item.style, item.rank, item.marker.ordinal, index))
