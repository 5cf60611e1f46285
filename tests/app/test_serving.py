"""Opening and serving the application."""

from __future__ import annotations

import pytest
from waitress.adjustments import Adjustments

from indexer.config import Config
from search_app import app as module
from search_app.app import open_app, serve


@pytest.mark.parametrize(
    ("sent", "path", "query"),
    [
        ("GET /search?q=最低工資 HTTP/1.1", "/search", "q=%E6%9C%80%E4%BD%8E%E5%B7%A5%E8%B3%87"),
        ("GET /search?q=%E6%9C%80&a=1 HTTP/1.1", "/search", "q=%E6%9C%80&a=1"),
        ("GET /條款?q=%zz HTTP/1.1", "/條款", "q=%zz"),
    ],
)
def test_addresses_may_hold_chinese_as_typed(sent, path, query):
    parser = module._Parser(Adjustments())
    parser.received(f"{sent}\r\nHost: localhost\r\nX-A: b\r\n\r\n".encode())
    assert parser.error is None
    path_sent = parser.path.encode("latin-1").decode()
    assert (path_sent, parser.query, parser.headers["X_A"]) == (path, query, "b")


@pytest.fixture
def opened(monkeypatch, shelf):
    """What was done to the shelf that stands in for Live."""
    done = []
    shelf.start = lambda: done.append("start")
    shelf.close = lambda: done.append("close")
    monkeypatch.setattr(module, "Live", lambda config: shelf)
    return done


def test_open_app_starts_loading(opened, root):
    for config in (root / "config.yaml", Config()):
        assert open_app(config).test_client().get("/healthz").status_code == 200
    assert opened == ["start", "start"]


def test_serve_uses_the_settings_and_closes_the_index(opened, monkeypatch):
    served = {}

    def interrupted(app, **settings):
        served.update(settings)
        raise KeyboardInterrupt

    monkeypatch.setattr(module.waitress, "serve", interrupted)
    config = Config()
    with pytest.raises(KeyboardInterrupt):
        serve(open_app(config), config)
    server = config.server
    assert (served["host"], served["port"], served["threads"]) == (server.host, server.port, server.threads)
    assert (served["connection_limit"], served["channel_timeout"]) == (1000, 15)
    assert served["max_request_body_size"] == server.max_body_bytes
    assert opened == ["start", "close"]
