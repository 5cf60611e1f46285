"""What the check of renderings and questions finds, and what it lets pass."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indexer.enrichcheck import Draft, Problem, check_draft, check_drafts, without_exceptions
from indexer.glossary import Glossary, Term
from indexer.model import Account, Clause, Document, DocumentInfo, Span

GLOSSARY = Glossary(
    (
        Term("勞工", ("worker",), en_variants=("employee",)),
        Term("勞工退休金", ("labor pension",)),
        Term("退休", ("retirement",)),
        Term("營造業", ("construction industry",), zh_colloquial=("營造",)),
    )
)
INFO = DocumentInfo("plan", "計畫", "Plan", "甲部", "Ministry", 2017, "annual_plan", "zh-Hant", "plan.txt", "0" * 64)
QUESTIONS_ZH, QUESTIONS_EN = ("怎麼申請補助？", "補助有多少？"), ("How do I apply?", "How much is it?")


def clause(text: str, number: int = 1, damaged: bool = False) -> Clause:
    return Clause(f"plan/{number}", "plan", "goal_clause", "", (), text, Span(number, number), number, damaged)


def document(*clauses: Clause) -> Document:
    return Document(INFO, clauses, (), Account(0, 0, 0, 0, 0, 0, 0))


def draft(
    of: Clause, en: str, zh: tuple[str, ...] = QUESTIONS_ZH, questions_en: tuple[str, ...] = QUESTIONS_EN
) -> Draft:
    return Draft(of.digest, en, zh, questions_en)


def about(problems: list[Problem]) -> list[str]:
    return [f"{problem.field}: {problem.about}" for problem in problems]


@pytest.mark.parametrize(
    ("source", "rendering", "expected"),
    [
        ("補助勞工。", "Subsidize workers.", []),
        ("補助勞工。", "Subsidise employees.", []),
        ("補助勞工。", " ", ["empty"]),
        # numbers
        ("106年補助6.6萬人。", "In 2017 (ROC 106), 66,000 people are subsidized.", []),
        ("106年補助6.6萬人。", "In ROC 106, 6.6 people are subsidized.", ["number 106年", "number 6.6萬", "extra number 6.6"]),
        ("12月底前完成。", "Complete by the end of December.", []),
        ("提升12%。", "Raise by 12 cases.", ["number 12"]),
        # articles
        ("依法第56條第2項。", "Under Article 56, Paragraph 2 of the Act.", []),
        ("依法第五十六條第二項。", "Under paragraph 2 of Article 56.", []),
        ("依法第56條第2項。", "Under Section 56(2).", ["reference 第56條第2項", "reference 第56條第2項"]),
        ("依第9條之1規定。", "Under Article 9-1.", []),
        ("依第9條之1規定。", "Under Article 9, 1.", ["reference 第9條之1"]),
        # names
        ("導入 IPv6 與 T-SDGs 指標 1.a.2。", "Introduce IPv6 and indicator 1.a.2 of the T-SDGs.", []),
        ("導入 IPv6 與 T-SDGs 指標 1.a.2。", "Introduce IP and goals.", ["name SDGs", "name IPv6", "name 1.a.2"]),
        ("以人為本（Human-Centred）", "Human-centered", []),
        ("（The Future of Work）", "The future of labor", ["name Work"]),
        # terms
        ("維護勞工退休金。", "Protect labor pensions.", []),
        ("維護勞工退休金。", "Protect the retirement of workers.", ["term 勞工退休金"]),
        ("營造友善環境。", "Create a friendly environment.", []),
        ("營造業。勞工，勞工。", "Building. People.", ["term 營造業", "term 勞工"]),
        # script and lines
        ("補助勞工。", "Subsidize 勞工 workers（all）.", ["Chinese"]),
        ("補助\n85%", "Subsidy\n85%", []),
        ("補助\n85%", "Subsidy 85%", ["lines"]),
    ],
)  # fmt: skip
def test_renderings(source: str, rendering: str, expected: list[str]) -> None:
    subject = clause(source)
    assert about(check_draft(subject, draft(subject, rendering), GLOSSARY)) == [f"en: {item}" for item in expected]


@pytest.mark.parametrize(
    ("zh", "en", "expected"),
    [
        (QUESTIONS_ZH, QUESTIONS_EN, []),
        ((), (), ["questions_zh: no questions_zh", "questions_en: no questions_en"]),
        (("怎麼申請？", " "), QUESTIONS_EN, ["questions_zh: empty question"]),
        (
            ("補助 勞工？",),
            ("subsidize workers",),
            ["questions_zh: copy 補助 勞工？", "questions_en: copy subsidize workers"],
        ),
        (("怎么补助？",), QUESTIONS_EN, ["questions_zh: Simplified 怎么补助？"]),
        (("How much?",), QUESTIONS_EN, ["questions_zh: no Chinese How much?"]),
        (QUESTIONS_ZH, ("How much 補助?",), ["questions_en: Chinese How much 補助?"]),
    ],
)
def test_questions(zh: tuple[str, ...], en: tuple[str, ...], expected: list[str]) -> None:
    subject = clause("補助勞工。")
    assert about(check_draft(subject, draft(subject, "Subsidize workers.", zh, en), GLOSSARY)) == expected


def test_headings_need_no_questions_and_may_have_them() -> None:
    heading = replace(clause("補助"), kind="heading")
    assert check_draft(heading, draft(heading, "Subsidies", (), ()), GLOSSARY) == []
    assert about(check_draft(heading, draft(heading, "Subsidies", ("补助",), ()), GLOSSARY)) != []


def test_a_digest_of_another_text_is_told() -> None:
    subject = clause("補助勞工。")
    stale = replace(draft(subject, "Subsidize workers."), digest=clause("補助雇主。").digest)
    [problem] = check_draft(subject, stale, GLOSSARY)
    assert (problem.field, subject.digest in problem.message) == ("digest", True)


def test_what_the_entries_of_a_document_do_together() -> None:
    first, second, same = clause("補助勞工。"), clause("辦理訓練。", 2), clause("補助勞工。", 3)
    damaged, absent = clause("助勞", 4, damaged=True), clause("推動檢查。", 5)
    drafts = {
        "plan/1": draft(first, "Subsidize workers.", ("怎麼申請？", "怎麼 申請"), ("Who pays?",)),
        "plan/2": draft(second, "Hold training.", ("補助勞工", "何時開課？"), ("Who pays?", "subsidize workers")),
        "plan/3": draft(same, "Subsidize workers.", ("怎麼申請？", "補助勞工"), ("Who pays?",)),
        "plan/4": draft(damaged, "Subsidy"),
        "plan/6": draft(absent, "Inspect."),
    }
    problems = check_drafts(document(first, second, same, damaged, absent), drafts, GLOSSARY)
    assert [(problem.clause_id, problem.field, problem.about) for problem in problems] == [
        ("plan/3", "questions_zh", "copy 補助勞工"),
        ("plan/5", "entry", "entry"),  # missing
        ("plan/4", "entry", "entry"),  # damaged
        ("plan/6", "entry", "entry"),  # unknown
        ("plan/2", "questions_zh", "clause 補助勞工"),
        ("plan/2", "questions_en", "clause subsidize workers"),
        ("plan/1", "questions_zh", "repeated 怎麼 申請"),
        ("plan/2", "questions_en", "repeated Who pays?"),
        ("plan/3", "questions_zh", "repeated 補助勞工"),
    ]


def test_exceptions_accept_what_they_name_and_are_told_when_idle() -> None:
    problems = [
        Problem("plan/1", "en", "number 5", "5 is missing."),
        Problem("plan/2", "en", "number 5", "5 is missing."),
    ]
    left = without_exceptions(problems, {"plan/1": {"number 5": "a reason", "number 6": "a reason"}})
    assert [(problem.clause_id, problem.about) for problem in left] == [("plan/2", "number 5"), ("plan/1", "number 6")]
    assert str(left[0]) == "plan/2: en: 5 is missing."
