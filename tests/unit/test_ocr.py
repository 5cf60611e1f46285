"""Scanned pages: read where the extra is installed, and then marked."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from indexer import ocr, worker
from indexer import sandbox as module
from indexer.config import CorpusConfig
from indexer.corpus import source_of
from indexer.errors import UnreadableDocument, UnsafeDocument
from indexer.exchange import Job, Refusal, Scans, decode_reply
from indexer.parse import parse_document
from indexer.sandbox import Sandbox

LONG = "（一）辦理就業服務，人數一百二十人，並以多元管道推動職業訓練與技能檢定"  # 35 wide characters a line
REST = "，結合地方政府與民間團體之資源，擴大服務對象與範圍，提升青年之就業能力"
LINES = ("勞動部 109 年度施政計畫", "壹、年度施政目標", "一、促進就業", LONG, REST, "與薪資。")
ENGLISH = ("Ministry of Labor Administrative Plan for 2021", "1. Safer work", "Inspections of 120 factories.")
# A worker that takes the test's own lines for what rapidocr would have read.
WORKER = f"""
from indexer import ocr, worker
from test_ocr_boxes import boxes
ocr.is_installed = lambda: True
ocr._engine = lambda: lambda page: boxes({LINES!r})
worker.main()
"""
BOXES = '''
def boxes(lines):
    """Lines as OCR finds them: boxes of one size of type differ a little in height."""
    return [
        (line, 70.0, 80.0 + 20 * row + row % 2, 70.0 + 13 * len(line), 80.0 + 20 * row + 13 - row % 2)
        for row, line in enumerate(lines)
    ]
'''


def boxes(lines: Sequence[str]) -> list[ocr.Box]:
    found: dict[str, Any] = {}
    exec(BOXES, found)
    made: list[ocr.Box] = found["boxes"](lines)
    return made


def scan(path: Path, pages: int = 1, text: Sequence[str] = ()) -> Path:
    """A PDF of pictures of A4 pages with the text on them."""
    images = []
    for _ in range(pages):
        image = Image.new("L", (1240, 1754), 255)
        for row, line in enumerate(text):
            ImageDraw.Draw(image).text((150, 200 + 60 * row), line, fill=0, font=ImageFont.load_default(36))
        images.append(image)
    images[0].save(path, save_all=True, append_images=images[1:], resolution=150)
    return path


def test_scans_are_counted(tmp_path: Path) -> None:
    assert ocr.count_scans(scan(tmp_path / "plan.pdf", 3)) == 3
    (tmp_path / "plan.txt").write_text("x")
    assert ocr.count_scans(tmp_path / "plan.txt") == 0
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7")
    assert ocr.count_scans(tmp_path / "broken.pdf") == 0


def test_too_many_scans_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "MAX_SCANS", 2)
    with pytest.raises(UnsafeDocument, match=r"plan\.pdf: has 3 pages without a text layer, over 2"):
        ocr.count_scans(scan(tmp_path / "plan.pdf", 3))


def test_lines_become_paragraphs_and_pages_are_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "_engine", lambda: lambda page: boxes(LINES))
    document = parse_document(source_of(scan(tmp_path / "plan.pdf")), read_scans=True)
    assert document.info.ocr_pages == (1,)
    assert (document.info.year_ce, document.info.agency_zh) == (2020, "勞動部")
    last = document.clauses[-1]
    assert (last.kind, last.marker + last.text) == ("goal_clause", f"{LONG}{REST}與薪資。")
    assert (last.section_path, last.span.page) == (("壹、年度施政目標", "一、促進就業"), 1)
    assert document.account.missing == 0


def test_pages_with_nothing_on_them_stay_as_they_are(tmp_path: Path) -> None:
    path = scan(tmp_path / "plan.pdf", 2)
    answers = iter([boxes(LINES[:1]), []])
    blocks, pages = ocr.read_scans(path, lambda page: next(answers))
    assert pages == (1,)
    assert [block.kind for block in blocks if block.span.page == 2] == ["damaged"]
    with pytest.raises(UnreadableDocument, match="no text layer"):
        ocr.read_scans(path, lambda page: [])


def test_an_engine_that_fails_names_file_page_and_remedy(tmp_path: Path) -> None:
    def fail(page: object) -> list[ocr.Box]:
        raise RuntimeError("out of memory")

    with pytest.raises(UnreadableDocument, match=r"plan\.pdf: page 1 .*RuntimeError.*ocr_memory_mib"):
        ocr.read_scans(scan(tmp_path / "plan.pdf"), fail)


def test_without_the_extra_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "is_installed", lambda: False)
    reply = decode_reply(worker.answer(Job(source_of(scan(tmp_path / "plan.pdf")), 10, 500)))
    assert isinstance(reply, Refusal)
    assert "no text layer" in reply.message
    assert "ocr" in str(reply.hint)


def test_with_the_extra_a_second_job_with_its_own_limits_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "test_ocr_boxes.py").write_text(BOXES, encoding="utf-8")
    program = tmp_path / "worker.py"
    program.write_text(f"import sys\nsys.path.append({str(tmp_path)!r})\n{WORKER}", encoding="utf-8")
    monkeypatch.setattr(module, "_PROGRAM", (sys.executable, "-P", str(program)))
    jobs: list[Job] = []
    run = Sandbox._run
    monkeypatch.setattr(Sandbox, "_run", lambda self, job: (jobs.append(job), run(self, job))[1])
    settings = CorpusConfig(parse_seconds=10, parse_memory_mib=500, ocr_page_seconds=7, ocr_memory_mib=600)
    with Sandbox(settings) as sandbox:
        document = sandbox.parse(source_of(scan(tmp_path / "plan.pdf", 2)))
    assert [(job.read_scans, job.seconds, job.memory_mib) for job in jobs] == [(False, 10, 500), (True, 24, 600)]
    assert document.info.ocr_pages == (1, 2)
    assert jobs[1].keys == ("corpus.ocr_page_seconds", "corpus.ocr_memory_mib")


def test_the_time_for_scans_is_bounded_whatever_a_worker_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs: list[Job] = []
    monkeypatch.setattr(Sandbox, "_run", lambda self, job: (jobs.append(job), Scans(10**9))[1])
    with Sandbox(CorpusConfig(parse_seconds=1, ocr_page_seconds=2)) as sandbox, pytest.raises(UnreadableDocument):
        sandbox.parse(source_of(scan(tmp_path / "plan.pdf")))
    assert jobs[1].seconds == 1 + 2 * ocr.MAX_SCANS


def test_a_job_that_was_to_read_scans_and_does_not_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sandbox, "_run", lambda self, job: Scans(1))
    with Sandbox(CorpusConfig()) as sandbox, pytest.raises(UnreadableDocument, match=r"plan\.pdf: .*without a reply"):
        sandbox.parse(source_of(scan(tmp_path / "plan.pdf")))


@pytest.mark.skipif(not ocr.is_installed(), reason="the extra ocr is not installed: see CONTRIBUTING.md, Locks")
def test_rapidocr_reads_a_page(tmp_path: Path) -> None:
    with Sandbox(CorpusConfig()) as sandbox:
        document = sandbox.parse(source_of(scan(tmp_path / "plan.pdf", text=ENGLISH)))
    text = " ".join(f"{clause.marker}{clause.text}" for clause in document.clauses)
    assert "".join(text.split()) == "".join("".join(ENGLISH).split())
    assert document.info.ocr_pages == (1,)
