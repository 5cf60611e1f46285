"""Leave for pages of other sites to read the API from a browser (CORS), for the origins that config.yaml names.

Reading only, and never with credentials. Without the setting no header is sent: an index inside an organisation must not
be readable by whatever page its people visit.
"""

from __future__ import annotations

from flask import Response, request

from search_app.site import site

ANY = "*"
PREFLIGHT_SECONDS = 86_400  # how long a browser may remember the leave
_EXPOSED = "ETag, Retry-After"


def allow_origins(response: Response) -> Response:
    """The response with the headers that let the asking origin read it, if it may."""
    allowed = site().config.server.cors_origins
    if not allowed:
        return response
    origin = request.headers.get("Origin", "")
    if ANY not in allowed:
        response.vary.add("Origin")
        if origin not in allowed:
            return response
    response.headers["Access-Control-Allow-Origin"] = ANY if ANY in allowed else origin
    response.headers["Access-Control-Expose-Headers"] = _EXPOSED
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD"
        response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
        response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
    return response
