"""The one table from errors to HTTP status codes."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.exceptions import HTTPException

from indexer.errors import (
    AnswerError,
    IndexCorrupt,
    IndexLocked,
    IndexMissing,
    IndexStale,
    PlanSearchError,
    QueryError,
    StoreError,
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What a client is told: status, a code that stays stable, what failed, and what to do about it."""

    status: int
    code: str
    message: str
    hint: str | None = None


_REBUILD = "Build it again: plansearch index --rebuild"

_INTERNAL = Problem(500, "internal_error", "Something failed in the server.", "The server's log tells more.")
LOADING = Problem(503, "index_loading", "The index is being loaded.", "Try again in some seconds.")

# The first class that fits decides. The errors' own messages may name folders of the server, so clients get these words
# instead; only a query error speaks for itself.
_OURS: tuple[tuple[type[PlanSearchError], Problem], ...] = (
    (IndexMissing, Problem(503, "index_missing", "No index has been built yet.", "Build it: plansearch index")),
    (IndexStale, Problem(503, "index_stale", "The index was built by another version or configuration.", _REBUILD)),
    (IndexCorrupt, Problem(503, "index_corrupt", "A file of the index differs from its manifest.", _REBUILD)),
    (IndexLocked, Problem(503, "index_locked", "The index is being built.", "Try again in some minutes.")),
    (StoreError, Problem(503, "index_unusable", "The index cannot be used.", "Check it: plansearch check")),
    (AnswerError, Problem(503, "answer_failed", "No answer could be made.", "Search for the clauses instead.")),
)

GONE = Problem(410, "gone", "What stood at this address has been removed.", "The list of documents is at /documents.")
_WERKZEUG: dict[int, Problem] = {
    404: Problem(404, "not_found", "There is nothing at this address.", "The list of documents is at /documents."),
    410: GONE,
    405: Problem(405, "method_not_allowed", "This address only answers GET and HEAD."),
    413: Problem(413, "too_large", "The request is too large.", "Send less text."),
    429: Problem(429, "too_many_requests", "Too many requests.", "Wait as long as the Retry-After header says."),
    500: _INTERNAL,
}


def problem_of(error: Exception) -> Problem:
    """What to tell a client about an error; everything unforeseen is a 500 that tells nothing of the inside."""
    if isinstance(error, HTTPException):
        status = error.code or 500
        unforeseen = _INTERNAL if status >= 500 else Problem(status, "bad_request", error.description or error.name)
        return _WERKZEUG.get(status, unforeseen)
    if isinstance(error, QueryError):
        return Problem(400, "bad_query", error.message, error.hint)
    return next((problem for kind, problem in _OURS if isinstance(error, kind)), _INTERNAL)


def unready(problem: PlanSearchError | None) -> Problem:
    """What to tell while no index is open; None when it is still being loaded."""
    if problem is None:
        return LOADING
    return problem_of(problem if isinstance(problem, StoreError) else StoreError(problem.message, problem.hint))


def problem_json(problem: Problem) -> dict[str, str | None]:
    """What a program is told of a problem."""
    return {"code": problem.code, "message": problem.message, "hint": problem.hint}
