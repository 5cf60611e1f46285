"""The glossary: labour-policy terms in Chinese and English, and where they stand in a text.

A Chinese form is compared folded, an English one by the stems of its words, joined: "start-ups", "start up" and
"startup" are one, as are "labour" and "labor", "wages" and "wage". Among forms that overlap in a text the longest
counts, so 退休 is not found inside 退休金.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import yaml
from pydantic import TypeAdapter, ValidationError

from indexer.editors import Editors, GlossaryEntry, active
from indexer.errors import ConfigError
from indexer.text import fold, fold_text, lexicon_text
from indexer.tokens import stem

FILE = "glossary.yaml"

_WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)?|\d+(?:[.,]\d+)*")  # employer's, 2.0
_POSSESSIVE = re.compile(r"['’]s?$")  # employer's
# An act's name is not meant where its 法 begins another word: 工會法令 are laws and regulations on unions
_ACT = re.compile("法(?=[令规制律人学])")  # folded
_ARTICLES = frozenset(("a", "an", "the"))
# British spellings and the American ones that they are compared as
_SPELLINGS = (
    (re.compile(r"(?<=\w\w\w)our(?=(?:s|ed|ing|ers?)?$)"), "or"),  # labour, labourers
    (re.compile(r"(?<=\w\w)is(?=(?:e|es|ed|ing|ations?)$)"), "iz"),  # organised, organisation
    (re.compile(r"(?<=\w\w)tre(?=s?$)"), "ter"),  # centres
    (re.compile(r"(?<=\w\w)tred$"), "tered"),  # centred
    (re.compile(r"(?<=\w)mme(?=s?$)"), "m"),  # programmes
)


@dataclass(frozen=True, slots=True)
class Term:
    """One term. ``en[0]`` is its preferred rendering; colloquial forms are what people say, never what is shown."""

    zh: str
    en: tuple[str, ...]
    zh_variants: tuple[str, ...] = ()
    zh_colloquial: tuple[str, ...] = ()
    en_variants: tuple[str, ...] = ()
    en_colloquial: tuple[str, ...] = ()
    note: str = ""

    @property
    def zh_official(self) -> tuple[str, ...]:
        """The Chinese forms that official texts use."""
        return (self.zh, *self.zh_variants)

    @property
    def en_official(self) -> tuple[str, ...]:
        """The English forms that may stand in a rendering, the preferred one first."""
        return (*self.en, *self.en_variants)


@dataclass(frozen=True, slots=True)
class Found:
    """A form of one or more terms at text[start:end]; ``official`` holds those of which it is no colloquial form."""

    start: int
    end: int
    terms: tuple[Term, ...]
    official: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class _Forms:
    """Terms by comparable form, and how long a form may be."""

    terms: Mapping[str, tuple[Term, ...]]
    official: Mapping[str, tuple[Term, ...]]
    longest: int


class Glossary:
    """Terms in the order of the file, found by their forms in either language."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self.terms = tuple(terms)
        self._zh = _forms(((term, term.zh_official, term.zh_colloquial) for term in self.terms), fold_text)
        self._en = _forms(((term, term.en_official, term.en_colloquial) for term in self.terms), english_key)

    def of_chinese(self, form: str) -> tuple[Term, ...]:
        """The terms of which this is a form, colloquial ones included, in either script; () when there is none."""
        return self._zh.terms.get(fold_text(form), ())

    def of_english(self, form: str) -> tuple[Term, ...]:
        """The terms of which this is a form, colloquial ones included, inflected or not; () when there is none."""
        return self._en.terms.get(english_key(form), ())

    def find_chinese(self, text: str) -> list[Found]:
        """The forms in a Chinese text, without overlaps, in order."""
        folded = fold(text)
        size, longest = len(folded.text), self._zh.longest
        pieces = (
            (folded.text[first:last], folded.source_range(first, last))
            for first in range(size)
            for last in range(first + 1, min(first + longest, size) + 1)
            if folded.text[first:last] in self._zh.terms and _is_apart(folded.text, first, last)
        )
        return _longest(pieces, self._zh)

    def find_english(self, text: str) -> list[Found]:
        """The forms in an English text, without overlaps, in order."""
        return _longest(_english_pieces(text, self._en.longest), self._en)


