"""Pages over the shipped corpus: answers, and the examples that pages offer."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from lxml import html

from indexer.config import Config
from search_app.app import create_app
from search_app.info_pages import HELP
from search_app.language import EXAMPLES
from search_app.live import Live


@pytest.fixture(scope="module")
def shipped(live: Live, config: Config) -> FlaskClient:
    return create_app(live, config).test_client()


def page(client, address, **query):
    response = client.get(address, query_string=query, headers={"Accept-Language": query.pop("lang", "zh-TW")})
    assert response.status_code == 200, address
    return html.fromstring(response.get_data(as_text=True))


def text(element):
    return " ".join(element.text_content().split())


@pytest.mark.parametrize(
    "query",
    [
        *(query for kinds in EXAMPLES.values() for queries in kinds.values() for query in queries),
        *(one[0] for entry in HELP for one in entry[1:] if one),
    ],
)
def test_every_example_finds_something(shipped, query):
    tree = page(shipped, "/search", q=query)
    assert tree.xpath("//ol[@class='hits']/li")
    assert not tree.xpath("//section[@class='answer none']")


@pytest.mark.parametrize(
    ("question", "holds", "source"),
    [
        ("106年勞工健康照護率的目標值是多少？", "20%", "/clauses/mol-106-plan/2.4.1"),
        ("Which SDG targets were missed?", "8.7.1", "/clauses/mol-sdg-2021/"),
    ],
)
def test_an_answer_stands_above_the_clauses_with_its_source(shipped, question, holds, source):
    (answer,) = page(shipped, "/search", q=question).find_class("answer")
    assert holds in text(answer)
    assert any(link.startswith(source) for link in answer.xpath(".//a/@href"))
    assert answer.getnext().get("class") == "filters"
    assert answer.getnext().getnext().get("class") == "results"


def test_what_is_not_there_is_said_with_what_the_documents_cover(shipped):
    (answer,) = page(shipped, "/search", q="外送員的保險怎麼辦？").find_class("answer")
    assert "none" in answer.get("class")
    assert "外送員" in text(answer.find_class("reason")[0])
    assert {"/documents/mol-106-plan", "/documents/mol-108-plan", "/documents/mol-sdg-2021"} <= set(
        answer.xpath(".//a/@href")
    )


def test_an_english_question_meets_chinese_only_on_demand(shipped):
    tree = page(shipped, "/search", q="minimum wage legislation", lang="en")
    hit = tree.xpath("//ol[@class='hits']/li")[0]
    first, second = hit.xpath(".//p[@class='text']")
    assert first.text_content().isascii()
    assert (second.getparent().tag, second.getparent().get("open")) == ("details", None)


def test_plain_words_are_no_question(shipped):
    assert not page(shipped, "/search", q="最低工資").find_class("answer")


def test_ask_in_json(shipped):
    body = shipped.get("/api/v1/ask", query_string={"q": "106年勞工健康照護率的目標值是多少？"}).get_json()
    assert (body["answered"], body["reason"]) == (True, None)
    assert body["answer"].keys() == {"text", "language", "confidence", "origin", "quotes"}
    assert body["answer"]["quotes"][0]["clause_id"] == "mol-106-plan/2.4.1"
    refused = shipped.get("/api/v1/ask", query_string={"q": "外送員的保險怎麼辦？"}).get_json()
    assert (refused["answered"], refused["answer"], refused["reason"]["code"]) == (False, None, "unknown_terms")
    assert refused["evidence"]
    assert len(refused["coverage"]) == 3


def test_a_query_that_is_no_expression_says_why_and_is_no_question(shipped):
    tree = page(shipped, "/search", q="(工會")
    assert "左括號沒有對應的右括號" in text(tree.find_class("note")[0])
    assert not tree.find_class("answer")


def test_fields_are_no_words_of_a_question(shipped):
    answer = page(shipped, "/search", q="year:106 工會結社有什麼規劃？").find_class("answer")[0]
    assert "none" not in answer.get("class")
    assert {text(year) for year in answer.find_class("year")} == {"106年 2017"}
    words = page(shipped, "/search", q="106年工會 kind:plan_item")
    assert not [one for one in words.find_class("reason") if "kind" in text(one)]
