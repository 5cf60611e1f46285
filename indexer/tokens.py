"""Text to tokens: jieba words with their sub-words, Latin words, numbers. The only importer of jieba.

Words are cut from the *folded* text (Simplified script, what jieba's dictionary is made of) and mapped back to the
source. Positions are ordinal and count the finest parts: 職業災害保險 stands at p, its parts 職業, 災害, 保險 at p,
p+1, p+2, so that a phrase of neighbouring words is found whether the dictionary knows the long word or not.

jieba's model for unknown words (HMM) stays off: it makes 勞工籌/組工會. BM25 over these tokens, judged queries, nDCG@10:
0.60; with HMM 0.57; without sub-words 0.53; without either, as jieba comes, 0.51.
"""

from __future__ import annotations

import hashlib
import re
import threading
import warnings
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.metadata import version
from math import log
from typing import Any, Literal, NamedTuple

from indexer.model import Token
from indexer.text import FOLD_VERSION, Folded, fold, fold_text, is_cjk, lexicon_text

TOKENS_VERSION = 1  # raise it when the same text would give other tokens: indexes built before are refused

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"  # as text.is_cjk
_RUN = re.compile(
    rf"(?P<han>[{_HAN}]+)"  # 勞工保險
    r"|\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)"  # 1,435,614
    rf"|(?:(?![{_HAN}_])\w)+(?:(?<=\d)\.(?=\d)(?:(?![{_HAN}_])\w)+)*"  # apec, 3k, 8.7.1, 2.0
)
_IN_WORD = re.compile(rf"(?<=[{_HAN}])[(\[]([{_HAN}]{{1,2}})[)\]](?=[{_HAN}])")  # 哺(集)乳室
_LETTERS_DIGITS = re.compile(r"([^\W\d_]{2,})(\d+(?:\.\d+)*)")  # covid19, gri403, pm2.5
_VOWEL = re.compile("[aeiouy]")  # train|ing, but not str|ing
_NUMERALS = frozenset("一二三四五六七八九十")  # (一) is a marker, not part of a word
_ASKED = 64  # texts whose words are remembered: a search asks up to five times for those of its query
_AROUND = 6  # characters on each side of a bracket that may form one word with the other side


class Run(NamedTuple):
    """One stretch of folded text: Han characters, or a Latin word or number; [start, end) in the folded text."""

    kind: Literal["han", "word"]
    text: str
    start: int
    end: int


class _Word(NamedTuple):
    text: str
    start: int  # in the text without in-word brackets
    end: int
    position: int


@lru_cache(maxsize=_ASKED)
def runs(text: str) -> tuple[Run, ...]:
    """Stretches of the folded text in order: Han runs, and whole Latin words and numbers; punctuation is left out.

    Brackets inside words are gone, and a blank between a letter and a digit, which folding drops, parts two words.
    """
    plain, _, _ = _plain(fold(text))
    return tuple(_runs(plain))


@lru_cache(maxsize=_ASKED)
def tokenize(text: str) -> tuple[Token, ...]:
    """Tokens in order of position, spans in the source text.

    Words of the dictionary; every dictionary word of two or more characters inside a long one; single characters that
    are a word of their own or a part of one (工會法: 工会法, 工会, 法; without them phrases have holes, and nDCG@10 is
    0.57); Latin words and numbers whole and in lower case, a grouped number also without its commas.
    A bracket inside a word gives the readings with and without its content: 設(措)施 = 设措施, 设施, 措施.
    """
    folded = fold(text)
    plain, origin, brackets = _plain(folded)
    words: list[_Word] = []
    position = 0
    for run in _runs(plain):
        position = (_add_han if run.kind == "han" else _add_word)(words, run, position)
    if brackets:
        _add_readings(words, plain, brackets)
        words.sort(key=lambda word: word.position)
    return tuple(
        Token(word.text, word.position, *folded.source_range(origin[word.start], origin[word.end - 1] + 1))
        for word in words
    )


def finest(tokens: Iterable[Token]) -> list[Token]:
    """One token a position, the shortest: what a phrase is made of. 職業災害保險制度 -> 职业 灾害 保险 制度."""
    chosen: dict[int, Token] = {}
    for token in tokens:
        if token.position not in chosen or len(token.text) < len(chosen[token.position].text):
            chosen[token.position] = token
    return [chosen[position] for position in sorted(chosen)]


