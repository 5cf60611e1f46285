"""One file to one Document."""

from __future__ import annotations

from dataclasses import replace

from indexer.clauses import parse_clauses
from indexer.corpus import Source, describe
from indexer.model import Direction, Document, Indicator
from indexer.quantities import reaches
from indexer.readers import read_blocks

PARSER_VERSION = 1  # raise it when the same file would give other clauses


def parse_document(source: Source) -> Document:
    """The document with its clause tree, indicators and account. Raises DocumentError."""
    blocks = read_blocks(source.path)
    info = describe(source, blocks)
    clauses, indicators, account = parse_clauses(blocks, info.document_id)
    completed = [_completed(indicator, str(info.year_ce), source.directions) for indicator in indicators]
    return Document(info, tuple(clauses), tuple(completed), account)


def _completed(indicator: Indicator, year: str, directions: dict[str, Direction]) -> Indicator:
    """The indicator with the plan year where its table prints none, and the direction that corpus.yaml sets."""
    direction = directions.get(indicator.number, indicator.direction)
    met = reaches(indicator.target, indicator.actual, direction == "lower")
    return replace(indicator, period=indicator.period or year, direction=direction, met=met)
