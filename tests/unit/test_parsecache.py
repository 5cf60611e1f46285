"""A document is parsed again exactly when something that decides its parse has changed."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from indexer import parsecache
from indexer.corpus import Source, list_corpus, source_of
from indexer.model import Document
from indexer.parse import parse_document
from indexer.parsecache import KEPT_SECONDS, ParseCache, parser_fingerprint

PLAN = "勞動部 109 年度施政計畫\n\n壹、年度施政目標\n一、促進就業\n（一）辦理就業服務，人數 120 人。\n"
ENTRY = "documents:\n  - {{id: plan, file: plan.txt, title: {{zh: {title}, en: P}}, agency: {{zh: 部, en: M}}, plan_year: 109}}\n"


@pytest.fixture
def source(tmp_path: Path) -> Source:
    path = tmp_path / "plan.txt"
    path.write_text(PLAN, encoding="utf-8")
    return source_of(path)


@pytest.fixture
def document(source: Source) -> Document:
    return parse_document(source)


@pytest.fixture
def cache(tmp_path: Path) -> ParseCache:
    return ParseCache(tmp_path / "cache" / "documents")


def entry_of(cache: ParseCache) -> Path:
    (path,) = cache._folder.iterdir()
    return path


def listed(folder: Path, title: str) -> Source:
    (folder / "corpus.yaml").write_text(ENTRY.format(title=title), encoding="utf-8")
    (source,) = list_corpus(folder, [".txt"]).sources
    return source


def test_what_was_put_comes_back_equal(cache: ParseCache, source: Source, document: Document) -> None:
    assert cache.look(source) is cache.read(source) is None
    known = cache.put(source, document)
    assert known.clauses == len(document.clauses)
    assert cache.look(source) == known
    assert cache.read(source) == document
    assert repr(cache.read(source)) == repr(document)
    assert (cache.hits, cache.misses) == (1, 1)


def test_the_folder_of_the_file_does_not_matter(cache: ParseCache, source: Source, document: Document) -> None:
    cache.put(source, document)
    assert cache.read(replace(source, path=Path("/elsewhere") / source.path.name)) == document


def test_everything_else_does(cache: ParseCache, source: Source, document: Document, tmp_path: Path) -> None:
    cache.put(source, document)
    assert cache.read(replace(source, sha256="0" * 64)) is None
    assert cache.read(replace(source, document_id="another")) is None
    assert cache.read(replace(source, path=source.path.with_name("other.txt"))) is None
    first = listed(tmp_path, "計畫")
    assert cache.read(first) is None
    cache.put(first, document)
    assert cache.read(listed(tmp_path, "計畫")) == document
    assert cache.read(listed(tmp_path, "另一計畫")) is None


@pytest.mark.parametrize("change", ["source", "version", "library"])
def test_another_parser_serves_no_old_trees(
    cache: ParseCache, source: Source, document: Document, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.put(source, document)
    before = parser_fingerprint()
    if change == "source":
        read = Path.read_bytes
        monkeypatch.setattr(Path, "read_bytes", lambda path: read(path) + b"#" * (path.name == "clauses.py"))
    elif change == "version":
        monkeypatch.setattr(parsecache, "PARSER_VERSION", parsecache.PARSER_VERSION + 1)
    else:
        known = metadata.version
        monkeypatch.setattr(parsecache, "version", lambda name: "9.9" if name == "pypdfium2" else known(name))
    parser_fingerprint.cache_clear()
    try:
        assert parser_fingerprint() != before
        assert cache.read(source) is None
    finally:
        monkeypatch.undo()
        parser_fingerprint.cache_clear()
    assert cache.read(source) == document


@pytest.mark.parametrize(
    "spoil",
    [
        lambda entry: b"",
        lambda entry: entry[:-1],
        lambda entry: entry[:70] + b"x" + entry[71:],
        lambda entry: entry.replace("就業服務".encode(), "就醫服務".encode()),
        lambda entry: b"not ours",
        lambda entry: entry[:64],
        lambda entry: parsecache.hashlib.sha256(b"{}").hexdigest().encode() + b"{}",
    ],
)
def test_a_spoilt_entry_is_ignored_and_written_anew(
    cache: ParseCache, source: Source, document: Document, spoil: object
) -> None:
    cache.put(source, document)
    path = entry_of(cache)
    path.write_bytes(spoil(path.read_bytes()))
    assert cache.read(source) is None
    cache.put(source, document)
    assert cache.read(source) == document
    assert entry_of(cache) == path


def test_old_entries_go_and_used_ones_stay(cache: ParseCache, source: Source, document: Document) -> None:
    cache.put(source, document)
    old = time.time() - KEPT_SECONDS - 60
    os.utime(entry_of(cache), (old, old))
    cache.read(source)
    cache.sweep()
    assert cache.read(source) == document
    os.utime(entry_of(cache), (old, old))
    cache.sweep()
    assert cache.read(source) is None


def test_a_file_that_changed_while_it_was_parsed_is_not_kept(
    cache: ParseCache, source: Source, document: Document
) -> None:
    source.path.write_text(PLAN.replace("120", "121"), encoding="utf-8")
    cache.put(source, document)
    assert cache.read(source) is None


def test_a_folder_that_cannot_be_written_is_no_failure(cache: ParseCache, source: Source, document: Document) -> None:
    cache._folder.rmdir()
    cache.put(source, document)
    assert cache.read(source) is None
