"""Pages of a PDF that show pictures of text, read by rapidocr where the optional extra ``ocr`` is installed.

A page of a plan at 150 dpi took 7 s and 670 MiB on one core, and all of its 965 characters were right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from indexer.errors import UnreadableDocument, UnsafeDocument
from indexer.model import Block
from indexer.text import display_width

if TYPE_CHECKING:
    from indexer.readers.pdfpage import Glyph, PrintedLine, PrintedPage

MAX_SCANS = 300  # pages; more should be read by a program made for it
_DPI = 150
_MAX_PIXELS = 4000  # of the longer side, whatever the page says of its size
_FEW = 30  # characters; a scan may carry a printed page number and a stamp
_SAME_SIZE = 0.25  # share by which boxes around one size of type differ
_SETTINGS = {
    "Global.log_level": "error",
    "Global.use_cls": False,  # lines upside down: plans have none, and looking for them takes a third of the time
    "Rec.rec_batch_num": 1,  # 6 take 200 MiB more and no less time
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}
Box = tuple[str, float, float, float, float]  # text, left, top, right, bottom; points from the page's top left
Look = Callable[[Any], list[Box]]  # a page of PDFium -> what is printed on it


def is_installed() -> bool:
    """True where the extra ``ocr`` is installed."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def count_scans(path: Path) -> int:
    """How many pages of a file may be scans; 0 for what is no PDF. Raises UnsafeDocument over MAX_SCANS."""
    if path.suffix.lower() != ".pdf":
        return 0
    import pypdfium2

    try:
        with closing(pypdfium2.PdfDocument(path)) as pdf:
            count = sum(1 for page in pdf if page.get_textpage().count_chars() < _FEW)
    except pypdfium2.PdfiumError:
        return 0  # the reader tells what is wrong with it
    if count > MAX_SCANS:
        message = f"{path.name}: has {count} pages without a text layer, over {MAX_SCANS}."
        raise UnsafeDocument(message, "Split it, or give it a text layer with an OCR program.")
    return count


def read_scans(path: Path, look: Look | None = None) -> tuple[list[Block], tuple[int, ...]]:
    """Blocks of a PDF with its scanned pages read, and the numbers of these pages, counted from 1.

    ``look`` reads a page instead of rapidocr. Raises UnreadableDocument when it fails, mostly for want of memory.
    """
    import pypdfium2

    from indexer.readers.pdf import blocks_of, is_scan
    from indexer.readers.pdfpage import open_pages

    pages = list(open_pages(str(path)))
    read = []
    with closing(pypdfium2.PdfDocument(path)) as pdf:
        for index, page in enumerate(pages):
            if not is_scan(page):
                continue
            try:
                look = look or _engine()
                boxes = look(pdf[index])
            except Exception as error:  # the engine's own kinds of error are many
                message = f"{path.name}: page {page.number} could not be read by OCR ({type(error).__name__})."
                raise UnreadableDocument(message, "Raise corpus.ocr_memory_mib in config.yaml.") from error
            if boxes:
                pages[index] = printed_page(page, boxes)
                read.append(page.number)
    return blocks_of(path, pages), tuple(read)


def printed_page(page: PrintedPage, boxes: Iterable[Box]) -> PrintedPage:
    """The page with the boxes as its lines, in their order; heights that differ by chance are made equal."""
    boxes = list(boxes)
    usual = median(bottom - top for _, _, top, _, bottom in boxes)
    lines = tuple(_line(box, usual) for box in boxes)
    return replace(page, parts=lines, pictures=0.0)


def _line(box: Box, usual: float) -> PrintedLine:
    from indexer.readers.pdfpage import PrintedLine

    text, left, top, right, bottom = box
    if abs(bottom - top - usual) < _SAME_SIZE * usual:
        middle = (top + bottom) / 2
        top, bottom = middle - usual / 2, middle + usual / 2
    return PrintedLine(tuple(_glyphs(text, left, top, right, bottom)))


def _glyphs(text: str, left: float, top: float, right: float, bottom: float) -> Iterator[Glyph]:
    """The characters of a line side by side; OCR tells only where the whole line stands."""
    from indexer.readers.pdfpage import Glyph

    step = (right - left) / max(1, display_width(text))
    for char in text:
        after = left + step * display_width(char)
        yield Glyph(char, left, after, top, bottom)
        left = after


def _engine() -> Look:
    """rapidocr with its packaged models."""
    from rapidocr import RapidOCR

    engine = RapidOCR(params=_SETTINGS)

    def look(page: Any) -> list[Box]:
        scale = min(_DPI / 72, _MAX_PIXELS / max(page.get_size()))
        result = engine(page.render(scale=scale).to_numpy())
        if result.boxes is None or result.txts is None:
            return []
        corners = result.boxes / scale  # shape (lines, 4, 2)
        lowest, highest = corners.min(axis=1).tolist(), corners.max(axis=1).tolist()
        return [(text, *low, *high) for text, low, high in zip(result.txts, lowest, highest, strict=True)]

    return look
