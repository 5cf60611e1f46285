"""Pages as their readers meet them: what was recognised, states that help, English that reads as English."""

from __future__ import annotations

import re
import time

import pytest
from flask import g
from lxml import html
from werkzeug.exceptions import TooManyRequests

from indexer.errors import IndexCorrupt, IndexLocked, IndexMissing, IndexStale
from search_app.app import create_app

HAN = re.compile(r"[\u3400-\u9fff]")


@pytest.fixture(scope="module")
def shipped(live, config):
    return create_app(live, config).test_client()


def page(client, address, language="zh-TW", **query):
    response = client.get(address, query_string=query, headers={"Accept-Language": language})
    return html.fromstring(response.get_data(as_text=True))


def text(element):
    return " ".join(element.text_content().split())


def chips(tree):
    return [
        (text(link).removeprefix("移除篩選條件：").removesuffix(" ×"), link.get("href"))
        for link in tree.xpath("//ul[@class='chips']//a[not(@class)]")
    ]


def badges(tree):
    return {
        text(badge).split()[-1] for badge in tree.xpath("//ol[@class='hits']/li/article/p[@class='source']/span[1]")
    }


@pytest.mark.parametrize(
    ("query", "expected", "years"),
    [
        ("106年的工會", [("年度：106年（2017）", "工會")], {"2017"}),
        ("2019 工會", [("年度：108年（2019）", "工會")], {"2019"}),
        ("106、108年工會法制", [("年度：106年（2017）、108年（2019）", "工會法制")], {"2017", "2019"}),
        ("106 壹 三 (四)", [("年度：106年（2017）", "壹 三 (四)"), ("條款位置：壹 三 (四)", "106")], None),
        ("指標 8.7.1 職災", [("指標編號：8.7.1", "職災")], None),
        ("year:106 工會 kind:kpi", [("年度：106年（2017）", "工會 kind:kpi"), ("條款類別：關鍵績效指標", "year:106 工會")], {"2017"}),
        ("title:施政計畫 工會", [("文件名稱：施政計畫", "工會")], None),
        # the words stand so in a document of another year: they are looked up, not read as a year
        ("106年度施政計畫", [], None),
        ("最低工資", [], None),
    ],
)  # fmt: skip
def test_what_is_recognised_narrows_and_can_be_removed(shipped, query, expected, years):
    tree = page(shipped, "/search", q=query)
    found = chips(tree)
    assert [name for name, _ in found] == [name for name, _ in expected]
    for (_, address), (_, rest) in zip(found, expected, strict=True):
        again = html.fromstring(shipped.get(address).get_data(as_text=True))
        assert again.xpath("//input[@name='q']/@value") == [rest]
    assert years is None or badges(tree) == years


def test_a_chosen_year_counts_more_than_a_year_in_words(shipped):
    tree = page(shipped, "/search", q="106年工會", year="108")
    assert [name for name, _ in chips(tree)] == ["年度：108年（2019）"]
    assert badges(tree) == {"2019"}


def test_a_year_that_leaves_nothing_does_not_count(shipped):
    tree = page(shipped, "/search", q='106年 "創業研習"')
    assert tree.xpath("//ol[@class='hits']/li")
    assert chips(tree) == []


def test_an_empty_result_offers_ways_on(shipped):
    tree = page(shipped, "/search", q='"職災勞工重建補助"')
    ways = [link.get("href") for link in tree.xpath("//section[contains(@class,'state')]//a")]
    assert ways[0].startswith("/search?q=%E8%81%B7%E7%81%BD")
    assert {"/documents/mol-106-plan", "/documents/mol-108-plan", "/documents/mol-sdg-2021"} <= set(ways)
    related = [text(link) for link in tree.xpath("//ul[@class='examples']//a")]
    assert any("職業災害" in one or "職災" in one for one in related)
    for way in ways:
        assert shipped.get(way).status_code == 200, way
    assert b'<ol class="hits"' in shipped.get(ways[0]).data


def test_suggestions_take_less_than_5_ms(shipped):
    shipped.get("/suggest?q=x")  # the first makes them, once for each generation
    taken = []
    for typed in ("最", "勞", "工會", "l", "labor", "minimum w", "沒有"):
        started = time.process_time()
        assert shipped.get("/suggest", query_string={"q": typed}).status_code == 200
        taken.append(time.process_time() - started)
    assert sorted(taken)[len(taken) // 2] < 0.005


@pytest.mark.parametrize(
    ("typed", "first"), [("最低", "最低工資"), ("最低工资", "最低工資"), ("min", "minimum wage"), ("8.7", None)]
)
def test_suggestions_over_the_shipped_documents(shipped, typed, first):
    texts = shipped.get("/suggest", query_string={"q": typed}).get_json(force=True)[1]
    assert texts[:1] == ([first] if first else [])


@pytest.mark.parametrize("address", ["/documents/mol-106-plan", "/documents/mol-108-plan", "/documents/mol-sdg-2021"])
def test_a_document_reads_as_english(shipped, address):
    tree = page(shipped, address, "en")
    for printed in tree.find_class("printed"):
        assert printed.get("lang").startswith("zh")
        printed.text = ""
    names = tree.xpath("//details[@id='contents']//a | //h1 | //h2 | //h3 | //h4 | //nav//li")
    assert len(names) > 30
    assert [text(name) for name in names if HAN.search(text(name)) and text(name) != "中文"] == []


@pytest.mark.parametrize("query", ["最低工資", "minimum wage legislation", "職業災害保險"])
def test_results_read_as_english(shipped, query):
    tree = page(shipped, "/search", "en", q=query)
    names = tree.xpath("//details[@id='facets']//a | //p[@class='path'] | //ol[@class='hits']//h2")
    assert len(names) > 20
    assert [text(name) for name in names if HAN.search(text(name))] == []


@pytest.mark.parametrize(
    "clause_id",
    ["mol-106-plan/1.3.4", "mol-106-plan/2.4.1", "mol-106-plan/3.2.1", "mol-108-plan/2.1", "mol-sdg-2021/17.1.12"],
)
def test_a_clause_has_an_english_name_way_and_surroundings(shipped, clause_id):
    tree = page(shipped, f"/clauses/{clause_id}", "en")
    names = tree.xpath(
        "//title | //nav[@class='crumbs']//li | //h1 | //ul[@class='children']//a | //nav[contains(@class,'neighbours')]//a"
    )
    assert len(names) > 3
    assert [text(name) for name in names if HAN.search(text(name))] == []


@pytest.mark.parametrize(
    ("problem", "status", "says"),
    [
        (IndexMissing("x"), 503, "plansearch index"),
        (IndexStale("x"), 503, "plansearch index --rebuild"),
        (IndexCorrupt("x"), 503, "plansearch index --rebuild"),
        (IndexLocked("x"), 503, "檢索資料建立中"),
        (TooManyRequests(), 429, "查詢次數過多"),
        (RuntimeError("secret"), 500, "系統發生錯誤"),
    ],
)
def test_errors_say_what_to_do_and_which_request_it_was(client, problem, status, says):
    def fail():
        g.request_id = "request-7"
        raise problem

    client.application.testing = False
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    client.application.add_url_rule("/fail", view_func=fail)
    response = client.get("/fail", headers={"Accept-Language": "zh-TW"})
    body = response.get_data(as_text=True)
    assert response.status_code == status
    assert "request-7" in body
    assert "secret" not in body
    tree = html.fromstring(body)
    assert says in text(tree), text(tree)
    assert len(tree.xpath("//main//a[@class='button']")) == (status in (429, 503))