def english_terms(text: str) -> list[str]:
    """Stems of the Latin words of two or more letters, in order, repeats kept; GRI403 gives gri; no numbers."""
    parted = ((run.text, _LETTERS_DIGITS.fullmatch(run.text)) for run in runs(text) if run.kind == "word")
    words = (found[1] if found else word for word, found in parted)
    return [stem(word) for word in words if len(word) > 1 and word.isalpha()]


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A lower-case English word without plural, -ing and -ed endings and without a final e: wages, waged -> wag.

    Careful rather than complete (insurance and insured stay apart); the plural rules are Harman's S-stemmer
    ("How effective is suffixing?", JASIS 1991).
    """
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    for ending, plain in (("sses", "ss"), ("ies", "y"), ("us", "us"), ("is", "is"), ("ss", "ss"), ("s", "")):
        if word.endswith(ending):
            word = word[: -len(ending)] + plain
            break
    for ending in ("ing", "ed"):
        base = word[: -len(ending)]
        if word.endswith(ending) and len(base) > 2 and not word.endswith("eed") and _VOWEL.search(base):
            doubled = base[-1] == base[-2] and base[-1] not in "lsz"  # planned -> plan, but filling -> fill
            word = base[:-1] if doubled else base
            break
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def user_words() -> list[str]:
    """The user dictionary, folded, in the order of the file."""
    lines = (line.split("#")[0].strip() for line in lexicon_text("userdict.txt").splitlines())
    return [fold_text(line) for line in lines if line]


def fingerprint() -> str:
    """Digest of everything that decides tokens: jieba's version, the user dictionary, the code's versions."""
    parts = [version("jieba"), str(TOKENS_VERSION), str(FOLD_VERSION), *user_words()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def frequency(word: str) -> int:
    """The count of a folded word in the general dictionary of jieba: 自己 90,933, 工会 982; 0 for one that it lacks."""
    return _segmenter().frequency(word)


@lru_cache(maxsize=4096)
def word_class(word: str) -> str:
    """The class of a folded word in the general dictionary: n noun, v verb, r pronoun, ...; "" for one that it lacks.

    The dictionary's lines are searched (1.5 ms) rather than kept as a table (40 MB).
    """
    lines = _segmenter().lines
    at = lines.find(f"\n{word} ".encode())
    fields = lines[at + 1 : lines.find(b"\n", at + 1)].split() if at >= 0 else []
    return fields[2][:1].decode() if len(fields) == 3 else ""


def warm() -> None:
    """Loads the dictionary now (0.7 s, 70 MB) rather than at the first text."""
    _segmenter()


# --- Han runs -------------------------------------------------------------------------------------------------------


class _Segmenter:
    """jieba with the project's words; cuts runs of Han characters. Safe to share between threads once made."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes in jieba's source, when it has no .pyc yet
            import jieba
        self._jieba: Any = jieba.Tokenizer()
        # Not initialize(): it keeps a marshal file in the shared temporary folder. Reading that costs 0.74 s, as much
        # as the dictionary itself (0.6 to 0.7 s), and anybody could have written it; and it logs to stderr.
        self._jieba.FREQ, self._jieba.total = self._jieba.gen_pfdict(self._jieba.get_dict_file())
        self._jieba.initialized = True
        with self._jieba.get_dict_file() as file:
            self.lines: bytes = b"\n" + file.read()
        for word in user_words():
            self._jieba.add_word(word)
        self._frequency: dict[str, int] = self._jieba.FREQ
        self._log_total = log(self._jieba.total)
        self.parts = lru_cache(maxsize=65536)(self._parts)

    def cut(self, run: str) -> list[str]:
        return list(self._jieba.cut(run, HMM=False))

    def knows(self, word: str) -> bool:
        return bool(self._frequency.get(word))

    def frequency(self, word: str) -> int:
        return self._frequency.get(word, 0)

    def _parts(self, word: str) -> tuple[int, ...]:
        """Lengths of the finest parts of a word, by the likeliest way to cut it; (len(word),) when it has none.

        Parts have two characters where the dictionary allows it, so that 最低工資法制 and 最低工資 + 法制 part alike.
        """
        size = len(word)
        if self._atomic(word):
            return (size,)
        best: list[tuple[float, int]] = [(0.0, size)] * (size + 1)
        for start in range(size - 1, -1, -1):
            ends = [end for end in range(start + 1, size + 1) if self._atomic(word[start:end])]
            best[start] = max((self._score(word[start:end]) + best[end][0], end) for end in ends)
        lengths: list[int] = []
        while (start := sum(lengths)) < size:
            lengths.append(best[start][1] - start)
        return tuple(lengths) if max(lengths) > 1 else (size,)

    def _atomic(self, word: str) -> bool:
        """True for a character, and for a dictionary word that holds no shorter one: 工会, 巧克力, not 委员会."""
        return len(word) == 1 or (self.knows(word) and not any(map(self.knows, _inner(word))))

    def _score(self, word: str) -> float:
        return log(self._frequency.get(word) or 1) - self._log_total


