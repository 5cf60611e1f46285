"""Answers against questions whose answers are known: correctness, citation, verbatim quotation, abstention.

Question files are JSON lines: ``{"id", "user", "language", "expect", "question", ...}``. ``expect`` is answer, partial
or refuse. ``right`` lists words of which a quotation must hold one, ``all`` words that must each stand in one,
``contains`` words of the answer's own sentence, ``forbidden`` words that must not be quoted, ``clauses`` ids of which
one must be quoted.
Figure files hold one indicator a line with its names in both languages, target and actual, for ``figure_questions``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from indexer.errors import ConfigError
from indexer.text import fold_text
from search_app.answer import ask
from search_app.answer_model import AskResult
from search_app.retrieve import Search

# Written by hand: two wordings for each language and each of target and actual.
TEMPLATES: Mapping[tuple[str, str], tuple[str, str]] = {
    ("zh", "target"): ("{year}年{name}的目標值是多少？", "{name}在{year}年的目標訂為多少？"),
    ("zh", "actual"): ("{year}年{name}的實際值是多少？", "{name}在{year}年實際達成多少？"),
    ("en", "target"): ("What was the {year} target for {name}?", "Which target was set for {name} in {year}?"),
    ("en", "actual"): ("What was the actual {year} value for {name}?", "What was actually achieved for {name} in {year}?"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """One question with what a good answer holds; texts are folded."""

    question_id: str
    user: str
    language: str
    kind: str
    expect: Literal["answer", "partial", "refuse"]
    text: str
    right: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of one question: ``right`` is the whole verdict, ``verbatim`` whether all its quotations hold."""

    question: Question
    result: AskResult
    right: bool
    verbatim: bool

    @property
    def refused(self) -> bool:
        """True when no answer was given at all."""
        return self.result.status == "unanswered"


@dataclass(frozen=True, slots=True)
class Totals:
    """Shares from 0 to 1 over one set of questions; ``refused_partly`` counts partial answers as refusals."""

    questions: int
    answerable: int
    unanswerable: int
    answered_right: float
    answerable_refused: float
    unanswerable_refused: float
    refused_outright: float
    partial_right: float
    verbatim: float
    median_ms: float


def read_questions(path: Path) -> list[Question]:
    """The questions of a file. Raises ConfigError that names the line."""
    return [_question(path, number, line) for number, line in _lines(path)]


def figure_questions(path: Path) -> Iterator[Question]:
    """Questions for the target and actual of every indicator of a file, in both languages and two wordings each."""
    for _, line in _lines(path):
        entry = json.loads(line)
        for (language, facet), templates in TEMPLATES.items():
            for place, (template, name) in enumerate(zip(templates, entry[language], strict=True), start=1):
                if facet in entry:
                    text = template.format(year=entry["year"], name=name)
                    name_id = f"{entry['number']}-{facet}-{language}{place}"
                    yield Question(
                        name_id, "figures", language, facet, "answer", text, right=(fold_text(entry["snippet"]),),
                        contains=(fold_text(entry[facet]),),
                    )  # fmt: skip


def judge(search: Search, questions: Iterable[Question]) -> list[Judgement]:
    """Ask every question and judge what comes."""
    return [_judged(search, question, ask(search, question.text)) for question in questions]


