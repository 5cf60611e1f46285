"""What a generation consists of beside its store: each part is written from the passages in the store, by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from indexer import errors
from indexer.columns import Columns
from indexer.editors import FILE as EDITORS_FILE
from indexer.editors import read_editors, use
from indexer.engines import Engines, build_keyword, revise_keyword
from indexer.errors import EngineError, PlanSearchError
from indexer.grams import GramIndex
from indexer.revision import Revision
from indexer.stored import StoredPassages
from indexer.synonyms import chinese_synonyms
from indexer.terms import TermIndex
from indexer.translations import build_translations, chinese_terms, english_keys
from indexer.writing import writing


@dataclass(frozen=True, slots=True)
class Job:
    """Where the store is that a part is made of, with which engines, and where caches are kept.

    With a ``revision`` a part is made of the one in the generation before.
    """

    store: Path
    engines: Engines
    cache: Path
    revision: Revision | None = None


def _columns(folder: Path, job: Job) -> None:
    if job.revision:
        Columns.revise(folder, job.revision.before / "columns", job.revision)
    else:
        Columns.build(folder, StoredPassages(job.store))


def _keyword(folder: Path, job: Job) -> None:
    if job.revision:
        revise_keyword(folder, job.revision.before / "keyword", job.revision, job.engines)
    else:
        build_keyword(folder, StoredPassages(job.store), job.engines)


def _grams(folder: Path, job: Job) -> None:
    if job.revision:
        GramIndex.revise(folder, job.revision.before / "grams", job.revision)
    else:
        GramIndex.build(StoredPassages(job.store), folder)


def _terms(folder: Path, job: Job) -> None:
    """Where the lexicon's terms stand, and the translations into those that stand somewhere."""
    passages = job.revision.fresh if job.revision else StoredPassages(job.store)
    lexicon = chinese_terms(job.cache) | chinese_synonyms().keys()
    english = english_keys(job.cache) if any(passage.language == "en" for passage in passages) else frozenset()
    if job.revision:
        TermIndex.revise(folder, job.revision.before / "terms", job.revision, lexicon, english)
    else:
        TermIndex.build(passages, lexicon, folder, english)
    build_translations(TermIndex.open(folder).vocabulary(), folder, job.cache)


PARTS: dict[str, Callable[[Path, Job], None]] = {
    "keyword": _keyword, "terms": _terms, "grams": _grams, "columns": _columns
}  # fmt: skip


def write_part(name: str, folder: Path, job: Job) -> None:
    """Make the folder of a part and write it."""
    folder.mkdir()
    PARTS[name](folder, job)


def write_part_elsewhere(name: str, folder: Path, job: Job) -> None:
    """The same in a process of its own, which ends with this one. Raises what it raised there."""
    command = [sys.executable, "-P", "-m", "indexer.parts", name, str(folder), str(job.store), str(job.cache)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    with subprocess.Popen(
        [*command, json.dumps(dict(job.engines))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as process:
        told = process.stdout.read() if process.stdout else b""
    if told:
        failure = json.loads(told)
        kind = getattr(errors, failure["kind"], EngineError)
        raise kind(failure["message"], failure["hint"])
    if process.returncode:
        raise EngineError(f"the process that wrote {name} ended with {process.returncode}.", "Was there memory enough?")


def main() -> None:
    """One part: name, folder, folder of the store, folder of the caches, engines. A failure is told as JSON."""
    name, *folders, engines = sys.argv[1:]
    folder, store, cache = map(Path, folders)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        with use(read_editors(store / EDITORS_FILE)), writing(folder):
            write_part(name, folder, Job(store, json.loads(engines), cache))
    except PlanSearchError as error:
        print(json.dumps({"kind": type(error).__name__, "message": error.message, "hint": error.hint}))
        sys.exit(1)


def _end_with_parent() -> None:
    """A build that is killed takes its processes with it: nothing more is written when the next one goes on."""
    os.read(0, 1)  # not sys.stdin, whose lock the end of the program would wait for
    os._exit(1)


if __name__ == "__main__":
    main()
