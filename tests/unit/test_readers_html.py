"""HTML and Markdown: what a reader of the page sees, in order, each character once."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from indexer.errors import UnreadableDocument
from indexer.ledger import missing_characters
from indexer.model import Block
from indexer.readers import read_blocks


def read(folder: Path, source: str, suffix: str = ".html") -> list[Block]:
    path = folder / f"page{suffix}"
    path.write_text(source, encoding="utf-8")
    return read_blocks(path)


def shown(blocks: list[Block]) -> list[tuple[str, str]]:
    """Kind (with the level of a heading) and text; rows of a table with | between cells."""
    rows = {id(block): "\n".join(" | ".join(cell.text for cell in row) for row in block.rows) for block in blocks}
    return [(block.kind + str(block.level or ""), rows[id(block)] or block.text) for block in blocks]


def visible(source: str) -> str:
    """What a page shows, told by its tags alone: the test's own and simple way."""
    source = re.sub(r"(?is)<!--.*?-->|<(script|style|del|template)\b.*?</\1>", "", source)
    return html.unescape(re.sub(r"<[^>]*>", " ", source))


@pytest.mark.parametrize(
    ("source", "blocks"),
    [
        ("<h1>計畫</h1><h3>目標</h3><p>甲。</p>", [("heading1", "計畫"), ("heading3", "目標"), ("paragraph", "甲。")]),
        ("<p>甲<b>乙</b>丙<br>丁。</p>", [("paragraph", "甲乙丙丁。")]),
        ("<p>一、甲。<br/>二、乙。</p>", [("paragraph", "一、甲。"), ("paragraph", "二、乙。")]),
        ("<p>文化\n平權</p><p>open\ndata</p>", [("paragraph", "文化平權"), ("paragraph", "open data")]),
        ("甲。<div>乙。<div>丙。</div>丁。</div>", [("paragraph", "甲。"), ("paragraph", "乙。"), ("paragraph", "丙。"), ("paragraph", "丁。")]),
        ("<ul><li>甲。</li><li>乙。</li></ul>", [("paragraph", "甲。"), ("paragraph", "乙。")]),
        ("<p>&amp;&nbsp;&#x4e00;、甲</p>", [("paragraph", "& 一、甲")]),
        ("<p>甲<script>x</script><style>y</style><!-- z --><del>舊</del>。</p>", [("paragraph", "甲。")]),
        ("<p>甲<span hidden>乙</span><i style='display: none'>丙</i></p>", [("paragraph", "甲")]),
        ("<nav>首頁</nav><p>甲。</p><footer>電話</footer>", [("furniture", "首頁"), ("paragraph", "甲。"), ("furniture", "電話")]),
        ("<p><ruby>曝<rt>ㄆㄨˋ</rt></ruby>險</p>", [("furniture", "ㄆㄨˋ"), ("paragraph", "曝險")]),
        ("<pre>一、甲\n二、乙</pre>", [("paragraph", "一、甲"), ("paragraph", "二、乙")]),
        ("<p>- 甲。</p>", [("furniture", "-"), ("paragraph", "甲。")]),
    ],
    ids=["headings", "inline", "forced line", "wrapped source", "nesting", "bullets", "entities", "unseen", "hidden", "furniture",
         "ruby", "pre", "typed bullet"],
)  # fmt: skip
def test_prose(source: str, blocks: list[tuple[str, str]], tmp_path: Path) -> None:
    assert shown(read(tmp_path, source)) == blocks


@pytest.mark.parametrize(
    ("source", "numbers"),
    [
        ("<ol><li>甲<li>乙</ol>", ["1. 甲", "2. 乙"]),
        ("<ol start=3><li>甲<li value=7>乙<li>丙</ol>", ["3. 甲", "7. 乙", "8. 丙"]),
        ("<ol reversed><li>甲<li>乙</ol>", ["2. 甲", "1. 乙"]),
        ("<ol type=A><li>甲<li>乙</ol>", ["A. 甲", "B. 乙"]),
        ("<ol type=i><li>甲<li>乙</ol>", ["i. 甲", "ii. 乙"]),
        ("<ol style='list-style-type:cjk-ideographic'><li>甲<li>乙</ol>", ["一、甲", "二、乙"]),
        ("<ol style='list-style: trad-chinese-formal'><li>甲</ol>", ["壹、甲"]),
        ("<ol style='list-style:none'><li>甲</ol>", ["甲"]),
        ("<ol><li>甲<ol type=a><li>子<li>丑</ol><li>乙</ol>", ["1. 甲", "a. 子", "b. 丑", "2. 乙"]),
        ("<ol><li><p>甲</p><p>續</p></ol>", ["1. 甲", "續"]),
    ],
)
def test_list_numbers_are_those_on_the_page(source: str, numbers: list[str], tmp_path: Path) -> None:
    assert [block.text for block in read(tmp_path, source)] == numbers


