"""Whatever a parser does, the sandbox gives back a document or one DocumentError that names the file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from indexer import sandbox as module
from indexer.config import CorpusConfig
from indexer.corpus import Source, source_of
from indexer.errors import DocumentError, EngineError, UnreadableDocument, UnsafeDocument, UnsupportedFormat
from indexer.exchange import Refusal, decode_reply, encode_document, encode_job, encode_reply
from indexer.model import Document
from indexer.parse import parse_document
from indexer.sandbox import Sandbox, parse_alone
from indexer.worker import answer

PLAN = "勞動部 109 年度施政計畫\n\n壹、年度施政目標\n一、促進就業\n（一）辦理就業服務，人數 120 人。\n"
# A worker whose parser runs the file as a program: every file is as hostile as its text says.
WORKER = """
from indexer import worker
from indexer.parse import parse_document

def parse(source, read_scans, unnamed):
    exec(source.path.read_text("utf-8"), {"path": source.path})
    return parse_document(source)

worker.parse_document = parse
worker.main()
"""
LIMITS = CorpusConfig(parse_seconds=1, parse_memory_mib=200)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox over the worker that runs files."""
    program = tmp_path_factory.mktemp("program") / "worker.py"
    program.write_text(WORKER, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, Sandbox(LIMITS) as sandbox:
        patch.setattr(module, "_PROGRAM", (sys.executable, "-P", str(program)))
        patch.setattr(module, "_GRACE_SECONDS", 0.5)
        yield sandbox


def write(folder: Path, text: str, name: str = "plan.txt") -> Source:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return source_of(path)


def good(folder: Path, name: str = "good.txt") -> Source:
    """A plan that is a program without effect as well."""
    return write(folder, f'"""{PLAN}"""', name)


def test_a_document_comes_back_as_it_was_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path, PLAN)
    monkeypatch.chdir(tmp_path)
    relative = Source(Path("plan.txt"), source.document_id, source.sha256, None)
    with Sandbox(LIMITS) as sandbox:
        assert sandbox.parse(source) == parse_document(source) == sandbox.parse(relative)


def test_the_error_of_a_reader_comes_back_with_its_class_and_remedy(tmp_path: Path) -> None:
    source = write(tmp_path, "沒有年度。")
    with pytest.raises(DocumentError) as there:
        parse_document(source)
    with pytest.raises(DocumentError) as here:
        parse_alone(source, LIMITS)
    assert (type(here.value), str(here.value), here.value.hint) == (
        type(there.value),
        str(there.value),
        there.value.hint,
    )


