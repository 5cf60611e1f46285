"""What DOCX styles say of a paragraph: its heading level and its automatic number."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml.etree import _Element as Element

from indexer.readers.numbering import SERIES, Counters

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"heading (\d)$")  # heading 1
_CONTENTS = re.compile(r"toc (\d|heading)$")  # toc 1
_LEVEL_TEXT = re.compile(r"%(\d)")  # （%1）
_FORMATS = {
    "decimal": "decimal", "decimalZero": "padded", "decimalFullWidth": "fullwidth", "decimalFullWidth2": "fullwidth",
    "decimalEnclosedCircle": "circled", "decimalEnclosedCircleChinese": "circled", "decimalEnclosedParen": "parenthesised",
    "taiwaneseCounting": "chinese", "taiwaneseCountingThousand": "chinese", "taiwaneseDigital": "chinese",
    "chineseCounting": "chinese", "chineseCountingThousand": "chinese", "ideographDigital": "chinese",
    "japaneseCounting": "chinese", "ideographLegalTraditional": "capital", "chineseLegalSimplified": "capital",
    "ideographTraditional": "stem", "ideographZodiac": "branch", "upperLetter": "upper", "lowerLetter": "lower",
    "upperRoman": "ROMAN", "lowerRoman": "roman",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Style:
    """What counts of a paragraph's style: heading level (0 is the title), list and level in it, table of contents."""

    level: int | None = None
    list_id: str = ""
    list_level: int = 0
    is_contents: bool = False


@dataclass
class Styles:
    """The paragraph styles of a document by their ids."""

    root: Element | None
    found: dict[str, Style] = field(default_factory=dict)

    def of(self, paragraph: Element) -> Style:
        """The style of a paragraph, what it sets itself before what its named style sets."""
        properties = paragraph.find(f"{W}pPr")
        if properties is None:
            return Style()
        named = self._named(value(properties, "pStyle"))
        return _merged(properties, named)

    def _named(self, style_id: str, depth: int = 0) -> Style:
        if not style_id or self.root is None or depth > 20:
            return Style()
        if style_id not in self.found:
            element = next(
                (style for style in self.root.iter(f"{W}style") if style.get(f"{W}styleId") == style_id), None
            )
            self.found[style_id] = self._read(element, depth) if element is not None else Style()
        return self.found[style_id]

    def _read(self, element: Element, depth: int) -> Style:
        base = self._named(value(element, "basedOn"), depth + 1)
        name = value(element, "name").lower()
        heading, level = _HEADING.match(name), base.level
        if heading:
            level = int(heading.group(1))
        elif name == "title":
            level = 0
        style = Style(level, base.list_id, base.list_level, base.is_contents or _CONTENTS.match(name) is not None)
        properties = element.find(f"{W}pPr")
        return style if properties is None else _merged(properties, style)


@dataclass
class _Level:
    """How one level of a list is numbered."""

    series: str
    text: str
    start: int = 1


@dataclass
class Numbering:
    """The automatic numbers of a document, counted as its paragraphs come."""

    root: Element | None
    counters: dict[str, Counters] = field(default_factory=dict)

    def next(self, style: Style) -> str:
        """The number before the next paragraph of a style as it is printed; "" for bullets and plain paragraphs."""
        if self.root is None or style.list_id in ("", "0"):
            return ""
        abstract_id = self._abstract_id(style.list_id)
        level = self._level(style.list_id, abstract_id, style.list_level)
        if level is None or level.series not in SERIES:
            return ""
        restarted = self._override(style.list_id, style.list_level) is not None
        counters = self.counters.setdefault(style.list_id if restarted else f"abstract {abstract_id}", Counters())
        counters.count(style.list_level, level.start)

        def part(found: re.Match[str]) -> str:
            place = int(found.group(1)) - 1
            upper = self._level(style.list_id, abstract_id, place)
            series = upper.series if upper and upper.series in SERIES else "decimal"
            return SERIES[series](counters.values.get(place, upper.start if upper else 1))

        return _LEVEL_TEXT.sub(part, level.text).strip()

    def _abstract_id(self, list_id: str) -> str:
        return next((value(num, "abstractNumId") for num in self._all("num") if num.get(f"{W}numId") == list_id), "")

    def _level(self, list_id: str, abstract_id: str, level: int) -> _Level | None:
        override = self._override(list_id, level)
        own = override.find(f"{W}lvl") if override is not None else None
        if own is None:
            abstract = (entry for entry in self._all("abstractNum") if entry.get(f"{W}abstractNumId") == abstract_id)
            levels = (entry for found in abstract for entry in found.iterfind(f"{W}lvl"))
            own = next((entry for entry in levels if entry.get(f"{W}ilvl") == str(level)), None)
        if own is None:
            return None
        start = (value(override, "startOverride") if override is not None else "") or value(own, "start") or "1"
        return _Level(_FORMATS.get(value(own, "numFmt"), ""), value(own, "lvlText"), int(start))

    def _override(self, list_id: str, level: int) -> Element | None:
        lists = (num for num in self._all("num") if num.get(f"{W}numId") == list_id)
        overrides = (entry for num in lists for entry in num.iterfind(f"{W}lvlOverride"))
        return next((entry for entry in overrides if entry.get(f"{W}ilvl") == str(level)), None)

    def _all(self, name: str) -> list[Element]:
        return [] if self.root is None else list(self.root.iterfind(f"{W}{name}"))


def value(parent: Element, name: str) -> str:
    """The ``w:val`` of a child element, "" when there is none."""
    child = parent.find(f"{W}{name}")
    return "" if child is None else child.get(f"{W}val") or ""


def _merged(properties: Element, style: Style) -> Style:
    """A style with what paragraph properties set instead."""
    level, list_id, list_level = style.level, style.list_id, style.list_level
    outline = value(properties, "outlineLvl")
    if outline:
        level = int(outline) + 1 if int(outline) < 9 else None
    number = properties.find(f"{W}numPr")
    if number is not None:
        list_id = value(number, "numId") or list_id
        list_level = int(value(number, "ilvl") or list_level)
    return Style(level, list_id, list_level, style.is_contents)
