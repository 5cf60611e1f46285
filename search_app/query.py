"""A typed query as understood: language, matching form, quoted phrases, filters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal, get_args

from indexer.corpus import year_ce
from indexer.errors import QueryError
from indexer.model import ClauseKind
from indexer.text import display_normal, fold_text, is_cjk
from indexer.tokens import tokenize
from search_app.model import Filters, Query

_QUOTED = re.compile(r'"([^"]*)"|“([^”]*)”|「([^」]*)」(?=\s|$)')  # "工會結社規範"
_YEAR = re.compile(r"(?:民國)?\s*(\d{1,4})\s*年?度?$")  # 106, 106年度, 民國106年, 2017


def parse_query(text: str, max_chars: int = 1000) -> Query:
    """The query behind what a user typed. Raises QueryError when it is longer than ``max_chars``."""
    text = _printable(text)
    if len(text) > max_chars:
        raise QueryError(f"the query has {len(text)} characters, at most {max_chars} are allowed.", "Shorten it.")
    phrases = tuple(folded for quoted in _quoted(text) if (folded := fold_text(quoted)))
    plain = re.sub(r'["“”]', " ", text)
    return Query(
        text=text, normalized=display_normal(text), folded=fold_text(plain), language=language_of(plain),
        terms=tuple(dict.fromkeys(token.text for token in tokenize(plain))), phrases=phrases,
    )  # fmt: skip


def language_of(text: str) -> Literal["zh", "en", "mixed"]:
    """Script of a query: Han characters only (zh), Latin words only (en), or both.

    One Latin word or number among Chinese is a name (ISMS, 8.7.1), so the query stays zh.
    """
    han = sum(1 for char in text if is_cjk(char))
    words = re.findall(r"[A-Za-z][A-Za-z'-]+", text)
    if not han:
        return "en" if words else "zh"
    return "mixed" if len(words) >= 2 and sum(map(len, words)) >= han else "zh"


def parse_filters(
    year: Sequence[str] = (), document: Sequence[str] = (), section: Sequence[str] = (), kind: Sequence[str] = ()
) -> Filters:
    """Filters from what a user or program wrote; 106 and 2017 mean the same. Raises QueryError that names the value."""
    known = get_args(ClauseKind)
    for name in kind:
        if name not in known:
            raise QueryError(f"unknown kind {name!r}.", f"Known: {', '.join(known)}.")
    return Filters(tuple(_year(value) for value in year), tuple(document), tuple(section), tuple(kind))


def _year(value: str) -> int:
    found = _YEAR.match(unicodedata.normalize("NFKC", value).strip())
    try:
        return year_ce(int(found.group(1))) if found else year_ce(-1)
    except ValueError as error:
        raise QueryError(f"unknown year {value!r}.", "Give a plan year such as 106 or 2017.") from error


def _quoted(text: str) -> list[str]:
    return [next(part for part in groups if part) for groups in _QUOTED.findall(text) if any(groups)]


def _printable(text: str) -> str:
    """The text without control characters and lone surrogates, which no index holds."""
    return "".join(" " if char in "\t\r\n" else char for char in text if not _is_junk(char)).strip()


def _is_junk(char: str) -> bool:
    return (unicodedata.category(char) in ("Cc", "Cs") and char not in "\t\r\n") or char == "�"
