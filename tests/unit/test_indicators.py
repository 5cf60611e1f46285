"""The table of indicators: recomputed status, filters, what only sounds alike, what a plan does not print."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indexer.errors import QueryError
from indexer.model import Clause, DocumentInfo, Indicator, Span
from search_app.indicators import IndicatorTable, Source, indicator_table, status_of, table_json
from search_app.retrieve import Search


@pytest.fixture(scope="module")
def sources(search: Search) -> list[Source]:
    views = [search.document(info.document_id) for info in search.documents()]
    return [Source(view.info, view.indicators, view.clauses) for view in views if view is not None]


@pytest.fixture(scope="module")
def table(sources: list[Source]) -> IndicatorTable:
    return indicator_table(sources)


def row(table: IndicatorTable, number: str) -> tuple[float | None, float | None, str]:
    found = next(one for one in table.rows if one.indicator.number == number)
    return found.indicator.target, found.indicator.actual, found.status


def test_only_the_death_rate_is_missed(table: IndicatorTable) -> None:
    assert table.counts == {"met": 17, "missed": 1, "no-actual": 16}
    assert row(table, "8.7.1") == (0.021, 0.023, "missed")
    assert row(table, "8.7.2") == (2.7, 2.526, "met")


def test_kpis_of_106_have_targets_and_no_actuals(sources: list[Source]) -> None:
    rows = indicator_table(sources, years=[2017]).rows
    assert len(rows) == 16
    assert all(one.indicator.target is not None and one.indicator.target_printed for one in rows)
    assert {one.status for one in rows} == {"no-actual"}


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ({"status": "missed"}, ["8.7.1"]),
        ({"goal": "8.7"}, ["8.7.1", "8.7.2"]),
        ({"goal": "8.7.1"}, ["8.7.1"]),
        ({"goal": "四"}, ["四-1", "四-2", "四-3"]),
        ({"goal": "勞工債權"}, ["五-1", "五-2"]),
        ({"goal": "劳工债权"}, ["五-1", "五-2"]),
        ({"goal": "8"}, ["8.6.1", "8.6.1", "8.6.2", "8.7.1", "8.7.2"]),
        ({"years": [2019]}, []),
        ({"years": [2021], "status": "no-actual"}, []),
        ({"years": [2017], "goal": "1.3"}, []),
    ],
)
def test_filters(sources: list[Source], filters: dict[str, object], numbers: list[str]) -> None:
    assert [one.indicator.number for one in indicator_table(sources, **filters).rows] == numbers  # type: ignore[arg-type]


def test_an_unknown_status_is_refused(sources: list[Source]) -> None:
    with pytest.raises(QueryError, match="met, missed, no-actual"):
        indicator_table(sources, status="failed")


def test_a_plan_without_a_table_says_so(sources: list[Source]) -> None:
    notes = indicator_table(sources, years=[2019]).notes
    assert [note.kind for note in notes] == ["no-table"]
    assert "108" in notes[0].zh
    assert "未刊載關鍵績效指標表" in notes[0].zh
    assert "prints no table of key performance indicators" in notes[0].en


def test_two_names_of_one_goal_are_pointed_out(table: IndicatorTable) -> None:
    notes = [note for note in table.notes if note.kind == "goal-name"]
    assert len(notes) == 1  # six, which differs in the width of its brackets only, is not worth a note
    assert notes[0].clause_ids == ("mol-106-plan/1.5", "mol-106-plan/2.5.1")
    for words in (notes[0].zh, notes[0].en):
        assert "勞動債權" in words
        assert "勞工債權" in words
    assert notes[0].change is not None
    assert [one.kind for one in notes[0].change.operations] == ["equal", "delete", "insert", "equal"]


def test_namesakes_are_told_apart_and_never_merged(table: IndicatorTable, sources: list[Source]) -> None:
    notes = [note for note in table.notes if note.kind == "namesake"]
    assert [note.clause_ids for note in notes] == [("mol-106-plan/2.4.3", "mol-sdg-2021/17.1.2")]
    assert all(part in notes[0].zh for part in ("8%", "35%", "2016", "上一年度", "不是同一指標"))
    assert all(part in notes[0].en for part in ("8%", "35%", "2016", "year before", "not the same indicator"))
    assert {one.indicator.number for one in table.rows} >= {"四-3", "1.3.2"}
    filtered = indicator_table(sources, goal="1.3.2")
    assert "namesake" in {note.kind for note in filtered.notes}


# --- made-up plans --------------------------------------------------------------------------------------------------


def info(document_id: str, year: int) -> DocumentInfo:
    return DocumentInfo(
        document_id, f"{year - 1911}年計畫", f"Plan {year}", "勞動部", "MOL", year, "annual_plan", "zh-Hant", "x", "0"
    )


def indicator(number: str, name: str, formula: str = "", **values: object) -> Indicator:
    base = Indicator(
        number, name, "目標甲", formula, "", "%", "2017", "higher", 8.0, "8%", None, "", None, f"d/{number}"
    )
    return replace(base, **values)  # type: ignore[arg-type]


def test_the_same_indicator_in_two_years_is_no_namesake() -> None:
    one, other = (
        Source(info(f"p{year}", year), [indicator("一-1", "職災保險加保成長率", "（每年較前一年成長比率）")], [])
        for year in (2017, 2018)
    )
    assert "namesake" not in {note.kind for note in indicator_table([one, other]).notes}
    changed = replace(other, indicators=[indicator("一-1", "職災保險加保成長率", "以 2016 年為基期")])
    notes = [note for note in indicator_table([one, changed]).notes if note.kind == "namesake"]
    assert len(notes) == 1
    assert "以 2016 年為基期" in notes[0].zh


def test_a_goal_that_differs_in_print_only_is_no_finding() -> None:
    goal = Clause("p/1", "p", "goal", "一、", (), "推動設（措）施", Span(1, 1), 0)
    source = Source(info("p", 2017), [indicator("一-1", "名稱", goal="推動設(措)施")], [goal])
    assert [note.kind for note in indicator_table([source]).notes] == ["targets-only"]


@pytest.mark.parametrize(("met", "status"), [(True, "met"), (False, "missed"), (None, "no-actual")])
def test_status(met: bool | None, status: str) -> None:
    assert status_of(indicator("1", "名稱", met=met)) == status


def test_attained_is_the_share_of_the_target() -> None:
    source = Source(
        info("p", 2017), [indicator("1", "甲", actual=6.0), indicator("2", "乙", target=0.0, actual=1.0)], []
    )
    assert [one.attained for one in indicator_table([source]).rows] == [0.75, None]


def test_json(table: IndicatorTable) -> None:
    data = table_json(table)
    assert data["total"] == 34
    rows = data["indicators"]
    assert isinstance(rows, list)
    death = next(one for one in rows if one["number"] == "8.7.1")
    assert (death["status"], death["target_printed"], death["actual_printed"], death["direction"]) == (
        "missed", "0.021", "0.023", "lower"
    )  # fmt: skip
