"""The description of the API tells the truth, and takes nothing back that it once told."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from lxml import html
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from indexer.config import Config, SearchConfig
from search_app import replies, tool_replies
from search_app.app import create_app
from search_app.openapi import openapi
from search_app.operations import BY_NAME, OPERATIONS, PREFIX

KEPT = Path(__file__).parent / "openapi-v1.json"
# What may change without breaking a program
FREE = (
    "description",
    "summary",
    "x-summary-zh",
    "x-description-zh",
    "example",
    "info",
    "default",
    "maximum",
    "maxLength",
    "pattern",
)


def lost(kept, now, place=""):
    """The places of everything in ``kept`` that is not, or not so, in ``now``."""
    if isinstance(kept, dict):
        if not isinstance(now, dict):
            return [place]
        known = [key for key in kept if key not in FREE]
        return [
            gone
            for key in known
            for gone in (lost(kept[key], now[key], f"{place}/{key}") if key in now else [f"{place}/{key}"])
        ]
    if isinstance(kept, list):
        names = [entry.get("name") if isinstance(entry, dict) else None for entry in kept]
        if all(names):
            others = {entry["name"]: entry for entry in now}
            return [
                gone for entry in kept for gone in lost(entry, others.get(entry["name"]), f"{place}/{entry['name']}")
            ]
        return [f"{place}/{entry}" for entry in kept if entry not in now]
    return [] if kept == now else [place]


def test_nothing_that_was_promised_has_gone():
    assert lost(json.loads(KEPT.read_text("utf-8")), openapi(SearchConfig())) == []


def test_everything_that_is_promised_is_kept():
    """A new field belongs into the kept description: write openapi(SearchConfig()) to tests/app/openapi-v1.json."""
    assert lost(openapi(SearchConfig()), json.loads(KEPT.read_text("utf-8"))) == []


SEARCH_AT = "/paths//api/v1/search/get/parameters"


def schema_of(description, name):
    return description["components"]["schemas"][name]


def mode_of(description):
    return description["paths"]["/api/v1/search"]["get"]["parameters"][1]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda d: schema_of(d, "Hit")["properties"].pop("url"), "/components/schemas/Hit/properties/url"),
        (lambda d: schema_of(d, "Hit")["required"].remove("url"), "/components/schemas/Hit/required/url"),
        (lambda d: schema_of(d, "Hit")["properties"]["rank"].update(type="string"), "/components/schemas/Hit/properties/rank/type"),
        (lambda d: d["paths"].pop("/api/v1/ask"), "/paths//api/v1/ask"),
        (lambda d: mode_of(d).update(name="way"), f"{SEARCH_AT}/mode"),
        (lambda d: mode_of(d).update(required=True), f"{SEARCH_AT}/mode/required"),
        (lambda d: mode_of(d)["schema"]["enum"].remove("semantic"), f"{SEARCH_AT}/mode/schema/enum/semantic"),
    ],
)  # fmt: skip
def test_what_is_taken_back_is_found(change, expected):
    now = openapi(SearchConfig())
    taken = copy.deepcopy(now)
    change(taken)
    assert lost(now, taken) == [expected]


def test_a_new_field_breaks_no_promise():
    now = openapi(SearchConfig())
    more = copy.deepcopy(now)
    more["components"]["schemas"]["Hit"]["properties"]["colour"] = {"type": "string"}
    assert lost(now, more) == []


def test_the_table_holds_every_address_of_the_api(client):
    rules = {
        rule.endpoint.removeprefix("api.")
        for rule in client.application.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
    }
    assert rules == BY_NAME.keys() | {"description"}


@pytest.mark.parametrize("limit", [100, 7])
def test_the_description_knows_the_limits_of_the_configuration(limit):
    parameters = openapi(SearchConfig(max_k=limit, default_k=5))["paths"]["/api/v1/search"]["get"]["parameters"]
    (per_page,) = [one["schema"] for one in parameters if one["name"] == "per_page"]
    assert per_page == {"type": "integer", "minimum": 1, "maximum": limit, "default": 5}


def test_the_description_is_served_at_both_addresses(client):
    served = client.get("/api/v1/openapi.json")
    assert (served.status_code, served.get_json()["openapi"]) == (200, "3.1.0")
    assert client.get("/openapi.json", follow_redirects=True).get_json() == served.get_json()
    assert client.get("/api/v1/openapi.json", headers={"If-None-Match": served.headers["ETag"]}).status_code == 304


def test_every_text_stands_in_both_languages():
    for described in (*OPERATIONS, *(parameter for operation in OPERATIONS for parameter in operation.parameters)):
        assert described.zh.endswith("。")
        assert described.en.endswith(".")


EXAMPLES = [
    "/search?q=最低工資", "/search?q=最低工資&group=same", "/search?q=nothing", "/compare?from=plan-106&to=plan-108",
    "/compare?from=plan-106&to=plan-108&citations=1", "/indicators",
    "/verify?quote=研擬最低工資法制。", "/verify?quote=研訂最低工資法制。", "/documents", "/documents/plan-106", "/clauses/plan-106/1.3.4",
    "/clauses/plan-106/2",
]  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES)
def test_replies_hold_just_what_is_described(client, example):
    operation = next(one for one in OPERATIONS if client_path(example, one))
    body = client.get(PREFIX + example).get_json()
    operation.reply.model_validate(body)


def client_path(example, operation):
    path = example.partition("?")[0]
    return path == operation.path or ("{" in operation.path and path.startswith(operation.path.partition("{")[0]))


def test_what_is_gone_is_told_just_as_described(client):
    response = client.get(f"{PREFIX}/clauses/plan-106/1.3.5")
    assert response.status_code == 410
    tool_replies.GoneReply.model_validate(response.get_json())
    response = client.get(f"{PREFIX}/documents/plan-104")
    assert response.status_code == 410
    tool_replies.ErrorReply.model_validate(response.get_json())


def test_errors_hold_just_what_is_described(client):
    for address in ("/search", "/clauses/no", "/search?q=x&colour=red"):
        tool_replies.ErrorReply.model_validate(client.get(PREFIX + address).get_json())


@pytest.fixture(scope="module")
def shipped_client(live):
    return create_app(live, Config()).test_client()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_examples_work_on_the_shipped_corpus(shipped_client, operation):
    response = shipped_client.get(PREFIX + operation.example)
    assert (response.status_code, response.mimetype) == (200, operation.media_type)
    bodies = response.get_data(as_text=True).splitlines() if operation.name == "clauses" else [response.get_data()]
    for body in bodies:
        operation.reply.model_validate_json(body)


@pytest.mark.parametrize(
    "question",
    [
        "最低工資法制做到哪裡了？",
        "Which SDG targets were missed?",
        "月球基地預算？",
        "106年和108年的最低工資有何不同？",
    ],
)
def test_answers_hold_just_what_is_described(shipped_client, question):
    body = shipped_client.get(f"{PREFIX}/ask", query_string={"q": question}).get_json()
    tool_replies.AskReply.model_validate(body)


def test_the_export_holds_every_clause(client, shipped_client):
    lines = [
        json.loads(line) for line in shipped_client.get(f"{PREFIX}/clauses.ndjson").get_data(as_text=True).splitlines()
    ]
    known = [document["document_id"] for document in shipped_client.get(f"{PREFIX}/documents").get_json()["documents"]]
    assert list(dict.fromkeys(line["document_id"] for line in lines)) == known
    trees = [shipped_client.get(f"{PREFIX}/documents/{document_id}").get_json()["clauses"] for document_id in known]
    assert [line["clause_id"] for line in lines] == [one["clause_id"] for tree in trees for one in flat(tree)]
    first = client.get(f"{PREFIX}/clauses.ndjson")
    assert client.get(f"{PREFIX}/clauses.ndjson", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def flat(tree):
    for clause in tree:
        yield clause
        yield from flat(clause["children"])


def test_pages_of_one_generation_are_one_order(shipped_client):
    def ids(**more):
        body = shipped_client.get(f"{PREFIX}/search", query_string={"q": "勞工", **more}).get_json()
        return [hit["clause_id"] for hit in body["hits"]]

    whole = ids(per_page=60)
    assert [one for page in range(1, 7) for one in ids(per_page=10, page=page)] == whole
    assert len(set(whole)) == len(whole) > 15


ORIGIN = "https://data.example.org"


@pytest.mark.parametrize(
    ("allowed", "origin", "expected"),
    [
        ((), ORIGIN, None),
        (("*",), ORIGIN, "*"),
        ((ORIGIN,), ORIGIN, ORIGIN),
        ((ORIGIN,), "https://evil.example.org", None),
    ],
)
def test_other_sites_read_the_api_only_with_leave(shelf, allowed, origin, expected):
    config = Config(server={"cors_origins": allowed})
    client = create_app(shelf, config).test_client()
    for address in ("/api/v1/documents", "/api/v1/search"):  # the second one is an error, which they may read too
        response = client.get(address, headers={"Origin": origin})
        assert response.headers.get("Access-Control-Allow-Origin") == expected
        assert ("Origin" in response.vary) == (allowed == (ORIGIN,))
    preflight = client.options("/api/v1/search", headers={"Origin": origin, "Access-Control-Request-Method": "GET"})
    assert preflight.headers.get("Access-Control-Allow-Methods") == (expected and "GET, HEAD")
    assert "Access-Control-Allow-Credentials" not in preflight.headers
    assert "Access-Control-Allow-Origin" not in client.get("/documents", headers={"Origin": origin}).headers


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_shows_every_address_and_calls_no_other_host(client, language):
    body = client.get(f"/api?lang={language}").get_data(as_text=True)
    tree = html.fromstring(body)
    shown = tree.text_content()
    for operation in OPERATIONS:
        assert f"GET {PREFIX}{operation.path}" in shown
        assert (operation.zh if language == "zh" else operation.en) in shown
        for parameter in operation.parameters:
            assert (parameter.zh if language == "zh" else parameter.en) in shown
    assert not [link for link in tree.xpath("//*/@src | //link[@rel='stylesheet']/@href") if "//" in link]


CHECKS = [
    schemathesis.checks.not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance,
]  # fmt: skip


@pytest.fixture(scope="module")
def described(live):
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", create_app(live, Config()))


def drive(operation, mode, examples):
    """Call the operation with generated values that fit the description, or that do not."""
    # a document that is not there is refused with 400, which no schema can tell beforehand
    accepted = [positive_data_acceptance] if mode is GenerationMode.POSITIVE and "compare" not in operation.path else []

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate))
    def keep_to_it(case):
        case.call_and_validate(checks=[*CHECKS, *accepted])

    keep_to_it()


def test_a_clause_id_that_begins_with_a_slash_is_not_redirected(client):
    for path in ("/api/v1/clauses//@", "/clauses//@", "//example.org/clauses"):
        assert client.get(path).status_code == 404


# Invalid values need parameters; a path takes every text
DRIVEN = [pytest.param(one, GenerationMode.POSITIVE, id=f"{one.name}-valid") for one in OPERATIONS]
DRIVEN += [
    pytest.param(one, GenerationMode.NEGATIVE, id=f"{one.name}-invalid") for one in OPERATIONS if one.query_names
]


@pytest.mark.parametrize(("operation", "mode"), DRIVEN)
def test_the_api_keeps_to_its_description(described, operation, mode):
    drive(described[PREFIX + operation.path]["GET"], mode, examples=12)


@pytest.mark.slow
@pytest.mark.parametrize(("operation", "mode"), DRIVEN)
def test_the_api_keeps_to_its_description_at_length(described, operation, mode):
    drive(described[PREFIX + operation.path]["GET"], mode, examples=500)


def test_no_model_is_left_out():
    models = {
        name for module in (replies, tool_replies) for name, one in vars(module).items()
        if isinstance(one, type) and issubclass(one, replies.Reply) and one not in (replies.Reply, replies.ParsedClause) and name not in ("Bilingual", "Block")
    }  # fmt: skip
    assert models == openapi(SearchConfig())["components"]["schemas"].keys()
