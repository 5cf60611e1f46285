"""Random plans in the grammar of official plans: what is printed, and the tree that must come back."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

from indexer.readers.numbering import SERIES, with_number

from .printed import Heading, Paragraph, Printed, Table

Expected = tuple[str, str, str, tuple[str, ...], str]  # last part of the id, kind, marker, section path, text

# How plans number parts, goals and clauses: series, and what stands before and after it.
_PARTS = (
    ("capital", "", "、"),
    ("chinese", "第", "章"),
    ("ROMAN", "", "."),
    ("decimal", "Part ", ":"),
    ("stem", "", "、"),
)
_GOALS = (
    ("chinese", "", "、"),
    ("decimal", "", "."),
    ("upper", "", "."),
    ("chinese", "目標", "："),
    ("fullwidth", "", "．"),
)
_CLAUSES = (
    ("chinese", "（", "）"),
    ("chinese", "(", ")"),
    ("decimal", "(", ")"),
    ("lower", "", "."),
    ("circled", "", ""),
)
_KPI_COLUMNS = ("關鍵策略目標", "關鍵績效指標", "衡量標準", "年度目標值")
_HAN = (
    "推動勞工權益保障制度就業安全健康教育文化環境交通農業科技經濟財政法務衛生福利建設城鄉發展永續"
    "能源水利資訊服務產業輔導補助宣導檢討修正研議加強落實完善建立協助提升促進"
)
_WORDS = ("APEC", "108年", "5G", "2.0", "ESG", "（措）施", "「平臺」", "3萬人", "IoT", "PM2.5")


@dataclass
class Plan:
    """A printed plan and its tree, one entry per clause in document order."""

    printed: Printed = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)

    def add(self, own_id: str, kind: str, marker: str, path: tuple[str, ...], text: str) -> None:
        self.expected.append((own_id, kind, marker, path, text))


def _phrases(longest: int) -> st.SearchStrategy[str]:
    """Words of four or more characters and now and then a Latin one, as in print."""
    han = st.text(_HAN, min_size=4, max_size=longest)
    return st.builds("{}{}{}".format, han, st.sampled_from(("", "", *_WORDS)), han)


headings = _phrases(12)
sentences = st.builds("{}，{}。".format, _phrases(30), _phrases(30))


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """A title, paragraphs, then parts with goals and clauses, a KPI table and a plan table in some order and habit."""
    plan = Plan()
    title = f"{draw(st.text(_HAN, min_size=2, max_size=4))}部 {draw(st.integers(90, 130))} 年度施政計畫"
    plan.printed.append(Heading(title, 1))
    plan.add("title", "heading", "", (), title)
    for number in range(1, draw(st.integers(0, 2)) + 1):
        text = draw(sentences)
        plan.printed.append(Paragraph(text))
        plan.add(f"p{number}", "narrative", "", (), text)
    style = draw(st.sampled_from(_PARTS))
    for number, make in enumerate(
        draw(st.lists(st.sampled_from((_goals, _kpis, _works)), min_size=1, max_size=4)), start=1
    ):
        draw(make(plan, number, style))
    return plan


def _part(plan: Plan, number: int, style: tuple[str, str, str], name: str) -> tuple[str, ...]:
    """Print a part's heading; gives back the section path below it."""
    marker = _number(style, number)
    plan.printed.append(Heading(_printed(marker, name), 2))
    plan.add(str(number), "heading", marker, (), name)
    return (_printed(marker, name),)


@st.composite
def _goals(draw: st.DrawFn, plan: Plan, number: int, style: tuple[str, str, str]) -> None:
    path = _part(plan, number, style, "年度施政目標")
    goal_style = draw(st.sampled_from([other for other in _GOALS if other != style]))
    clause_style = draw(st.sampled_from(_CLAUSES))
    for goal, clauses in enumerate(
        draw(st.lists(st.lists(sentences, min_size=1, max_size=4), min_size=1, max_size=3)), 1
    ):
        text, marker = draw(headings), _number(goal_style, goal)
        plan.printed.append(Heading(with_number(marker, text), 3))
        plan.add(f"{number}.{goal}", "goal", marker, path, text)
        for index, clause in enumerate(clauses, start=1):
            own = _number(clause_style, index)
            plan.printed.append(Paragraph(with_number(own, clause)))
            below = (*path, with_number(marker, text))
            plan.add(f"{number}.{goal}.{index}", "goal_clause", own, below, clause)


@st.composite
def _kpis(draw: st.DrawFn, plan: Plan, number: int, style: tuple[str, str, str]) -> None:
    path = _part(plan, number, style, "年度關鍵績效指標")
    names = draw(st.permutations(_KPI_COLUMNS))
    rows = []
    count = 0
    for group in range(1, draw(st.integers(1, 3)) + 1):
        goal = draw(headings) + str(group)
        plan.add(f"{number}.{group}", "heading", "", path, goal)
        for index in range(1, draw(st.integers(1, 3)) + 1):
            count += 1
            name, standard = f"{draw(headings)}{count}", draw(headings)
            target = f"{draw(st.integers(1, 99999)):,}{draw(st.sampled_from(('人次', '%', '場次', '案')))}"
            cells = dict(zip(_KPI_COLUMNS, (goal if index == 1 else "", name, standard, target), strict=True))
            rows.append(tuple(cells[column] for column in names))
            plan.add(f"{number}.{group}.{index}", "kpi", "", (*path, goal), f"{name}\n{standard}\n{target}")
    plan.printed.append(Table(tuple((name, 1) for name in names), tuple(rows), (names.index("關鍵策略目標"),)))


@st.composite
def _works(draw: st.DrawFn, plan: Plan, number: int, style: tuple[str, str, str]) -> None:
    path = _part(plan, number, style, "年度重要計畫")
    names = draw(st.permutations(("工作計畫名稱", "重要計畫項目", "計畫類別", "實施內容")))
    rows = []
    for work in range(1, draw(st.integers(1, 3)) + 1):
        title = f"{draw(headings)}{work}業務"
        plan.add(f"{number}.{work}", "work_plan", "", path, title)
        for item in range(1, draw(st.integers(1, 3)) + 1):
            name, texts = f"{draw(headings)}{item}", draw(st.lists(sentences, min_size=1, max_size=4))
            items = [
                ("" if len(texts) == 1 else f"{SERIES['chinese'](index)}、", text)
                for index, text in enumerate(texts, 1)
            ]
            cells = {
                "工作計畫名稱": title if item == 1 else "",
                "重要計畫項目": name,
                "計畫類別": draw(st.sampled_from(("社會發展", "公共建設", "科技發展"))),
                "實施內容": "\n".join(marker + text for marker, text in items),
            }
            rows.append(tuple(cells[column] for column in names))
            plan.add(f"{number}.{work}.{item}", "plan_row", "", (*path, title), name)
            for index, (marker, text) in enumerate(items, start=1):
                plan.add(f"{number}.{work}.{item}.{index}", "plan_item", marker, (*path, title, name), text)
    plan.printed.append(Table(tuple((name, 1) for name in names), tuple(rows), (names.index("工作計畫名稱"),)))


def _printed(marker: str, text: str) -> str:
    return f"{marker} {text}" if marker.endswith("章") else with_number(marker, text)


def _number(style: tuple[str, str, str], value: int) -> str:
    series, before, after = style
    return before + SERIES[series](value) + after
