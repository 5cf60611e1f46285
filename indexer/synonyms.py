"""Words that mean nearly the same: citizens' words and plan words, abbreviations, variants; slips of the input method."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import yaml

from indexer.ages import people_of_age
from indexer.editors import Editors, active
from indexer.text import fold_text, lexicon_rows, lexicon_text, to_simplified
from indexer.translations import english_key

NEAR = 0.5  # how nearly a word must mean the same to stand in for another; below are hints
_VARIANT, _COLLOQUIAL = 0.95, 0.8  # of a glossary entry, beside the weights that synonyms.yaml sets itself


@dataclass(frozen=True, slots=True)
class Expansion:
    """A word of the query, folded, with other words for it and how nearly they mean the same (0 to 1)."""

    word: str
    others: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Correction:
    """A likely slip: what was written and what was probably meant, as printed."""

    wrong: str
    right: str


def expand(folded: str) -> list[Expansion]:
    """The known words of a folded Chinese query, longest match first from the left, with their expansions; then ages."""
    table, longest = chinese_synonyms(), _longest(active())
    found: list[Expansion] = []
    place = 0
    while place < len(folded):
        size = next(
            (s for s in range(min(longest, len(folded) - place), 1, -1) if folded[place : place + s] in table), 0
        )
        if size:
            word = folded[place : place + size]
            found.append(Expansion(word, table[word]))
        place += size or 1
    return found + [Expansion(told, others) for told, others in people_of_age(folded)]


def reworded(folded: str, known: Container[str]) -> str:
    """A folded query in the words of the corpus: words that ``known`` lacks give way to the nearest that it has.

    Empty where nothing can be replaced.
    """
    text = folded
    for entry in expand(folded):
        near = {other: weight for other, weight in entry.others.items() if weight >= NEAR and other in known}
        if near and entry.word not in known:
            text = text.replace(entry.word, max(near, key=lambda other: near[other]))
    return text if text != folded else ""


def correct(text: str) -> tuple[str, list[Correction]]:
    """The text with known slips set right, in either script, and what was changed."""
    corrections = []
    for written, meant in _confusions():
        if written in text:
            text = text.replace(written, meant)
            corrections.append(Correction(written, meant))
    return text, corrections


def chinese_synonyms() -> Mapping[str, Mapping[str, float]]:
    """Folded word -> other folded words with weights: synonyms.yaml, the glossary's variants, the editors' additions."""
    return _chinese(active())


def english_synonyms() -> Mapping[str, Mapping[str, float]]:
    """English key -> other keys with weights, from the English groups of synonyms.yaml and of the editors."""
    return _english(active())


@lru_cache(maxsize=4)
def _chinese(editors: Editors) -> Mapping[str, Mapping[str, float]]:
    table: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for group in _groups(editors):
        _add_group(table, [fold_text(word) for word in group["words"]], group)
    entries = yaml.load(lexicon_text("glossary.yaml"), yaml.CSafeLoader)
    for entry in (*entries, *(entry.model_dump() for entry in editors.glossary)):
        formal = [fold_text(word) for word in (entry["zh"], *(entry.get("zh_variants") or ()))]
        for word in formal:
            _add(table, word, dict.fromkeys(formal, _VARIANT))
        for word in entry.get("zh_colloquial") or ():
            _add(table, fold_text(word), dict.fromkeys(formal, _COLLOQUIAL))
    return table


@lru_cache(maxsize=4)
def _longest(editors: Editors) -> int:
    """Characters of the longest word in the table."""
    return max(map(len, _chinese(editors)), default=0)


@lru_cache(maxsize=4)
def _english(editors: Editors) -> Mapping[str, Mapping[str, float]]:
    table: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for group in _groups(editors):
        if group["words"][0].isascii():
            _add_group(table, [" ".join(english_key(word)) for word in group["words"]], group)
    return table


def _add_group(table: dict[str, dict[str, float]], words: list[str], group: Mapping[str, object]) -> None:
    weight = float(str(group["weight"]))
    for word in words[0 if group["direction"] == "both" else 1 :]:
        others = words if group["direction"] == "both" else words[:1]
        _add(table, word, dict.fromkeys(others, weight))


def _add(table: dict[str, dict[str, float]], word: str, others: Mapping[str, float]) -> None:
    for other, weight in others.items():
        if word and other and other != word:
            table[word][other] = max(weight, table[word].get(other, 0.0))


def _groups(editors: Editors) -> list[dict[str, list[str]]]:
    groups: list[dict[str, list[str]]] = yaml.load(lexicon_text("synonyms.yaml"), yaml.CSafeLoader)
    return [*groups, *(group.model_dump() for group in editors.synonyms)]


@cache
def _confusions() -> list[tuple[str, str]]:
    """Slips and what is meant, in both scripts; longest first, so that 資遺費 is corrected before 資遺."""
    rows = sorted(lexicon_rows("confusions.tsv"), key=lambda row: -len(row[0]))
    return [
        pair for wrong, right, *_ in rows for pair in ((wrong, right), (to_simplified(wrong), to_simplified(right)))
    ]
