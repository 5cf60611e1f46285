"""The query language: words, "phrases", AND OR NOT, -word, wild*cards, "near words"~5, field:value.

Forgiving: what cannot be read as an expression is searched as plain text, and the query says so.

    query   = { item }                         items side by side are ranked together
    item    = [ "-" | NOT ] atom | item AND item | item OR item
    atom    = word | "phrase" | "two words"~5 | wo*rd | field:value | ( query )
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from indexer.config import SearchConfig
from indexer.text import fold_text

FIELDS = ("year", "section", "document", "kind", "title")
WILD_SPAN = 20  # characters that one * may stand for
MAX_DISTANCE = 200  # characters between near words

_TOKEN = re.compile(
    r"(?P<blank>[\s\u3000]+)"
    r'|(?P<quoted>["“”](?P<phrase>[^"“”]*)["“”](?:~(?P<distance>\d{1,4}))?)'  # "工會 協商"~5
    r"|(?P<open>\()|(?P<close>\))"  # 「（一）」 is text, not a group
    rf'|(?P<field>{"|".join(FIELDS)})[:：](?:["“”](?P<quoted_value>[^"“”]*)["“”]|(?P<value>[^\s()"“”]+))'  # year:106
    r'|(?P<word>[^\s"“”()]+(?:\([^\s"“”()]{1,8}\)[^\s"“”()]*)*)'  # 哺(集)乳室 is one word
)
_OPERATORS = {"AND": "and", "OR": "or", "NOT": "not", "&&": "and", "||": "or"}


class SyntaxProblem(ValueError):
    """The text is no expression; the message says why."""


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text that a clause holds, folded. ``required`` is False for a bare word, which only ranks."""

    folded: str
    printed: str
    required: bool


@dataclass(frozen=True, slots=True)
class Near:
    """Folded words that stand within ``distance`` characters of each other, in any order."""

    words: tuple[str, ...]
    distance: int
    printed: str


@dataclass(frozen=True, slots=True)
class Wild:
    """A word with * (up to 20 characters) and ? (one character) inside.

    ``parts`` are its folded fixed pieces, ``gaps`` the least and most characters between each and the next one, and
    ``tail`` the characters that must follow the last one in its line.
    """

    parts: tuple[str, ...]
    gaps: tuple[tuple[int, int], ...]
    tail: int
    printed: str


@dataclass(frozen=True, slots=True)
class Not:
    """What a clause must not hold."""

    inner: Expression


