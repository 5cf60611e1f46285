"""A typed query as understood: language, kind, matching form, constraints, filters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal, get_args

from indexer.config import SearchConfig
from indexer.errors import QueryError
from indexer.model import ClauseKind
from indexer.synonyms import Correction
from indexer.text import display_normal, fold_text, is_cjk
from indexer.titles import year_ce
from indexer.tokens import tokenize
from search_app.model import Filters, Query, QueryKind
from search_app.references import parse_indicator_number, parse_reference
from search_app.syntax import And, Expression, Near, Not, Or, Parsed, SyntaxProblem, Text, Wild, parse_syntax

MAX_YEARS = 200  # plan years in one range
MAX_VALUES = 100  # of one filter; SQLite takes 1,000 alternatives in one condition

_YEAR = re.compile(r"(?:民國)?\s*(\d{1,4})\s*年?度?$")  # 106, 106年度, 民國106年, 2017
_RANGE = re.compile(r"(.*?)\s*(?:\.\.|~|～|至|到)\s*(.*)$")  # 106..108
_ASKING = re.compile(
    r"[?？]|嗎|吗|呢$|怎麼|怎么|怎樣|如何|什麼|什么|甚麼|哪|誰|谁|多少|幾|几|為何|为何|為什麼|是否|有沒有|有没有|要不要|可不可以|能不能|會不會|会不会|可以.{0,8}$"
    r"|\b(?:what|which|who|when|where|why|how|is there|are there|does|do|did|can|could|will|would|should)\b",
    re.IGNORECASE,
)  # 公司要不要設哺乳室
_SPOKEN = re.compile(
    r"[我你妳他她]|老闆|老板|[了的]$|想|被"
)  # 老闆跑路了，加入工會後被主管刁難: nobody looks up such wording


def parse_query(text: str, limits: SearchConfig | None = None) -> Query:
    """The query behind what a user typed. Raises QueryError when it has too many characters.

    What is no expression of the query language is searched as plain text; ``problem`` then says why.
    """
    limits = limits or SearchConfig()
    text = _printable(text)
    check_length(text, limits)
    parsed, filters, problem = _expression(text, limits)
    ranked = parsed.ranked if parsed.constraints or parsed.fields else _unquoted(text)
    return Query(
        text=text, normalized=display_normal(text), folded=fold_text(ranked), ranked=ranked, language=language_of(ranked),
        kind=kind_of(ranked), terms=_terms(ranked), phrases=tuple(_phrases(parsed.constraints)),
        constraints=parsed.constraints, filters=filters, problem=problem,
    )  # fmt: skip


def check_length(text: str, limits: SearchConfig) -> None:
    """Raises QueryError when a query has too many characters, also once they are folded: U+FDFA stands for 18."""
    length = max(len(text), len(unicodedata.normalize("NFKC", text)))
    if length > limits.max_query_chars:
        message = f"the query has {length} characters, at most {limits.max_query_chars} are allowed."
        raise QueryError(message, "Shorten it.")


def with_correction(query: Query, ranked: str, corrections: Sequence[Correction]) -> Query:
    """The query with likely slips set right, told in ``corrected``; unchanged when there are none."""
    if not corrections:
        return query
    shown = query.text
    for correction in corrections:
        shown = shown.replace(correction.wrong, correction.right)
    return replace(query, ranked=ranked, folded=fold_text(ranked), terms=_terms(ranked), corrected=shown)


def language_of(text: str) -> Literal["zh", "en", "mixed"]:
    """Script of a query: Han characters only (zh), Latin words only (en), or both.

    One Latin word or number among Chinese is a name (ISMS, 8.7.1), so the query stays zh.
    """
    han = sum(1 for char in text if is_cjk(char))
    words = re.findall(r"[A-Za-z][A-Za-z'-]+", text)
    if not han:
        return "en" if words else "zh"
    return "mixed" if len(words) >= 2 and sum(map(len, words)) >= han else "zh"


def kind_of(text: str) -> QueryKind:
    """What a query is: a place in a plan, a question, or wording to look up."""
    if parse_reference(text) or parse_indicator_number(text):
        return "reference"
    if re.fullmatch(r"[\d,.\s萬億兆%％]+", unicodedata.normalize("NFKC", text)) and re.search(r"\d", text):
        return "number"
    return "question" if _ASKING.search(text) or _SPOKEN.search(text) else "wording"


def parse_filters(
    year: Sequence[str] = (), document: Sequence[str] = (), section: Sequence[str] = (), kind: Sequence[str] = ()
) -> Filters:
    """Filters from what a user or program wrote; 106 and 2017 mean the same. Raises QueryError that names the value."""
    known = get_args(ClauseKind)
    for name, values in (("year", year), ("document", document), ("section", section), ("kind", kind)):
        if len(values) > MAX_VALUES:
            raise QueryError(f"{len(values)} values of {name}.", f"Give {MAX_VALUES} at the most.")
        for value in values:
            if any(unicodedata.category(char) == "Cs" for char in value):  # from bytes that are no UTF-8
                raise QueryError(f"{name} is {value!r}.", "Give it in UTF-8.")
    for name in kind:
        if name not in known:
            raise QueryError(f"unknown kind {name!r}.", f"Known: {', '.join(known)}.")
    return Filters(tuple(_year(value) for value in year), tuple(document), tuple(section), tuple(kind))


def _expression(text: str, limits: SearchConfig) -> tuple[Parsed, Filters, str | None]:
    try:
        parsed = parse_syntax(text, limits)
        return parsed, _field_filters(parsed.fields), None
    except (SyntaxProblem, QueryError) as problem:
        return Parsed(), Filters(), str(problem)


def _field_filters(fields: Sequence[tuple[str, str]]) -> Filters:
    values = {
        name: [value for field, value in fields if field == name] for name in ("year", "document", "section", "kind")
    }
    plain = parse_filters(document=values["document"], section=values["section"], kind=values["kind"])
    years = tuple(dict.fromkeys(year for value in values["year"] for year in _years(value)))
    return replace(plain, years=years, titles=tuple(value for field, value in fields if field == "title"))


def _years(value: str) -> Iterable[int]:
    """CE years of 106, 2017, 106..108 or 106.. (to the present century's end)."""
    found = _RANGE.match(value)
    if found is None:
        return (_year(value),)
    first = _year(found.group(1)) if found.group(1) else _year("1")
    last = _year(found.group(2)) if found.group(2) else first + MAX_YEARS - 1
    return range(min(first, last), min(max(first, last), min(first, last) + MAX_YEARS - 1) + 1)


def _year(value: str) -> int:
    found = _YEAR.match(unicodedata.normalize("NFKC", value).strip())
    try:
        return year_ce(int(found.group(1))) if found else year_ce(-1)
    except ValueError as error:
        raise QueryError(f"unknown year {value!r}.", "Give a plan year such as 106 or 2017.") from error


def _phrases(constraints: Iterable[Expression]) -> Iterable[str]:
    """Folded texts to mark in hits: everything asked for, nothing excluded."""
    for item in constraints:
        match item:
            case Text(folded=folded):
                yield folded
            case Near(words=words):
                yield from words
            case Wild(parts=parts):
                yield from parts
            case And(parts=parts) | Or(parts=parts):
                yield from _phrases(parts)
            case Not():
                pass


def _terms(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(token.text for token in tokenize(text)))


def _unquoted(text: str) -> str:
    return re.sub(r'["“”]', " ", text).strip()


def _printable(text: str) -> str:
    """The text without control characters and lone surrogates, which no index holds."""
    return "".join(" " if char in "\t\r\n" else char for char in text if not _is_junk(char)).strip()


def _is_junk(char: str) -> bool:
    return (unicodedata.category(char) in ("Cc", "Cs") and char not in "\t\r\n") or char == "�"
