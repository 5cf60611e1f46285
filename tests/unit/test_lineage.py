"""A clause in every other year, corresponding sections, and citations of one clause and of two."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from indexer.model import Clause, DocumentInfo, Span
from search_app import lineage as module
from search_app.citeblock import citation_block, comparison_block
from search_app.compare import compare
from search_app.compare_json import occurrence_json
from search_app.kept import KeptComparisons
from search_app.lineage import Lineage, change_of, sections
from search_app.relations import Comparison
from search_app.retrieve import Search

TEXTS = {
    "plan-106": ("研擬最低工資法制。", "辦理勞動教育座談。", "推動年金修法。"),
    "plan-107": ("研訂最低工資法制。", "推動年金修法。"),
    "plan-108": ("推動年金修法。", "推動最低工資法制，保障勞工基本生活。"),
}


def info(document_id: str, year: int, kind: str = "annual_plan") -> DocumentInfo:
    title_zh, title_en = f"勞動部{year - 1911}年度施政計畫", f"Ministry of Labor Administrative Plan for {year}"
    return DocumentInfo(document_id, title_zh, title_en, "勞動部", "Ministry of Labor", year, kind, "zh-Hant", "x", "0")


def clauses_of(document_id: str) -> list[Clause]:
    return [
        Clause(f"{document_id}/1.{at}", document_id, "goal_clause", f"（{'一二三'[at - 1]}）", ("壹、年度施政目標",), text,
               Span(at, at), at)
        for at, text in enumerate(TEXTS.get(document_id, ("推動年金修法。",)), start=1)
    ]  # fmt: skip


DOCUMENTS = (
    info("plan-108", 2019), info("plan-106", 2017), info("plan-107", 2018), info("report", 2021, "report")
)  # fmt: skip


@pytest.fixture
def lineage() -> Lineage:
    return Lineage(DOCUMENTS, clauses_of, None)


def test_a_clause_in_every_other_year(lineage: Lineage) -> None:
    found = lineage.history(clauses_of("plan-107")[0])
    assert [(one.document.year_roc, one.relation.relation, [c.clause_id for c in one.clauses]) for one in found] == [
        (106, "reworded", ["plan-106/1.1"]),
        (108, "reworded", ["plan-108/1.2"]),
    ]
    # both read forwards in time, also towards the earlier plan
    steps = [(step.verb_from, step.verb_to) for one in found for step in (one.change.steps if one.change else ())]
    assert steps == [("研擬", "研訂"), ("研訂", "推動")]


def test_a_clause_that_other_years_lack(lineage: Lineage) -> None:
    found = lineage.history(clauses_of("plan-106")[1])
    assert [(one.relation.relation, one.clauses, one.change) for one in found] == [("dropped", (), None)] * 2


def test_unchanged_and_renumbered(lineage: Lineage) -> None:
    found = lineage.history(clauses_of("plan-106")[2])
    assert [(one.relation.relation, one.relation.moved) for one in found] == [("unchanged", True)] * 2
    assert occurrence_json(found[1]) == {
        "document_id": "plan-108", "year_roc": 108, "year_ce": 2019, "relation": "unchanged", "moved": True,
        "confidence": 1.0, "unsure": False, "changes": None,
        "clauses": [{"clause_id": "plan-108/1.1", "marker": "（一）", "section_path": ["壹、年度施政目標"], "text": "推動年金修法。"}],
    }  # fmt: skip


def test_documents_of_another_kind_are_no_other_year(lineage: Lineage) -> None:
    assert lineage.history(clauses_of("report")[0]) == []


def test_what_is_not_compared_has_no_history(lineage: Lineage) -> None:
    assert lineage.history(replace(clauses_of("plan-106")[0], clause_id="plan-106/9", kind="kpi")) == []


def test_each_comparison_is_made_once_and_few_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEPT", 32)
    asked: list[str] = []

    def counted(document_id: str) -> Sequence[Clause]:
        asked.append(document_id)
        return clauses_of(document_id)

    documents = [info(f"plan-{year}", year) for year in range(1990, 2000)]
    lineage = Lineage(documents, counted, None)
    first = lineage.comparison("plan-1990", "plan-1991")
    assert lineage.comparison("plan-1990", "plan-1991") is first
    assert asked == ["plan-1990", "plan-1991"]
    for one in documents:
        for other in documents:
            lineage.comparison(one.document_id, other.document_id)
    assert len(lineage._made) == 32


def test_nearest_years_are_compared_first() -> None:
    documents = [info("plan-104", 2015), *DOCUMENTS]
    assert Lineage(documents, clauses_of, None).likely() == [
        ("plan-107", "plan-108"), ("plan-106", "plan-107"), ("plan-106", "plan-108"), ("plan-104", "plan-106"),
        ("plan-104", "plan-107"), ("plan-104", "plan-108"),
    ]  # fmt: skip


def test_of_many_documents_only_those_of_one_agency_are_compared_by_themselves() -> None:
    many = [
        of_agency(f"{agency}-{year}", year + 1911, agency) for agency in ("教育部", "文化部") for year in range(60, 100)
    ]
    pairs = Lineage(many, lambda _: [], None).likely()
    assert len(pairs) == module.KEPT
    assert {one.split("-")[0] == other.split("-")[0] for one, other in pairs} == {True}
    few = [of_agency("a-100", 2011, "行政院勞工委員會"), of_agency("b-104", 2015, "勞動部")]
    assert Lineage(few, lambda _: [], None).likely() == [("a-100", "b-104")]


def of_agency(document_id: str, year: int, agency: str) -> DocumentInfo:
    return DocumentInfo(document_id, "", "", agency, "", year, "annual_plan", "zh-Hant", "", "")


def test_a_page_does_not_wait_for_comparisons(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes long is named as waiting; it is there as soon as it is made."""
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    free = threading.Event()

    def slow(before: Sequence[Clause], after: Sequence[Clause], meaning: object) -> Comparison:
        assert free.wait(30)
        return compare(before, after)

    monkeypatch.setattr(module, "compare", slow)
    lineage = Lineage(DOCUMENTS, clauses_of, None)
    clause = clauses_of("plan-106")[0]
    so_far = lineage.history_so_far(clause)
    assert (so_far.found, [one.document_id for one in so_far.waiting]) == ([], ["plan-107", "plan-108"])
    free.set()
    monkeypatch.setattr(module, "PATIENCE", 30.0)
    assert lineage.history_so_far(clause) == (lineage.history(clause), [])
    assert len(lineage.history(clause)) == 2


