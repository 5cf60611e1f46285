"""Reads what the indexer built: search, pages, JSON, command line.

For Python programs::

    from search_app import open_search

    with open_search("config.yaml") as plans:
        for hit in plans.search("最低工資", years=[106]).hits:
            print(hit.clause.text, hit.citation.zh)
        print(plans.ask("8.7.1達標了嗎？").answer)
        print(plans.verify_quote("研擬最低工資法制。", years=[106]).status)
        print(plans.compare("mol-106-plan", "mol-108-plan").counts())
        print(plans.indicators(status="missed").rows)
        print(plans.clause("mol-106-plan/1.3.4").citation.en)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from search_app.library import Plans

__all__ = ["open_search"]


def open_search(config: str | Path = "config.yaml") -> Plans:
    """The published index of a configuration, loaded now.

    Raises ConfigError for settings that cannot be used, StoreError while there is no usable index. What searching needs
    is imported here, not with the package: that takes a second.
    """
    from pathlib import Path

    from indexer.config import load_config
    from search_app.library import Plans

    plans = Plans(load_config(Path(config)))
    plans.load()
    return plans
