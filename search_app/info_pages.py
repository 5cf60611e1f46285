"""Pages about the site: help, the data, site map; and what search engines and browsers read."""

from __future__ import annotations

import json
from typing import NamedTuple

from flask import Response, abort, render_template, request, url_for

from search_app import parameters
from search_app.language import HTML_LANG, bilingual, label, language
from search_app.pages import by_year
from search_app.site import address, searcher, site
from search_app.suggestions import Suggestions
from search_app.wire import clause_url

info_pages = bilingual("info")

PERMANENT = ("/", "/documents", "/compare", "/indicators", "/verify", "/help", "/about", "/api", "/sitemap")
MOST_TYPED = 100  # characters that suggestions are looked up for

# (query, language); each runs from the help page, and a test proves that it finds something
HELP = (
    ("words", ("最低工資", "zh"), ("minimum wage legislation", "en")),
    ("question", ("106年勞工健康照護率的目標值是多少？", "zh"), ("Which SDG targets were missed?", "en")),
    ("phrase", ('"工會結社規範"', "zh"), None),
    ("both", ("工會 AND 協商", "zh"), None),
    ("either", ("工會 OR 協會", "zh"), None),
    ("without", ("工資 -最低", "zh"), None),
    ("near", ('"工會 協商"~20', "zh"), None),
    ("wild", ("職業*保險", "zh"), None),
    ("field", ("year:106 section:施政目標 工會", "zh"), None),
    ("group", ("(工會 OR 團體) AND 協約", "zh"), None),
    ("place", ("106 壹 三 (四)", "zh"), None),
    ("number", ("8.7.1", "zh"), None),
)


class Share(NamedTuple):
    """How much of a document's text ended where, in characters."""

    document_id: str
    clauses: int
    indicators: int
    total: int
    damaged: int


@info_pages.get("/help")
def help_page() -> str:
    return render_template("help.html", entries=HELP)


@info_pages.get("/about")
def about() -> str:
    found = searcher()
    views = [view for one in by_year(found.documents()) if (view := found.document(one.document_id))]
    shares = {
        view.info.document_id: Share(
            view.info.document_id, len(view.clauses), len(view.indicators), view.account.total, view.account.damaged
        )
        for view in views
    }
    return render_template(
        "about.html", documents=[view.info for view in views], shares=shares, generation=found.generation, built=found.built,
        problem=site().live.problem,
    )  # fmt: skip


@info_pages.get("/sitemap")
def sitemap() -> str:
    return render_template("sitemap.html", documents=by_year(searcher().documents()))


@info_pages.get("/suggest")
def suggest() -> Response:
    """What the reader may be typing, as OpenSearch suggestions: [typed, texts, kinds, addresses]."""
    typed = parameters.text(request.args, "q")[:MOST_TYPED]
    found = searcher()
    suggested = site().of(Suggestions, found).complete(typed) if typed else []
    body = [
        typed,
        [one.text for one in suggested],
        [label("suggestion", one.kind) for one in suggested],
        [url_for("pages.search", q=one.text) for one in suggested],
    ]
    response = Response(
        json.dumps(body, ensure_ascii=False), content_type="application/x-suggestions+json; charset=utf-8"
    )
    response.headers["Cache-Control"] = "private, max-age=300"
    response.vary.update(("Accept-Language", "Cookie"))
    return response


@info_pages.get("/robots.txt")
def robots() -> Response:
    closed = ("/search", "/suggest", "/api/", "/compare/export", "/indicators/export", "/feeds/search.atom")
    lines = ("User-agent: *", *(f"Disallow: {path}" for path in closed), f"Sitemap: {address()}/sitemap.xml", "")
    return Response("\n".join(lines), content_type="text/plain; charset=utf-8")


@info_pages.get("/sitemap.xml")
def sitemap_xml() -> Response:
    """The site maps: one of the pages about everything, one of each document, for a map may hold 50,000 addresses."""
    names = ["pages", *(one.document_id for one in by_year(searcher().documents()))]
    return _xml("sitemaps.xml", urls=[f"{address()}/sitemap-{name}.xml" for name in names])


@info_pages.get("/sitemap-<name>.xml")
def sitemap_part(name: str) -> Response:
    """Every page that stays: of a document with its clauses, or all others; each in both languages."""
    paths: tuple[str, ...] = PERMANENT
    if name != "pages":
        view = searcher().document(name) or abort(404)
        paths = (f"/documents/{name}", *(clause_url(clause.clause_id) for clause in view.clauses))
    return _xml("sitemap.xml", urls=[address() + path for path in paths])


@info_pages.get("/opensearch.xml")
def opensearch() -> Response:
    body = render_template("opensearch.xml", address=address(), lang=language())
    return Response(body, content_type="application/opensearchdescription+xml; charset=utf-8")


def _xml(template: str, urls: list[str]) -> Response:
    body = render_template(template, urls=urls, languages=HTML_LANG.items())
    return Response(body, content_type="application/xml; charset=utf-8")
