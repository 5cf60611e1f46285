"""The columns of plan tables by their header names, in Chinese and English."""

from __future__ import annotations

import re

_YEAR = r"(?:(?:民國)?\d{2,4}年?(?:度)?)?"
_YEAR_EN = r"(?:\(?(?:19|20)\d\d\)? )?"
# Role -> the header names that it goes by, blanks removed from Chinese ones. The first role that fits wins.
_ROLES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (role, re.compile(rf"(?:{names})$", re.IGNORECASE))
    for role, names in (
        ("entry_id", r"_?id"),
        ("title", r"title|標題|題名"),
        ("number", r"項次|編號|序號|項目編號|No\.?|Number|#"),
        (
            "work_plan",
            r"工作計畫名稱|工作計畫|業務計畫名稱|業務計畫|業務別|業務名稱|Work (?:Plan|Programme|Program)|Programme|Program",
        ),
        (
            "item",
            r"重要計畫項目|重要施政計畫項目|施政計畫項目|計畫項目|重要工作項目|工作項目|執行項目|業務項目|計畫名稱|分支計畫名稱|分支計畫"
            r"|行動方案|Key Projects?|Key Items?|Projects?|Initiatives?|Work Items?|Action Items?",
        ),
        ("plan_category", r"計畫類別|計畫性質|類別|性質|Category|Type"),
        (
            "content",
            r"實施內容|計畫內容|計畫內容概要|執行內容|工作內容|實施要項|辦理內容|預定工作內容|工作要項|執行要項|實施要領|具體措施|具體作為"
            r"|推動措施|執行策略|工作重點|Contents?|Implementation|Implementation (?:Details|Contents?|Measures)|Activities|Actions"
            r"|Description",
        ),
        (
            "kpi_link",
            r"與?(?:KPI|關鍵績效指標|績效指標)(?:之)?(?:關聯|關連|對應)|對應KPI|KPI關聯|(?:Linked|Related) KPIs?|KPI Links?",
        ),
        (
            "goal",
            r"關鍵策略目標|共同性目標|策略目標|施政目標|年度施政目標|施政策略目標|施政重點|(?:Strategic |Policy )?(?:Goals?|Objectives?)",
        ),
        ("core_goal", r"核心目標|永續發展目標|SDGs?"),
        ("specific_goal", r"具體目標|SDG Target"),
        (
            "kpi",
            r"(?:年度)?關鍵績效指標|(?:年度|策略)?績效指標|績效衡量指標|共同性指標|KPIs?|(?:Key )?Performance Indicators?",
        ),
        ("indicator", r"對應指標|指標名稱|指標|指標項目|指標內容|量化指標|追蹤指標|Indicators?"),
        ("system", r"評估體制"),
        ("method", r"評估方式|Evaluation Method"),
        (
            "standard",
            r"衡量標準|衡量指標|衡量方式|衡量基準|評估標準|評量標準|計算方式|計算公式|計算方法|Measures?|Formula|Measurement"
            r"|Calculation(?: Method)?|How Measured",
        ),
        (
            "target",
            rf"(?:{_YEAR}|年度)(?:預期|預定|績效|年度)?目標(?:值)?|{_YEAR_EN}(?:Annual )?Targets?(?: Value)?(?: \(?20\d\d\)?)?",
        ),
        (
            "actual",
            rf"(?:{_YEAR}|年度)(?:實際值|達成值|實績值|執行結果|實際達成值|實績)"
            rf"|{_YEAR_EN}(?:Actuals?|Results?)(?: Value)?(?: \(?20\d\d\)?)?",
        ),
        ("unit", r"單位|計量單位|衡量單位|Unit(?: of Measure(?:ment)?)?"),
        ("related_plan", r"與中長程個案計畫(?:之)?關[聯連]|關[聯連]計畫"),
        (
            "unit_in_charge",
            r"負責單位|主辦單位|主辦機關|權責單位|主[辦責]機關單位|(?:Responsible|Lead) (?:Unit|Agency|Department|Office)",
        ),
        ("stakeholder", r"利害關係人類別|利害關係人|Stakeholders?"),
        ("label", r"項目|Item"),
        ("text", r"內容|說明|全文|text"),
    )
)
ROLES = tuple(role for role, _ in _ROLES)
_BARE_YEAR = re.compile(r"(?:民國)?(?:[89]\d|1\d{2}|(?:19|20)\d{2})(?:年度?)?$")  # 110年度, below a merged 年度目標值
_IN_BRACKETS = re.compile(r"\s*[（(]([^（()）]+)[)）]$")  # 目標值（單位：人次）
_PERIOD = re.compile(r"(?:民國)?(\d{2,4})\s*年?度?")  # 2020年目標值


def role_of(name: str) -> str | None:
    """The role that a header name stands for, or None; a unit in brackets at its end does not matter."""
    plain = re.sub(r"\s+", "" if re.search(r"[一-鿿]", name) else " ", name).strip()
    for form in (plain, _IN_BRACKETS.sub("", plain)):
        role = next((role for role, pattern in _ROLES if pattern.match(form)), None)
        if role is not None:
            return role
    return None


def unit_of(name: str) -> str:
    """The unit that a header prints in brackets (目標值（%） -> %), else ""."""
    found = _IN_BRACKETS.search(name.strip())
    unit = re.sub(r"^單位\s*[：:]\s*", "", found.group(1).strip()) if found else ""  # 單位：人次
    return "" if is_bare_year(unit) else unit


def is_bare_year(name: str) -> bool:
    """True for a header that prints nothing but a year."""
    return _BARE_YEAR.match("".join(name.split())) is not None


def period_of(name: str) -> str:
    """The year that a header prints (2020年目標值 -> 2020), else ""."""
    found = _PERIOD.search("".join(name.split()))
    return found.group(1) if found else ""
