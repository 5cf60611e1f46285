"""Rankings as lines of a TREC run: query, Q0, document, rank, score, tag."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

TAG = "plansearch"


def run_lines(query_id: str, clause_ids: Sequence[str]) -> list[str]:
    """One line a clause, best first. The score is 1/rank: it falls strictly, so that no tool can reorder ties."""
    return [f"{query_id} Q0 {clause_id} {rank} {1 / rank:.6f} {TAG}" for rank, clause_id in enumerate(clause_ids, 1)]


def run_text(rankings: Iterable[tuple[str, Sequence[str]]]) -> str:
    """The whole run of (query id, clause ids)."""
    return "".join(f"{line}\n" for query_id, ranked in rankings for line in run_lines(query_id, ranked))
