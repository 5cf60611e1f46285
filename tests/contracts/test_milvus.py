"""Milvus against the local engines, on milvus-lite: the same sets, ranked lists that agree, builds that go on."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer import milvus
from indexer.build import build_index
from indexer.config import Config, MilvusConfig
from indexer.errors import EngineError
from indexer.keyword import WhooshKeywordIndex
from indexer.model import Passage, Vectors
from indexer.text import fold_text
from indexer.vector_flat import FlatVectorIndex
from search_app.live import Live

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

BODIES = """
放寬工會結社規範，輔導勞工籌組工會，促進團體協商。
研擬最低工資法制。
推動最低工資法制，保障勞工基本生活。
推動職業災害保險單獨立法。
推動雇主提供哺（集）乳室與托兒設（措）施，營造友善職場哺育環境。
落實定額進用制度，運用奬（補）助措施，提升雇主進用意願，積極開發就業機會。
加強高風險事業單位或作業場所勞動檢查 44,658 場次，達成率 100%。
執行資訊安全管理系統(ISMS)續評與重評作業，落實資訊作業安全。
Study and draft minimum wage legislation; "workers" are advanced by the Arrear_Wage Fund.
輔導勞工籌組工會，營造工會有利運作環境，提升會員知能及協助工會運作。
召開基本工資工作小組會議及基本工資審議委員會議。
健全工會結社規範，輔導勞工籌組工會，促進團體協商。
""".strip().splitlines()
PASSAGES = [
    Passage(
        n, f"d{n % 3}/{n}", f"d{n % 3}", "goal_clause", 2017 + n % 3, "zh", "", body, "壹、年度施政目標\n三、勞資關係"
    )
    for n, body in enumerate(BODIES)
]
NAME = "plansearch_one"


def vectors() -> tuple[Vectors, Vectors, np.ndarray]:
    rng = np.random.default_rng(1)
    whole, parts = rng.standard_normal((2, len(PASSAGES), 8)).astype(np.float32)
    unit = [part / np.linalg.norm(part, axis=1, keepdims=True) for part in (whole, parts)]
    return unit[0], unit[1][:8], np.arange(8) // 2


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    uri = str(tmp_path_factory.mktemp("milvus") / "lite.db")
    opened = milvus.connect(MilvusConfig(uri=uri))
    milvus.build(opened, NAME, PASSAGES, *vectors(), batch=5)
    milvus.publish(opened, "plansearch", NAME)
    yield opened
    opened.close()


def test_texts_are_found_exactly(client: Any) -> None:
    index = milvus.MilvusKeywordIndex(client, "plansearch")
    chance = random.Random(2)
    texts = [fold_text(body) for body in BODIES]
    pieces = ["100%", 'workers"', "arrear_w", "arrearxw", "工会", "不存在", "", "%"]
    for text in texts:
        start = chance.randrange(len(text) - 3)
        pieces.append(text[start : start + chance.randint(1, 9)])
    for piece in pieces:
        expected = [n for n, text in enumerate(texts) if piece and piece in text]
        assert index.containing(piece).tolist() == expected, piece


def test_ranked_lists_agree_with_whoosh(client: Any, tmp_path: Path) -> None:
    WhooshKeywordIndex.build(tmp_path, PASSAGES)
    local, remote = WhooshKeywordIndex.open(tmp_path), milvus.MilvusKeywordIndex(client, "plansearch")
    shares = []
    for query in (
        "工會結社規範",
        "最低工資法制",
        "公司要不要設哺乳室",
        "minimum wage",
        "勞動檢查44658場次",
        "定額進用措施",
    ):
        expected = [one.docnum for one in local.rank(query, 5)]
        found = [one.docnum for one in remote.rank(query, 5)]
        shares.append(len(set(expected) & set(found)) / len(expected))
        for year in (2017, 2018):
            allowed = np.array([n for n, passage in enumerate(PASSAGES) if passage.year_ce == year])
            assert {one.docnum for one in remote.rank(query, 20, allowed)} == {
                one.docnum for one in local.rank(query, 20, allowed)
            }
    assert sum(shares) / len(shares) >= 0.8


def test_vectors_agree_with_faiss(client: Any, tmp_path: Path) -> None:
    FlatVectorIndex.build(tmp_path, *vectors())
    local, remote = FlatVectorIndex.open(tmp_path), milvus.MilvusVectorIndex(client, "plansearch")
    everything = np.arange(len(PASSAGES))
    for query in vectors()[0][:4]:
        assert remote.scores(query, everything) == pytest.approx(local.scores(query), abs=1e-5)
        assert [one.docnum for one in remote.search(query, 5)] == [one.docnum for one in local.search(query, 5)]
        allowed = np.array([1, 4, 9])
        assert [one.docnum for one in remote.search(query, 5, allowed)] == [
            one.docnum for one in local.search(query, 5, allowed)
        ]
        scores, moments = remote.leg(query, 20, lambda: everything)
        assert scores == pytest.approx(local.scores(query), abs=1e-5)
        assert moments == pytest.approx((local.scores(query).mean(), local.scores(query).std()), abs=1e-5)


def test_a_killed_build_goes_on_and_its_alias_is_switched_last(client: Any) -> None:
    class Killed(Exception):
        pass

    def kill(done: int) -> None:
        if done >= 8:
            raise Killed

    later = [*PASSAGES[:-1]]
    whole, parts, owners = vectors()
    with pytest.raises(EngineError):
        milvus.build(client, "plansearch_two", later, whole[:-1], parts, owners, batch=4, progress=kill)
    assert milvus.MilvusKeywordIndex(client, "plansearch").passages == len(PASSAGES)  # readers keep the old one
    written: list[int] = []
    milvus.build(client, "plansearch_two", later, whole[:-1], parts, owners, batch=4, progress=written.append)
    assert written == [8, 11]  # the batch that was being written, and the rest; not from the start
    milvus.publish(client, "plansearch", "plansearch_two")
    assert milvus.MilvusKeywordIndex(client, "plansearch").passages == len(later)
    milvus.sweep(client, "plansearch", ["plansearch_two"])
    assert not client.has_collection(NAME)
    with pytest.raises(EngineError, match="holds 11 rows, expected 12"):
        milvus._verify(client, "plansearch_two", PASSAGES, len(parts))


def test_a_server_that_is_not_there_is_told() -> None:
    with pytest.raises(EngineError, match=r"connect to http://127\.0\.0\.1:1"):
        milvus.connect(MilvusConfig(uri="http://127.0.0.1:1", timeout=1))


def test_the_product_builds_and_searches_on_milvus(config: Config, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    shutil.copy(config.corpus.dir / "mol-106-plan.txt", corpus / "mol-106-plan.txt")
    ours = {
        "corpus": config.corpus.model_copy(update={"dir": corpus}),
        "index": config.index.model_copy(update={"dir": tmp_path / "var" / "index"}),
    }
    remote = config.model_copy(
        update={**ours, "engine": "milvus", "milvus": MilvusConfig(uri=str(tmp_path / "lite.db"))}
    )
    build_index(remote)
    live = Live(remote, library=False)
    search = live.load()
    assert search.search('"輔導勞工籌組工會"').total == 1
    assert search.search("最低工資法制").hits[0].clause.text == "研擬最低工資法制。"
    assert search.search("minimum wage law").total > 0
    live.close()
