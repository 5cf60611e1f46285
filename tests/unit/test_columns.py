"""Filters, facets and groups by columns, against a loop over the passages."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from indexer.columns import Columns
from indexer.errors import EngineError
from indexer.model import Passage
from indexer.text import fold_text

PLAN, GOAL = "壹、年度施政目標", "三、推動公平的集體勞資關係"
ROWS = (
    (2017, "plan-106", "goal", PLAN, "推動公平的集體勞資關係", False),
    (2017, "plan-106", "goal_clause", f"{PLAN}\n{GOAL}", "研擬最低工資法制。", False),
    (2019, "plan-108", "goal_clause", f"{PLAN}\n{GOAL}", "研擬最低工資 法制。", False),
    (2019, "plan-108", "narrative", "", "研拟最低工资法制。", False),
    (2021, "report", "damaged", "附錄 一", "研擬最低\n工資法制。", True),
)


def make(folder: Path, rows: tuple[tuple[int, str, str, str, str, bool], ...] = ROWS) -> Columns:
    passages = [
        Passage(docnum, f"{document}/{docnum}", document, kind, year, "zh", "", body, headings, torn)  # type: ignore[arg-type]
        for docnum, (year, document, kind, headings, body, torn) in enumerate(rows)
    ]
    Columns.build(folder, passages)
    return Columns.open(folder)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [0, 1, 2, 3, 4]),
        ({"years": (2017, 2021)}, [0, 1, 4]),
        ({"years": (1999,)}, []),
        ({"documents": ("plan-108", "no-such")}, [2, 3]),
        ({"kinds": ("goal_clause",), "years": (2019,)}, [2]),
        ({"sections": ("勞資關係",)}, [1, 2]),
        ({"sections": ("劳资关系", "附錄一")}, [1, 2, 4]),
        ({"sections": ("目標 三、",)}, [1, 2]),  # a path is one text
        ({"sections": ("不存在",)}, []),
    ],
)
def test_select(tmp_path: Path, filters: dict[str, tuple[object, ...]], expected: list[int]) -> None:
    assert make(tmp_path).select(**filters).tolist() == expected  # type: ignore[arg-type]


def test_facets_count_what_a_loop_counts(tmp_path: Path) -> None:
    columns = make(tmp_path)
    for docnums in ([], [3], [0, 2, 3], [0, 1, 2, 3, 4]):
        found = columns.facets(np.array(docnums, dtype=np.int64))
        rows = [ROWS[docnum] for docnum in docnums]
        tops = [row[3].split("\n")[0] for row in rows]
        wanted = {
            "year": Counter(str(row[0] - 1911) for row in rows),
            "document": Counter(row[1] for row in rows),
            "kind": Counter(row[2] for row in rows),
            "section": Counter(top for top in tops if top),
        }
        assert found == {
            name: sorted(counts.items(), key=lambda one: (-one[1], one[0])) for name, counts in wanted.items()
        }


def test_facets_tell_the_most_frequent_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = make(tmp_path)
    every = np.arange(len(ROWS))
    whole = columns.facets(every)
    for most in (1, 2, 3):
        monkeypatch.setattr("indexer.columns.MOST_VALUES", most)
        assert columns.facets(every) == {name: values[:most] for name, values in whole.items()}


def test_texts_are_equal_where_the_folded_ones_are(tmp_path: Path) -> None:
    codes = make(tmp_path).texts(np.arange(len(ROWS))).tolist()
    folded = [fold_text(row[4]) for row in ROWS[:4]]
    assert [[a == b for b in codes[:4]] for a in codes[:4]] == [[a == b for b in folded] for a in folded]
    assert codes[4] not in codes[:4]  # the lines of a damaged page are not joined
    assert max(codes) < len(ROWS)


def test_no_passages(tmp_path: Path) -> None:
    columns = make(tmp_path, ())
    assert columns.select(years=(2017,), sections=("一",)).tolist() == []
    assert columns.facets(np.empty(0, dtype=np.int64)) == {"year": [], "document": [], "kind": [], "section": []}


def test_missing_and_damaged_files_are_told(tmp_path: Path) -> None:
    make(tmp_path)
    (tmp_path / "kinds.npy").write_bytes(b"nothing of the kind")
    with pytest.raises(EngineError, match="cannot be read"):
        Columns.open(tmp_path)
