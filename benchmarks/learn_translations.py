"""Learns indexer/lexicon/translations.tsv: which Chinese words render an English stem, by IBM model 1.

Brown, Della Pietra, Della Pietra & Mercer, "The Mathematics of Statistical Machine Translation", 1993. Sentences are
taken as sets of words: a pair (English set, Chinese set) links every Chinese word with every English stem and with no
stem at all; six rounds of expectation and maximisation share the links out.

    python benchmarks/learn_translations.py PAIRS.jsonl > indexer/lexicon/translations.tsv

PAIRS.jsonl holds {"zh", "en"} per line, such as articles of bilingual statutes.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np

from indexer.tokens import tokenize
from indexer.translations import english_key

LONGEST_ZH, LONGEST_EN = 160, 700  # characters; longer articles link everything with everything
ROUNDS = 6
LEAST_PROBABILITY, LEAST_LINKS, KEPT = 0.04, 1.5, 8
HEAD = """\
# English stems and the Chinese words (folded) that render them, with probabilities: a word-translation table by IBM
# model 1 (Brown et al. 1993), learned by benchmarks/learn_translations.py from 16,974 bilingual articles of Taiwan's
# statutes other than labour law (statutes carry no copyright, Copyright Act, Article 9). Kept: 0.04 and more.
# English	Chinese	Probability
"""


def main(path: Path) -> None:
    pairs = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    english: dict[str, int] = {"": 0}  # row 0: no stem at all
    chinese: dict[str, int] = {}
    groups, stems, words = [], [], []
    group = 0
    for pair in pairs:
        if len(pair["zh"]) > LONGEST_ZH or len(pair["en"]) > LONGEST_EN:
            continue
        own = sorted(set(english_key(pair["en"])))
        rendered = sorted({token.text for token in tokenize(pair["zh"]) if len(token.text) > 1})
        rows = np.array([0, *(english.setdefault(stem, len(english)) for stem in own)])
        for word in rendered if own else ():
            groups.append(np.full(len(rows), group, np.int32))
            stems.append(rows)
            words.append(np.full(len(rows), chinese.setdefault(word, len(chinese))))
            group += 1
    write(*learn(np.concatenate(groups), np.concatenate(stems), np.concatenate(words), len(chinese)), english, chinese)


def learn(groups, stems, words, size):  # type: ignore[no-untyped-def]
    """(stem, word, probability, expected links) of every linked pair."""
    links, link = np.unique(stems.astype(np.int64) * size + words, return_inverse=True)
    of_stem, probability = links // size, np.ones(len(links))
    for _ in range(ROUNDS):
        share = probability[link]
        share /= np.bincount(groups, share)[groups]
        count = np.bincount(link, share, minlength=len(links))
        probability = count / np.bincount(of_stem, count)[of_stem]
    return of_stem, links % size, probability, count


def write(of_stem, of_word, probability, count, english, chinese) -> None:  # type: ignore[no-untyped-def]
    names, renderings = list(english), list(chinese)
    table = defaultdict(dict)
    for stem, word, p, links in zip(of_stem, of_word, probability, count, strict=True):
        if stem and p >= LEAST_PROBABILITY and links >= LEAST_LINKS:
            table[names[stem]][renderings[word]] = p
    sys.stdout.write(HEAD)
    for stem in sorted(table):
        for word, p in sorted(table[stem].items(), key=lambda entry: -entry[1])[:KEPT]:
            sys.stdout.write(f"{stem}\t{word}\t{p:.3f}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
