"""Enrichment files: how they are loaded, and whether the shipped ones hold what they must."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from indexer.corpus import list_corpus, source_of
from indexer.enrichcheck import WITHOUT_QUESTIONS, Draft, check_drafts, comparable, without_exceptions
from indexer.enrichment import EnrichmentFile, load_enrichment, read_enrichment_file
from indexer.errors import DocumentError
from indexer.glossary import load_glossary
from indexer.model import Document
from indexer.parse import parse_document
from indexer.readers import READERS

ROOT = Path(__file__).parent.parent.parent
CORPUS = ROOT / "corpus"
IDS = ("mol-106-plan", "mol-108-plan", "mol-sdg-2021")
PLAN = "甲部 110 年度施政計畫\n\n一、補助勞工\n（一）辦理訓練。\n"
ENTRY = "  plan/1.1: {digest: %s, en: Hold training., questions_zh: [何時開課？], questions_en: [When?]}\n"
HEAD = "document: plan\nby: an editor\nreviewed: true\nentries:\n"


@pytest.fixture
def plan(tmp_path: Path) -> Document:
    (tmp_path / "plan.txt").write_text(PLAN, encoding="utf-8")
    (tmp_path / "enrichment").mkdir()
    return parse_document(source_of(tmp_path / "plan.txt"))


def digest(document: Document, clause_id: str) -> str:
    return next(clause.digest for clause in document.clauses if clause.clause_id == clause_id)


def write(tmp_path: Path, text: str) -> None:
    (tmp_path / "enrichment" / "plan.yaml").write_text(text, encoding="utf-8")


def test_without_a_file_nothing_is_added(tmp_path: Path, plan: Document) -> None:
    assert load_enrichment(tmp_path, plan).entries == {}


def test_entries_are_loaded_with_their_author(tmp_path: Path, plan: Document) -> None:
    write(tmp_path, HEAD + ENTRY % digest(plan, "plan/1.1"))
    enrichment = load_enrichment(tmp_path, plan)
    [entry] = enrichment.entries.values()
    assert (entry.en, entry.questions_zh, entry.questions_en) == ("Hold training.", ("何時開課？",), ("When?",))
    assert (entry.by, entry.reviewed, enrichment.stale) == ("an editor", True, ())


def test_an_entry_for_another_text_is_stale(tmp_path: Path, plan: Document) -> None:
    write(tmp_path, HEAD + ENTRY % "0123456789012345" + (ENTRY % "0").replace("1.1", "9"))
    enrichment = load_enrichment(tmp_path, plan)
    assert (enrichment.entries, enrichment.stale) == ({}, ("plan/1.1", "plan/9"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD.replace("document: plan", "document: other") + ENTRY % "0", "is for other, not plan"),
        (HEAD + "  plan/1: {digest: a, en: ''}\n", "entries.plan/1.en"),
        (HEAD + "  plan/1: {digest: a, en: b, questions_zh: [' ']}\n", "entries.plan/1.questions_zh"),
        (HEAD.replace("entries:", "exceptions: {plan/1: {number 1: ''}}\nentries:") + ENTRY % "0", "exceptions.plan/1"),
        ("[", "cannot be read"),
    ],
)
def test_a_wrong_file_is_told(tmp_path: Path, plan: Document, text: str, message: str) -> None:
    write(tmp_path, text)
    with pytest.raises(DocumentError, match="enrichment") as caught:
        load_enrichment(tmp_path, plan)
    assert message in str(caught.value)


# --- the shipped files ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    sources = list_corpus(CORPUS, tuple(READERS)).sources
    return {source.document_id: parse_document(source) for source in sources if source.document_id in IDS}


@pytest.fixture(scope="module")
def files() -> dict[str, EnrichmentFile]:
    return {document_id: read_enrichment_file(CORPUS / "enrichment" / f"{document_id}.yaml") for document_id in IDS}


@pytest.mark.parametrize("document_id", IDS)
def test_every_clean_clause_is_covered_and_none_is_stale(documents: dict[str, Document], document_id: str) -> None:
    document = documents[document_id]
    enrichment = load_enrichment(CORPUS, document)
    assert enrichment.stale == ()
    clean = [clause for clause in document.clauses if not clause.damaged]
    assert set(enrichment.entries) == {clause.clause_id for clause in clean}
    for clause in clean:
        entry = enrichment.entries[clause.clause_id]
        assert bool(entry.questions_zh and entry.questions_en) or clause.kind in WITHOUT_QUESTIONS, clause.clause_id


@pytest.mark.parametrize("document_id", IDS)
def test_the_check_finds_nothing_but_the_exceptions(
    documents: dict[str, Document], files: dict[str, EnrichmentFile], document_id: str
) -> None:
    """Digests, numbers, names, article references, glossary, script, copied and repeated questions."""
    drafts = {
        clause_id: Draft(entry.digest, entry.en, tuple(entry.questions_zh), tuple(entry.questions_en))
        for clause_id, entry in files[document_id].entries.items()
    }
    problems = check_drafts(documents[document_id], drafts, load_glossary())
    assert [str(problem) for problem in without_exceptions(problems, files[document_id].exceptions)] == []


def test_exceptions_are_few_and_only_of_terms(files: dict[str, EnrichmentFile]) -> None:
    accepted = [about for file in files.values() for reasons in file.exceptions.values() for about in reasons]
    assert len(accepted) <= 5
    assert all(about.startswith("term ") for about in accepted)


def test_the_shipped_drafts_say_that_they_are_drafts(files: dict[str, EnrichmentFile]) -> None:
    assert {(file.by, file.reviewed) for file in files.values()} == {("plansearch project (machine draft)", False)}


def test_no_question_is_a_judged_query(files: dict[str, EnrichmentFile]) -> None:
    lines = (ROOT / "tests" / "relevance" / "judged.jsonl").read_text(encoding="utf-8").splitlines()
    judged = {comparable(json.loads(line)["query"]) for line in lines}
    questions = [
        question
        for file in files.values()
        for entry in file.entries.values()
        for question in (*entry.questions_zh, *entry.questions_en)
    ]
    assert len(questions) > 2000
    assert [question for question in questions if comparable(question) in judged] == []


def test_a_clause_that_breaks_off_is_not_completed(files: dict[str, EnrichmentFile]) -> None:
    """The source ends within 就業技(能)."""
    rendering = files["mol-sdg-2021"].entries["mol-sdg-2021/12.1.2.1"].en
    assert rendering.endswith("[the source breaks off here]")
    assert "employment skills" not in rendering
