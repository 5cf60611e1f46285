"""A BEIR folder (corpus.jsonl, queries.jsonl, qrels.tsv) as a corpus with an index of its own.

Files are read line by line, and the corpus is split into documents of 5,000 entries, because one document is parsed as
a whole, in a process that may take ``corpus.parse_memory_mib`` and give back 32 MiB. The index is kept beside the
configured one by the digest of its corpus, so that a second run is quick.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from ir_measures import Qrel

from indexer.build import build_index
from indexer.config import Config
from indexer.errors import ConfigError
from search_app.live import Live
from search_app.retrieve import Search

ENTRIES = 5_000  # in one document; 100,000 passages of 107 characters make 20 documents of 1 MiB
_DOCUMENT = """  - {{id: {name}, file: {name}.jsonl, plan_year: 2000, kind: report, title: {{zh: 測試集, en: Test collection}},
     agency: {{zh: 測試集, en: Test collection}}}}
"""


def collection_search(config: Config, folder: Path) -> Search:
    """A search over the corpus of a BEIR folder, indexed now or before. Raises ConfigError that names file and line."""
    with _existing(folder / "corpus.jsonl").open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()[:12]
    root = config.index.dir.parent / "evaluate" / digest
    _split(folder / "corpus.jsonl", root / "corpus")
    own = config.model_copy(update={"index": config.index.model_copy(update={"dir": root / "index"})})
    failed = build_index(own, root / "corpus").failed
    if failed:
        raise ConfigError(f"{folder}: not all of it could be indexed.\n" + "\n".join(failed.values()))
    return Live(own, library=False).load()


def read_queries(folder: Path) -> Iterator[tuple[str, str]]:
    """(id, text) of the queries of a BEIR folder. Raises ConfigError that names the line."""
    records = _records(folder / "queries.jsonl", "_id", "text")
    return ((str(record["_id"]), str(record["text"])) for record in records)


def read_qrels(folder: Path) -> Iterator[Qrel]:
    """Judgements of qrels.tsv, or of qrels/test.tsv, where BEIR itself has them; the first line names the columns.

    Raises ConfigError that names the line.
    """
    path = next((one for one in (folder / "qrels.tsv", folder / "qrels" / "test.tsv") if one.is_file()), None)
    for number, line in _lines(path or folder / "qrels.tsv"):
        fields = line.split("\t")
        if number == 1:
            continue
        if len(fields) != 3 or not fields[2].strip().lstrip("-").isdigit():
            raise ConfigError(
                f"{path}:{number}: no judgement.", "Write query id, entry id and grade, with tabs between."
            )
        yield Qrel(fields[0], fields[1], int(fields[2]))


def _split(source: Path, corpus: Path) -> None:
    """Write the documents and their manifest."""
    shutil.rmtree(corpus, ignore_errors=True)
    corpus.mkdir(parents=True)
    lines = _records(source, "_id", "text")
    with (corpus / "corpus.yaml").open("w", encoding="utf-8") as manifest:
        manifest.write("documents:\n")
        number = 0
        while part := list(islice(lines, ENTRIES)):
            name = f"collection-{number:04d}"
            with (corpus / f"{name}.jsonl").open("w", encoding="utf-8") as handle:
                handle.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in part)
            manifest.write(_DOCUMENT.format(name=name))
            number += 1


def _records(path: Path, *fields: str) -> Iterator[dict[str, object]]:
    for number, line in _lines(path):
        try:
            record = json.loads(line)
        except ValueError as error:
            raise ConfigError(f"{path}:{number}: no JSON ({error}).", "Write one object a line.") from error
        if not isinstance(record, dict) or any(name not in record for name in fields):
            raise ConfigError(f"{path}:{number}: no entry.", f"Write an object with {', '.join(fields)}.")
        yield record


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that hold something, numbered from 1."""
    with _existing(path).open(encoding="utf-8") as handle:
        yield from ((number, line.rstrip("\r\n")) for number, line in enumerate(handle, start=1) if line.strip())


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise ConfigError(f"{path}: no such file.", "A collection has corpus.jsonl, queries.jsonl and qrels.tsv.")
    return path
