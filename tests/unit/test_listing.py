"""Pages, groups and totals of a search, against sorting everything."""

from __future__ import annotations

import random

import numpy as np
import pytest

from indexer.columns import Columns
from indexer.model import Passage
from search_app.listing import list_hits
from search_app.model import Sort

SIZE = 60


@pytest.fixture(scope="module")
def columns(tmp_path_factory: pytest.TempPathFactory) -> Columns:
    """Sixty passages of three years in which each text stands about three times."""
    folder = tmp_path_factory.mktemp("columns")
    draw = random.Random(3)
    passages = [
        Passage(
            n, f"d/{n}", "d", "narrative", draw.choice((2017, 2019, 2021)), "zh", "", f"第{draw.randrange(20)}項", ""
        )
        for n in range(SIZE)
    ]
    Columns.build(folder, passages)
    return Columns.open(folder)


@pytest.mark.parametrize("sort", ["relevance", "year"])
@pytest.mark.parametrize("same", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_pages_are_those_of_the_whole_order(columns: Columns, sort: Sort, same: bool, seed: int) -> None:
    draw = random.Random(seed)
    scores = np.array([draw.choice((0.0, 0.5, 1.0, draw.random())) for _ in range(SIZE)], dtype=np.float32)
    hits = np.array(sorted(draw.sample(range(SIZE), draw.choice((0, 1, 30, SIZE)))), dtype=np.int64)
    years, texts = columns.years(np.arange(SIZE)), columns.texts(np.arange(SIZE))
    order = sorted(hits.tolist(), key=lambda n: (-years[n] if sort == "year" else 0, -scores[n], n))
    groups: dict[int, list[int]] = {}
    for docnum in order:
        groups.setdefault(int(texts[docnum]) if same else docnum, []).append(docnum)
    expected = list(groups.values())
    for page, per_page in ((1, 1), (1, 10), (2, 7), (3, 10), (1, 100), (9, 50)):
        found = list_hits(columns, scores, hits, sort, same, page, per_page)
        assert list(found.shown) == expected[(page - 1) * per_page : page * per_page]
        assert found.total == len(expected)
        assert found.leaders.tolist() == sorted(members[0] for members in expected)


def test_without_scores_docnums_are_the_order(columns: Columns) -> None:
    found = list_hits(columns, None, np.arange(5, 25), "relevance", False, 2, 5)
    assert found.shown == [[10], [11], [12], [13], [14]]
