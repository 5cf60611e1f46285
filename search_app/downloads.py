"""Hits as a file: CSV, ODS and XLSX for spreadsheets, Markdown with citations, JSON and a TREC run for programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from indexer.model import DocumentInfo
from search_app.model import Hit, SearchResult
from search_app.sheets import Cell, Table, csv_bytes, json_bytes, ods_bytes, plain, xlsx_bytes
from search_app.trec import run_text
from search_app.wire import clause_url, result_json

Format = Literal["csv", "ods", "xlsx", "json", "md", "trec"]
Language = Literal["zh", "en"]
FORMATS: tuple[Format, ...] = get_args(Format)

# The same in both languages, because programs read them.
COLUMNS = (
    "rank", "year_roc", "year_ce", "document", "section", "marker", "text", "english_unofficial", "citation_zh",
    "citation_en", "clause_id", "url", "damaged",
)  # fmt: skip
_QUERY_ID = "1"  # of the one query in a run

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "heading": "檢索結果：{query}", "count": "共 {total} 條，本檔列出 {shown} 條。擷取日期：{day}。",
        "year": "{roc}年（{ce}）", "english": "非官方英譯", "colon": "：", "link": "連結",
        "damaged": "此頁文字擷取不可靠，請對照原始文件，勿直接引用。",
    },
    "en": {
        "heading": "Search results: {query}", "count": "{shown} of {total} clauses. Retrieved {day}.",
        "year": "{ce} (ROC {roc})", "english": "Unofficial translation", "colon": ": ", "link": "Link",
        "damaged": "The text of this page is not reliable; see the original document and do not quote it.",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """A result ready to be written; ``site`` is the address of the server without a slash at its end, or ""."""

    result: SearchResult
    documents: Sequence[DocumentInfo]
    site: str
    day: date
    language: Language = "zh"


def write_hits(found: Found, form: Format) -> bytes:
    """The hits as a file of the given form."""
    return _WRITERS[form](found)


def _table(found: Found) -> Table:
    return Table("plansearch", COLUMNS, [_cells(hit, found.site) for hit in found.result.hits])


def _cells(hit: Hit, site: str) -> tuple[Cell, ...]:
    clause, document = hit.clause, hit.document
    return (
        hit.rank, document.year_roc, document.year_ce, document.title_zh, " > ".join(clause.section_path),
        clause.marker, clause.text, hit.translation.get("en", ""), hit.citation.zh, hit.citation.en, clause.clause_id,
        site + clause_url(clause.clause_id), "damaged" if clause.damaged else "",
    )  # fmt: skip


def _markdown(found: Found) -> bytes:
    """One numbered entry a hit: its words as a quotation, then the citation and the permalink."""
    words, result = _WORDS[found.language], found.result
    counted = words["count"].format(total=result.total, shown=len(result.hits), day=found.day.isoformat())
    lines = [f"# {plain(words['heading'].format(query=_one_line(result.query.text)))}", "", counted]
    for hit in result.hits:
        lines += ["", *_entry(hit, found)]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _entry(hit: Hit, found: Found) -> list[str]:
    words, document = _WORDS[found.language], hit.document
    year = words["year"].format(roc=document.year_roc, ce=document.year_ce)
    title = document.title_en if found.language == "en" and document.title_en else document.title_zh
    lines = [f"## {hit.rank}. {plain(f'{title}, {year}' if found.language == 'en' else f'{title}，{year}')}", ""]
    if hit.clause.damaged:
        lines.append(f"**{words['damaged']}**")
    else:
        lines += [f"> {plain(line)}  " for line in f"{hit.clause.marker}{hit.clause.text}".split("\n")]
    if rendering := hit.translation.get("en"):
        lines += ["", f"{words['english']}{words['colon']}{plain(_one_line(rendering))}"]
    cited = hit.citation.en if found.language == "en" else hit.citation.zh
    link = f"{found.site}{clause_url(hit.clause.clause_id)}"
    return [*lines, "", f"— {plain(cited)}  ", f"{words['link']}{words['colon']}<{link}>"]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _run(found: Found) -> bytes:
    return run_text([(_QUERY_ID, [hit.clause.clause_id for hit in found.result.hits])]).encode()


_WRITERS: Mapping[Format, Callable[[Found], bytes]] = {
    "csv": lambda found: csv_bytes(_table(found)),
    "ods": lambda found: ods_bytes([_table(found)]),
    "xlsx": lambda found: xlsx_bytes([_table(found)]),
    "json": lambda found: json_bytes(result_json(found.result, found.documents)),
    "md": _markdown,
    "trec": _run,
}
