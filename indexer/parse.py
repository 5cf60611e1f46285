"""One file to one Document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from indexer import ocr
from indexer.clauses import parse_clauses
from indexer.corpus import Source, describe
from indexer.errors import UnreadableDocument, UnsafeDocument
from indexer.guards import check_contents
from indexer.model import UNKNOWN_YEAR, Clause, Direction, Document, Indicator
from indexer.quantities import reaches
from indexer.readers import read_blocks

PARSER_VERSION = 5  # raise it when the same file would give other clauses
MAX_CLAUSE_CHARS = 100_000  # the longest of the shipped documents has 868; one of 1,000,000 took 700 MB to index


def parse_document(source: Source, read_scans: bool = False, unnamed: bool = False) -> Document:
    """The document with its clause tree, indicators and account; with ``read_scans`` scanned pages are read by OCR.

    One that tells neither title nor year is refused unless it may be ``unnamed``. Raises DocumentError. A parser may
    hang, crash or take all memory over a hostile file: see sandbox.py.
    """
    check_contents(source.path)
    blocks, ocr_pages = ocr.read_scans(source.path) if read_scans else (read_blocks(source.path), ())
    info = replace(describe(source, blocks, unnamed), ocr_pages=ocr_pages)
    clauses, indicators, account = parse_clauses(blocks, info.document_id)
    _check_lengths(source, clauses)
    _check_ids(source, clauses)
    year = str(info.year_ce) if info.year_ce != UNKNOWN_YEAR else ""
    completed = [_completed(indicator, year, source.directions) for indicator in indicators]
    return Document(info, tuple(clauses), tuple(completed), account)


def _check_lengths(source: Source, clauses: Sequence[Clause]) -> None:
    for clause in clauses:
        if len(clause.text) > MAX_CLAUSE_CHARS:
            place = f"{source.path.name}: the text at line {clause.span.first_line}"
            message = f"{place} is one piece of {len(clause.text):,} characters, over {MAX_CLAUSE_CHARS:,}."
            raise UnsafeDocument(message, "Break it into paragraphs.")


def _check_ids(source: Source, clauses: Sequence[Clause]) -> None:
    """Entries bring ids of their own, also below a header that is not the first line of a file."""
    lines: dict[str, int] = {}
    for clause in clauses:
        last = clause.span.first_line
        if clause.clause_id in lines:
            message = f"{source.path.name}: lines {lines[clause.clause_id]} and {last} have the same id, {clause.clause_id!r}."
            raise UnreadableDocument(message, "Give every entry an id of its own.")
        lines[clause.clause_id] = last


def _completed(indicator: Indicator, year: str, directions: dict[str, Direction]) -> Indicator:
    """The indicator with the plan year where its table prints none, and the direction that corpus.yaml sets."""
    direction = directions.get(indicator.number, indicator.direction)
    met = reaches(indicator.target, indicator.actual, direction == "lower")
    return replace(indicator, period=indicator.period or year, direction=direction, met=met)
