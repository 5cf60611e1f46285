"""Which clauses may be quoted: those whose text is surely what was printed."""

from __future__ import annotations

from indexer.model import Clause, DocumentInfo


def is_read_by_ocr(clause: Clause, document: DocumentInfo) -> bool:
    """True for a clause whose page was read from a picture."""
    return clause.span.page in document.ocr_pages


def is_quotable(clause: Clause, document: DocumentInfo) -> bool:
    """False for damaged pages and for those read by OCR, which are found and shown with a mark, never quoted as exact.

    OCR had every one of 965 characters of a clean page right, but says nothing of the next page; and in a target or a
    statute's number one wrong digit looks like a right one.
    """
    return not clause.damaged and not is_read_by_ocr(clause, document)
