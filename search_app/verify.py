"""Does a quotation stand in the corpus, where, and how exactly? Nothing is called exact that was not read character by character."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal, NamedTuple

from indexer.errors import QueryError
from indexer.grams import GramIndex, best
from indexer.markers import match_marker
from indexer.model import Clause, DocumentInfo
from indexer.store import Store
from indexer.text import fold_text, is_simplified, to_traditional
from search_app.bare import bare_text, letters
from search_app.difference import Difference, difference
from search_app.quotes import PIECE, Cut, Match, bare_form, matches, nearest_window, pieces
from search_app.trust import is_quotable

Wrong = Literal["year", "section", "number"]
Status = Literal["exact", "typographic", "altered", "wrong_place", "spliced", "unreliable", "not_found"]

MAX_CHARS = 2000  # of a quotation; the longest clause of the shipped documents has 283
READ = 300  # passages whose folded text is looked into for the whole quotation
HELD = 100  # passages that hold it, read character by character; a quotation of one word may stand in thousands
NEAR = 24  # passages whose stretches may have been put together
NEAREST = 8  # of them, compared character by character
PLACES = 20  # places told; ``total`` counts all that were read
ALTERED = 0.6  # likeness (Dice over characters in order) from which a passage is the source of an altered quotation
CLOSE = 0.9  # likeness from which one passage alone explains a quotation
COVERED = 0.7  # of a spliced quotation's characters stand in the passages named
_OUTER = ("「」", "『』", "“”", '""', "‘’")
_NO_MATCH = Match(0, 0, False, False, None)
_OPENING = ("heading", "goal", "work_plan", "plan_row")  # kinds that open a section of their own


@dataclass(frozen=True, slots=True)
class Place:
    """Where words stand: clause.text[start:end]. ``whole`` is True when that is all of the clause."""

    clause: Clause
    document: DocumentInfo
    start: int
    end: int
    whole: bool

    @property
    def text(self) -> str:
        """The words as printed there."""
        return self.clause.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a spliced quotation, in its bare form, and where it comes from."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of the check.

    exact        every character stands there in this order; blanks and line ends apart
    typographic  the same but for print (variants, width, script, punctuation), or a word is cut at an edge (``cut``)
    altered      other words than the source's: ``change`` tells from the source to the quotation
    wrong_place  it stands in the corpus, but not in the year, section or under the number that was given
    spliced      its ``parts`` stand in different clauses
    unreliable   it stands only on a page whose text cannot be trusted: damaged, or read from a picture
    not_found    nothing near enough; that says nothing about other documents

    ``places`` are where it stands, best first; for ``altered`` where the nearest words stand. ``likeness`` is 0 to 1.
    ``wrong`` says what was given and does not agree with the first place.
    """

    quote: str
    status: Status
    places: tuple[Place, ...] = ()
    total: int = 0
    likeness: float = 0.0
    change: Difference | None = None
    parts: tuple[Part, ...] = ()
    cut: Cut | None = None
    wrong: tuple[Wrong, ...] = ()


def verify(quote: str, store: Store, grams: GramIndex, years: Collection[int] = (), section: str = "") -> Verification:
    """The check of a quotation, in the CE ``years`` and the ``section`` (part of its path) given, empty for anywhere.

    Outer quotation marks and a leading number such as （四） are not part of the words; the number must be the clause's
    own. Raises QueryError for a quotation over ``MAX_CHARS``.
    """
    if len(quote) > MAX_CHARS:
        raise QueryError(f"the quotation has {len(quote)} characters, at most {MAX_CHARS} are allowed.", "Shorten it.")
    check = _Check(store, grams, frozenset(years), fold_text(section))
    words = _unquoted(quote)
    found = check.run(words)
    if found.status in ("altered", "spliced", "not_found") and is_simplified(words):
        converted = check.run(to_traditional(words))  # 信息 is 資訊: words of the script, not of the writer
        if converted.status in ("exact", "typographic", "wrong_place"):
            status: Status = "wrong_place" if converted.status == "wrong_place" else "typographic"
            found = replace(converted, status=status, change=difference(converted.places[0].text, words))
    return replace(found, quote=quote)


