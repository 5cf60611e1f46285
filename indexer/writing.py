"""Errors while the index is written, told by the file that could not be written."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexer.errors import IndexUnwritable, PlanSearchError

_KEPT = "What was published before is unchanged."
_HINTS = {
    errno.ENOSPC: "Make room on the disk and run it again.",
    errno.EDQUOT: "Make room within the quota and run it again.",
    errno.EROFS: "The file system is read-only: name another folder in index.dir.",
    errno.EACCES: "Give this user the right to write there, or name another folder in index.dir.",
    errno.ENOMEM: "Give the build more memory and run it again.",
}


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Raises IndexUnwritable, naming the file, for whatever keeps it from being written: disk, rights, memory."""
    try:
        yield
    except PlanSearchError:
        raise
    except MemoryError as error:
        raise _unwritable(path, "memory ran out", errno.ENOMEM) from error
    except OSError as error:
        # What numpy raises has no errno and no file name, only words.
        raise _unwritable(Path(error.filename or path), error.strerror or str(error), error.errno) from error
    except sqlite3.Error as error:
        raise _unwritable(path, str(error), errno.ENOSPC if "full" in str(error) else None) from error


def flush(path: Path) -> None:
    """Have a file or folder written to the disk itself. Raises IndexUnwritable."""
    with writing(path):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unwritable(path: Path, reason: str, code: int | None) -> IndexUnwritable:
    hint = _HINTS.get(code or 0, "See to the disk and run it again.")
    return IndexUnwritable(f"{path} cannot be written: {reason}.", f"{hint} {_KEPT}")
