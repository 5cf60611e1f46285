"""A build that holds little: blocks, checkpoints, texts embedded once. What comes out is what holding all would give."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer import build, parts
from indexer.checkpoint import unfinished
from indexer.config import Config, EncoderConfig
from indexer.corpus import Source, list_corpus
from indexer.documents import Documents
from indexer.embed import embed, embedded
from indexer.encode import EmbeddingCache, load_encoder
from indexer.encoding import encoding
from indexer.errors import ConfigError, EngineError, IndexUnwritable
from indexer.grams import GramIndex
from indexer.model import Document, Passage, Vectors
from indexer.pairs import PairIndex
from indexer.parse import parse_document
from indexer.parsecache import ParseCache
from indexer.passages import embedding_text, make_passages, split_sentences
from indexer.postings import Postings, starts_of
from indexer.stored import StoredPassages
from indexer.storing import write_store


@pytest.fixture(scope="module")
def documents(root: Path) -> dict[str, Document]:
    sources = list_corpus(root / "corpus", (".txt",)).sources
    return {source.document_id: parse_document(source) for source in sources}


@pytest.fixture(scope="module")
def passages(documents: dict[str, Document]) -> list[Passage]:
    return make_passages(documents.values())


# --- postings -------------------------------------------------------------------------------------------------------


def test_postings_of_many_blocks_are_those_of_one(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    keys = rng.choice(np.array([3, 7, 2**41, 2**63, 2**63 + 9], dtype=np.uint64), 400)
    docs = np.sort(rng.integers(0, 60, 400)).astype(np.int32)
    postings = Postings(tmp_path)
    for first in range(0, 60, 20):
        own = (docs >= first) & (docs < first + 20)
        postings.add(keys[own], docs[own] - np.int32(first), first)
    assert postings.keys.tolist() == np.unique(keys).tolist()
    starts = starts_of(postings.sizes(postings.keys))
    found: dict[int, tuple[int, int, int]] = {}
    for part in postings.placed(postings.keys, starts):
        rows = zip(part.places, part.rows, part.docnums, part.counts, strict=True)
        found.update({int(place): (int(row), int(doc), int(count)) for place, row, doc, count in rows})
    pairs, counts = np.unique(np.stack([np.searchsorted(np.unique(keys), keys), docs]), axis=1, return_counts=True)
    expected = [(*map(int, pair), int(count)) for pair, count in zip(pairs.T, counts, strict=True)]
    assert [found[place] for place in range(len(found))] == expected


@pytest.mark.parametrize("size", [1, 7, 500])
def test_character_indexes_do_not_depend_on_their_blocks(
    tmp_path: Path, passages: list[Passage], monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    few = [replace(passage, docnum=docnum) for docnum, passage in enumerate(passages[::9])]
    for name in ("whole", "blocks"):
        (tmp_path / name / "pairs").mkdir(parents=True)
        GramIndex.build(few, tmp_path / name)
        PairIndex.build(tmp_path / name / "pairs", ([passage.body] for passage in few))
        for module in ("grams", "pairs"):
            monkeypatch.setattr(f"indexer.{module}.BLOCK", size)
    files = sorted(path.relative_to(tmp_path / "whole") for path in (tmp_path / "whole").rglob("*.npy"))
    assert len(files) == 14
    for file in files:
        assert (tmp_path / "whole" / file).read_bytes() == (tmp_path / "blocks" / file).read_bytes(), file
    GramIndex.build(few).save(tmp_path / "whole")
    assert (tmp_path / "whole" / "body-impacts.npy").read_bytes() == (
        tmp_path / "blocks" / "body-impacts.npy"
    ).read_bytes()


# --- passages and documents -----------------------------------------------------------------------------------------


def test_stored_passages_are_those_of_the_documents(
    tmp_path: Path, documents: dict[str, Document], passages: list[Passage]
) -> None:
    write_store(tmp_path, documents.values(), {})
    stored = StoredPassages(tmp_path)
    assert len(stored) == len(passages)
    assert list(stored) == passages
    assert stored[-1] == passages[-1]
    assert stored[5:400:7] == passages[5:400:7]


def test_documents_that_are_not_held_are_read_again(
    tmp_path: Path, documents: dict[str, Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.documents.HELD", 1)
    known, parsed = ParseCache(tmp_path), []
    held = documents_of(known, documents, tmp_path, parsed)
    assert dict(held) == documents
    assert parsed == []
    for path in tmp_path.glob("*.json"):
        path.unlink()
    assert dict(held) == documents
    assert len(parsed) == len(documents) - 1  # the first one was held


def documents_of(known: ParseCache, found: dict[str, Document], folder: Path, parsed: list[str]) -> Documents:
    def parse(source: Source) -> Document:
        parsed.append(source.document_id)
        return found[source.document_id]

    made = Documents(known, parse)
    for name, document in found.items():
        path = folder / f"{name}.txt"
        path.write_text(name, encoding="utf-8")
        source = Source(path, name, build.hashlib.sha256(name.encode()).hexdigest(), None)
        made.add(source, known.put(source, document), document)
    return made


# --- vectors --------------------------------------------------------------------------------------------------------


class Lengths:
    """An encoder whose vector of a text is its length; it fails when it was asked for too many."""

    def __init__(self, most: int = 10**9) -> None:
        self.asked: list[str] = []
        self._most = most

    def __call__(self, texts: list[str]) -> Vectors:
        self.asked += texts
        if len(self.asked) > self._most:
            raise KeyboardInterrupt
        return np.array([[len(text), hash(text) % 1000] for text in texts], dtype=np.float32).reshape(-1, 2)


def test_every_different_text_is_embedded_once(
    tmp_path: Path, passages: list[Passage], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("indexer.embed.CHUNK", 64)
    texts = [embedding_text(one) for one in passages]
    own = [(one.docnum, text) for one in passages if not one.fragments for text in split_sentences(one.body)]
    first, second = Lengths(most=300), Lengths()
    with closing(EmbeddingCache(tmp_path / "cache", "m", 2)) as cache:
        with pytest.raises(KeyboardInterrupt):
            embed(tmp_path, passages, lambda lists: map(first, lists), cache)
        embed(tmp_path, passages, lambda lists: map(second, lists), cache)
    whole, sentences, owners = embedded(tmp_path, 2)
    assert owners.tolist() == [docnum for docnum, _ in own]
    assert np.array_equal(whole[:], Lengths()(texts))
    assert np.array_equal(sentences[:], Lengths()([text for _, text in own]))
    kept = first.asked[:256]  # what was whole when it was interrupted
    assert sorted(kept + second.asked) == sorted({*texts, *(text for _, text in own)})


def test_several_processes_encode_in_order_and_end(passages: list[Passage], monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = load_encoder(library=False)
    lists = [[passage.body for passage in passages[start : start + 40]] for start in range(0, 240, 40)] + [[]]
    started: list[subprocess.Popen[bytes]] = []
    really = subprocess.Popen

    def remembered(*arguments: object, **named: object) -> subprocess.Popen[bytes]:
        started.append(really(*arguments, **named))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", remembered)
    with encoding(encoder, EncoderConfig(), 2) as encode:
        for vectors, texts in zip(encode(lists), lists, strict=True):
            assert vectors == pytest.approx(encoder.encode_passages(texts), abs=1e-6)
        started[0].kill()
        started[0].wait()
        with pytest.raises(EngineError, match="has ended"):
            list(encode(lists))
    assert started[0].returncode == -signal.SIGKILL


# --- parts ----------------------------------------------------------------------------------------------------------


def test_parts_that_are_whole_are_kept_and_others_made_again(tmp_path: Path) -> None:
    def build_with(stop_at: str) -> list[str]:
        made: list[str] = []

        def write(path: Path) -> None:
            made.append(path.name)
            path.mkdir()
            (path / "file").write_text(path.name)
            if path.name == stop_at:
                raise KeyboardInterrupt

        with unfinished(tmp_path, "contents") as one:
            for name in ("store", "words", "vectors"):
                one.make(name, write)
            assert sorted(one.digests) == ["store/file", "vectors/file", "words/file"]
        return made

    with pytest.raises(KeyboardInterrupt):
        build_with("vectors")
    (tmp_path / ".building-contents" / "parts" / "words" / "file").write_text("torn")
    assert build_with("") == ["words", "vectors"]
    assert build_with("") == []


def test_a_build_that_fails_gives_its_room_back(tmp_path: Path) -> None:
    def build_in(folder: Path) -> None:
        with unfinished(folder, "contents") as one:
            one.make("store", Path.mkdir)
            one.make("words", lambda path: (path / "no" / "folder").mkdir())

    with pytest.raises(IndexUnwritable, match="words"):
        build_in(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_build_that_was_stopped_goes_on_with_the_part_it_was_at(
    config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    plan = "勞動部 109 年度施政計畫\n\n壹、年度施政目標\n一、促進就業\n（一）辦理就業服務。\n"
    (corpus / "plan-109.txt").write_text(plan, encoding="utf-8")
    index = config.index.model_copy(update={"dir": config.index.dir.parent / "stopped"})  # with the caches of others
    small = config.model_copy(update={"corpus": config.corpus.model_copy(update={"dir": corpus}), "index": index})
    made: list[str] = []

    def stopped(name: str, folder: Path, job: parts.Job) -> None:
        made.append(name)
        if len(made) == 3:
            raise KeyboardInterrupt
        parts.write_part(name, folder, job)

    monkeypatch.setattr(build, "write_part", stopped)
    with pytest.raises(KeyboardInterrupt):
        build.build_index(small)
    monkeypatch.setattr(build, "write_store", None)  # it would fail if it were called again
    report = build.build_index(small)
    assert made == ["keyword", "terms", "grams", "grams", "columns"]
    assert (report.published, report.embedded) == (True, 0)
    assert sorted(path.name for path in index.dir.iterdir()) == sorted([report.generation, "current", "lock"])


# --- processes ------------------------------------------------------------------------------------------------------


def test_a_part_written_elsewhere_is_the_same_and_its_errors_come_back(
    tmp_path: Path, documents: dict[str, Document]
) -> None:
    write_store(tmp_path, list(documents.values())[:1], {})
    job = parts.Job(tmp_path, {"keyword": "whoosh", "vector": "Flat"}, tmp_path)
    parts.write_part("columns", tmp_path / "here", job)
    parts.write_part_elsewhere("columns", tmp_path / "there", job)
    for path in (tmp_path / "here").iterdir():
        assert path.read_bytes() == (tmp_path / "there" / path.name).read_bytes()
    with pytest.raises(IndexUnwritable, match="there"):
        parts.write_part_elsewhere("columns", tmp_path / "there", job)
    (tmp_path / "editors.yaml").write_text("synonyms: 3", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"editors\.yaml"):
        parts.write_part_elsewhere("columns", tmp_path / "more", job)


def test_a_part_written_elsewhere_ends_with_the_build(tmp_path: Path, documents: dict[str, Document]) -> None:
    """Otherwise the next build, which goes on, would find it writing."""
    write_store(tmp_path, documents.values(), {})
    code = (
        "import sys; from pathlib import Path; from indexer import parts; folder = Path(sys.argv[1]);"
        "parts.write_part_elsewhere('keyword', folder / 'k', parts.Job(folder, {'keyword': 'whoosh'}, folder))"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    child = ""
    while not child and parent.poll() is None:
        time.sleep(0.02)
        child = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().strip()
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    ending = time.monotonic() + 10
    while Path(f"/proc/{child}").exists() and "indexer.parts" in Path(f"/proc/{child}/cmdline").read_text():
        assert time.monotonic() < ending
        time.sleep(0.02)
