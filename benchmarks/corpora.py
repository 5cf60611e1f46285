"""Large corpora by rule, for measurements: plans of invented agencies over twenty years, as .txt files in a folder.

    python benchmarks/corpora.py FOLDER [--passages 10000] [--seed 1]

The grammar is that of the shipped plans: a title, goals, measures below them, and figures. No sentence comes from a
published plan. What decides search at scale is imitated on purpose:

- a long tail: subjects are nouns of jieba's dictionary, drawn by Zipf's law, so that some stand in thousands of passages
  and most in a few; each agency has subjects of its own beside those that all share;
- near-duplicates over years: half of a year's measures stand word for word in the next year's plan, a quarter is lightly
  reworded or has another figure, a quarter is new.

The same seed gives the same files on every machine. 100,000 passages are 1,000 files and 20 MB.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import accumulate
from pathlib import Path

import opencc

FIRST_YEAR, YEARS = 96, 20  # ROC; 2007 to 2026
GOALS, MEASURES = 11, 8  # of a plan; with the headings 100 passages
KEPT, REWORDED = 0.5, 0.25  # of a year's measures in the next year's plan
SHARED = 0.3  # of subjects come from the nouns of all agencies
NOUNS = 40_000

_VERBS = "推動 辦理 強化 加強 健全 落實 提升 規劃 研議 檢討 建構 促進 補助 輔導 督導 建置 擴大 整合 協助 修正".split()
_ASPECTS = (
    "計畫 制度 措施 管理機制 品質 效能 資訊系統 補助作業 查核 人才培訓 法規 宣導 示範 評鑑 統計調查 服務網絡".split()
)
_MEANS = """
結合民間團體 整合跨機關資源 運用資通訊技術 訂定作業規範 召開專家會議 分級列管追蹤 補助地方政府 引進國際經驗 編列年度預算
成立專案小組 建立單一窗口 辦理實地訪視 委託專業機構 修訂相關子法 簡化申請程序 公開執行成果 擴充服務據點 蒐集各界意見
""".split()
_ENDS = """
維護民眾權益 確保公共安全 提高服務水準 帶動地方發展 縮短城鄉差距 降低災害損失 擴大參與層面 厚植產業實力 改善生活環境
因應人口變遷 保障弱勢族群 接軌國際標準 落實依法行政 增進行政效率 穩定市場秩序 提升國家競爭力
""".split()
_UNITS = "場次 人次 件 家 萬元 公頃 處 案".split()
_NUMERALS = "一 二 三 四 五 六 七 八 九 十 十一 十二".split()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Nouns with the running sums of their chances."""

    nouns: Sequence[str]
    sums: Sequence[float]

    def draw(self, chance: random.Random) -> str:
        return chance.choices(self.nouns, cum_weights=self.sums)[0]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--passages", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    documents = -(-given.passages // (1 + GOALS * (1 + MEASURES)))
    for number, (name, text) in enumerate(make_plans(documents, given.seed)):
        (given.folder / f"{name}.txt").write_text(text, encoding="utf-8")
        if number % 1000 == 999:
            print(f"{number + 1} of {documents} plans")


