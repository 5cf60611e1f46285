"""Generations on disk: written whole, checked, then published by swapping one pointer file.

var/index/<generation>/   columns/ keyword/ vector/ grams/ passages.sqlite manifest.json
var/index/current         name of the published generation
var/index/lock            held by the build that is running
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from indexer.errors import IndexCorrupt, IndexLocked, IndexMissing, IndexStale

FORMAT_VERSION = 3
MANIFEST = "manifest.json"
_POINTER = "current"
_UNFINISHED = ".building-"


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

    def built_from(self) -> tuple[object, ...]:
        """Everything that decides what the generation holds: two manifests that agree need no second build."""
        return self.format_version, self.fingerprints, self.corpus, self.encoder, self.engines, self.dimension


@contextmanager
def build_lock(root: Path) -> Iterator[None]:
    """Hold the one build lock of an index folder. Raises IndexLocked when another build holds it."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise IndexLocked(f"another build is writing to {root}.", "Wait until it has finished.") from error
        yield


def start_generation(root: Path, name: str) -> Path:
    """A new folder to build in; whatever earlier builds left unfinished is swept."""
    for leftover in root.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    folder = root / f"{_UNFINISHED}{name}"
    folder.mkdir()
    return folder


def file_digests(folder: Path) -> dict[str, str]:
    """Relative path -> SHA-256 of every file below a folder, the manifest apart."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): _sha256(path) for path in files}


def publish(root: Path, building: Path, manifest: Manifest) -> Path:
    """Write the manifest, flush everything to disk, and make the generation the current one."""
    (building / MANIFEST).write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
    for path in [*sorted(building.rglob("*")), building]:
        _fsync(path)
    folder = root / manifest.generation
    building.rename(folder)
    _fsync(root)
    verify(folder, read_manifest(folder))
    pointer = root / f".{_POINTER}.new"
    pointer.write_text(f"{manifest.generation}\n", encoding="utf-8")
    _fsync(pointer)
    pointer.replace(root / _POINTER)
    _fsync(root)
    return folder


def current_generation(root: Path) -> str:
    """Name of the published generation. Raises IndexMissing."""
    try:
        name = (root / _POINTER).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise IndexMissing(f"no index in {root}.", "Build it: plansearch index") from error
    if not name or not (root / name / MANIFEST).is_file():
        raise IndexMissing(
            f"the published generation {name!r} is not in {root}.", "Build it: plansearch index --rebuild"
        )
    return name


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a generation. Raises IndexCorrupt or, for another format, IndexStale."""
    try:
        raw = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        version = raw.get("format_version")
        if version != FORMAT_VERSION:
            message = f"the index has format {version}, this version reads {FORMAT_VERSION}."
            raise IndexStale(message, "Build it again: plansearch index")
        return Manifest.model_validate(raw)
    except (OSError, ValueError, AttributeError, ValidationError) as error:
        raise IndexCorrupt(
            f"{folder.name}/{MANIFEST} cannot be read.", "Build again: plansearch index --rebuild"
        ) from error


def verify(folder: Path, manifest: Manifest) -> None:
    """Compare every file with the manifest. Raises IndexCorrupt that names the first file that differs."""
    for name, digest in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise IndexCorrupt(f"{folder.name}/{name} is missing.", "Build again: plansearch index --rebuild")
        if _sha256(path) != digest:
            raise IndexCorrupt(
                f"{folder.name}/{name} differs from its manifest.", "Build again: plansearch index --rebuild"
            )


def last_intact(root: Path, names: Sequence[str]) -> tuple[Path, dict[str, str]] | None:
    """Folder and document digests of the published generation, or of the newest one kept, whose files of these names
    are as published; None where there is none.

    A generation of another format counts too: what a build carries over outlives formats.
    """
    try:
        published = current_generation(root)
    except IndexMissing:
        published = ""
    kept = sorted((path.parent.name for path in root.glob(f"[!.]*/{MANIFEST}")), reverse=True)
    for name in sorted(kept, key=lambda one: one != published):
        try:
            manifest = json.loads((root / name / MANIFEST).read_text(encoding="utf-8"))
            files, corpus = manifest["files"], dict(manifest["corpus"])
            if all(_sha256(root / name / one) == files[one] for one in names if one in files):
                return root / name, corpus
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def sweep(root: Path, keep: int) -> None:
    """Remove all but the newest ``keep`` generations; the published one always stays."""
    current = current_generation(root)
    names = sorted(path.name for path in root.iterdir() if path.is_dir() and (path / MANIFEST).is_file())
    for name in names[: max(0, len(names) - keep)]:
        if name != current:
            shutil.rmtree(root / name, ignore_errors=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _fsync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
