"""How much each term of a question weighs in a corpus, and how much of a question a text holds."""

from __future__ import annotations

import math
import re
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from indexer.model import Clause
from indexer.text import fold_text
from indexer.tokens import frequency, stem, word_class
from search_app.answer_model import Expansion, SubjectTerm
from search_app.retrieve import Search

SAMPLE = 2000  # clauses that document frequencies are counted over at the most, evenly spaced
GENERIC = 0.15  # of a term's weight when nearly every clause could be about it
BACKGROUND = 0.5  # of a term's weight in a part of the question that tells the story
NARRATIVE = 0.15  # the same for a word that no list and no clause knows: 履歷, 鷹架, "bakery"
BARE_ENGLISH = 0.6  # of the weight of an English word that the glossary does not know
EVERYDAY = 0.15  # of the weight of the most common words of speech
ASKED = 0.7  # of a term's share when only a question that the clause is expected to answer holds it
HEADING = 0.75  # of a term's share when it stands in the headings above a sentence only
# Of a word that stands nowhere, by its class in the general dictionary: nouns and what it lacks are subjects, verbs and
# adjectives mostly tell (帮忙, 念书), all others are grammar (这样, 以后, 两个).
CLASSES = {"n": 1.0, "": 1.0, "l": 0.7, "v": 0.4, "a": 0.4}
OTHER_CLASS = 0.15
KNOWN = 0.55  # a form of less weight is wider than what was asked about (外送員, 非典型勞動契約): to have it is not to have that
COMPOUND = 10  # count in the general dictionary below which a long word counts by its parts
LEAST_STRANGE = 0.3
PREFIX = 5  # letters; a longer English stem may be the beginning of a word


@dataclass(frozen=True, slots=True)
class Weighed:
    """A subject term with its weight: inverse document frequency, less for generic words; ``known`` to the corpus."""

    term: SubjectTerm
    weight: float
    known: bool


@dataclass
class Statistics:
    """Document frequencies of one generation, counted on demand over a sample of its clauses."""

    texts: Sequence[str]
    renderings: Sequence[str]
    _counts: dict[tuple[str, bool], int] = field(default_factory=dict)

    def count(self, form: str, english: bool = False) -> int:
        """Clauses of the sample that hold a folded form, or the stems of an English one in their rendering."""
        key = (form, english)
        if key not in self._counts:
            texts = self.renderings if english else self.texts
            self._counts[key] = sum(form in text for text in texts)
        return self._counts[key]

    def idf(self, count: int) -> float:
        """0 for what stands everywhere, 1 for what stands nowhere."""
        total = len(self.texts)
        return math.log((total + 1) / (count + 0.5)) / math.log((total + 1) / 0.5)

    def weigh(self, term: SubjectTerm) -> Weighed:
        """The weight of a term by its own frequency, or where it has none by that of its closest known form."""
        counts = [self._form_count(term, form) for form in term.forms if form.weight >= KNOWN]
        count = counts[0] or next((count for count in counts if count), 0)
        bare = len(term.forms) == 1
        weight = self.idf(count) * (GENERIC if term.generic else 1.0)
        if term.background:
            weight *= NARRATIVE if bare and not count else BACKGROUND
        if bare:
            weight *= BARE_ENGLISH if term.language == "en" else rarity(term.text)
            weight *= self._strangeness(term.text) if not count else 1.0
        return Weighed(term, weight, count > 0)

    def _strangeness(self, word: str) -> float:
        """How far a word that stands nowhere is missed: nouns (護照) fully, verbs (做到) less, 這樣 and 以後 hardly.

        A rare compound counts by its parts: 納入計畫 is made of words that the corpus has, 流感疫苗 is not.
        """
        kind = CLASSES.get(word_class(word), OTHER_CLASS)
        if len(word) <= 2 or word.isascii() or frequency(word) >= COMPOUND:
            return kind
        pairs = [word[i : i + 2] for i in range(len(word) - 1)]
        known = sum(self.count(pair) > 0 for pair in pairs)
        return kind * max(LEAST_STRANGE, 1 - known / len(pairs))

    def _form_count(self, term: SubjectTerm, form: Expansion) -> int:
        if term.language == "en" and form.text.isascii():
            return self.count(_sought(form.text), True)
        return self.count(form.text)


