"""Every page in the states that look different: name -> address without the language."""

from __future__ import annotations

LANGUAGES = ("zh-Hant", "en")
PAGES = {
    "home": "/",
    "search": "/search?q=最低工資",
    "search-empty": "/search",
    "search-nothing": '/search?q="查無此語句"',
    "search-filtered": "/search?q=工會&year=106&mode=keyword",
    "search-chips": "/search?q=106年工會 kind:plan_item",
    "search-place": "/search?q=106 壹 三 (四)",
    "search-too-long": f"/search?q={'字' * 1001}",
    "search-problem": "/search?q=(工會",
    "answer-quoted": "/search?q=工會結社有什麼規劃？",
    "answer-figures": "/search?q=106年勞工健康照護率的目標值是多少？",
    "answer-english": "/search?q=Which SDG targets were missed?",
    "answer-none": "/search?q=外送員的保險？",
    "clause": "/clauses/mol-106-plan/1.3.4",
    "clause-cells": "/clauses/mol-106-plan/2.4.1",
    "clause-damaged": "/clauses/mol-sdg-2021/page19",
    "documents": "/documents",
    "document": "/documents/mol-106-plan",
    "document-report": "/documents/mol-sdg-2021",
    "compare": "/compare",
    "compared": "/compare?from=mol-106-plan&to=mol-108-plan&level=goal_clause",
    "indicators": "/indicators",
    "indicators-missed": "/indicators?status=missed",
    "indicators-108": "/indicators?year=108",
    "verify": "/verify",
    "verify-exact": "/verify?quote=研擬最低工資法制。",
    "verify-altered": "/verify?quote=研訂最低工資法制。",
    "verify-spliced": "/verify?quote=研擬最低工資法制，推動職業災害保險單獨立法。",
    "help": "/help",
    "about": "/about",
    "sitemap": "/sitemap",
    "api": "/api",
    "search-last-page": "/search?q=工會&page=99",
    "not-found": "/nothing-here",
    "bad-query": "/search?q=x&year=abc",
}


def address(site: str, name: str, language: str) -> str:
    """The address of a page in a language."""
    path = PAGES[name]
    return f"{site}{path}{'&' if '?' in path else '?'}lang={language}"
