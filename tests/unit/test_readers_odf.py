"""ODT and ODS: text as accepted and printed, automatic numbers, merged cells, furniture; each character once."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import odfdo
import pytest

from indexer.errors import UnreadableDocument
from indexer.ledger import missing_characters
from indexer.model import Block
from indexer.readers import read_blocks

LISTS = """
<text:list-style style:name="L1">
  <text:list-level-style-number text:level="1" style:num-format="一, 二, 三, ..." style:num-suffix="、"/>
  <text:list-level-style-number text:level="2" style:num-format="一, 二, 三, ..." style:num-prefix="（" style:num-suffix="）"/>
  <text:list-level-style-number text:level="3" style:num-format="1" style:num-suffix="." text:start-value="5"/>
  <text:list-level-style-number text:level="4" style:num-format="1" style:num-suffix="." text:display-levels="2"/>
</text:list-style>
<text:list-style style:name="L2"><text:list-level-style-bullet text:level="1" text:bullet-char="●"/></text:list-style>
<text:list-style style:name="L3">
  <text:list-level-style-number text:level="1" style:num-format="壹, 貳, 參, ..." style:num-suffix="、"/>
</text:list-style>
<style:style style:name="P1" style:family="paragraph" style:list-style-name="L3"/>
<style:style style:name="P2" style:family="paragraph" style:parent-style-name="Title"/>
"""


def made(folder: Path, body: str, name: str = "plan.odt", margins: str = "") -> Path:
    """A file with a raw body, written over an empty document of odfdo's."""
    path = folder / name
    odfdo.Document("text" if name.endswith("odt") else "spreadsheet").save(str(path))
    with zipfile.ZipFile(path) as package:
        parts = {part: package.read(part) for part in package.namelist()}
    content = parts["content.xml"].decode()
    kind = "text" if name.endswith("odt") else "spreadsheet"
    content = re.sub(rf"(?s)<office:{kind}>.*</office:{kind}>", f"<office:{kind}>{body}</office:{kind}>", content)
    content = re.sub(r"<office:automatic-styles/>|(?s:<office:automatic-styles>.*</office:automatic-styles>)",
                     f"<office:automatic-styles>{LISTS}</office:automatic-styles>", content)  # fmt: skip
    parts["content.xml"] = content.encode()
    styles = parts["styles.xml"].decode()
    parts["styles.xml"] = re.sub(
        r"(<style:master-page [^>]*?)/>", rf"\1>{margins}</style:master-page>", styles, count=1
    ).encode()
    with zipfile.ZipFile(path, "w") as package:
        for part, raw in parts.items():
            package.writestr(part, raw)
    return path


def shown(blocks: list[Block]) -> list[tuple[str, str]]:
    rows = {id(block): "\n".join(" | ".join(cell.text for cell in row) for row in block.rows) for block in blocks}
    return [
        (block.kind + (str(block.level) if block.level is not None else ""), rows[id(block)] or block.text)
        for block in blocks
    ]


def visible(path: Path) -> str:
    """What an ODF file prints, told by its tags alone: the body and the margins without deletions and annotations."""
    with zipfile.ZipFile(path) as package:
        content, styles = package.read("content.xml").decode(), package.read("styles.xml").decode()
    margins = re.findall(r"(?s)<style:(?:header|footer)>.*?</style:(?:header|footer)>", styles)
    source = content[content.index("<office:body>") :] + (" ".join(margins) if path.suffix == ".odt" else "")
    source = re.sub(r"(?s)<(text:tracked-changes|office:annotation|svg:title)\b.*?</\1>", "", source)
    return re.sub(r"<[^>]*>", " ", source)