_statistics: weakref.WeakKeyDictionary[Search, Statistics] = weakref.WeakKeyDictionary()


def statistics(search: Search) -> Statistics:
    """The document frequencies of an opened generation, made at the first question."""
    found = _statistics.get(search)
    if found is None:
        clauses = [clause for info in search.documents() for clause in _clauses(search, info.document_id)]
        sample = clauses[:: max(1, -(-len(clauses) // SAMPLE))]
        texts = [fold_text("\n".join((*clause.section_path, clause.text))) for clause in sample]
        found = _statistics[search] = Statistics(texts, [rendering_key(_rendering(search, c)) for c in sample])
    return found


def rarity(word: str) -> float:
    """1 for a Chinese word of few, less for one of everyday speech: 自己 0.15, 決定 0.2, 部長 0.5, 罰款 1.

    By its count in the general dictionary of the tokenizer, where 1,000 is the 8,000th most frequent word. Words that
    the glossary or the synonyms know are never everyday words.
    """
    count = frequency(word)
    return min(1.0, max(EVERYDAY, 1 - (math.log10(count or 1) - 3) / 1.5))


def coverage(weighed: Sequence[Weighed], folded: str, headings: str, rendering: str, asked: str = "") -> float:
    """The share of the question's weight that a text holds, 0 to 1."""
    total = sum(entry.weight for entry in weighed)
    held = sum(entry.weight * share(entry.term, folded, headings, rendering, asked) for entry in weighed)
    return held / total if total else 0.0


def share(term: SubjectTerm, folded: str, headings: str, rendering: str, asked: str = "") -> float:
    """How far a text holds a term, 0 to 1: its best form, else the pairs of its characters.

    A form counts less where only the headings above the text hold it, or the question expected of it (``asked``).
    """
    best = 0.0
    for form in term.forms:
        if term.language == "en" and form.text.isascii():
            held = 1.0 if _sought(form.text) in rendering else ASKED if _sought(form.text) in asked else 0.0
        elif form.text in folded:
            held = 1.0
        else:
            held = HEADING if form.text in headings else ASKED if form.text in asked else 0.0
        best = max(best, held * form.weight)
    if best < 0.5 and term.language == "zh":
        best = max(best, _pair_share(term.text, folded))
    return best


@lru_cache(maxsize=8192)
def rendering_key(text: str) -> str:
    """The stems of an English text between blanks, so that words are found whole."""
    return (
        " " + " ".join(stem(word) for word in re.findall(r"[a-z]+|\d+", text.lower().replace("labour", "labor"))) + " "
    )


@lru_cache(maxsize=8192)
def _sought(text: str) -> str:
    """What to look for in a rendering: stems between blanks; a long word also as a beginning: invest, investment."""
    key = rendering_key(text)
    word = key.strip()
    return f" {word}" if " " not in word and len(word) > PREFIX else key


def _pair_share(word: str, folded: str) -> float:
    """Half of the share of a word's character pairs that a text holds: a hint, no more."""
    pairs = [word[i : i + 2] for i in range(len(word) - 1)]
    return 0.5 * sum(pair in folded for pair in pairs) / len(pairs) if len(pairs) > 1 else 0.0


def _clauses(search: Search, document_id: str) -> Iterator[Clause]:
    view = search.document(document_id)
    yield from view.clauses if view is not None else ()


def _rendering(search: Search, clause: Clause) -> str:
    view = search.clause(clause.clause_id)
    return view.translation.get("en", "") if view is not None else ""
