"""What a machine can find wrong in renderings and expected questions.

An editor may accept a finding: the exceptions of a file name it by clause_id and ``Problem.about``, with the reason.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from indexer.glossary import Glossary, english_key, english_keys
from indexer.model import Clause, Document
from indexer.numerals import (
    chinese_numbers,
    english_numbers,
    extra_numbers,
    han_value,
    missing_numbers,
    numbered_names,
)
from indexer.text import fold_text, is_cjk, is_simplified

WITHOUT_QUESTIONS = frozenset(("heading", "work_plan"))  # titles: an editor may ask for them, but need not

_FOREIGN_MARK = re.compile("[\u3000-\u303f\uff00-\uffef]")  # 「，。（＋
_LATIN = re.compile(r"(?<![A-Za-z\d])[A-Za-z]{2,}(?:[-&.'/][A-Za-z]+)*(?![A-Za-z\d]|-\d)")  # SDGs, R&D; not COVID-19
_NUMERAL = "[0-9一二三四五六七八九十百]+"
_REFERENCE = re.compile(
    rf"第\s*{_NUMERAL}\s*條(?:\s*之\s*{_NUMERAL})?(?:\s*第\s*{_NUMERAL}\s*項)?(?:\s*第\s*{_NUMERAL}\s*款)?"
)  # 第56條第2項
_LEVEL = re.compile(rf"({_NUMERAL})\s*([條項款])(?:\s*之\s*({_NUMERAL}))?")  # 9條之1
_LEVELS = {"條": "Article", "項": "Paragraph", "款": "Subparagraph"}
_NO_WORD = re.compile(r"[\W_]+")  # punctuation and blanks


@dataclass(frozen=True, slots=True)
class Draft:
    """One entry as an editor or a model wrote it, possibly empty."""

    digest: str
    en: str
    questions_zh: tuple[str, ...] = ()
    questions_en: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. ``about`` names it for the exceptions of a file: "term 勞工", "number 25%"."""

    clause_id: str
    field: str
    about: str
    message: str

    def __str__(self) -> str:
        return f"{self.clause_id}: {self.field}: {self.message}"


def check_drafts(document: Document, drafts: Mapping[str, Draft], glossary: Glossary) -> list[Problem]:
    """Everything that is wrong with a document's drafts by clause_id: in the order of the clauses, unknown ids last."""
    clauses = {clause.clause_id: clause for clause in document.clauses}
    clean = [clause for clause in document.clauses if not clause.damaged]
    problems: list[Problem] = []
    for clause in clean:
        if clause.clause_id in drafts:
            problems += check_draft(clause, drafts[clause.clause_id], glossary)
        else:
            problems.append(Problem(clause.clause_id, "entry", "entry", "is missing."))
    for clause_id in drafts:
        if clause_id not in clauses:
            problems.append(Problem(clause_id, "entry", "entry", "there is no such clause."))
        elif clauses[clause_id].damaged:
            problems.append(
                Problem(clause_id, "entry", "entry", "is for a damaged page, whose text cannot be trusted.")
            )
    return [*problems, *_copied(clean, drafts), *_repeated(clean, drafts)]


def check_draft(clause: Clause, draft: Draft, glossary: Glossary) -> list[Problem]:
    """Everything that is wrong with the draft of one clause, whatever the others hold."""
    problems: list[Problem] = []
    if draft.digest != clause.digest:
        message = f"is {draft.digest or 'empty'}, but the clause's is {clause.digest}: it was written for another text."
        problems.append(Problem(clause.clause_id, "digest", "digest", message))
    findings = [("en", about, message) for about, message in _rendering(clause.text, draft.en, glossary)]
    findings += _questions(clause, draft)
    return problems + [Problem(clause.clause_id, *finding) for finding in findings]


def without_exceptions(problems: Sequence[Problem], exceptions: Mapping[str, Mapping[str, str]]) -> list[Problem]:
    """The problems that no exception (clause_id -> about -> reason) accepts, and the exceptions that accept nothing."""
    open_problems = [found for found in problems if found.about not in exceptions.get(found.clause_id, {})]
    known = {(problem.clause_id, problem.about) for problem in problems}
    return open_problems + [
        Problem(clause_id, "exceptions", about, f'"{about}" is no problem here; take the exception out.')
        for clause_id, reasons in exceptions.items()
        for about in reasons
        if (clause_id, about) not in known
    ]


def comparable(text: str) -> str:
    """What two sentences are compared by: folded, without punctuation and blanks."""
    return _NO_WORD.sub("", fold_text(text))


def _rendering(source: str, rendering: str, glossary: Glossary) -> Iterator[tuple[str, str]]:
    """What is wrong with a rendering: (about, message)."""
    if not rendering.strip():
        yield "empty", "is empty."
        return
    yield from _not_english(rendering)
    lines, expected = (len(text.strip().split("\n")) for text in (rendering, source))
    if lines != expected:
        yield "lines", f"has {lines} lines, the source {expected}: a cell is missing or cut."
    plain = unicodedata.normalize("NFKC", source)
    yield from _numbers(source, rendering)
    yield from _references(plain, rendering)
    yield from _words(source, plain, english_keys(rendering), glossary)


