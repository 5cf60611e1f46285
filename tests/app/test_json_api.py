"""The JSON API: shapes, parameters, conditional requests."""

from __future__ import annotations

import pytest

SEARCH = "/api/v1/search"


def test_search_has_every_documented_field(client):
    body = client.get(SEARCH, query_string={"q": "最低工資"}).get_json()
    assert body.keys() == {"query", "total", "took_ms", "generation", "hits", "facets", "suggestions"}
    assert body["query"] == {
        "text": "最低工資", "normalized": "最低工資", "language": "zh", "kind": "wording", "terms": ["最低工資"],
        "expansions": [], "corrected": None, "problem": None,
    }  # fmt: skip
    assert (body["total"], body["generation"], body["suggestions"]) == (4, "generation-1", ["工會"])
    assert body["facets"].keys() == {"year", "document", "section", "kind"}
    assert body["facets"]["year"] == [{"value": "106", "count": 2}, {"value": "108", "count": 1}]


def test_hit_has_every_documented_field(client):
    hit = client.get(SEARCH, query_string={"q": "最低工資"}).get_json()["hits"][0]
    citation = hit.pop("citation")
    assert citation.keys() == {"zh", "en"}
    assert all(citation.values())
    assert hit == {
        "rank": 1, "score": 0.5, "clause_id": "plan-106/1.3.4", "document_id": "plan-106",
        "document_title": "勞動部106年度施政計畫", "kind": "goal_clause", "year_roc": 106, "year_ce": 2017,
        "section_path": ["壹、年度施政目標", "三、推動公平的集體勞資關係"], "marker": "（四）", "text": "研擬最低工資法制。",
        "highlights": [[2, 6]], "translation": {"en": "A rendering."}, "url": "/clauses/plan-106/1.3.4", "damaged": False,
        "why": {"keyword_rank": 1, "vector_rank": None, "matched_terms": ["最低工資"], "exact": False,
                "expansions": [], "question": None}, "also": [],
    }  # fmt: skip


def test_grouped_hits_tell_their_other_places(client):
    also = client.get(SEARCH, query_string={"q": "最低工資", "group": "same"}).get_json()["hits"][0]["also"]
    assert [(place["clause_id"], place["year_roc"]) for place in also] == [("plan-108/2", 108)]


def test_url_of_a_hit_leads_to_its_page(client):
    for hit in client.get(SEARCH, query_string={"q": "最低工資"}).get_json()["hits"]:
        assert client.get(hit["url"]).status_code == 200


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("year=106", (2017,)),
        ("year=2017", (2017,)),
        ("year=106,2019", (2017, 2019)),
        ("year=106&year=108", (2017, 2019)),
        ("year=106,106", (2017,)),
        ("year=", ()),
        ("", ()),
    ],
)
def test_years_in_either_calendar(client, shelf, query, expected):
    assert client.get(f"{SEARCH}?q=x&{query}").status_code == 200
    assert shelf.library.asked["filters"].years == expected


def test_a_comma_before_a_blank_belongs_to_a_heading(client, shelf):
    client.get(SEARCH, query_string={"q": "x", "section": "Goals, strategies,壹、年度施政目標"})
    assert shelf.library.asked["filters"].sections == ("Goals, strategies", "壹、年度施政目標")


def test_parameters_reach_the_search(client, shelf):
    client.get(f"{SEARCH}?q=x&mode=keyword&sort=year&group=same&page=2&per_page=7&kind=kpi,note&document=plan-106")
    asked = shelf.library.asked
    filters = asked.pop("filters")
    assert asked == {"mode": "keyword", "sort": "year", "group": "same", "page": 2, "per_page": 7}
    assert (filters.kinds, filters.documents) == (("kpi", "note"), ("plan-106",))


def test_defaults(client, shelf):
    client.get(f"{SEARCH}?q=x")
    del shelf.library.asked["filters"]
    assert shelf.library.asked == {"mode": "hybrid", "sort": "relevance", "group": "none", "page": 1, "per_page": 10}


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("", "q"),
        ("q=%20", "q"),
        ("q=x&colour=red", "colour"),
        ("q=x&lang=en", "lang"),
        ("q=x&q=y", "q"),
        ("q=x&mode=fuzzy", "fuzzy"),
        ("q=x&sort=size", "size"),
        ("q=x&group=all", "all"),
        ("q=x&year=abc", "abc"),
        ("q=x&kind=law", "law"),
        ("q=x&page=0", "page"),
        ("q=x&page=-1", "page"),
        ("q=x&page=1.5", "page"),
        ("q=x&page=%EF%BC%91", "page"),
        ("q=x&page=" + "9" * 5000, "page"),
        ("q=x&per_page=101", "per_page"),
        ("q=" + "x" * 1001, "too long"),
    ],
)
def test_wrong_parameters_are_named(client, query, named):
    response = client.get(f"{SEARCH}?{query}")
    error = response.get_json()["error"]
    assert response.status_code == 400
    assert error.keys() == {"code", "message", "hint"}
    assert error["code"] == "bad_query"
    assert named in error["message"]
    assert error["hint"]