def make_plans(documents: int, seed: int = 1) -> Iterator[tuple[str, str]]:
    """(name, text) of plans; the first ``YEARS`` are those of one agency, year by year, and so on."""
    words = nouns()
    shared = zipf(words)
    for agency in range(-(-documents // YEARS)):
        chance = random.Random(seed * 1_000_003 + agency)
        own = zipf(chance.sample(words, 600))
        plan: list[list[str]] = []
        for year in range(FIRST_YEAR, FIRST_YEAR + YEARS)[: documents - agency * YEARS]:
            plan = next_year(chance, plan, (own, shared)) if plan else first_year(chance, (own, shared))
            yield f"agency-{agency:04}-{year}", printed(agency, year, plan)


def nouns() -> list[str]:
    """Traditional nouns of two to four characters from jieba's dictionary, most frequent first."""
    lines = (resources.files("jieba") / "dict.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.split() for line in lines)
    found = [(int(count), word) for word, count, kind in rows if kind in ("n", "vn", "nz") and 2 <= len(word) <= 4]
    found.sort(key=lambda row: (-row[0], row[1]))
    convert = opencc.OpenCC("s2twp").convert
    return list(dict.fromkeys(convert(word) for _, word in found[:NOUNS]))


def zipf(words: Sequence[str]) -> Vocabulary:
    """The words with chances by their rank: 1/(10 + rank)."""
    return Vocabulary(words, list(accumulate(1 / (10 + rank) for rank in range(len(words)))))


def first_year(chance: random.Random, words: tuple[Vocabulary, Vocabulary]) -> list[list[str]]:
    """Goals, each a list of its title and its measures."""
    return [[goal(chance, words), *(measure(chance, words) for _ in range(MEASURES))] for _ in range(GOALS)]


def next_year(chance: random.Random, plan: list[list[str]], words: tuple[Vocabulary, Vocabulary]) -> list[list[str]]:
    """The plan of the following year."""
    following = []
    for title, *measures in plan:
        kept = [after(chance, text, words) for text in measures]
        following.append([title if chance.random() < 0.9 else goal(chance, words), *kept])
    return following


def after(chance: random.Random, text: str, words: tuple[Vocabulary, Vocabulary]) -> str:
    """A measure a year later: the same, lightly reworded, or a new one in its place."""
    roll = chance.random()
    if roll < KEPT:
        return text
    if roll < KEPT + REWORDED:
        first, *rest = text.rstrip("。").split("，")
        return "，".join([chance.choice(_VERBS) + first[2:], *rest[:-1], chance.choice(_ENDS)]) + "。"
    return measure(chance, words)


def goal(chance: random.Random, words: tuple[Vocabulary, Vocabulary]) -> str:
    return f"{chance.choice(_VERBS)}{subject(chance, words)}{chance.choice(_ASPECTS)}，{chance.choice(_ENDS)}"


def measure(chance: random.Random, words: tuple[Vocabulary, Vocabulary]) -> str:
    """One or two sentences, sometimes with a figure."""
    sentence = f"{chance.choice(_VERBS)}{subject(chance, words)}{chance.choice(_ASPECTS)}，{chance.choice(_MEANS)}"
    if chance.random() < 0.3:
        sentence += f"，預計{chance.choice(_VERBS)}{chance.randint(2, 9999):,}{chance.choice(_UNITS)}"
    if chance.random() < 0.4:
        sentence += (
            f"；{chance.choice(_VERBS)}{subject(chance, words)}及{subject(chance, words)}{chance.choice(_ASPECTS)}"
        )
    return f"{sentence}，{chance.choice(_ENDS)}。"


def subject(chance: random.Random, words: tuple[Vocabulary, Vocabulary]) -> str:
    own, shared = words
    noun = (shared if chance.random() < SHARED else own).draw(chance)
    return noun if chance.random() < 0.5 else noun + own.draw(chance)


def printed(agency: int, year: int, plan: list[list[str]]) -> str:
    """The text of a plan as the reader of text files takes it."""
    lines = [f"測試{_named(agency)}部{year}年度施政計畫", "", "壹、年度施政目標"]
    for number, (title, *measures) in enumerate(plan):
        lines.append(f"{_NUMERALS[number]}、{title}")
        lines += [f"（{_NUMERALS[place]}）{text}" for place, text in enumerate(measures)]
    return "\n".join(lines) + "\n"


def _named(agency: int) -> str:
    """Two characters of the sixty-year cycle for each digit: 0 is 甲, 12 is 乙丙."""
    return "".join("甲乙丙丁戊己庚辛壬癸"[int(digit)] for digit in str(agency))


if __name__ == "__main__":
    main()
