"""A quotation check in words and as JSON: what was found, and what was not checked."""

from __future__ import annotations

from dataclasses import asdict

from search_app.cite import cite
from search_app.compare_json import change_json
from search_app.difference import redline
from search_app.verify import Place, Verification
from search_app.wire import place_json

Json = dict[str, object]

_VERDICTS = {
    "exact": ("一字不差", "Exact"),
    "typographic": ("文字相同，印刷不同", "Same words, other print"),
    "altered": ("文字有更動", "Altered"),
    "wrong_place": ("出處不符", "Wrong place"),
    "spliced": ("由不同條文拼接", "Spliced"),
    "unreliable": ("只見於不可靠的頁面", "Only on an unreliable page"),
    "not_found": ("查無此文", "Not found"),
}
_TOLD = {
    "exact": ("引文與原文逐字相符（換行與空白不計）。", "Every character stands in the source in this order; line breaks and blanks apart."),
    "typographic": (
        "引文與原文的文字相同，差別只在字形、全半形、繁簡或標點；請依原文改正後引用。",
        "The words are the source's; only forms of characters, width, script or punctuation differ. Quote it as printed.",
    ),
    "altered": (
        "查無與引文相同的文字；下列為最接近的原文，並標出差異。請勿以原文名義引用。",
        "These words stand nowhere. The nearest source is shown with the difference. Do not quote it as the source.",
    ),
    "wrong_place": ("原文確有此語，但不在所指的{wrong}。", "The words are in the corpus, but not in the {wrong} that was given."),
    "spliced": (
        "引文的各段分別出自不同條文，原文並無此連續文字。",
        "The parts of the quotation stand in different clauses; nowhere do they follow each other.",
    ),
    "unreliable": (
        "此文只見於擷取有誤或由影像辨識的頁面，無法核對；請對照原始文件。",
        "It stands only on a page whose extraction failed or that was read from a picture, so it cannot be checked. See the "
        "original document.",
    ),
    "not_found": (
        "所收文件中沒有足夠接近的文字；這不表示其他文件也沒有。",
        "Nothing near enough stands in these documents; that says nothing about others.",
    ),
}  # fmt: skip
_CUTS = {
    "word": ("引文起訖處切斷了詞語。", "The quotation begins or ends within a word."),
    "number": ("引文起訖處切斷了數字。", "The quotation begins or ends within a number."),
    "negation": ("引文略去了緊接在前的否定詞。", "The quotation leaves out the negation right before it."),
}
_WRONG = {"year": ("年度", "year"), "section": ("章節", "section"), "number": ("條文編號", "clause number")}


def verdict(found: Verification) -> dict[str, str]:
    """The status in a few words, in both languages."""
    zh, en = _VERDICTS[found.status]
    return {"zh": zh, "en": en}


def explained(found: Verification) -> dict[str, str]:
    """What the check found, in whole sentences, in both languages."""
    wrong = [_WRONG[name] for name in found.wrong]
    zh, en = _TOLD[found.status]
    cut = _CUTS[found.cut] if found.cut else ("", "")
    return {
        "zh": zh.format(wrong="、".join(name for name, _ in wrong)) + cut[0],
        "en": " ".join(part for part in (en.format(wrong=" and ".join(name for _, name in wrong)), cut[1]) if part),
    }


def verification_json(found: Verification) -> Json:
    """The JSON of a check. ``verified`` is True for ``exact`` only; ``places`` holds 20 of ``total`` at the most."""
    return {
        "quote": found.quote, "status": found.status, "verified": found.status == "exact",
        "verdict": verdict(found), "explanation": explained(found),
        "likeness": found.likeness, "cut": found.cut, "wrong": list(found.wrong), "total": found.total,
        "places": [stand_json(place) for place in found.places],
        "parts": [{"text": part.place.text, "place": stand_json(part.place)} for part in found.parts],
        "changes": change_json(found.change) if found.change and found.status != "exact" else None,
    }  # fmt: skip


def stand_json(place: Place) -> Json:
    """Where words stand: ``range`` are [start, end) offsets into the clause's ``text``, which damaged pages do not show."""
    clause, document = place.clause, place.document
    return {
        **place_json(clause, document),
        "document_title": document.title_zh, "text": "" if clause.damaged else clause.text,
        "range": [place.start, place.end], "quoted": place.text, "whole": place.whole, "damaged": clause.damaged,
        "citation": asdict(cite(clause, document)),
    }  # fmt: skip


def marked(found: Verification) -> str:
    """The difference from the source to the quotation in one line, for a terminal: [-刪-]{+增+}."""
    if found.change is None:
        return ""
    frames = {"equal": "{}", "delete": "[-{}-]", "insert": "{{+{}+}}"}
    return "".join(frames[piece.kind].format(piece.text) for piece in redline(found.change))
