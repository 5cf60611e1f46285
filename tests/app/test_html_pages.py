"""HTML pages: what they show, and that no text of a document or query becomes markup."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest
from lxml import html

from indexer.model import Clause, Span
from search_app.relations import Comparison
from search_app.texts import english_heading, english_marker, excerpt, linked_path, outline, pieces, runs


def page(client, address, language="zh-TW"):
    response = client.get(address, headers={"Accept-Language": language})
    return html.fromstring(response.get_data(as_text=True))


def text(element):
    return " ".join(element.text_content().split())


def test_home_tells_what_is_in_here_newest_first(client):
    tree = page(client, "/")
    assert tree.xpath("//ul[@class='documents']//a/@href") == ["/documents/plan-108", "/documents/plan-106"]
    assert [text(badge) for badge in tree.find_class("year")] == ["108年 2019", "106年 2017"]
    assert tree.xpath("//form[@action='/search']//input[@name='q']")


def test_result_shows_year_place_highlight_and_citation(client):
    hit = page(client, "/search?q=最低工資").xpath("//ol[@class='hits']/li")[0]
    assert text(hit.find_class("year")[0]) == "106年 2017"
    assert text(hit.xpath(".//h2/a")[0]) == "三、推動公平的集體勞資關係 · （四）"
    assert text(hit.find_class("text")[0]) == "（四）研擬最低工資法制。"
    assert [text(mark) for mark in hit.xpath(".//mark")] == ["最低工資"]
    assert "民國106年" in text(hit.find_class("cite")[0])
    assert hit.find_class("also")[0].xpath(".//a/@href") == ["/clauses/plan-108/2"]


def test_an_english_page_leads_with_the_rendering_and_keeps_the_original_at_hand(client):
    hit = page(client, "/search?q=最低工資", "en").xpath("//ol[@class='hits']/li")[0]
    shown, original = hit.xpath(".//p[@class='text']")
    assert (text(shown), shown.get("lang")) == ("A rendering.", None)
    assert (text(original), original.get("lang")) == ("（四）研擬最低工資法制。", "zh-Hant")
    folded = original.getparent()
    assert text(folded.find("summary")) == "Unofficial translation; Chinese original"
    assert folded.get("open") is not None  # because the query is Chinese
    assert "original" not in [one.get("class") for one in page(client, "/search?q=最低工資").iter()]


def test_damaged_text_is_marked_everywhere(client):
    for address in ("/search?q=最低工資&year=106", "/clauses/plan-106/page19", "/documents/plan-106"):
        assert page(client, address).find_class("warning"), address


def test_facets_are_links_that_change_one_thing(client):
    tree = page(client, "/search?q=最低工資&year=106&mode=keyword")
    links = {text(link): link.get("href") for link in tree.xpath("//details[@id='facets']//a")}
    assert links["108年（2019） 1"] == f"/search?q={QUOTED}&year=106&year=108&mode=keyword"
    assert links["106年（2017） 2"] == f"/search?q={QUOTED}&mode=keyword"
    assert links["目標條款 1"] == f"/search?q={QUOTED}&year=106&kind=goal_clause&mode=keyword"
    assert links["年度，新到舊"] == f"/search?q={QUOTED}&year=106&mode=keyword&sort=year"
    assert [text(link) for link in tree.xpath("//details[@id='facets']//a[@aria-current]")] == [
        "106年（2017） 2", "相關程度", "字詞",
    ]  # fmt: skip
    assert [text(chip) for chip in tree.xpath("//ul[@class='chips']//a")] == ["移除篩選條件：年度：106年（2017） ×"]


QUOTED = "%E6%9C%80%E4%BD%8E%E5%B7%A5%E8%B3%87"


def test_every_link_of_a_result_page_works(client):
    links = page(client, "/search?q=最低工資&per_page=1&page=2").xpath("//main//a/@href")
    assert len(links) > 10
    for link in links:
        assert link.startswith("#") or client.get(link).status_code == 200, link


def test_pages_of_results(client):
    tree = page(client, "/search?q=最低工資&per_page=1&page=2")
    assert tree.xpath("//ol[@class='hits']/@start") == ["2"]
    assert tree.xpath("//a[@rel='prev']/@href") == [f"/search?q={QUOTED}&per_page=1"]
    assert tree.xpath("//a[@rel='next']/@href") == [f"/search?q={QUOTED}&page=3&per_page=1"]
    assert not page(client, "/search?q=最低工資&per_page=1&page=3").xpath("//a[@rel='next']")


def test_the_form_keeps_filters(client):
    tree = page(client, "/search?q=x&year=106&kind=kpi&sort=year")
    kept = [(field.get("name"), field.get("value")) for field in tree.xpath("//input[@type='hidden']")]
    assert kept == [("year", "106"), ("kind", "kpi"), ("sort", "year")]


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/search", 200, "請輸入要查詢的文字"),
        ("/search?q=%20", 200, "請輸入要查詢的文字"),
        ("/search?q=沒有這種事", 200, "沒有符合的條款"),
        ("/search?q=最低工資&page=99", 200, "這一頁已沒有結果"),
        ("/search?q=" + "字" * 1001, 400, "最多 1,000 個字元"),
        ("/search?q=x&year=abc", 400, "沒有 'abc' 這個年度"),
        ("/search?q=x&utm_source=mail", 200, "共 0 條"),
        ("/clauses/plan-106/9", 404, "找不到這個網頁"),
    ],
)
def test_states(client, address, status, says):
    response = client.get(address)
    assert response.status_code == status
    assert says in response.get_data(as_text=True).replace("&#39;", "'")


def test_a_missing_index_says_what_to_do(client, shelf):
    shelf.loaded = False
    assert "檢索資料載入中" in client.get("/search?q=x").get_data(as_text=True)


def test_clause_page(client):
    tree = page(client, "/clauses/plan-106/1.3.4")
    assert tree.xpath("//nav[contains(@class,'crumbs')]//a/@href") == [
        "/documents/plan-106", "/clauses/plan-106/1", "/clauses/plan-106/1.3",
    ]  # fmt: skip
    assert text(tree.xpath("//blockquote")[0]) == "（四）研擬最低工資法制。"
    assert "第 3 行" in text(tree)
    assert tree.xpath("//a[@rel='prev']/@href") == ["/clauses/plan-106/1.3"]
    assert tree.xpath("//a[@rel='next']/@href") == ["/clauses/plan-106/2"]
    assert len(tree.xpath("//button[@class='copy' and @hidden]")) == 8  # until the script shows them


def test_clause_page_shows_rendering_other_years_and_citation_block(client):
    tree = page(client, "/clauses/plan-106/1.3.4", "en")
    assert "Unofficial translation" in text(tree.find_class("translation")[0])
    other = tree.find_class("occurrence")[0]
    assert "Unchanged, Moved" in text(other)
    assert other.xpath(".//a/@href")[0] == "/clauses/plan-108/2"
    (file,) = [link for link in other.xpath(".//a[@download]/@href") if link.endswith("format=csv")]
    rows = list(csv.reader(io.StringIO(client.get(file).data.decode("utf-8-sig"))))
    assert len(rows) == 2  # of the whole comparison only this clause
    assert any("研擬最低工資法制。" in cell for cell in rows[1])
    blocks = [text(block) for block in tree.xpath("//pre")]
    assert len(blocks) == 4
    assert all("研擬最低工資法制。" in block and "http://localhost/clauses/plan-106/1.3.4" in block for block in blocks)


def test_compare_shows_what_changed_by_more_than_colour(client):
    tree = page(client, "/compare?from=plan-106&to=plan-108")
    assert [text(one) for one in tree.xpath("//del")] == ["（刪除：研擬）"]
    assert [text(one) for one in tree.xpath("//ins")] == ["（新增：推動）"]
    assert "研擬 → 推動" in text(tree)
    only = page(client, "/compare?from=plan-106&to=plan-108&show=dropped")
    assert [text(one) for one in only.xpath("//section[@class='relations']//li//strong")] == ["刪除"]


def test_one_click_copies_a_whole_citation(client):
    """Every button copies an element that is there to be selected without the script."""
    tree = page(client, "/clauses/plan-106/1.3.4")
    copies = [button.get("data-copies") for button in tree.xpath("//p[@class='copies']//button")]
    assert copies == ["block-zh", "block-en"]
    chinese, english = (tree.get_element_by_id(name).text for name in copies)
    for part in ("機關：勞動部", "計畫名稱：勞動部106年度施政計畫", "年度：民國106年（2017）", "章節：壹、年度施政目標 > 三、",
                 "編號：（四）", "條文：研擬最低工資法制。", "連結：http://localhost/clauses/plan-106/1.3.4", "擷取日期：民國"):  # fmt: skip
        assert part in chinese
    assert "Year: 2017 (ROC 106)" in english
    for button in tree.xpath("//button[@data-copies]"):
        assert tree.get_element_by_id(button.get("data-copies")).text_content()


def test_two_clauses_are_cited_together(client):
    tree = page(client, "/clauses/plan-106/1.3.4")
    pair = tree.get_element_by_id("pair-zh-1").text
    assert "計畫名稱：勞動部106年度施政計畫" in pair
    assert "連結：http://localhost/clauses/plan-108/2" in pair
    assert "關係：不變、移列" in pair
    compared = page(client, "/compare?from=plan-106&to=plan-108", "en")
    blocks = [block.text for block in compared.xpath("//details//pre")]
    assert len(blocks) == 3
    assert "Relation: reworded" in blocks[1]
    assert "no counterpart in this plan" in blocks[0]
    other = client.get("/api/v1/clauses/plan-106/1.3.4").get_json()["other_years"][0]
    assert other["citation_block"]["zh"] == pair
    told = client.get("/api/v1/compare?from=plan-106&to=plan-108&citations=1").get_json()["relations"]
    assert all(one["citation_block"].keys() == {"zh", "en"} for one in told)
    assert "citation_block" not in client.get("/api/v1/compare?from=plan-106&to=plan-108").get_json()["relations"][0]


def test_what_is_not_sure_says_so_in_words(client, shelf, monkeypatch):
    unsure = [replace(one, confidence=0.59) for one in shelf.library.comparison("plan-106", "plan-108").relations[:1]]
    monkeypatch.setattr(shelf.library, "comparison", lambda a, b: Comparison(a, b, tuple(unsure)))
    assert "把握不高，請核對原文" in text(page(client, "/compare?from=plan-106&to=plan-108"))
    assert client.get("/api/v1/compare?from=plan-106&to=plan-108").get_json()["relations"][0]["unsure"] is True
    for form in ("csv", "md"):
        assert "把握不高" in client.get(f"/compare/export?from=plan-106&to=plan-108&format={form}").get_data(
            as_text=True
        )


def test_a_removed_clause_answers_410_with_what_replaced_it(client):
    response = client.get("/clauses/plan-106/1.3.5")
    assert response.status_code == 410
    tree = html.fromstring(response.get_data(as_text=True))
    (replaced,) = tree.xpath("//section[@aria-labelledby='replaced']")
    assert replaced.xpath(".//a/@href") == ["/clauses/plan-106/1.3.4", "/clauses/plan-108/2"]
    assert "合併 把握不高，請核對原文" in text(replaced)
    assert "文字相同" in text(replaced)
    assert text(tree.xpath("//blockquote")[0]) == "（五）研議<b>工時</b>制度。"
    assert client.get("/documents/plan-104").status_code == 410


def test_years_that_are_still_being_compared_are_named(client):
    assert "以下年度還在比對： 108年 2019" in text(page(client, "/clauses/plan-106/1.3"))


def test_english_pages_show_unofficial_names_of_indicators(client):
    cell = page(client, "/indicators", "en").xpath("//tbody//th")[0]
    assert "Number of unions" in text(cell)
    assert "Unofficial translation of 工會數" in text(cell)
    assert "Number of unions" not in text(page(client, "/indicators"))


@pytest.mark.parametrize("form", ["csv", "ods", "xlsx", "docx", "md", "json"])
def test_downloads_of_a_comparison(client, form):
    response = client.get(f"/compare/export?from=plan-106&to=plan-108&format={form}")
    assert response.status_code == 200
    assert response.headers["Content-Disposition"] == f'attachment; filename="plan-106_plan-108.{form}"'
    assert len(response.data) > 100


def test_indicators_show_both_values_status_and_notes(client):
    tree = page(client, "/indicators?status=missed")
    row = tree.xpath("//table//tbody/tr")[0]
    assert [text(cell) for cell in row][3:] == ["0.021‰", "0.023‰", "0.021 / 0.023", "未達成"]
    bar = tree.xpath("//ol[@class='bars']/li")[0]
    assert bar.xpath(".//*[local-name()='rect']/@width") == ["54.76%"]  # 0.023 of 0.021, the target in the middle
    assert "未達成 0.023 / 0.021 · 數值愈低愈好" in text(bar)
    assert "未刊載關鍵績效指標表" in text(tree)
    assert tree.xpath("//nav[@class='narrow']//a[@aria-current]/@href")


def test_verify_tells_the_verdict_and_the_difference(client):
    exact = page(client, "/verify?quote=研擬最低工資法制。")
    assert text(exact.find_class("verdict")[0].find("h2")) == "一字不差"
    assert not exact.xpath("//ins")
    altered = page(client, "/verify?quote=研訂最低工資法制。")
    assert text(altered.find_class("verdict")[0].find("h2")) == "文字有更動"
    assert altered.xpath("//del")
    assert altered.xpath("//ins")


def test_results_as_csv_for_spreadsheets(client):
    response = client.get("/search/export?q=最低工資&format=csv")
    assert response.data.startswith(b"\xef\xbb\xbfrank,")
    rows = list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"))))
    assert rows[0]["text"] == "研擬最低工資法制。"
    assert rows[0]["url"] == "http://localhost/clauses/plan-106/1.3.4"
    assert client.get("/search/export?q=最低工資&format=json").get_json()["total"] == 4
    assert client.get("/search/export?q=最低工資").status_code == 404


def test_every_page_has_its_three_landmarks_and_access_keys(client):
    for address in ("/", "/help", "/compare", "/clauses/plan-106/1.3.4"):
        tree = page(client, address)
        assert [link.get("accesskey") for link in tree.xpath("//a[normalize-space()=':::']")] == ["U", "C", "Z"]


def test_table_rows_show_their_cells(client):
    rows = page(client, "/clauses/plan-106/2").xpath("//table[@class='cells']//tr")
    assert [[text(cell) for cell in row] for row in rows] == [["關鍵績效指標", "工會數"], ["年度目標值", "85%"]]


def test_document_page_is_a_tree_with_anchors(client):
    tree = page(client, "/documents/plan-106")
    assert [text(heading) for heading in tree.xpath("//div[@class='tree']//h2")] == ["壹、年度施政目標"]
    assert [text(heading) for heading in tree.xpath("//div[@class='tree']//h3")] == ["三、推動公平的集體勞資關係"]
    for anchor in tree.xpath("//details//a/@href"):
        assert tree.get_element_by_id(anchor.removeprefix("#")) is not None


@pytest.mark.parametrize("language", ["zh-TW", "en"])
@pytest.mark.parametrize(
    "address",
    [
        "/search?q=%3Cscript%3Ealert(1)%3C/script%3E",
        "/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&section=%3Cscript%3E&document=%22onload=x",
        "/search?q=%3Cscript%3Ealert",
        "/search?q=最低工資",
        "/search?q=x&year=%3Cscript%3E",
        "/clauses/plan-108/1",
        "/clauses/plan-106/1.3.5",
        "/documents/plan-108",
        "/documents",
        "/compare?from=plan-106&to=plan-108&show=all",
        "/verify?quote=%3Cscript%3Ealert(1)%3C/script%3E&section=%22onload=x",
        "/indicators?goal=%3Cscript%3E",
        "/about",
        "/sitemap",
        "/",
    ],
)
def test_nothing_becomes_markup(client, address, language):
    body = client.get(address, headers={"Accept-Language": language}).get_data(as_text=True)
    tree = html.fromstring(body)
    assert tree.xpath("//script[not(@src) and not(@type='application/ld+json')]") == []
    assert tree.xpath("//*[@style or @onload or @onclick]") == []
    assert tree.xpath("//b | //i | //style") == []
    assert "<script>" not in body


@pytest.mark.parametrize(
    "address", ["/", "/search?q=最低工資", "/documents", "/documents/plan-106", "/clauses/plan-106/2"]
)
def test_pages_fetch_nothing_from_elsewhere(client, address):
    tree = page(client, address)
    for fetched in tree.xpath("//link[@rel='stylesheet' or @rel='icon']/@href | //script/@src | //img/@src"):
        assert re.fullmatch(r"/static/[\w.]+\?v=[0-9a-f]{12}", fetched)
        assert client.get(fetched).status_code == 200
    assert len(tree.xpath("//h1")) == 1
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))


def clause(content, marker="", kind="narrative", clause_id="d/1", path=()):
    return Clause(clause_id, "d", kind, marker, path, content, Span(1, 1), 0)


@pytest.mark.parametrize(
    ("content", "highlights", "expected"),
    [
        ("abc", [], [("abc", False)]),
        ("abc", [(1, 2)], [("a", False), ("b", True), ("c", False)]),
        ("abc", [(0, 3)], [("abc", True)]),
        ("abc", [(2, 3), (0, 1)], [("a", True), ("b", False), ("c", True)]),
        ("abc", [(0, 2), (1, 3)], [("ab", True), ("c", True)]),
        ("abc", [(1, 1), (2, 99)], [("ab", False), ("c", True)]),
        ("", [], []),
    ],
)
def test_pieces(content, highlights, expected):
    assert [tuple(piece) for piece in pieces(content, highlights)] == expected


def test_a_long_text_is_shown_around_its_first_highlight():
    shown = excerpt(clause("甲" * 500 + "乙丙" + "甲" * 500), [(500, 502)])
    assert ("乙丙", True) in [tuple(piece) for piece in shown]
    assert "".join(piece.text for piece in shown).strip("…") == "甲" * 80 + "乙丙" + "甲" * 158


def test_a_short_text_is_shown_whole_behind_its_marker():
    assert "".join(piece.text for piece in excerpt(clause("甲", "（一）"), [])) == "（一）甲"
    assert "".join(piece.text for piece in excerpt(clause("甲", "1"), [])) == "1 甲"


def test_heading_levels_never_skip_one():
    clauses = [
        clause("A", kind="heading"),
        clause("b", kind="narrative", path=("A",)),
        clause("C", kind="heading", path=("A", "b")),
        clause("D", kind="heading"),
    ]
    assert [entry.level for entry in outline(clauses)] == [2, 0, 3, 2]


def test_a_path_without_clauses_of_its_own_is_not_linked():
    assert linked_path(clause("x", clause_id="d/1.2", path=("A",))) == [("A", "", "d/1")]
    assert linked_path(clause("x", clause_id="d/p1", path=("A",))) == [("A", "", None)]


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("壹、", "I."), ("拾肆、", "XIV."), ("三、", "3."), ("十二、", "12."), ("（四）", "(4)"), ("(四)", "(4)"), ("1.", "1."),
        ("第三章", "Chapter 3:"), ("第一節", "Section 1:"), ("附錄二", "Appendix 2:"), ("附錄", ""), ("甲、", "1."), ("六", "6."),
        ("A.", "A."), ("", ""), ("＊註", "＊註"),
    ],
)  # fmt: skip
def test_numbers_as_english_readers_write_them(marker, expected):
    assert english_marker(marker) == expected


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("壹、 Annual Policy Goals", "I. Annual Policy Goals"),
        ("六 Encourage enterprises", "6. Encourage enterprises"),
        ("附錄一 List of Indicators", "Appendix 1: List of Indicators"),
        ("Labor Relations Affairs", "Labor Relations Affairs"),
        ("1. Background", "1. Background"),
    ],
)
def test_english_headings(heading, expected):
    assert english_heading(heading) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", []),
        ("plain", [("plain", False)]),
        ("“研擬。” says", [("“", False), ("研擬。", True), ("” says", False)]),
    ],
)
def test_runs_of_chinese(content, expected):
    assert list(runs(content)) == expected
