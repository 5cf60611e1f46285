"""What a question is about: its subject terms, with the words that the plans would use for them.

A question is mostly frame (「請問……有哪些？」, "is there any plan for ..."); what is left is looked up in the glossary and
the synonyms, the longest form first, and cut into words by the tokenizer. Slips of the input method are put right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources

import yaml

from indexer.glossary import Term, english_key, load_glossary
from indexer.synonyms import chinese_synonyms, english_synonyms
from indexer.text import fold, fold_text, is_cjk, lexicon_rows
from indexer.tokens import stem, tokenize
from search_app.answer_model import Expansion, SubjectTerm

OFFICIAL = 0.9  # weight of another official form of the same term
COLLOQUIAL = 0.8  # weight of the plans' term for what citizens say
LONGEST = 12  # characters of a synonym; longer entries do not exist

_WORD_EN = re.compile(r"[A-Za-z][A-Za-z'’-]*|\d+(?:[.,]\d+)*")  # "part-time", "2.0"
_SINGLE = 2  # characters: a shorter Han word says too little by itself


class _Asking:
    """The words of questions, from asking.yaml; Chinese ones folded, English generic ones as stems."""

    def __init__(self) -> None:
        text = (resources.files("search_app") / "answering" / "asking.yaml").read_text(encoding="utf-8")
        words: dict[str, list[str]] = {name: value.split() for name, value in yaml.load(text, yaml.CSafeLoader).items()}
        frame = sorted({fold_text(word) for word in words["frame_zh"]}, key=lambda word: (-len(word), word))
        self.frame_zh = re.compile("|".join(map(re.escape, frame)))
        self.generic_zh = frozenset(map(fold_text, words["generic_zh"]))
        self.stop_zh = frozenset(fold_text("".join(words["stop_zh"])))
        self.stop_en = frozenset(words["stop_en"])
        self.generic_en = frozenset(map(stem, words["generic_en"]))


@cache
def _asking() -> _Asking:
    return _Asking()


def correct(text: str) -> str | None:
    """The text with slips of the input method put right (派遺 -> 派遣), or None when there is none."""
    folded = fold(text)
    pattern, meant = _confusions()
    out: list[str] = []
    done = 0
    for found in pattern.finditer(folded.text):
        start, end = folded.source_range(found.start(), found.end())
        out += [text[done:start], meant[found.group()]]
        done = end
    return "".join(out) + text[done:] if done else None


def subject_of(text: str) -> str:
    """The folded text with a comma for every run of words of asking, so that no word forms across the gap."""
    return re.sub(r"[，\s]+(?![a-z])|，+", "，", _asking().frame_zh.sub("，", fold_text(text))).strip("，")


def chinese_terms(text: str) -> tuple[SubjectTerm, ...]:
    """The subject terms of a Chinese question, in order, without repeats; ``text`` in their folded form."""
    subject = subject_of(text)
    words_at = _word_spans(subject)
    spans = [_whole(span, words_at) for span in _known_spans(subject)]
    covered = {index for start, end in spans for index in range(start, end)}
    spans += [span for span in words_at if covered.isdisjoint(range(*span))]
    words = dict.fromkeys(subject[start:end].strip() for start, end in sorted(spans))
    return tuple(_chinese_term(word) for word in words)


def english_terms(text: str) -> tuple[SubjectTerm, ...]:
    """The subject terms of an English question: glossary terms first, then its content words, in order."""
    terms: dict[int, SubjectTerm] = {}
    covered: set[int] = set()
    for found in load_glossary().find_english(text):
        surface = text[found.start : found.end]
        if surface.lower() in _asking().stop_en:
            continue
        terms[found.start] = _english_term(surface, found.official or found.terms, bool(found.official))
        covered.update(range(found.start, found.end))
    for word in _WORD_EN.finditer(text):
        plain = word.group().lower().replace("’", "'").removesuffix("'s")
        if (
            plain not in _asking().stop_en
            and covered.isdisjoint(range(word.start(), word.end()))
            and not plain.isdigit()
        ):
            terms[word.start()] = _english_term(plain, (), True)
    ordered = {english_key(term.text): term for _, term in sorted(terms.items())}
    return tuple(ordered.values())


def content_stems(text: str) -> frozenset[str]:
    """The stems of an English text without the words of asking."""
    words = (word.group().lower() for word in re.finditer(r"[A-Za-z]+|\d+", text))
    return frozenset(stem(word) for word in words if word not in _asking().stop_en)


def _english_term(surface: str, glossary: Iterable[Term], official: bool) -> SubjectTerm:
    weight = OFFICIAL if official else COLLOQUIAL
    forms = [Expansion(surface, 1.0, "question")]
    forms += [Expansion(fold_text(form), weight, "glossary") for term in glossary for form in term.zh_official]
    others = english_synonyms().get(" ".join(stem(word) for word in surface.lower().split()), {})
    forms += [Expansion(other, weight, "synonym") for other, weight in others.items()]
    words = re.findall(r"[A-Za-z]+", surface)
    generic = len(words) == 1 and stem(words[0].lower()) in _asking().generic_en
    return SubjectTerm(surface, "en", tuple(_best(forms)), generic)


def _chinese_term(word: str) -> SubjectTerm:
    forms = [Expansion(word, 1.0, "question")]
    known = {fold_text(form) for term in load_glossary().of_chinese(word) for form in term.zh_official}
    for other, weight in chinese_synonyms().get(word, {}).items():
        forms.append(Expansion(other, weight, "glossary" if other in known else "synonym"))
    return SubjectTerm(word, "zh", tuple(_best(forms)), word in _asking().generic_zh)


def _best(forms: Iterable[Expansion]) -> Iterator[Expansion]:
    """Each form once, with its greatest weight, the question's own first."""
    best: dict[str, Expansion] = {}
    for form in forms:
        if form.text not in best or form.weight > best[form.text].weight:
            best[form.text] = form
    yield from sorted(best.values(), key=lambda form: (-form.weight, form.text))


