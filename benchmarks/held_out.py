"""Expected questions taken out of an index and asked of it: answerable questions whose words nobody tuned anything on."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from indexer.build import build_index
from indexer.config import Config
from indexer.enrichment import FOLDER, read_enrichment_file
from indexer.text import fold_text
from search_app.answer import ask
from search_app.answer_model import AskResult
from search_app.evidence import alike
from search_app.live import Live
from search_app.retrieve import Search

LEAST = 2  # expected questions of a clause in one language from which one is taken out
ALIKE = 0.55  # of the best evidence with the clause's own text: the same work, in another year or place
LANGUAGES = ("questions_zh", "questions_en")


def ask_held_out(config: Config) -> Iterator[tuple[AskResult, bool]]:
    """What became of every question that was taken out, and whether its best evidence is its own clause's text."""
    with _built(config) as (search, held):
        for clause_id, question in held:
            view, result = search.clause(clause_id), ask(search, question)
            if view is not None:
                own = fold_text(view.clause.text)
                yield result, bool(result.best) and (result.best in own or alike(result.best, own) > ALIKE)


@contextmanager
def _built(config: Config) -> Iterator[tuple[Search, list[tuple[str, str]]]]:
    """An index of the corpus without the questions that come with it, as (clause id, question)."""
    with TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        shutil.copytree(config.corpus.dir, corpus)
        held = [entry for path in sorted((corpus / FOLDER).glob("*.yaml")) for entry in _take_out(path)]
        own = config.model_copy(
            update={
                "corpus": config.corpus.model_copy(update={"dir": corpus}),
                "index": config.index.model_copy(update={"dir": Path(folder) / "index"}),
            }
        )
        build_index(own)
        live = Live(own, library=False)
        try:
            yield live.load(), held
        finally:
            live.close()


def _take_out(path: Path) -> Iterator[tuple[str, str]]:
    """One question of each clause and language that has two, taken out of the file."""
    written: dict[str, Any] = read_enrichment_file(path).model_dump(exclude_none=True)
    chance = random.Random(path.name)
    for clause_id, entry in written["entries"].items():
        for name in LANGUAGES:
            if len(entry[name]) >= LEAST:
                yield clause_id, entry[name].pop(chance.randrange(len(entry[name])))
    path.write_text(yaml.safe_dump(written, allow_unicode=True, sort_keys=False), encoding="utf-8")
