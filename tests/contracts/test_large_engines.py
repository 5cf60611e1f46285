"""The product on the engines for larger corpora finds what it finds on the default ones."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from indexer.build import build_index
from indexer.config import Config, KeywordConfig, VectorConfig
from search_app.live import Live
from search_app.model import Filters
from search_app.retrieve import Search


@pytest.fixture(scope="module")
def large(config: Config, live: Live) -> Iterator[Search]:
    """The shipped corpus on tantivy and an IVF index, from the caches of the default build."""
    chosen = {
        "index": config.index.model_copy(update={"dir": config.index.dir.parent / "large"}),
        "keyword": KeywordConfig(engine="tantivy"),
        "vector": VectorConfig(index="IVF16,SQ8", nprobe=8),
    }
    settings = config.model_copy(update=chosen)
    build_index(settings)
    opened = Live(settings, library=False)
    yield opened.load()
    opened.close()


@pytest.mark.parametrize(
    "query", ['"輔導勞工籌組工會"', "勞工 AND NOT 工會", "title:106 最低工資", "指標 8.7.1", '"wage"']
)
def test_exact_sets_are_the_same(large: Search, search: Search, query: str) -> None:
    assert large.search(query, per_page=100).total == search.search(query, per_page=100).total


def test_ranked_lists_agree(large: Search, search: Search) -> None:
    shares = []
    for query in (
        "最低工資法制", "公司要不要設哺乳室？", "老闆跑路了，工資拿不到怎麼辦", "職業災害保險單獨立法", "中高齡者就業促進專法",
        "minimum wage legislation", "What is planned for breastfeeding rooms?", "定額進用",
    ):  # fmt: skip
        for filters in (None, Filters(years=(2019,))):
            wanted = {hit.clause.clause_id for hit in search.search(query, filters=filters).hits}
            found = {hit.clause.clause_id for hit in large.search(query, filters=filters).hits}
            shares.append(len(wanted & found) / len(wanted))
    assert sum(shares) / len(shares) >= 0.9
