"""Logs as one JSON object per line on standard error, for whatever collects them."""

from __future__ import annotations

import json
import logging
import sys
import time
from typing import TextIO

_FIELDS = ("request_id", "method", "route", "status", "ms", "query", "generation")  # what our calls pass as ``extra``


class JsonFormatter(logging.Formatter):
    """One line per record: a line break in a message is written as \\n, so nobody can forge a line."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update((name, getattr(record, name)) for name in _FIELDS if hasattr(record, name))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True, default=repr)  # ASCII: no terminal codes, no broken encodings


def log_as_json(level: str, stream: TextIO | None = None) -> None:
    """Send the logs of the whole process there; ``level`` as in server.log_level."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("jieba", "sentence_transformers", "httpx", "faiss.loader"):  # they tell every load and call
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a warning for every request that has to wait
