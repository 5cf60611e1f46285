"""Other engines over the same passages, for the same queries: what a user could have taken instead.

Each peer has ``build(passages)`` and ``search(query, k) -> docnums``. Keyword peers are given our tokens, because none of
them cuts Chinese; the naive script cuts by jieba's own analyzer, as its documentation shows it. bm25s and Xapian are left
out where they are not installed (python3-xapian from Debian, or bm25s in an environment of its own).
"""

from __future__ import annotations

import importlib.util
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from indexer.keyword_fields import query_terms, tokens_of
from indexer.model import Encoder, Passage, Vectors


class Peer(Protocol):
    def build(self, passages: Sequence[Passage]) -> None: ...

    def search(self, query: str, k: int) -> list[int]: ...


def words_of(query: str) -> list[str]:
    """The query's words, each once."""
    return [term for field, term, _ in query_terms(query, 1.0) if field != "headings"]


def cut(passage: Passage) -> list[str]:
    fields = tokens_of(passage)
    return [*fields["words"], *fields["headings"], *fields["english"]]


class TantivyAlone:
    """tantivy with one field of words."""

    def __init__(self, folder: Path) -> None:
        import tantivy

        self._tantivy = tantivy
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("docnum", fast=True)
        builder.add_text_field("words", tokenizer_name="whitespace", index_option="freq")
        self._schema = builder.build()
        self._index = tantivy.Index(self._schema, path=str(folder))

    def build(self, passages: Sequence[Passage]) -> None:
        writer = self._index.writer(256 * 2**20, 1)
        for passage in passages:
            document = self._tantivy.Document()
            document.add_unsigned("docnum", passage.docnum)
            document.add_text("words", " ".join(cut(passage)))
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def search(self, query: str, k: int) -> list[int]:
        terms = [
            (self._tantivy.Occur.Should, self._tantivy.Query.term_query(self._schema, "words", word, "freq"))
            for word in words_of(query)
        ]
        found = self._searcher.search(self._tantivy.Query.boolean_query(terms), limit=k, count=False).hits
        return list(self._searcher.fast_field_values("docnum", [place for _, place in found])) if found else []


class SqliteFts5:
    """SQLite's full-text table, words between blanks."""

    def __init__(self, folder: Path) -> None:
        self._database = sqlite3.connect(folder / "fts5.sqlite", check_same_thread=False)
        self._database.execute('CREATE VIRTUAL TABLE passages USING fts5(words, tokenize="unicode61", detail=column)')

    def build(self, passages: Sequence[Passage]) -> None:
        with self._database:
            rows = ((passage.docnum, " ".join(cut(passage))) for passage in passages)
            self._database.executemany("INSERT INTO passages (rowid, words) VALUES (?, ?)", rows)
            self._database.execute("INSERT INTO passages (passages) VALUES ('optimize')")

    def search(self, query: str, k: int) -> list[int]:
        asked = " OR ".join(f'"{word}"' for word in words_of(query) if '"' not in word)
        sql = "SELECT rowid FROM passages WHERE passages MATCH ? ORDER BY bm25(passages) LIMIT ?"
        return [row[0] for row in self._database.execute(sql, (asked, k))] if asked else []


class Bm25s:
    """bm25s, a sparse matrix of scores."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def build(self, passages: Sequence[Passage]) -> None:
        import bm25s

        self._engine: Any = bm25s.BM25(k1=1.2, b=0.75)
        self._engine.index([cut(passage) for passage in passages], show_progress=False)

    def search(self, query: str, k: int) -> list[int]:
        words = [word for word in words_of(query) if word in self._engine.vocab_dict]
        found = self._engine.retrieve([words], k=k, show_progress=False)[0] if words else [[]]
        return [int(docnum) for docnum in found[0]]


class Xapian:
    """Xapian with its default BM25."""

    def __init__(self, folder: Path) -> None:
        import xapian

        self._xapian = xapian
        self._database: Any = xapian.WritableDatabase(str(folder / "xapian"), xapian.DB_CREATE_OR_OPEN)

    def build(self, passages: Sequence[Passage]) -> None:
        for passage in passages:
            document = self._xapian.Document()
            for word in cut(passage):
                document.add_term(word[:60])
            document.set_data(str(passage.docnum))
            self._database.add_document(document)
        self._database.commit()

    def search(self, query: str, k: int) -> list[int]:
        enquire = self._xapian.Enquire(self._database)
        enquire.set_query(self._xapian.Query(self._xapian.Query.OP_OR, [word[:60] for word in words_of(query)]))
        return [int(match.document.get_data()) for match in enquire.get_mset(0, k)]


def flat_index(vectors: Vectors) -> Any:
    """FAISS's exact index over the vectors of whole passages, one core a search."""
    import faiss

    faiss.omp_set_num_threads(1)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors, dtype=np.float32))
    return index


class NaiveScript:
    """Whoosh with jieba's analyzer, a flat FAISS index, and rank fusion, as a user's first script has it."""

    def __init__(self, folder: Path, encoder: Encoder, vectors: Vectors) -> None:
        from jieba.analyse import ChineseAnalyzer
        from whoosh import fields, index

        schema = fields.Schema(docnum=fields.STORED, text=fields.TEXT(analyzer=ChineseAnalyzer(), stored=True))
        self._index = index.create_in(str(folder), schema)
        self._encoder = encoder
        self._vectors = flat_index(vectors)

    def build(self, passages: Sequence[Passage]) -> None:
        writer = self._index.writer()
        for passage in passages:
            writer.add_document(docnum=passage.docnum, text=f"{passage.headings}\n{passage.body}")
        writer.commit()

    def search(self, query: str, k: int) -> list[int]:
        from whoosh.qparser import OrGroup, QueryParser

        with self._index.searcher() as searcher:
            parsed = QueryParser("text", self._index.schema, group=OrGroup).parse(query)
            words = [hit["docnum"] for hit in searcher.search(parsed, limit=10 * k)]
        near = self._vectors.search(self._encoder.encode_query(query)[None], 10 * k)[1][0].tolist()
        scores: dict[int, float] = {}
        for ranking in (words, near):
            for rank, docnum in enumerate(ranking, start=1):
                scores[docnum] = scores.get(docnum, 0.0) + 1 / (60 + rank)
        return sorted(scores, key=lambda docnum: -scores[docnum])[:k]


KEYWORD_PEERS: dict[str, tuple[str, type[Any]]] = {
    "tantivy alone": ("tantivy", TantivyAlone),
    "SQLite FTS5": ("sqlite3", SqliteFts5),
    "bm25s": ("bm25s", Bm25s),
    "Xapian": ("xapian", Xapian),
}


def installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None
