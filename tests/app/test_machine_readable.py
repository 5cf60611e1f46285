"""What search engines, browsers and other programs read of the pages: maps, links between languages, schema.org data."""

from __future__ import annotations

import json
from typing import cast

import pytest
from lxml import etree, html

from indexer.config import Config
from search_app.app import create_app
from search_app.live import Live
from tests.app.conftest import CLAUSES, Client, Shelf

PAGES = ("/", "/documents", "/documents/plan-106", "/clauses/plan-106/1.3.4", "/compare", "/indicators", "/verify",
         "/help", "/about", "/sitemap")  # fmt: skip


@pytest.fixture(scope="module")
def client():
    """One for all: what it makes of a generation takes a second."""
    app = create_app(cast(Live, Shelf()), Config())
    app.test_client_class = Client
    return app.test_client()


def tree(client, address):
    return html.fromstring(client.get(address, headers={"Accept-Language": "zh-TW"}).get_data(as_text=True))


def structured(client, address):
    (block,) = tree(client, address).xpath("//script[@type='application/ld+json']/text()")
    return json.loads(block)


def places(client, address):
    return etree.fromstring(client.get(address).data).xpath("//*[local-name()='loc']/text()")


def test_robots_leave_out_what_is_made_per_request(client):
    robots = client.get("/robots.txt").get_data(as_text=True)
    assert "Sitemap: http://localhost/sitemap.xml" in robots
    assert {"Disallow: /search", "Disallow: /suggest", "Disallow: /api/"} <= set(robots.splitlines())


def test_the_site_map_names_every_lasting_page_in_both_languages(client):
    maps = places(client, "/sitemap.xml")
    found = [place for one in maps for place in places(client, one.removeprefix("http://localhost"))]
    assert {f"http://localhost{page}" for page in PAGES} <= set(found)
    assert {f"http://localhost/clauses/{clause.clause_id}" for clause in CLAUSES} <= set(found)
    assert len(found) == len(set(found))
    for place in found:
        assert client.get(place.removeprefix("http://localhost")).status_code == 200, place
    one = etree.fromstring(client.get("/sitemap-plan-106.xml").data)
    links = one.xpath("(//*[local-name()='url'])[1]/*[local-name()='link']")
    assert [(link.get("hreflang"), link.get("href")) for link in links] == [
        ("zh-Hant-TW", "http://localhost/documents/plan-106?lang=zh-Hant"),
        ("en", "http://localhost/documents/plan-106?lang=en"),
    ]
    assert client.get("/sitemap-nothing.xml").status_code == 404


@pytest.mark.parametrize("address", PAGES)
def test_a_page_tells_its_address_in_each_language(client, address):
    page = tree(client, f"{address}?status=met&utm_source=mail")
    assert page.xpath("//link[@rel='canonical']/@href") == [f"http://localhost{address}?lang=zh-Hant"]
    assert {link.get("hreflang"): link.get("href") for link in page.xpath("//link[@rel='alternate'][@hreflang]")} == {
        "zh-Hant-TW": f"http://localhost{address}?lang=zh-Hant",
        "en": f"http://localhost{address}?lang=en",
        "x-default": f"http://localhost{address}",
    }


def test_a_comparison_is_a_page_of_its_own(client):
    page = tree(client, "/compare?from=plan-106&to=plan-108&show=all&lang=en")
    assert page.xpath("//link[@rel='canonical']/@href") == [
        "http://localhost/compare?from=plan-106&to=plan-108&lang=en"
    ]


@pytest.mark.parametrize("address", ["/search?q=x", "/search", "/no", "/search?q=x&year=abc"])
def test_what_does_not_last_is_not_to_be_kept(client, address):
    page = tree(client, address)
    assert page.xpath("//meta[@name='robots']/@content") == ["noindex, follow"]
    assert not page.xpath("//link[@rel='canonical']")


def test_schema_org_of_the_site_a_document_and_a_clause(client):
    site = structured(client, "/")
    assert site["@type"] == "WebSite"
    assert "{search_term_string}" in site["potentialAction"]["target"]["urlTemplate"]
    document = structured(client, "/documents/plan-106")
    assert (document["temporalCoverage"], document["publisher"]["name"]) == ("2017", "勞動部")
    assert [part["url"] for part in document["hasPart"]] == ["http://localhost/clauses/plan-106/1"]
    clause, crumbs = structured(client, "/clauses/plan-106/1.3.4")
    assert (clause["text"], clause["inLanguage"]) == ("研擬最低工資法制。", "zh-Hant")
    assert clause["isPartOf"]["@id"] == document["@id"] == "http://localhost/documents/plan-106"
    assert clause["workTranslation"] == {"@type": "CreativeWork", "inLanguage": "en", "text": "A rendering."}
    assert [one["position"] for one in crumbs["itemListElement"]] == [1, 2, 3]


def test_damaged_text_is_no_data_and_hostile_text_no_markup(client):
    assert "text" not in structured(client, "/clauses/plan-106/page19")[0]
    body = client.get("/clauses/plan-108/1").get_data(as_text=True)
    assert "<script>alert" not in body
    assert structured(client, "/clauses/plan-108/1")[0]["text"].startswith("<script>alert")


def test_opensearch_describes_search_and_suggestions(client):
    described = etree.fromstring(client.get("/opensearch.xml?lang=en").data)
    urls = {url.get("type"): url.get("template") for url in described.xpath("//*[local-name()='Url']")}
    assert urls["text/html"] == "http://localhost/search?q={searchTerms}&lang=en"
    assert urls["application/x-suggestions+json"] == "http://localhost/suggest?q={searchTerms}&lang=en"
    for template in urls.values():
        address = template.removeprefix("http://localhost").replace("{searchTerms}", "x")
        assert client.get(address).status_code == 200, address
    assert len(described.findtext("{*}ShortName")) <= 16  # the format's limit


def test_suggestions_speak_opensearch(client):
    response = client.get("/suggest?q=工會&lang=en")
    assert response.content_type == "application/x-suggestions+json; charset=utf-8"
    typed, texts, kinds, addresses = json.loads(response.data)
    assert typed == "工會"
    assert "工會數" in texts
    assert kinds[texts.index("工會數")] == "Indicator"
    assert addresses[0].startswith("/search?q=")
    assert len(texts) == len(kinds) == len(addresses) <= 8


@pytest.mark.parametrize("typed", ["", "   ", "查無此語", "<script>", "x" * 5000, "\n", "%00"])
def test_no_suggestion_is_an_empty_list(client, typed):
    response = client.get("/suggest", query_string={"q": typed})
    assert response.status_code == 200
    assert json.loads(response.data)[1:] == [[], [], []]


def test_static_files_may_be_kept_for_ever_at_an_address_that_changes_with_them(client):
    (address,) = tree(client, "/").xpath("//link[@rel='stylesheet']/@href")
    assert client.get(address).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "immutable" not in client.get("/static/style.css").headers["Cache-Control"]
