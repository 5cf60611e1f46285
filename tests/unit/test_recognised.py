"""Places, plan years, indicators and fields in what people type, and the query without each."""

from __future__ import annotations

import pytest

from search_app.recognised import recognised

PLAN_YEARS = {2017, 2019, 2021}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("最低工資", []),
        ("106年最低工資", [("years", "106年", "最低工資", (2017,))]),
        ("106年的工會", [("years", "106年", "工會", (2017,))]),
        ("民國106年度 工會", [("years", "民國106年度", "工會", (2017,))]),
        ("工會,106年", [("years", "106年", "工會", (2017,))]),
        ("２０１７ 工會", [("years", "２０１７", "工會", (2017,))]),
        ("2017 minimum wage", [("years", "2017", "minimum wage", (2017,))]),
        ("unions ROC 106", [("years", "ROC 106", "unions", (2017,))]),
        ("106、108年度工會", [("years", "106、108年度", "工會", (2017, 2019))]),
        ("106至110年 工會", [("years", "106至110年", "工會", (2017, 2019, 2021))]),
        ("unions 2017 to 2021", [("years", "2017 to 2021", "unions", (2017, 2019, 2021))]),
        ("106年工會108年", [("years", "106年", "工會108年", (2017,)), ("years", "108年", "106年工會", (2019,))]),
        # other years too: the query is about more than the plans
        ("106年度目標與2020年實際值", []),
        ("2017年至2020年", []),
        ("106年和107年", []),
        # numbers that are no years
        ("106", []),
        ("2,017", []),
        ("補助2017人", []),
        ("滿15年勞保", []),
        ("第106條", []),
        ("1,435,614", []),
        # quoted words are looked up as they are
        ('"106年度施政計畫"', []),
        ("106 壹 三 (四)", [("years", "106", "壹 三 (四)", (2017,)), ("place", "壹 三 (四)", "106", ())]),
        ("壹三（四）", [("place", "壹三（四）", "", ())]),
        ("8.7.1", [("indicator", "8.7.1", "", ())]),
        ("指標 8.7.1 達標了嗎", [("indicator", "8.7.1", "達標了嗎", ())]),
        ("KPI 四-1", [("indicator", "四-1", "", ())]),
        ("四-1 號", []),
        (
            'year:106 section:"勞動關係業務" 工會',
            [("year", "106", 'section:"勞動關係業務" 工會', ()), ("section", "勞動關係業務", "year:106 工會", ())],
        ),
        ("kind:kpi 106年", [("kind", "kpi", "106年", ()), ("years", "106年", "kind:kpi", (2017,))]),
    ],
)
def test_recognised_parts(text, parts):
    found = recognised(text, PLAN_YEARS)
    assert [(part.kind, part.value, part.without, part.years) for part in found] == parts
