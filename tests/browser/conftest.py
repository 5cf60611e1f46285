"""The shipped corpus behind a real server, and the pages that a browser looks at."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import waitress

from indexer.config import Config
from search_app.app import create_app
from search_app.live import Live


@pytest.fixture(scope="session")
def site(live: Live, config: Config) -> Iterator[str]:
    """The address of the running application."""
    server = waitress.create_server(create_app(live, config), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(timeout=5)
