"""Blocks under construction: what the readers of every format append to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from indexer.model import Block, BlockKind, Cell, Span
from indexer.wraps import BULLET

Rows = Sequence[tuple[Cell, ...]]


@dataclass
class Flow:
    """Blocks in reading order; ``new_page`` says whether the next block of text is the first of its page."""

    blocks: list[Block] = field(default_factory=list)
    new_page: bool = False

    def add(self, kind: BlockKind, text: str, span: Span, rows: Rows = (), level: int | None = None) -> None:
        """One more block; furniture and damaged pages never count as the first of a page."""
        prose = kind in ("paragraph", "table", "heading")
        self.blocks.append(Block(kind, text, span, level, tuple(rows), prose and self.new_page))
        self.new_page = self.new_page and not prose

    def furniture(self, text: str, span: Span) -> None:
        """Page furniture, unless it is blank."""
        if text.strip():
            self.add("furniture", text.strip(), span)

    def without_bullet(self, text: str, span: Span) -> str:
        """The text without a leading bullet, which becomes furniture."""
        bullet = BULLET.match(text)
        if bullet is None:
            return text
        self.furniture(bullet.group(0), span)
        return text[bullet.end() :]
