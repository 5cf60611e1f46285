"""Ages as the groups of people that labor law makes of them."""

from __future__ import annotations

import pytest

from indexer.ages import people_of_age
from indexer.synonyms import expand
from indexer.text import fold_text

CASES = [
    ("五十八歲想找工作", ["五十八岁"], "中高龄"),
    ("我 58 歲", ["58岁"], "中高龄"),
    ("五十幾歲", ["五十几岁"], "中高龄"),
    ("十八歲打工", ["十八岁"], "青年"),
    ("七十歲還能工作嗎", ["七十岁"], "高龄者"),
    ("I am 58 and lost my job", ["I am 58"], "中高龄"),
    ("jobs for a 22-year-old", ["22-year-old"], "青年"),
    ("help for people aged 67", ["aged 67"], "高龄者"),
    ("三十五歲", [], ""),  # between the groups
    ("8.58歲", [], ""),
    ("一百五十八歲", [], ""),
    ("指標 8.7.1 的 58.7%", [], ""),
    ("58 workers, 40 years", [], ""),
]


@pytest.mark.parametrize(("text", "told", "word"), CASES)
def test_ages_are_groups(text: str, told: list[str], word: str) -> None:
    found = list(people_of_age(text if text.isascii() else fold_text(text)))
    assert [where for where, _ in found] == told
    assert all(word in words for _, words in found)


def test_ages_expand_chinese_queries() -> None:
    assert "中高龄" in {other for entry in expand(fold_text("五十八歲")) for other in entry.others}
