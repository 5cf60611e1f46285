"""What builds record: changed clauses, and every clause that was published once and is gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from lxml import etree, html

from indexer import build, changes
from indexer.changes import Change, Changes
from indexer.config import Config, CorpusConfig, IndexConfig
from indexer.generations import current_generation, read_manifest
from indexer.store import Store
from search_app.app import create_app
from search_app.live import Live

HEAD = ["勞動部 109 年度施政計畫", "", "壹、年度施政目標", "一、促進就業"]
FIRST = [
    "（一）辦理就業服務中心之諮詢。",
    "（二）研擬最低工資法制。",
    "（三）推動青年職涯輔導及訓練。",
    "（四）補助中高齡者職場再設計。",
]
# （二） is gone, so that the numbers behind it moved up; （三） has other words now
SECOND = [
    "（一）辦理就業服務中心之諮詢。",
    "（二）推動青年職涯輔導及訓練，並補助津貼。",
    "（三）補助中高齡者職場再設計。",
]
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True, scope="module")
def light() -> Iterator[None]:
    """The embedded model without its library: the same vectors, ready 4 s sooner."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "open_encoder", partial(build.open_encoder, library=False))
        yield


def settings(folder: Path) -> Config:
    (folder / "corpus").mkdir()
    return Config(corpus=CorpusConfig(dir=folder / "corpus"), index=IndexConfig(dir=folder / "var" / "index"))


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return settings(tmp_path)


def publish(config: Config, plans: dict[str, list[str]], *, rebuild: bool = False) -> Changes:
    """The record of a build over these plans: name -> lines below the heads."""
    for path in config.corpus.dir.glob("*.txt"):
        path.unlink()
    for name, lines in plans.items():
        year = name.rpartition("-")[2]
        text = "\n".join([*HEAD, *lines]).replace("109", year)
        (config.corpus.dir / f"{name}.txt").write_text(f"{text}\n", encoding="utf-8")
    build.build_index(config, rebuild=rebuild)
    return Changes(config.index.dir / current_generation(config.index.dir))


def told(events: list[Change]) -> list[tuple[str, str]]:
    return [(one.what, one.clause.clause_id if one.clause else one.document.document_id) for one in events]


@dataclass(frozen=True)
class Twice:
    """A site after two builds, with when each of them was made, and the clauses that the first one published."""

    client: FlaskClient
    made: tuple[str, str]
    published: list[str]


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    """plan-109 was revised, plan-110 withdrawn, old-108 renamed; x-107 stays."""
    config = settings(tmp_path_factory.mktemp("twice"))
    publish(config, {"plan-109": FIRST, "plan-110": ["（一）推動年金修法。"], "old-108": FIRST, "x-107": FIRST[2:3]})
    folder = config.index.dir / current_generation(config.index.dir)
    store, first = Store(folder), read_manifest(folder).created
    published = [clause.clause_id for name in store.documents for clause in store.document_clauses(name)]
    store.close()
    publish(config, {"plan-109": SECOND, "new-108": SECOND, "x-107": FIRST[2:3]})
    live = Live(config, library=False)
    second = read_manifest(config.index.dir / live.load().generation).created
    return Twice(create_app(live, config).test_client(), (first, second), published)


def test_the_first_build_begins_the_record(config: Config) -> None:
    record = publish(config, {"plan-109": FIRST})
    assert (record.newest(10), record.gone("plan-109/1.1.9")) == ([], None)
    assert record.since.endswith("+00:00")


def test_each_kind_of_change(config: Config) -> None:
    publish(config, {"plan-109": FIRST, "plan-110": FIRST})
    record = publish(config, {"plan-109": SECOND, "plan-111": FIRST})
    assert told(record.newest(100)) == [
        ("document_removed", "plan-110"),
        ("changed", "plan-109/1.1.2"), ("changed", "plan-109/1.1.3"), ("removed", "plan-109/1.1.4"),
        ("document_added", "plan-111"),
    ]  # fmt: skip
    events = record.newest(100)
    assert events[1].before == "（二）研擬最低工資法制。"
    assert events[0].count == events[4].count > 4
    assert record.newest(2) == events[:2]
    back = publish(config, {"plan-109": FIRST, "plan-111": FIRST})
    assert told(back.newest(3)) == [
        ("changed", "plan-109/1.1.2"), ("changed", "plan-109/1.1.3"), ("added", "plan-109/1.1.4"),
    ]  # fmt: skip