@pytest.mark.parametrize(
    ("program", "kind", "message"),
    [
        ("import time; time.sleep(60)", UnsafeDocument, "not parsed within 1 seconds"),
        ("while True: pass", UnsafeDocument, "not parsed within 1 seconds"),
        ("import re; re.match('(a+)+b', 'a' * 50)", UnsafeDocument, "not parsed within 1 seconds"),
        ("import signal; signal.alarm(0); signal.setitimer(0, 0)\nwhile True: pass", UnsafeDocument, "not parsed within"),
        ("import signal, time; signal.signal(14, signal.SIG_IGN); time.sleep(30)", UnsafeDocument, "not parsed within"),
        ("bytearray(10**9)", UnsafeDocument, "more than 200 MiB"),
        ("kept = []\nwhile True: kept.append(bytearray(10**6))", UnsafeDocument, "more than 200 MiB"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", UnreadableDocument, "ended by SIGSEGV"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", UnreadableDocument, "ended by SIGKILL"),
        ("import os, signal; os.kill(os.getppid(), signal.SIGKILL); import time; time.sleep(60)", DocumentError, "plan.txt"),
        ("import os; os._exit(3)", UnreadableDocument, "ended without a reply"),
        ("import os; os._exit(0)", UnreadableDocument, "ended without a reply"),
        ("import sys; sys.exit(0)", UnreadableDocument, "ended without a reply"),
        ("raise KeyboardInterrupt", UnreadableDocument, "ended without a reply"),
        ("def deep(): deep()\ndeep()", UnsafeDocument, "nested too deeply"),
        ("raise ValueError('strange \\x1b[31m thing')", UnreadableDocument, "ValueError: strange \\u001b[31m thing"),
        ("raise ValueError('x' * 10**7)", UnreadableDocument, "ValueError: xxx"),
        ("path.with_name('written').write_text('x')", UnreadableDocument, "PermissionError"),
        ("import os; os.remove(path)", UnreadableDocument, "PermissionError"),
        ("import socket; socket.create_connection(('127.0.0.1', 9))", UnreadableDocument, "may not socket"),
        ("import urllib.request as r; r.urlopen('http://127.0.0.1:9')", UnreadableDocument, "PermissionError"),
        ("import subprocess; subprocess.run(['true'])", UnreadableDocument, "PermissionError"),
        ("import os; os.fork()", UnreadableDocument, "may not os.fork"),
    ],
)  # fmt: skip
def test_one_error_that_names_the_file(
    hostile: Sandbox, tmp_path: Path, program: str, kind: type[DocumentError], message: str
) -> None:
    source = write(tmp_path, program)
    started = time.monotonic()
    with pytest.raises(kind) as error:
        hostile.parse(source)
    assert str(error.value).startswith("plan.txt: ")
    assert message in str(error.value)
    assert error.value.hint
    assert len(str(error.value)) < 500
    assert time.monotonic() - started < 10
    assert (tmp_path / "plan.txt").exists()
    assert not (tmp_path / "written").exists()
    assert hostile.parse(good(tmp_path)).info.year_ce == 2020  # and the next one is parsed as if nothing had been


def test_bytes_that_bypass_python_are_not_written_either(hostile: Sandbox, tmp_path: Path) -> None:
    """RLIMIT_FSIZE holds where no audit hook looks: here a descriptor that was open before."""
    program = (
        "import ctypes, os; c = ctypes.CDLL(None)\n"
        f"fd = c.open({str(tmp_path / 'written').encode()!r}, os.O_WRONLY | os.O_CREAT, 0o600)\n"
        "assert c.write(fd, b'x', 1) == 1"
    )
    with pytest.raises(UnreadableDocument):
        hostile.parse(write(tmp_path, program))
    assert not (tmp_path / "written").exists() or (tmp_path / "written").stat().st_size == 0


def test_a_reply_that_never_ends_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_REPLY", 1000)
    ours, theirs = os.pipe()
    os.write(theirs, b"D" * 2000)  # and is not closed
    assert module._read_all(ours, time.monotonic() + 5) == b"D" * 1001
    os.close(ours)
    os.close(theirs)


def test_a_document_of_too_much_text_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from indexer import worker
    from indexer.exchange import Job

    monkeypatch.setattr(worker, "MAX_REPLY", 100)
    refusal = decode_reply(answer(Job(write(tmp_path, PLAN), 1, 100)))
    assert isinstance(refusal, Refusal)
    assert (refusal.kind, refusal.message[:20]) == ("UnsafeDocument", "plan.txt: holds more")


def test_lone_surrogates_are_told(tmp_path: Path) -> None:
    document = parse_document(write(tmp_path, PLAN))
    [*others, last] = document.clauses
    broken = Document(document.info, (*others, type(last)(**{**_fields(last), "text": "\ud800"})), (), document.account)
    with pytest.raises(UnreadableDocument, match=r"plan\.txt: .*surrogates"):
        encode_document(broken)


def _fields(clause: object) -> dict[str, object]:
    return {name: getattr(clause, name) for name in clause.__dataclass_fields__}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "reply", [b"", b"D", b"D{}", b"R", b"R{}", b"X", b"D" + b"[" * 100_000, b"\xff", b'R{"kind": 1}']
)
def test_what_no_worker_writes_is_no_reply(reply: bytes) -> None:
    assert decode_reply(reply) is None


