"""Parsing in processes of their own: whatever a file does to its parser, the build goes on with one DocumentError more.

A worker (indexer/worker.py) loads the parsers once and forks a process for each document, with limits on clock,
processor and memory. A fork costs 20 ms; a program of its own for each document would cost 450.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Self

from indexer.config import CorpusConfig
from indexer.corpus import Source
from indexer.errors import DocumentError, EngineError, UnreadableDocument, UnsafeDocument
from indexer.exchange import MAX_REPLY, Job, Refusal, Scans, decode_reply, encode_job
from indexer.model import Document
from indexer.ocr import MAX_SCANS
from indexer.parsecache import Known, ParseCache

_BATCH = 32  # documents that are looked up in the cache before those that are not there are parsed
_START_SECONDS = 60.0  # to load the parsers; 0.7 s on two cores
_GRACE_SECONDS = 2.0  # what a process has to obey its own limit before the whole worker is killed
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
# -P: nothing is imported from the current folder.
_PROGRAM = (sys.executable, "-P", "-m", "indexer.worker")
_TIME_SIGNALS = {signal.SIGALRM, signal.SIGXCPU}


class Sandbox:
    """Parses documents one after the other; a context, whose end ends its processes.

    The worker starts with the first document, so that a build that finds everything in its cache pays nothing.
    """

    def __init__(self, settings: CorpusConfig) -> None:
        self._settings = settings
        self._worker: _Worker | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._stop()

    def parse(self, source: Source, unnamed: bool = False) -> Document:
        """The document of one file, which may be ``unnamed``: tell neither title nor year.

        Raises DocumentError, and EngineError when no worker can be started.
        """
        source = replace(source, path=source.path.absolute())  # the worker stands in another folder
        job = Job(source, self._settings.parse_seconds, self._settings.parse_memory_mib, unnamed=unnamed)
        outcome = self._run(job)
        if isinstance(outcome, Scans):
            seconds = job.seconds + min(outcome.pages, MAX_SCANS) * self._settings.ocr_page_seconds
            job = Job(source, seconds, self._settings.ocr_memory_mib, read_scans=True, unnamed=unnamed)
            outcome = self._run(job)
        if isinstance(outcome, Document):
            return outcome
        raise outcome.error() if isinstance(outcome, Refusal) else _killed(job, None)

    def _run(self, job: Job) -> Document | Refusal | Scans:
        if self._worker is None:
            self._worker = _Worker()
        try:
            reply, status = self._worker.run(job)
        except (OSError, EOFError, TimeoutError) as error:
            self._stop()
            raise _killed(job, signal.SIGALRM if isinstance(error, TimeoutError) else None) from error
        outcome = decode_reply(reply)
        if outcome is None:
            raise _killed(job, -status if status < 0 else None)
        return outcome

    def _stop(self) -> None:
        if self._worker is not None:
            self._worker.kill()
        self._worker = None


def parse_documents(
    sources: Sequence[Source], known: ParseCache, settings: CorpusConfig, processes: int = 1
) -> Iterator[tuple[Source, Known | DocumentError, Document | None]]:
    """What is known of each file's document or why it cannot be used, and the document if it was parsed now; in order.

    Raises EngineError when no worker can be started.
    """
    with ExitStack() as stack, ThreadPoolExecutor(processes) as pool:
        own = threading.local()

        def parse(source: Source) -> Document | DocumentError:
            if not hasattr(own, "sandbox"):
                own.sandbox = stack.enter_context(Sandbox(settings))
            try:
                document: Document = own.sandbox.parse(source)
                return document
            except DocumentError as error:
                return error

        everything = iter(sources)
        while batch := list(islice(everything, _BATCH)):
            found = [known.look(source) for source in batch]
            unknown = [source for source, one in zip(batch, found, strict=True) if one is None]
            parsed = pool.map(parse, unknown) if len(unknown) == _BATCH else map(parse, unknown)
            for source, one in zip(batch, found, strict=True):
                if one is not None:
                    yield source, one, None
                elif isinstance(document := next(parsed), Document):
                    yield source, known.put(source, document), document
                else:
                    yield source, document, None


def parse_alone(source: Source, settings: CorpusConfig, unnamed: bool = False) -> Document:
    """One document in a sandbox of its own. Raises as Sandbox.parse does."""
    with Sandbox(settings) as sandbox:
        return sandbox.parse(source, unnamed)


class _Worker:
    """The running worker program: jobs go over a socket, each reply comes over a pipe of its own."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        package = Path(__file__).parent.parent
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        # One thread: a process with more cannot fork safely.
        environment = {**kept, "PYTHONPATH": str(package), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        with theirs:
            self._process = subprocess.Popen(
                _PROGRAM, stdin=theirs.fileno(), stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, cwd="/", env=environment, start_new_session=True,
            )  # fmt: skip
        try:
            self._line(time.monotonic() + _START_SECONDS)
        except (OSError, EOFError, TimeoutError) as error:
            raise EngineError(f"the parsers cannot be loaded: {self.kill()}", "Run ./run again.") from error
        except BaseException:
            self.kill()
            raise

    def run(self, job: Job) -> tuple[bytes, int]:
        """The reply and the exit status of the process that parsed; below 0 for the signal that ended it.

        Raises TimeoutError when it did not obey its limits, EOFError when the worker itself is gone.
        """
        ending = time.monotonic() + job.seconds + _GRACE_SECONDS
        ours, theirs = os.pipe()
        try:
            try:
                socket.send_fds(self._socket, [b"\0"], [theirs])
            finally:
                os.close(theirs)
            self._socket.sendall(encode_job(job))
            reply = _read_all(ours, ending)
        finally:
            os.close(ours)
        return reply, int(self._line(ending))

    def kill(self) -> str:
        """End the worker and all that it started; what it said on its way."""
        with suppress(ProcessLookupError, PermissionError):  # it may have ended already
            os.killpg(self._process.pid, signal.SIGKILL)
        self._socket.close()
        _, complaint = self._process.communicate()
        return complaint.decode("utf-8", "replace").strip()[-500:]

    def _line(self, ending: float) -> str:
        """The next line from the worker."""
        line = b""
        while not line.endswith(b"\n"):
            _wait(self._socket, ending)
            received = self._socket.recv(1)
            if not received:
                raise EOFError
            line += received
        return line.decode("ascii").strip()


def _read_all(pipe: int, ending: float) -> bytes:
    """What comes until the pipe is closed at the other end, one byte over MAX_REPLY at the most."""
    reply = bytearray()
    while len(reply) <= MAX_REPLY:
        _wait(pipe, ending)
        received = os.read(pipe, min(65536, MAX_REPLY + 1 - len(reply)))
        if not received:
            break
        reply += received
    return bytes(reply)


def _wait(readable: socket.socket | int, ending: float) -> None:
    """Wait until something can be read. Raises TimeoutError at the moment ``ending`` of the monotonic clock."""
    with selectors.DefaultSelector() as selector:
        selector.register(readable, selectors.EVENT_READ)
        if not selector.select(max(0.0, ending - time.monotonic())):
            raise TimeoutError


def _killed(job: Job, number: int | None) -> DocumentError:
    """What a process that ended without a reply says about its document."""
    name = job.source.path.name
    if number in _TIME_SIGNALS:
        message = f"{name}: was not parsed within {job.seconds:g} seconds."
        return UnsafeDocument(message, f"Simplify or split the document, or raise {job.keys[0]} in config.yaml.")
    ended = f"was ended by {signal.Signals(number).name}" if number in set(signal.Signals) else "ended without a reply"
    message = f"{name}: its parser {ended}; the file is damaged, hostile or too large."
    return UnreadableDocument(message, "Save it again with an office program, or remove it.")
