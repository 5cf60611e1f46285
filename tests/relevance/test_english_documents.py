"""A corpus in both languages: each is found in the other, and neither crowds out the other."""

from __future__ import annotations

import pytest

from indexer.build import build_index
from indexer.config import Config
from search_app.live import Live
from search_app.retrieve import Search

ENGLISH = """# Ministry of Labor Annual Plan 2018

## Part 1: Annual Goals

1. Draft minimum wage legislation and review the minimum wage every year.
2. Strengthen the arrears wage payment fund so that workers of bankrupt employers are paid.
3. Help employers set up nursing rooms and childcare facilities.
4. Promote occupational accident insurance as a law of its own.
5. Improve the living conditions of migrant fishing crews.
"""
CHINESE = """# 勞動部107年度施政計畫

## 壹、年度施政目標

一、研擬最低工資法制，並每年檢討基本工資。
二、健全積欠工資墊償基金，保障歇業事業單位勞工之工資。
三、輔導雇主設置哺集乳室與托兒設施。
四、推動職業災害保險單獨立法。
五、改善移工居住環境。
"""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, config: Config) -> Search:
    root = tmp_path_factory.mktemp("bilingual")
    corpus = root / "corpus"
    corpus.mkdir()
    (corpus / "en.md").write_text(ENGLISH, encoding="utf-8")
    (corpus / "zh.md").write_text(CHINESE, encoding="utf-8")
    own = config.model_copy(update={"index": config.index.model_copy(update={"dir": root / "index"})})
    build_index(own, corpus)
    return Live(own, library=False).load()


@pytest.mark.parametrize(
    ("query", "english", "chinese"),
    [
        ("minimum wage", "minimum wage", "最低工資"),
        ("最低工資", "minimum wage", "最低工資"),
        ("nursing rooms", "nursing rooms", "哺集乳室"),
        ("哺乳室", "nursing rooms", "哺集乳室"),
        ("老闆欠薪怎麼辦？", "arrears wage", "積欠工資"),
        ("What happens when my employer goes bankrupt and owes me wages?", "arrears wage", "積欠工資"),
        ("職災保險", "occupational accident", "職業災害"),
    ],
)
def test_the_clause_is_found_in_both_languages(both: Search, query: str, english: str, chinese: str) -> None:
    texts = [hit.clause.text for hit in both.search(query).hits[:4]]
    assert any(english in text for text in texts)
    assert any(chinese in text for text in texts)
