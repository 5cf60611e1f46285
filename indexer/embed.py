"""The vectors of all passages and of their sentences, written as they come: each different text is embedded once.

Texts that were embedded before are in the cache, so that a build that was killed goes on with the last 4,096 of them.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from indexer.encode import EmbeddingCache
from indexer.encoding import EncodeAll
from indexer.model import DocNums, Passage, Vectors
from indexer.passages import embedding_text, split_sentences
from indexer.rows import Rows

CHUNK = 4096  # texts embedded between two commits of the cache: two seconds' work
_DIFFERENT, _WHOLE, _SENTENCES, _OWNERS = "different.f32", "whole.npy", "sentences.npy", "owners.npy"


def embed(
    folder: Path, passages: Iterable[Passage], encode: EncodeAll, cache: EmbeddingCache,
    progress: Callable[[int], None] | None = None,
) -> None:  # fmt: skip
    """Write the vectors into an existing folder, from where ``embedded`` reads them.

    ``progress`` is told how many passages were read. Takes 150 bytes of memory for each different text.
    """
    texts = _Texts()
    waiting: deque[tuple[list[Vectors | None], list[str]]] = deque()

    def unknown() -> Iterator[list[str]]:
        fresh = texts.fresh(passages)
        while chunk := list(islice(fresh, CHUNK)):
            found = cache.get_many(chunk)
            missing = [text for text, vector in zip(chunk, found, strict=True) if vector is None]
            waiting.append((found, missing))
            yield missing

    with (folder / _DIFFERENT).open("wb") as stream:
        for vectors in encode(unknown()):
            found, missing = waiting.popleft()
            if missing:
                cache.put_many(missing, vectors)
            made = iter(vectors)
            np.stack([next(made) if vector is None else vector for vector in found]).astype("<f4").tofile(stream)
            if progress is not None:
                progress(len(texts.whole))
    for name, numbers in ((_WHOLE, texts.whole), (_SENTENCES, texts.sentences), (_OWNERS, texts.owners)):
        np.save(folder / name, np.array(numbers, dtype=np.int64), allow_pickle=False)


def embedded(folder: Path, dimension: int) -> tuple[Rows, Rows, DocNums]:
    """The vectors of passages, of sentences, and the passage of each sentence; they are mapped, not read."""
    path = folder / _DIFFERENT
    size = path.stat().st_size // (4 * dimension)
    different = (
        np.memmap(path, dtype="<f4", mode="r", shape=(size, dimension))
        if size
        else np.empty((0, dimension), dtype=np.float32)
    )
    whole, sentences, owners = (np.load(folder / name, allow_pickle=False) for name in (_WHOLE, _SENTENCES, _OWNERS))
    return Rows(different, whole), Rows(different, sentences), owners


class _Texts:
    """Numbers of the different texts, in the order in which they come first."""

    def __init__(self) -> None:
        self.whole, self.sentences, self.owners = array("q"), array("q"), array("q")
        self._numbers: dict[bytes, int] = {}

    def fresh(self, passages: Iterable[Passage]) -> Iterator[str]:
        """The texts that were not seen before."""
        for passage in passages:
            text = embedding_text(passage)
            number, new = self._number(text)
            self.whole.append(number)
            if new:
                yield text
            # a damaged page has no sentences that could be trusted
            for sentence in () if passage.fragments else split_sentences(passage.body):
                number, new = self._number(sentence)
                self.sentences.append(number)
                self.owners.append(passage.docnum)
                if new:
                    yield sentence

    def _number(self, text: str) -> tuple[int, bool]:
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        known = len(self._numbers)
        number = self._numbers.setdefault(digest, known)
        return number, number == known
