"""A question as understood: language, years in either calendar, what is wanted, and what it is about."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from indexer.text import display_normal, is_simplified
from search_app.answer_model import Facet, Outcome, QuestionKind, QuestionLanguage, SubjectTerm, Understanding, ordered
from search_app.query import language_of
from search_app.terms import chinese_terms, correct, english_terms, subject_of

ROC = 1911  # CE = ROC + 1911
_ROC_YEARS = range(90, 151)  # plan years that a bare number may mean
_NUMERALS = {numeral: value for value, numeral in enumerate("一二三四五六七八九十", start=1)}

# Patterns run over the question in Traditional script, lower case, full width folded; the first that fits decides.
_KINDS: tuple[tuple[QuestionKind, tuple[str, ...]], ...] = (
    ("compare", (
        r"差[別異]|不同|比較|相比|改變|變化|怎麼(?:改(?!善)|變)|改成|變成|修改了",  # 兩年有什麼不同
        r"\b(?:compare|differs?|differences?|changed?|versus|vs)\b",  # how did the wording change
    )),
    ("count", (
        r"[幾多]少?(?:個|項|大)?.{0,2}(?:關鍵績效指標|kpi|指標|目標(?!值))|有多少(?:個|項)"  # 有幾項指標
        r"|(?:指標|kpi)\s*(?:一共|總共|共)?有?(?:幾|多少)[個項]",  # 指標有幾項
        r"how many (?:\w+ ){0,3}(?:indicators?|kpis?|goals?|targets?)\b",  # how many key performance indicators
    )),
    ("met", (
        r"達標|達成|達到.{0,8}目標|(?:未|沒有?|有)達|落後",  # 有沒有達標
        r"\b(?:missed|met|achieved?|fell short|on target)\b",  # which targets were missed
        r"\b(?:meet|meets|reach|reached)\b.{0,20}\b(?:targets?|goals?)\b",  # did it meet its target
    )),
    ("how_much", (
        r"多少|幾|多久|目標值|實際值|比率是|比例是",  # 目標值是多少
        r"how (?:much|many|often|long|old)|what (?:percentage|share|rate|proportion|number)|\btargets?\b"
        r"|(?:what|which|retirement|minimum|maximum|legal) age\b|\bage (?:group|limit|range)s?\b",
    )),
    ("which_year", (r"哪一?年|何時|什麼時候|什麼時間", r"^(?:and |so )?(?:since |until )?when\b|(?:which|what) years?\b")),
    ("who", (
        r"誰|哪個(?:單位|機關|部門|部會|司|署|局)|主管機關",  # 哪個單位負責
        r"\bwho\b(?! \w+ their)|(?:which|what) (?:agency|department|ministry|unit|bureau)\b|responsible",
    )),
    ("list", (r"哪些|哪幾|列出", r"\blist\b|\bwhich\b|what are\b")),
    ("yes_no", (
        r"嗎|是否|有沒有|會不會|能不能|可不可以|要不要",  # 要不要單獨立法
        r"^(?:is|are|does|do|did|will|can|could|has|have|was|were)\b",  # is there any plan
    )),
)  # fmt: skip
# An amount: how it is asked for, and how it is printed.
UNITS: dict[str, tuple[str, str]] = {
    "money": (
        r"多少錢|幾[億萬千]?元|多少[億萬]?元|金額|經費|預算(?:總額)?(?:是)?多少|罰[款鍰]|罰多少|多少費|費用|票價|薪資是|多少現金"
        r"|(?<!請)(?:領|拿|繳|付|賠|罰|給|補助|補貼)到?(?:多少|幾)(?![人名個件場次家萬間]|年(?!金)|天|月)"  # 每個月可以領多少
        r"|how much (?:money|is|are|does)|how much .*(?:\bpay|paid|wages?\b|salary|benefit|allowance|subsidy|compensation|cost|rent)"
        r"|\b(?:fine|fees?|costs?|budget|price|in dollars)\b",  # 罰款多少
        r"[\d兆億萬千百]\s*元|(?:NT|US)\$\s*\d",  # 3 萬元
    ),
    "day": (r"[幾多]少?[天日]|how many days|how long", r"\d\s*[天日](?!間)|\bdays?\b"),
    "month": (r"幾個月|多少個月|how many months", r"\d\s*個月"),
    "age": (r"幾歲|年齡|how old|(?:what|which|retirement|minimum|maximum|legal) age\b|\bage (?:group|limit|range)s?\b", r"\d\s*歲"),
    "percent": (
        r"百分之幾|幾成|費率|提繳率|比[例率]|(?:就業|失業|組織)率"
        r"|what (?:percentage|share|proportion)|(?:tax|unemployment) rate",  # 占多少比例
        r"\d\s*[%％‰]|\d\.\d",  # 97%
    ),
    "phone": (r"電話|幾號|phone|\bcall\b", r"\d{2,4}-\d{3,4}"),
    "date": (
        r"什麼時候|何時|哪一?年(?!度?的?(?:施政)?(?:計[畫劃]|文件|報告))|^(?:and |so )?(?:since |until )?when\b|(?:which|what) year",  # 什麼時候施行
        r"(?:19|20)\d\d\s*年|\d{2,3}\s*年度?|\d\s*月",  # 2022 年 5 月
    ),
    "often": (r"多久|how often", r"每[年月季週半周\d]|不定期|一次"),
    "count": (r"多少|幾(?!乎)|how many", r"\d|[一二三四五六七八九十]+(?:種|項|次)"),
}  # fmt: skip
_FACETS: tuple[tuple[Facet, str], ...] = (
    (
        "target",
        r"目標值|目標數|目標[和與及跟、]實際|目標(?:是|為|訂為|定為|訂在|設為)?(?:多少|幾)|(?:年度|指標|績效)目標|\btargets?\b",
    ),
    ("actual", r"實際|實績|達成值|成果|\b(?:actual|actually|achieved|result|results)\b"),
)
_MISSED = r"未達|沒有?達|沒能達|無法達|落後|\b(?:missed|not (?:met|reached|achieved)|fail(?:ed)?|fell short|did ?n[o']t (?:meet|reach|achieve))\b"
_TABLES: tuple[tuple[str, str], ...] = (
    ("kpi", r"kpi|關鍵績效|key performance"),
    ("indicator", r"sdgs?\b|永續|追蹤指標|sustainable"),
)
# 58歲, 五十八歲; is 62, over 55, 58-year-old, aged 50
_AGE = (
    r"(?<!\d)(\d{2})\s*(?:多|幾)?歲(?!以)|([四五六七八九])十[一二三四五六七八九多幾]?歲"
    r"|\b(?:is|am|was|turned|over|aged) (\d{2})\b(?![.,%\d])(?! ?(?:percent|days|weeks|months|hours|people|workers))|\b(\d{2})[- ]years?[- ]old"
)
MIDDLE_AGED = 45  # years; Employment Service Act, Article 2
_RELATIVE = r"去年|今年|明年|前年|後年|上年度|本年度|\b(?:last|this|next|current) year\b"
_RANGE = (
    r"(?<!\d)((?:19|20)\d\d)\s*年?\s*(?:至|到|[-~–—]|to|through|until|and)\s*((?:19|20)\d\d)(?!\d)"  # 2017年至2020年
)
_CE_YEAR = r"(?<![\d.])(?<!\d,)((?:19|20)\d\d)(?![\d%]|\s*(?:永續|agenda|sustainable))"  # 2017, not 2030 永續發展目標
_ROC_YEAR = r"(?<![\d.-])(?<!\d,)(\d{2,3})(?![\d.,%-]|\s*[人場件萬元天歲個名次種案家項])"  # 106, 106年度
_PROCEDURE = (  # 加班費怎麼算
    r"(?:怎麼|如何|怎樣)(?:去|才能)?(?:申請|計算|算|辦理|請領|領|報名|登記|換|轉|繳|認定|罰|處罰|申報)|\bhow (?:do|can|should) (?:i|we)\b"
)
_ASKING = r"什麼|多少|幾|哪|誰|嗎|怎麼|如何|是否|有沒有|何時|^(?:what|which|who|when|where|why|how|is|are|does|do|did|can|will)\b"
_SOME = r"[好這那]幾|(?<!提)前幾|幾乎"  # 好幾個月: no number is asked for
_SOME_TOLD = r"幾(?=[個年天日月歲次萬千百位家間])"  # 想先工作幾年，……嗎？: some years
_PLAN = (
    r"\d{2,4}\s*年?度?的?.{0,4}(?:施政)?計畫|\d{4} (?:\w+ )?plan\b|plans? (?:for|of) \d{4}"  # 105年度的勞動部施政計畫
)
_NUMBER = r"(?<![\d.])(\d{1,2}\.[\da-z]{1,2}\.\d{1,2})(?![\d.])"  # 8.7.1
_GOAL = (
    r"(?:核心|施政|sdg)?目標\s*([一二三四五六七八九十]|\d{1,2})(?![\d.大共個項]|\s*年)"  # 目標八
    r"|第\s*([一二三四五六七八九十]|\d{1,2})\s*[項個]?(?:核心|施政|永續發展)?目標|\bgoals? (\d{1,2})\b|\bsdg ?(\d{1,2})(?![\d.])"
)


def understand(question: str) -> Understanding:
    """What a question asks, read from its words alone; the corpus is not looked at."""
    corrected = correct(question)
    text = corrected or question
    plain = _plain(text)
    language = _language(text)
    asking = _settled(plain)
    kind = _kind(asking)
    years, year_range = _years(plain, kind)
    relative = re.search(_RELATIVE, _asked_part(plain, language))
    terms = _staged(text if language == "en" else plain, language)
    terms += tuple(term for term in _aged(plain) if term.text not in {other.text for other in terms})
    if language == "mixed":
        terms += tuple(term for term in english_terms(_latin(text)) if term.text.lower() not in {t.text for t in terms})
    return Understanding(
        text=question, language=language, kind=kind, years=years, terms=terms, subject=subject_of(_without_years(plain)),
        year_range=year_range, relative_year=relative.group() if relative and not years else "", facet=_facet(plain, kind),
        outcome=_outcome(plain, kind), number=_first(_NUMBER, plain), goal=_goal(plain), unit=_unit(asking, kind),
        tables=tuple(table for table, pattern in _TABLES if re.search(pattern, plain)),
        plan_named=re.search(_PLAN, plain) is not None, roc_years=_roc_years(plain), corrected=corrected,
        procedure=re.search(_PROCEDURE, plain) is not None,
    )  # fmt: skip


def printed_amount(unit: str, text: str) -> bool:
    """True when a text prints an amount of that unit, dates left out; True for no unit."""
    if not unit:
        return True
    if unit == "date":
        return re.search(UNITS[unit][1], unicodedata.normalize("NFKC", text)) is not None
    undated = re.sub(r"(?:19|20)\d\d\s*年|\d{1,2}\s*[月日](?!間)|第\s*\d+", " ", unicodedata.normalize("NFKC", text))
    return re.search(UNITS[unit][1], undated) is not None


def looks_like_question(text: str) -> bool:
    """True for a question mark or a word of asking: enough to try an answer."""
    plain = _plain(text)
    if plain.rstrip().endswith("?"):
        return True
    return re.search(_ASKING, plain) is not None


def _plain(text: str) -> str:
    """Traditional script, lower case, full-width forms folded, single blanks."""
    return " ".join(display_normal(unicodedata.normalize("NFKC", text)).lower().split()).replace("臺", "台")


def _language(text: str) -> QuestionLanguage:
    found = language_of(text)
    return "zh-Hans" if found == "zh" and is_simplified(text) else found


def names_table(words: str) -> bool:
    """True for words that name a table of indicators or its columns, and no subject: "key performance indicators"."""
    return any(re.search(pattern, words.lower()) for _, pattern in (*_TABLES, *_FACETS))


def _settled(plain: str) -> str:
    """The question without 「幾」 that means some: 「好幾個月」, and 「想先工作幾年」 before a part that asks something else."""
    told, comma, asked = re.sub(_SOME, "", plain).rpartition(",")
    if re.search(_ASKING, asked) and not re.search("幾|多少", asked):
        told = re.sub(_SOME_TOLD, "", told)
    return told + comma + asked


def _kind(plain: str) -> QuestionKind:
    return next((kind for kind, patterns in _KINDS if any(re.search(p, plain) for p in patterns)), "what")


def _years(plain: str, kind: QuestionKind) -> tuple[tuple[int, ...], tuple[int, int] | None]:
    """Years in CE; a period asked for as a whole is no list of years, except where two plans are compared."""
    found = re.search(_RANGE, plain)
    if found and kind != "compare":
        return (), (int(found[1]), int(found[2]))
    numbers = re.sub(_NUMBER, " ", plain)
    common = [int(year) for year in re.findall(_CE_YEAR, numbers)]
    return ordered([*common, *_roc_years(numbers)]), None


def _roc_years(plain: str) -> tuple[int, ...]:
    """The years written in the calendar of the Republic of China, in CE; people name plan years so."""
    numbers = re.sub(_NUMBER, " ", plain)
    return ordered([int(year) + ROC for year in re.findall(_ROC_YEAR, numbers) if int(year) in _ROC_YEARS])


def _without_years(plain: str) -> str:
    """The question without years and the numbers of indicators and goals, for the subject."""
    pattern = rf"{_NUMBER}|(?:民國\s*)?(?:(?:19|20)\d\d|(?<!\d)1\d\d(?!\d))\s*(?:年度?|學年)?"
    return re.sub(rf"{pattern}|{_RELATIVE}|{_GOAL}", " ", plain)


def _parts(text: str, language: QuestionLanguage) -> list[str]:
    """The sentences of an English question, the parts between punctuation marks of a Chinese one."""
    pieces = re.split(r"(?<=[.?!;])\s+" if language == "en" else r"[,;。!]", text)
    return [piece for piece in pieces if piece.strip(" ?")]


def _terms_of(text: str, language: QuestionLanguage) -> tuple[SubjectTerm, ...]:
    return english_terms(text) if language == "en" else chinese_terms(_without_years(text))


def _asked_part(text: str, language: QuestionLanguage) -> str:
    """The last part that has a subject; the others tell how it came to the question."""
    parts = _parts(text, language)
    told = (part for part in reversed(parts) if not all(term.generic for term in _terms_of(part, language)))
    return next(told, text)


def _staged(text: str, language: QuestionLanguage) -> tuple[SubjectTerm, ...]:
    """The subject terms, those outside the part that asks marked as background."""
    asked = {term.text.lower() for term in _terms_of(_asked_part(text, language), language)}
    return tuple(
        term if term.text.lower() in asked else replace(term, background=True) for term in _terms_of(text, language)
    )


def _aged(plain: str) -> tuple[SubjectTerm, ...]:
    """What the plans call people of the age that a question names: 「五十八歲」, "my father is 62" -> 中高齡."""
    found = [group for match in re.finditer(_AGE, plain) for group in match.groups() if group]
    ages = [int(age) if age.isdigit() else 10 * _NUMERALS[age] for age in found]
    return chinese_terms("中高齡者") if any(MIDDLE_AGED <= age < 100 for age in ages) else ()


def _facet(plain: str, kind: QuestionKind) -> Facet:
    wanted = {facet for facet, pattern in _FACETS if re.search(pattern, plain)}
    if kind == "met" or len(wanted) == 2:
        return "both"
    return next(iter(wanted), "")


def _outcome(plain: str, kind: QuestionKind) -> Outcome:
    if re.search(_MISSED, plain):
        return "missed"
    return "met" if kind == "met" else ""


def _unit(plain: str, kind: QuestionKind) -> str:
    if kind in ("compare", "who"):
        return ""
    for unit, (asked, _) in UNITS.items():
        if re.search(asked, plain):
            return unit
    return ""


def _goal(plain: str) -> int | None:
    found = re.search(_GOAL, plain)
    value = next((group for group in found.groups() if group), None) if found else None
    if value is None:
        return None
    return _NUMERALS[value] if value in _NUMERALS else int(value)


def _first(pattern: str, plain: str) -> str:
    found = re.search(pattern, plain)
    return found[1] if found else ""


def _latin(text: str) -> str:
    return " ".join(re.findall(r"[A-Za-z][A-Za-z'-]*", text))
