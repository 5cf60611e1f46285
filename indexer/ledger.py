"""The account of characters: every non-blank character of a source ends in exactly one place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Literal

from indexer.model import Account, Block

Column = Literal["clauses", "headings", "cells", "furniture", "damaged"]


class Ledger:
    """Counts what was printed against what was posted, character by character."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        printed = [block.text for block in blocks]
        printed += [cell.text for block in blocks for row in block.rows for cell in row]
        self._printed = _count("".join(printed))
        self._posted: dict[Column, Counter[str]] = {
            "clauses": Counter(), "headings": Counter(), "cells": Counter(), "furniture": Counter(), "damaged": Counter(),
        }  # fmt: skip

    def post(self, column: Column, text: str) -> None:
        """Enter printed text under one column."""
        self._posted[column].update(_count(text))

    def close(self) -> Account:
        """The account; ``missing`` counts characters that were printed but not posted, or posted twice."""
        posted = sum(self._posted.values(), Counter())
        missing = (self._printed - posted).total() + (posted - self._printed).total()
        totals = {column: counter.total() for column, counter in self._posted.items()}
        return Account(total=self._printed.total(), missing=missing, **totals)


def missing_characters(source: str, blocks: Sequence[Block]) -> int:
    """Non-blank characters of a source that its blocks lost or doubled; 0 for a reader that keeps everything."""
    printed = [block.text for block in blocks] + [cell.text for block in blocks for row in block.rows for cell in row]
    in_source, in_blocks = _count(source), _count("".join(printed))
    return (in_source - in_blocks).total() + (in_blocks - in_source).total()


def _count(text: str) -> Counter[str]:
    return Counter("".join(text.split()))
