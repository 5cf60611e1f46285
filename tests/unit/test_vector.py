"""Cosine over passages and sentences, against numpy."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import ConfigError, EngineError
from indexer.model import Candidate, DocNums, Vectors
from indexer.vector import build_vectors, open_vectors
from indexer.vector_flat import FlatVectorIndex
from indexer.vector_listed import ListedVectorIndex

SIZE = 8


def unit(rng: np.random.Generator, rows: int) -> Vectors:
    vectors = rng.standard_normal((rows, SIZE)).astype(np.float32)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def make(folder: Path, passages: int, sentences: int, seed: int = 0) -> tuple[Vectors, Vectors, DocNums]:
    rng = np.random.default_rng(seed)
    docnums = rng.integers(0, max(passages, 1), sentences if passages else 0)  # in any order, some passages without
    whole, parts = unit(rng, passages), unit(rng, len(docnums))
    FlatVectorIndex.build(folder, whole, parts, docnums)
    return whole, parts, docnums


def expected_scores(query: Vectors, whole: Vectors, parts: Vectors, docnums: DocNums) -> list[float]:
    scores = []
    for docnum, vector in enumerate(whole):
        own = parts[docnums == docnum] @ query
        cosine = float(vector @ query)
        scores.append((cosine + float(own.max())) / 2 if len(own) else cosine)
    return scores


@pytest.mark.parametrize(("passages", "sentences"), [(1, 0), (1, 3), (40, 0), (40, 25), (40, 200)])
def test_scores_are_the_mean_of_whole_and_best_sentence(tmp_path: Path, passages: int, sentences: int) -> None:
    whole, parts, docnums = make(tmp_path, passages, sentences)
    index = FlatVectorIndex.open(tmp_path)
    assert (index.passages, index.dimension) == (passages, SIZE)
    for query in unit(np.random.default_rng(7), 5):
        assert index.scores(query).tolist() == pytest.approx(expected_scores(query, whole, parts, docnums), abs=1e-6)


@pytest.mark.parametrize("allowed", [None, [], [3], [0, 7, 8, 39], list(range(40))])
@pytest.mark.parametrize("k", [0, 1, 10, 500])
def test_search_is_exact_and_keeps_to_the_filter(tmp_path: Path, allowed: list[int] | None, k: int) -> None:
    whole, parts, docnums = make(tmp_path, 40, 60)
    index = FlatVectorIndex.open(tmp_path)
    query = unit(np.random.default_rng(5), 1)[0]
    scores = expected_scores(query, whole, parts, docnums)
    permitted = range(40) if allowed is None else allowed
    order = sorted(permitted, key=lambda docnum: (-scores[docnum], docnum))[:k]
    found = index.search(query, k, None if allowed is None else np.array(allowed, dtype=np.int64))
    assert [one.docnum for one in found] == order
    assert [one.score for one in found] == pytest.approx([scores[docnum] for docnum in order], abs=1e-6)


def test_negative_scores_are_results_too(tmp_path: Path) -> None:
    make(tmp_path, 5, 0)
    index = FlatVectorIndex.open(tmp_path)
    query = unit(np.random.default_rng(1), 1)[0]
    assert min(index.scores(query)) < 0
    assert len(index.search(query, 5)) == 5


def test_ties_by_docnum(tmp_path: Path) -> None:
    vector = unit(np.random.default_rng(2), 1)
    FlatVectorIndex.build(tmp_path, np.repeat(vector, 6, axis=0), vector[:0], np.empty(0, dtype=np.int64))
    found = FlatVectorIndex.open(tmp_path).search(vector[0], 3)
    assert [one.docnum for one in found] == [0, 1, 2]
    assert found == [Candidate(docnum, found[0].score) for docnum in range(3)]


def test_no_passages(tmp_path: Path) -> None:
    make(tmp_path, 0, 0)
    index = FlatVectorIndex.open(tmp_path)
    query = unit(np.random.default_rng(3), 1)[0]
    assert index.search(query, 10) == []
    assert index.search(query, 10, np.empty(0, dtype=np.int64)) == []
    assert index.scores(query).shape == (0,)


NO_ROWS = np.empty((0, SIZE), dtype=np.float32)
NO_DOCNUMS = np.empty(0, dtype=np.int64)
TWO = np.eye(2, SIZE, dtype=np.float32)


@pytest.mark.parametrize(
    ("whole", "sentences", "docnums", "message"),
    [
        (TWO, np.eye(2, 4, dtype=np.float32), np.array([0, 1]), "do not belong together"),
        (TWO[0], NO_ROWS, NO_DOCNUMS, "do not belong together"),
        (TWO, TWO, np.array([0]), "docnums of shape"),
        (TWO, TWO, np.array([0, 2]), "docnum 2"),
        (TWO, TWO, np.array([-1, 0]), "docnum"),
        (TWO * np.float32("nan"), NO_ROWS, NO_DOCNUMS, "not finite"),
    ],
)
def test_what_does_not_fit_is_refused(
    tmp_path: Path, whole: Vectors, sentences: Vectors, docnums: DocNums, message: str
) -> None:
    with pytest.raises(EngineError, match=message):
        FlatVectorIndex.build(tmp_path, whole, sentences, docnums)


def test_a_query_of_another_dimension_is_refused(tmp_path: Path) -> None:
    make(tmp_path, 3, 3)
    with pytest.raises(EngineError, match=r"expected \(8,\)"):
        FlatVectorIndex.open(tmp_path).search(np.ones(4, dtype=np.float32), 1)


@pytest.mark.parametrize("name", ["vectors.faiss", "sentence-docnums.npy"])
def test_missing_and_damaged_files_are_told(tmp_path: Path, name: str) -> None:
    make(tmp_path, 3, 3)
    (tmp_path / name).write_bytes(b"nothing of the kind")
    with pytest.raises(EngineError, match="cannot be read"):
        FlatVectorIndex.open(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(EngineError, match="cannot be read"):
        FlatVectorIndex.open(tmp_path)


# --- indexes that look at a part of their rows ------------------------------------------------------------------------

FACTORIES = ("IVF16,SQ8", "HNSW16,SQ8", "SQ8")


def clustered(folder: Path, factory: str, nprobe: int = 16) -> tuple[Vectors, Vectors, DocNums, float]:
    """2,000 passages around fifty centres, as texts lie, each with none to two sentences beside it."""
    rng = np.random.default_rng(3)
    centres = unit(rng, 50)
    whole = near(rng, centres[rng.integers(0, 50, 2000)])
    docnums = rng.integers(0, 2000, 1500)
    parts = near(rng, whole[docnums])
    return whole, parts, docnums, build_vectors(folder, whole, parts, docnums, factory, nprobe)


def near(rng: np.random.Generator, vectors: Vectors) -> Vectors:
    moved = vectors + 0.2 * rng.standard_normal(vectors.shape)
    return (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("factory", FACTORIES)
def test_lists_find_what_comparing_all_finds(tmp_path: Path, factory: str) -> None:
    whole, parts, docnums, recall = clustered(tmp_path, factory)
    assert recall >= 0.9
    index = open_vectors(tmp_path, factory)
    for query in near(np.random.default_rng(4), whole[::200]):
        scores = np.array(expected_scores(query, whole, parts, docnums))
        found = [one.docnum for one in index.search(query, 10)]
        assert scores[found] == pytest.approx(np.sort(scores)[::-1][:10], abs=0.02)


def test_a_leg_scores_what_others_found_and_tells_the_moments_of_all(tmp_path: Path) -> None:
    whole, parts, docnums, _ = clustered(tmp_path, "IVF16,SQ8")
    index = ListedVectorIndex.open(tmp_path)
    query = near(np.random.default_rng(5), whole[7:8])[0]
    scores = np.array(expected_scores(query, whole, parts, docnums))
    worst = np.sort(np.argsort(scores)[:40])
    found, moments = index.leg(query, 100, lambda: worst)
    assert moments == pytest.approx((scores.mean(), scores.std()), rel=0.1, abs=0.05)
    assert found[worst] == pytest.approx(scores[worst], abs=0.02)
    assert found[np.argsort(-scores)[:10]] == pytest.approx(np.sort(scores)[::-1][:10], abs=0.02)
    assert np.count_nonzero(found != np.float32(moments[0])) < 150


def test_filters_are_exact_on_lists_too(tmp_path: Path) -> None:
    whole, parts, docnums, _ = clustered(tmp_path, "IVF16,SQ8", 1)
    allowed = np.arange(0, 2000, 97)
    query = whole[3]
    scores = np.array(expected_scores(query, whole, parts, docnums))[allowed]
    found = open_vectors(tmp_path, "IVF16,SQ8").search(query, 5, allowed)
    assert [one.score for one in found] == pytest.approx(np.sort(scores)[::-1][:5], abs=0.02)
    assert {one.docnum for one in found} <= set(allowed.tolist())


@pytest.mark.parametrize("factory", ["IVF4096,SQ8", "Nonsense", "IVF16"])
def test_an_index_that_cannot_be_made_is_refused(tmp_path: Path, factory: str) -> None:
    with pytest.raises(ConfigError, match=r"vector\.index"):
        build_vectors(tmp_path, TWO, NO_ROWS, NO_DOCNUMS, factory, 1)


def test_too_few_lists_are_told_by_the_recall(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    scattered = unit(rng, 3000)
    assert build_vectors(tmp_path, scattered, scattered[:0], NO_DOCNUMS, "IVF64,SQ8", 1) < 0.9


def test_damaged_lists_are_told(tmp_path: Path) -> None:
    clustered(tmp_path, "IVF16,SQ8")
    (tmp_path / "settings.json").write_text("{}")
    with pytest.raises(EngineError, match="cannot be read"):
        ListedVectorIndex.open(tmp_path)


def test_faiss_takes_one_core_in_every_thread_that_searches(tmp_path: Path) -> None:
    import faiss

    vectors = np.eye(4, dtype=np.float32)
    FlatVectorIndex.build(tmp_path, vectors, vectors[:0], np.empty(0, dtype=np.int64))
    index = FlatVectorIndex.open(tmp_path)
    seen: list[int] = []

    def search() -> None:
        faiss.omp_set_num_threads(4)  # what a thread may start with
        index.scores(vectors[0])
        seen.append(faiss.omp_get_max_threads())

    thread = threading.Thread(target=search)
    thread.start()
    thread.join()
    assert seen == [1]
