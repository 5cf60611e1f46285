"""Generations on disk: written whole, checked, then published by swapping one pointer file.

var/index/<generation>/                columns/ keyword/ vector/ ... passages.sqlite manifest.json
var/index/<generation>/manifest.sha256 digest of the manifest, as sha256sum writes it
var/index/current                      names of the published generations, newest first; the first one is served
var/index/lock                         held by the build that is running
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from indexer.errors import IndexCorrupt, IndexLocked, IndexMissing, IndexStale
from indexer.writing import flush, writing

FORMAT_VERSION = 6
MANIFEST = "manifest.json"
SEAL = "manifest.sha256"
_POINTER = "current"
UNFINISHED = ".building-"
_REBUILD = "Build again: plansearch index --rebuild"


class Manifest(BaseModel):
    """What a generation was built from, and the digest of each of its files."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format_version: int
    generation: str
    created: str
    fingerprints: dict[str, str]
    corpus: dict[str, str]
    failed: dict[str, str]
    encoder: str
    engines: dict[str, str]
    dimension: int
    passages: int
    files: dict[str, str]
    editors: str = ""  # digest of the editors' lexicon, "" without one
    revised: tuple[int, ...] = ()  # passages that came or went at each build since one made the whole index

    def built_from(self) -> tuple[object, ...]:
        """Everything that decides what the generation holds: two manifests that agree need no second build."""
        return self.corpus, *self.made_by()

    def made_by(self) -> tuple[object, ...]:
        """All of that but the documents."""
        made = self.encoder, self.engines, self.dimension, self.editors
        return self.format_version, self.fingerprints, *made


# --- building -------------------------------------------------------------------------------------------------------


@contextmanager
def build_lock(root: Path) -> Iterator[None]:
    """Hold the one build lock of an index folder. Raises IndexLocked when another build holds it."""
    with writing(root):
        root.mkdir(parents=True, exist_ok=True)
        handle = (root / "lock").open("a+")
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise IndexLocked(f"another build is writing to {root}.", "Wait until it has finished.") from error
        yield


def publish(
    root: Path, building: Path, manifest: Manifest, keep: int, digests: Mapping[str, str] | None = None
) -> Path:
    """Seal the generation, flush it to disk, verify it and make it the current one; ``keep`` stay published.

    ``digests`` are the SHA-256 of those of its files that are known. Raises IndexUnwritable that names the file,
    IndexCorrupt when what was read back is not what was written.
    """
    known = digests or {}
    files = {name: known.get(name) or _sha256(building / name) for name in sorted(_files(building))}
    manifest = manifest.model_copy(update={"files": files})
    _write(building / MANIFEST, manifest.model_dump_json(indent=1))
    _write(building / SEAL, _seal((building / MANIFEST).read_bytes()))
    for path in [*sorted(building.rglob("*")), building]:
        flush(path)
    folder = root / manifest.generation
    with writing(folder):
        building.rename(folder)
    try:
        flush(root)
        verify(folder, read_manifest(folder))
        _point(root, [manifest.generation, *published_generations(root)][:keep])
    except BaseException:
        if manifest.generation not in published_generations(root):
            _remove(folder)
        raise
    return folder


def sweep(root: Path, going_on: str = "") -> None:
    """Remove what interrupted builds left, and the generations that are no longer published and that nobody reads.

    A build is ``going_on`` with what one left of the same contents.
    Where the pointer file names none, it is lost or damaged: what is there then may be all that can be served.
    """
    kept = published_generations(root)
    (root / f".{_POINTER}.new").unlink(missing_ok=True)
    for folder in _folders(root):
        if folder.name.startswith(UNFINISHED):
            if folder.name != f"{UNFINISHED}{going_on}":
                shutil.rmtree(folder, ignore_errors=True)
        elif kept and folder.name not in kept and not _is_read(folder):
            _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a generation, hidden first: one whose manifest is gone already would not be known for ours after a kill."""
    with suppress(OSError, MemoryError):
        folder = folder.rename(folder.with_name(f"{UNFINISHED}{folder.name}"))
    shutil.rmtree(folder, ignore_errors=True)


def file_digests(path: Path) -> dict[str, str]:
    """Path from the folder that a file or folder stands in -> SHA-256, of it or of every file below it."""
    files = path.rglob("*") if path.is_dir() else [path]
    return {file.relative_to(path.parent).as_posix(): _sha256(file) for file in sorted(files) if file.is_file()}


# --- reading --------------------------------------------------------------------------------------------------------


def usable_generations(root: Path) -> list[str]:
    """Names to open, one after the other until one is good: the published ones, else whatever whole ones are there."""
    there = (folder.name for folder in _folders(root) if not folder.name.startswith(UNFINISHED))
    return published_generations(root) or sorted(there, reverse=True)


def published_generations(root: Path) -> list[str]:
    """Names of the published generations that are there, newest first, as the pointer file lists them."""
    try:
        lines = (root / _POINTER).read_text(encoding="utf-8", errors="replace").split()
    except OSError:
        return []
    return [name for name in dict.fromkeys(lines) if name == Path(name).name and (root / name).is_dir()]


def current_generation(root: Path) -> str:
    """Name of the published generation. Raises IndexMissing."""
    try:
        name = (root / _POINTER).read_text(encoding="utf-8", errors="replace").partition("\n")[0].strip()
    except OSError as error:
        raise IndexMissing(f"no index in {root}.", "Build it: plansearch index") from error
    if name in ("", ".", "..") or name != Path(name).name or not (root / name / MANIFEST).is_file():
        raise IndexMissing(
            f"the published generation {name!r} is not in {root}.", "Build it: plansearch index --rebuild"
        )
    return name


def pointer_state(root: Path) -> tuple[int, int]:
    """What changes whenever something is published or put back; (0, 0) where there is no index."""
    try:
        status = (root / _POINTER).stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_ino


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a generation. Raises IndexCorrupt or, for another format, IndexStale."""
    corrupt = IndexCorrupt(f"{folder.name}/{MANIFEST} cannot be read.", _REBUILD)
    seal = folder / SEAL
    try:
        content = (folder / MANIFEST).read_bytes()
        if seal.is_file() and seal.read_bytes() != _seal(content).encode():
            raise IndexCorrupt(f"{folder.name}/{MANIFEST} or {SEAL} differs from what was published.", _REBUILD)
        raw = json.loads(content)
        version = raw.get("format_version")
        if version != FORMAT_VERSION:
            message = f"the index has format {version}, this version reads {FORMAT_VERSION}."
            raise IndexStale(message, "Build it again: plansearch index")
        if not seal.is_file():
            raise IndexCorrupt(f"{folder.name}/{SEAL} is missing.", _REBUILD)
        return Manifest.model_validate(raw)
    except (OSError, ValueError, AttributeError, ValidationError) as error:
        raise corrupt from error