def test_half_a_reply_is_no_reply(tmp_path: Path) -> None:
    reply = encode_reply(parse_document(write(tmp_path, PLAN)))
    assert decode_reply(reply) is not None
    assert decode_reply(reply[:-1]) is None
    assert decode_reply(reply.replace(b'"goal"', b'"gaol"')) is None


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("UnsupportedFormat", UnsupportedFormat), ("UnsafeDocument", UnsafeDocument), ("DocumentError", DocumentError),
        ("ConfigError", DocumentError), ("annotations", DocumentError), ("__name__", DocumentError), ("gone", DocumentError),
    ],
)  # fmt: skip
def test_only_errors_of_documents_are_made_from_a_refusal(kind: str, expected: type[DocumentError]) -> None:
    error = Refusal(kind, "plan.txt: broken.", None).error()
    assert type(error) is expected
    assert str(error) == "plan.txt: broken."


def test_a_job_is_one_line(tmp_path: Path) -> None:
    from indexer.exchange import Job, decode_job

    job = Job(write(tmp_path, PLAN, "two words.txt"), 1.5, 100)
    assert encode_job(job).count(b"\n") == 1
    assert decode_job(encode_job(job)) == job


def test_parsers_that_cannot_be_loaded_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PROGRAM", (sys.executable, "-c", "import no_such_library"))
    with pytest.raises(EngineError, match="no_such_library"):
        parse_alone(write(tmp_path, PLAN), LIMITS)


def worker_of(sandbox: Sandbox) -> int:
    assert sandbox._worker is not None
    return sandbox._worker._process.pid


def alive(group: int) -> list[int]:
    """The processes of a group; those that have ended and only wait for their parent are left out."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            state, _, pgrp, *_ = path.read_text("utf-8", "replace").rsplit(")", 1)[1].split()
            if int(pgrp) == group and state != "Z":
                found.append(int(path.parent.name))
    return found


def test_the_end_of_the_sandbox_ends_its_processes(hostile: Sandbox, tmp_path: Path) -> None:
    hostile.parse(good(tmp_path))
    process = worker_of(hostile)
    assert alive(process)
    hostile.__exit__(None, None, None)
    assert not alive(process)


def test_one_worker_serves_many_documents_and_a_failure_among_them(hostile: Sandbox, tmp_path: Path) -> None:
    hostile.parse(good(tmp_path))
    process = worker_of(hostile)
    with pytest.raises(DocumentError):
        hostile.parse(write(tmp_path, "import os; os.abort()"))
    hostile.parse(good(tmp_path))
    assert worker_of(hostile) == process


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_build_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    """Ctrl-C, and a parent that can do nothing any more: then the child's own limits end it."""
    (tmp_path / "worker.py").write_text(WORKER, encoding="utf-8")
    write(tmp_path, "import os, time; open(path.with_name('pid'))\nwhile True: time.sleep(1)")
    (tmp_path / "pid").write_text("")
    program = (
        "import sys\nfrom pathlib import Path\nfrom indexer import sandbox\nfrom indexer.config import CorpusConfig\n"
        "from indexer.corpus import source_of\n"
        f"sandbox._PROGRAM = (sys.executable, '-P', {str(tmp_path / 'worker.py')!r})\n"
        "with sandbox.Sandbox(CorpusConfig(parse_seconds=2)) as box:\n"
        "    box._worker = sandbox._Worker()\n"
        "    print(box._worker._process.pid, flush=True)\n"
        f"    box.parse(source_of(Path({str(tmp_path / 'plan.txt')!r})))\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        process = int(parent.stdout.readline())
        time.sleep(0.3)
        parent.send_signal(number)
        parent.wait(10)
        ending = time.monotonic() + 6
        while alive(process) and time.monotonic() < ending:
            time.sleep(0.05)
    assert not alive(process)
