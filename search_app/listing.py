"""Which passages a search lists: those of a ranking that were not filtered out, grouped, counted, one page of them.

Only the page is put in order: sorting 100,000 docnums takes 9 ms, finding their best ten 0.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.columns import Columns
from indexer.model import DocNums
from search_app.fusion import Scores
from search_app.model import Sort


@dataclass(frozen=True, slots=True)
class Listing:
    """The hits of a search: ``shown`` are the groups of one page, best member first; ``leaders`` the best of every group."""

    shown: Sequence[Sequence[int]]
    leaders: DocNums

    @property
    def total(self) -> int:
        """Groups in all."""
        return len(self.leaders)


def list_hits(
    columns: Columns, scores: Scores | None, hits: DocNums, sort: Sort, same: bool, page: int, per_page: int
) -> Listing:
    """One page of the sorted docnums ``hits``, best score first, ties by docnum; newest year first where that is asked.

    ``scores`` is over all passages, None when only the order of docnums is known. ``same`` puts passages of the same
    folded text into one group, which stands where its best member does.
    """
    values = np.zeros(len(hits), dtype=np.float32) if scores is None else scores[hits]
    years = columns.years(hits) if sort == "year" else np.zeros(len(hits), dtype=np.int32)
    keys = (hits, -values, -years)
    places = _leading(columns.texts(hits), keys) if same else np.arange(len(hits))
    leaders = hits[places]
    first, last = (page - 1) * per_page, page * per_page
    order = _page(tuple(key[places] for key in keys), last)[first:last]
    if not same:
        return Listing([[docnum] for docnum in leaders[order].tolist()], leaders)
    texts = columns.texts(hits)
    groups = [np.flatnonzero(texts == texts[place]) for place in places[order]]
    shown = [hits[group[np.lexsort(tuple(key[group] for key in keys))]].tolist() for group in groups]
    return Listing(shown, leaders)


def _leading(texts: npt.NDArray[np.int32], keys: Sequence[npt.NDArray[np.generic]]) -> DocNums:
    """Places of the best of each text, in order of docnum."""
    order = np.lexsort(tuple(keys))
    return np.sort(order[np.unique(texts[order], return_index=True)[1]])


def _page(keys: Sequence[npt.NDArray[np.generic]], last: int) -> DocNums:
    """The places of the first ``last`` by the last key, then the one before it, then the first, in this order."""
    size = len(keys[0])
    if last >= size:
        return np.lexsort(tuple(keys))
    kept = np.arange(size)
    for key in reversed(keys):  # those that are surely among the first, and those that tie with the last of them
        if len(kept) <= last:
            break
        values = key[kept]
        bound = np.partition(values, last - 1)[last - 1]
        kept = kept[values <= bound]
        if np.count_nonzero(values < bound):
            break
    return kept[np.lexsort(tuple(key[kept] for key in keys))][:last]