@pytest.mark.parametrize(
    ("body", "blocks"),
    [
        ("<text:p>推動<text:span>甲</text:span>案。</text:p>", [("paragraph", "推動甲案。")]),
        ('<text:p>第一節<text:s text:c="3"/>前言<text:tab/>文字</text:p>', [("paragraph", "第一節 前言 文字")]),
        ("<text:p>一、甲。<text:line-break/>二、強化<text:line-break/>乙。</text:p>", [("paragraph", "一、甲。"), ("paragraph", "二、強化乙。")]),
        ('<text:h text:outline-level="1">壹、目標</text:h><text:h text:outline-level="3">前言</text:h>', [("heading1", "壹、目標"), ("heading3", "前言")]),
        ('<text:p text:style-name="P2">計畫</text:p><text:p text:style-name="Title">副題</text:p>', [("heading0", "計畫"), ("heading0", "副題")]),
        ('<text:tracked-changes><text:changed-region><text:deletion><text:p>刪除</text:p></text:deletion></text:changed-region></text:tracked-changes>'
         '<text:p>新<text:change-start text:change-id="a"/>增<text:change-end text:change-id="a"/><text:change text:change-id="b"/>。</text:p>',
         [("paragraph", "新增。")]),
        ('<text:p>本文<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>註腳</text:p></text:note-body></text:note>。</text:p>',
         [("paragraph", "本文。"), ("furniture", "1註腳")]),
        ("<text:p>甲<office:annotation><text:p>意見</text:p></office:annotation>乙</text:p>", [("paragraph", "甲乙")]),
        ("<text:p><text:ruby><text:ruby-base>曝</text:ruby-base><text:ruby-text>ㄆㄨˋ</text:ruby-text></text:ruby>險</text:p>",
         [("paragraph", "曝險"), ("furniture", "ㄆㄨˋ")]),
        ("<text:p>本文。<draw:frame><draw:text-box><text:p>方框。</text:p></draw:text-box><svg:title>圖</svg:title></draw:frame></text:p>",
         [("paragraph", "本文。"), ("paragraph", "方框。")]),
        ("<text:table-of-content><text:index-body><text:p>壹、目標 3</text:p></text:index-body></text:table-of-content><text:p>文。</text:p>",
         [("furniture", "壹、目標 3"), ("paragraph", "文。")]),
        ("<text:section><text:p>節內。</text:p></text:section><text:section text:display='none'><text:p>隱藏。</text:p></text:section>",
         [("paragraph", "節內。")]),
    ],
    ids=["spans", "blanks", "forced lines", "headings", "title", "tracked", "note", "annotation", "ruby", "text box", "contents", "section"],
)  # fmt: skip
def test_text(body: str, blocks: list[tuple[str, str]], tmp_path: Path) -> None:
    path = made(tmp_path, body)
    assert shown(read_blocks(path)) == blocks
    if "none" not in body:
        assert missing_characters(visible(path), read_blocks(path)) == 0


def test_margins_are_furniture(tmp_path: Path) -> None:
    margins = "<style:header><text:p>頁首</text:p></style:header><style:footer><text:p>頁尾</text:p></style:footer>"
    path = made(tmp_path, "<text:p>文。</text:p>", margins=margins)
    assert shown(read_blocks(path)) == [("furniture", "頁首"), ("paragraph", "文。"), ("furniture", "頁尾")]
    assert missing_characters(visible(path), read_blocks(path)) == 0


def listed(*items: str, style: str = "L1", attributes: str = "") -> str:
    return f'<text:list text:style-name="{style}" {attributes}>{"".join(f"<text:list-item>{item}</text:list-item>" for item in items)}</text:list>'


def p(text: str) -> str:
    return f"<text:p>{text}</text:p>"