@pytest.mark.parametrize(
    ("source", "blocks"),
    [
        ("<table><tr><th>甲<th>乙<tr><td>1<td>2</table>", [("table", "甲 | 乙\n1 | 2")]),
        ("<table><tr><td rowspan=2>甲<td>1<tr><td>2</table>", [("table", "甲 | 1\n | 2")]),
        ("<table><tr><td colspan=2>甲<td>乙<tr><td>1<td>2<td>3</table>", [("table", "甲 | 乙\n1 | 2 | 3")]),
        ("<table><tr><td>一、甲<br>二、乙<td><p>丙</p><p>丁</p></table>", [("table", "一、甲\n二、乙 | 丙\n丁")]),
        ("<table><caption>表一</caption><tr><td>甲<td>乙</table>", [("paragraph", "表一"), ("table", "甲 | 乙")]),
        ("<table><tfoot><tr><td>尾<td>1</tfoot><tbody><tr><td>身<td>2</tbody><thead><tr><td>頭<td>3</thead></table>",
         [("table", "頭 | 3\n身 | 2\n尾 | 1")]),
        ("<table><tr><td>甲<table><tr><td>子<td>丑</table><td>長長長長長長長長長長</table>", [("table", "甲\n子\n丑 | 長長長長長長長長長長")]),
        ("<table><tr><td><h2>目標</h2><p>文字。</p></td></tr></table>", [("heading2", "目標"), ("paragraph", "文字。")]),
        ("<table role=presentation><tr><td>左<td>右</table>", [("paragraph", "左"), ("paragraph", "右")]),
        ("<table><tr><td>側<td><table><tr><td>甲甲甲<td>乙乙乙<tr><td>1<td>2</table></table>",
         [("paragraph", "側"), ("table", "甲甲甲 | 乙乙乙\n1 | 2")]),
        ("<table><tr><td><ol><li>甲<li>乙</ol><td>丙</table>", [("table", "1. 甲\n2. 乙 | 丙")]),
    ],
    ids=["plain", "merged down", "merged across", "lines", "caption", "parts", "nested", "frame", "presentation", "layout", "list"],
)  # fmt: skip
def test_tables(source: str, blocks: list[tuple[str, str]], tmp_path: Path) -> None:
    assert shown(read(tmp_path, source)) == blocks


def test_merged_cells_keep_their_columns(tmp_path: Path) -> None:
    (table,) = read(tmp_path, "<table><tr><td colspan=2 rowspan=2>甲<td>乙<tr><td>丙<tr><td>1<td>2<td>3</table>")
    assert [[cell.columns for cell in row] for row in table.rows] == [[2, 1], [2, 1], [1, 1, 1]]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ('<meta charset="big5"><p>勞動部</p>'.encode("big5"), "勞動部"),
        ('<?xml version="1.0" encoding="utf-8"?><html><body><p>勞動部</p></body></html>'.encode(), "勞動部"),
        ('<meta charset="big5"><p>勞動部</p>'.encode(), "勞動部"),
        ("<p>一、推動最低工資法制，保障勞工基本生活。</p>".encode("cp950"), "一、推動最低工資法制，保障勞工基本生活。"),
    ],
    ids=["declared", "xhtml", "declared wrongly", "detected"],
)
def test_encodings(raw: bytes, text: str, tmp_path: Path) -> None:
    path = tmp_path / "page.htm"
    path.write_bytes(raw)
    assert [block.text for block in read_blocks(path)] == [text]


def test_lines_of_the_source(tmp_path: Path) -> None:
    blocks = read(tmp_path, "<h1>甲</h1>\n<p>乙</p>\n<table>\n<tr><td>丙</td><td>丁</td></tr></table>")
    assert [block.span.first_line for block in blocks] == [1, 2, 4]


@pytest.mark.parametrize("name", ["mohw-110-plan.html", "motc-109-report.html"])
def test_every_visible_character_is_in_one_block(name: str, root: Path) -> None:
    path = root / "tests" / "fixtures" / "plans" / name
    numbers = {"mohw-110-plan.html": "一、二、A.B."}.get(name, "")  # of automatic lists
    assert missing_characters(visible(path.read_text(encoding="utf-8")) + numbers, read_blocks(path)) == 0


