"""JSON over HTTP under /api/v1: every view parses, calls one function, replies."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from typing import cast

from flask import Blueprint, Response, abort, json, jsonify, request

from indexer.errors import QueryError
from search_app import operations, parameters
from search_app.answer import ask as ask_question
from search_app.answer_json import result_json as ask_json
from search_app.asked import note_answer, note_search
from search_app.citeblock import citation_blocks, comparison_blocks, occurrence_blocks
from search_app.compare_json import comparison_json, occurrence_json, relation_json
from search_app.cors import allow_origins
from search_app.gone import GoneView
from search_app.http_errors import GONE, problem_json
from search_app.indicators import STATUSES, table_json
from search_app.openapi import openapi
from search_app.parameters import read_search, refuse_unknown
from search_app.query import check_length
from search_app.site import address, searcher, site
from search_app.verdict import verification_json
from search_app.wire import (
    Json,
    clause_view_json,
    document_json,
    document_view_json,
    export_lines,
    gone_json,
    result_json,
)

api = Blueprint("api", __name__, url_prefix=operations.PREFIX)
api.after_request(allow_origins)
View = Callable[..., Response]


def served(view: View) -> View:
    """The view at its address in the table of operations; a parameter that does not stand there is refused."""
    operation = operations.BY_NAME[view.__name__]

    def checked(**path: str) -> Response:
        refuse_unknown(request.args, *operation.query_names)
        return view(**path)

    rule = operation.path.replace("{clause_id}", "<path:clause_id>").replace("{document_id}", "<document_id>")
    api.add_url_rule(rule, operation.name, checked, methods=["GET"])
    return view


@served
def search() -> Response:
    asked = read_search(request.args, site().config.search)
    if not asked.text:
        raise QueryError("q is missing.", "Give what to search for: /api/v1/search?q=最低工資")
    found = searcher()
    result = asked.run(found)
    note_search(asked, result)
    return _reply(result_json(result, found.documents()))


@served
def ask() -> Response:
    question, years = _needed("q", "/api/v1/ask?q=8.7.1達標了嗎？"), parameters.years(request.args)
    check_length(question, site().config.search)
    found = searcher()
    result = ask_question(found, question, years)
    note_answer(question, result)
    return _reply(ask_json(result, found.documents()))


@served
def compare() -> Response:
    example = "/api/v1/compare?from=mol-106-plan&to=mol-108-plan"
    from_id, to_id = _needed("from", example), _needed("to", example)
    found = searcher()
    comparison = found.comparison(from_id, to_id)
    documents = {document.document_id: document for document in found.documents()}
    pair = documents[from_id], documents[to_id]
    body = comparison_json(comparison, pair)
    if parameters.known(request.args, "citations", ("1",)):  # they treble what is sent
        site, today = address(), date.today()
        body["relations"] = [
            {**relation_json(one), "citation_block": comparison_blocks(one, pair, site, today)._asdict()}
            for one in comparison.relations
        ]
    return _reply(body)


@served
def indicators() -> Response:
    status = parameters.known(request.args, "status", STATUSES)
    years, goal = parameters.years(request.args), parameters.text(request.args, "goal")
    return _reply(table_json(searcher().indicators(years, goal, status)))


@served
def verify() -> Response:
    quote, section = (
        _needed("quote", "/api/v1/verify?quote=研擬最低工資法制。"),
        parameters.text(request.args, "section"),
    )
    return _reply(verification_json(searcher().verify_quote(quote, parameters.years(request.args), section)))


@served
def documents() -> Response:
    return _reply({"documents": [document_json(document) for document in searcher().documents()]})


@served
def document(document_id: str) -> Response:
    view = searcher().document(document_id)
    if view is None:
        abort(410 if searcher().gone_document(document_id) else 404)
    return _reply(document_view_json(view))


@served
def clause(clause_id: str) -> Response:
    found = searcher()
    view = found.clause(clause_id)
    if view is None:
        return _gone(found.gone(clause_id) or abort(404))
    site, today = address(), date.today()
    other_years = [
        {**occurrence_json(one), "citation_block": occurrence_blocks(one, view.document, site, today)._asdict()}
        for one in found.history(clause_id)
    ]
    block = citation_blocks(view.clause, view.document, site, today)._asdict()
    return _reply({**clause_view_json(view), "citation_block": block, "other_years": other_years})


@served
def clauses() -> Response:
    found = searcher()
    reply = Response(export_lines(found), mimetype=operations.NDJSON)
    reply.set_etag(found.generation, weak=True)
    reply.headers["Cache-Control"] = "no-cache"
    reply.headers["Content-Disposition"] = f'attachment; filename="clauses-{found.generation}.ndjson"'
    return cast(Response, reply.make_conditional(request))


@api.get("/openapi.json")
def description() -> Response:
    refuse_unknown(request.args)
    return _reply(openapi(site().config.search))


def _needed(name: str, example: str) -> str:
    value = parameters.text(request.args, name)
    if not value:
        raise QueryError(f"{name} is missing.", f"Such as {example}")
    return value


def _gone(view: GoneView) -> Response:
    """410 with the clause as it was and what replaced it."""
    response = _reply({"error": problem_json(GONE), **gone_json(view)})
    response.status_code = 410
    return response


def _reply(body: Json) -> Response:
    """JSON with a validator over all that it says, its running time apart; a client that has it already gets a 304."""
    response = jsonify(body)
    content = json.dumps({**body, "took_ms": 0})
    response.set_etag(hashlib.sha256(content.encode()).hexdigest()[:32], weak=True)
    response.headers["Cache-Control"] = "no-cache"
    return cast(Response, response.make_conditional(request))