@pytest.mark.parametrize(
    ("body", "texts"),
    [
        (listed(p("甲"), p("乙")), ["一、甲", "二、乙"]),
        (listed(p("甲") + f"<text:list><text:list-item>{p('子')}</text:list-item><text:list-item>{p('丑')}</text:list-item></text:list>", p("乙")),
         ["一、甲", "（一）子", "（二）丑", "二、乙"]),
        (listed(f"<text:list><text:list-item><text:list><text:list-item>{p('甲')}</text:list-item></text:list></text:list-item></text:list>"),
         ["5. 甲"]),
        (listed(p("甲")) + listed(p("乙")), ["一、甲", "一、乙"]),
        (listed(p("甲")) + p("文。") + listed(p("乙"), attributes='text:continue-numbering="true"'), ["一、甲", "文。", "二、乙"]),
        (listed(p("甲"), attributes='xml:id="x"') + listed(p("乙"), style="L3") + listed(p("丙"), attributes='text:continue-list="x"'),
         ["一、甲", "壹、乙", "二、丙"]),
        (listed(p("甲"), style="L2"), ["甲"]),
        ("<text:list text:style-name='L1'><text:list-header><text:p>標</text:p></text:list-header><text:list-item text:start-value='4'>"
         "<text:p>甲</text:p><text:p>續</text:p></text:list-item></text:list>", ["標", "四、甲", "續"]),
        ("<text:list><text:list-item><text:p text:style-name='P1'>甲</text:p></text:list-item></text:list>", ["壹、甲"]),
        (listed("<text:h text:outline-level='1'>目標</text:h>"), ["一、目標"]),
    ],
    ids=["plain", "nested", "deep", "anew", "goes on", "goes on with", "bullets", "header and start", "of the paragraph", "heading"],
)  # fmt: skip
def test_automatic_numbers(body: str, texts: list[str], tmp_path: Path) -> None:
    assert [block.text for block in read_blocks(made(tmp_path, body))] == texts


@pytest.mark.parametrize(
    ("headings", "texts"),
    [
        ([(1, "總論"), (2, "背景"), (1, "分論"), (2, "細節")], ["1. 總論", "1.1. 背景", "2. 分論", "2.1. 細節"]),
        ([(1, "計畫"), (2, "目標"), (2, "經費")], ["計畫", "目標", "經費"]),
        ([(1, "壹、目標"), (1, "附錄")], ["壹、目標", "附錄"]),
    ],
    ids=["counted", "a lone title", "numbers of their own"],
)
def test_outline_numbers(headings: list[tuple[int, str]], texts: list[str], tmp_path: Path) -> None:
    body = "".join(f'<text:h text:outline-level="{level}">{text}</text:h>' for level, text in headings)
    assert [block.text for block in read_blocks(made(tmp_path, body))] == texts


def cell(text: str, attributes: str = "") -> str:
    return f"<table:table-cell {attributes}>{''.join(p(line) for line in text.split('/'))}</table:table-cell>"


COVERED = "<table:covered-table-cell/>"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([cell("甲") + cell("乙"), cell("丙/丁") + cell("戊")], [[("甲", 1), ("乙", 1)], [("丙\n丁", 1), ("戊", 1)]]),
        ([cell("甲", 'table:number-columns-spanned="2"') + COVERED + cell("乙"), cell("1") + cell("2") + cell("3")],
         [[("甲", 2), ("乙", 1)], [("1", 1), ("2", 1), ("3", 1)]]),
        ([cell("甲", 'table:number-rows-spanned="2"') + cell("1"), COVERED + cell("2")], [[("甲", 1), ("1", 1)], [("", 1), ("2", 1)]]),
        ([cell("甲") + cell("同", 'table:number-columns-repeated="2"')], [[("甲", 1), ("同", 1), ("同", 1)]]),
    ],
    ids=["plain", "merged across", "merged down", "repeated"],
)  # fmt: skip
def test_tables(rows: list[str], expected: list[list[tuple[str, int]]], tmp_path: Path) -> None:
    header = f"<table:table-header-rows><table:table-row>{rows[0]}</table:table-row></table:table-header-rows>"
    body = (
        f"<table:table>{header}{''.join(f'<table:table-row>{row}</table:table-row>' for row in rows[1:])}</table:table>"
    )
    (table,) = read_blocks(made(tmp_path, body))
    assert [[(entry.text, entry.columns) for entry in row] for row in table.rows] == expected


