"""DOCX: text as accepted and printed, automatic numbers, merged cells, furniture; each character once."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from indexer.errors import UnreadableDocument
from indexer.ledger import missing_characters
from indexer.model import Block
from indexer.readers import read_blocks

Build = Callable[[Any], None]
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DRAWINGS = (
    f'{nsdecls("a", "c", "r")} xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)


def made(folder: Path, build: Build) -> Path:
    document = Document()
    build(document)
    path = folder / "plan.docx"
    document.save(str(path))
    return path


def shown(blocks: list[Block]) -> list[tuple[str, str]]:
    rows = {id(block): "\n".join(" | ".join(cell.text for cell in row) for row in block.rows) for block in blocks}
    return [
        (block.kind + (str(block.level) if block.level is not None else ""), rows[id(block)] or block.text)
        for block in blocks
    ]


def visible(path: Path) -> str:
    """What a DOCX file prints, told by its tags alone: w:t outside of deletions, in the body, notes and margins."""
    text = ""
    with zipfile.ZipFile(path) as package:
        for name in package.namelist():
            if re.match(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml$", name):
                source = package.read(name).decode()
                source = re.sub(
                    r"(?s)<w:(?:del|moveFrom) .*?</w:(?:del|moveFrom)>|<mc:Fallback>.*?</mc:Fallback>", "", source
                )
                text += " ".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", source))
    return text.replace("&amp;", "&").replace("&lt;", "<")


def body(*elements: str) -> Build:
    """A document of raw paragraphs and tables."""

    def build(document: Any) -> None:
        for source in elements:
            end = document.element.body.sectPr
            end.addprevious(parse_xml(source.replace(">", f" {nsdecls('w', 'wp', 'm')}>", 1)))

    return build


def paragraph(content: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{content}</w:p>"


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (run("推動") + run("甲案。"), "推動甲案。"),
        (run("一、") + "<w:r><w:tab/></w:r>" + run("推動"), "一、推動"),
        (
            "<w:ins>" + run("新增") + "</w:ins><w:del><w:r><w:delText>刪除</w:delText></w:r></w:del>" + run("。"),
            "新增。",
        ),
        ("<w:moveFrom>" + run("移走") + "</w:moveFrom><w:moveTo>" + run("移來") + "</w:moveTo>", "移來"),
        ("<w:r><w:rPr><w:vanish/></w:rPr><w:t>隱藏</w:t></w:r>" + run("可見"), "可見"),
        ('<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>' + run("3"), "3"),
        ('<w:hyperlink w:anchor="a">' + run("連結") + "</w:hyperlink>", "連結"),
        ("<w:sdt><w:sdtContent>" + run("欄位") + "</w:sdtContent></w:sdt>", "欄位"),
        ("<m:oMath><m:r><m:t>x÷y</m:t></m:r></m:oMath>", "x÷y"),
        (run("A") + "<w:r><w:noBreakHyphen/></w:r>" + run("1"), "A-1"),
        ('<w:r><w:br w:type="page"/></w:r>' + run("次頁"), "次頁"),
    ],
    ids=["runs", "tab", "tracked", "moved", "hidden", "field", "link", "control", "formula", "hyphen", "page break"],
)
def test_text(content: str, text: str, tmp_path: Path) -> None:
    path = made(tmp_path, body(paragraph(content)))
    assert [block.text for block in read_blocks(path)] == [text]


def test_forced_line_ends(tmp_path: Path) -> None:
    content = run("一、甲。") + "<w:r><w:br/></w:r>" + run("二、強化") + "<w:r><w:br/></w:r>" + run("乙。")
    assert [block.text for block in read_blocks(made(tmp_path, body(paragraph(content))))] == [
        "一、甲。",
        "二、強化乙。",
    ]


def test_paragraph_whose_end_is_deleted_goes_on(tmp_path: Path) -> None:
    joined = paragraph(run("推動"), "<w:rPr><w:del/></w:rPr>")
    assert [block.text for block in read_blocks(made(tmp_path, body(joined, paragraph(run("甲案。")))))] == [
        "推動甲案。"
    ]


def test_headings_and_furniture(tmp_path: Path) -> None:
    def build(document: Any) -> None:
        document.sections[0].header.paragraphs[0].text = "頁首"
        document.sections[0].footer.paragraphs[0].text = "頁尾"
        document.add_heading("勞動部108年度施政計畫", 0)
        document.styles.add_style("toc 1", 1)
        document.add_paragraph("壹、目標 3", style="toc 1")
        document.add_heading("壹、目標", 1)
        document.add_paragraph("內容。")
        levelled = document.add_paragraph("自訂標題")
        levelled._p.get_or_add_pPr().append(parse_xml(f'<w:outlineLvl {nsdecls("w")} w:val="2"/>'))

    path = made(tmp_path, build)
    assert shown(read_blocks(path)) == [
        ("furniture", "頁首"), ("heading0", "勞動部108年度施政計畫"), ("furniture", "壹、目標 3"), ("heading1", "壹、目標"),
        ("paragraph", "內容。"), ("heading3", "自訂標題"), ("furniture", "頁尾"),
    ]  # fmt: skip
    assert missing_characters(visible(path), read_blocks(path)) == 0


LEVELS = (
    ("taiwaneseCountingThousand", "%1、"),
    ("taiwaneseCounting", "（%2）"),
    ("decimal", "%3."),
    ("decimal", "%3.%4"),
)


def numbering(levels: tuple[tuple[str, str], ...], start: int = 1) -> Build:
    """A list definition with number 77."""

    def build(document: Any) -> None:
        root = document.part.numbering_part.element
        entries = "".join(
            f'<w:lvl w:ilvl="{level}"><w:start w:val="{start if level == 0 else 1}"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
            for level, (form, text) in enumerate(levels)
        )
        root.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{entries}</w:abstractNum>'))
        root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
        root.append(
            parse_xml(
                f'<w:num {nsdecls("w")} w:numId="78"><w:abstractNumId w:val="77"/><w:lvlOverride w:ilvl="0">'
                '<w:startOverride w:val="1"/></w:lvlOverride></w:num>'
            )
        )

    return build


def item(text: str, level: int, list_id: int = 77) -> str:
    return paragraph(run(text), f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>')


@pytest.mark.parametrize(
    ("levels", "items", "texts"),
    [
        (LEVELS, [("甲", 0), ("乙", 1), ("丙", 1), ("丁", 2), ("戊", 3), ("己", 0), ("庚", 1)],
         ["一、甲", "（一）乙", "（二）丙", "1. 丁", "1.1 戊", "二、己", "（一）庚"]),
        ((("ideographLegalTraditional", "%1、"),), [("甲", 0), ("乙", 0)], ["壹、甲", "貳、乙"]),
        ((("ideographTraditional", "%1、"),), [("甲", 0)], ["甲、甲"]),
        ((("decimalEnclosedCircle", "%1"),), [("甲", 0)], ["①甲"]),
        ((("decimalFullWidth", "%1．"),), [("甲", 0)], ["１．甲"]),
        ((("upperRoman", "%1."),), [("甲", 0), ("乙", 0)], ["I. 甲", "II. 乙"]),
        ((("bullet", "●"),), [("甲", 0)], ["甲"]),
        ((("none", ""),), [("甲", 0)], ["甲"]),
    ],
    ids=["levels", "capital", "stem", "circled", "full width", "Roman", "bullet", "none"],
)  # fmt: skip
def test_automatic_numbers(levels: Any, items: list[tuple[str, int]], texts: list[str], tmp_path: Path) -> None:
    def build(document: Any) -> None:
        numbering(levels)(document)
        body(*(item(text, level) for text, level in items))(document)

    assert [block.text for block in read_blocks(made(tmp_path, build))] == texts


def test_lists_of_one_definition_go_on_unless_they_start_anew(tmp_path: Path) -> None:
    def build(document: Any) -> None:
        numbering(LEVELS, start=3)(document)
        body(item("甲", 0), paragraph(run("文。")), item("乙", 0), item("丙", 0, 78), item("丁", 0, 78))(document)

    assert [block.text for block in read_blocks(made(tmp_path, build))] == [
        "三、甲",
        "文。",
        "四、乙",
        "一、丙",
        "二、丁",
    ]


def test_number_of_a_style(tmp_path: Path) -> None:
    def build(document: Any) -> None:
        numbering(LEVELS)(document)
        style = document.styles["Heading 1"].element.get_or_add_pPr()
        style.append(parse_xml(f'<w:numPr {nsdecls("w")}><w:numId w:val="77"/></w:numPr>'))
        document.add_heading("目標", 1)
        document.add_heading("計畫", 1)

    assert shown(read_blocks(made(tmp_path, build))) == [("heading1", "一、目標"), ("heading1", "二、計畫")]


def table(document: Any, rows: list[list[str]]) -> Any:
    drawn = document.add_table(rows=len(rows), cols=len(rows[0]))
    for line, row in zip(drawn.rows, rows, strict=True):
        for cell, text in zip(line.cells, row, strict=True):
            cell.text = text
    return drawn


def test_merged_cells(tmp_path: Path) -> None:
    def build(document: Any) -> None:
        drawn = table(document, [["甲", "", "乙"], ["丙", "丁", "戊"], ["", "己", "庚"]])
        drawn.cell(0, 0).merge(drawn.cell(0, 1))
        drawn.cell(1, 0).merge(drawn.cell(2, 0))

    (block,) = read_blocks(made(tmp_path, build))
    assert [[(cell.text, cell.columns) for cell in row] for row in block.rows] == [
        [("甲", 2), ("乙", 1)], [("丙", 1), ("丁", 1), ("戊", 1)], [("", 1), ("己", 1), ("庚", 1)],
    ]  # fmt: skip


def test_cells_with_paragraphs_and_tables_in_them(tmp_path: Path) -> None:
    def build(document: Any) -> None:
        drawn = table(document, [["甲", "乙"], ["丙", "丁"]])
        drawn.cell(0, 0).add_paragraph("二、續")
        inner = drawn.cell(1, 1).add_table(rows=1, cols=2)
        inner.cell(0, 0).text, inner.cell(0, 1).text = "子", "丑"
        deleted = drawn.rows[1]._tr.get_or_add_trPr()
        deleted.append(parse_xml(f"<w:ins {nsdecls('w')}/>"))

    path = made(tmp_path, build)
    assert shown(read_blocks(path)) == [("table", "甲\n二、續 | 乙\n丙 | 丁\n子\n丑")]
    assert missing_characters(visible(path), read_blocks(path)) == 0


def test_deleted_rows_are_left_out(tmp_path: Path) -> None:
    def build(document: Any) -> None:
        drawn = table(document, [["甲", "乙"], ["丙", "丁"]])
        drawn.rows[1]._tr.get_or_add_trPr().append(parse_xml(f"<w:del {nsdecls('w')}/>"))

    assert shown(read_blocks(made(tmp_path, build))) == [("table", "甲 | 乙")]


def test_text_boxes_are_read_once(tmp_path: Path) -> None:
    box = f"<w:txbxContent>{paragraph(run('方框。'))}</w:txbxContent>"
    alternate = (
        f'<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="wps">{box}'
        f"</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent>"
    )
    path = made(tmp_path, body(paragraph(run("本文。") + f"<w:r>{alternate}</w:r>")))
    assert [block.text for block in read_blocks(path)] == ["本文。", "方框。"]
    assert missing_characters(visible(path), read_blocks(path)) == 0


DRAWN = "<a:sp><a:txBody><a:p><a:r><a:t>甲</a:t></a:r><a:r><a:t>案</a:t></a:r></a:p><a:p><a:r><a:t>乙案</a:t></a:r></a:p></a:txBody></a:sp>"
CHART = (
    f"<c:chartSpace {nsdecls('c', 'a')}><a:p><a:r><a:t>就業人數</a:t></a:r></a:p>"
    "<c:strCache><c:pt><c:v>北部</c:v></c:pt><c:pt><c:v>南部</c:v></c:pt></c:strCache>"
    "<c:strCache><c:pt><c:v>北部</c:v></c:pt></c:strCache></c:chartSpace>"
)


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        (f"<w:drawing>{DRAWN}</w:drawing>", ["甲案", "乙案"]),
        ('<w:pict><v:shape><v:textpath string="草案"/></v:shape></w:pict>', ["草案"]),
        (f"<mc:AlternateContent><mc:Choice/><mc:Fallback><w:drawing>{DRAWN}</w:drawing></mc:Fallback></mc:AlternateContent>", ["甲案", "乙案"]),
        ('<w:drawing><c:chart r:id="rId98"/></w:drawing>', ["就業人數", "北部", "南部"]),
    ],
    ids=["canvas", "word art", "an alternative without words", "chart"],
)  # fmt: skip
@pytest.mark.parametrize("in_cell", [False, True])
def test_words_in_drawings_are_read_once(content: str, texts: list[str], in_cell: bool, tmp_path: Path) -> None:
    source = paragraph(run("本文。") + f"<w:r>{content}</w:r>")
    source = f"<w:tbl><w:tr><w:tc>{source}</w:tc></w:tr></w:tbl>" if in_cell else source
    path = made(tmp_path, body(source.replace(">", f" {DRAWINGS}>", 1)))
    rewrite(path, {
        "word/charts/chart1.xml": lambda _: CHART,
        "word/_rels/document.xml.rels": lambda text: text.replace(
            "</Relationships>", f'<Relationship Id="rId98" Type="{OFFICE}/chart" Target="charts/chart1.xml"/></Relationships>'
        ),
    })  # fmt: skip
    (block,) = blocks if len(blocks := read_blocks(path)) == 1 else (None,)
    read = block.rows[0][0].text.split("\n") if block else [block.text for block in blocks]
    assert read == ["本文。", *texts]


@pytest.mark.parametrize("in_cell", [False, True])
def test_the_last_paragraph_of_a_part_stays_there_when_its_end_is_deleted(in_cell: bool, tmp_path: Path) -> None:
    last = paragraph(run("甲"), "<w:rPr><w:del/></w:rPr>")
    after = f"<w:tc>{paragraph(run('乙'))}</w:tc></w:tr></w:tbl>{paragraph(run('丙'))}"
    source = f"<w:body><w:tbl><w:tr><w:tc>{last}</w:tc>{after}</w:body>" if in_cell else last
    assert shown(read_blocks(made(tmp_path, body(source)))) == (
        [("table", "甲 | 乙"), ("paragraph", "丙")] if in_cell else [("paragraph", "甲")]
    )


def test_footnotes_are_furniture(tmp_path: Path) -> None:
    path = made(tmp_path, body(paragraph(run("本文。"))))
    note = f'<w:footnotes {nsdecls("w")}><w:footnote w:id="2">{paragraph(run("註腳說明。"))}</w:footnote></w:footnotes>'
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    rewrite(path, {
        "word/footnotes.xml": lambda _: note,
        "[Content_Types].xml": lambda text: text.replace("</Types>", f'<Override PartName="/word/footnotes.xml" ContentType="{kind}"/></Types>'),
        "word/_rels/document.xml.rels": lambda text: text.replace(
            "</Relationships>",
            '<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"'
            ' Target="footnotes.xml"/></Relationships>',
        ),
    })  # fmt: skip
    assert shown(read_blocks(path)) == [("paragraph", "本文。"), ("furniture", "註腳說明。")]
    assert missing_characters(visible(path), read_blocks(path)) == 0


def rewrite(path: Path, parts: dict[str, Callable[[str], str]]) -> None:
    with zipfile.ZipFile(path) as package:
        contents = {name: package.read(name) for name in package.namelist()}
    for name, change in parts.items():
        contents[name] = change(contents.get(name, b"").decode()).encode()
    with zipfile.ZipFile(path, "w") as package:
        for name, content in contents.items():
            package.writestr(name, content)


def test_truncated_file(tmp_path: Path) -> None:
    path = made(tmp_path, body(paragraph(run("本文。"))))
    path.write_bytes(path.read_bytes()[:-300])
    with pytest.raises(UnreadableDocument, match=r"plan\.docx: damaged"):
        read_blocks(path)


def test_merge_marks_of_word(tmp_path: Path) -> None:
    def build(document: Any) -> None:
        drawn = table(document, [["甲", "乙"], ["殘留", "丙"]])
        for cell, mark in ((drawn.cell(0, 0), "restart"), (drawn.cell(1, 0), None)):
            merge = cell._tc.get_or_add_tcPr()._add_vMerge()
            if mark:
                merge.set(qn("w:val"), mark)

    (block,) = read_blocks(made(tmp_path, build))
    assert [[cell.text for cell in row] for row in block.rows] == [["甲", "乙"], ["", "丙"]]