@pytest.mark.parametrize("path", ["/api/v1/documents", "/api/v1/documents/plan-106", "/api/v1/clauses/plan-106/1"])
def test_no_address_ignores_a_parameter(client, path):
    assert client.get(f"{path}?q=x").status_code == 400


def test_documents(client):
    documents = client.get("/api/v1/documents").get_json()["documents"]
    assert [document["document_id"] for document in documents] == ["plan-106", "plan-108"]
    assert documents[0] == {
        "document_id": "plan-106", "title_zh": "勞動部106年度施政計畫", "title_en": "Administrative Plan for 2017",
        "agency_zh": "勞動部", "agency_en": "Ministry of Labor", "year_roc": 106, "year_ce": 2017, "kind": "annual_plan",
        "language": "zh-Hant", "file_name": "plan-106.txt", "sha256": "0" * 64, "licence": "Official document.",
        "provenance": "Kept byte for byte.", "url": "/documents/plan-106",
    }  # fmt: skip


def test_document_is_a_tree(client):
    body = client.get("/api/v1/documents/plan-106").get_json()
    assert body.keys() == {"document", "clauses", "indicators", "account"}
    assert [clause["clause_id"] for clause in body["clauses"]] == ["plan-106/1", "plan-106/2", "plan-106/page19"]
    goal = body["clauses"][0]["children"][0]
    assert [clause["clause_id"] for clause in goal["children"]] == ["plan-106/1.3.4"]
    assert body["indicators"][0]["target"] == 85.0
    assert body["account"]["missing"] == 0


def test_clause_with_its_surroundings(client):
    body = client.get("/api/v1/clauses/plan-106/1.3").get_json()
    assert (body["clause_id"], body["kind"], body["lines"], body["page"]) == ("plan-106/1.3", "goal", [2, 2], None)
    assert (body["previous"]["clause_id"], body["next"]["clause_id"]) == ("plan-106/1", "plan-106/1.3.4")
    assert [child["clause_id"] for child in body["children"]] == ["plan-106/1.3.4"]
    assert body["document"]["document_id"] == "plan-106"
    assert body["citation"].keys() == {"zh", "en"}
    assert body["translation"] == {"en": "A rendering."}
    assert body["other_years"] == []


def test_clause_in_other_years(client):
    (other,) = client.get("/api/v1/clauses/plan-106/1.3.4").get_json()["other_years"]
    assert (other["document_id"], other["relation"], other["moved"]) == ("plan-108", "unchanged", True)
    assert [clause["clause_id"] for clause in other["clauses"]] == ["plan-108/2"]


def test_compare(client):
    body = client.get("/api/v1/compare?from=plan-106&to=plan-108").get_json()
    assert (body["from"], body["to"], body["counts"]["goal"]["dropped"]) == ("plan-106", "plan-108", 1)
    first = body["relations"][0]
    assert (first["relation"], first["level"], first["confidence"]) == ("reworded", "goal_clause", 0.9)
    assert first["from"][0].keys() == {"clause_id", "marker", "section_path", "text"}
    assert first["changes"]["steps"][0]["verb_to"] == "推動"


def test_indicators(client):
    body = client.get("/api/v1/indicators?status=missed").get_json()
    assert [(one["name"], one["target"], one["actual"]) for one in body["indicators"]] == [("死亡千人率", 0.021, 0.023)]
    assert any(note["kind"] == "no-table" for note in body["notes"])


def test_verify(client):
    exact = client.get("/api/v1/verify?quote=研擬最低工資法制。").get_json()
    assert (exact["status"], exact["verified"], exact["places"][0]["clause_id"]) == ("exact", True, "plan-106/1.3.4")
    altered = client.get("/api/v1/verify?quote=研訂最低工資法制。&year=106").get_json()
    assert (altered["status"], altered["verified"]) == ("altered", False)
    assert altered["changes"]["substantive"]


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("compare", "from"),
        ("compare?from=plan-106", "to"),
        ("compare?from=a&from=b&to=c", "from"),
        ("indicators?status=late", "late"),
        ("indicators?colour=red", "colour"),
        ("verify", "quote"),
        ("verify?quote=x&year=abc", "abc"),
        ("verify?quote=" + "x" * 2001, "too long"),
        ("ask", "q"),
        ("ask?q=x&year=abc", "abc"),
        ("ask?q=" + "x" * 1001, "at most 1000"),
    ],
)
def test_the_tools_name_wrong_parameters(client, path, named):
    response = client.get(f"/api/v1/{path}")
    assert response.status_code == 400
    assert named in response.get_json()["error"]["message"]


def test_first_and_last_clause_have_one_neighbour(client):
    assert client.get("/api/v1/clauses/plan-106/1").get_json()["previous"] is None
    assert client.get("/api/v1/clauses/plan-106/page19").get_json()["next"] is None


def test_unchanged_answers_are_not_sent_twice(client, shelf):
    address = f"{SEARCH}?q=最低工資"
    first = client.get(address)
    assert first.headers["Cache-Control"] == "no-cache"
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    shelf.library.generation = "generation-2"
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_chinese_is_sent_as_chinese(client):
    assert "研擬最低工資法制。" in client.get(f"{SEARCH}?q=最低工資").get_data(as_text=True)
