"""Pictures of every page in both languages, light and dark, narrow and wide, to be looked at.

./run &
.venv/bin/python -m tests.browser.screenshots http://127.0.0.1:8000 var/screenshots
"""

from __future__ import annotations

import os
import shutil
import sys
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.pages import LANGUAGES, PAGES, address

WIDTHS = (360, 1280)
SCHEMES = ("light", "dark")


def take(browser: Browser, site: str, folder: Path, names: list[str]) -> None:
    """One picture per page, language, width and colour scheme."""
    for width, scheme in product(WIDTHS, SCHEMES):
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        for name, language in product(names, LANGUAGES):
            page.goto(address(site, name, language))
            page.screenshot(path=folder / f"{name}-{language}-{width}-{scheme}.png", full_page=True)
        page.close()


def main() -> None:
    site, folder, names = sys.argv[1].rstrip("/"), Path(sys.argv[2]), sys.argv[3:] or list(PAGES)
    folder.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium-headless-shell")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        take(browser, site, folder, names)
        browser.close()


if __name__ == "__main__":
    main()
