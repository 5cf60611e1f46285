"""Pages as schema.org data (JSON-LD), for search engines and for programs that follow links."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.model import DocumentInfo
from search_app.retrieve import ClauseView, DocumentView
from search_app.texts import Step, name_of
from search_app.wire import clause_url

Data = dict[str, object]

_CONTEXT = "https://schema.org"
_TYPES = {"report": "Report"}  # other kinds of documents are plain CreativeWorks
_MOST_PARTS = 200  # sections named in a document's data


def site_data(site: str, name: str, description: str) -> Data:
    """The site with its search box."""
    search = {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": f"{site}/search?q={{search_term_string}}"},
        "query-input": "required name=search_term_string",
    }
    return {
        "@context": _CONTEXT, "@type": "WebSite", "name": name, "description": description, "url": f"{site}/",
        "inLanguage": ["zh-Hant-TW", "en"], "potentialAction": search,
    }  # fmt: skip


def document_data(view: DocumentView, site: str) -> Data:
    """A plan or report with its parts."""
    parts = [clause for clause in view.clauses if clause.kind == "heading" and not clause.section_path]
    return {
        "@context": _CONTEXT,
        **_document(view.info, site),
        "hasPart": [
            {"@type": "CreativeWork", "name": name_of(part), "url": site + clause_url(part.clause_id)}
            for part in parts[:_MOST_PARTS]
        ],
    }


def clause_data(view: ClauseView, path: Sequence[Step], site: str) -> list[Data]:
    """A clause within its document, and the way to it. The text of a damaged page is left out: it must not be quoted."""
    clause, address = view.clause, site + clause_url(view.clause.clause_id)
    data: Data = {
        "@context": _CONTEXT, "@type": "CreativeWork", "@id": address, "url": address, "name": name_of(clause),
        "inLanguage": view.document.language, "position": clause.order + 1, "isPartOf": _document(view.document, site),
        "creditText": view.citation.zh,
    }  # fmt: skip
    if not clause.damaged:
        data["text"] = clause.text
    if "en" in view.translation and not clause.damaged:
        data["workTranslation"] = {"@type": "CreativeWork", "inLanguage": "en", "text": view.translation["en"]}
    return [data, _crumbs(view.document, path, site)]


def _crumbs(document: DocumentInfo, path: Sequence[Step], site: str) -> Data:
    steps = [(document.title_zh, f"{site}/documents/{document.document_id}")]
    steps += [(step.text, site + clause_url(step.clause_id)) for step in path if step.clause_id]
    items = [
        {"@type": "ListItem", "position": place, "name": name, "item": address}
        for place, (name, address) in enumerate(steps, start=1)
    ]
    return {"@context": _CONTEXT, "@type": "BreadcrumbList", "itemListElement": items}


def _document(info: DocumentInfo, site: str) -> Data:
    address = f"{site}/documents/{info.document_id}"
    publisher = {"@type": "GovernmentOrganization", "name": info.agency_zh, "alternateName": info.agency_en}
    data: Data = {
        "@type": _TYPES.get(info.kind, "CreativeWork"), "@id": address, "url": address, "name": info.title_zh,
        "alternateName": info.title_en, "inLanguage": info.language, "temporalCoverage": str(info.year_ce),
        "publisher": publisher, "copyrightNotice": info.licence,
    }  # fmt: skip
    return {name: value for name, value in data.items() if value}
