"""Which questions the documents did not serve: counts by day, and the words of a query only when many have asked it.

Off unless ``query_log.enabled`` is set. Nothing tells who asked: no address, no session, no time of day, no order.

A query that found nothing, was not answered, or was asked anew in other words is counted under a hash of its folded text,
keyed with a secret that lives for one calendar month (HMAC-SHA-256). Only when the count reaches ``query_log.threshold``
within that month is the text itself kept, as it was typed then; from there on it is counted by its text. At the end of
the month the secret and every count below the threshold are erased. Never kept as text, however often they are asked:
queries of more than 60 characters, and those that hold what may name a person (an identity number, a long number, an
address of mail). Texts that were not asked for ``query_log.keep_days`` are erased, and so are daily counts of that age.

Several processes may write; every entry is one transaction. A log that cannot be written never costs a reader the reply.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal, get_args

from indexer.config import QueryLogConfig
from indexer.text import fold_text

log = logging.getLogger(__name__)

Outcome = Literal["zero", "unanswered", "reformulated"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

LONGEST = 60  # characters; a longer query tells a story, and stories are personal
WAIT_SECONDS = 1.0  # for another process that is writing; an entry takes some milliseconds
_PERSONAL = re.compile(
    r"[A-Za-z][A-Da-d1289]\d{8}"  # A123456789, an identity number
    r"|\d[\d\s()+-]{6,}\d"  # 0912-345-678
    r"|\S@\S"  # wang@example.org
)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS daily (day TEXT, outcome TEXT, count INTEGER NOT NULL, PRIMARY KEY (day, outcome));
CREATE TABLE IF NOT EXISTS pending (
  month TEXT, key BLOB, zero INTEGER NOT NULL, unanswered INTEGER NOT NULL, reformulated INTEGER NOT NULL,
  PRIMARY KEY (month, key)
);
CREATE TABLE IF NOT EXISTS kept (
  folded TEXT PRIMARY KEY, text TEXT NOT NULL, zero INTEGER NOT NULL, unanswered INTEGER NOT NULL,
  reformulated INTEGER NOT NULL, first_day TEXT NOT NULL, last_day TEXT NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class KeptQuery:
    """A query that was asked often enough: its text, and how often it ended in which way."""

    text: str
    zero: int
    unanswered: int
    reformulated: int
    first_day: str
    last_day: str

    @property
    def count(self) -> int:
        return self.zero + self.unanswered + self.reformulated


def today() -> date:
    return datetime.now(UTC).date()


class QueryLog:
    """The log in one SQLite file, with the month's secret beside it. Connections are opened for each entry."""

    def __init__(self, settings: QueryLogConfig, day: Callable[[], date] = today) -> None:
        self._settings = settings
        self._day = day
        self._prepared: tuple[str, bytes] | None = None  # month and its secret

    @property
    def enabled(self) -> bool:
        return self._settings.enabled

    def record(self, text: str, outcome: Outcome) -> None:
        """Count a query that was not served. A log that cannot be written is told to the server's log only."""
        text = text.encode("utf-8", "replace").decode().strip()
        if not self.enabled or not text:
            return
        try:
            self._record(text, outcome)
        except (OSError, sqlite3.Error) as error:
            log.warning("the query log %s cannot be written: %s", self._settings.file, error)

    def daily(self) -> list[tuple[str, Outcome, int]]:
        """(day, outcome, count), the newest day first."""
        return [] if not self._settings.file.is_file() else self._read("SELECT * FROM daily ORDER BY day DESC, outcome")

    def kept(self) -> list[KeptQuery]:
        """The queries asked often enough, the most frequent first."""
        if not self._settings.file.is_file():
            return []
        columns = "text, zero, unanswered, reformulated, first_day, last_day"
        rows = self._read(f"SELECT {columns} FROM kept ORDER BY zero + unanswered + reformulated DESC, folded")
        return [KeptQuery(*row) for row in rows]

    def _record(self, text: str, outcome: Outcome) -> None:
        day, folded = self._day(), fold_text(text)
        month = f"{day:%Y-%m}"
        secret = self._secret(month, day)
        with self._writing() as database:
            _count_day(database, day, outcome)
            known = database.execute(
                f"UPDATE kept SET {outcome} = {outcome} + 1, last_day = ? WHERE folded = ?", [day.isoformat(), folded]
            )
            if not known.rowcount and len(text) <= LONGEST and not _PERSONAL.search(text):
                key = hmac.digest(secret, folded.encode(), hashlib.sha256)
                self._count_hidden(database, month, key, outcome, (folded, text, day))

    def _count_hidden(
        self, database: sqlite3.Connection, month: str, key: bytes, outcome: Outcome, told: tuple[str, str, date]
    ) -> None:
        """Count a query by its keyed hash; at the threshold its text takes the hash's place."""
        database.execute("INSERT OR IGNORE INTO pending VALUES (?, ?, 0, 0, 0)", [month, key])
        (counts,) = database.execute(
            f"UPDATE pending SET {outcome} = {outcome} + 1 WHERE month = ? AND key = ?"
            " RETURNING zero, unanswered, reformulated",
            [month, key],
        ).fetchall()
        if sum(counts) >= self._settings.threshold:
            folded, text, day = told
            database.execute("DELETE FROM pending WHERE month = ? AND key = ?", [month, key])
            database.execute(
                "INSERT INTO kept VALUES (?, ?, ?, ?, ?, ?, ?)",
                [folded, text, *counts, day.isoformat(), day.isoformat()],
            )

    def _secret(self, month: str, day: date) -> bytes:
        """The month's secret, made by whichever process comes first; with the old one everything it hid is erased."""
        if self._prepared is None or self._prepared[0] != month or not self._settings.file.is_file():
            self._settings.file.parent.mkdir(parents=True, exist_ok=True)
            secret = _shared_secret(self._key_file(month))
            self._erase_old(month, day)
            self._prepared = month, secret
        return self._prepared[1]

    def _erase_old(self, month: str, day: date) -> None:
        oldest = (day - timedelta(days=self._settings.keep_days)).isoformat()
        with self._writing() as database:
            for statement in filter(None, map(str.strip, _SCHEMA.split(";"))):
                database.execute(statement)
            database.execute("DELETE FROM pending WHERE month != ?", [month])
            database.execute("DELETE FROM daily WHERE day < ?", [oldest])
            database.execute("DELETE FROM kept WHERE last_day < ?", [oldest])
        current = self._key_file(month)
        for path in current.parent.glob(f"{self._settings.file.stem}-????-??.key"):
            if path != current:
                path.unlink(missing_ok=True)

    def _key_file(self, month: str) -> Path:
        return self._settings.file.with_name(f"{self._settings.file.stem}-{month}.key")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, on disk when the block ends or undone. What is deleted is overwritten with zeros."""
        path = self._settings.file
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        database = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
        try:
            database.execute("PRAGMA secure_delete = ON")
            database.execute("BEGIN IMMEDIATE")
            yield database
            database.execute("COMMIT")
        finally:
            database.close()  # undoes what was not committed

    def _read(self, sql: str) -> list[tuple]:  # type: ignore[type-arg]
        database = sqlite3.connect(f"{self._settings.file.absolute().as_uri()}?mode=ro", uri=True)
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()


def _count_day(database: sqlite3.Connection, day: date, outcome: Outcome) -> None:
    database.execute(
        "INSERT INTO daily VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET count = count + 1", [day.isoformat(), outcome]
    )


def _shared_secret(path: Path) -> bytes:
    """The 32 bytes of a file, drawn now when it does not exist; whole at once, so that no process reads half of them."""
    if not path.is_file():
        own = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(own, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(secrets.token_bytes(32))
        with suppress(FileExistsError):  # another process was first: its secret holds
            os.link(own, path)
        own.unlink()
    return path.read_bytes()