def _known_spans(subject: str) -> Iterator[tuple[int, int]]:
    """Ranges of the longest forms of glossary and synonyms, from left to right."""
    start = 0
    while start < len(subject):
        ends = range(min(len(subject), start + LONGEST), start + 1, -1)
        end = next((end for end in ends if _known(subject[start:end])), 0)
        if end:
            yield start, end
        start = end or start + 1


def _whole(known: tuple[int, int], words: list[tuple[int, int]]) -> tuple[int, int]:
    """The word of the tokenizer of which a known form is all but the last character (失業 in 失業率), else the form."""
    return next((word for word in words if word[0] == known[0] and word[1] == known[1] + 1), known)


def _known(word: str) -> bool:
    if not all(map(is_cjk, word)):
        return False
    return word in chinese_synonyms() or bool(load_glossary().of_chinese(word))


def _word_spans(subject: str) -> list[tuple[int, int]]:
    """Ranges of the longest words of the tokenizer; single characters side by side are taken for one unknown word."""
    spans: list[tuple[int, int]] = []
    end = 0
    for token in sorted(tokenize(subject), key=lambda token: (token.start, -token.end)):
        if token.start < end or token.text in _asking().stop_zh or token.text.isdigit():
            continue
        end = token.end
        joins = spans and spans[-1][1] == token.start and token.end - token.start == 1 == spans[-1][1] - spans[-1][0]
        if joins and is_cjk(token.text):
            spans[-1] = (spans[-1][0], token.end)
        else:
            spans.append((token.start, token.end))
    return [span for span in spans if span[1] - span[0] >= _SINGLE]


@cache
def _confusions() -> tuple[re.Pattern[str], Mapping[str, str]]:
    """A pattern of all folded slips, the longest first, and what was meant by each."""
    meant = {fold_text(row[0]): row[1] for row in lexicon_rows("confusions.tsv")}
    slips = sorted(meant, key=lambda slip: (-len(slip), slip))
    return re.compile("|".join(map(re.escape, slips))), meant
