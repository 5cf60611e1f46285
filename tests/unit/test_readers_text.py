"""Text files in every encoding, and what is refused with advice."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from indexer.errors import DocumentError, UnreadableDocument, UnsupportedFormat
from indexer.readers import READERS, read_blocks, text_encoding
from indexer.readers.encoding import Decoded, decode

ZH = "勞動部108年度施政計畫\n壹、年度施政目標\n一、推動最低工資法制，保障勞工基本生活。\n"
HANS = "劳动部施政计划\n一、推动最低工资法制，保障劳动者基本生活。\n"
EN = "Labour Plan 2024\n1. Protect workers.\n"


@pytest.mark.parametrize(
    ("text", "raw", "encoding"),
    [
        (ZH, ZH.encode(), "utf-8"),
        (ZH, ZH.encode("utf-8-sig"), "utf-8-sig"),
        (ZH, ZH.encode("utf-16"), "utf-16"),
        (ZH, ZH.encode("utf-16-le"), "utf-16-le"),
        (ZH, ZH.encode("utf-16-be"), "utf-16-be"),
        (EN, EN.encode("utf-16-le"), "utf-16-le"),
        (ZH, ZH.encode("utf-32"), "utf-32"),
        (ZH, ZH.encode("cp950"), "cp950"),
        (ZH + "‧裏恒碁銹", (ZH + "‧裏恒碁銹").encode("cp950"), "cp950"),
        (ZH + "嘅咗", (ZH + "嘅咗").encode("big5hkscs"), "big5hkscs"),
        (ZH, ZH.encode("gb18030"), "gb18030"),
        (HANS, HANS.encode("gb18030"), "gb18030"),
        (EN, EN.encode("ascii"), "utf-8"),
    ],
    ids=["utf-8", "mark", "utf-16", "utf-16 LE", "utf-16 BE", "English utf-16", "utf-32", "cp950", "cp950 punctuation", "hkscs",
         "gb, traditional", "gb, simplified", "ascii"],
)  # fmt: skip
def test_encoding(text: str, raw: bytes, encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.txt"
    path.write_bytes(raw)
    assert [block.text for block in read_blocks(path)] == text.splitlines()
    assert text_encoding(path) == encoding


def test_short_texts_are_never_taken_for_another_encoding(root: Path) -> None:
    """Every clause of a plan by itself, from 2 characters on: statistics over whole languages fail on them."""
    tree = json.loads((root / "tests" / "golden" / "mol-108-plan.json").read_text(encoding="utf-8"))
    wrong = [
        (encoding, clause["text"])
        for clause in tree["clauses"]
        for encoding in ("cp950", "gb18030", "utf-16-le", "utf-16-be")
        if decode(clause["text"].encode(encoding)) != Decoded(clause["text"], encoding)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "raw", "error", "words"),
    [
        ("a.txt", b"", UnreadableDocument, "holds no text"),
        ("a.txt", b" \n\t\n", UnreadableDocument, "holds no text"),
        ("a.txt", bytes(range(128, 256)) * 9, UnreadableDocument, "save it as UTF-8"),
        ("a.txt", "Ministry’s “plan”".encode("cp1252"), UnreadableDocument, "save it as UTF-8"),
        ("a.txt", b"PK\x03\x04\x00\x00\x00abc", UnreadableDocument, "real format"),
        ("a.md", b"", UnreadableDocument, "holds no text"),
        ("a.html", b"<p> </p>", UnreadableDocument, "holds no text"),
        ("a.csv", b"", UnreadableDocument, "holds no text"),
        ("a.jsonl", b"\n", UnreadableDocument, "holds no text"),
        ("a.docx", b"no zip", UnreadableDocument, "save it again"),
        ("a.odt", b"no zip", UnreadableDocument, "save it again"),
        ("a.ods", b"", UnreadableDocument, "save it again"),
        ("a.pdf", b"no pdf", UnreadableDocument, "save it again"),
        ("a.doc", b"\xd0\xcf\x11\xe0", UnsupportedFormat, "soffice --headless --convert-to odt a.doc"),
        ("a.RTF", b"{\\rtf1}", UnsupportedFormat, "soffice --headless --convert-to odt a.RTF"),
        ("a.xls", b"\xd0\xcf\x11\xe0", UnsupportedFormat, "soffice --headless --convert-to ods a.xls"),
        ("a.xlsx", b"PK", UnsupportedFormat, "soffice --headless --convert-to ods a.xlsx"),
        ("a.xyz", b"x", UnsupportedFormat, "Known: .csv, .docx"),
        ("a", b"x", UnsupportedFormat, "files without a suffix"),
    ],
)  # fmt: skip
def test_refused(name: str, raw: bytes, error: type[DocumentError], words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(error) as refused:
        read_blocks(tmp_path / name)
    assert str(refused.value).startswith(name)
    assert words in str(refused.value)


@pytest.mark.parametrize("suffix", [suffix for suffix in READERS if suffix not in (".doc", ".rtf", ".xls", ".xlsx")])
def test_missing_file(suffix: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match=f"missing{suffix}"):
        read_blocks(tmp_path / f"missing{suffix}")


def test_libraries_are_loaded_with_the_first_file_of_their_format() -> None:
    program = "import sys, indexer.readers; print([m for m in ('docx', 'odfdo', 'pdfplumber', 'pypdfium2', 'lxml', 'markdown_it') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_form_feed_ends_a_page(tmp_path: Path) -> None:
    path = tmp_path / "plan.txt"
    path.write_text("第一頁的文字。\n\f第二頁的文字。\n", encoding="utf-8")
    assert [(block.text, block.page_start, block.span.first_line) for block in read_blocks(path)] == [
        ("第一頁的文字。", True, 1),
        ("第二頁的文字。", True, 2),
    ]
