"""What a kept result says of where it was measured."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path


def machine(command: str) -> dict[str, object]:
    """Date, command and machine size; the load tells how busy the machine was with other work."""
    memory = next(
        (
            int(line.split()[1])
            for line in Path("/proc/meminfo").read_text().splitlines()
            if line.startswith("MemTotal")
        ),
        0,
    )
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "machine": {"cores": os.cpu_count(), "memory_mib": memory // 1024, "python": platform.python_version(),
                    "load": [round(one, 1) for one in os.getloadavg()]},
    }  # fmt: skip