class _Standing(NamedTuple):
    """A place where the words stand, and whether the number that was given is the clause's own."""

    place: Place
    match: Match
    numbered: bool


@dataclass(frozen=True, slots=True)
class _Check:
    store: Store
    grams: GramIndex
    years: frozenset[int]
    section: str

    def run(self, words: str) -> Verification:
        """The verdict; ``quote`` of it holds the words that were checked."""
        number = match_marker(words)
        shorn = words[len(number.printed) :].lstrip() if number else words
        candidates, nearest = self._candidates(shorn)
        clauses = self._holding(shorn, candidates)
        standing = [entry for one in clauses for entry in self._standing(words, one, "")]
        if number:
            standing += [entry for one in clauses for entry in self._standing(shorn, one, number.printed)]
        if standing:
            return self._found(shorn, standing)
        if doubtful := [self._place(clause, _NO_MATCH) for clause in clauses if self._doubtful(clause)]:
            return Verification(words, "unreliable", tuple(doubtful[:PLACES]), len(doubtful))
        return self._nowhere(shorn, self.store.clauses(nearest))

    def _candidates(self, words: str) -> tuple[list[int], list[int]]:
        """Docnums of the passages that share most of the quotation's characters and pairs, and of the nearest of them.

        Rare pairs count more. Those of the years and section asked for come first, so that many alike cannot hide them.
        """
        scores = self.grams.scores(words, heading_weight=0.0)
        ranked = [best(scores, READ)]
        if self.years or self.section:
            scope = self.store.select(tuple(self.years), (), (self.section,) if self.section else (), ())
            ranked.insert(0, best(scores, READ, scope))
        wide, near = ([one.docnum for row in ranked for one in row[:depth]] for depth in (READ, NEAR))
        return list(dict.fromkeys(wide)), list(dict.fromkeys(near))

    def _holding(self, words: str, candidates: Sequence[int]) -> list[Clause]:
        """The candidates that hold the quotation's letters, damaged pages on one of their lines."""
        wanted = letters(fold_text(words))
        if not wanted:
            return []
        texts = dict(self.store.folded(candidates))
        holding = (at for at in candidates if any(wanted in letters(line) for line in texts[at].split("\n")))
        return self.store.clauses(list(islice(holding, HELD)))

    def _standing(self, words: str, clause: Clause, number: str) -> Iterator[_Standing]:
        if not self._doubtful(clause):
            own = not number or bare_text(number) == bare_text(clause.marker)
            yield from (_Standing(self._place(clause, match), match, own) for match in matches(words, clause.text))

    def _found(self, words: str, standing: Sequence[_Standing]) -> Verification:
        """The verdict on words that stand somewhere: on the best place of those asked for, else wrong place."""
        ranked = sorted(standing, key=lambda one: (len(self._wrong(one)), _rank(one.match), _age(one.place)))
        place, match, _ = ranked[0]
        wrong = self._wrong(ranked[0])
        alike = [one for one in ranked if self._wrong(one) == wrong and _rank(one.match)[:2] == _rank(match)[:2]]
        told = tuple(dict.fromkeys(one.place for one in alike))
        if match.cut in ("negation", "number"):
            wider = replace(place, start=max(0, place.start - 4), end=min(len(place.clause.text), place.end + 4))
            change = difference(wider.text, words)
            return Verification(words, "altered", told[:PLACES], len(told), 0.99, change, cut=match.cut, wrong=wrong)
        printed: Status = "exact" if match.letters and match.cut is None else "typographic"
        status: Status = "wrong_place" if wrong else printed
        change = difference(place.text, words)
        return Verification(words, status, told[:PLACES], len(told), 1.0, change, cut=match.cut, wrong=wrong)

    def _nowhere(self, words: str, clauses: Sequence[Clause]) -> Verification:
        """The verdict on words that stand nowhere together: altered, spliced, or not found."""
        sound = [clause for clause in clauses if not self._doubtful(clause)]
        close = sorted(sound, key=lambda one: -_overlap(words, one.text))[:NEAREST]
        windows = [(found, one) for one in close if (found := nearest_window(words, one.text))]
        windows.sort(key=lambda entry: (-round(entry[0].likeness, 2), not self._in_scope(entry[1]), entry[1].order))
        likeness = windows[0][0].likeness if windows else 0.0
        if likeness < CLOSE and (spliced := self._spliced(words, sound)):
            return spliced
        if likeness < ALTERED or len(bare_text(words)) < PIECE:
            return Verification(words, "not_found")
        window, clause = windows[0]
        place = self._place(clause, Match(window.start, window.end, False, False, None))
        return Verification(words, "altered", (place,), 1, round(likeness, 3), difference(place.text, words))

    def _spliced(self, words: str, clauses: Sequence[Clause]) -> Verification | None:
        """The parts of a quotation that was put together from several clauses, None when one clause has them all."""
        whole = bare_text(words)
        found = pieces(words, [clause.text for clause in clauses])
        covered = sum(end - start for start, end, _ in found)
        if len(found) < 2 or covered < COVERED * len(whole) or set.intersection(*(set(places) for *_, places in found)):
            return None
        parts = tuple(self._part(whole[start:end], [clauses[at] for at in places]) for start, end, places in found)
        places = tuple(dict.fromkeys(part.place for part in parts))
        return Verification(words, "spliced", places, len(places), round(covered / len(whole), 3), parts=parts)

    def _part(self, text: str, clauses: Sequence[Clause]) -> Part:
        clause = min(clauses, key=lambda one: (not self._in_scope(one), one.document_id, one.order))
        return Part(text, self._place(clause, next(matches(text, clause.text))))

    def _place(self, clause: Clause, match: Match) -> Place:
        document = self.store.documents[clause.document_id]
        return Place(clause, document, match.start, match.end, match.whole)

    def _doubtful(self, clause: Clause) -> bool:
        """True for a clause that may not be quoted: see trust.py."""
        return not is_quotable(clause, self.store.documents[clause.document_id])

    def _wrong(self, one: _Standing) -> tuple[Wrong, ...]:
        """What was given and does not agree with the place."""
        year, section = self._agrees(one.place.clause)
        told: tuple[tuple[Wrong, bool], ...] = (("year", year), ("section", section), ("number", one.numbered))
        return tuple(name for name, agrees in told if not agrees)

    def _in_scope(self, clause: Clause) -> bool:
        return all(self._agrees(clause))

    def _agrees(self, clause: Clause) -> tuple[bool, bool]:
        """Whether a clause is of the years and of the section asked for; a heading belongs to the section it opens."""
        own = (f"{clause.marker}{clause.text}",) if clause.kind in _OPENING else ()
        path = fold_text(" ".join((*clause.section_path, *own)))
        return not self.years or self.store.documents[clause.document_id].year_ce in self.years, self.section in path


def _rank(match: Match) -> tuple[bool, bool, bool]:
    """Uncut before cut, to the letter before other print, a whole clause before a part of one."""
    return match.cut is not None, not match.letters, not match.whole


def _age(place: Place) -> tuple[int, str, int]:
    return place.document.year_ce, place.document.document_id, place.clause.order


def _overlap(words: str, text: str) -> int:
    """How many different pairs of neighbours of the words the text has too."""
    return len(_neighbours(bare_text(words)) & _neighbours(bare_form(text).text))


def _neighbours(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def _unquoted(quote: str) -> str:
    """The quotation without blanks and quotation marks around it."""
    words = quote.strip()
    while len(words) > 1 and any(words[0] == mark[0] and words[-1] == mark[1] for mark in _OUTER):
        words = words[1:-1].strip()
    return words
