"""Clauses to what the indexes are fed with."""

from __future__ import annotations

import re
from collections.abc import Iterable

from indexer.model import Document, Passage

_SENTENCE = re.compile(r"(?:[^。！？；\n.!?;]|[.!?;](?=\S))*(?:[。！？；\n]+|[.!?;]+(?=\s|$)|$)")  # 推動年金修法。
_SHORTEST = 6  # characters; a shorter sentence says nothing by itself and joins its neighbour


def make_passages(documents: Iterable[Document], first: int = 0) -> list[Passage]:
    """One passage per clause, in the order of documents and clauses; ``docnum`` counts from ``first``."""
    passages: list[Passage] = []
    for document in documents:
        for clause in document.clauses:
            passages.append(
                Passage(
                    docnum=first + len(passages), clause_id=clause.clause_id, document_id=clause.document_id, kind=clause.kind,
                    year_ce=document.info.year_ce, language=document.info.language, marker=clause.marker,
                    body=clause.text, headings="\n".join(clause.section_path), fragments=clause.damaged,
                )
            )  # fmt: skip
    return passages


def embedding_text(passage: Passage) -> str:
    """What stands for a whole passage in the vector index: its headings, then its text."""
    return f"{passage.headings}\n{passage.body}" if passage.headings else passage.body


def split_sentences(text: str) -> list[str]:
    """Sentences as printed; pieces shorter than six characters stay with the sentence before them."""
    sentences: list[str] = []
    for found in _SENTENCE.finditer(text):
        piece = found.group(0).strip()
        if not piece:
            continue
        if sentences and (len(piece) < _SHORTEST or len(sentences[-1]) < _SHORTEST):
            sentences[-1] += piece
        else:
            sentences.append(piece)
    return sentences
