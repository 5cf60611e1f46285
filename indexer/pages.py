"""Lines of an extracted text, grouped into the pages that they were printed on.

Extractors leave traces of a page break: a form feed; three empty lines in a row; or, where every printed line is
followed by an empty one, a line that begins with one blank and follows its predecessor without an empty line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from indexer.damage import damage_score, is_narrow

DAMAGED_FROM = 0.5  # damage_score of the 6 strip-cut pages of the 2021 report: 0.93-1.00; of its other 15: 0-0.18

_PAGE_NUMBER = re.compile(r"[-–— ]*(\d{1,4})[-–— ]*$")  # 28
_SENTENCE_END = "。！？!?；;：:」）)"


@dataclass(frozen=True, slots=True)
class Line:
    """One source line; ``number`` is 1-based, ``new_page`` says that a form feed stands before it."""

    number: int
    text: str
    new_page: bool = False

    @property
    def blank(self) -> bool:
        return not self.text.strip()


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of one printed page; ``number`` is the printed page number where it is known."""

    lines: tuple[Line, ...]
    number: int | None = None
    damaged: bool = False
    furniture: frozenset[int] = frozenset()

    @property
    def printed(self) -> list[Line]:
        return [line for line in self.lines if not line.blank]


def read_pages(lines: Sequence[Line]) -> list[Page]:
    """Pages in order, with damage, page furniture and page numbers found."""
    pages = [Page(tuple(chunk)) for chunk in _split(lines)]
    pages = [replace(page, damaged=damage_score(_texts(page.lines)) >= DAMAGED_FROM) for page in pages]
    pages = [page if page.damaged else replace(page, furniture=_furniture(page)) for page in pages]
    return _number(pages)


def _split(lines: Sequence[Line]) -> list[list[Line]]:
    """Chunks between page breaks. Strip-cut columns begin with a blank too, so that never parts two narrow chunks."""
    chunks: list[list[Line]] = []
    for chunk, certain in _chunks(lines):
        if chunks and not certain and is_narrow(_texts(chunks[-1])) and is_narrow(_texts(chunk)):
            chunks[-1].extend(chunk)
        else:
            chunks.append(chunk)
    return [chunk for chunk in chunks if any(not line.blank for line in chunk)] or chunks[:1]


def _chunks(lines: Sequence[Line]) -> list[tuple[list[Line], bool]]:
    """Lines between traces of page breaks, each with True when the trace before it is certain."""
    double_spaced = _is_double_spaced(lines)
    chunks: list[tuple[list[Line], bool]] = [([], True)]
    empty_run = 0
    for index, line in enumerate(lines):
        certain = line.new_page or 3 <= empty_run < index
        glued = double_spaced and index > 0 and re.match(r" \S", line.text) and not lines[index - 1].blank
        if chunks[-1][0] and (certain or glued):
            chunks.append(([], certain))
        chunks[-1][0].append(line)
        empty_run = empty_run + 1 if line.text == "" else 0
    return chunks


def _texts(lines: Sequence[Line]) -> list[str]:
    return [line.text for line in lines if not line.blank]


def _is_double_spaced(lines: Sequence[Line]) -> bool:
    """True when an empty line follows nearly every printed line (0.86 in the 2021 report, below 0.2 elsewhere)."""
    printed = [index for index, line in enumerate(lines[:-1]) if not line.blank]
    followed = sum(1 for index in printed if lines[index + 1].blank)
    return len(printed) >= 20 and followed / len(printed) > 0.6


def _furniture(page: Page) -> frozenset[int]:
    """Line numbers of a running title with its page number at the top, or of a page number at the foot."""
    printed = page.printed
    for index, line in enumerate(printed[:3]):
        if _is_page_number(line) and all(len(other.text.strip()) <= 40 for other in printed[:index]):
            return frozenset(other.number for other in printed[: index + 1])
    if len(printed) > 3 and _is_page_number(printed[-1]):
        return frozenset({printed[-1].number})
    return frozenset()


def _is_page_number(line: Line) -> bool:
    """True for a number alone on its line; a table's last cell may be one too, but has a tab before it."""
    return "\t" not in line.text and _PAGE_NUMBER.match(line.text.strip()) is not None


def _number(pages: list[Page]) -> list[Page]:
    """Page numbers: printed ones where they agree with the page order, the pages between them by counting.

    After the last printed number they are counted on. Before the first, a page gets a number only while the text runs
    on over the break: reports lose pages, and a wrong page number is worse than none.
    """
    anchors = _anchors(pages)
    numbers: dict[int, int] = {}
    for index, offset in anchors.items():
        numbers[index] = index + offset
    for (left, left_offset), (right, right_offset) in zip(
        list(anchors.items()), list(anchors.items())[1:], strict=False
    ):
        if left_offset == right_offset:
            numbers.update({index: index + left_offset for index in range(left, right)})
    if anchors:
        first, last = min(anchors), max(anchors)
        while first > 0 and _runs_on(pages[first - 1]):
            first -= 1
            numbers[first] = first + anchors[min(anchors)]
        for index in range(last + 1, len(pages)):
            numbers[index] = index + anchors[last]
    return [replace(page, number=numbers.get(index)) for index, page in enumerate(pages)]


def _anchors(pages: list[Page]) -> dict[int, int]:
    """Page index -> printed number minus index, for the longest agreeing set of printed numbers (at least two)."""
    votes: dict[int, list[int]] = {}
    for index, page in enumerate(pages):
        for line in page.printed:
            found = _PAGE_NUMBER.match(line.text.strip())
            if found and (page.damaged or line.number in page.furniture):
                votes.setdefault(int(found.group(1)) - index, []).append(index)
    agreed = max(votes.items(), key=lambda vote: (len(set(vote[1])), -vote[0]), default=(0, []))
    return dict.fromkeys(sorted(set(agreed[1])), agreed[0]) if len(set(agreed[1])) >= 2 else {}


def _runs_on(page: Page) -> bool:
    """True when the page ends in mid-sentence, so that the next page surely is the next one printed."""
    return bool(page.printed) and page.printed[-1].text.strip()[-1] not in _SENTENCE_END
