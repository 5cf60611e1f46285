"""PDF: paragraphs from printed lines, ruled tables over pages, furniture, pages without text; each glyph once."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from indexer.clauses import parse_clauses
from indexer.errors import UnreadableDocument
from indexer.ledger import missing_characters
from indexer.model import Block
from indexer.readers import read_blocks
from indexer.readers.pdf import NO_TEXT_LAYER
from tests.properties.printed import Heading, Paragraph, Printed, Table
from tests.properties.rendering import write_html, write_pdf

from ..faults.makers import pdf

WIDTH, HEIGHT = 595, 842
Text = tuple[float, float, float, str]  # left, top, size, text
Rule = tuple[float, float, float, float]  # from left, top to left, top


def raw_pdf(path: Path, *pages: Sequence[Text | Rule], before: str = "q") -> Path:
    """A PDF in Helvetica, drawn piece by piece; points from the top left corner. ``before`` may turn the space."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for pieces in pages:
        drawing = "\n".join([before, *(_drawn(piece) for piece in pieces), "Q"])
        objects.append(f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents {len(objects)} 0 R"
            " /Resources << /Font << /F 3 0 R >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out = "%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    trailer = (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer << /Size {len(objects) + 1} /Root 1 0 R >>\n"
    )
    path.write_bytes(f"{out}{trailer}startxref\n{len(out)}\n%%EOF\n".encode("latin-1"))
    return path


def _drawn(piece: Text | Rule) -> str:
    first, top, third, last = piece
    if isinstance(last, str):
        return f"BT /F {third} Tf {first} {HEIGHT - top - third} Td ({last}) Tj ET"
    return f"{first} {HEIGHT - top} m {third} {HEIGHT - last} l S"


def lines(left: float, top: float, *texts: str, size: float = 10, pitch: float = 14) -> list[Text]:
    return [(left, top + index * pitch, size, text) for index, text in enumerate(texts)]


def shown(blocks: list[Block]) -> list[tuple[str, str]]:
    rows = {id(block): "\n".join(" | ".join(cell.text for cell in row) for row in block.rows) for block in blocks}
    return [
        (block.kind + (str(block.level) if block.level is not None else ""), rows[id(block)] or block.text)
        for block in blocks
    ]


def visible(path: Path) -> str:
    """All characters of a PDF as PDFium gives them, page by page, lines joined without a thought."""
    document = pypdfium2.PdfDocument(path)
    return (
        "".join(page.get_textpage().get_text_range() for page in document).replace("\ufffe", "-").replace("\x02", "-")
    )


FULL = (
    "The Ministry protects the rights of workers and promotes safe and healthy work in all branches of industry",
    "and agriculture. It drafts the rules for a minimum wage that covers the basic needs of all workers and of",
    "their families.",
)


@pytest.mark.parametrize(
    ("pages", "blocks"),
    [
        ([lines(50, 100, *FULL)], [("paragraph", " ".join(FULL))]),
        (
            [[*lines(50, 100, *FULL), *lines(50, 170, *FULL)]],
            [("paragraph", " ".join(FULL)), ("paragraph", " ".join(FULL))],
        ),
        (
            [lines(50, 100, "1. First item.", "2. Second item.")],
            [("paragraph", "1. First item."), ("paragraph", "2. Second item.")],
        ),
        (
            [lines(50, 100, "It protects the rights of all workers.", "It promotes safe and healthy work.", pitch=30)],
            [
                ("paragraph", "It protects the rights of all workers."),
                ("paragraph", "It promotes safe and healthy work."),
            ],
        ),
        (
            [lines(50, 100, "Short line", "another short line")],
            [("paragraph", "Short line"), ("paragraph", "another short line")],
        ),
        (
            [[(50, 80, 20, "Annual Plan"), (50, 120, 14, "Goals"), *lines(50, 150, *FULL)]],
            [("heading1", "Annual Plan"), ("heading2", "Goals"), ("paragraph", " ".join(FULL))],
        ),
        ([lines(50, 700, *FULL[:2]), lines(50, 50, FULL[2])], [("paragraph", " ".join(FULL))]),
        (
            [lines(50, 700, *FULL), lines(50, 50, "Next page.")],
            [("paragraph", " ".join(FULL)), ("paragraph", "Next page.")],
        ),
        (
            [
                [*lines(50, 100, *FULL), (50, 20, 9, "Labour Plan"), (280, 820, 9, "- 1 -")],
                [*lines(50, 100, *FULL), (50, 20, 9, "Labour Plan"), (280, 820, 9, "- 2 -")],
            ],
            [
                ("furniture", "Labour Plan"),
                ("furniture", "- 1 -"),
                ("furniture", "Labour Plan"),
                ("paragraph", " ".join(FULL)),
                ("furniture", "- 2 -"),
                ("paragraph", " ".join(FULL)),
            ],
        ),
        (
            [[(50, 820, 9, "Page 1 of 9"), *lines(50, 100, *FULL)]],
            [("furniture", "Page 1 of 9"), ("paragraph", " ".join(FULL))],
        ),
    ],
    ids=[
        "wrapped",
        "gap",
        "numbers",
        "sentences",
        "short lines",
        "sizes",
        "over a page",
        "ends with a page",
        "margins",
        "page number",
    ],
)
def test_prose(pages: list[list[Text]], blocks: list[tuple[str, str]], tmp_path: Path) -> None:
    path = raw_pdf(tmp_path / "plan.pdf", *pages)
    assert shown(read_blocks(path)) == blocks
    assert missing_characters(visible(path), read_blocks(path)) == 0


def grid(lefts: Sequence[float], tops: Sequence[float], bottom: bool = True, top: bool = True) -> list[Rule]:
    """The rules of a table; without its last or first one where a page break cuts it."""
    across = tops[None if top else 1 : None if bottom else -1]
    return [(lefts[0], y, lefts[-1], y) for y in across] + [(x, tops[0], x, tops[-1]) for x in lefts]


HEADER: list[Text] = [(55, 105, 10, "Key Project"), (155, 105, 10, "Implementation")]


@pytest.mark.parametrize(
    ("pages", "blocks"),
    [
        (
            [
                [
                    *grid((50, 150, 300), (100, 120, 160)),
                    *HEADER,
                    (55, 125, 10, "Campus"),
                    (155, 125, 10, "1. Connect schools."),
                    (155, 140, 10, "2. Renew."),
                ]
            ],
            [("table", "Key Project | Implementation\nCampus | 1. Connect schools.\n2. Renew.")],
        ),
        (
            [
                [
                    *grid((50, 150, 300), (100, 120, 160)),
                    *HEADER,
                    (55, 125, 10, "Campus"),
                    (155, 125, 10, "Connect all the remote schools"),
                    (155, 140, 10, "in the mountains."),
                ]
            ],
            [("table", "Key Project | Implementation\nCampus | Connect all the remote schools in the mountains.")],
        ),
        (
            [
                [
                    *lines(50, 60, "1. Before."),
                    *grid((50, 150, 300), (100, 120, 160)),
                    *HEADER,
                    (55, 125, 10, "Campus"),
                    *lines(50, 200, "2. After."),
                ]
            ],
            [
                ("paragraph", "1. Before."),
                ("table", "Key Project | Implementation\nCampus | "),
                ("paragraph", "2. After."),
            ],
        ),
        (
            [
                [
                    *grid((50, 150, 300), (100, 120, 800), bottom=False),
                    *HEADER,
                    (55, 780, 10, "Campus and"),
                    (155, 780, 10, "Connect all the remote schools"),
                ],
                [
                    *grid((50, 150, 300), (30, 50, 90, 130)),
                    (55, 35, 10, "Key Project"),
                    (155, 35, 10, "Implementation"),
                    (55, 55, 10, "dormitories"),
                    (155, 55, 10, "in the mountains."),
                    (55, 95, 10, "Safety"),
                    (155, 95, 10, "Inspect."),
                ],
            ],
            [
                (
                    "table",
                    "Key Project | Implementation\nCampus and dormitories | Connect all the remote schools in the mountains.",
                ),
                ("table", "Key Project | Implementation\nSafety | Inspect."),
            ],
        ),
        (
            [
                [
                    *grid((50, 150, 300), (100, 120, 800), bottom=False),
                    *HEADER,
                    (55, 780, 10, "Campus and"),
                    (155, 780, 10, "Connect all the remote schools"),
                ],
                [
                    *grid((50, 150, 300), (30, 70, 110), top=False),
                    (55, 35, 10, "dormitories"),
                    (155, 35, 10, "in the mountains."),
                    (55, 75, 10, "Safety"),
                ],
            ],
            [
                (
                    "table",
                    "Key Project | Implementation\nCampus and dormitories | Connect all the remote schools in the mountains.",
                ),
                ("table", "Safety | "),
            ],
        ),
        (
            [[*grid((50, 300), (100, 120)), (55, 105, 10, "A frame is no table.")]],
            [("paragraph", "A frame is no table.")],
        ),
        (
            [
                [
                    *grid((50, 150, 300), (100, 120, 160, 200))[:-3],
                    (50, 100, 50, 200),
                    (300, 100, 300, 200),
                    (150, 100, 150, 160),
                    *HEADER,
                    (55, 165, 10, "Note: all."),
                ]
            ],
            [("table", "Key Project | Implementation\n | \nNote: all.")],
        ),
    ],
    ids=["items", "wrapped", "between prose", "cut, header repeated", "cut, no header", "frame", "merged across"],
)
def test_tables(pages: list[list[Text | Rule]], blocks: list[tuple[str, str]], tmp_path: Path) -> None:
    path = raw_pdf(tmp_path / "plan.pdf", *pages)
    assert shown(read_blocks(path)) == blocks
    assert missing_characters(visible(path), read_blocks(path)) == 0


@pytest.mark.parametrize(
    ("rotation", "turn"),
    [
        (90, "0 1 -1 0 595 0"),
        (180, "-1 0 0 -1 595 842"),
        (270, "0 -1 1 0 0 842"),
    ],
)
def test_turned_pages(rotation: int, turn: str, tmp_path: Path) -> None:
    """A page that is drawn sideways and turned for showing; tables too wide for a page stand like that."""
    pieces = [*grid((50, 150, 300), (300, 320, 360)), (55, 305, 10, "Key Project"), (155, 305, 10, "Implementation"),
              (55, 325, 10, "Campus"), *lines(50, 400, "1. After the table.")]  # fmt: skip
    raw = raw_pdf(tmp_path / "raw.pdf", pieces, before=f"q {turn} cm")
    document = pypdfium2.PdfDocument(raw)
    document[0].set_rotation(rotation)
    document.save(tmp_path / "plan.pdf")
    assert shown(read_blocks(tmp_path / "plan.pdf")) == [
        ("table", "Key Project | Implementation\nCampus | "), ("paragraph", "1. After the table."),
    ]  # fmt: skip


def test_pages_and_lines_are_told(tmp_path: Path) -> None:
    path = raw_pdf(tmp_path / "plan.pdf", lines(50, 100, "1. First."), lines(50, 100, "2. Second.", "3. Third."))
    assert [(block.span.first_line, block.span.page) for block in read_blocks(path)] == [(1, 1), (2, 2), (3, 2)]


def scan(path: Path) -> Path:
    Image.new("L", (300, 400), 200).save(path)
    return path


def joined(path: Path, *parts: Path) -> Path:
    document = pypdfium2.PdfDocument.new()
    for part in parts:
        document.import_pages(pypdfium2.PdfDocument(part))
    document.save(path)
    return path


def test_only_scans(tmp_path: Path) -> None:
    path = joined(tmp_path / "plan.pdf", scan(tmp_path / "a.pdf"), scan(tmp_path / "b.pdf"))
    with pytest.raises(UnreadableDocument, match=r"no text layer on any of its 2 pages\. Give a PDF"):
        read_blocks(path)


def test_a_scan_among_pages_is_damaged_and_says_so(tmp_path: Path) -> None:
    text = raw_pdf(tmp_path / "text.pdf", lines(50, 100, "1. First."))
    path = joined(tmp_path / "plan.pdf", text, scan(tmp_path / "scan.pdf"), text)
    assert shown(read_blocks(path)) == [
        ("paragraph", "1. First."),
        ("damaged", NO_TEXT_LAYER),
        ("paragraph", "1. First."),
    ]
    clauses, _, account = parse_clauses(read_blocks(path), "d")
    assert [(clause.clause_id, clause.damaged) for clause in clauses] == [
        ("d/1", False),
        ("d/page2", True),
        ("d/2", False),
    ]
    assert account.missing == 0


def test_a_scan_with_a_page_number_is_a_scan(tmp_path: Path) -> None:
    document = pypdfium2.PdfDocument(raw_pdf(tmp_path / "text.pdf", [(280, 820, 9, "- 12 -")], lines(50, 100, *FULL)))
    picture = pypdfium2.PdfImage.new(document)
    picture.set_bitmap(pypdfium2.PdfBitmap.from_pil(Image.new("L", (300, 400), 200)))
    picture.set_matrix(pypdfium2.PdfMatrix().scale(WIDTH, HEIGHT))
    page = document[0]
    page.insert_obj(picture)
    page.gen_content()
    document.save(tmp_path / "plan.pdf")
    assert shown(read_blocks(tmp_path / "plan.pdf")) == [
        ("furniture", "- 12 -"), ("damaged", NO_TEXT_LAYER), ("paragraph", " ".join(FULL)),
    ]  # fmt: skip


def test_blank_pages_are_nothing(tmp_path: Path) -> None:
    path = raw_pdf(tmp_path / "plan.pdf", [], lines(50, 100, "1. First."), [])
    assert shown(read_blocks(path)) == [("paragraph", "1. First.")]


def test_empty_document(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match=r"plan\.pdf: no text layer"):
        read_blocks(raw_pdf(tmp_path / "plan.pdf", []))


def test_strips_are_damaged(tmp_path: Path) -> None:
    strips = ["protect", ", and pr", "omote th", "e rights", ". It dra", "fts the ", "rules fo", "r a mini", "mum wage"]
    path = raw_pdf(tmp_path / "plan.pdf", lines(50, 100, *strips), lines(50, 100, *FULL, *FULL))
    assert [kind for kind, _ in shown(read_blocks(path))] == ["damaged", "paragraph", "paragraph"]
    assert read_blocks(path)[0].text == "\n".join(text.strip() for text in strips)


@pytest.mark.parametrize(
    ("kids", "count", "box", "message"),
    [
        ("2 0 R 3 0 R", 2, "0 0 595 842", "its page tree is broken: 2 pages by its count, 1 in the tree"),
        ("3 0 R", 1, "0 0 x 842", "a page has no usable size"),
    ],
)
def test_pages_that_are_none(kids: str, count: int, box: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.pdf"
    path.write_bytes(pdf(kids=kids, count=count, box=box))
    with pytest.raises(UnreadableDocument, match=rf"plan\.pdf: damaged, encrypted or no PDF file \({message}\)"):
        read_blocks(path)


def test_broken_files(tmp_path: Path) -> None:
    path = raw_pdf(tmp_path / "plan.pdf", lines(50, 100, "1. First."))
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(UnreadableDocument, match=r"plan\.pdf: damaged"):
        read_blocks(path)


PLAN: Printed = [
    Heading("環境部113年度施政計畫", 1),
    Paragraph(
        "本部依據行政院 113 年度施政方針，配合中程施政計畫及核定預算額度，並針對經社情勢變化及本部未來發展需要，"
        "編定 113 年度施政計畫。"
    ),
    Heading("年度施政目標", 2),
    *(
        Paragraph(f"（{number}）推動第{number}類固定污染源減量，加嚴電力業排放標準並補助汰換老舊鍋爐，以改善空氣品質。")
        for number in "一二三四五六七八九"
    ),
    Table(
        (("重要計畫項目", 1), ("實施內容", 1)),
        tuple(
            (f"空氣品質改善{name}", f"一、辦理{name}。\n二、檢討{name}，並每年公布執行成果，接受各界監督與指教。")
            for name in "甲乙丙丁戊己庚辛"
        ),
    ),
    Heading("附錄說明", 2),
    Paragraph("本計畫自核定日起實施。"),
]


@pytest.mark.browser
def test_a_printed_page_of_a_browser(tmp_path: Path) -> None:
    path = tmp_path / "plan.pdf"
    write_pdf(PLAN, path)
    write_html(PLAN, tmp_path / "plan.html")
    from_pdf, _, account = parse_clauses(read_blocks(path), "d")
    from_html, _, _ = parse_clauses(read_blocks(tmp_path / "plan.html"), "d")
    assert [(c.clause_id, c.kind, c.section_path, c.text) for c in from_pdf] == [
        (c.clause_id, c.kind, c.section_path, c.text) for c in from_html
    ]
    assert missing_characters(visible(path), read_blocks(path)) == 0
    assert account.missing == 0


@pytest.mark.browser
def test_characters_are_those_that_were_printed(tmp_path: Path) -> None:
    texts = ["⼆氧化碳與二氧化碳、長照與⻑照、行⾏", "𠮷野家", "１２３ＡＢＣ（全形）", "naïve café — “quoted” … 5 µm²"]
    path = tmp_path / "plan.pdf"
    write_pdf([Paragraph(html.unescape(text)) for text in texts], path)
    assert [block.text for block in read_blocks(path)] == texts
