"""Two languages: negotiation, complete catalogues, marked passages of the other language."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from babel.messages.pofile import read_po
from lxml import html

import search_app
from indexer.changes import What
from indexer.model import ClauseKind
from indexer.roles import ROLES
from search_app import http_errors
from search_app.answer_model import Origin
from search_app.indicators import STATUSES
from search_app.info_pages import HELP
from search_app.language import EXAMPLES, label
from search_app.parameters import MODES, OFTEN, SORTS
from search_app.relations import LEVELS
from search_app.suggestions import KINDS
from search_app.tool_pages import WHAT

FOLDER = Path(search_app.__file__).parent
LANGUAGES = ("zh_Hant", "en")


def catalogue(name):
    with (FOLDER / "translations" / name / "LC_MESSAGES" / "messages.po").open("rb") as source:
        return {
            message.id if isinstance(message.id, str) else message.id[0]: message
            for message in read_po(source)
            if message.id
        }


def page_language(response):
    return html.fromstring(response.get_data(as_text=True)).get("lang")


@pytest.mark.parametrize(
    ("address", "cookie", "accept", "expected"),
    [
        ("", None, None, "zh-Hant-TW"),
        ("", None, "zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant-TW"),
        ("", None, "zh-CN", "zh-Hant-TW"),
        ("", None, "en-GB,en;q=0.9", "en"),
        ("", None, "en;q=0.5,zh;q=0.9", "zh-Hant-TW"),
        ("", None, "zh;q=0,fr", "en"),
        ("", None, "fr", "en"),
        ("", None, "fr,zh;q=0.1", "zh-Hant-TW"),
        ("", None, "*", "en"),
        ("", "en", "zh-TW", "en"),
        ("", "xx", "zh-TW", "zh-Hant-TW"),
        ("?lang=en", None, "zh-TW", "en"),
        ("?lang=en", "zh-Hant", "zh-TW", "en"),
        ("?lang=zh", "en", "en", "zh-Hant-TW"),
        ("?lang=zh-TW", None, "en", "zh-Hant-TW"),
        ("?lang=zh_Hant", None, "en", "zh-Hant-TW"),
        ("?lang=EN-us", None, "zh", "en"),
        ("?lang=xx", None, "en", "en"),
        ("?lang=", None, "en", "en"),
        ("?lang=../../etc", None, "en", "en"),
        ("?lang=%00%ff", None, "zh", "zh-Hant-TW"),
        ("?lang=" + "z" * 3000, None, "zh", "zh-Hant-TW"),
    ],
)
def test_language_by_address_cookie_and_browser(client, address, cookie, accept, expected):
    if cookie:
        client.set_cookie("lang", cookie)
    response = client.get(f"/{address}", headers={"Accept-Language": accept} if accept else {})
    assert (response.status_code, page_language(response)) == (200, expected)
    assert {"Accept-Language", "Cookie"} <= set(response.vary)


def test_a_chosen_language_stays(client):
    chosen = client.get("/?lang=en")
    assert "lang=en" in chosen.headers["Set-Cookie"]
    assert "HttpOnly" in chosen.headers["Set-Cookie"]
    assert page_language(client.get("/documents", headers={"Accept-Language": "zh"})) == "en"
    assert "Set-Cookie" not in client.get("/?lang=xx").headers


def test_a_chosen_language_stays_without_cookies(client):
    tree = html.fromstring(client.get("/search?q=最低工資&lang=en").get_data(as_text=True))
    assert tree.xpath("//input[@name='lang']/@value") == ["en"]
    internal = [link for link in tree.xpath("//main//a/@href") if link.startswith("/")]
    assert internal
    assert all("lang=en" in link for link in internal)


def test_the_other_language_is_one_link_away_and_keeps_the_search(client):
    response = client.get("/search?q=a%26b&year=106&_external=1&_scheme=javascript", headers={"Accept-Language": "zh"})
    link = html.fromstring(response.get_data(as_text=True)).xpath("//a[@hreflang]")[0]
    assert link.get("href") == "?q=a%26b&year=106&_external=1&_scheme=javascript&lang=en"
    assert (link.get("hreflang"), link.get("lang")) == ("en", "en")


def test_catalogues_are_complete_and_alike():
    chinese, english = (catalogue(name) for name in LANGUAGES)
    assert chinese.keys() == english.keys()
    for messages in (chinese, english):
        for key, message in messages.items():
            strings = [message.string] if isinstance(message.string, str) else message.string
            assert all(string.strip() for string in strings), key
            assert not message.fuzzy, key
    for key in chinese:
        assert placeholders(chinese[key]) == placeholders(english[key]) or key.startswith("year."), key


def placeholders(message):
    strings = [message.string] if isinstance(message.string, str) else message.string
    return set(re.findall(r"%\(\w+\)s", strings[0]))


def test_every_message_is_used_and_every_used_message_exists():
    sources = [
        path.read_text("utf-8")
        for path in (*FOLDER.glob("templates/*.*"), FOLDER / "texts.py", FOLDER / "pages.py", FOLDER / "feeds.py")
    ]
    used = {key for source in sources for key in re.findall(r"(?:_|gettext)\(['\"]([a-z_]+\.[a-z_]+)['\"][,)]", source)}
    used |= {f"kind.{kind}" for kind in get_args(ClauseKind)} | {f"facet.{name}" for name in OFTEN}
    used |= {f"mode.{mode}" for mode in MODES} | {f"sort.{sort}" for sort in SORTS}
    used |= {f"status.{name}" for name in STATUSES} | {f"level.{name}" for name in LEVELS}
    used |= {f"relation.{name}" for name in WHAT} | {f"answer.how_{name}" for name in get_args(Origin)}
    used |= {f"help_{part}.{entry[0]}" for entry in HELP for part in ("name", "text")}
    used |= {f"column.{name}" for name in ("year", "number", "name", "target", "actual", "printed", "status")}
    used |= {"cite.block_zh", "cite.block_en", "search.sort", "search.mode"} | {
        f"change.{name}" for name in get_args(What)
    }
    used |= {f"suggestion.{kind}" for kind in KINDS} | {f"who.{who}" for own in EXAMPLES.values() for who in own}
    used |= {f"role.{role}" for role in ROLES}
    used |= {"facet.place", "facet.indicator", "facet.title_field"}
    used |= {"cite.zh", "cite.en", "document_kind.annual_plan", "document_kind.report"}
    codes = set(re.findall(r'Problem\(\w+, "(\w+)"', Path(http_errors.__file__).read_text("utf-8")))
    used |= {f"error_{part}.{code}" for part in ("title", "text") for code in codes}
    assert len(codes) > 10
    assert used == catalogue("en").keys()


@pytest.mark.parametrize("language", ["zh-TW", "en"])
@pytest.mark.parametrize(
    "address",
    ["/", "/search", "/search?q=最低工資&year=106", "/search?q=沒有", "/documents", "/documents/plan-106", "/no",
     "/clauses/plan-106/1.3", "/clauses/plan-106/1.3.4", "/clauses/plan-106/2", "/clauses/plan-106/page19", "/compare",
     "/compare?from=plan-106&to=plan-108", "/indicators", "/verify?quote=研訂最低工資法制。", "/help", "/about", "/api", "/sitemap"],
)  # fmt: skip
def test_no_key_shows_through(client, address, language):
    body = client.get(address, headers={"Accept-Language": language}).get_data(as_text=True)
    shown = html.fromstring(body).text_content()
    assert not [key for key in catalogue("en") if key in shown]
    assert "%(" not in shown


HAN = re.compile(r"[一-鿿]")


@pytest.mark.parametrize(
    "address", ["/", "/search?q=最低工資&year=106", "/documents", "/documents/plan-106", "/clauses/plan-106/1.3.4",
                "/clauses/plan-106/2", "/clauses/plan-106/page19", "/clauses/plan-106/1.3", "/clauses/plan-106/1.3.5",
                "/compare?from=plan-106&to=plan-108", "/indicators",
                "/verify?quote=研訂最低工資法制。", "/help", "/about", "/api", "/sitemap"],
)  # fmt: skip
def test_chinese_in_english_pages_says_that_it_is_chinese(client, address):
    response = client.get(f"{address}{'&' if '?' in address else '?'}lang=en")
    assert response.status_code == (410 if address == "/clauses/plan-106/1.3.5" else 200)
    tree = html.fromstring(response.get_data(as_text=True))
    for node in tree.xpath("//body//text()[normalize-space()]"):
        if not HAN.search(node):
            continue
        parent = node.getparent().getparent() if node.is_tail else node.getparent()
        above = [parent, *parent.iterancestors()]
        languages = [element.get("lang") for element in above if element.get("lang")]
        is_query = "“最低工資”" in node
        in_citation = any((element.get("class") or "") in ("cite", "block") for element in above)
        assert languages[0].startswith("zh") or is_query or in_citation, (node, languages)


def test_plural(client):
    assert "1 clause<" in client.get("/search?q=工會數&lang=en").get_data(as_text=True)
    assert "3 clauses<" in client.get("/search?q=最低工資&lang=en").get_data(as_text=True)


def test_an_unknown_kind_of_document_is_shown_as_it_is(client):
    with client.application.test_request_context("/"):
        assert label("document_kind", "white_paper") == "white_paper"