def test_what_is_prepared_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    lineage = Lineage(DOCUMENTS, clauses_of, None)
    lineage.prepare()
    while lineage._worker is not None:
        time.sleep(0.01)
    assert lineage._made.keys() == set(lineage.likely())


def test_comparisons_are_kept_on_disk_until_something_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    compared: list[str] = []

    def counted(before: Sequence[Clause], after: Sequence[Clause], meaning: object) -> Comparison:
        compared.append(f"{before[0].document_id} {after[0].document_id}")
        return compare(before, after)

    monkeypatch.setattr(module, "compare", counted)
    folder = tmp_path / "comparisons"
    pair = "plan-106", "plan-108"

    def opened(encoder: str = "e", texts: Callable[[str], list[Clause]] = clauses_of) -> Comparison:
        return Lineage(DOCUMENTS, texts, None, KeptComparisons(folder, encoder)).comparison(*pair)

    first = opened()
    assert opened() == first
    assert len(compared) == 1
    opened("another encoder")
    opened(texts=lambda name: [replace(clause, text=f"{clause.text}改") for clause in clauses_of(name)])
    assert len(compared) == 3
    (folder / "x.json").unlink(missing_ok=True)
    for path in folder.iterdir():
        path.write_text("[[1]]", encoding="utf-8")
    assert opened() == first
    assert len(compared) == 4
    assert "made again" in caplog.text
    assert not [path for path in folder.iterdir() if path.suffix != ".json"]


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    lineage = Lineage(DOCUMENTS, clauses_of, None, KeptComparisons(tmp_path / "file" / "x", "e"))
    assert lineage.comparison("plan-106", "plan-108").relations
    assert "cannot be kept" in caplog.text


