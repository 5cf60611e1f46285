"""Which files are let through to a parser, and which are not."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from indexer import archives
from indexer.errors import DocumentError, UnreadableDocument, UnsafeDocument, UnsupportedFormat
from indexer.guards import check_contents, check_file, shown

CONTENT = b'<?xml version="1.0"?><office:document-content xmlns:office="o"/>'


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("勞動部 106年度.txt", "勞動部 106年度.txt"),
        ("é.txt", "é.txt"),
        ("👩‍💻.txt", "👩‍💻.txt"),
        ("a\nb", "a\\u000ab"),
        ("\x1b[2J", "\\u001b[2J"),
        ("\x7f", "\\u007f"),
        ("\x9b", "\\u009b"),
        ("a\u202eb", "a\\u202eb"),
        ("\u2028", "\\u2028"),
        ("\udcff", "\\udcff"),
    ],
)
def test_names_are_printed_harmlessly(name: str, expected: str) -> None:
    assert shown(name) == expected


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_files_and_links_inside_the_folder_are_let_through(tmp_path: Path) -> None:
    path = write(tmp_path, "plan.txt", b"12345")
    (tmp_path / "again.txt").symlink_to("plan.txt")
    for name in ("plan.txt", "again.txt"):
        check_file(tmp_path / name, tmp_path, 5)
    check_file(path, None, None)


def test_a_corpus_behind_a_link_is_a_corpus(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    write(tmp_path / "real", "plan.txt", b"x")
    (tmp_path / "corpus").symlink_to("real")
    check_file(tmp_path / "corpus" / "plan.txt", tmp_path / "corpus", 5)


def test_a_link_to_a_neighbour_with_the_same_beginning_is_a_link_out(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus-old").mkdir()
    (tmp_path / "corpus" / "plan.txt").symlink_to(write(tmp_path / "corpus-old", "plan.txt", b"x"))
    with pytest.raises(UnsafeDocument, match="link out of the corpus folder"):
        check_file(tmp_path / "corpus" / "plan.txt", tmp_path / "corpus", 5)


def test_one_byte_too_many(tmp_path: Path) -> None:
    with pytest.raises(UnsafeDocument, match=r"plan\.txt: has 6 bytes, over corpus\.max_file_bytes \(5\)"):
        check_file(write(tmp_path, "plan.txt", b"123456"), None, 5)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("plan.txt", "勞動部".encode()),
        ("plan.txt", "勞動部".encode("utf-16")),
        ("plan.txt", b"see %PDF-1.7"),
        ("plan.md", b"PKW"),
        ("plan.PDF", b"%PDF-1.4\n"),
        ("plan.pdf", b"\xef\xbb\xbf\n junk before \n%PDF-1.4\n"),
        ("plan.unknown", b"text"),
    ],
)
def test_what_a_file_is_by_its_first_bytes(tmp_path: Path, name: str, data: bytes) -> None:
    check_contents(write(tmp_path, name, data))


@pytest.mark.parametrize(
    ("name", "data", "kind", "message"),
    [
        ("plan.txt", b"%PDF-1.4", UnsupportedFormat, "is a PDF file by its content"),
        ("plan.csv", b"PK\x03\x04", UnsupportedFormat, "is a ZIP archive"),
        ("plan.doc", b"{\\rtf1", UnsupportedFormat, "is an RTF file"),
        ("plan.html", bytes.fromhex("d0cf11e0a1b11ae1"), UnsupportedFormat, "old Office file"),
        ("plan.pdf", b"x" * 1100 + b"%PDF-1.4", UnsupportedFormat, "not a .pdf file"),
        ("plan.odt", b"PK\x05\x06" + bytes(18), UnsupportedFormat, "holds no content.xml"),
        ("plan.odt", b"PK\x03\x04", UnreadableDocument, "not a whole .odt file"),
        ("plan.txt", b"", UnreadableDocument, "is empty"),
    ],
)
def test_what_a_file_is_not(tmp_path: Path, name: str, data: bytes, kind: type[DocumentError], message: str) -> None:
    with pytest.raises(kind) as error:
        check_contents(write(tmp_path, name, data))
    assert str(error.value).startswith(f"{name}: ")
    assert message in str(error.value)
    assert error.value.hint


def pack(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_a_bomb_needs_both_ratio_and_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "FREE_BYTES", 100_000)
    check_contents(pack(tmp_path / "small.odt", {"content.xml": CONTENT, "fill": b" " * 90_000}))
    check_contents(pack(tmp_path / "loose.odt", {"content.xml": CONTENT, "fill": b" " * 200_000}, zipfile.ZIP_STORED))
    with pytest.raises(UnsafeDocument, match="a ZIP bomb"):
        check_contents(pack(tmp_path / "bomb.odt", {"content.xml": CONTENT, "fill": b" " * 200_000}))


@pytest.mark.parametrize(
    ("member", "data", "refused"),
    [
        ("content.xml", CONTENT, False),
        ("content.xml", b"<!-- <!DOCTYPE x> -->" + CONTENT.removeprefix(b'<?xml version="1.0"?>'), False),
        ("content.xml", b"<a>&lt;!DOCTYPE x></a>", False),
        ("content.xml", b"<a>" + b"x" * 10**6 + b"<broken", False),
        ("content.xml", b"<!DOCTYPE x><x/>", True),
        ("content.xml", b"\xef\xbb\xbf\n<!DOCTYPE x><x/>".replace(b"\n", b""), True),
        ("content.xml", b"\n<!DOCTYPE x><x/>", True),
        ("content.xml", b"<!--" + b"-" * 1 + b"x" * 200_000 + b"--><!DOCTYPE x><x/>", True),
        ("content.xml", '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x><x/>'.encode("utf-16"), True),
        ("content.xml", '<!DOCTYPE x><x/>'.encode("utf-16-le"), True),
        ("content.xml", b'<?xml version="1.0" encoding="no-such"?><!DOCTYPE x><x/>', True),
        ("content.xml", b'<?xml version="1.0" encoding="big5"?><!DOCTYPE x><x/>', True),
        ("content.xml", b"<<!DOCTYPE x><x/>", True),
        ("evil.bin", b"<!DOCTYPE x><x/>", True),
        ("picture.png", b"\x89PNG<!DOCTYPE x>", False),
        ("META-INF/manifest.xml", b'<!DOCTYPE x SYSTEM "Manifest.dtd"><x/>', False),
        ("META-INF/manifest.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x/>', True),
    ],
)  # fmt: skip
def test_document_types_are_found_however_they_are_written(
    tmp_path: Path, member: str, data: bytes, refused: bool
) -> None:
    path = pack(tmp_path / "plan.odt", {"content.xml": CONTENT, member: data})
    if refused:
        with pytest.raises(DocumentError, match=member):
            check_contents(path)
    else:
        check_contents(path)
