"""Pairs of plans made by rule, the later one by edits that are known: for tests and benchmarks of comparison.

No sentence comes from a published plan. Everything is drawn from one seed.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from indexer.model import Clause, ClauseKind, Span

_SECTORS = """
水利 河川堤防 區域排水 水庫淤積 灌溉渠道 地下水位 再生水廠 海岸防護 滯洪池 集水區保育 自來水管網 伏流水工程 水情監測站
文化 古蹟修復 地方文化館 表演藝術團隊 傳統工藝 國家語言 影視產業 公共藝術 博物館典藏 閱讀推廣 出版產業 社區營造 世界遺產
農業 有機農產品 稻米產銷 動植物防疫 農村再生 漁港疏浚 林地造林 農業保險 青年農民 冷鏈物流 畜牧廢水 種苗改良 休閒農場
交通 鐵路立體化 公路養護 航空保安 港埠設施 公共運輸 智慧號誌 橋梁檢測 觀光遊憩 自行車道 郵政服務 氣象觀測 駕駛訓練
環境 空氣品質 廢棄物清理 土壤污染 噪音管制 溫室氣體 資源回收 環境教育 毒性物質 河面垃圾 綠色採購 水質檢驗 環評審查
教育 國民教育課程 偏遠學校 技職校院 校園安全 學前教保 終身學習 體育場館 特殊教育 師資培育 原住民族教育 數位教材 學生輔導
衛福 全民健康保險 長照據點 傳染病防治 食品查驗 藥品管理 兒少保護 家庭暴力防治 身障輔具 醫院評鑑 社會救助 心理諮商 癌症篩檢
經濟 中小企業融資 投資環境 智慧財產 能源轉型 貿易推廣 產業園區 標準檢驗 地質調查 商業登記 會展活動 用電安全 新創育成
"""
_PARTS = """
推動 辦理 強化 加強 健全 落實 提升 規劃 研議 檢討 建構 促進
計畫 制度 措施 管理機制 品質 效能 資訊系統 補助作業 查核 人才培訓 法規 宣導
結合民間團體 整合跨機關資源 運用資通訊技術 訂定作業規範 召開專家會議 分級列管追蹤 補助地方政府 引進國際經驗 編列年度預算 成立專案小組
維護民眾權益 確保公共安全 提高服務水準 帶動地方發展 縮短城鄉差距 降低災害損失 擴大參與層面 厚植產業實力 改善生活環境 因應人口變遷
"""
SECTORS = {name: subjects for name, *subjects in (line.split() for line in _SECTORS.split("\n") if line)}
VERBS, ASPECTS, MEANS, ENDS = (line.split() for line in _PARTS.split("\n") if line)
_NUMBERS = "〇一二三四五六七八九十"
_PRINT = (("、", "，"), ("，", "; "), ("（", "("), ("雇", "僱"), ("獎", "奬"), ("台", "臺"))


@dataclass
class PlanPair:
    """Two plans and what became of what: the ids that belong together, and the relation of each earlier clause."""

    earlier: list[Clause] = field(default_factory=list)
    later: list[Clause] = field(default_factory=list)
    links: set[tuple[str, str]] = field(default_factory=set)
    relations: dict[str, str] = field(default_factory=dict)


@dataclass
class _Draft:
    """A clause that is being written: its text, and the earlier clauses that it comes from."""

    text: str
    source: list[int] = field(default_factory=list)


def make_pair(seed: int, sections: int = 8, per_section: int = 8, edits: float = 1.0) -> PlanPair:
    """Two plans of ``sections`` goals with ``per_section`` clauses each; ``edits`` scales how much was changed.

    At 1: 40 % unchanged, 6 % in print only, 20 % lightly and 10 % heavily reworded, 6 % merged, 6 % split, 12 %
    dropped; and one clause in eight added.
    """
    draw = random.Random(seed)
    pair = PlanPair()
    writers = _Writer(pair.earlier, "plan-a"), _Writer(pair.later, "plan-b")
    names = list(SECTORS)
    for writer in writers:
        writer.add("heading", "壹、", "年度施政目標", "1")
    for section in range(1, sections + 1):
        sector = names[(section - 1) % len(names)]
        goal = f"{draw.choice(VERBS)}{sector}政策，{draw.choice(ENDS)}"
        old = [_sentence(draw, sector) for _ in range(per_section)]
        drafts, relations = _edited(draw, old, sector, edits)
        ids = [f"plan-a/1.{section}.{number}" for number in range(1, per_section + 1)]
        pair.relations.update(zip(ids, relations, strict=True))
        for writer, texts in zip(writers, (old, [draft.text for draft in drafts]), strict=True):
            writer.add("goal", f"{_numeral(section)}、", goal, f"1.{section}")
            for number, text in enumerate(texts, start=1):
                writer.add("goal_clause", f"（{_numeral(number)}）", text, f"1.{section}.{number}")
        for number, draft in enumerate(drafts, start=1):
            pair.links |= {(ids[source], f"plan-b/1.{section}.{number}") for source in draft.source}
    return pair


@dataclass
class _Writer:
    clauses: list[Clause]
    document_id: str

    def add(self, kind: ClauseKind, marker: str, text: str, path: str) -> None:
        order = len(self.clauses)
        clause_id = f"{self.document_id}/{path}"
        self.clauses.append(
            Clause(clause_id, self.document_id, kind, marker, (), text, Span(order + 1, order + 1), order)
        )


def _sentence(draw: random.Random, sector: str) -> str:
    subject = f"{draw.choice(SECTORS[sector])}{draw.choice(ASPECTS)}"
    parts = [f"{draw.choice(VERBS)}{subject}", draw.choice(MEANS), draw.choice(ENDS)]
    return "，".join(parts[: draw.choice((2, 3, 3))]) + "。"


def _edited(draw: random.Random, old: list[str], sector: str, edits: float) -> tuple[list[_Draft], list[str]]:
    """The later section, and the relation of each earlier clause."""
    drafts: list[_Draft] = []
    relations: list[str] = []
    while (place := len(relations)) < len(old):
        roll = draw.random() / edits if edits else 2.0
        text = old[place]
        if roll < 0.12:
            relations.append("dropped")
        elif roll < 0.18 and place + 1 < len(old):
            drafts.append(_Draft(_merged(text, old[place + 1]), [place, place + 1]))
            relations += ["merged", "merged"]
        elif roll < 0.24 and text.count("，") == 2:
            drafts += [_Draft(part, [place]) for part in _parted(draw, text)]
            relations.append("split")
        elif roll < 0.34:
            drafts.append(_Draft(_heavy(draw, text), [place]))
            relations.append("reworded")
        elif roll < 0.54:
            drafts.append(_Draft(_light(draw, text), [place]))
            relations.append("reworded")
        elif roll < 0.60 and (printed := _reprinted(text)) != text:
            drafts.append(_Draft(printed, [place]))
            relations.append("typographic")
        else:
            drafts.append(_Draft(text, [place]))
            relations.append("unchanged")
        if draw.random() < 0.125 * edits:
            drafts.append(_Draft(_sentence(draw, sector)))
    return drafts, relations


def _light(draw: random.Random, text: str) -> str:
    """Another verb and another end, the rest stays."""
    verb = draw.choice([verb for verb in VERBS if not text.startswith(verb)])
    first, *rest = text.rstrip("。").split("，")
    return "，".join([verb + first[2:], *rest[:-1], draw.choice(ENDS)]) + "。"


def _heavy(draw: random.Random, text: str) -> str:
    """The subject stays, with words put before and after it; everything else is new."""
    first = text.rstrip("。").split("，")[0]
    return f"{draw.choice(MEANS)}，持續{draw.choice(VERBS)}{first[2:]}相關業務，{draw.choice(ENDS)}。"


def _merged(one: str, other: str) -> str:
    """The subjects of two clauses in one sentence, which ends as the second."""
    first, *_ = one.rstrip("。").split("，")
    second, *rest = other.rstrip("。").split("，")
    return "，".join([f"{first}及{second[2:]}", *rest]) + "。"


def _parted(draw: random.Random, text: str) -> tuple[str, str]:
    """A clause of three phrases as two: the subject with the first means, the subject with the end."""
    first, means, end = text.rstrip("。").split("，")
    return f"{first}，{means}。", f"{draw.choice(VERBS)}{first[2:]}，{end}。"


def _reprinted(text: str) -> str:
    for printed, other in _PRINT:
        text = text.replace(printed, other)
    return text


def _numeral(number: int) -> str:
    """一 to 九千九百九十九 and on in thousands: 12 is 十二, 205 is 二百〇五."""
    text = ""
    for unit, name in ((1000, "千"), (100, "百"), (10, "十")):
        digit, number = divmod(number, unit)
        if digit:
            text += (_numeral(digit) if digit > 9 else _NUMBERS[digit]) * (digit > 1 or unit > 10 or bool(text)) + name
        elif text and number and not text.endswith("〇"):
            text += "〇"
    return text + (_NUMBERS[number] if number else "")