def test_what_is_gone_stays_known_over_builds_until_it_comes_back(config: Config) -> None:
    publish(config, {"plan-109": FIRST, "plan-110": FIRST})
    publish(config, {"plan-109": SECOND})
    for number in range(2):  # as many as the generations that are kept
        record = publish(config, {"plan-109": [*SECOND[:2], f"（三）另辦第{number}項業務。"]}, rebuild=True)
    gone = record.gone("plan-109/1.1.4")
    assert gone is not None
    assert (gone.clause.text, gone.document.year_roc) == ("補助中高齡者職場再設計。", 109)
    assert [clause.text for clause in record.state(gone) if clause.kind == "goal_clause"] == [
        line.partition("）")[2] for line in FIRST
    ]
    assert record.gone_document("plan-110") is not None
    record = publish(config, {"plan-109": FIRST})
    assert record.gone("plan-109/1.1.4") is None
    assert record._query("SELECT document_id FROM states") == [("plan-110",)]


def test_a_document_that_did_not_change_is_not_compared(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(config, {"plan-109": FIRST, "plan-110": FIRST})
    compared: list[str] = []
    kept = changes._Build._document_stayed
    monkeypatch.setattr(
        changes._Build,
        "_document_stayed",
        lambda self, info, *rest: (compared.append(info.document_id), kept(self, info, *rest)),
    )
    publish(config, {"plan-109": SECOND, "plan-110": FIRST})
    assert compared == ["plan-109"]


def test_the_record_is_bounded_and_outlives_a_damaged_generation(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "EVENTS_KEPT", 2)
    publish(config, {"plan-109": FIRST})
    publish(config, {"plan-109": SECOND})
    root = config.index.dir
    record = publish(config, {"plan-109": [*SECOND[:2], "（三）改了字。"]})
    assert len(record.newest(100)) == 2
    (root / current_generation(root) / "passages.sqlite").write_bytes(b"broken")
    record = publish(config, {"plan-109": FIRST[:1]})
    gone = record.gone("plan-109/1.1.4")  # from the generation before the damaged one
    assert gone is not None
    assert gone.clause.text == "補助中高齡者職場再設計。"


def test_a_permalink_never_leads_to_nothing(twice: Twice) -> None:
    client = twice.client
    states = {name: client.get(f"/clauses/{name}").status_code for name in twice.published}
    assert set(states.values()) == {200, 410}
    assert [states[f"plan-109/1.1.{number}"] for number in range(1, 5)] == [200, 200, 200, 410]
    assert states["plan-110/1.1.1"] == 410
    assert client.get("/clauses/plan-109/1.1.5").status_code == 404
    assert [client.get(f"/documents/{name}").status_code for name in ("plan-110", "plan-112")] == [410, 404]
    assert client.get("/api/v1/documents/plan-110").status_code == 410


def test_a_removed_clause_names_what_replaced_it(twice: Twice) -> None:
    address = "/clauses/plan-109/1.1.4"
    page = html.fromstring(twice.client.get(address).get_data(as_text=True))
    assert page.xpath("//section[@aria-labelledby='replaced']//a/@href")[0] == "/clauses/plan-109/1.1.3"
    assert page.xpath("//blockquote/text()") == ["（四）補助中高齡者職場再設計。"]
    body = twice.client.get(f"/api/v1{address}")
    assert body.status_code == 410
    told = body.get_json()
    assert (told["error"]["code"], told["gone"]["text"]) == ("gone", "補助中高齡者職場再設計。")
    assert told["gone"]["removed"] == twice.made[1]
    first = told["replaced_by"][0]
    assert (first["clause_id"], first["relation"], first["unsure"]) == ("plan-109/1.1.3", "unchanged", False)
    assert twice.client.get("/api/v1/clauses/plan-110/1.1.1").get_json()["replaced_by"] == []


def test_a_document_under_a_new_name_and_words_that_stand_elsewhere(twice: Twice) -> None:
    replaced = twice.client.get("/api/v1/clauses/old-108/1.1.3").get_json()["replaced_by"]
    assert [(one["clause_id"], one["relation"]) for one in replaced] == [
        ("new-108/1.1.2", "reworded"), ("x-107/1.1.1", None),
    ]  # fmt: skip


def test_feeds_tell_the_second_build(twice: Twice) -> None:
    feed = etree.fromstring(twice.client.get("/feeds/changes.atom?lang=zh").data)
    titles = [str(entry.findtext(f"{ATOM}title")) for entry in feed.iter(f"{ATOM}entry")]
    assert [title.split("：")[0] for title in titles] == ["移除文件", "移除文件", "新收錄文件", "變更", "變更", "移除"]
    dates = {}
    for query in ("職涯輔導", "就業服務中心"):
        for entry in etree.fromstring(twice.client.get(f"/feeds/search.atom?q={query}").data).iter(f"{ATOM}entry"):
            dates[entry.find(f"{ATOM}link").get("href")] = entry.findtext(f"{ATOM}updated")
    assert dates["http://localhost/clauses/plan-109/1.1.1"] == twice.made[0]  # unchanged
    assert dates["http://localhost/clauses/plan-109/1.1.2"] == twice.made[1]  # reworded
    assert dates["http://localhost/clauses/new-108/1.1.2"] == twice.made[1]  # new
