"""The page about the API: every address with its parameters, from the table that serves them. Works offline."""

from __future__ import annotations

from flask import Response, redirect, render_template, url_for
from werkzeug import Response as Redirection

from search_app.language import bilingual
from search_app.openapi import within
from search_app.operations import OPERATIONS, PREFIX, Parameter
from search_app.site import address, site

api_page = bilingual("programs")


@api_page.get("/api")
def page() -> str:
    return render_template("api.html", operations=OPERATIONS, prefix=PREFIX, address=address(), values=_values)


@api_page.get("/openapi.json")
def openapi_json() -> Response | Redirection:
    """The description's address without the version, as DESIGN has it."""
    return redirect(url_for("api.description"), code=308)


def _values(parameter: Parameter) -> str:
    """What a parameter may hold, in short: its choices, its range, its length."""
    schema = within(parameter.schema, site().config.search)
    schema = {**schema, **schema.get("items", {})}
    if "enum" in schema:
        return " | ".join(schema["enum"])
    if schema["type"] == "integer":
        return f"{schema['minimum']}–{schema['maximum']} ({schema['default']})"
    return f"≤ {schema['maxLength']}" if "maxLength" in schema else ""
