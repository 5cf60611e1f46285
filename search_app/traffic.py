"""What is noted of every request: an id that the client may give, one line in the log, the figures for Prometheus."""

from __future__ import annotations

import logging
import re
import time
import uuid

from flask import Flask, Response, g, request

from search_app import observe
from search_app.metrics import Metrics

log = logging.getLogger(__name__)

HEADER = "X-Request-ID"
_SAFE_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")  # 0f8fad5b-d9cb-469f-a165-70867728950e


def watch_traffic(app: Flask, metrics: Metrics) -> None:
    """Give every request an id (``g.request_id``), and note it once it is answered."""

    def begin() -> None:
        g.started = time.perf_counter()
        g.request_id = request_id(request.headers.get(HEADER, ""))
        observe.begin()

    def end(response: Response) -> Response:
        notes, seconds = observe.end(), time.perf_counter() - g.started
        response.headers[HEADER] = g.request_id
        metrics.count(request.endpoint or "none", request.method, response.status_code, seconds, notes)
        _tell(response, seconds)
        return response

    app.before_request(begin)
    app.after_request(end)


def request_id(given: str) -> str:
    """The id that a proxy gave a request when it is harmless in logs and headers, else a fresh one."""
    return given if _SAFE_ID.fullmatch(given) else uuid.uuid4().hex


def _tell(response: Response, seconds: float) -> None:
    """One line: the route, not the address, which may hold what somebody looks for; that is told at debug level only."""
    extra: dict[str, object] = {
        "request_id": g.request_id, "method": request.method, "status": response.status_code,
        "route": request.url_rule.rule if request.url_rule else None, "ms": round(seconds * 1000, 1),
    }  # fmt: skip
    if log.isEnabledFor(logging.DEBUG):
        extra["query"] = request.full_path
    log.info("request", extra=extra)
