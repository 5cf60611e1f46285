"""Mutants of valid files, parsed in the sandbox: whatever a mutant holds, a document or one DocumentError comes of it.

The same seed gives the same mutants. As a program it runs for some time over each reader and prints what it saw:
python -m tests.faults.fuzzing --seconds 600 --seed 1 txt docx
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from random import Random

import odfdo
import psutil
from lxml import etree

from indexer.config import CorpusConfig
from indexer.corpus import source_of
from indexer.errors import DocumentError
from indexer.guards import shown
from indexer.sandbox import Sandbox

from ..plan_files import PLANS, plan_bytes
from ..properties.printed import Heading, Paragraph, Printed, Table
from ..properties.rendering import CHROMIUM, WRITERS
from .makers import pdf

FORMATS = ("txt", "html", "md", "csv", "jsonl", "docx", "odt", "ods", "pdf")
PACKED = ("docx", "odt", "ods")
TEXT = ("txt", "html", "md", "csv", "jsonl")
SECONDS = 30  # corpus.parse_seconds while fuzzing; nothing may take longer
MEMORY_MIB = 512
GROWTH_MIB = 64  # of the parent, over the runs of ./test; 20,000 mutants of ODS that are made and not parsed take 49
_GRACE = 5.0  # what a busy machine takes to end a process, over its limit

_PRINTED: Printed = [
    Heading("測試部 113 年度施政計畫", 1),
    Paragraph("本部依據行政院施政方針，編定年度施政計畫。"),
    Heading("壹、年度施政目標", 2),
    Heading("一、促進就業", 3),
    Paragraph("（一）辦理就業服務，協助 1,200 人。"),
    Paragraph("（二）推動職業訓練。"),
    Heading("貳、關鍵績效指標", 2),
    Table(
        (("關鍵策略目標", 2), ("關鍵績效指標", 2), ("衡量標準", 1), ("年度目標值", 1)),
        (("一", "促進就業", "1", "就業人數", "當年人數", "1,200人"), ("", "", "2", "訓練場次", "當年場次", "85%")),
        (0, 1),
    ),
    Heading("參、重要計畫", 2),
    Table(
        (("工作計畫名稱", 1), ("重要計畫項目", 1), ("計畫類別", 1), ("實施內容", 1)),
        (
            ("就業業務", "就業服務", "社會發展", "一、辦理媒合。\n二、辦理輔導。"),
            ("", "訓練", "社會發展", "補助訓練。"),
        ),
    ),
]
_TEXT_TOKENS = (
    "（一）", "1.", "1.1.1.1 ", "壹、", "甲、", "第一章 ", "Part 1:", "\t", "\t\t\t", "\n", "\n\n\n\n", "\f", "\r", "\0", "\ufeff", "　",
    "指標", "目標值", "實際值", "工作計畫名稱\t實施內容\n", "年度目標值", "9" * 400, "1" + "0" * 30 + "萬億兆", "\ufffd" * 30, "(cid:3)", "\u202e",
    "<td colspan=999999999>", "<table><tr>", "</div>", "<ol start=999999999999>", "<ol type=I><li>", "|---|", "| a | b |", "```", "# ", "\"", ",",
    '{"_id": 1}', '"text": null', "[[[[[[", "&#x110000;", "&nbsp;", "<!--", "]]>", "<pre>", "職" * 300,
)  # fmt: skip
_NUMBERS = (b"0", b"-1", b"2147483648", b"99999999999999999999", b"1e309", b"NaN", b"")
_PDF_TOKENS = (
    b" 2 0 R ",
    b"/Kids",
    b"/Count 99999999",
    b"<<",
    b">>",
    b"endstream",
    b"[",
    b"]",
    b"/Rotate 45",
    b"BT ET",
    b"1 0 0 1 1e9 1e9 cm ",
)
_NUMBER = re.compile(rb"\d+")

SETTINGS = CorpusConfig(parse_seconds=SECONDS, parse_memory_mib=MEMORY_MIB)

Mutation = Callable[[bytes, Random, str], bytes]


def seeds(suffix: str, folder: Path, browser: bool) -> list[bytes]:
    """Valid files of a format; ``folder`` is for what a writer needs to write, ``browser`` lets one print a PDF."""
    if suffix == "ods":
        return [_sheet()]
    if suffix == "jsonl":
        rows = [
            {"_id": f"e{number}", "title": "測試部 113 年度施政計畫", "text": "辦理就業服務。"} for number in range(4)
        ]
        return ["\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()]
    if suffix == "csv":
        return [
            (PLANS / "moi-faq.csv").read_bytes(),
            "工作計畫名稱,重要計畫項目,實施內容\n甲業務,乙,一、丙。\n".encode(),
        ]
    if suffix == "pdf":
        return [pdf(), *([_written(suffix, folder)] if browser and CHROMIUM else [])]
    kept = [plan_bytes(path.name) for path in sorted(PLANS.glob(f"*.{suffix}"))]
    return [_written(suffix, folder), *kept]


def _written(suffix: str, folder: Path) -> bytes:
    path = folder / f"seed.{suffix}"
    WRITERS[suffix](_PRINTED, path)
    return path.read_bytes()


def _sheet() -> bytes:
    document = odfdo.Document("spreadsheet")
    document.body.clear()
    table = odfdo.Table("計畫")
    for row in (("工作計畫名稱", "重要計畫項目", "實施內容"), ("甲業務", "乙", "一、丙。"), ("", "丁", "戊。")):
        table.append(odfdo.Row())
        table.set_row_values(table.height - 1, list(row))
    document.body.append(table)
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()


# --- mutations --------------------------------------------------------------------------------------------------------


def flip(data: bytes, random: Random, suffix: str) -> bytes:
    """Some bits turned over."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8, 64))):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


