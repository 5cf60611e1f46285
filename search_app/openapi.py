"""The API in the words of OpenAPI 3.1, made from the table of operations and the models of the replies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from indexer.config import SearchConfig
from search_app.operations import JSON, NDJSON, OPERATIONS, PREFIX, Operation, Parameter
from search_app.tool_replies import ErrorReply

Node = dict[str, Any]

# What every address may reply beside 200: the status and when
_ERRORS = {
    400: "A parameter is missing, unknown, given twice or out of its range; the message names it.",
    404: "There is nothing at this address.",
    413: "The request is too large.",
    429: "Too many requests; the Retry-After header says how long to wait.",
    500: "Something failed in the server.",
    503: "The index is being loaded, or cannot be used.",
}
_PROMISE = (
    "Within v1 no address, parameter, field, error code or value of an enumeration is taken away or changes its meaning. "
    "New ones may come: ignore the fields that you do not know. Texts for people may be worded otherwise at any time."
)
_ETAG: Node = {
    "description": "Validator; send it as If-None-Match and get 304 as long as nothing has changed.",
    "schema": {"type": "string"},
}


class _Schemas(GenerateJsonSchema):
    """Without titles, which only repeat the names."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def openapi(limits: SearchConfig) -> Node:
    """The description, with the limits of config.yaml in it."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "plansearch", "version": version("plansearch"), "summary": "Government policy plans by clause.",
            "description": _PROMISE, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": {PREFIX + operation.path: {"get": _get(operation, limits)} for operation in OPERATIONS},
        "components": {
            "schemas": _schemas({reply for one in OPERATIONS for reply in (one.reply, one.gone or ErrorReply)}),
            "responses": {f"Error{status}": _error(text) for status, text in _ERRORS.items()},
        },
    }  # fmt: skip


def _get(operation: Operation, limits: SearchConfig) -> Node:
    responses: Node = {
        "200": {"description": operation.en, "headers": {"ETag": _ETAG}, "content": _content(operation)},
        "304": {"description": "Nothing has changed since the reply with this ETag.", "headers": {"ETag": _ETAG}},
    }
    if operation.gone is not None:
        responses["410"] = _error("What stood here has been removed.", operation.gone.__name__)
    responses.update({str(status): {"$ref": f"#/components/responses/Error{status}"} for status in _ERRORS})
    return {
        "operationId": operation.name, "summary": operation.en, "x-summary-zh": operation.zh,
        "parameters": [_parameter(parameter, limits) for parameter in operation.parameters], "responses": responses,
    }  # fmt: skip


def _content(operation: Operation) -> Node:
    schema = {"$ref": f"#/components/schemas/{operation.reply.__name__}"}
    if (
        operation.media_type == NDJSON
    ):  # OpenAPI 3.1 has no schema for a sequence of values: the line's stands beside it
        return {NDJSON: {"schema": {"type": "string"}, "x-line-schema": schema}}
    return {JSON: {"schema": schema}}


def _parameter(parameter: Parameter, limits: SearchConfig) -> Node:
    return {
        "name": parameter.name, "in": "path" if parameter.in_path else "query", "required": parameter.required,
        "description": parameter.en, "x-description-zh": parameter.zh, "schema": within(parameter.schema, limits),
        "example": _example(parameter),
    }  # fmt: skip


def _example(parameter: Parameter) -> object:
    kinds: Mapping[str, Any] = {"integer": int, "array": lambda value: [value]}
    return kinds.get(parameter.schema["type"], str)(parameter.example)


def within(schema: Mapping[str, Any], limits: SearchConfig) -> Node:
    """A schema with the limits that stand in it as keys of config.yaml (``search.max_k``) put in."""
    return {
        name: getattr(limits, value.removeprefix("search.")) if str(value).startswith("search.") else value
        for name, value in schema.items()
    }


def _error(text: str, reply: str = ErrorReply.__name__) -> Node:
    return {"description": text, "content": {JSON: {"schema": {"$ref": f"#/components/schemas/{reply}"}}}}


def _schemas(models: Iterable[type[BaseModel]]) -> Node:
    """The schemas of the models by name; open to fields of later versions."""
    ordered = sorted(models, key=lambda model: model.__name__)
    _, definitions = models_json_schema(
        [(model, "serialization") for model in ordered],
        ref_template="#/components/schemas/{model}", schema_generator=_Schemas,
    )  # fmt: skip
    schemas: Node = definitions["$defs"]
    for schema in schemas.values():
        schema.pop("additionalProperties", None)
        schema.pop("title", None)
    return dict(sorted(schemas.items()))
