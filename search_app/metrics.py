"""Figures for Prometheus. Every label has few values, whatever clients send. The only importer of prometheus_client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from search_app.observe import Asked, Note, Searched

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
METHODS = ("GET", "HEAD", "OPTIONS", "POST")
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Served(Protocol):
    """What is asked of Live."""

    @property
    def ready(self) -> bool: ...
    @property
    def folder(self) -> Path | None: ...
    @property
    def problem(self) -> Exception | None: ...


class Metrics:
    """The figures of one application; safe over threads."""

    def __init__(self, live: Served) -> None:
        self._registry = CollectorRegistry()
        self._requests = self._counter("requests", "Requests answered.", ("endpoint", "method", "status"))
        self._seconds = Histogram(
            "plansearch_request_seconds", "Seconds until a request was answered.", ("endpoint",), buckets=SECONDS,
            registry=self._registry,
        )  # fmt: skip
        self._limited = self._counter("rate_limited", "Requests refused because a client sent too many.")
        self._searches = self._counter("searches", "Searches.", ("language", "kind"))
        self._empty = self._counter("searches_without_hits", "Searches that found nothing.", ("language", "kind"))
        self._questions = self._counter("questions", "Questions, by whether they were answered.", ("outcome",))
        self._registry.register(_Index(live))

    def count(self, endpoint: str, method: str, status: int, seconds: float, notes: Iterable[Note]) -> None:
        """Count one answered request and what it found."""
        known = method if method in METHODS else "other"
        self._requests.labels(endpoint, known, str(status)).inc()
        self._seconds.labels(endpoint).observe(seconds)
        if status == 429:
            self._limited.inc()
        for found in notes:
            self._count_note(found)

    def text(self) -> bytes:
        """All figures as Prometheus reads them."""
        return generate_latest(self._registry)

    def _count_note(self, found: Note) -> None:
        match found:
            case Searched(language, kind, total):
                self._searches.labels(language, kind).inc()
                if total == 0:
                    self._empty.labels(language, kind).inc()
            case Asked(answered):
                self._questions.labels("answered" if answered else "abstained").inc()

    def _counter(self, name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
        return Counter(f"plansearch_{name}", text, labels, registry=self._registry)


class _Index(Collector):
    """The open generation: its name, age and size, read when Prometheus asks."""

    def __init__(self, live: Served) -> None:
        self._live = live
        self._sizes: tuple[Path | None, int] = (None, 0)

    def collect(self) -> Iterator[Metric]:
        folder = self._live.folder
        generation = GaugeMetricFamily("plansearch_generation", "1 for the generation that is served.", labels=["name"])
        if folder is not None:
            generation.add_metric([folder.name], 1)
        yield GaugeMetricFamily("plansearch_ready", "1 once the model and an index are loaded.", self._live.ready)
        yield GaugeMetricFamily(
            "plansearch_index_problem", "1 while the published index cannot be opened.", self._live.problem is not None
        )
        yield generation
        yield GaugeMetricFamily("plansearch_index_bytes", "Bytes of the generation that is served.", self._size(folder))

    def _size(self, folder: Path | None) -> int:
        """Bytes below the folder; a generation never changes, so each is measured once."""
        if folder is None:
            return 0
        if self._sizes[0] != folder:
            self._sizes = folder, sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        return self._sizes[1]
