"""The whole error tree.

PlanSearchError
├── ConfigError              configuration or command line is wrong; names key and line
├── DocumentError            one document cannot be used; names the file
│   ├── UnsupportedFormat    no reader for this kind of file
│   ├── UnreadableDocument   the reader failed: damaged, encrypted, empty, undecodable
│   └── UnsafeDocument       refused: bomb, outside the corpus, over the limits
├── StoreError               the published index cannot be used
│   ├── IndexMissing         nothing has been built
│   ├── IndexStale           built by another format, tokenizer, lexicon or model
│   ├── IndexCorrupt         a file differs from the manifest
│   ├── IndexLocked          another build is running
│   ├── IndexUnwritable      a file of the index cannot be written: disk full, no right, no memory
│   └── EngineError          an engine library failed
├── QueryError               a query is over the limits or names an unknown filter
└── AnswerError              a generated answer could not be had or did not hold
"""

from __future__ import annotations


class PlanSearchError(Exception):
    """Base of every error that plansearch raises on purpose."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message


class ConfigError(PlanSearchError):
    """Configuration or use is wrong."""


class DocumentError(PlanSearchError):
    """One document cannot be used; the others go on."""


class UnsupportedFormat(DocumentError):
    """No reader for this kind of file."""


class UnreadableDocument(DocumentError):
    """The file cannot be read as what it says it is."""


class UnsafeDocument(DocumentError):
    """The file is refused before it is parsed."""


class StoreError(PlanSearchError):
    """The published index cannot be used."""


class IndexMissing(StoreError):
    """Nothing has been built yet."""


class IndexStale(StoreError):
    """The index was built by another format, tokenizer, lexicon or model."""


class IndexCorrupt(StoreError):
    """A file of the index differs from its manifest."""


class IndexLocked(StoreError):
    """Another build is running."""


class IndexUnwritable(StoreError):
    """A file of the index cannot be written."""


class EngineError(StoreError):
    """An engine library failed."""


class QueryError(PlanSearchError):
    """The query is over the limits or names an unknown filter."""


class AnswerError(PlanSearchError):
    """A generated answer could not be had or did not hold."""
