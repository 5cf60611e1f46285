"""Atom feeds by the rules of RFC 4287: ids, dates, links, language, and no text that becomes markup."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from lxml import etree, html

ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = ("/feeds/search.atom?q=最低工資&lang=zh-Hant", "/feeds/search.atom?q=最低工資&lang=en", "/feeds/changes.atom?lang=zh-Hant",
         "/feeds/changes.atom?lang=en", "/feeds/search.atom?q=沒有這種事&lang=en", "/feeds/search.atom?q=%3Cb%3E%26%00x&lang=en")  # fmt: skip
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")  # RFC 3339: 2026-02-01T00:00:00+00:00


def read(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    assert response.content_type == "application/atom+xml; charset=utf-8"
    return etree.fromstring(response.data)


def one(element, name):
    (found,) = element.findall(f"{ATOM}{name}")
    return found


@pytest.mark.parametrize("address", FEEDS)
def test_a_feed_is_valid(client, address):
    feed = read(client, address)
    assert feed.tag == f"{ATOM}feed"
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == ("en" if address.endswith("en") else "zh-Hant-TW")
    entries = feed.findall(f"{ATOM}entry")
    for element in (feed, *entries):  # 4.1.1, 4.1.2: exactly one each
        assert one(element, "id").text.startswith("urn:uuid:")
        assert one(element, "title").text.strip()
        assert DATE.fullmatch(one(element, "updated").text)
        assert datetime.fromisoformat(one(element, "updated").text).tzinfo
    assert [link.get("rel") for link in feed.findall(f"{ATOM}link")] == ["self", "alternate"]
    for entry in entries:
        (link,) = entry.findall(f"{ATOM}link")
        assert (link.get("rel"), link.get("type")) == ("alternate", "text/html")
        assert one(one(entry, "author"), "name").text.strip()
        assert one(entry, "content").get("type") == "html"
    ids = [one(entry, "id").text for entry in entries]
    assert len(ids) == len(set(ids))
    assert one(feed, "updated").text == max(
        (one(entry, "updated").text for entry in entries), default="2026-02-01T00:00:00+00:00"
    )


def test_self_and_alternate_links_work_and_ids_stay(client):
    address = "/feeds/search.atom?q=最低工資&year=106&lang=en"
    feed = read(client, address)
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    again = read(client, links["self"].removeprefix("http://localhost"))
    assert etree.tostring(again) == etree.tostring(feed)
    assert client.get(links["alternate"].removeprefix("http://localhost")).status_code == 200
    elsewhere = etree.fromstring(client.get(address, base_url="https://plans.example.org").data)
    assert [element.text for element in elsewhere.iter(f"{ATOM}id")] == [
        element.text for element in feed.iter(f"{ATOM}id")
    ]
    assert one(read(client, "/feeds/search.atom?q=最低工資&lang=en"), "id").text != one(feed, "id").text


@pytest.mark.parametrize("address", FEEDS)
def test_no_text_of_a_document_becomes_markup(client, address):
    for content in read(client, address).iter(f"{ATOM}content"):
        tree = html.fromstring(f"<div>{content.text}</div>")
        assert not tree.xpath("//script | //b | //i | //@*[starts-with(name(), 'on')]")


def test_changes_say_what_happened(client):
    feed = read(client, "/feeds/changes.atom?lang=zh-Hant")
    titles = [one(entry, "title").text for entry in feed.iter(f"{ATOM}entry")]
    assert [title.partition("：")[0] for title in titles] == ["變更", "新增", "移除", "新收錄文件", "移除文件"]
    contents = [one(entry, "content").text for entry in feed.iter(f"{ATOM}entry")]
    assert "<del>研擬</del><ins>推動</ins>" in contents[0]
    assert contents[2].startswith("<p><del>（五）研議&lt;b&gt;工時")
    assert "共 7 條" in contents[3]


def test_pages_announce_the_feeds(client):
    for address, expected in (("/", 1), ("/search?q=最低工資", 2), ("/search", 1)):
        tree = html.fromstring(client.get(address).get_data(as_text=True))
        found = tree.xpath("//link[@rel='alternate' and @type='application/atom+xml']/@href")
        assert len(found) == expected
        assert all(client.get(link).status_code == 200 for link in found)
    shown = html.fromstring(client.get("/search?q=最低工資&lang=en").get_data(as_text=True))
    assert shown.xpath("//p[contains(@class,'downloads')]//a[contains(@href,'/feeds/search.atom')]")


def test_a_reader_that_has_it_already_gets_nothing(client):
    first = client.get("/feeds/changes.atom?lang=en")
    again = client.get("/feeds/changes.atom?lang=en", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "address", ["/feeds/search.atom", "/feeds/search.atom?q=x&year=abc", "/feeds/search.atom?q=a&q=b"]
)
def test_a_feed_of_nothing_is_refused(client, address):
    assert client.get(address).status_code == 400
