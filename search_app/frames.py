"""The fixed sentences around quotations and figures, in both languages. Nothing else of an answer is our own wording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from search_app.answer_model import Coverage, Reason

Language = Literal["zh", "en"]

# name -> (Traditional Chinese, English); the names in braces are filled in.
FRAMES: Mapping[str, tuple[str, str]] = {
    # quotations
    "extract": ("{where}寫道：", "{where} says:"),
    "extract_years": ("{where}都寫道：", "The same words stand in {where}:"),
    "extract_two": ("{where}與此有關的文字有兩處：", "Two passages bear on this, in {where}:"),
    "extract_yes_no": ("{where}提到這件事，原文是：", "This is addressed in {where}; the wording is:"),
    "extract_who": ("{where}將這項工作列在「{unit}」之下，原文是：", "This work is listed under “{unit}” in {where}; the wording is:"),
    "extract_which_year": ("載明這件事的是{where}，原文是：", "This stands in {where}; the wording is:"),
    "compare": ("以下並列{where}的文字，請比較：", "The wording of {where}, side by side:"),
    "compare_same": ("{where}的文字相同：", "The wording is the same in {where}:"),
    "compare_line": ("{where}：", "{where}: "),
    "document": ("《{title}》", "the {title}"),
    "document_year": ("《{title}》（民國{roc}年，{ce}）", "the {title} (ROC {roc})"),
    "and": ("與", " and "),
    # figures
    "figure": ("{where}{label}：{values}。", "{label} in {where}: {values}."),
    "figure_kpi": ("的關鍵績效指標「{name}」", "Key performance indicator “{name}”"),
    "figure_indicator": ("的指標 {number}「{name}」", "Indicator {number} “{name}”"),
    "called": ("{where}{label}", "{label} in {where}"),
    "target": ("{period}年目標值 {value}", "{period} target {value}"),
    "actual": ("實際值 {value}", "actual {value}"),
    "met": ("已達成目標", "target met"),
    "missed": ("未達成目標", "target missed"),
    "lower": ("（數值愈低愈好）", " (lower is better)"),
    "part": ("{part}：{values}", "{part}: {values}"),
    "list_missed": (
        "{where}列有實際值的 {total} 組目標中，未達成的有 {count} 組：",
        "Of the {total} targets with an actual value in {where}, {count} {were} missed:",
    ),
    "list_met": (
        "{where}列有實際值的 {total} 組目標中，已達成的有 {count} 組：",
        "Of the {total} targets with an actual value in {where}, {count} {were} met:",
    ),
    "list_all": ("{where}的指標有 {count} 項：", "{where} has {count} {indicators}:"),
    "list_none": ("沒有。", "None."),
    "list_item": ("{number} {name}（{values}）", "{number} {name} ({values})"),
    "count": ("{where}列有 {count} 項{table}。", "{where} lists {count} {table}."),
    "count_pairs": ("{where}列有 {count} 項{table}，共 {pairs} 組目標值。", "{where} lists {count} {table} with {pairs} targets."),
    "table_kpi": ("關鍵績效指標", "key performance indicators"),
    "table_indicator": ("追蹤指標", "tracking indicators"),
    # reasons
    "no_table": ("{where}沒有列出指標與目標值，無法由這份文件回答。", "{where} has no table of indicators and targets, so it cannot answer this."),
    "no_table_offer": ("以下是其他文件的資料，請留意年度不同。", "Below is what another document says; mind that it is for another year."),
    "no_actual": (
        "{where}只列目標值，沒有列實際值，無法判斷是否達成。",
        "{where} prints targets only, no actual values, so it cannot be said whether they were met.",
    ),
    "no_amount": ("文件提到這項工作，但沒有寫出所問的數額。", "The documents name this work but do not state the figure asked for."),
    "not_for_year": ("這項指標只列有 {periods}年的數值，沒有所問年度的數值。", "This indicator is stated for {periods} only, not for the year asked about."),
    "no_indicator": ("文件中沒有編號 {number} 的指標。", "There is no indicator {number} in these documents."),
    "no_such_indicator": ("文件中沒有這樣的指標，也就沒有它的目標值。", "There is no such indicator in these documents, and so no target for it."),
    "no_such_offer": (
        "文件中沒有這樣的指標。最接近的是{nearest}。",
        "There is no such indicator in these documents. The nearest one is: {nearest}.",
    ),
    "no_year": ("沒有 {asked}年的文件。收錄的年度是 {held}。", "There is no document for {asked}. The years held are {held}."),
    "no_plan_year": ("沒有 {asked}年度的施政計畫。收錄的施政計畫年度是 {held}。", "There is no administrative plan for {asked}. Plans are held for {held}."),
    "relative_year": (
        "「{word}」要看提問的日期，無法判定是哪一年。請寫出年度，收錄的年度是 {held}。",
        "“{word}” depends on the day of asking. Please name the year; the years held are {held}.",
    ),
    "damaged": (
        "相關內容在一頁無法可靠辨讀的原文上，因此不引用；請開啟該頁對照。",
        "The page that bears on this cannot be read reliably, so it is not quoted; please open it and see for yourself.",
    ),
    "not_found": ("收錄的文件裡找不到這個問題的答案。", "The answer is not in these documents."),
    "unknown_terms": ("收錄的文件裡沒有提到「{terms}」，找不到這個問題的答案。", "The documents do not mention “{terms}”; the answer is not in them."),
    "empty": ("請寫出想問的事。", "Please write what you would like to know."),
    "translation_note": ("英譯非官方譯文，僅供參考。", "Unofficial rendering; the Chinese text is authoritative."),
    "held_year": ("{roc}（{ce}）", "{ce} (ROC {roc})"),
    "separator": ("、", ", "),
}  # fmt: skip
_UNITS_EN = {"人": "people", "人次": "person-times", "件": "cases", "案": "cases", "場次": "sessions", "": ""}


def frame(name: str, language: Language, /, **values: object) -> str:
    """A fixed sentence, filled in."""
    return FRAMES[name][language == "en"].format(**values)


def reason(code: str, /, **values: tuple[object, object] | object) -> Reason:
    """A reason in both languages; a value may be a pair (Chinese, English)."""
    sides = [
        {name: value[side] if isinstance(value, tuple) else value for name, value in values.items()} for side in (0, 1)
    ]
    return Reason(code, _capital(frame(code, "zh", **sides[0])), _capital(frame(code, "en", **sides[1])))


def held_years(coverage: Coverage, kinds: Sequence[str] = ()) -> tuple[str, str]:
    """The years of the corpus in both calendars, as (Chinese, English); only of some kinds of document where given."""
    years = [(roc, ce) for _, roc, ce, _, _, kind in coverage.documents if not kinds or kind in kinds]
    pairs = list(dict.fromkeys(years))
    zh, en = (
        frame("separator", language).join(frame("held_year", language, roc=roc, ce=ce) for roc, ce in pairs)
        for language in _LANGUAGES
    )
    return zh, en


def number_text(value: float, unit: str, language: Language) -> str:
    """1600000.0, 人 -> 1,600,000 people; for Chinese 1,600,000 人."""
    digits = f"{value:,.10g}" if value % 1 else f"{value:,.0f}"
    if unit in ("%", "％", "‰"):
        return digits + unit
    name = _UNITS_EN.get(unit, unit) if language == "en" else unit
    return f"{digits} {name}".rstrip()


def sentence(text: str) -> str:
    """An English sentence begins with a capital."""
    return _capital(text)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:] if text[:1].isascii() else text


_LANGUAGES: tuple[Language, Language] = ("zh", "en")
