"""Markdown: path -> Blocks, by way of HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from indexer.markers import match_markers
from indexer.model import Block
from indexer.readers.encoding import read_text
from indexer.readers.html import html_blocks
from indexer.wraps import BULLET

# A note, not the address of a link: Markdown shows neither. [^1]: 資料來源：勞動部
_NOTE = re.compile(r"^( {0,3})\[(?=[^\]\n]+\]:(?!\s*<?(?:[A-Za-z][A-Za-z0-9+.-]*:|[./#])))", re.MULTILINE)


def read_markdown(path: Path) -> list[Block]:
    """Blocks of a Markdown file with pipe tables. Raises UnreadableDocument when its encoding cannot be told."""
    # Indented lines are no code here: 「    （一）…」 is how people indent clauses.
    parser = MarkdownIt("commonmark").enable("table").disable("code")
    tokens = parser.parse(_widened(_NOTE.sub(r"\1\\[", read_text(path).text)))
    for token in tokens:
        if token.map is not None and token.nesting >= 0:
            token.attrSet("data-plan-line", str(token.map[0] + 1))
        if token.type == "list_item_open" and token.info:
            token.attrSet("data-plan-number", token.info + token.markup)
        if token.type == "inline":
            _end_lines(token.children or [])
        if token.type == "fence" and not token.info.isascii():
            token.content = f"{token.info}\n{token.content}"  # words, not the name of a language
    return html_blocks(parser.renderer.render(tokens, parser.options, {}), path.name)


def _end_lines(children: Sequence[Token]) -> None:
    """Make a line end forced where a number or bullet follows it; Markdown would run （一） and （二） together."""
    for index, child in enumerate(children[:-1]):
        following = children[index + 1].content.lstrip()
        if child.type == "softbreak" and (match_markers(following) or BULLET.match(following)):
            child.type, child.tag = "hardbreak", "br"


def _widened(source: str) -> str:
    """The source with every table's header as wide as its widest row; Markdown leaves out what stands beyond it."""
    lines = source.split("\n")
    widest = 0  # of the rows below, up to a blank line
    for index in range(len(lines) - 1, 0, -1):
        own, above = _cells(lines[index]), _cells(lines[index - 1])
        if own == above and widest > own and "-" in lines[index] and set(lines[index]) <= set(" \t\r|:-"):
            for place, filling in ((index - 1, " |"), (index, "---|")):
                lines[place] = f"{lines[place].rstrip().removesuffix('|')}|{filling * (widest - own)}"
        widest = max(widest, own) if lines[index].strip() else 0
    return "\n".join(lines)


def _cells(line: str) -> int:
    """How many cells a line of a table has; 0 for one without a bar."""
    bars = len(re.findall(r"(?<!\\)\|", line.strip().removeprefix("|").removesuffix("|")))
    return bars + 1 if "|" in line else 0
