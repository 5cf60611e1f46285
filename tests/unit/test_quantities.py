"""Printed quantities and the direction of indicators."""

from __future__ import annotations

import pytest

from indexer.quantities import limits_from_above, lower_is_better, parse_quantities, parse_quantity, reaches


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("143 萬 5,614 人", 1_435_614, "人"),
        ("6.6萬人", 66_000, "人"),
        ("0.021", 0.021, ""),
        ("85%", 85, "%"),
        ("85％", 85, "%"),
        ("≧85%", 85, "%"),
        ("80%以上", 80, "%"),
        ("80%(含)以上", 80, "%"),
        ("3至5件", 3, "件"),
        ("3~5 件", 3, "件"),
        ("3-5件", 3, "件"),
        ("每年2場次", 2, "場次"),
        ("200,000人", 200_000, "人"),
        ("2.7‰", 2.7, "‰"),
        ("５件", 5, "件"),
        ("1.2 百萬元", 1_200_000, "元"),
        ("2千5百萬元", 25_000_000, "元"),
        ("12億5,000萬", 1_250_000_000, ""),
        ("-2.5%", -2.5, "%"),
        ("108年達85%", 85, "%"),
        ("第2季完成10%", 10, "%"),
        ("112年：250件", 250, "件"),
        ("1.辦理3場次", 3, "場次"),
        ("at least 85 per cent", 85, "%"),
        ("250 training courses", 250, "training courses"),
        ("1.2 million people", 1_200_000, "people"),
        ("10 to 12 sites", 10, "sites"),
        ("12 sessions per year", 12, "sessions"),
    ],
)
def test_quantity(text: str, value: float, unit: str) -> None:
    quantity = parse_quantity(text)
    assert quantity is not None
    assert (quantity.value, quantity.unit, quantity.printed) == (value, unit, text)


@pytest.mark.parametrize("text", ["", "無", "108年12月底前完成修法", "12月底", "依計畫辦理", "－"])
def test_no_quantity(text: str) -> None:
    assert parse_quantity(text) is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("青年85%、失業者70%", [("青年", 85, "%"), ("失業者", 70, "%")]),
        ("青年 1,000人；失業者 2,000人", [("青年", 1000, "人"), ("失業者", 2000, "人")]),
        ("青年：1,000人\n失業者：2,000人", [("青年", 1000, "人"), ("失業者", 2000, "人")]),
        ("1,000人，2,000場次", [("", 1000, "人"), ("", 2000, "場次")]),
        ("Youth 85%; jobseekers 70%", [("Youth", 85, "%"), ("jobseekers", 70, "%")]),
        ("提出正式修法草案送行政院審查通過後，送立法院審議（100%）", [("", 100, "%")]),
    ],
)
def test_parts(text: str, parts: list[tuple[str, float, str]]) -> None:
    assert [(quantity.part, quantity.value, quantity.unit) for quantity in parse_quantities(text)] == parts


@pytest.mark.parametrize(
    ("name", "lower"),
    [
        ("職災死亡千人率", True),
        ("重大職業災害失能千人率", True),
        ("失業率", True),
        ("職災千人率下降", True),
        ("道路交通事故死亡人數", True),
        ("溫室氣體排放量", True),
        ("自來水漏水率", True),
        ("Unemployment rate", True),
        ("Road deaths", True),
        ("Dropout rate", True),
        ("職災死亡預防宣導場次", False),
        ("事故死亡人數降低比率", False),
        ("參訓人次", False),
        ("失業者訓練人數", False),
        ("溫室氣體減量", False),
        ("Inspections to prevent fatal accidents", False),
        ("Reduction of emissions", False),
    ],
)
def test_direction(name: str, lower: bool) -> None:
    assert lower_is_better(name) is lower


@pytest.mark.parametrize(
    ("target", "limited"),
    [
        ("≦3%", True),
        ("5件以下", True),
        ("不超過3%", True),
        ("at most 5", True),
        ("≧3%", False),
        ("80%以上", False),
        ("3%", False),
    ],
)
def test_limit(target: str, limited: bool) -> None:
    assert limits_from_above(target) is limited


@pytest.mark.parametrize(
    ("target", "actual", "lower", "met"),
    [(85, 86, False, True), (85, 85, False, True), (85, 84, False, False), (3, 2.9, True, True), (3, 3.1, True, False),
     (None, 3, False, None), (3, None, True, None)],
)  # fmt: skip
def test_met(target: float | None, actual: float | None, lower: bool, met: bool | None) -> None:
    assert reaches(target, actual, lower) is met
