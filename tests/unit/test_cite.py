"""Citations name title, year in both calendars, section path and marker."""

from __future__ import annotations

from search_app.retrieve import Search


def test_citation_of_a_goal_clause(search: Search) -> None:
    view = search.clause("mol-106-plan/1.3.4")
    assert view is not None
    assert view.citation.zh == (
        "勞動部106年度施政計畫（民國106年，2017），壹、年度施政目標 > 三、推動公平的集體勞資關係，強化勞動基準之建立 > （四）"
    )
    assert view.citation.en == (
        "Ministry of Labor Administrative Plan for 2017 (ROC 106), "
        "壹、年度施政目標 > 三、推動公平的集體勞資關係，強化勞動基準之建立 > （四）"
    )


def test_citation_of_a_report_names_its_page(search: Search) -> None:
    view = search.clause("mol-sdg-2021/17.1.12")
    assert view is not None
    assert view.citation.zh.endswith("附錄 > 附錄一 推動臺灣永續發展目標追蹤指標列表 > 8.7.1，第29頁")


def test_clause_knows_its_surroundings(search: Search) -> None:
    view = search.clause("mol-106-plan/1.3")
    assert view is not None
    assert [child.marker for child in view.children] == ["（一）", "（二）", "（三）", "（四）", "（五）", "（六）"]
    assert view.next is not None
    assert view.next.clause_id == "mol-106-plan/1.3.1"
    assert search.clause("mol-106-plan/9.9.9") is None
