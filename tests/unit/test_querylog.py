"""The query log keeps counts, and the words of a query only when enough have asked it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import date

import pytest
from pydantic import ValidationError

from indexer.config import Config, QueryLogConfig
from search_app.querylog import KeptQuery, QueryLog

MAY, JUNE = date(2026, 5, 20), date(2026, 6, 1)


def log_at(folder, day=MAY, **settings):
    return QueryLog(QueryLogConfig(enabled=True, file=folder / "log.sqlite", **settings), lambda: day)


def everything(folder):
    """All bytes of all files of the log."""
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def test_off_by_default_and_then_nothing_is_written(tmp_path):
    assert not Config().query_log.enabled
    QueryLog(QueryLogConfig(file=tmp_path / "log.sqlite")).record("鏟屎官", "zero")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValidationError):
        QueryLogConfig(threshold=4)


def test_no_text_below_the_threshold_anywhere_on_disk(tmp_path):
    log = log_at(tmp_path)
    for _ in range(4):
        log.record("鏟屎官的假", "zero")
    assert log.kept() == []
    assert log.daily() == [("2026-05-20", "zero", 4)]
    for form in ("鏟屎官", "铲屎官"):
        assert form.encode() not in everything(tmp_path)
    log.record("铲屎官的假", "unanswered")  # the same query in the other script
    assert log.kept() == [KeptQuery("铲屎官的假", 4, 1, 0, "2026-05-20", "2026-05-20")]
    with sqlite3.connect(tmp_path / "log.sqlite") as database:
        assert database.execute("SELECT count(*) FROM pending").fetchone() == (0,)
    database.close()


def test_a_kept_query_goes_on_counting_by_its_text(tmp_path):
    for day in (MAY, JUNE):
        for _ in range(6):
            log_at(tmp_path, day).record("鏟屎官", "zero")
    assert log_at(tmp_path).kept() == [KeptQuery("鏟屎官", 12, 0, 0, "2026-05-20", "2026-06-01")]


def test_counts_begin_anew_each_month_and_the_secret_goes(tmp_path):
    for _ in range(4):
        log_at(tmp_path, MAY).record("鏟屎官", "zero")
    secret = (tmp_path / "log-2026-05.key").read_bytes()
    log_at(tmp_path, JUNE).record("鏟屎官", "zero")
    assert log_at(tmp_path, JUNE).kept() == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log-2026-06.key", "log.sqlite"]
    assert secret not in everything(tmp_path)


@pytest.mark.parametrize(
    "text", ["王小明 A123456789", "我的電話 0912-345-678", "wang@example.org 的申訴", "老闆" * 31, "02 2345 6789"]
)
def test_what_may_name_a_person_is_never_kept(tmp_path, text):
    log = log_at(tmp_path)
    for _ in range(9):
        log.record(text, "unanswered")
    assert log.kept() == []
    assert log.daily() == [("2026-05-20", "unanswered", 9)]
    assert text.encode() not in everything(tmp_path)


def test_only_the_owner_may_read(tmp_path):
    log_at(tmp_path).record("鏟屎官", "zero")
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
        "log.sqlite": 0o600,
        "log-2026-05.key": 0o600,
    }


def test_the_old_is_erased(tmp_path):
    for _ in range(5):
        log_at(tmp_path, date(2025, 1, 1)).record("鏟屎官", "zero")
    log_at(tmp_path, MAY, keep_days=365).record("工會", "zero")
    assert log_at(tmp_path).kept() == []
    assert log_at(tmp_path).daily() == [("2026-05-20", "zero", 1)]


def test_a_log_that_cannot_be_written_costs_nobody_the_reply(tmp_path, caplog):
    (tmp_path / "log.sqlite").write_text("no database, but long enough to be taken for one" * 100)
    log_at(tmp_path).record("鏟屎官", "zero")
    assert "cannot be written" in caplog.text
    assert "鏟屎官" not in caplog.text


WRITER = """
import sys
from datetime import date
from pathlib import Path
from indexer.config import QueryLogConfig
from search_app import querylog
querylog.WAIT_SECONDS = 60  # the disk of a busy machine is no failure
for _ in range(10):
    querylog.QueryLog(QueryLogConfig(enabled=True, file=Path(sys.argv[1])), lambda: date(2026, 5, 20)).record("鏟屎官", "zero")
"""


def test_several_processes_lose_nothing(tmp_path):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, tmp_path / "log.sqlite"]) for _ in range(3)]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0, 0]
    log = log_at(tmp_path)
    assert log.daily() == [("2026-05-20", "zero", 30)]
    assert [(query.text, query.count) for query in log.kept()] == [("鏟屎官", 30)]


def test_a_process_that_dies_leaves_the_log_whole(tmp_path, monkeypatch):
    log = log_at(tmp_path)
    log.record("鏟屎官", "zero")
    monkeypatch.setattr(QueryLog, "_count_hidden", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        log.record("鏟屎官", "zero")
    assert log.daily() == [("2026-05-20", "zero", 1)]
