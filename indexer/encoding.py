"""Texts encoded by several processes at once, in order: for a build of many passages.

A process is this module as a program. It reads lists of texts as JSON, each behind its length, writes their vectors as
float32 numbers, and ends when its input does, so with the build.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import IO

import numpy as np

from indexer.config import EncoderConfig
from indexer.encode import load_encoder
from indexer.errors import EngineError
from indexer.model import Encoder, Vectors

_SIZE = struct.Struct("<q")

Encode = Callable[[list[str]], Vectors]
EncodeAll = Callable[[Iterable[list[str]]], Iterator[Vectors]]


@contextmanager
def encoding(encoder: Encoder, settings: EncoderConfig, processes: int) -> Iterator[EncodeAll]:
    """A function from lists of texts to their vectors, in order; this process and ``processes`` - 1 others do it."""
    with ExitStack() as stack:
        workers: SimpleQueue[Encode] = SimpleQueue()
        workers.put(encoder.encode_passages)
        for _ in range(processes - 1):
            workers.put(stack.enter_context(_process(settings, encoder.dimension)))

        def encoded(texts: list[str]) -> Vectors:
            if not texts:
                return np.empty((0, encoder.dimension), dtype=np.float32)
            worker = workers.get()
            try:
                return worker(texts)
            finally:
                workers.put(worker)

        pool = stack.enter_context(ThreadPoolExecutor(processes))

        def encode_all(lists: Iterable[list[str]]) -> Iterator[Vectors]:
            waiting: deque[Future[Vectors]] = deque()
            for texts in lists:
                waiting.append(pool.submit(encoded, texts))
                if len(waiting) > processes:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

        yield encode_all


@contextmanager
def _process(settings: EncoderConfig, dimension: int) -> Iterator[Encode]:
    """A process that encodes; the others go on while it loads the model."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-P", "-m", "indexer.encoding", settings.model_dump_json()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        there, back = process.stdin, process.stdout
        if there is None or back is None:
            raise EngineError("a process that encodes has no pipes.")

        def encode(texts: list[str]) -> Vectors:
            size = 4 * dimension * len(texts)
            try:
                _write(there, json.dumps(texts).encode())
                received = back.read(size)
            except OSError as cause:
                raise EngineError(f"a process that encodes has ended: {cause}.", "Was there memory enough?") from cause
            if len(received) != size:
                raise EngineError("a process that encodes has ended.", "Was there memory enough?")
            return np.frombuffer(received, dtype="<f4").reshape(len(texts), dimension)

        try:
            yield encode
        finally:
            process.kill()


def main() -> None:
    """Encode until the input ends."""
    settings = EncoderConfig.model_validate_json(sys.argv[1])
    encoder = load_encoder(
        settings.model, settings.query_prompt, settings.passage_prompt, settings.threads, settings.build_threads,
        settings.batch_size, settings.max_chars, library=False,
    )  # fmt: skip
    while head := sys.stdin.buffer.read(_SIZE.size):
        texts = json.loads(sys.stdin.buffer.read(_SIZE.unpack(head)[0]))
        try:
            sys.stdout.buffer.write(encoder.encode_passages(texts).astype("<f4").tobytes())
            sys.stdout.buffer.flush()
        except BrokenPipeError:  # the build was killed
            os._exit(1)


def _write(stream: IO[bytes], data: bytes) -> None:
    stream.write(_SIZE.pack(len(data)) + data)
    stream.flush()


if __name__ == "__main__":
    main()
