"""Who asks: the address of a client, and how many requests it may send."""

from __future__ import annotations

import ipaddress
import re

from flask import Flask, Response, jsonify, request
from flask_limiter import Limiter
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import host_is_trusted

from indexer.config import ServerConfig

LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
FREE = ("static", "healthz", "readyz", "metrics")  # endpoints that cost nothing, or that the operator's programs ask
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")  # plans.example.org:8443, [::1]:8000
_FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-Ip")


def know_clients(app: Flask, server: ServerConfig) -> None:
    """Take addresses from as many proxies as are trusted, refuse other hosts' names, limit the rate of requests."""
    if server.trusted_proxies:
        count = server.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    app.before_request(lambda: _refuse_other_hosts(server))
    if server.rate_limit:
        Limiter(
            _client, app=app, application_limits=[f"{server.rate_limit} per minute"],
            application_limits_exempt_when=lambda: request.endpoint in FREE or is_local(server),
            storage_uri="memory://", strategy="sliding-window-counter", headers_enabled=True,
        )  # fmt: skip


def is_local(server: ServerConfig) -> bool:
    """True for programs on this machine; a proxy on it that is not trusted speaks for others, so it is not local."""
    if not server.trusted_proxies and any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _refuse_other_hosts(server: ServerConfig) -> Response | None:
    """A refusal of a name that this server does not have: it would stand in every permalink of the page.

    Answered at once, because an error page holds links too; Flask's TRUSTED_HOSTS fails there a second time.
    """
    host = request.environ.get("HTTP_HOST") or request.host
    known = not server.trusted_hosts or host_is_trusted(host, [*server.trusted_hosts, *LOOPBACK_HOSTS])
    if known and _HOST.fullmatch(host):
        return None
    message, hint = "This server does not go by that name.", "Its names are set in server.trusted_hosts."
    response = jsonify({"error": {"code": "bad_host", "message": message, "hint": hint}})
    response.status_code = 400
    response.headers["Cache-Control"] = "no-store"
    return response


def _client() -> str:
    """What one limit is kept for: an IPv4 address, or the /64 network that one IPv6 subscriber has."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
