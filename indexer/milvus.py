"""Keyword and vector index on Milvus, for many machines. The only importer of pymilvus.

Two collections a build: passages (words, headings, English stems, folded text, vector) and sentences (vector). Words are
our own tokens between blanks. A build goes on where it was killed, because rows are upserted in order under their docnum;
it is published by switching two aliases, after its rows were counted and a sample of them compared.

Run on milvus-lite: BM25, dense search, filters, aliases. Not run here: a cluster, replicas, TLS and tokens. They rest on
``MilvusClient(uri, token, secure, server_pem_path)``, ``upsert``, ``search``, ``query_iterator``, ``alter_alias``.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np

from indexer.config import MilvusConfig
from indexer.errors import ConfigError, EngineError, PlanSearchError
from indexer.grams import K1, B, Scores, best
from indexer.keyword_fields import HEADING_WEIGHT, RANKED, encodable, folded_lines, query_terms, tokens_of
from indexer.model import Candidate, DocNums, Passage, Scored, Vectors
from indexer.rows import Rows

DEPTH = 2000  # passages that a ranked search hands over; Milvus gives 16,384 at the most
_LONGEST = 65_535  # bytes of a varchar
_FETCHED = 1000  # rows asked for at a time by their docnums
_VERIFIED = 50  # passages whose stored text is compared before a build is published
_SAMPLE = 512  # passages, evenly spaced, whose scores tell the mean and deviation of all


@lru_cache(maxsize=8)
def connect(settings: MilvusConfig) -> Any:
    """The client of the server (or file) that the settings name, one for all. Raises ConfigError, EngineError."""
    try:
        library = importlib.import_module("pymilvus")
    except ImportError as cause:
        raise ConfigError(
            'engine is "milvus", but the package pymilvus is not installed.',
            'Install it (pip install "plansearch[milvus]"), or set engine to local.',
        ) from cause
    options: dict[str, Any] = {"token": os.environ.get(settings.token_env, "")}
    if settings.server_pem_path:
        options |= {"secure": True, "server_pem_path": settings.server_pem_path}
    with _engine_errors(f"connect to {settings.uri}"):
        return library.MilvusClient(settings.uri, timeout=settings.timeout, **options)


def build(
    client: Any, name: str, passages: Sequence[Passage], whole: Vectors | Rows, sentences: Vectors | Rows,
    owners: DocNums,
    batch: int = 1000, progress: Callable[[int], None] | None = None,
) -> None:  # fmt: skip
    """Write the collections ``name`` and ``name_sentences``, from where an earlier build of the same name stopped.

    ``progress`` is told how many passages are in. Raises EngineError when a count or a stored text differs afterwards.
    """
    with _engine_errors(f"write the collection {name}"):
        _create(client, name, whole.shape[1], with_text=True)
        _create(client, _sentences(name), whole.shape[1], with_text=False)
        for start in range(_resumed(client, name, batch), len(passages), batch):
            rows = [_row(passage, whole[passage.docnum]) for passage in passages[start : start + batch]]
            client.upsert(name, rows)
            if progress is not None:
                progress(start + len(rows))
        for start in range(_resumed(client, _sentences(name), batch), len(sentences), batch):
            stop = min(len(sentences), start + batch)
            rows = [{"id": n, "docnum": int(owners[n]), "vector": sentences[n]} for n in range(start, stop)]
            client.upsert(_sentences(name), rows)
        for collection in (name, _sentences(name)):
            client.flush(collection)
        _verify(client, name, passages, len(sentences))


def publish(client: Any, alias: str, name: str) -> None:
    """Make readers of the alias read these collections from now on, in one step each."""
    with _engine_errors(f"switch the alias {alias}"):
        for short, collection in ((alias, name), (_sentences(alias), _sentences(name))):
            known = {one for held in client.list_collections() for one in client.list_aliases(held)["aliases"]}
            change = client.alter_alias if short in known else client.create_alias
            change(collection, short)


def sweep(client: Any, alias: str, keep: Sequence[str]) -> None:
    """Drop the collections of this alias's earlier builds, those of ``keep`` apart."""
    kept = {name for one in keep for name in (one, _sentences(one))}
    with _engine_errors("drop an earlier collection"):
        for name in client.list_collections():
            if name.startswith(f"{alias}_") and name not in kept and not client.list_aliases(name)["aliases"]:
                client.drop_collection(name)


