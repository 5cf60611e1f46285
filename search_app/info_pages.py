"""Pages about the site: help, the data, site map; and what search engines and browsers read."""

from __future__ import annotations

from typing import NamedTuple

from flask import Response, render_template, request

from search_app.language import bilingual
from search_app.pages import by_year
from search_app.site import address, searcher, site

info_pages = bilingual("info")

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
        "about.html", documents=[view.info for view in views], shares=shares, generation=found.generation,
        problem=site().live.problem,
    )  # fmt: skip


@info_pages.get("/sitemap")
def sitemap() -> str:
    return render_template("sitemap.html", documents=by_year(searcher().documents()))


@info_pages.get("/robots.txt")
def robots() -> Response:
    lines = ("User-agent: *", "Disallow: /search", "Disallow: /api/", "Disallow: /compare/export", "Disallow: /indicators/export",
             "Disallow: /feeds/search.atom",
             f"Sitemap: {address()}/sitemap.xml", "")  # fmt: skip
    return Response("\n".join(lines), content_type="text/plain; charset=utf-8")


@info_pages.get("/sitemap.xml")
def sitemap_xml() -> Response:
    """Every page that stays: documents with their clauses, tools, help."""
    found = searcher()
    views = [view for one in by_year(found.documents()) if (view := found.document(one.document_id))]
    paths = ["/", "/documents", "/compare", "/indicators", "/verify", "/help", "/about", "/sitemap"]
    for view in views:
        paths.append(f"/documents/{view.info.document_id}")
        paths += [f"/clauses/{clause.clause_id}" for clause in view.clauses]
    body = render_template("sitemap.xml", paths=paths, address=address())
    return Response(body, content_type="application/xml; charset=utf-8")


@info_pages.get("/opensearch.xml")
def opensearch() -> Response:
    body = render_template("opensearch.xml", address=address(), lang=request.args.get("lang", ""))
    return Response(body, content_type="application/opensearchdescription+xml; charset=utf-8")