def test_nested_table_is_text_of_its_cell(tmp_path: Path) -> None:
    inner = f"<table:table><table:table-row>{cell('子')}{cell('丑')}</table:table-row></table:table>"
    body = f"<table:table><table:table-row>{cell('甲')}<table:table-cell>{inner}</table:table-cell></table:table-row></table:table>"
    path = made(tmp_path, body)
    assert shown(read_blocks(path)) == [("table", "甲 | 子\n丑")]
    assert missing_characters(visible(path), read_blocks(path)) == 0


EMPTY_ROWS = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'


def sheet(name: str, *rows: str) -> str:
    return f'<table:table table:name="{name}">{"".join(f"<table:table-row>{row}</table:table-row>" for row in rows)}{EMPTY_ROWS}</table:table>'


def test_sheets(tmp_path: Path) -> None:
    end = '<table:table-cell table:number-columns-repeated="16380"/>'
    first = sheet("績效指標", cell("勞動部113年度施政計畫") + end, cell("績效指標") + cell("目標值") + end, cell("媒合率") + cell("60%") + end,
                  cell("註：以年底計。") + end)  # fmt: skip
    path = made(tmp_path, first + sheet("工作表2", cell("甲") + cell("乙")) + sheet("空白"), "plan.ods")
    assert shown(read_blocks(path)) == [
        ("heading1", "績效指標"), ("paragraph", "勞動部113年度施政計畫"), ("table", "績效指標 | 目標值\n媒合率 | 60%"),
        ("paragraph", "註：以年底計。"), ("furniture", "工作表2"), ("table", "甲 | 乙"),
    ]  # fmt: skip
    assert missing_characters(visible(path) + "績效指標工作表2", read_blocks(path)) == 0


def test_what_stands_in_and_beside_the_cells_of_a_sheet(tmp_path: Path) -> None:
    box = "<draw:frame><draw:text-box><text:p>框</text:p></draw:text-box></draw:frame>"
    shapes = f"<table:shapes>{box}<draw:custom-shape><text:p>圖</text:p></draw:custom-shape></table:shapes>"
    note = "<text:note><text:note-body><text:p>註</text:p></text:note-body></text:note>"
    hidden = "<office:annotation><text:p>便條</text:p></office:annotation>"
    rows = (
        f"<table:table-cell><text:p>甲{note}</text:p></table:table-cell><table:table-cell>{hidden}<text:p>乙</text:p>{box}</table:table-cell>",
        '<table:table-cell office:value-type="string" office:string-value="丙"/>'
        + cell("丁", 'office:string-value="丁"'),
    )
    source = sheet("工作表1", *rows).replace('"工作表1">', f'"工作表1">{shapes}')
    assert shown(read_blocks(made(tmp_path, source, "plan.ods"))) == [
        ("furniture", "註"), ("furniture", "工作表1"), ("table", "甲 | 乙\n框\n丙 | 丁"), ("paragraph", "框"), ("paragraph", "圖"),
    ]  # fmt: skip


def test_equal_rows_pack_well_and_are_no_bomb(tmp_path: Path) -> None:
    path = made(tmp_path, sheet("計畫", *([cell("甲") + cell("乙")] * 20_000)), "plan.ods")
    with zipfile.ZipFile(path) as package:
        parts = {part: package.read(part) for part in package.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for part, content in parts.items():
            package.writestr(part, content)
        member = package.getinfo("content.xml")
        assert member.file_size > 200 * member.compress_size
    [_, table] = read_blocks(path)
    assert len(table.rows) == 20_000


@pytest.mark.parametrize("name", ["plan.odt", "plan.ods"])
def test_broken_files(name: str, tmp_path: Path) -> None:
    path = made(tmp_path, "", name)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UnreadableDocument, match=f"{name}: damaged"):
        read_blocks(path)
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        package.writestr("content.xml", b"\x00\x01 encrypted")
    with pytest.raises(UnreadableDocument, match=f"{name}: damaged"):
        read_blocks(path)