class MilvusKeywordIndex:
    """Implements KeywordIndex over a published collection. Safe over threads."""

    def __init__(self, client: Any, name: str, heading_weight: float = HEADING_WEIGHT) -> None:
        self._client, self._name = client, name
        self._weights = {"words": 1.0, "headings": heading_weight, "english": 1.0}
        with _engine_errors(f"open the collection {name}"):
            client.load_collection(name)
            self.passages = _count(client, name)

    def scores(self, text: str) -> Scores:
        """Shape (n,), float32: BM25 of the best ``DEPTH`` passages of each field, 0 for all others."""
        return self._scored(text, "")

    def moments(self, text: str) -> tuple[float, float]:
        """Mean and deviation of what ``scores`` gives."""
        scores = self.scores(text)
        return (float(scores.mean()), float(scores.std())) if len(scores) else (0.0, 0.0)

    def rank(self, text: str, k: int, allowed: DocNums | None = None) -> list[Candidate]:
        """BM25 over words, any word may match; the best k passages, ties by docnum, only ``allowed`` ones."""
        if allowed is not None and not len(allowed):
            return []
        return best(self._scored(text, "" if allowed is None else f"docnum in {allowed.tolist()}"), k, allowed)

    def containing(self, folded: str, allowed: DocNums | None = None) -> DocNums:
        """Sorted docnums whose stored text contains ``folded``."""
        if not folded or "\n" in folded:
            return np.empty(0, dtype=np.int64)
        wanted = encodable(folded)
        with _engine_errors(f"read the collection {self._name}"):
            found = sorted(
                row["docnum"]
                for row in _all_rows(
                    self._client, self._name, f'folded like "%{_escaped(wanted)}%"', ["docnum", "folded"]
                )
                if wanted in row["folded"]
            )
        docnums = np.array(found, dtype=np.int64)
        return docnums if allowed is None else np.intersect1d(docnums, allowed, assume_unique=True)

    def close(self) -> None:
        """Nothing to free: the client is shared."""

    def _scored(self, text: str, condition: str) -> Scores:
        total = np.zeros(self.passages, dtype=np.float32)
        terms = query_terms(text, 1.0)
        for field, weight in self._weights.items():
            own = [term for name, term, _ in terms if name == field]
            for docnum, distance in self._hits(field, own, condition) if own else ():
                total[docnum] += weight * abs(distance)  # milvus-lite gives BM25 with a minus
        return total

    def _hits(self, field: str, terms: Sequence[str], condition: str) -> list[tuple[int, float]]:
        with _engine_errors(f"search the collection {self._name}"):
            found = self._client.search(
                self._name, data=[_words(terms)], anns_field=f"{field}_sparse", filter=condition, output_fields=["docnum"],
                limit=max(1, min(DEPTH, self.passages)), search_params={"metric_type": "BM25"},
            )[0]  # fmt: skip
        return [(int(hit["entity"]["docnum"]), float(hit["distance"])) for hit in found]