def load_glossary() -> Glossary:
    """The shipped glossary with the editors' entries, read once."""
    return _loaded(active())


@lru_cache(maxsize=4)
def _loaded(editors: Editors) -> Glossary:
    shipped = parse_glossary(lexicon_text(FILE))
    return Glossary((*shipped.terms, *map(_term, editors.glossary))) if editors.glossary else shipped


def parse_glossary(text: str) -> Glossary:
    """A glossary as written. Raises ConfigError that names entry and field."""
    try:
        entries = _FILE.validate_python(yaml.load(text, yaml.CSafeLoader))
    except yaml.YAMLError as error:
        raise ConfigError(f"{FILE}: cannot be read as YAML: {error}") from error
    except ValidationError as error:
        lines = [f"{FILE}: entry {'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise ConfigError("\n".join(lines[:20])) from error
    return Glossary(map(_term, entries))


def english_key(text: str) -> str:
    """What English forms are compared by: the stems of the words, joined, articles left out."""
    return "".join(key for key, _, _ in _english_words(text))


def english_keys(text: str, longest: int = 100) -> frozenset[str]:
    """The keys of every run of words in a text, up to ``longest`` characters."""
    return frozenset(key for key, _ in _english_pieces(text, longest))


def _term(entry: GlossaryEntry) -> Term:
    """The entry as the rest of the program knows it."""
    return Term(
        entry.zh, tuple(entry.en), tuple(entry.zh_variants), tuple(entry.zh_colloquial), tuple(entry.en_variants),
        tuple(entry.en_colloquial), entry.note,
    )  # fmt: skip


_FILE = TypeAdapter(list[GlossaryEntry])


def _forms(terms: Iterable[tuple[Term, Sequence[str], Sequence[str]]], key: Callable[[str], str]) -> _Forms:
    known: dict[str, dict[Term, bool]] = {}  # form -> its terms -> whether the form is official for the term
    for term, official, colloquial in terms:
        for form, is_official in [*((form, True) for form in official), *((form, False) for form in colloquial)]:
            known.setdefault(key(form), {}).setdefault(term, is_official)
    return _Forms(
        {form: tuple(found) for form, found in known.items()},
        {form: tuple(term for term, good in found.items() if good) for form, found in known.items()},
        max(map(len, known), default=0),
    )


def _longest(pieces: Iterable[tuple[str, tuple[int, int]]], forms: _Forms) -> list[Found]:
    """The pieces that are forms; of those that overlap the longest, then the first."""
    known = [
        Found(start, end, forms.terms[key], forms.official[key]) for key, (start, end) in pieces if key in forms.terms
    ]
    kept: list[Found] = []
    taken: set[int] = set()
    for found in sorted(known, key=lambda found: (found.start - found.end, found.start)):
        if taken.isdisjoint(range(found.start, found.end)):
            kept.append(found)
            taken.update(range(found.start, found.end))
    return sorted(kept, key=lambda found: found.start)


def _is_apart(folded: str, first: int, last: int) -> bool:
    """False where a piece begins or ends within a Latin word (ai in Sustainable), or before the end of a Chinese one."""
    latin = [char.isascii() and char.isalnum() for char in folded[max(0, first - 1) : last + 1]]
    cut_before = first > 0 and latin[0] and latin[1]
    cut_after = last < len(folded) and latin[-1] and latin[-2]
    return not cut_before and not cut_after and not _ACT.match(folded, last - 1)


def _english_words(text: str) -> Iterator[tuple[str, int, int]]:
    """(key, start, end) of every word that is no article."""
    for word in _WORD.finditer(text):
        key = _word_key(word.group().lower())
        if key not in _ARTICLES:
            yield key, word.start(), word.end()


@lru_cache(maxsize=65536)
def _word_key(word: str) -> str:
    plain = _POSSESSIVE.sub("", word)
    for pattern, american in _SPELLINGS:
        plain = pattern.sub(american, plain)
    return stem(plain)


def _english_pieces(text: str, longest: int) -> Iterator[tuple[str, tuple[int, int]]]:
    words = list(_english_words(text))
    for first, (_, start, _) in enumerate(words):
        key = ""
        for word, _, end in words[first:]:
            key += word
            if len(key) > longest:
                break
            yield key, (start, end)
