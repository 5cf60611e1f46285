"""A process that builds small indexes on demand, each in a child of its own that may be killed or made to fail.

It reads one JSON object per line and writes one or two: {"pid"} once the child runs, {"rc", "told", "events"} once it
has ended. Its children inherit the loaded libraries, so that a build takes a fifth of a second instead of seven.

python building.py FILE CONFIG: what a child says goes to FILE; CONFIG is built once to load everything
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from indexer import build, parts, translations
from search_app.cli import main as plansearch

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
CHANGES = ("os.mkdir", "os.rename", "os.link", "sqlite3.connect")


def interrupt(below: str, at: int, error: str) -> Callable[[], int]:
    """Raise an error at the ``at``-th time that something below a folder is opened to be written, made, moved or flushed.

    From the error on, every such time fails. Returns a function that tells how often it was about to happen.
    """
    seen = 0

    def count(path: object) -> None:
        nonlocal seen
        name = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""
        if not name.startswith(below):
            return
        seen += 1
        if 0 <= at < seen:
            if error == "SIGKILL":
                os.kill(os.getpid(), signal.SIGKILL)
            if error == "MemoryError":
                raise MemoryError
            raise OSError(getattr(errno, error), os.strerror(getattr(errno, error)), name)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if (event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING) or event in CHANGES:
            count(arguments[0])

    sys.addaudithook(hook)
    really = os.fsync

    def fsync(descriptor: int) -> None:
        count(f"/proc/self/fd/{descriptor}" if not below else str(Path(f"/proc/self/fd/{descriptor}").resolve()))
        really(descriptor)

    os.fsync = fsync
    return lambda: seen


def fail_in_c(at: int, error: str, once: bool) -> Callable[[], int]:
    """The same for every single write of C code too, with failing.c preloaded."""
    library = ctypes.CDLL(None)
    library.plansearch_fail(ctypes.c_long(at), getattr(errno, error), int(once))
    return lambda: int(library.plansearch_seen())


def child(order: dict[str, object], told: Path) -> None:
    """Run ``plansearch index`` as a user would, with what is asked for going wrong."""
    with told.open("w", encoding="utf-8") as stream:
        os.dup2(stream.fileno(), 1)
        os.dup2(stream.fileno(), 2)
    seen: Callable[[], int] = int
    if "at" in order:
        seen = interrupt(str(order["below"]), int(str(order["at"])), str(order["error"]))
    if "write" in order:
        seen = fail_in_c(int(str(order["write"])), str(order["error"]), bool(order.get("once")))
    code = 1
    try:
        whole = ["--rebuild"] if order.get("rebuild", True) else []
        plansearch(["index", *whole, "--config", str(order["config"])])
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        count = seen()
        os.write(int(str(order["counts"])), f"{count}".encode())
        os._exit(code)


def share_dictionary(cache: Path) -> None:
    """Use the table of CC-CEDICT that is loaded for every site: reading or making it costs 1 to 8 seconds each time."""
    table, terms = translations.dictionary_table(cache), parts.chinese_terms(cache)
    translations.dictionary_table = lambda cache=None: table
    parts.chinese_terms = lambda cache=None: terms


def main() -> None:
    really = build.open_encoder
    build.open_encoder = lambda settings, library=True: really(settings, library=False)  # 4 s less to load
    told = Path(sys.argv[1])
    plansearch(["index", "--json", "--config", sys.argv[2]], standalone_mode=False)
    share_dictionary(Path(sys.argv[2]).parent / "var" / "cache")
    print(flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            child({**order, "counts": writing}, told)
        os.close(writing)
        print(json.dumps({"pid": pid}), flush=True)
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        with os.fdopen(reading, "rb") as counts:
            events = int(counts.read() or 0)
        print(json.dumps({"rc": code, "told": told.read_text("utf-8", "replace"), "events": events}), flush=True)


if __name__ == "__main__":
    main()
