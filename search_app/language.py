"""The language of a page: negotiated from address, cookie and browser, kept over links, told to every template."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlencode

from flask import Blueprint, Response, g, request, url_for
from flask_babel import gettext

from search_app.links import filter_values
from search_app.parameters import MODES, SORTS
from search_app.texts import HEADINGS, english_headings, excerpt, name_of, numbered, runs, shown

DEFAULT_LANGUAGE = "zh-Hant"
LOCALES = {"zh-Hant": "zh_Hant", "en": "en"}  # language tag -> catalogue
HTML_LANG = {"zh-Hant": "zh-Hant-TW", "en": "en"}
COOKIE = "lang"
COOKIE_SECONDS = 365 * 24 * 3600

EXAMPLES = (
    ("最低工資", "zh"), ('"工會結社規範"', "zh"), ("8.7.1 職災死亡千人率達標了嗎？", "zh"), ("工會結社有什麼規劃？", "zh"),
    ("minimum wage legislation", "en"), ("Which SDG targets were missed?", "en"),
)  # fmt: skip


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
    other = "en" if language() == "zh-Hant" else "zh-Hant"
    return {
        "language": language(), "html_lang": HTML_LANG[language()], "zh_lang": HTML_LANG["zh-Hant"],
        "lang_in_url": language_of(request.args.get("lang", "")),
        "other_language": other, "other_html_lang": HTML_LANG[other], "other_url": _in_language(other),
        "alternates": {HTML_LANG[tag]: request.base_url + _in_language(tag) for tag in LOCALES},
        "modes": list(MODES), "sorts": list(SORTS), "asked": g.get("asked"), "filter_values": filter_values,
        "examples": EXAMPLES, "headings": HEADINGS, "english_headings": english_headings, "excerpt": excerpt, "label": label, "name_of": name_of,
        "numbered": numbered, "runs": runs, "shown": shown, "static": static,
    }  # fmt: skip


def label(group: str, value: str) -> str:
    """The name of a value in the page's language; the value itself when it has none, such as a new kind of document."""
    key = f"{group}.{value}"
    name: str = gettext(key)
    return value if name == key else name


def static(name: str) -> str:
    return url_for("static", filename=name)


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
