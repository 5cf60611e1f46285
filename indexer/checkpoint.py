"""A generation that is being built, part by part: a build that was killed goes on with the part it was at.

A part is written into a folder beside the others and moved to its place when it is whole; its digests are noted. The next
build of the same contents keeps the parts whose files still have these digests, and makes the others. Several parts may be
made at once, by threads.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from indexer.generations import UNFINISHED, file_digests
from indexer.writing import writing

_NOTES = "parts.json"
_STAGING = "staging"

Digests = dict[str, str]


class Unfinished:
    """The parts that are made, in ``folder``; ``digests`` holds the SHA-256 of each of their files by its path there."""

    def __init__(self, place: Path) -> None:
        self.folder = place / "parts"
        self._place = place
        self._parts: dict[str, Digests] = {}
        self._lock = threading.Lock()

    @property
    def digests(self) -> Digests:
        return {name: digest for part in self._parts.values() for name, digest in part.items()}

    def make(self, name: str, write: Callable[[Path], None]) -> None:
        """Have a part written, a file or a folder of this name, unless an earlier build has; ``write`` gets its path.

        Raises IndexUnwritable that names what could not be written.
        """
        if name in self._parts:
            return
        staging, path = self._place / f"{_STAGING}-{name}" / name, self.folder / name
        with writing(staging):
            shutil.rmtree(staging.parent, ignore_errors=True)
            staging.parent.mkdir()
            write(staging)
            staging.rename(path)
            staging.parent.rmdir()
        self._note(name)

    def renew(self, name: str) -> None:
        """Note a part again that was added to."""
        self._note(name)

    def drop(self, name: str) -> None:
        """Remove a part that was needed for others only."""
        self._parts.pop(name, None)
        _remove(self.folder / name)

    def go_on(self) -> None:
        """Take over what an earlier build left here, as far as it is whole."""
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        noted: dict[str, Digests] = {}
        with suppress(OSError, ValueError):
            noted = json.loads((self._place / _NOTES).read_text(encoding="utf-8"))
        for left in self._place.glob(f"{_STAGING}-*"):
            _remove(left)
        for path in self.folder.iterdir():
            if path.name in noted and file_digests(path) == noted[path.name]:
                self._parts[path.name] = noted[path.name]
            else:
                _remove(path)

    def _note(self, name: str) -> None:
        digests, fresh = file_digests(self.folder / name), self._place / f"{_NOTES}.new"
        with self._lock, writing(fresh):
            self._parts[name] = digests
            fresh.write_text(json.dumps(self._parts), encoding="utf-8")
            fresh.replace(self._place / _NOTES)


@contextmanager
def unfinished(root: Path, contents: str) -> Iterator[Unfinished]:
    """The unfinished generation of these contents, begun or gone on with.

    It is removed when the build fails, so that a full disk gets its room back; a build that is killed or interrupted
    leaves it.
    """
    place = root / f"{UNFINISHED}{contents}"
    made = Unfinished(place)
    try:
        with writing(place):
            place.mkdir(exist_ok=True)
        made.go_on()
        yield made
    except Exception:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