@dataclass(frozen=True, slots=True)
class And:
    """Every part holds."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: tuple[Expression, ...]


Expression = Text | Near | Wild | Not | And | Or


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query taken apart: constraints, (field, value) pairs, and the words to rank by."""

    constraints: tuple[Expression, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    ranked: str = ""


@dataclass
class _Reader:
    tokens: list[re.Match[str]]
    limits: SearchConfig
    place: int = 0
    depth: int = 0
    terms: int = 0
    fields: list[tuple[str, str]] = field(default_factory=list)

    def peek(self) -> re.Match[str] | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def operator(self) -> str | None:
        token = self.peek()
        return _OPERATORS.get(token.group("word")) if token and token.group("word") else None

    def take(self) -> re.Match[str]:
        self.place += 1
        return self.tokens[self.place - 1]

    @contextmanager
    def inside(self) -> Iterator[None]:
        """One level deeper: a bracket or a NOT. Raises SyntaxProblem where there are too many."""
        self.depth += 1
        if self.depth > self.limits.max_query_depth:
            raise SyntaxProblem(f"more than {self.limits.max_query_depth} brackets within each other")
        yield
        self.depth -= 1


def parse_syntax(text: str, limits: SearchConfig | None = None) -> Parsed:
    """The expression behind a text. Raises SyntaxProblem, with the reason, when it is none or over the limits."""
    tokens = [token for token in _TOKEN.finditer(text) if token.lastgroup and not token.group("blank")]
    reader = _Reader(tokens, limits or SearchConfig())
    items = _sequence(reader)
    if reader.peek() is not None:
        raise SyntaxProblem("a closing bracket stands alone")
    constraints = tuple(item for item in items if not _is_bare(item))
    return Parsed(constraints, tuple(reader.fields), " ".join(_positive(items)))


def _sequence(reader: _Reader) -> list[Expression]:
    """Items side by side, up to the end or a closing bracket."""
    items: list[Expression] = []
    while (token := reader.peek()) is not None and not token.group("close"):
        item = _either(reader)
        if item is not None:
            items.append(item)
    return items


def _either(reader: _Reader) -> Expression | None:
    return _chain(reader, "or", _both, Or)


def _both(reader: _Reader) -> Expression | None:
    return _chain(reader, "and", _single, And)


def _chain(reader: _Reader, operator: str, inner: object, make: type[And] | type[Or]) -> Expression | None:
    read = inner if callable(inner) else _single
    parts = [read(reader)]
    while reader.operator() == operator:
        reader.take()
        if reader.peek() is None:
            raise SyntaxProblem(f"{operator.upper()} has nothing on its right")
        parts.append(read(reader))
    known = tuple(part for part in parts if part is not None)
    if len(parts) == 1:
        return known[0] if known else None
    if len(known) < len(parts):
        raise SyntaxProblem(f"{operator.upper()} joins words and phrases, not fields")
    return make(tuple(_required(part) for part in known))


def _single(reader: _Reader) -> Expression | None:
    token = reader.take()
    if token.group("close"):
        raise SyntaxProblem("an operator stands before a closing bracket")  # (工會 AND )
    if token.group("word") and _OPERATORS.get(token.group("word")) == "not":
        if reader.peek() is None:
            raise SyntaxProblem("NOT has nothing on its right")
        with reader.inside():
            inner = _single(reader)
        return Not(_required(inner)) if inner is not None else None
    if token.group("word") and token.group("word") in _OPERATORS:
        raise SyntaxProblem(f"{token.group('word')} has nothing on its left")
    if token.group("open"):
        return _group(reader)
    if token.group("field"):
        value = token.group("value") or token.group("quoted_value") or ""
        reader.fields.append((token.group("field"), value))
        return None
    reader.terms += 1
    if reader.terms > reader.limits.max_query_terms:
        raise SyntaxProblem(f"more than {reader.limits.max_query_terms} words")
    return _atom(reader, token)


def _group(reader: _Reader) -> Expression | None:
    with reader.inside():
        items = _sequence(reader)
    if reader.peek() is None:
        raise SyntaxProblem("an opening bracket is not closed")
    reader.take()
    if not items:
        return None
    return items[0] if len(items) == 1 else And(tuple(items))  # bare words in brackets bind only beside an operator


def _atom(reader: _Reader, token: re.Match[str]) -> Expression | None:
    if token.group("quoted") is not None:
        return _phrase(token, reader.limits)
    word = token.group("word")
    if word.startswith(("-", "－")) and len(word) > 1:
        return Not(_required(_word(word[1:], reader.limits)))
    return _word(word.removeprefix("+"), reader.limits) if fold_text(word.removeprefix("+")) else None


def _phrase(token: re.Match[str], limits: SearchConfig) -> Expression | None:
    printed = token.group("phrase")
    if len(printed) > limits.max_phrase_chars:
        raise SyntaxProblem(f"a phrase of more than {limits.max_phrase_chars} characters")
    if token.group("distance"):
        words = tuple(folded for word in printed.split() if (folded := fold_text(word)))
        if len(words) >= 2:
            return Near(words, min(int(token.group("distance")), MAX_DISTANCE), printed)
    folded = fold_text(printed)
    return Text(folded, printed, True) if folded else None


def _word(word: str, limits: SearchConfig) -> Expression:
    """A word; a wildcard at its beginning stands for nothing, because every text would have to be read."""
    if re.search(r"[*?＊？]", word.rstrip("?？*＊")) and not word.startswith(("*", "?", "＊", "？")):  # 職*保險
        return _wild(word, limits)
    return Text(fold_text(word), word, False)


def _wild(word: str, limits: SearchConfig) -> Wild:
    pieces = [piece for piece in re.split(r"([*?＊？])", word) if piece]
    if sum(piece in "*?＊？" for piece in pieces) > limits.max_wildcards:
        raise SyntaxProblem(f"more than {limits.max_wildcards} wildcards in one word")
    parts: list[str] = []
    gaps: list[tuple[int, int]] = []
    least = most = 0
    for piece in pieces:
        if piece in "*＊":
            most += WILD_SPAN
        elif piece in "?？":
            least, most = least + 1, most + 1
        elif folded := fold_text(piece):
            gaps += [(least, most)] if parts else []
            parts.append(folded)
            least = most = 0
    if not parts:
        raise SyntaxProblem("a wildcard stands beside no word")
    return Wild(tuple(parts), tuple(gaps), least, word)


def _required(item: Expression | None) -> Expression:
    """The item as a constraint: bare words in it must stand there too."""
    if item is None:
        raise SyntaxProblem("an operator stands beside a field")
    if isinstance(item, And):
        return And(tuple(_required(part) for part in item.parts))
    return Text(item.folded, item.printed, True) if isinstance(item, Text) else item


def _is_bare(item: Expression) -> bool:
    """True for words that only rank, in brackets or not: (hereinafter referred to as the Fund)."""
    if isinstance(item, And):
        return all(_is_bare(part) for part in item.parts)
    return isinstance(item, Text) and not item.required


def _positive(items: Sequence[Expression]) -> Iterator[str]:
    """The words to rank by: everything that is asked for, nothing that is excluded."""
    for item in items:
        if isinstance(item, And | Or):
            yield from _positive(item.parts)
        elif isinstance(item, Wild):
            yield from item.parts
        elif isinstance(item, Text | Near):
            yield item.printed