def test_an_unknown_document_is_a_key_error(lineage: Lineage) -> None:
    with pytest.raises(KeyError):
        lineage.comparison("plan-106", "nowhere")


def test_sections_that_correspond_though_numbered_differently(search: Search) -> None:
    documents = search.documents()
    lineage = Lineage(documents, lambda name: search.document(name).clauses, None)  # type: ignore[union-attr]
    found = {
        one.from_clauses[0].marker + one.from_clauses[0].text: (
            one.to_clauses[0].marker + one.to_clauses[0].text,
            one.moved,
        )
        for one in sections(lineage.comparison("mol-106-plan", "mol-108-plan"))
    }
    assert found["參、年度重要計畫"] == ("貳、年度重要計畫", True)
    assert found["壹、年度施政目標"] == ("壹、年度施政目標及策略", False)
    assert found["勞動條件及就業平等司業務"] == ("勞動條件及就業平等業務", False)
    assert found["六、鼓勵企業推動友善職場設（措）施，促進職場工作平等"][0].startswith("六、")
    assert "貳、年度關鍵績效指標" not in found
    assert len(found) == 2 + 8 + 11


# --- citations ------------------------------------------------------------------------------------------------------

SITE, DAY = "https://plans.example.org", date(2019, 3, 1)


def test_citation_in_chinese() -> None:
    assert citation_block(clauses_of("plan-106")[0], DOCUMENTS[1], SITE, DAY).split("\n") == [
        "機關：勞動部",
        "計畫名稱：勞動部106年度施政計畫",
        "年度：民國106年（2017）",
        "章節：壹、年度施政目標",
        "編號：（一）",
        "條文：研擬最低工資法制。",
        "連結：https://plans.example.org/clauses/plan-106/1.1",
        "擷取日期：民國108年3月1日（2019-03-01）",
    ]


def test_citation_in_english_keeps_the_words_of_the_source() -> None:
    assert citation_block(clauses_of("plan-106")[0], DOCUMENTS[1], SITE, DAY, "en").split("\n") == [
        "Agency: Ministry of Labor (勞動部)",
        "Document: Ministry of Labor Administrative Plan for 2017 (勞動部106年度施政計畫)",
        "Year: 2017 (ROC 106)",
        "Section: 壹、年度施政目標",
        "Number: （一）",
        "Text: 研擬最低工資法制。",
        "Link: https://plans.example.org/clauses/plan-106/1.1",
        "Retrieved: 2019-03-01",
    ]


def test_a_damaged_page_is_never_quoted() -> None:
    damaged = replace(clauses_of("plan-106")[0], kind="damaged", damaged=True, span=Span(1, 9, 19))
    for language in ("zh", "en"):
        block = citation_block(damaged, DOCUMENTS[1], SITE, DAY, language)
        assert "研擬" not in block
        assert "19" in block


def test_two_clauses_as_a_comparison_block(lineage: Lineage) -> None:
    relation = lineage.comparison("plan-106", "plan-108").became("plan-106/1.1")
    assert relation is not None
    block = comparison_block(relation, (DOCUMENTS[1], DOCUMENTS[0]), SITE, DAY)
    first, second, change = block.split("\n\n")
    assert "條文：研擬最低工資法制。" in first
    assert "條文：推動最低工資法制，保障勞工基本生活。" in second
    assert change.split("\n") == [
        "關係：修改、移列",
        "變動：刪「研擬」 增「推動」 增「，保障勞工基本生活」",
        "政策動詞：研擬 → 推動：最低工資法制",
        "擷取日期：民國108年3月1日（2019-03-01）",
    ]


def test_a_dropped_clause_says_that_it_has_no_counterpart(lineage: Lineage) -> None:
    relation = lineage.comparison("plan-106", "plan-108").became("plan-106/1.2")
    assert relation is not None
    assert change_of(relation) is None
    block = comparison_block(relation, (DOCUMENTS[1], DOCUMENTS[0]), SITE, DAY, "en")
    assert "no counterpart in this plan" in block
    assert "Relation: dropped" in block