def _numbers(source: str, rendering: str) -> Iterator[tuple[str, str]]:
    printed, rendered = chinese_numbers(source), english_numbers(rendering)
    for number in missing_numbers(printed, rendered):
        meant = f" ({number.values[0]})" if number.printed.endswith("年") else ""
        yield f"number {number.printed}", f"{number.printed}{meant} of the source is missing."
    for number in extra_numbers(printed, rendered):
        yield f"extra number {number.printed}", f"{number.printed} is not in the source."


def _words(source: str, plain: str, keys: Set[str], glossary: Glossary) -> Iterator[tuple[str, str]]:
    """Latin names and terms of the glossary that a rendering with these keys lacks."""
    for name in dict.fromkeys([*_LATIN.findall(plain), *numbered_names(plain)]):
        if english_key(name) and english_key(name) not in keys:
            yield f"name {name}", f"{name} of the source is missing."
    terms = {source[found.start : found.end]: found.official for found in glossary.find_chinese(source)}
    for term, meanings in terms.items():
        forms = [form for meaning in meanings for form in meaning.en_official]
        if forms and not any(english_key(form) in keys for form in forms):
            yield f"term {term}", f"{term} is not rendered as the glossary has it: {', '.join(forms[:3])}."


def _not_english(text: str) -> Iterator[tuple[str, str]]:
    foreign = "".join(dict.fromkeys(char for char in text if is_cjk(char) or _FOREIGN_MARK.match(char)))
    if foreign:
        yield "Chinese", f"holds Chinese characters or marks: {foreign}"


def _references(source: str, rendering: str) -> Iterator[tuple[str, str]]:
    for reference in _REFERENCE.findall(source):
        for number, level, inserted in _LEVEL.findall(reference):
            place = f"{han_value(number)}-{han_value(inserted)}" if inserted else f"{han_value(number)}"
            if not re.search(rf"\b{_LEVELS[level]}s?\b[^.;:]*?(?<![\d-]){place}(?![\d-])", rendering, re.IGNORECASE):
                yield f"reference {reference}", f"{reference} should be cited with {_LEVELS[level]} {place}."


def _questions(clause: Clause, draft: Draft) -> Iterator[tuple[str, str, str]]:
    """What is wrong with the questions of one clause: (field, about, message)."""
    own = {comparable(clause.text), comparable(draft.en)}
    for field, questions in _both(draft):
        if not questions and clause.kind not in WITHOUT_QUESTIONS:
            yield field, f"no {field}", "is empty."
        for question in questions:
            if not comparable(question):
                yield field, "empty question", "holds an empty question."
            elif comparable(question) in own:
                yield field, f"copy {question}", f"「{question}」 is the clause itself."
            for about, message in _not_english(question) if field == "questions_en" else _not_traditional(question):
                yield field, f"{about} {question}", f"「{question}」 {message}"


def _not_traditional(text: str) -> Iterator[tuple[str, str]]:
    simplified = "".join(dict.fromkeys(char for char in text if is_simplified(char)))
    if simplified:
        yield "Simplified", f"holds Simplified characters: {simplified}"
    if comparable(text) and not any(map(is_cjk, text)):
        yield "no Chinese", "holds no Chinese."


def _copied(clauses: Sequence[Clause], drafts: Mapping[str, Draft]) -> Iterator[Problem]:
    """Questions that are the text or the rendering of another clause."""
    texts = {comparable(clause.text): clause for clause in clauses}
    texts |= {comparable(drafts[clause.clause_id].en): clause for clause in clauses if clause.clause_id in drafts}
    for clause, field, question in _all_questions(clauses, drafts):
        other = texts.get(comparable(question))
        if other is not None and other.text != clause.text:
            message = f"「{question}」 is the clause {other.clause_id}."
            yield Problem(clause.clause_id, field, f"clause {question}", message)


def _repeated(clauses: Sequence[Clause], drafts: Mapping[str, Draft]) -> Iterator[Problem]:
    """Questions that were asked before: of the same clause, or of one with another text."""
    asked: dict[str, Clause] = {}
    for clause, field, question in _all_questions(clauses, drafts):
        before = asked.get(comparable(question))
        if before is not None and (before is clause or before.text != clause.text):
            message = f"「{question}」 is asked before, of {before.clause_id}."
            yield Problem(clause.clause_id, field, f"repeated {question}", message)
        asked.setdefault(comparable(question), clause)


def _all_questions(clauses: Sequence[Clause], drafts: Mapping[str, Draft]) -> Iterator[tuple[Clause, str, str]]:
    for clause in clauses:
        if clause.clause_id in drafts:
            for field, questions in _both(drafts[clause.clause_id]):
                yield from ((clause, field, question) for question in questions if comparable(question))


def _both(draft: Draft) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return ("questions_zh", draft.questions_zh), ("questions_en", draft.questions_en)
