"""Pages that were read by OCR: found and marked everywhere, in both languages, and never quoted as an answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from indexer import build, sandbox
from indexer.config import Config, CorpusConfig, IndexConfig
from indexer.corpus import Source
from indexer.model import Clause, Document, Span
from indexer.parse import parse_document
from search_app.app import create_app
from search_app.live import Live
from search_app.show import show_document
from search_app.trust import is_quotable

PLAN = """勞動部 {year} 年度施政計畫
壹、年度施政目標
一、促進就業
（一）{what}補助每人每月一萬二千元。
（二）辦理就業服務，結合地方政府與民間團體之資源，擴大服務對象與範圍。
（三）推動職業訓練與技能檢定，提升失業者之就業能力。
"""
PLANS = {"scan-109": (109, "青年學徒旗艦計畫"), "print-109": (109, "高齡回任實驗計畫")}


def parse_some_as_scans(_: object, source: Source, unnamed: bool = False) -> Document:
    """The document, one of them as if its page 1 had been read from a picture."""
    document = parse_document(source, unnamed=unnamed)
    clauses = tuple(replace(clause, span=Span(1, 1, 1)) for clause in document.clauses)
    pages = (1,) if source.document_id.startswith("scan") else ()
    return replace(document, info=replace(document.info, ocr_pages=pages), clauses=clauses)


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder: Path = tmp_path_factory.mktemp("ocr")
    (folder / "corpus").mkdir()
    for name, (year, what) in PLANS.items():
        (folder / "corpus" / f"{name}.txt").write_text(PLAN.format(year=year, what=what), encoding="utf-8")
    config = Config(corpus=CorpusConfig(dir=folder / "corpus"), index=IndexConfig(dir=folder / "var" / "index"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "open_encoder", partial(build.open_encoder, library=False))
        patch.setattr(sandbox.Sandbox, "parse", parse_some_as_scans)
        build.build_index(config)
    opened = Live(config, library=False)
    opened.load()
    yield opened
    opened.close()


@pytest.fixture
def client(live: Live) -> FlaskClient:
    return create_app(live, Config()).test_client()


def test_answer_quotes_print_but_not_ocr(client: FlaskClient) -> None:
    answers = {
        name: client.get("/api/v1/ask", query_string={"q": f"{what}每人每月補助多少？"}).get_json()
        for name, (_, what) in PLANS.items()
    }
    assert [quote["clause_id"] for quote in answers["print-109"]["answer"]["quotes"]] == ["print-109/1.1.1"]
    assert answers["scan-109"]["answer"] is None
    assert "不引用" in str(answers["scan-109"]["reason"])
    assert answers["scan-109"]["evidence"][0]["clause_id"] == "scan-109/1.1.1"


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.parametrize(
    ("page", "language", "mark"),
    [
        ("/clauses/{}/1.1.1", "zh-Hant", "辨識（OCR）"), ("/clauses/{}/1.1.1", "en", "read by OCR"),
        ("/documents/{}", "zh-Hant", "<dt>文字辨識</dt>"), ("/documents/{}", "en", "<dt>Read by OCR</dt>"),
        ("/search?q=每人每月補助&document={}", "zh-Hant", "引用前請核對原件"),
        ("/search?q=每人每月補助&document={}", "en", "Check the original before quoting"),
    ],
)  # fmt: skip
def test_pages_are_marked(client: FlaskClient, name: str, page: str, language: str, mark: str) -> None:
    sign = "&" if "?" in page else "?"
    html = client.get(f"{page.format(name)}{sign}lang={language}").text
    assert name in html
    assert (mark in html) is (name == "scan-109")


@pytest.mark.parametrize(("name", "pages"), [("scan-109", [1]), ("print-109", None)])
def test_programs_and_terminals_are_told(
    client: FlaskClient, live: Live, name: str, pages: list[int] | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert client.get(f"/api/v1/documents/{name}").get_json()["document"].get("ocr_pages") == pages
    view = live.current().document(name)
    assert view is not None
    show_document(Document(view.info, tuple(view.clauses), tuple(view.indicators), view.account))
    assert ("read by OCR: pages 1;" in capsys.readouterr().out) is (pages is not None)


def test_a_clause_of_another_page_may_be_quoted(live: Live) -> None:
    info = replace(live.current().documents()[0], ocr_pages=(1,))
    clause = Clause("d/1", "d", "narrative", "", (), "文", Span(1, 1, 2), 0)
    assert is_quotable(clause, info)
    assert not is_quotable(replace(clause, span=Span(1, 1, 1)), info)
    assert not is_quotable(replace(clause, damaged=True), info)