def totals(judged: Sequence[Judgement]) -> Totals:
    """The shares that the gates are set on."""
    by = {
        name: [entry for entry in judged if entry.question.expect == name] for name in ("answer", "partial", "refuse")
    }
    times = sorted(entry.result.took_ms for entry in judged)
    return Totals(
        questions=len(judged), answerable=len(by["answer"]), unanswerable=len(by["refuse"]),
        answered_right=_share(entry.right for entry in by["answer"]),
        answerable_refused=_share(entry.refused for entry in by["answer"]),
        unanswerable_refused=_share(entry.right for entry in by["refuse"]),
        refused_outright=_share(entry.refused for entry in by["refuse"]),
        partial_right=_share(entry.right for entry in by["partial"]),
        verbatim=_share(entry.verbatim for entry in judged),
        median_ms=times[len(times) // 2] if times else 0.0,
    )  # fmt: skip


def report(judged: Sequence[Judgement]) -> str:
    """Totals by language and kind of question, and every failure with its question and what was said."""
    lines = [_line("all", judged)]
    for name in ("language", "user", "kind"):
        groups = sorted({getattr(entry.question, name) for entry in judged})
        lines += [
            _line(f"{name} {group}", [e for e in judged if getattr(e.question, name) == group]) for group in groups
        ]
    lines += [_failure(entry) for entry in judged if not (entry.right and entry.verbatim)]
    return "\n".join(lines)


def _line(name: str, judged: Sequence[Judgement]) -> str:
    found = totals(judged)
    return (
        f"{name:24} n={found.questions:3} right {found.answered_right:.3f} of {found.answerable:3},"
        f" refused {found.answerable_refused:.3f}; unanswerable refused {found.unanswerable_refused:.3f} of"
        f" {found.unanswerable:3} (outright {found.refused_outright:.3f}); partial {found.partial_right:.3f};"
        f" verbatim {found.verbatim:.3f}; {found.median_ms:.0f} ms"
    )


def _failure(entry: Judgement) -> str:
    question, result = entry.question, entry.result
    said = result.answer.text.replace("\n", " ")[:200] if result.answer else ""
    why = result.reason.code if result.reason else ""
    confidence = result.signals.get("confidence", -1.0)
    return f"FAILED {question.question_id} [{question.expect}] {question.text}\n       {result.status} {why} {confidence:.2f} {said}"


def _judged(search: Search, question: Question, result: AskResult) -> Judgement:
    verbatim = all(_stands(search, quote.clause_id, quote.start, quote.end, quote.text) for quote in _quotes(result))
    return Judgement(question, result, _right(question, result), verbatim)


def _right(question: Question, result: AskResult) -> bool:
    if question.expect == "refuse":
        return result.status != "answered"
    if question.expect == "partial":
        return (result.status == "partial" and _holds(question, result)) or (
            result.reason is not None and result.reason.code == "damaged"
        )
    return result.status == "answered" and _holds(question, result)


def _holds(question: Question, result: AskResult) -> bool:
    quoted = [fold_text(quote.text) for quote in _quotes(result)]
    said = fold_text(result.answer.text) if result.answer else ""
    right = not question.right or any(words in text for words in question.right for text in quoted)
    every = all(any(words in text for text in quoted) for words in question.all)
    clean = not any(words in text for words in question.forbidden for text in quoted)
    cited = {clause_id for quote in _quotes(result) for clause_id in (quote.clause_id, *quote.also)}
    placed = not question.clauses or not cited.isdisjoint(question.clauses)
    return right and every and clean and placed and all(_figure_stands(words, said) for words in question.contains)


def _figure_stands(words: str, said: str) -> bool:
    """True when a figure stands alone: 5 not inside 85 or 5,000."""
    at = said.find(words)
    while at >= 0:
        before, after = said[at - 1 : at], said[at + len(words) : at + len(words) + 2]
        if not (
            before.isdigit()
            or before in (".", ",")
            or after[:1].isdigit()
            or (after[:1] in (".", ",") and after[1:].isdigit())
        ):
            return True
        at = said.find(words, at + 1)
    return False


def _quotes(result: AskResult) -> Sequence[Any]:
    return result.answer.quotes if result.answer else ()


def _stands(search: Search, clause_id: str, start: int, end: int, text: str) -> bool:
    view = search.clause(clause_id)
    return view is not None and not view.clause.damaged and bool(text) and view.clause.text[start:end] == text


def _question(path: Path, number: int, line: str) -> Question:
    try:
        entry = json.loads(line)
        lists = {name: tuple(map(fold_text, entry.get(name, ()))) for name in ("right", "all", "contains", "forbidden")}
        return Question(
            entry["id"], entry["user"], entry["language"], entry.get("kind", entry["expect"]), entry["expect"],
            entry["question"], **lists, clauses=tuple(entry.get("clauses", ())),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path}:{number}: not a question: {error!r}") from error


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            yield number, line


def _share(values: Iterable[bool]) -> float:
    flags = list(values)
    return sum(flags) / len(flags) if flags else 1.0
