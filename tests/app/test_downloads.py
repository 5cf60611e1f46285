"""Downloads of results and indicators: every form, its content type and name, and what stands in it."""

from __future__ import annotations

import csv
import io
import json

import pytest
from lxml import html
from markdown_it import MarkdownIt
from odfdo import Document as OpenDocument
from openpyxl import load_workbook

from search_app import downloads, indicator_files
from search_app.sheets import KINDS

EXPORT = "/search/export?q=最低工資&format="


@pytest.mark.parametrize("form", downloads.FORMATS)
@pytest.mark.parametrize("language", ["zh-Hant", "en"])
def test_every_form_of_results(client, form, language):
    response = client.get(f"{EXPORT}{form}&lang={language}")
    assert response.status_code == 200
    assert response.content_type == KINDS[form].media_type
    assert response.headers["Content-Disposition"] == f'attachment; filename="plansearch.{KINDS[form].ending}"'


@pytest.mark.parametrize("form", indicator_files.FORMATS)
@pytest.mark.parametrize("language", ["zh-Hant", "en"])
def test_every_form_of_indicators(client, form, language):
    response = client.get(f"/indicators/export?format={form}&lang={language}")
    assert response.status_code == 200
    assert response.content_type == KINDS[form].media_type
    assert response.headers["Content-Disposition"] == f'attachment; filename="indicators.{KINDS[form].ending}"'


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"{EXPORT}pdf", 400), ("/search/export?q=最低工資", 404), ("/search/export?format=csv", 404),
        ("/indicators/export?format=docx", 400), ("/indicators/export", 404), ("/indicators/export?format=csv&status=x", 400),
    ],
)  # fmt: skip
def test_what_is_no_form_is_refused(client, address, status):
    assert client.get(address).status_code == status


def test_pages_link_every_form_and_say_how_many(client):
    tree = html.fromstring(client.get("/search?q=最低工資&year=106").get_data(as_text=True))
    (paragraph,) = tree.find_class("downloads")
    assert "至多 100 條" in paragraph.text_content()
    links = [link.get("href") for link in paragraph.iter("a") if "/search/export" in link.get("href")]
    assert [link.rpartition("=")[2] for link in links] == list(downloads.FORMATS)
    assert all("year=106" in link and client.get(link).status_code == 200 for link in links)
    table = html.fromstring(client.get("/indicators?status=missed").get_data(as_text=True))
    kept = table.xpath("//p[contains(@class,'downloads')]//a/@href")
    assert [link.rpartition("=")[2] for link in kept] == list(indicator_files.FORMATS)
    assert all("status=missed" in link for link in kept)


def test_the_same_rows_in_every_spreadsheet(client):
    text = client.get(f"{EXPORT}csv").data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert tuple(rows[0]) == downloads.COLUMNS
    sheet = load_workbook(io.BytesIO(client.get(f"{EXPORT}xlsx").data))["plansearch"]
    book = OpenDocument(io.BytesIO(client.get(f"{EXPORT}ods").data)).body.get_tables()[0]
    excel = [[str(cell.value if cell.value is not None else "") for cell in row] for row in sheet.iter_rows()]
    libre = [[str(value if value is not None else "") for value in row] for row in book.iter_values()]
    for other in (excel, libre):
        assert [[*row[:5], row[10]] for row in other] == [[*row[:5], row[10]] for row in rows]


def test_markdown_quotes_cites_and_links_and_becomes_no_markup(client):
    source = client.get(f"{EXPORT}md").get_data(as_text=True)
    assert "> （四）研擬最低工資法制。" in source
    assert "<http://localhost/clauses/plan-106/1.3.4>" in source
    assert "民國106年，2017" in source
    tree = html.fromstring(MarkdownIt("commonmark").render(source))
    assert not tree.xpath("//script | //b | //i")
    assert "<script>alert('最低工資')</script> & 最低工資" in tree.text_content()
    quotes = [quote.text_content() for quote in tree.iter("blockquote")]
    assert not any("最低\n工資" in quote for quote in quotes)  # a damaged page is never quoted
    assert len(quotes) == 3


def test_a_run_is_one_that_tools_read(client):
    lines = client.get(f"{EXPORT}trec").get_data(as_text=True).splitlines()
    fields = [line.split() for line in lines]
    assert all(len(one) == 6 for one in fields)
    assert [one[:4] for one in fields[:2]] == [["1", "Q0", "plan-106/1.3.4", "1"], ["1", "Q0", "plan-106/page19", "2"]]
    scores = [float(one[4]) for one in fields]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == len(scores)


def test_indicators_with_numbers_notes_and_unofficial_english(client):
    book = load_workbook(io.BytesIO(client.get("/indicators/export?format=xlsx&lang=en").data))
    assert book.sheetnames == ["Performance and SDG indicators", "notes"]
    heads, first, second = (list(row) for row in book.worksheets[0].iter_rows(values_only=True))
    shown = dict(zip(heads, first, strict=True))
    assert (shown["unofficial English"], shown["indicator"], shown["target"], shown["actual"]) == (
        "Number of unions", "工會數", 85, None,
    )  # fmt: skip
    assert dict(zip(heads, second, strict=True))["status"] == "missed"
    assert book["notes"].max_row > 1
    data = json.loads(client.get("/indicators/export?format=json&status=missed").data)
    assert data == client.get("/api/v1/indicators?status=missed").get_json()
    assert "指標" in client.get("/indicators/export?format=md&lang=zh").get_data(as_text=True)
