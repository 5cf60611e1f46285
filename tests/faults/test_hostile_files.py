"""Files that break parsers: each gives one message that names it and a remedy, or does no harm; the others are indexed."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from indexer.generations import current_generation, read_manifest, verify
from search_app.cli import main as cli

from .makers import (
    ENCRYPTED,
    LAUGHS,
    LOCKED,
    MANIFEST,
    QUADRATIC,
    WIDE_CELL,
    XXE_FILE,
    XXE_HTTP,
    locked_zip,
    lying,
    odt,
    ole,
    packed,
    pdf,
    plan,
    with_doctype,
    with_links,
    with_wide_cell,
    word,
)

MIB = 1024 * 1024
PARENT_MIB = 600
SECONDS = 20  # corpus.parse_seconds of these builds

# --- the cases --------------------------------------------------------------------------------------------------------

TITLE = "Ministry of Labor Administrative Plan 2021\n"
HTML = f"<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1>"
ROW = {"_id": "a", "title": TITLE, "text": "勞動部 122 年度施政計畫"}


def random_bytes(suffix: str) -> bytes:
    return random.Random(suffix).randbytes(20_000)


# file name -> (what is in it, a part of the message; None when it is parsed and does no harm)
CASES: dict[str, tuple[Callable[[], bytes], str | None]] = {
    # archives
    "bomb-word.docx": (lambda: word(**{"word/media/fill.xml": b" " * (60 * MIB)}), "a ZIP bomb"),
    "bomb-odf.odt": (lambda: odt(**{"styles.xml": b" " * (60 * MIB)}), "a ZIP bomb"),
    "nested.odt": (lambda: odt(**{"inner.zip": packed({"in.zip": packed({"fill": b"0" * (60 * MIB)})})}), None),
    "zip-of-zips.docx": (lambda: packed({"a.zip": packed({"b.zip": packed({"c": b"0" * MIB})})}), "holds no"),
    "lying.odt": (lambda: lying(odt()), "is not a whole .odt file"),
    "entries.odt": (lambda: odt(**{f"n{number}": b"" for number in range(10_001)}), "packed files"),
    "locked-zip.odt": (lambda: locked_zip(odt()), "encrypted with a password"),
    "encrypted-odf.odt": (lambda: odt(encryption=ENCRYPTED), "encrypted with a password"),
    "encrypted-word.docx": (lambda: ole("EncryptedPackage"), "encrypted with a password"),
    "old-word.docx": (lambda: ole("WordDocument"), "old Office file"),
    "old.doc": (lambda: ole("WordDocument"), "are not read"),
    # XML
    "laughs-odf.odt": (lambda: odt("&j;", LAUGHS), "declares a document type"),
    "laughs-word.docx": (lambda: word(with_doctype(LAUGHS)), "declares a document type"),
    "laughs-manifest.odt": (lambda: odt(manifest=f'<?xml version="1.0"?>{LAUGHS}{MANIFEST}'), "declares a document type"),
    "old-manifest.odt": (lambda: odt(manifest=f'<!DOCTYPE manifest:manifest SYSTEM "Manifest.dtd">{MANIFEST}'), None),
    "quadratic.odt": (lambda: odt("&a;" * 50_000, QUADRATIC), "declares a document type"),
    "xxe-file.odt": (lambda: odt("&a;", XXE_FILE), "declares a document type"),
    "xxe-http.odt": (lambda: odt("", XXE_HTTP), "declares a document type"),
    "xxe-styles.docx": (lambda: word(with_doctype(XXE_FILE), "word/styles.xml"), "declares a document type"),
    "xxe-utf16.odt": (lambda: odt("&a;", XXE_FILE, encoding="utf-16"), "declares a document type"),
    "utf16.odt": (lambda: odt(encoding="utf-16"), None),
    "external.docx": (lambda: word(with_links, "word/_rels/document.xml.rels"), None),
    # broken and mistaken files
    "truncated-word.docx": (lambda: word()[:9000], "is not a whole .docx file"),
    "truncated-odf.odt": (lambda: odt()[:-300], "is not a whole .odt file"),
    "truncated-pdf.pdf": (lambda: pdf()[:300], "damaged, encrypted or no PDF file"),
    "truncated.jsonl": (lambda: (json.dumps(ROW) + "\n" + json.dumps(ROW)[:40]).encode(), "line 2 is no JSON"),
    "empty-text.txt": (lambda: b"", "is empty"),
    "empty-word.docx": (lambda: b"", "is empty"),
    "empty-pdf.pdf": (lambda: b"", "is empty"),
    "pdf-inside.txt": (pdf, "is a PDF file by its content"),
    "word-inside.txt": (word, "is a ZIP archive"),
    "word-inside-odf.odt": (word, "holds no content.xml"),
    "odf-inside.docx": (odt, "holds no [Content_Types].xml"),
    "text-inside-word.docx": (lambda: plan(1).encode(), "plain text or something unknown"),
    "text-inside.pdf": (lambda: plan(1).encode(), "plain text or something unknown"),
    "random-text.txt": (lambda: random_bytes("txt"), "neither UTF-8 nor"),
    "random-word.docx": (lambda: random_bytes("docx"), "by its content, not a .docx file"),
    "random-odf.odt": (lambda: random_bytes("odt"), "by its content, not a .odt file"),
    "random-sheet.ods": (lambda: random_bytes("ods"), "by its content, not a .ods file"),
    "random-pdf.pdf": (lambda: random_bytes("pdf"), "by its content, not a .pdf file"),
    "random-in-zip.docx": (lambda: b"PK\x03\x04" + random_bytes("zip"), "is not a whole .docx file"),
    "random-in-pdf.pdf": (lambda: b"%PDF-1.7\n" + random_bytes("in pdf"), "damaged, encrypted or no PDF file"),
    "random-page.html": (lambda: random_bytes("html"), "neither UTF-8 nor"),
    "random-marks.md": (lambda: random_bytes("md"), "neither UTF-8 nor"),
    "random-table.csv": (lambda: random_bytes("csv"), "neither UTF-8 nor"),
    "random-lines.jsonl": (lambda: random_bytes("jsonl"), "neither UTF-8 nor"),
    # PDF
    "encrypted-pdf.pdf": (lambda: pdf(more=LOCKED), "without a password"),
    "page-circle.pdf": (lambda: pdf(kids="2 0 R 3 0 R", count=2), "its page tree is broken: 2 pages by its count, 1 in the tree"),
    "page-count.pdf": (lambda: pdf(count=2_000_000_000), None),
    "page-size.pdf": (lambda: pdf(box="0 0 1000000000 1000000000"), None),
    # text
    "deep-page.html": (lambda: (HTML + "<div>" * 100_000 + "x").encode(), "deep-page.html: not HTML"),
    "attribute.html": (lambda: (HTML + f'<p title="{"a" * 10 * MIB}">x</p>').encode(), None),
    "deep-lines.jsonl": (lambda: b"[" * 1_000_000, "deep-lines.jsonl"),
    "surrogate.jsonl": (lambda: json.dumps({**ROW, "text": "\ud800"}).encode(), None),
    "steering.jsonl": (lambda: (json.dumps({**ROW, "_id": "\x1b[31m"}) + "\n").encode() * 2, "the same id \\u001b[31m"),
    "surrogates.txt": (lambda: (plan(123) + "\ud800" * 9).encode("utf-8", "surrogatepass"), "neither UTF-8 nor"),
    "random-utf16.txt": (lambda: random.Random(1).randbytes(3000).replace(b"\n", b"\0"), "neither UTF-8 nor"),
    "nulls.txt": (lambda: b"\0" * 10_000, "binary data"),
    "nulls-between.txt": (lambda: plan(124).encode() + b"\0" * 100, "binary data"),
    "markers.txt": (lambda: (plan(125) + "（一" * 60_000).encode(), "is one piece of"),
    "short-markers.txt": (lambda: (plan(126) + "（一" * 3_000).encode(), None),
    "marker-lines.txt": (lambda: (plan(127) + "（一）\n1.\n" * 100).encode(), None),
    "columns.txt": (lambda: (plan(128) + "x\t" * 20_000 + "\n").encode(), None),
    "targets.txt": (lambda: (plan(128) + "績效指標\t" + "目標值\t" * 6_000 + "\n甲\t" + "1%\t" * 6_000 + "\n").encode(), None),
    "wide-word.docx": (lambda: word(with_wide_cell), None),
    "wide-odf.odt": (lambda: odt(WIDE_CELL), None),
    "numbers.html": (lambda: (HTML + "<ol type=I start=999999999><li>x</ol>").encode(), None),
    "one-line.txt": (lambda: (plan(129) + "勞" * 150_000).encode(), "is one piece of"),
    "digits.txt": (lambda: (plan(130) + "9" * 5_000 + "萬人\n").encode(), None),
}  # fmt: skip
SLOW_CASES: dict[str, tuple[Callable[[], bytes], str | None]] = {
    "large-bomb.docx": (lambda: word(**{"word/media/fill.xml": b" " * (1000 * MIB)}), "a ZIP bomb"),
    "cell.csv": (lambda: ('_id,title,text\na,x,"' + "x" * 50 * MIB + '"\n').encode(), "cell.csv"),
    "many-columns.txt": (lambda: (plan(128) + "x\t" * 1_000_000 + "\n").encode(), "many-columns.txt"),
    "large-one-line.txt": (lambda: (plan(131) + "勞動" * 15_000_000).encode(), "large-one-line.txt"),
    "many-marker-lines.txt": (lambda: (plan(132) + "（一）\n1.\n" * 1_000_000).encode(), "many-marker-lines.txt"),
}
LISTED = (
    "truncated.jsonl",
    "steering.jsonl",
    "deep-lines.jsonl",
    "surrogate.jsonl",
    "random-lines.jsonl",
    "random-table.csv",
    "cell.csv",
)
FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "passwd.txt": (lambda path: path.symlink_to("/etc/passwd"), "a link out of the corpus folder"),
    "outside.txt": (lambda path: path.symlink_to("../outside/plan.txt"), "a link out of the corpus folder"),
    "loop.txt": (lambda path: path.symlink_to("loop.txt"), "cannot be opened"),
    "nowhere.txt": (lambda path: path.symlink_to("gone"), "cannot be opened"),
    "pipe.txt": (lambda path: os.mkfifo(path), "is a named pipe"),
    "folder.txt": (lambda path: path.mkdir(), "is a folder"),
    "socket.txt": (lambda path: bind(path), "is a socket"),
    "two\nlines.txt": (lambda path: path.write_text("x"), "control or unreadable characters"),
    "\x1b[31mred.txt": (lambda path: path.write_text("x"), "control or unreadable characters"),
    "plan-\u202etxt.pdf.txt": (lambda path: path.write_text("x"), "control or unreadable characters"),
    os.fsdecode(b"\xff\xfe.txt"): (lambda path: path.write_text("x"), "control or unreadable characters"),
    "huge.txt": (lambda path: sparse(path, 500 * MIB), "over corpus.max_file_bytes"),
}  # fmt: skip


def bind(path: Path) -> None:
    """A socket in the file system; bound by a short name, for its path may be too long."""
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path.name)
    finally:
        os.chdir(here)


def sparse(path: Path, size: int) -> None:
    with path.open("wb") as handle:
        handle.truncate(size)


def listing(names: Sequence[str]) -> str:
    """corpus.yaml for collections, which print no year."""
    entries = [
        f"  - {{id: {Path(name).stem}, file: {name}, title: {{zh: 計畫, en: Plan}}, agency: {{zh: 部, en: M}}, plan_year: 122}}\n"
        for name in names
    ]
    return "documents:\n" + "".join(entries)


def build(index: Path, *corpora: Path) -> list[dict[str, Any]]:
    """Build one after the other in a process of their own; what measured_build.py prints."""
    program = Path(__file__).with_name("measured_build.py")
    command = [sys.executable, str(program), str(index), str(SECONDS), *map(str, corpora)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    outcomes: list[dict[str, Any]] = json.loads(done.stdout)
    return outcomes


def corpora(folder: Path, cases: dict[str, tuple[Callable[[], bytes], str | None]]) -> tuple[Path, Path]:
    """A corpus of one plan, and one of the same, another plan and every case."""
    before, corpus = folder / "before", folder / "corpus"
    for made, years in ((before, (109,)), (corpus, (109, 110))):
        made.mkdir()
        for year in years:
            (made / f"good-{year}.txt").write_text(plan(year), encoding="utf-8")
    (folder / "outside").mkdir()
    (folder / "outside" / "plan.txt").write_text(plan(108), encoding="utf-8")
    for name, (content, _) in cases.items():
        (corpus / name).write_bytes(content())
    (corpus / "corpus.yaml").write_text(listing([name for name in LISTED if name in cases]), encoding="utf-8")
    return before, corpus


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("hostile")
    before, corpus = corpora(folder, CASES)
    for name, (make, _) in FILES.items():
        make(corpus / name)
    index = folder / "var" / "index"
    first, last = build(index, before, corpus)
    return {"index": index, "corpus": corpus, "first": first, **last}


def shown(name: str) -> str:
    return "".join(f"\\u{ord(char):04x}" if not char.isprintable() else char for char in name)


def message_of(outcome: dict[str, Any], name: str) -> str:
    return str(outcome["failed"].get(shown(name), ""))


@pytest.mark.parametrize("name", list(CASES))
def test_each_case_gives_its_message_or_is_harmless(hostile: dict[str, Any], name: str) -> None:
    expected = CASES[name][1]
    if expected is None:
        assert message_of(hostile, name) == ""
        assert Path(name).stem in hostile["clauses"]
    else:
        assert expected in message_of(hostile, name)


@pytest.mark.parametrize("name", list(FILES), ids=shown)
def test_what_is_no_file_of_the_folder_is_told(hostile: dict[str, Any], name: str) -> None:
    assert FILES[name][1] in message_of(hostile, name)


def test_every_message_names_its_file_and_a_remedy_and_no_more(hostile: dict[str, Any]) -> None:
    for name, message in hostile["failed"].items():
        assert message.startswith(f"{name}: "), message
        assert message.count(". ") >= 1, message
        assert message.isprintable(), message
        assert len(message) < 400, message
        assert "root:" not in message


def test_the_rest_is_indexed_and_the_previous_generation_is_whole(hostile: dict[str, Any]) -> None:
    assert {"good-109", "good-110"} <= hostile["clauses"].keys()
    assert hostile["published"]
    assert current_generation(hostile["index"]) == hostile["generation"]
    previous = hostile["index"] / hostile["first"]["generation"]
    verify(previous, read_manifest(previous))


def test_nothing_hangs_and_the_parent_stays_small(hostile: dict[str, Any]) -> None:
    assert hostile["slowest"] < 30
    assert hostile["peak_mib"]["read"] < PARENT_MIB
    assert max(hostile["peak_mib"].values()) < PARENT_MIB


def test_the_command_ends_with_3_and_names_each_file(hostile: dict[str, Any], tmp_path: Path) -> None:
    """On what is built already, so that no encoder needs to be loaded."""
    config = tmp_path / "config.yaml"
    config.write_text(
        f"corpus: {{dir: {hostile['corpus']}, parse_seconds: 2}}\nindex: {{dir: {hostile['index']}}}\n",
        encoding="utf-8",
    )
    done = CliRunner().invoke(cli, ["index", "--config", str(config)])
    assert done.exit_code == 3, done.output
    told = {line.removeprefix("not indexed: ").split(": ")[0] for line in done.output.splitlines()}
    assert hostile["failed"].keys() <= told
    assert current_generation(hostile["index"]) == hostile["generation"]


@pytest.mark.slow
def test_large_files_beside_the_shipped_corpus(tmp_path: Path, root: Path) -> None:
    before, corpus = corpora(tmp_path, SLOW_CASES)
    for path in (root / "corpus").glob("*.txt"):
        (corpus / path.name).write_bytes(path.read_bytes())
    (corpus / "corpus.yaml").write_text(
        (root / "corpus" / "corpus.yaml").read_text("utf-8") + listing(["cell.csv"]).removeprefix("documents:\n"),
        encoding="utf-8",
    )
    _, outcome = build(tmp_path / "var" / "index", before, corpus)
    assert {name for name in SLOW_CASES if SLOW_CASES[name][1] in message_of(outcome, name)} == set(SLOW_CASES)
    assert {"mol-106-plan", "mol-108-plan", "mol-sdg-2021"} <= outcome["clauses"].keys()
    assert outcome["slowest"] < 30
    assert max(outcome["peak_mib"].values()) < PARENT_MIB
