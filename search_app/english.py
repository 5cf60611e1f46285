"""What headings and places are called in English, from the renderings of one generation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.model import Clause
from search_app.model import HEADINGS
from search_app.texts import NAME, STEP, Step, english_heading, english_headings, english_marker, linked_path, numbered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from search_app.retrieve import Search

LONGEST = 2 * NAME  # characters of an English heading in a link: a Chinese one says the same in half


class EnglishHeadings:
    """Unofficial English headings; every one is "" where no rendering was written."""

    def __init__(self, found: Search) -> None:
        clauses = found.headings()
        renderings = found.renderings([clause.clause_id for clause in clauses])
        self._by_id: dict[str, str] = {}
        self._by_text: dict[tuple[str, str], str] = {}
        for clause in clauses:
            rendering = renderings.get(clause.clause_id)
            if rendering is None:
                continue
            english = english_heading(f"{clause.marker} {rendering.en}") if clause.marker else rendering.en
            self._by_id[clause.clause_id] = english
            for document_id in (clause.document_id, ""):
                self._by_text.setdefault((document_id, numbered(clause)), english)

    def heading(self, printed: str, document_id: str = "") -> str:
        """The English of a heading as printed, in one document or in any."""
        return self._by_text.get((document_id, printed), "")

    def of(self, clause: Clause) -> str:
        """What a link to the clause says: the heading itself, else the heading above it and the clause's number."""
        if clause.damaged:
            return ""
        if clause.kind in HEADINGS:
            english = self._by_id.get(clause.clause_id, "")
            return english if len(english) <= LONGEST else f"{english[: LONGEST - 1]}…"
        above = self.heading(clause.section_path[-1], clause.document_id) if clause.section_path else ""
        number = english_marker(clause.marker).rstrip(".")
        return STEP.join(part for part in (above, number) if part) if above else ""

    def path(self, clause: Clause, headings_en: Sequence[str] = ()) -> list[Step]:
        """The section path; ``headings_en`` is its English as stored beside the clause."""
        known = english_headings(headings_en)
        steps = linked_path(clause)
        if len(known) != len(steps):
            known = [self.heading(step.text, clause.document_id) for step in steps]
        return [step._replace(english=english) for step, english in zip(steps, known, strict=True)]