def test_deep_nesting(tmp_path: Path) -> None:
    assert shown(read(tmp_path, "<div>" * 250 + "深" + "</div>" * 250)) == [("paragraph", "深")]
    with pytest.raises(UnreadableDocument, match="over 256 deep"):
        read(tmp_path, "<div>" * 300 + "深" + "</div>" * 300)


@pytest.mark.parametrize(
    ("source", "blocks"),
    [
        ("# 計畫\n\n## 目標\n\n甲。", [("heading1", "計畫"), ("heading2", "目標"), ("paragraph", "甲。")]),
        ("（一）甲。\n（二）乙。", [("paragraph", "（一）甲。"), ("paragraph", "（二）乙。")]),
        ("文化\n平權。", [("paragraph", "文化平權。")]),
        ("open\ndata.", [("paragraph", "open data.")]),
        ("2. 甲\n3. 乙", [("paragraph", "2. 甲"), ("paragraph", "3. 乙")]),
        ("1) 甲\n2) 乙", [("paragraph", "1)甲"), ("paragraph", "2)乙")]),
        ("- 甲\n- 乙", [("paragraph", "甲"), ("paragraph", "乙")]),
        ("    （一）甲。", [("paragraph", "（一）甲。")]),
        ("| 指標 | 目標值 |\n|---|--:|\n| **甲** | 85% |", [("table", "指標 | 目標值\n甲 | 85%")]),
        ("| 內容 | 名 |\n|---|---|\n| 一、甲<br>二、乙 | 丙 |", [("table", "內容 | 名\n一、甲\n二、乙 | 丙")]),
        ("> 引用 [文字](http://example.org) `代碼`", [("paragraph", "引用 文字 代碼")]),
        ("甲[^1]。\n\n[^1]: 資料來源：勞動部。", [("paragraph", "甲[^1]。"), ("paragraph", "[^1]: 資料來源：勞動部。")]),
        ("[甲][a]\n\n[a]: http://example.org\n[b]: #甲", [("paragraph", "甲")]),
        ("| 甲 | 乙 |\n|---|---|\n| 1 | 2 | 3 |\n| 4 |", [("table", "甲 | 乙 | \n1 | 2 | 3\n4 |  | ")]),
        ("甲\n\n|乙|\n|-|\n|1|2|3|4|\n\n丙 | 丁", [("paragraph", "甲"), ("table", "乙 |  |  | \n1 | 2 | 3 | 4"), ("paragraph", "丙 | 丁")]),
        ("``` 甲\n乙\n```\n\n``` python\n丙\n```", [("paragraph", "甲"), ("paragraph", "乙"), ("paragraph", "丙")]),
    ],
    ids=["headings", "clauses", "wrap", "English wrap", "numbers", "brackets", "bullets", "indented", "table", "lines in a cell",
         "inline", "note", "address", "wide row", "wider row", "words of a fence"],
)  # fmt: skip
def test_markdown(source: str, blocks: list[tuple[str, str]], tmp_path: Path) -> None:
    assert shown(read(tmp_path, source, ".md")) == blocks


@pytest.mark.parametrize("name", ["moe-2024-plan.md", "moc-107-plan.md"])
def test_every_character_of_a_markdown_file_is_in_one_block(name: str, root: Path) -> None:
    path = root / "tests" / "fixtures" / "plans" / name
    source = re.sub(r"(?m)^[|:-]+$|^=+$|^#+ |[|*]", "", path.read_text(encoding="utf-8"))  # its marks
    assert missing_characters(source, read_blocks(path)) == 0


def test_markdown_lines(tmp_path: Path) -> None:
    assert [block.span.first_line for block in read(tmp_path, "# 甲\n\n乙\n\n- 丙\n- 丁\n", ".md")] == [1, 3, 5, 6]


def test_tables_within_tables_take_no_time(tmp_path: Path) -> None:
    """Each of 60 nested tables was joined for each above it: 40 s for a page of 31 KB."""
    deep = "<table><tr><td>甲<td>" * 60 + "乙" + "</table>" * 60
    path = tmp_path / "page.html"
    path.write_text(f"<html><body><p>文</p>{deep}</body></html>", encoding="utf-8")
    text = "".join(block.text + "".join(cell.text for row in block.rows for cell in row) for block in read_blocks(path))
    assert "".join(text.split()).count("甲") == 60
