"""What ODF styles say of a paragraph: its heading level and its automatic number."""

from __future__ import annotations

from dataclasses import dataclass, field

from lxml.etree import _Element as Element

from indexer.readers.numbering import SERIES, Counters
from indexer.readers.odf import Package, name

# The first character of a number format tells the series: 「壹, 貳, 參, ...」
_SERIES = {
    "1": "decimal", "１": "fullwidth", "A": "upper", "a": "lower", "I": "ROMAN", "i": "roman", "一": "chinese",
    "壹": "capital", "壱": "capital", "甲": "stem", "子": "branch", "①": "circled", "⑴": "parenthesised",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListLevel:
    """How one level of a list is numbered; ``shown`` is how many levels its number prints."""

    series: str
    before: str
    after: str
    start: int
    shown: int


@dataclass
class OdfStyles:
    """Paragraph and list styles of a file by their names."""

    package: Package
    lists: dict[str, dict[int, ListLevel]] = field(default_factory=dict)
    parents: dict[str, Element] = field(default_factory=dict)
    outline: dict[int, ListLevel] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for part in self.package.parts():
            for style in part.iter(name("text:list-style")):
                self.lists[style.get(name("style:name")) or ""] = _levels(style)
            for style in part.iter(name("text:outline-style")):
                self.outline = _levels(style)
            for style in part.iter(name("style:style")):
                self.parents[style.get(name("style:name")) or ""] = style

    def is_title(self, element: Element) -> bool:
        """True for a paragraph in the style Title or in one that is made from it."""
        style = element.get(name("text:style-name")) or ""
        for _ in range(20):
            if style == "Title" or style not in self.parents:
                return style == "Title"
            style = self.parents[style].get(name("style:parent-style-name")) or ""
        return False

    def list_of(self, element: Element) -> str:
        """The list style that a paragraph's style names, or ""."""
        style = self.parents.get(element.get(name("text:style-name")) or "")
        return "" if style is None else style.get(name("style:list-style-name")) or ""


def printed_number(levels: dict[int, ListLevel], counters: Counters, level: int, start: int | None = None) -> str:
    """The next number of a level (0 is the outermost) as it is printed; "" for bullets."""
    found = levels.get(level)
    if found is None or not found.series:
        return ""
    if start is not None:
        counters.values.pop(level, None)
    counters.count(level, found.start if start is None else start)
    parts = []
    for place in range(max(0, level + 1 - found.shown), level + 1):
        upper = levels.get(place)
        if upper is not None and upper.series:
            parts.append(SERIES[upper.series](counters.values.get(place, upper.start)))
    return found.before + ".".join(parts) + found.after


def _levels(style: Element) -> dict[int, ListLevel]:
    levels = {}
    for entry in style:
        if entry.tag not in (name("text:list-level-style-number"), name("text:outline-level-style")):
            continue
        form = entry.get(name("style:num-format")) or ""
        levels[int(entry.get(name("text:level")) or "1") - 1] = ListLevel(
            _SERIES.get(form[:1], "decimal" if form else ""),
            (entry.get(name("style:num-prefix")) or "").strip(),
            (entry.get(name("style:num-suffix")) or "").strip(),
            int(entry.get(name("text:start-value")) or "1"),
            int(entry.get(name("text:display-levels")) or "1"),
        )
    return levels
