"""Answers to questions whose answers are known: gates on totals; every failure is shown with its question.

``dev.jsonl`` is what evidence and abstention were tuned and fitted on (``python -m benchmarks.answers --fit``), two sets that
were once aside among them. ``aside.jsonl`` was written from the documents alone, after the last fit; nothing was tuned on it.
``figures.jsonl`` asks for every target and actual of both tables, in both languages and two wordings.
"""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path

import pytest

from indexer.text import fold_text
from search_app.answer import ask
from search_app.answer_evaluate import Judgement, Question, figure_questions, judge, read_questions, report, totals
from search_app.retrieve import Search

QUESTIONS = Path("tests/relevance/questions")
MEDIAN_MS = 60.0
JUDGED = 0.80  # reached 0.92; 0.73 before stories and everyday words were told from subjects


# Least right, most answerable refused, least unanswerable refused. Reached on dev 0.93, 0.04, 0.97; at the one reading of
# aside 1.00, 0.00, 0.95. What is aimed at for questions never seen: 0.85, 0.10, 0.90.
GATES = {"dev": (0.92, 0.05, 0.94), "aside": (0.95, 0.05, 0.90)}


@pytest.fixture(scope="module", params=list(GATES))
def part(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def judged(part: str, search: Search, root: Path) -> list[Judgement]:
    return judge(search, read_questions(root / QUESTIONS / f"{part}.jsonl"))


@pytest.fixture(scope="module")
def figures(search: Search, root: Path) -> list[Judgement]:
    return judge(search, figure_questions(root / QUESTIONS / "figures.jsonl"))


def test_answers_and_refusals(part: str, judged: list[Judgement]) -> None:
    found, shown = totals(judged), report(judged)
    right, refused, unanswerable = GATES[part]
    assert found.answered_right >= right, shown
    assert found.answerable_refused <= refused, shown
    assert found.unanswerable_refused >= unanswerable, shown


def test_every_quotation_is_verbatim(judged: list[Judgement], figures: list[Judgement]) -> None:
    assert totals(judged).verbatim == 1.0, report(judged)
    assert totals(figures).verbatim == 1.0, report(figures)


def test_figures_are_exact(figures: list[Judgement]) -> None:
    assert totals(figures).answered_right >= 0.95, report(figures)


def test_an_answer_is_quick(search: Search, root: Path) -> None:
    """Processor time, so that a busy machine is no failure; after one question each, as in service."""
    times = []
    for question in read_questions(root / QUESTIONS / "dev.jsonl")[:60]:
        started = time.process_time()
        ask(search, question.text)
        times.append((time.process_time() - started) * 1000)
    assert statistics.median(times) < MEDIAN_MS


def test_traps(search: Search) -> None:
    """Questions next to what the plans hold, none of which they answer, and one that only the table may answer."""
    for text in ("外送員的保險怎麼保？", "加班不給加班費，罰款多少？", "What is the fine for unpaid overtime?"):
        (entry,) = judge(search, [Question("trap", "", "", "", "refuse", text)])
        assert entry.right, text
    goal_eight = Question(
        "trap",
        "",
        "",
        "",
        "answer",
        "目標八的指標執行成果均達成預期目標嗎？",
        right=("职灾死亡千人率",),
        forbidden=("均达成预期目标",),
    )
    assert judge(search, [goal_eight])[0].right


def test_a_wrong_answer_is_seen(search: Search) -> None:
    """The measure itself: a question with the wrong answer beside it must fail."""
    wrong = Question("x", "", "", "", "answer", "最低工資有沒有要立法？", right=("这句话不在任何地方",))
    assert not judge(search, [wrong])[0].right
    other = Question("y", "", "", "", "answer", "2017 target for worker health-care coverage?", contains=("2",))
    assert not judge(search, [other])[0].right  # 2 stands in 20 and 2017 only


def test_questions_are_well_formed_and_fresh(root: Path) -> None:
    """Every answer stands in the corpus; no question is in both parts; every kind of user asks in both."""
    parts = {name: read_questions(root / QUESTIONS / f"{name}.jsonl") for name in ("dev", "aside")}
    texts = {name: {question.text for question in questions} for name, questions in parts.items()}
    every = [question for questions in parts.values() for question in questions]
    assert not texts["dev"] & texts["aside"]
    assert len({question.question_id for question in every}) == len(every) >= 800
    assert len(parts["aside"]) >= 60
    assert sum(question.expect == "refuse" for question in parts["aside"]) >= 20
    for questions in parts.values():
        assert {question.language for question in questions} == {"zh", "zh-Hans", "en"}
        assert len({question.user for question in questions}) >= 6


def test_answers_of_the_question_files_stand_in_the_corpus(search: Search, root: Path) -> None:
    folded = [fold_text(c.text) for i in search.documents() for c in search.document(i.document_id).clauses]  # type: ignore[union-attr]
    for name in ("dev", "aside"):
        for question in read_questions(root / QUESTIONS / f"{name}.jsonl"):
            if question.right:
                assert any(words in text for words in question.right for text in folded), question.text
            assert all(any(words in text for text in folded) for words in question.all), question.text
            assert all(search.clause(clause_id) is not None for clause_id in question.clauses), question.text


def test_judged_questions_are_answered_from_their_best_clauses(search: Search, root: Path) -> None:
    """Of the judged queries that come with an answer: the share whose quoted clause is one of grade 3."""
    lines = (root / "tests/relevance/judged.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [entry for entry in map(json.loads, filter(str.strip, lines)) if entry.get("answer")]
    if not entries:
        pytest.skip("no judged query comes with an answer")
    shown = []
    for entry in entries:
        quotes = result.answer.quotes if (result := ask(search, entry["query"])).answer else ()
        if not any(_best(search, entry, quote.clause_id) for quote in quotes[:1]):
            shown.append(f"{entry['id']} {entry['query']}: {[quote.clause_id for quote in quotes] or result.reason}")
    assert 1 - len(shown) / len(entries) >= JUDGED, "\n".join(shown)


def _best(search: Search, entry: dict[str, list[dict[str, str]]], clause_id: str) -> bool:
    """True when the clause holds a snippet of grade 3 of its own document."""
    view = search.clause(clause_id)
    assert view is not None
    tags = (view.clause.document_id, str(view.document.year_roc), *view.clause.document_id.split("-"))
    best = [row for row in entry["relevant"] if int(row["grade"]) == 3 and row["doc"] in tags]
    return any(fold_text(row["snippet"]) in fold_text(view.clause.text) for row in best)
