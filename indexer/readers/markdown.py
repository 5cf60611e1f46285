"""Markdown: path -> Blocks, by way of HTML."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from indexer.markers import match_markers
from indexer.model import Block
from indexer.readers.encoding import read_text
from indexer.readers.html import html_blocks
from indexer.wraps import BULLET


def read_markdown(path: Path) -> list[Block]:
    """Blocks of a Markdown file with pipe tables. Raises UnreadableDocument when its encoding cannot be told."""
    # Indented lines are no code here: 「    （一）…」 is how people indent clauses.
    parser = MarkdownIt("commonmark").enable("table").disable("code")
    tokens = parser.parse(read_text(path).text)
    for token in tokens:
        if token.map is not None and token.nesting >= 0:
            token.attrSet("data-plan-line", str(token.map[0] + 1))
        if token.type == "list_item_open" and token.info:
            token.attrSet("data-plan-number", token.info + token.markup)
        if token.type == "inline":
            _end_lines(token.children or [])
    return html_blocks(parser.renderer.render(tokens, parser.options, {}), path.name)


def _end_lines(children: Sequence[Token]) -> None:
    """Make a line end forced where a number or bullet follows it; Markdown would run （一） and （二） together."""
    for index, child in enumerate(children[:-1]):
        following = children[index + 1].content.lstrip()
        if child.type == "softbreak" and (match_markers(following) or BULLET.match(following)):
            child.type, child.tag = "hardbreak", "br"
