"""The plans of tests/fixtures as files. A folder stands for the packed file that it unpacks from, so that it can be reviewed."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

PLANS = Path(__file__).parent / "fixtures" / "plans"


def plan_bytes(name: str) -> bytes:
    """The file of that name."""
    path = PLANS / name
    if path.is_file():
        return path.read_bytes()
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in sorted(path.rglob("*"), key=lambda member: (member.name != "mimetype", member)):
            if member.is_file():
                archive.write(member, member.relative_to(path).as_posix())
    return buffer.getvalue()
