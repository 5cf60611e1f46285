"""Work files: what of a document's enrichment is missing or stale, for an editor or a model to fill in."""

from __future__ import annotations

import os
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from yaml.constructor import ConstructorError

from indexer.enrichcheck import WITHOUT_QUESTIONS, Draft, Problem, check_drafts, without_exceptions
from indexer.enrichment import FOLDER, EnrichmentFile, EntryFile, read_enrichment_file
from indexer.errors import DocumentError
from indexer.glossary import load_glossary
from indexer.model import Clause, Document


class _Written(BaseModel):
    """What an editor wrote; a key without a value keeps its default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _blank_is_default(cls, values: object) -> object:
        return {key: value for key, value in values.items() if value != ""} if isinstance(values, dict) else values


class WorkEntry(_Written):
    """One entry of a work file. ``by`` and ``reviewed`` are those of the file where they are left out."""

    digest: str = ""
    en: str = ""
    questions_zh: list[str] = []
    questions_en: list[str] = []
    by: str = ""
    reviewed: bool | None = None

    @property
    def blank(self) -> bool:
        """True while nobody has begun to fill it in."""
        return not (self.en.strip() or self.questions_zh or self.questions_en)

    def draft(self) -> Draft:
        """The entry as the checks know it."""
        return Draft(self.digest, self.en.strip(), tuple(self.questions_zh), tuple(self.questions_en))


class Work(_Written):
    """A work file. ``exceptions`` as in an enrichment file: clause_id -> finding of the check -> why it is accepted."""

    document: str
    by: str = ""
    reviewed: bool = False
    exceptions: dict[str, dict[str, str]] = {}
    entries: dict[str, WorkEntry] = {}


@dataclass(frozen=True, slots=True)
class Merged:
    """How many entries of a work file went into the corpus, and what is wrong with the others."""

    count: int
    problems: list[Problem]


def enrichment_path(corpus: Path, document: Document) -> Path:
    """Where the enrichment file of a document stands."""
    return corpus / FOLDER / f"{document.info.document_id}.yaml"


def read_existing(corpus: Path, document: Document) -> EnrichmentFile | None:
    """The enrichment file of a document, None when there is none. Raises DocumentError."""
    path = enrichment_path(corpus, document)
    return read_enrichment_file(path) if path.is_file() else None


def make_work(document: Document, existing: EnrichmentFile | None) -> Work:
    """An empty entry for every clean clause that has no entry, or one that was written for another text."""
    fresh = _fresh(document, existing)
    entries = {
        clause.clause_id: WorkEntry(digest=clause.digest)
        for clause in document.clauses
        if not clause.damaged and clause.clause_id not in fresh
    }
    return Work(document=document.info.document_id, entries=entries)


def read_work(path: Path, document: Document) -> Work:
    """A work file, or a whole enrichment file. Raises DocumentError that names file and field."""
    try:
        work = Work.model_validate(yaml.load(path.read_text(encoding="utf-8"), _Loader))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise DocumentError(f"{path.name}: cannot be read: {error}") from error
    except ValidationError as error:
        lines = [f"{path.name}: {'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise DocumentError("\n".join(lines[:20])) from error
    if work.document != document.info.document_id:
        raise DocumentError(f"{path.name}: is for {work.document}, not {document.info.document_id}.")
    return work


def work_text(document: Document, work: Work, existing: EnrichmentFile | None) -> str:
    """A work file as YAML: above every entry its section, source text, glossary terms and, if any, stale rendering."""
    clauses = {clause.clause_id: clause for clause in document.clauses}
    stale = existing.entries if existing else {}
    name, count = work.document, sum(entry.blank for entry in work.entries.values())
    parts = [
        f"# Renderings and expected questions for {name}: {count} entries to fill in.\n"
        "# Fill in en, questions_zh and questions_en, and say who you are after by. Then:\n"
        f"#   plansearch enrich {name} --check FILE    tells what is still wrong\n"
        f"#   plansearch enrich {name} --merge FILE    puts the good entries into the corpus\n",
        _yaml({"document": name, "by": work.by, "reviewed": work.reviewed}),
        _yaml({"exceptions": work.exceptions}) if work.exceptions else "",
        "entries:\n" if work.entries else "entries: {}\n",
    ]
    for clause_id, entry in work.entries.items():
        if clause_id in clauses:
            parts.append(indent(_hints(clauses[clause_id], stale.get(clause_id)), "  "))
        parts.append(indent(_yaml({clause_id: _values(entry)}), "  "))
    return "".join(parts)


def check_work(document: Document, work: Work, existing: EnrichmentFile | None) -> list[Problem]:
    """What is wrong with a work file, and which clauses have an entry neither in it nor in the corpus."""
    fresh = _fresh(document, existing)
    filled = {clause_id: entry for clause_id, entry in work.entries.items() if not entry.blank}
    drafts = {clause_id: WorkEntry(**entry.model_dump(exclude_none=True)).draft() for clause_id, entry in fresh.items()}
    drafts |= {clause_id: entry.draft() for clause_id, entry in filled.items()}
    problems = without_exceptions(check_drafts(document, drafts, load_glossary()), _exceptions(work, existing))
    elsewhere = fresh.keys() - filled.keys()
    unsigned = [clause_id for clause_id, entry in filled.items() if not (entry.by or work.by)]
    return [problem for problem in problems if problem.clause_id not in elsewhere] + [
        Problem(clause_id, "by", "by", "is empty, here and for the whole file.") for clause_id in unsigned
    ]


def merge_work(document: Document, work: Work, corpus: Path) -> Merged:
    """Put the entries without a problem into the corpus at once; all others stay there as they were."""
    existing = read_existing(corpus, document)
    problems = check_work(document, work, existing)
    wrong = {problem.clause_id for problem in problems}
    good = {key: entry for key, entry in work.entries.items() if not entry.blank and key not in wrong}
    if good:
        file = _merged(document, work, good, existing)
        write_text(enrichment_path(corpus, document), _enrichment_text(file))
    return Merged(len(good), problems)


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all, and its folder when that is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("w", encoding="utf-8") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _fresh(document: Document, existing: EnrichmentFile | None) -> dict[str, EntryFile]:
    """The entries that were written for the clauses as they are now."""
    written = existing.entries if existing else {}
    clean = (clause for clause in document.clauses if not clause.damaged and clause.clause_id in written)
    return {
        clause.clause_id: written[clause.clause_id]
        for clause in clean
        if written[clause.clause_id].digest == clause.digest
    }


def _exceptions(work: Work, existing: EnrichmentFile | None) -> dict[str, dict[str, str]]:
    """The exceptions of a work file, and of the corpus for the clauses that the work file leaves alone."""
    kept = existing.exceptions if existing else {}
    return {clause_id: kept[clause_id] for clause_id in kept if clause_id not in work.entries} | work.exceptions


def _merged(
    document: Document, work: Work, good: Mapping[str, WorkEntry], existing: EnrichmentFile | None
) -> EnrichmentFile:
    """The enrichment file with these entries, in the order of the clauses; entries of unknown clauses come last."""
    by = existing.by if existing else work.by or next(iter(good.values())).by
    reviewed = existing.reviewed if existing else work.reviewed
    entries = dict(existing.entries) if existing else {}
    for clause_id, entry in good.items():
        own_by, own_reviewed = entry.by or work.by, work.reviewed if entry.reviewed is None else entry.reviewed
        entries[clause_id] = EntryFile(
            digest=entry.digest, en=entry.en.strip(), questions_zh=entry.questions_zh, questions_en=entry.questions_en,
            by=own_by if own_by != by else None, reviewed=own_reviewed if own_reviewed != reviewed else None,
        )  # fmt: skip
    place = {clause.clause_id: clause.order for clause in document.clauses}
    ordered = {key: entries[key] for key in sorted(entries, key=lambda key: place.get(key, len(place)))}
    exceptions = {key: reasons for key, reasons in _exceptions(work, existing).items() if key in ordered}
    return EnrichmentFile(document=work.document, by=by, reviewed=reviewed, exceptions=exceptions, entries=ordered)


def _enrichment_text(file: EnrichmentFile) -> str:
    """An enrichment file as YAML."""
    values = file.model_dump(exclude_none=True, exclude_defaults=True)
    return _yaml({"document": file.document, "by": file.by, "reviewed": file.reviewed, **values})


def _hints(clause: Clause, stale: EntryFile | None) -> str:
    """Comments that tell an editor what an entry is for."""
    glossary = load_glossary()
    found = {clause.text[term.start : term.end]: term.official for term in glossary.find_chinese(clause.text)}
    terms = [
        f"{term} = {' / '.join(meaning.en[0] for meaning in meanings)}" for term, meanings in found.items() if meanings
    ]
    kind = f"{clause.kind}, no questions needed" if clause.kind in WITHOUT_QUESTIONS else clause.kind
    lines = [
        "",
        f"[{kind}] {' > '.join(clause.section_path)}",
        *f"{clause.marker}{clause.text}".splitlines(),
        *(["Terms: " + "; ".join(terms)] if terms else []),
        *([f"Rendering of the text before it changed: {stale.en}"] if stale else []),
    ]
    return "".join(f"# {_one_line(line)}".rstrip() + "\n" if line else "\n" for line in lines)


def _one_line(text: str) -> str:
    """The text without line ends and control characters, so that it cannot leave a comment."""
    return "".join(char if char.isprintable() else " " for char in text)


def _values(entry: WorkEntry) -> dict[str, Any]:
    fields = entry.model_dump(exclude_none=True)
    return {key: value for key, value in fields.items() if key != "by" or value}


def _yaml(value: object) -> str:
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1_000_000)


class _Dumper(yaml.SafeDumper):
    """Lists set in, texts of several lines as blocks: what people edit best."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def represent_text(self, text: str) -> yaml.ScalarNode:
        """A text; as a block when it has line ends."""
        return self.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _Dumper.represent_text)


class _Loader(yaml.CBaseLoader):
    """YAML whose values are all texts, so that a digest of digits stays one; a key that stands twice is refused."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping. Raises ConstructorError for a key that stands twice."""
        seen: set[object] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise ConstructorError(None, None, f"{key.value} stands twice", key.start_mark)
            seen.add(key.value if isinstance(key, yaml.ScalarNode) else None)
        return super().construct_mapping(node, deep)
