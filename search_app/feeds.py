"""Atom feeds (RFC 4287): the clauses of a saved query, and what the last builds changed."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from flask import Response, render_template, request, url_for
from flask_babel import gettext
from werkzeug.urls import iri_to_uri

from indexer.changes import Change
from indexer.errors import QueryError
from indexer.model import Clause, DocumentInfo
from indexer.text import fold_text
from search_app.cite import cite
from search_app.difference import difference, redline
from search_app.language import HTML_LANG, bilingual, label, language
from search_app.links import filter_values, search_url
from search_app.model import Hit
from search_app.parameters import read_search
from search_app.sheets import printable
from search_app.site import address, searcher, site
from search_app.texts import name_of, numbered

feeds = bilingual("feeds")

MOST = 100  # entries of a feed of changes; a build that changes more says how many are left out
_SPACE = uuid.UUID("5a1f3a3e-6d2b-5c0b-9c55-0f6b7d1c2e4a")  # of the ids below: names in it stay the same for ever
_MEDIA_TYPE = "application/atom+xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. ``key`` stays the same wherever the site moves; ``content`` is HTML, its texts escaped."""

    key: str
    title: str
    updated: str
    url: str
    content: str
    author: str
    lang: str

    @property
    def urn(self) -> str:
        return f"urn:uuid:{uuid.uuid5(_SPACE, self.key)}"


@feeds.get("/feeds/search.atom")
def search() -> Response:
    """The best clauses of a query, with the parameters of /search; an entry's date is the clause's last change."""
    limits = site().config.search
    asked = read_search(request.args, limits)  # "same" would hide a new clause behind an old one of the same words
    if not asked.text:
        raise QueryError("q is missing.", "Such as /feeds/search.atom?q=最低工資")
    found = searcher()
    entries = [_hit_entry(hit, found.updated(hit.clause)) for hit in asked.run(found).hits]
    filters = [f"{name}={value}" for name, values in filter_values(asked.filters).items() for value in sorted(values)]
    key = "\n".join(("search", fold_text(asked.text), *filters, asked.mode, asked.sort, asked.group))
    return _reply(key, str(gettext("feed.search_title", query=asked.text)), search_url(asked), entries, found.built)


@feeds.get("/feeds/changes.atom")
def changes() -> Response:
    """Clauses that the last builds added, changed and removed."""
    found = searcher()
    newest = found.changes(MOST + 1)
    entries = [_change_entry(one) for one in newest[:MOST]]
    return _reply("changes", str(gettext("feed.changes_title")), url_for("info.about"), entries, found.built)


def _hit_entry(hit: Hit, updated: str) -> Entry:
    content = "" if hit.clause.damaged else f"<p>{_html(numbered(hit.clause))}</p>"
    return _clause_entry(f"clause\n{hit.clause.clause_id}", hit.clause, hit.document, updated, content)


def _change_entry(one: Change) -> Entry:
    what = label("change", one.what)
    if one.clause is None:
        key = f"{one.generation}\n{one.what}\n{one.document.document_id}"
        told = str(gettext("feed.clauses", count=one.count))
        url = url_for("pages.document", document_id=one.document.document_id)
        title = f"{what}{_colon()}{_title(one.document)}"
        return Entry(key, title, one.at, url, f"<p>{_html(told)}</p>", _agency(one.document), HTML_LANG[language()])
    key = f"{one.generation}\n{one.what}\n{one.clause.clause_id}"
    content = f"<p>{_redlined(one)}</p>"
    return _clause_entry(key, one.clause, one.document, one.at, content, f"{what}{_colon()}")


def _clause_entry(key: str, clause: Clause, document: DocumentInfo, at: str, content: str, lead: str = "") -> Entry:
    years = str(gettext("year.both", roc=document.year_roc, ce=document.year_ce))
    citation = cite(clause, document)
    cited = f"<p>{_html(citation.en if language() == 'en' else citation.zh)}</p>"
    url = url_for("pages.clause", clause_id=clause.clause_id)
    title = f"{lead}{years} {name_of(clause)}"
    return Entry(key, title, at, url, content + cited, _agency(document), document.language)


def _redlined(one: Change) -> str:
    """The clause; a changed one with what went and what came, a removed one struck through."""
    assert one.clause is not None
    if one.clause.damaged:
        return _html(label("kind", "damaged"))
    tags = {"delete": "del", "insert": "ins", "equal": "span"}
    now = f"{one.clause.marker}{one.clause.text}"
    if one.what != "changed":
        return f"<del>{_html(now)}</del>" if one.what == "removed" else _html(now)
    pieces = redline(difference(one.before, now))
    return "".join(f"<{tags[piece.kind]}>{_html(piece.text)}</{tags[piece.kind]}>" for piece in pieces)


def _reply(key: str, title: str, page: str, entries: Sequence[Entry], built: str) -> Response:
    """The feed, with a validator: a reader that has it already gets a 304."""
    body = render_template(
        "feed.xml", urn=f"urn:uuid:{uuid.uuid5(_SPACE, key)}", title=printable(title), page=address() + page,
        self_url=iri_to_uri(request.url), entries=list(_once(entries)), updated=max((one.updated for one in entries), default=built),
        lang=HTML_LANG[language()], address=address(),
    )  # fmt: skip
    response = Response(body, content_type=_MEDIA_TYPE)
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:32])
    response.headers["Cache-Control"] = "no-cache"
    response.vary.update(("Accept-Language", "Cookie"))
    response.make_conditional(request)
    return response


def _once(entries: Iterable[Entry]) -> Iterable[Entry]:
    """Entries with ids of their own: one id twice with one date is no valid feed."""
    return {one.urn: one for one in entries}.values()


def _title(document: DocumentInfo) -> str:
    return document.title_en if language() == "en" and document.title_en else document.title_zh


def _agency(document: DocumentInfo) -> str:
    return (document.agency_en if language() == "en" else "") or document.agency_zh or _title(document)


def _colon() -> str:
    return str(gettext("punctuation.colon"))


def _html(text: str) -> str:
    return escape(printable(text), quote=False).replace("\n", "<br>")
