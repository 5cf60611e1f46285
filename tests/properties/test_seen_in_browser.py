"""Odd pages, held against what a browser shows of them: no character of it is lost, and only numbers of lists are added."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from indexer.readers import read_blocks

PAGES = {
    "a form in a table": "<table border=1><form action=x><tr><td>甲<td>乙</tr></form></table>",
    "a form in a row": "<table border=1><tr><form><td>甲<td>乙</form></tr><tr><td>丙<td>丁</tr></table>",
    "a form in a head": "<table><thead><form><tr><th>甲<th>乙</tr></form></thead><tr><td>丙<td>丁</tr></table>",
    "text between cells": "<table border=1>甲<tr><td>乙</td>丙<td>丁</td></tr>戊</table>",
    "blocks between rows": "<table border=1><div>甲</div><tr><td>乙<td>丙</tr><p>丁</p><h2>戊</h2></table>",
    "hidden rows": "<table><tr style='display:none'><td>甲<td>乙</tr><tr><td>丙<td>丁</tr><tbody hidden><tr><td>戊</tbody></table>",
    "two ends": "<p>甲</p></body></html><p>乙</p></BODY ></html>丙",
    "tables in cells": "<table border=1><tr><td>甲<table border=1><tr><td>乙<td>丙</table>丁</td><td>戊</td></tr></table>",
    "a table for layout": "<table><tr><td>甲<table border=1><tr><td>乙乙乙乙<td>丙丙丙丙</table>丁</td></tr></table>",
    "blocks within lines": "<span>甲<p>乙</p>丙<div>丁</div></span><a href=x><h2>戊</h2>己</a>",
    "cells outside": "<td>甲</td><tr><td>乙</td></tr>",
    "unclosed": "<table border=1><tr><td>甲<td>乙<tr><td>丙<p>丁<td>戊</table>",
    "choices and drawings": "<select><option>甲<option>乙</select><svg><text y=20>丙</text></svg>",
    "unknown elements": "<my-el>甲<p>乙</p></my-el><center>丙</center><dialog open>丁</dialog>",
    "ruby": "<ruby>甲<rt>ㄐㄧㄚˇ</rt></ruby><math><mi>乙</mi></math>",
    "definitions": "<dl><dt>甲<dd>乙</dl><fieldset><legend>丙</legend>丁</fieldset><details open><summary>戊</summary>己</details>",
}


@pytest.mark.browser
def test_what_a_browser_shows_is_read_once(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    page = browser.new_page()
    wrong = {}
    for name, source in PAGES.items():
        path.write_text(f"<!doctype html><meta charset=utf-8><body>{source}</body></html>", encoding="utf-8")
        page.goto(path.as_uri())
        seen, read = "".join(page.evaluate("document.body.innerText").split()), characters(path)
        if Counter(seen) != Counter(read):
            wrong[name] = (seen, read)
    page.close()
    assert wrong == {}


def characters(path: Path) -> str:
    """All that the reader gives, without blanks."""
    blocks = read_blocks(path)
    found = [block.text for block in blocks] + [cell.text for block in blocks for row in block.rows for cell in row]
    return "".join("".join(found).split())