def truncate(data: bytes, random: Random, suffix: str) -> bytes:
    """The file up to some byte."""
    return data[: random.randrange(1, max(2, len(data)))]


def splice(data: bytes, random: Random, suffix: str) -> bytes:
    """A piece of the file put in another place, once or many times, over what stands there or before it."""
    start = random.randrange(len(data))
    piece = data[start : start + random.choice((1, 16, 256, 4096))] * random.choice((1, 1, 2, 50))
    place = random.randrange(len(data))
    return data[:place] + piece + data[place + random.choice((0, len(piece))) :]


def drop(data: bytes, random: Random, suffix: str) -> bytes:
    """A piece taken out."""
    start = random.randrange(len(data))
    return data[:start] + data[start + random.choice((1, 16, 256, 4096)) :] or data


def insert(data: bytes, random: Random, suffix: str) -> bytes:
    """Something that the format means something by, put in some places."""
    for _ in range(random.choice((1, 3, 20))):
        token = random.choice(_PDF_TOKENS) if suffix == "pdf" else random.choice(_TEXT_TOKENS).encode()
        place = random.randrange(len(data) + 1)
        data = data[:place] + token + data[place:]
    return data


def renumber(data: bytes, random: Random, suffix: str) -> bytes:
    """Some numbers made large, negative or none."""
    places = [found.span() for found in _NUMBER.finditer(data)]
    for start, end in sorted(random.sample(places, min(len(places), random.choice((1, 1, 4)))), reverse=True):
        data = data[:start] + random.choice(_NUMBERS) + data[end:]
    return data


_BYTES: tuple[Mutation, ...] = (flip, truncate, splice, drop, insert, renumber)


def mutant(data: bytes, random: Random, suffix: str) -> bytes:
    """One mutant of a file: packed ones mostly inside a member, so that what is in it gets past the archive's checks."""
    if suffix in PACKED and random.random() < 0.9:
        return _with_member(data, random)
    if suffix in TEXT and random.random() < 0.8:
        return _mutant_text(data, random)
    for _ in range(random.choice((1, 1, 2, 5))):
        data = random.choice(_BYTES)(data, random, suffix) or data
    return data


def _mutant_text(data: bytes, random: Random) -> bytes:
    """Whole characters changed, so that the encoding still fits."""
    wide = data.startswith(b"\xff\xfe")
    try:
        text = data.decode("utf-16" if wide else "utf-8")
    except UnicodeDecodeError:
        text = data.decode("cp950", "replace")
    for _ in range(random.choice((1, 2, 5, 20))):
        place, choice = random.randrange(len(text) + 1), random.random()
        start = random.randrange(len(text) + 1)
        piece = text[start : start + random.choice((1, 8, 64, 512))]
        if choice < 0.35:
            text = text[:place] + random.choice(_TEXT_TOKENS) * random.choice((1, 1, 1, 30)) + text[place:]
        elif choice < 0.6:
            text = text[:place] + piece * random.choice((1, 2, 40)) + text[place:]
        elif choice < 0.8:
            text = text[:start] + text[start + len(piece) :]
        else:
            text = (
                text[:place]
                + chr(random.choice((random.randrange(1, 0xD800), random.randrange(0x4E00, 0x9FFF))))
                + text[place:]
            )
    return text.encode("utf-16" if wide else "utf-8", "replace")


def _with_member(data: bytes, random: Random) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    main = [
        name for name in members if name in ("content.xml", "word/document.xml", "styles.xml", "word/numbering.xml")
    ]
    name = random.choice(main if random.random() < 0.8 else list(members))
    if random.random() < 0.1:
        members[name] = members[random.choice(list(members))]
    elif members[name]:
        members[name] = _mutant_xml(members[name], random)
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return buffer.getvalue()