class MilvusVectorIndex:
    """Implements VectorIndex over published collections. Safe over threads."""

    def __init__(self, client: Any, name: str) -> None:
        self._client, self._name = client, name
        with _engine_errors(f"open the collection {name}"):
            for collection in (name, _sentences(name)):
                client.load_collection(collection)
            self.passages = _count(client, name)
        step = max(1, self.passages // _SAMPLE)
        self._sample = np.arange(0, self.passages, step, dtype=np.int64)

    def leg(self, query: Vectors, depth: int, among: Callable[[], DocNums]) -> Scored:
        """Scores of the ``depth`` most alike passages and of those ``among`` what other legs found; others the mean."""
        sampled = self.scores(query, self._sample)
        mean, deviation = float(sampled.mean()), float(sampled.std())
        found = np.union1d(self._alike(query, depth, ""), among())
        scores = np.full(self.passages, mean, dtype=np.float32)
        scores[found] = self.scores(query, found)
        return Scored(scores, (mean, deviation))

    def search(self, query: Vectors, k: int, allowed: DocNums | None = None) -> list[Candidate]:
        """The best k passages, ties by docnum, only ``allowed`` ones."""
        if allowed is not None and not len(allowed):
            return []
        condition = "" if allowed is None else f"docnum in {allowed.tolist()}"
        found = self._alike(query, max(4 * k, 100), condition)
        ranked = best(self.scores(query, found), k, above=-np.inf)
        return [Candidate(int(found[one.docnum]), one.score) for one in ranked]

    def scores(self, query: Vectors, docnums: DocNums) -> Vectors:
        """The mean of whole-passage and best-sentence cosine of the given sorted docnums."""
        whole = np.zeros(len(docnums), dtype=np.float32)
        sentence = np.full(len(docnums), -np.inf, dtype=np.float32)
        for collection, out in ((self._name, whole), (_sentences(self._name), sentence)):
            for row in self._fetched(collection, docnums):
                place = int(np.searchsorted(docnums, row["docnum"]))
                cosine = float(np.asarray(row["vector"], dtype=np.float32) @ query)
                out[place] = cosine if collection == self._name else max(out[place], cosine)
        found: Vectors = np.where(np.isfinite(sentence), (whole + sentence) / 2, whole).astype(np.float32)
        return found

    def vectors(self, docnums: DocNums) -> Vectors:
        """The unit vectors of whole passages, shape (len(docnums), dimension)."""
        order = np.argsort(docnums, kind="stable")
        rows = {row["docnum"]: row["vector"] for row in self._fetched(self._name, docnums[order])}
        return np.array([rows[docnum] for docnum in docnums.tolist()], dtype=np.float32)

    def _fetched(self, collection: str, docnums: DocNums) -> Iterator[Mapping[str, Any]]:
        with _engine_errors(f"read the collection {collection}"):
            for start in range(0, len(docnums), _FETCHED):
                wanted = docnums[start : start + _FETCHED].tolist()
                yield from _all_rows(self._client, collection, f"docnum in {wanted}", ["docnum", "vector"])

    def _alike(self, query: Vectors, depth: int, condition: str) -> DocNums:
        found: set[int] = set()
        with _engine_errors(f"search the collection {self._name}"):
            for collection in (self._name, _sentences(self._name)):
                hits = self._client.search(
                    collection, data=[query.tolist()], anns_field="vector", filter=condition, output_fields=["docnum"],
                    limit=max(1, min(depth, 16_384)), search_params={"metric_type": "IP"},
                )[0]  # fmt: skip
                found |= {int(hit["entity"]["docnum"]) for hit in hits}
        return np.array(sorted(found), dtype=np.int64)


def _sentences(name: str) -> str:
    return f"{name}_sentences"


def _create(client: Any, name: str, dimension: int, with_text: bool) -> None:
    """The collection with its indexes, unless an earlier try has made it."""
    if client.has_collection(name):
        client.load_collection(name)
        return
    library = importlib.import_module("pymilvus")
    kinds = library.DataType
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", kinds.INT64, is_primary=True)
    schema.add_field("docnum", kinds.INT64)
    schema.add_field("vector", kinds.FLOAT_VECTOR, dim=dimension)
    indexes = client.prepare_index_params()
    indexes.add_index("vector", index_type="HNSW", metric_type="IP", params={"M": 16, "efConstruction": 200})
    if with_text:
        for field in ("clause_id", "document", "kind"):
            schema.add_field(field, kinds.VARCHAR, max_length=512)
        schema.add_field("year", kinds.INT64)
        schema.add_field("folded", kinds.VARCHAR, max_length=_LONGEST)
        for field in RANKED:
            schema.add_field(
                field, kinds.VARCHAR, max_length=_LONGEST, enable_analyzer=True, analyzer_params={"type": "standard"}
            )
            schema.add_field(f"{field}_sparse", kinds.SPARSE_FLOAT_VECTOR)
            bm25 = library.FunctionType.BM25
            schema.add_function(
                library.Function(
                    f"{field}_bm25", bm25, input_field_names=[field], output_field_names=[f"{field}_sparse"]
                )
            )
            indexes.add_index(
                f"{field}_sparse",
                index_type="SPARSE_INVERTED_INDEX",
                metric_type="BM25",
                params={"bm25_k1": K1, "bm25_b": B},
            )
    client.create_collection(name, schema=schema, index_params=indexes)


def _row(passage: Passage, vector: Vectors) -> dict[str, Any]:
    folded = "\n".join(folded_lines(passage))
    if len(folded.encode()) > _LONGEST:
        raise EngineError(f"Passage {passage.clause_id} has {len(folded.encode())} bytes, Milvus holds {_LONGEST}.")
    texts = {field: _words(tokens)[:_LONGEST] for field, tokens in tokens_of(passage).items()}
    return {
        "id": passage.docnum, "docnum": passage.docnum, "vector": vector, "clause_id": passage.clause_id,
        "document": passage.document_id, "kind": passage.kind, "year": passage.year_ce, "folded": folded, **texts,
    }  # fmt: skip


def _words(terms: Iterable[str]) -> str:
    """Terms as the standard analyzer leaves them whole: 8.7.1 becomes 8u002e7u002e1."""
    return " ".join("".join(char if char.isalnum() else f"u{ord(char):04x}" for char in term) for term in terms)


def _resumed(client: Any, name: str, batch: int) -> int:
    """Where to go on: before the batch that was being written when an earlier build ended."""
    return max(0, _count(client, name) // batch - 1) * batch


def _count(client: Any, name: str) -> int:
    return int(client.query(name, filter="", output_fields=["count(*)"])[0]["count(*)"])


def _verify(client: Any, name: str, passages: Sequence[Passage], sentences: int) -> None:
    for collection, expected in ((name, len(passages)), (_sentences(name), sentences)):
        held = _count(client, collection)
        if held != expected:
            raise EngineError(f"The collection {collection} holds {held} rows, expected {expected}.", "Build again.")
    for passage in passages[:: max(1, len(passages) // _VERIFIED)]:
        row = client.query(name, filter=f"docnum == {passage.docnum}", output_fields=["folded", "clause_id"])[0]
        if (row["folded"], row["clause_id"]) != ("\n".join(folded_lines(passage)), passage.clause_id):
            raise EngineError(
                f"{passage.clause_id} does not stand in the collection {name} as it was written.", "Build again."
            )


def _all_rows(client: Any, name: str, condition: str, fields: list[str]) -> Iterator[Mapping[str, Any]]:
    rows = client.query_iterator(name, batch_size=5000, filter=condition, output_fields=fields)
    try:
        while batch := rows.next():
            yield from batch
    finally:
        rows.close()


def _escaped(text: str) -> str:
    """A text inside a LIKE pattern in double quotes."""
    for char in ("\\", "%", "_"):
        text = text.replace(char, f"\\\\{char}" if char != "\\" else "\\\\\\\\")
    return text.replace('"', '\\"')


@contextmanager
def _engine_errors(action: str) -> Iterator[None]:
    try:
        yield
    except PlanSearchError:
        raise
    except Exception as cause:  # pymilvus raises MilvusException, grpc errors and ValueErrors
        raise EngineError(
            f"Milvus could not {action}: {cause}.", "See whether the server runs and what it logs."
        ) from cause
