"""The web application: the only place that wires objects together."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, Response, abort, current_app, g, jsonify, make_response, render_template, request
from flask.json.provider import DefaultJSONProvider
from flask_babel import Babel
from werkzeug.exceptions import HTTPException

from indexer.config import Config, load_config
from indexer.errors import ConfigError, PlanSearchError, StoreError
from search_app.answer_pages import answer_pages
from search_app.api import api
from search_app.api_page import api_page
from search_app.clients import is_local, know_clients
from search_app.english import EnglishHeadings
from search_app.feeds import feeds
from search_app.http_errors import problem_json, problem_of, unready
from search_app.info_pages import info_pages
from search_app.language import DEFAULT_LANGUAGE, LOCALES, day, language, locale, minute, page_context
from search_app.live import Live
from search_app.metrics import CONTENT_TYPE, Metrics
from search_app.pages import pages
from search_app.querylog import QueryLog
from search_app.serving import addresses, bound, serve_app
from search_app.site import Site, site
from search_app.suggestions import Suggestions
from search_app.tool_pages import tool_pages
from search_app.traffic import watch_traffic
from search_app.workers import keep_running

log = logging.getLogger(__name__)

STATIC_SECONDS = 3600
FOREVER = "public, max-age=31536000, immutable"  # of static files whose address holds their digest
RETRY_SECONDS = 5
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def open_app(config: Config | Path) -> Flask:
    """The application of a configuration (or of its file), its index loading in the background. Raises ConfigError."""
    settings = load_config(config) if isinstance(config, Path) else config
    live = Live(settings)
    app = create_app(live, settings)
    prepared: Site = app.extensions["plansearch"]
    live.opened = lambda found: (prepared.of(EnglishHeadings, found), prepared.of(Suggestions, found))
    live.start()
    return app


def create_app(live: Live, config: Config) -> Flask:
    """The application over an index that is open or being opened."""
    app = Flask(__name__)
    app.url_map.merge_slashes = False  # an address with // is another one: 404, as described, and no redirection
    app.extensions["plansearch"] = Site(live, config, QueryLog(config.query_log))
    app.config["MAX_CONTENT_LENGTH"] = config.server.max_body_bytes
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = STATIC_SECONDS
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(day=day, minute=minute)
    _use_json(app)
    _use_catalogues(app)
    for blueprint in (api, api_page, pages, answer_pages, tool_pages, info_pages, feeds):
        app.register_blueprint(blueprint)
    app.context_processor(page_context)
    app.add_url_rule("/healthz", view_func=healthz)
    app.add_url_rule("/readyz", view_func=readyz)
    app.add_url_rule("/metrics", view_func=metrics)
    app.extensions["plansearch.metrics"] = Metrics(live)
    watch_traffic(app, app.extensions["plansearch.metrics"])
    know_clients(app, config.server)
    app.before_request(_refuse_large_bodies)
    app.after_request(_add_headers)
    app.register_error_handler(PlanSearchError, _on_error)
    app.register_error_handler(HTTPException, _on_error)
    return app


def serve(
    app: Flask,
    config: Config,
    ready: Callable[[str], None] = lambda address: None,
    sockets: list[socket.socket] | None = None,
) -> None:
    """Serve until SIGTERM or Ctrl-C; ``ready`` is told the address. Raises ConfigError when it cannot be listened on."""
    try:
        serve_app(app, config.server, ready, sockets)
    finally:
        app.extensions["plansearch"].live.close()


def serve_workers(config: Config, count: int, ready: Callable[[str], None]) -> None:
    """Serve with ``count`` processes until SIGTERM or Ctrl-C; ``ready`` is told the address.

    The system hands each connection to one of them. Each has its own index, model, limits and figures. Raises
    ConfigError when the address cannot be listened on or the system cannot fork, EngineError when they do not stay.
    """
    if not hasattr(os, "fork"):
        raise ConfigError("this system has no fork, so there can be only one process.", "Leave --workers out.")
    sockets = bound(config.server.host, config.server.port)
    for address in addresses(sockets):
        ready(address)

    def stopped() -> None:
        for one in sockets:
            one.close()

    keep_running(count, lambda: serve(open_app(config), config, sockets=sockets), stopped)


def healthz() -> Response:
    return jsonify({"alive": True})


def readyz() -> tuple[Response, int]:
    live = site().live
    if live.ready:
        told = {"ready": True, "generation": live.current().generation}
        if live.problem is not None:  # the published generation cannot be opened: the one before is served
            told["problem"] = problem_json(unready(live.problem))
        return jsonify(told), 200
    problem = unready(live.problem)
    return jsonify({"ready": False, "error": problem_json(problem)}), problem.status


def metrics() -> Response:
    server = site().config.server
    if server.metrics == "off" or (server.metrics == "local" and not is_local(server)):
        abort(404)
    return Response(current_app.extensions["plansearch.metrics"].text(), content_type=CONTENT_TYPE)


def _use_json(app: Flask) -> None:
    provider = DefaultJSONProvider(app)
    provider.ensure_ascii = False
    provider.sort_keys = False
    app.json = provider


def _use_catalogues(app: Flask) -> None:
    """Messages straight from the .po files: they are small, and nothing has to be compiled before a start."""
    babel = Babel(app, default_locale=LOCALES[DEFAULT_LANGUAGE], locale_selector=locale)
    with app.app_context():
        domain = babel.domain_instance
    for name in LOCALES.values():
        path = Path(app.root_path) / "translations" / name / "LC_MESSAGES" / "messages.po"
        compiled = BytesIO()
        with path.open("rb") as source:
            write_mo(compiled, read_po(source, locale=name))
        compiled.seek(0)
        domain.cache[name, "messages"] = Translations(compiled)


def _refuse_large_bodies() -> None:
    if (request.content_length or 0) > site().config.server.max_body_bytes:
        abort(413)


def _add_headers(response: Response) -> Response:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint == "static" and request.args.get("v"):
        response.headers["Cache-Control"] = FOREVER
    if response.mimetype == "text/html":
        response.headers["Content-Language"] = language()
        response.headers.setdefault("Cache-Control", "no-cache")
        response.vary.update(("Accept-Language", "Cookie"))
    return response


def _on_error(error: Exception) -> Response:
    """JSON for programs, a page for people, with the status of the table in http_errors."""
    live = site().live
    problem = unready(live.problem) if isinstance(error, StoreError) and not live.ready else problem_of(error)
    if problem.status >= 500:
        log.error("%s: %s", request.endpoint, error, extra={"request_id": g.get("request_id")})
    for_programs = request.path.startswith("/api/")
    g.failed = True  # the page that says so needs nothing that may have failed
    body = jsonify({"error": problem_json(problem)}) if for_programs else render_template("error.html", problem=problem)
    response = make_response(body, problem.status)
    response.headers["Cache-Control"] = "no-store"
    if isinstance(error, HTTPException):
        response.headers.extend([header for header in error.get_headers() if header[0] in ("Allow", "Retry-After")])
    elif problem.status == 503:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