def _inner(word: str) -> Iterator[str]:
    """Every piece of two or more characters that is shorter than the word."""
    for size in range(2, len(word)):
        yield from (word[start : start + size] for start in range(len(word) - size + 1))


_lock = threading.Lock()
_shared: _Segmenter | None = None


def _segmenter() -> _Segmenter:
    global _shared
    if _shared is None:
        with _lock:
            if _shared is None:
                _shared = _Segmenter()
    return _shared


def _add_han(words: list[_Word], run: Run, position: int) -> int:
    """Adds the words of a Han run and what stands inside them; gives the next free position."""
    segmenter = _segmenter()
    start = run.start
    for text in segmenter.cut(run.text):
        words.append(_Word(text, start, start + len(text), position))
        lengths = segmenter.parts(text)
        at = [position + part for part, length in enumerate(lengths) for _ in range(length)]
        for first in range(len(text)):
            for last in range(first + 1, len(text) + 1):
                alone = last == first + 1 and lengths[at[first] - position] == 1
                if last - first < len(text) and (alone or (last > first + 1 and segmenter.knows(text[first:last]))):
                    words.append(_Word(text[first:last], start + first, start + last, at[first]))
        position += len(lengths)
        start += len(text)
    return position


# --- Latin words and numbers ----------------------------------------------------------------------------------------


def _runs(plain: str) -> Iterator[Run]:
    for found in _RUN.finditer(plain):
        yield Run("han" if found["han"] else "word", found.group(), found.start(), found.end())


def _add_word(words: list[_Word], run: Run, position: int) -> int:
    """Adds a Latin word or number; covid19 also as covid, 19, and 1,435,614 also as 1435614."""
    words.append(_Word(run.text, run.start, run.end, position))
    if "," in run.text:
        words.append(_Word(run.text.replace(",", ""), run.start, run.end, position))
    parted = _LETTERS_DIGITS.fullmatch(run.text)
    if parted is None:
        return position + 1
    middle = run.start + len(parted[1])
    words.append(_Word(parted[1], run.start, middle, position))
    words.append(_Word(parted[2], middle, run.end, position + 1))
    return position + 2


# --- brackets inside words ------------------------------------------------------------------------------------------


def _plain(folded: Folded) -> tuple[str, list[int], list[tuple[int, int]]]:
    """Folded text ready to be cut, the place of each of its characters in the folded text, and its bracketed ranges.

    In-word brackets are gone; a range [start, end) covers what stood in them. A blank between a letter and a digit is
    back: folding drops it, so that 「55 歲」 is 「55歲」, but "section 56" must not become one word.
    """
    chars = folded.text
    drop: dict[int, int] = {}  # opening bracket -> closing bracket
    for found in _IN_WORD.finditer(chars):
        if not _NUMERALS.issuperset(found[1]):
            drop[found.start()] = found.end() - 1
    closing = set(drop.values())
    out: list[str] = []
    origin: list[int] = []
    brackets: list[tuple[int, int]] = []
    for index, char in enumerate(chars):
        if index in drop:
            brackets.append((len(out), len(out) + drop[index] - index - 1))
        elif index not in closing:
            if index and _parted(chars[index - 1], char) and folded.starts[index] > folded.ends[index - 1]:
                out.append(" ")
                origin.append(index)
            out.append(char)
            origin.append(index)
    return "".join(out), origin, brackets


def _parted(before: str, after: str) -> bool:
    """True for a letter next to a digit, Han characters apart."""
    return before.isdigit() != after.isdigit() and all(char.isalnum() and not is_cjk(char) for char in before + after)


def _add_readings(words: list[_Word], plain: str, brackets: list[tuple[int, int]]) -> None:
    """Adds the dictionary words that a reader may form at a bracket: 設(措)施 -> 设施 (without it), 措施 (instead)."""
    segmenter = _segmenter()
    seen = {(word.text, word.start) for word in words}
    place = {index: word.position for word in reversed(words) for index in range(word.start, word.end)}
    place |= {word.start: word.position for word in words}
    for start, end in brackets:
        before = range(max(0, start - _AROUND), start)
        after = range(end + 1, min(len(plain), end + _AROUND) + 1)
        spans = [(first, last, plain[first:start] + plain[end:last]) for first in before for last in after]
        spans += [(start, last, plain[start:last]) for last in after]
        for first, last, reading in spans:
            if segmenter.knows(reading) and (reading, first) not in seen:
                seen.add((reading, first))
                words.append(_Word(reading, first, last, place[first]))
