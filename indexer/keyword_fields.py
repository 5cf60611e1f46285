"""What every keyword engine is fed with and asked for: the tokens of a passage by field, the terms of a query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from indexer.model import Passage, Token
from indexer.text import fold_text, is_cjk
from indexer.tokens import english_terms, tokenize

HEADING_WEIGHT = 0.3  # judged queries, nDCG@10: 0 0.586, 0.2 0.595, 0.3 0.599, 0.5 0.601, where aides' look-ups lose
RANKED = ("words", "headings", "english")

KEPT = 4096  # texts whose words are kept while an index is built, 10 MB

_LINE_GAP = 2  # positions left free between two lines, so that no phrase matches across


def query_terms(text: str, heading_weight: float) -> list[tuple[str, str, float]]:
    """(field, term, weight) of a query, each once, in one order for all, so that equal passages tie exactly.

    Words in headings count ``heading_weight`` times; Latin words by their stems, over body and headings together.
    """
    text = encodable(text)
    words = {token.text for token in tokenize(text) if not _is_english(token.text)}
    weighted = [("words", word, 1.0) for word in words] + [("english", term, 1.0) for term in english_terms(text)]
    weighted += [("headings", word, heading_weight) for word in words]
    return sorted(set(weighted))


def tokens_of(passage: Passage) -> dict[str, Sequence[str]]:
    """The tokens of a passage, by field, repeats kept."""
    words, stems = _of_body(passage.body, passage.fragments)
    headings, heading_stems = _of_headings(passage.headings)
    return {"words": words, "headings": headings, "english": (*stems, *heading_stems)}


def placed_tokens(passage: Passage) -> dict[str, list[Token]]:
    """The words of body and headings with their positions."""
    return {"words": _line_tokens(body_lines(passage)), "headings": list(_heading_tokens(encodable(passage.headings)))}


def english_of(passage: Passage) -> list[str]:
    """The stems of the Latin words of body and headings."""
    return [term for part in (*body_lines(passage), encodable(passage.headings)) for term in english_terms(part)]


def folded_lines(passage: Passage) -> list[str]:
    """The folded body: one text, or the lines of a damaged page, which are never joined."""
    return [fold_text(line) for line in body_lines(passage)]


def body_lines(passage: Passage) -> list[str]:
    """The body as it is cut into words: one text, or the lines of a damaged page."""
    body = encodable(passage.body)
    return body.splitlines() if passage.fragments else [body]


def encodable(text: str) -> str:
    """The text with lone surrogates, which UTF-8 cannot hold, as question marks."""
    return text.encode("utf-8", "replace").decode("utf-8")


@lru_cache(maxsize=KEPT)
def _of_body(body: str, fragments: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words and English stems. Kept, because a year's plan repeats half of the one before it."""
    lines = encodable(body).splitlines() if fragments else [encodable(body)]
    words = tuple(token.text for token in _line_tokens(lines))
    return words, tuple(term for line in lines for term in english_terms(line))


@lru_cache(maxsize=1024)
def _of_headings(headings: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words and English stems."""
    plain = encodable(headings)
    return tuple(token.text for token in _heading_tokens(plain)), tuple(english_terms(plain))


@lru_cache(maxsize=1024)
def _heading_tokens(headings: str) -> tuple[Token, ...]:
    """Kept, because the clauses below a heading share it."""
    return tuple(_line_tokens(headings.splitlines()))


def _line_tokens(lines: Iterable[str]) -> list[Token]:
    """Tokens of all lines, positions going on from line to line with a gap; offsets are those within the line."""
    tokens: list[Token] = []
    position = 0
    for line in lines:
        own = tokenize(line)
        tokens.extend(Token(token.text, token.position + position, token.start, token.end) for token in own)
        position += max((token.position for token in own), default=0) + _LINE_GAP
    return tokens


def _is_english(term: str) -> bool:
    """True for what the English field holds already, as a stem."""
    return len(term) > 1 and term.isalpha() and not is_cjk(term[0])
