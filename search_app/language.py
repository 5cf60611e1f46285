"""The language of a page: negotiated from address, cookie and browser, kept over links, told to every template."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, request, url_for
from flask_babel import format_date, get_translations
from markupsafe import Markup

from indexer.roles import role_of
from search_app.english import EnglishHeadings
from search_app.links import filter_values
from search_app.model import HEADINGS
from search_app.problems import in_chinese
from search_app.site import searcher, site
from search_app.texts import english_marker, excerpt, name_of, numbered, runs, shown

DEFAULT_LANGUAGE = "zh-Hant"
LOCALES = {"zh-Hant": "zh_Hant", "en": "en"}  # language tag -> catalogue
HTML_LANG = {"zh-Hant": "zh-Hant-TW", "en": "en"}
COOKIE = "lang"
COOKIE_SECONDS = 365 * 24 * 3600

# Queries to begin with, by who asks them; each runs, and a test proves that it finds something
EXAMPLES = {
    "zh-Hant": {
        "citizen": ("老闆欠薪，誰會先墊付？", "政府怎麼幫中高齡者找工作？"),
        "aide": ("106年勞工健康照護率的目標值是多少？", "哪些永續發展指標沒有達標？"),
        "research": ("最低工資法制在106年和108年有什麼不同？", "工會 AND 協商"),
        "staff": ('"工會結社規範"', "106 壹 三 (四)"),
    },
    "en": {
        "citizen": (
            "Who pays my wages if the employer goes bankrupt?",
            "How does the government help older workers find jobs?",
        ),
        "aide": ("Which SDG targets were missed?", "What was the 2017 target for the labor health care rate?"),
        "research": ("minimum wage legislation", "year:2017 unions"),
        "staff": ("union bargaining mechanism", "8.7.1"),
    },
}
KEPT = {"tools.compare": ("from", "to")}  # parameters without which a page is another page


def bilingual(name: str) -> Blueprint:
    """A blueprint whose pages remember and keep their language."""
    blueprint = Blueprint(name, __name__)
    blueprint.url_defaults(_keep_language)
    blueprint.after_request(_remember_language)
    return blueprint


def language() -> str:
    """The language of this page: from the address, the cookie, the browser; Chinese when none of them says."""
    wanted = [request.args.get("lang", ""), request.cookies.get(COOKIE, "")]
    wanted += [code for code, quality in request.accept_languages if quality > 0]
    known = [tag for tag in map(language_of, wanted) if tag]
    return known[0] if known else ("en" if request.accept_languages else DEFAULT_LANGUAGE)


def short_language() -> Literal["zh", "en"]:
    """The language of this page as citations and files name it."""
    return "en" if language() == "en" else "zh"


def language_of(code: str) -> str | None:
    """The language that a code asks for (zh-Hant, zh-TW, zh_tw, en-GB), or None."""
    return {"zh": "zh-Hant", "en": "en"}.get(code.lower().replace("_", "-").split("-")[0])


def locale() -> str:
    return LOCALES[language()]


def page_context() -> dict[str, object]:
    """What every template knows."""
    own = language()
    other = "en" if own == "zh-Hant" else "zh-Hant"
    return {
        "language": own, "html_lang": HTML_LANG[own], "zh_lang": HTML_LANG["zh-Hant"],
        "lang_in_url": language_of(request.args.get("lang", "")),
        "other_language": other, "other_html_lang": HTML_LANG[other], "other_url": _in_language(other),
        "canonical": _canonical(own), "alternates": {HTML_LANG[tag]: _canonical(tag) for tag in LOCALES} | {"x-default": _canonical()},
        "english": _english(own), "asked": g.get("asked"), "filter_values": filter_values,
        "examples": EXAMPLES[own], "headings": HEADINGS, "excerpt": excerpt,
        "english_marker": english_marker, "in_chinese": in_chinese, "label": label, "name_of": name_of, "numbered": numbered, "runs": runs, "shown": shown,
        "role_of": role_of, "static": static, "_": translate, "request_id": g.get("request_id"),
    }  # fmt: skip


def _english(own: str) -> EnglishHeadings | None:
    """English headings for an English page; None in Chinese pages, while there is no index and where something failed."""
    if own != "en" or "failed" in g or not site().live.ready:
        return None
    return site().of(EnglishHeadings, searcher())


def label(group: str, value: str) -> str:
    """The name of a value in the page's language; the value itself when it has none, such as a new kind of document."""
    key = f"{group}.{value}"
    name = _message(key)
    return value if name == key else name


def translate(key: str, **values: object) -> Markup:
    """A message as markup, its values escaped: what a template calls _, at a third of the cost of the usual way."""
    return Markup(_message(key)) % values


def day(moment: str) -> str:
    """2026-11-28T08:37:21+00:00 -> 2026年11月28日, November 28, 2026."""
    return str(format_date(date.fromisoformat(moment[:10]), "long"))


def minute(moment: str) -> str:
    """The same with the time of day: 2026年11月28日 08:37 UTC."""
    return f"{day(moment)} {datetime.fromisoformat(moment).astimezone(UTC):%H:%M} UTC"


def _message(key: str) -> str:
    """A message of this page's catalogue, which is looked for once a request."""
    if "translations" not in g:
        g.translations = get_translations()
    return str(g.translations.ugettext(key))


def static(name: str) -> str:
    """The address of a static file, which changes when the file does, so that browsers may keep it for ever."""
    path = Path(current_app.static_folder or "") / name
    return url_for("static", filename=name, v=_digest(path, path.stat().st_mtime_ns))


@cache
def _digest(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _canonical(tag: str = "") -> str:
    """The one address of this page in a language, or in that of the browser: without what only filters or orders."""
    kept = [(name, request.args[name]) for name in KEPT.get(request.endpoint or "", ()) if name in request.args]
    query = urlencode([*kept, *([("lang", tag)] if tag else [])])
    return f"{request.base_url}?{query}" if query else request.base_url


def _in_language(tag: str) -> str:
    """This page's parameters with another language."""
    arguments = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return "?" + urlencode([*arguments, ("lang", tag)])


def _keep_language(endpoint: str, values: dict[str, object]) -> None:
    """Pages that were asked for in one language link to pages in it, also where cookies are off."""
    if language_of(request.args.get("lang", "")):
        values.setdefault("lang", language())


def _remember_language(response: Response) -> Response:
    if language_of(request.args.get("lang", "")):
        response.set_cookie(
            COOKIE, language(), COOKIE_SECONDS, secure=request.is_secure, httponly=True, samesite="Lax"
        )  # fmt: skip
    return response