def _mutant_xml(data: bytes, random: Random) -> bytes:
    """Mostly still XML: elements taken out, doubled or moved, their attributes and texts changed; else any bytes."""
    if random.random() < 0.15:
        return random.choice(_BYTES)(data, random, "xml") or data
    try:
        root = etree.fromstring(data)
    except etree.XMLSyntaxError:
        return data
    for _ in range(random.choice((1, 2, 6))):
        _edit(random.choice(list(root.iter(etree.Element))), random)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _edit(element: etree._Element, random: Random) -> None:
    """One change of an element: among its kin, in its attributes or in its text."""
    parent, choice = element.getparent(), random.random()
    if choice < 0.3 and parent is not None:
        for _ in range(random.choice((1, 2, 100))):
            parent.insert(random.randrange(len(parent) + 1), deepcopy(element))
    elif choice < 0.4 and parent is not None:
        inner = deepcopy(element)
        for _ in range(random.choice((1, 20, 300))):
            outer = etree.Element(element.tag, dict(element.attrib))
            outer.append(inner)
            inner = outer
        parent.replace(element, inner)
    elif choice < 0.55 and parent is not None:
        parent.remove(element)
    elif choice < 0.8 and element.attrib:
        name = random.choice(sorted(map(str, element.attrib)))
        element.set(name, random.choice([number.decode() for number in _NUMBERS] + ["x", "一"]))
    else:
        element.text = re.sub(r"[\0\f\ud800-\udfff]", "", random.choice(_TEXT_TOKENS)) * random.choice((1, 50))


# --- runs -------------------------------------------------------------------------------------------------------------


@dataclass
class Seen:
    """What came of the mutants of one format; ``broken`` names those that broke a promise, by their number."""

    suffix: str
    mutants: int = 0
    documents: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    contained: dict[str, int] = field(default_factory=dict)  # an ended process or unforeseen error -> the first mutant
    broken: list[str] = field(default_factory=list)
    slowest: float = 0.0
    grown_mib: float = 0.0
    seconds: float = 0.0


_UNFORESEEN = re.compile(r"cannot be read as|its parser|was not parsed within|takes more than")


def mutants(suffix: str, seed: int, folder: Path, browser: bool = False) -> Iterator[bytes]:
    """The files before and after mutation without an end, the valid ones first."""
    valid = seeds(suffix, folder, browser)
    yield from valid
    number = 0
    while True:
        random = Random(f"{suffix} {seed} {number}")
        yield mutant(random.choice(valid), random, suffix)
        number += 1


def fuzz(sandbox: Sandbox, suffix: str, seed: int, count: int | None = None, seconds: float | None = None) -> Seen:
    """Parse mutants of a format until there were ``count`` or the time is over."""
    seen, process = Seen(suffix), psutil.Process()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / f"mutant.{suffix}"
        before = 0
        for number, data in enumerate(mutants(suffix, seed, Path(name), browser=seconds is not None)):
            if number == count or (seconds is not None and time.monotonic() - started > seconds):
                break
            path.write_bytes(data)
            _try(sandbox, path, number, seen)
            before = before or process.memory_info().rss  # once the first has been parsed
        seen.grown_mib = round((process.memory_info().rss - before) / 2**20, 1)
    seen.seconds = round(time.monotonic() - started, 1)
    return seen


def _try(sandbox: Sandbox, path: Path, number: int, seen: Seen) -> None:
    started = time.monotonic()
    seen.mutants += 1
    try:
        document = sandbox.parse(source_of(path), unnamed=True)
    except DocumentError as error:
        kind = re.sub(r"mutant|[\d,]+|「.*」|\(.*\)", "#", error.message)[:60]
        seen.errors[kind] += 1
        if _UNFORESEEN.search(error.message):
            seen.contained.setdefault(error.message[:160], number)
        if not error.message.startswith(path.name) or shown(error.message) != error.message:
            seen.broken.append(f"{number}: says {error.message!r}")
    except Exception as error:
        seen.broken.append(f"{number}: {type(error).__name__}: {error}")
    else:
        seen.documents += 1
        if document.account.missing:
            seen.broken.append(f"{number}: {document.account.missing} characters are missing")
        if len({clause.clause_id for clause in document.clauses}) != len(document.clauses):
            seen.broken.append(f"{number}: clause ids are not unique")
    took = time.monotonic() - started
    seen.slowest = max(seen.slowest, round(took, 3))
    if took > SECONDS + _GRACE:
        seen.broken.append(f"{number}: took {took:.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("formats", nargs="*", default=FORMATS)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    for suffix in asked.formats:
        with Sandbox(SETTINGS) as sandbox:
            seen = fuzz(sandbox, suffix, asked.seed, seconds=asked.seconds)
        command = f"python -m tests.faults.fuzzing --seconds {asked.seconds:g} --seed {asked.seed} {suffix}"
        memory = round(psutil.virtual_memory().total / 2**30)
        told = {
            **vars(seen), "errors": dict(seen.errors.most_common()), "command": command, "date": time.strftime("%Y-%m-%d"),
            "machine": f"{psutil.cpu_count()} cores, {memory} GiB, Python {platform.python_version()}",
        }  # fmt: skip
        print(json.dumps(told, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
