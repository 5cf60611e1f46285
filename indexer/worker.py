"""The program that parses documents for the sandbox: python -m indexer.worker, with a socket as standard input.

It forks once for each job. The fork lays limits on itself, parses one document, writes its reply and ends; the worker
then tells how it ended. Nothing that a document did stays for the next one.
"""

from __future__ import annotations

import gc
import os
import resource
import signal
import socket
import sys
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NoReturn

from indexer import ocr
from indexer.damage import frequent_ideographs
from indexer.errors import DocumentError, UnreadableDocument, UnsafeDocument
from indexer.exchange import MAX_REPLY, Job, Refusal, Scans, decode_job, encode_reply
from indexer.model import Account, Document, DocumentInfo
from indexer.parse import parse_document
from indexer.readers import READERS
from indexer.text import fold

_MIB = 1024 * 1024
_FORBIDDEN = (
    "ftplib.", "http.client.", "os.exec", "os.fork", "os.link", "os.mkdir", "os.posix_spawn", "os.remove", "os.rename",
    "os.rmdir", "os.spawn", "os.symlink", "os.system", "os.truncate", "pty.spawn", "shutil.", "smtplib.", "socket.",
    "subprocess.", "urllib.",
)  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def main() -> None:
    """Serve jobs until the other end of the socket is closed."""
    control = socket.socket(fileno=os.dup(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the build ends its workers itself
    _prepare()
    control.sendall(b"ready\n")
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)  # libraries print warnings; nobody would read them
    gc.freeze()
    while (received := _receive(control)) is not None:
        line, reply = received
        job = decode_job(line)
        _load_reader(job.source.path.suffix.lower())
        process = os.fork()
        if process == 0:
            control.close()
            _work(job, reply)
        os.close(reply)
        _, status = os.waitpid(process, 0)
        control.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))


def _prepare() -> None:
    """Make what every document needs here once, not in each fork: 25 of 35 ms."""
    encode_reply(Scans(0))
    encode_reply(Document(DocumentInfo("", "", "", "", "", 0, "", "", "", ""), (), (), Account(0, 0, 0, 0, 0, 0, 0)))
    frequent_ideographs()
    fold("勞動部 106 年度施政計畫")


def answer(job: Job) -> bytes:
    """The reply to a job: a document, or a refusal that names the file. Raises nothing."""
    name = job.source.path.name
    try:
        reply = encode_reply(_parse(job))
        if len(reply) <= MAX_REPLY:
            return reply
        message = f"{name}: holds more than {MAX_REPLY // _MIB} MiB of parsed text."
        refused: DocumentError = UnsafeDocument(message, "Split the document.")
    except DocumentError as error:
        refused = error
    except MemoryError:
        message = f"{name}: takes more than {job.memory_mib} MiB to parse."
        refused = UnsafeDocument(message, f"Split the document, or raise {job.keys[1]} in config.yaml.")
    except RecursionError:
        refused = UnsafeDocument(f"{name}: is nested too deeply.", "Simplify the document, or remove it.")
    except Exception as error:
        reason = f"{type(error).__name__}: {str(error)[:200]}"
        message = f"{name}: cannot be read as {job.source.path.suffix} ({reason})."
        refused = UnreadableDocument(message, "Save it again with an office program, or remove it.")
    return encode_reply(Refusal.of(refused))


def _parse(job: Job) -> Document | Scans:
    if not job.read_scans and ocr.is_installed() and (pages := ocr.count_scans(job.source.path)):
        return Scans(pages)
    return parse_document(job.source, job.read_scans, job.unnamed)


def _receive(control: socket.socket) -> tuple[bytes, int] | None:
    """The line of the next job and the pipe for its reply; None at the end."""
    start, descriptors, _, _ = socket.recv_fds(control, 1, 1)
    if not start:
        return None
    line = b""
    while not line.endswith(b"\n"):
        received = control.recv(65536)
        if not received:
            return None
        line += received
    return line, descriptors[0]


@cache
def _load_reader(suffix: str) -> None:
    """Import the library of a format here once, not in each fork: 0.1-0.3 s per document.

    A reader imports it when it is first called, and then finds that this file does not exist.
    """
    with suppress(Exception):  # whatever is wrong, the fork tells it of its document
        if suffix in READERS:
            READERS[suffix](Path("/nonexistent").with_suffix(suffix))


def _work(job: Job, reply: int) -> NoReturn:
    """Parse under limits, reply, and end at once without the clean-up of a whole program."""
    try:
        _limit(job)
        rest = memoryview(answer(job))
        while rest:
            rest = rest[os.write(reply, rest) :]
        os._exit(0)
    finally:
        os._exit(1)


def _limit(job: Job) -> None:
    """Limits of this process: clock, processor, memory, no written file, no network, no other program."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, job.seconds)
    used = time.process_time()
    resource.setrlimit(resource.RLIMIT_CPU, (int(used + job.seconds) + 1, int(used + job.seconds) + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if (taken := _address_space()) is not None:
        resource.setrlimit(resource.RLIMIT_AS, (taken + job.memory_mib * _MIB,) * 2)
    sys.dont_write_bytecode = True
    sys.addaudithook(_refuse)


def _address_space() -> int | None:
    """Bytes of address space that this process takes; None where the system does not tell (only Linux does)."""
    try:
        return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    except OSError:
        return None


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    """Audit hook: a parser has no business in the network, with other programs, or in writing files."""
    writes = event == "open" and isinstance(arguments[2], int) and bool(arguments[2] & _WRITING)
    if (writes and arguments[0] != os.devnull) or event.startswith(_FORBIDDEN):
        raise PermissionError(f"a parser may not {event}")


if __name__ == "__main__":
    main()