def damaged_files(folder: Path, manifest: Manifest) -> Iterator[str]:
    """What is wrong with a generation, one sentence per file: missing, other than published, or put there later.

    A file that the manifest does not list counts too: Whoosh opens, and unpickles, whatever table of contents is newest.
    """
    present = _files(folder)
    names = sorted(present & manifest.files.keys())
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        digests = dict(zip(names, pool.map(lambda name: _sha256(folder / name), names), strict=True))
    for name, digest in manifest.files.items():
        if name not in present:
            yield f"{folder.name}/{name} is missing."
        elif digests[name] != digest:
            yield f"{folder.name}/{name} differs from its manifest."
    for name in sorted(present - manifest.files.keys()):
        yield f"{folder.name}/{name} is not in the manifest."


def verify(folder: Path, manifest: Manifest) -> None:
    """Compare every file with the manifest. Raises IndexCorrupt that names the first file that differs."""
    for damage in damaged_files(folder, manifest):
        raise IndexCorrupt(damage, _REBUILD)


def last_intact(root: Path, names: Sequence[str]) -> tuple[Path, dict[str, str]] | None:
    """Folder and document digests of the newest usable generation whose files of these names are as published, or None.

    A generation of another format counts too: what a build carries over outlives formats.
    """
    for name in usable_generations(root):
        try:
            manifest = json.loads((root / name / MANIFEST).read_text(encoding="utf-8"))
            files, corpus = manifest["files"], dict(manifest["corpus"])
            if all(_sha256(root / name / one) == files[one] for one in names if one in files):
                return root / name, corpus
        except (OSError, ValueError, KeyError, TypeError, IndexCorrupt):
            continue
    return None


class Hold:
    """Keeps a generation from being swept while it is read; until it is closed, or nobody has it any more."""

    def __init__(self, folder: Path) -> None:
        self._descriptor: int | None = None
        with suppress(OSError):  # a generation on a file system without locks is read all the same
            self._descriptor = os.open(folder / MANIFEST, os.O_RDONLY | os.O_CLOEXEC)
            fcntl.flock(self._descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    __del__ = close


def _is_read(folder: Path) -> bool:
    with (folder / MANIFEST).open("rb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
    return False


def _point(root: Path, names: list[str]) -> None:
    fresh = root / f".{_POINTER}.new"
    _write(fresh, "".join(f"{name}\n" for name in names))
    flush(fresh)
    with writing(root / _POINTER):
        fresh.replace(root / _POINTER)
    flush(root)


def _write(path: Path, text: str) -> None:
    with writing(path):
        path.write_text(text, encoding="utf-8")


def _seal(manifest: bytes) -> str:
    return f"{hashlib.sha256(manifest).hexdigest()}  {MANIFEST}\n"


def _folders(root: Path) -> list[Path]:
    """Generations and what may become one; other folders are none of ours."""
    try:
        entries = list(root.iterdir())
    except OSError:
        return []
    return [one for one in entries if one.is_dir() and (one.name.startswith(UNFINISHED) or (one / MANIFEST).is_file())]


def _files(folder: Path) -> set[str]:
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return found - {MANIFEST, SEAL}


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise IndexCorrupt(f"{path} cannot be read: {error.strerror or error}.", _REBUILD) from error
