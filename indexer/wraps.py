"""Printed lines as running text: letter-spacing and line ends that mean nothing are taken out, nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.markers import match_marker
from indexer.text import is_cjk

# - (一) 配合國家重點發展產業; symbol fonts keep their bullets in a private range, with or without a blank
BULLET = re.compile(r"(?:[-*•●○■□◆◇▪▫➢➤►※]\s+|[◎★☆\uf020-\uf0ff]\s*)(?=\S)")
TERMINAL = "。！？；：.!?:;"


def clean_text(text: str) -> str:
    """The text as printed, without letter-spacing: 「聯 合 國」 is one word, 「第一節  前言」 are two."""
    words = text.replace("\u3000", " ").replace("\u00a0", " ").split()
    if len(words) > 1 and len(words[0]) == 1 < len(words[1]) and match_marker(f"{words[0]} {words[1]}") is not None:
        return f"{words[0]} {clean_text(' '.join(words[1:]))}"  # 壹　年度施政目標: the blank ends the number
    cleaned = ""
    for index, word in enumerate(words):
        lone = len(word) == 1 or (index > 0 and len(words[index - 1]) == 1)
        cleaned += word if not cleaned or _glued(cleaned[-1], word[0], lone) else f" {word}"
    return cleaned


def join_wrapped(first: str, second: str) -> str:
    """Two halves of a wrapped line as one, with a blank only where the text itself sets one."""
    if not first or not second:
        return first + second
    before, after = first[-1], second[0]
    if is_wide(before) and is_wide(after):
        return first + second
    if before.isascii() and after.isascii():
        return first + second if before in "(/-" or after in "),.:;%/-" else f"{first} {second}"
    # 第 3 名: the author sets a blank between Han characters and digits
    spaced = re.search(r"[0-9A-Za-z] [\u4e00-\u9fff]|[\u4e00-\u9fff] [0-9A-Za-z]", first + "\n" + second)
    return f"{first} {second}" if spaced and (is_cjk(before) or is_cjk(after)) else first + second


def split_lines(text: str) -> list[str]:
    """The paragraphs of a text with forced line ends, cleaned: one ends where a sentence ends or a number follows.

    Authors break lines between items, and also in the middle of a heading to make it look better.
    """
    paragraphs: list[str] = []
    for line in filter(None, map(clean_text, text.split("\n"))):
        if paragraphs and not _starts_anew(paragraphs[-1], line):
            paragraphs[-1] = join_wrapped(paragraphs[-1], line)
        else:
            paragraphs.append(line)
    return paragraphs


def is_wide(char: str) -> bool:
    """True for Han characters and full-width punctuation: between two of them a line end leaves no blank."""
    return is_cjk(char) or _is_wide_punctuation(char)


def join_all(lines: Sequence[str]) -> str:
    """Wrapped lines as one text."""
    text = ""
    for line in lines:
        text = join_wrapped(text, line)
    return text


def _starts_anew(before: str, line: str) -> bool:
    return before[-1] in TERMINAL or match_marker(line) is not None or BULLET.match(line) is not None


def _glued(before: str, after: str, lone: bool) -> bool:
    """True when a blank between the two is letter-spacing: beside full-width punctuation or a lone Han character."""
    return (lone and is_wide(before) and is_wide(after)) or _is_wide_punctuation(before) or _is_wide_punctuation(after)


def _is_wide_punctuation(char: str) -> bool:
    return "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uffef"
