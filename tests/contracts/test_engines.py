"""What every keyword index must do, on real clauses and against brute force.

An engine joins by one more entry in ENGINES. Sets of passages are the same on all of them; the ranked lists of one that
scores a little otherwise (APPROXIMATE) have nine of ten passages in common with the exact ones.
"""

from __future__ import annotations

import math
import random
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from whoosh import index as whoosh_index
from whoosh.qparser import QueryParser
from whoosh.query import Phrase

from indexer import keyword, keyword_tantivy
from indexer.errors import EngineError
from indexer.grams import K1, B, character_grams
from indexer.keyword import WhooshKeywordIndex
from indexer.keyword_fields import HEADING_WEIGHT
from indexer.keyword_tantivy import TantivyKeywordIndex
from indexer.model import KeywordIndex, Passage
from indexer.text import fold_text
from indexer.tokens import english_terms, tokenize

# plan year | kind | headings above | text: clauses of the three documents as printed, two in English, and a torn page;
# lines end at each stroke
CLAUSES = """
2017|goal_clause|二、強化就業服務網絡，協助民眾適性就業|提供僱用獎助、跨域就業補助、臨時工作津貼及缺工就業獎勵等措施，協助勞工穩定就業。
2017|goal_clause|二、強化就業服務網絡，協助民眾適性就業|落實定額進用制度，運用奬（補）助措施，提升雇主進用意願，積極開發就業機會。
2017|goal|壹、年度施政目標|推動公平的集體勞資關係，強化勞動基準之建立
2017|goal_clause|三、推動公平的集體勞資關係，強化勞動基準之建立|放寬工會結社規範，輔導勞工籌組工會，促進團體協商。
2017|goal_clause|三、推動公平的集體勞資關係，強化勞動基準之建立|召開基本工資工作小組會議及基本工資審議委員會議。
2017|goal_clause|三、推動公平的集體勞資關係，強化勞動基準之建立|研擬最低工資法制。
2017|goal_clause|四、提升我國職業安全衛生水準，健全職業災害保險制度|推動職業災害保險單獨立法。
2017|goal|壹、年度施政目標|鼓勵企業推動友善職場設（措）施，促進職場工作平等
2017|goal_clause|六、鼓勵企業推動友善職場設（措）施，促進職場工作平等|建構職場平權，強化執行業務人員之核心知能。
2017|goal_clause|六、鼓勵企業推動友善職場設（措）施，促進職場工作平等|推動雇主提供哺（集）乳室與托兒設（措）施，營造友善職場哺育環境。
2017|goal_clause|七、參與國際間勞工議題之諮商談判，共享資源、人才與市場|參與國際間勞工議題諮商及談判。
2017|note|評估體制之數字代號意義如下：|指實際評估作業係運用既有之組織架構進行。
2017|plan_item|強化勞動力政策評估，健全勞動市場機制|建立人力資源政策諮詢平臺，強化本部與勞雇團體及外商團體溝通聯繫。
2017|plan_item|強化勞動力政策評估，健全勞動市場機制|辦理性別平等綱領及消除婦女一切歧視公約（CEDAW），保障婦女勞動權益。
2017|plan_item|推動國際勞動事務參與及合作，提升我國勞動事務國際能見度|推動參與國際組織，辦理APEC、WTO、ILO等與勞動、就業等議題之相關活動。
2017|plan_item|建構工會運作良好環境、發揮工會監督及參與之功能|辦理工會訪視及各級政府勞資關係業務人員聯繫會報及工會法令座談活動。
2017|plan_row|勞動關係業務|健全不當勞動行為裁決機制，落實勞動三權之保障
2017|kpi_link|召開基本工資審議委員會議|研議最低工資法制
2017|plan_row|勞動福祉退休業務|推動雇主設置哺(集)乳室與托兒設施措施計畫
2017|plan_item|研議勞動法令適用疑義及國家賠償業務之處理，落實依法行政|辦理勞動法規制（訂）定、修正及廢止草案之審查，以利法制之完備。
2017|plan_item|推動勞動法規研析、整理及審議，健全勞動法制|本部行政處分之訴願或行政訴訟案件答辯之意見提供。
2017|plan_row|勞動保險業務(二)|執行勞(就)保及其他受任業務
2017|plan_row|勞動力發展業務|強化就業媒合，推展「台灣就業通」品牌，整合網實就業服務通路，促進國人就業
2017|plan_item|促進中高齡及高齡者就業，提升人力再運用|研訂中高齡者就業促進專法。
2017|plan_item|協助身心障礙者適性就業，排除就業障礙|落實身心障礙者定額進用制度，提供奬（補）助措施，提升雇主進用意願，積極開發就業機會。
2017|work_plan|參、年度重要計畫|勞動基金運用業務
2017|plan_row|勞動基金運用業務|擘建基金最適配置，增加另類投資部位，兼顧基金報酬與風險
2019|goal_clause|三、推動公平的集體勞資關係，強化勞動基準之建立|健全工會結社規範，輔導勞工籌組工會，促進團體協商。
2019|goal_clause|三、推動公平的集體勞資關係，強化勞動基準之建立|推動最低工資法制，保障勞工基本生活。
2019|goal_clause|四、提升我國職業安全衛生水準，健全職業災害保險制度|加強運用監督輔導及檢查措施，督促及協助事業單位遵守勞動法令。
2019|goal_clause|五、完善退休金制度，強化勞動債權保障|靈活自營投資策略，獲取長期穩健收益。
2019|plan_row|綜合規劃業務|落實施政管制與促進研究發展，提升施政效能
2019|plan_item|營造勞工有利結社環境|輔導勞工籌組工會，營造工會有利運作環境，提升會員知能及協助工會運作。
2019|plan_item|提升國民勞動權觀念|以多元管道推動勞動教育，編製勞動教育 e 化教材、辦理校園巡迴活動，深植勞動概念。
2019|plan_item|推動合理工資制度，檢討母性保護規定|推動基本工資工作小組，加強社經情勢分析，研議最低工資法制。
2019|plan_item|推動合理工資制度，檢討母性保護規定|辦理積欠工資墊償基金管理作業；落實積欠工資墊償制度。
2019|plan_item|促進職場平權，落實就業平等|研修就業平等相關法制。
2019|plan_item|促進職場平權，落實就業平等|召開性別工作平等會及性別工作平等申訴審議業務。
2019|plan_item|健全勞工保險制度，改善勞工保險財務|配合最新財務預測，滾動檢討制度，確保勞保財務健全及保障勞工權益。
2019|plan_item|推動勞工保險局「電腦主機系統採購暨應用系統移轉計畫」，保障被保險人權益|執行資訊安全管理系統(ISMS)續評與重評作業，落實資訊作業安全。
2019|plan_item|增進就業服務效能|蒐集並研析國內外產業發展及就業市場變動情形。
2019|plan_item|增進就業服務效能|辦理地區性就業市場分析，定期發布勞動供需資訊。
2019|plan_item|增進就業服務效能|提供網實整合之求職求才登記與就業媒合服務。
2019|plan_item|強化中高齡就業法制與服務|加強中高齡者職務再設計，協助中高齡在職勞工排除工作障礙。
2019|plan_item|推動職能基準發展並策進產業多元應用|推動職能基準發展與應用，擴大產業參與與認同，以強化人才培育效能，提升勞動力整體素質。
2019|plan_item|建置機械設備器具源頭管理及提升機械設備器具安全驗證技術能力|補助中小企業新購型式檢定合格之機械（含防爆電氣設備）及改善既有機械安全設施。
2019|plan_item|健全化學品管理機制及強化職業衛生管理|輔導並協助高風險、高職災、高違規（3 高）之事業單位改善安全衛生工作環境。
2019|plan_row|職業安全衛生業務|提升職場健康管理效能及健全勞工健康服務制度
2021|narrative|（1）加強監督檢查效能|加強高風險事業單位或作業場所勞動檢查 44,658 場次。
2021|narrative|（2）提升輔導改善及自主管理機制|辦理製程安全評估技術輔導及營造工程精進作法輔導 180 場次。
2021|narrative|（2）提升輔導改善及自主管理機制|辦理中小企業、小型工地及 3K 產業臨廠輔導 15,988 場次。
2021|narrative|（3）落實防災教育訓練|加強高風險事業現場監督主管職場防災教育訓練及在職訓練 876 場次。
2021|narrative|（4）擴大工安宣導行銷|針對高風險業別辦理安全衛生防災宣導會 684 場次。
2021|narrative|（5）整合跨機關防災資源|定期與地方政府召開勞動檢查機構首長聯繫會報、安全衛生業務聯繫會報及安全衛生工作協調會。
2021|narrative|（5）整合跨機關防災資源|跨部會辦理安全衛生教育訓練 270 場次。
2021|narrative|（一）涉及之利害關係人|青年職業訓練相關之大專校院、法人團體、部會及青年。
2021|narrative|（一）涉及之利害關係人：|地方政府、就業中心。
2021|narrative|（一）涉及之利害關係人：|學校（高中職、大專校院）。
2021|narrative|第一章 前言|聯 合 國 於 2015 \uf98e發表「2030 永 續 發 展 議程」，勞保\uf98e\uf90a請領人數計 143 萬 5,614 人。
2021|narrative|GRI 403|因應全球永續性報告協會（GRI403：職業安全與健康準則），累積宣導人數達到 160 萬人次。
2017|narrative|Goals|Study and draft minimum wage legislation; workers' wages owed are advanced by the Arrear Wage Fund.
2019|narrative|Goals|Encourage employers to provide breastfeeding rooms and childcare for working parents, APEC 2.0.
2021|damaged|附錄/勞工/保險局業務|輔導勞工籌/組工會並協/助職業災害保/險之推動勞工/保險制度
""".strip().splitlines()


def _passage(docnum: int, row: str) -> Passage:
    year, kind, headings, body = row.replace("/", "\n").split("|")
    torn = kind == "damaged"
    return Passage(docnum, f"d{year}/{docnum}", f"d{year}", kind, int(year), "zh", "", body, headings, torn)  # type: ignore[arg-type]


PASSAGES = tuple(_passage(docnum, row) for docnum, row in enumerate(CLAUSES))
QUERIES = (
    "最低工資法制",
    "最低工资",
    "工會結社規範",
    "籌組工會",
    "公司要不要設哺乳室？",
    "身心障礙者定額進用",
    "職業災害保險單獨立法",
    "老闆跑路了，被資遣工資拿不到怎麼辦",
    "minimum wages, wages",
    "breastfeeding room for employers",
    "APEC 會議",
    "GRI 403 職業安全",
    "1435614",
    "44658場次",
    "年金",
    "聯合國",
    "勞動",
    "不存在的詞彙",
    "，。",
    "",
    "\ud800 工會",
)
ENGINES: dict[str, tuple[Callable[..., None], Callable[[Path], KeywordIndex]]] = {
    "tantivy": (TantivyKeywordIndex.build, TantivyKeywordIndex.open),
    "whoosh": (WhooshKeywordIndex.build, WhooshKeywordIndex.open),
}
APPROXIMATE = ("tantivy",)


@pytest.fixture(scope="module", params=sorted(ENGINES))
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp(request.param)
    ENGINES[request.param][0](built, PASSAGES)
    (built / "ENGINE").write_text(request.param)
    return built


@pytest.fixture(scope="module")
def index(folder: Path) -> KeywordIndex:
    return ENGINES[engine_of(folder)][1](folder)


@pytest.fixture(scope="module")
def whoosh_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("whoosh-alone")
    WhooshKeywordIndex.build(built, PASSAGES)
    return built


def engine_of(folder: Path) -> str:
    return (folder / "ENGINE").read_text()


# --- brute force ----------------------------------------------------------------------------------------------------


def words_of(passage: Passage) -> list[str]:
    lines = passage.body.splitlines() if passage.fragments else [passage.body]
    return [token.text for line in lines for token in tokenize(line)]


def heading_words_of(passage: Passage) -> list[str]:
    return [token.text for line in passage.headings.splitlines() for token in tokenize(line)]


def english_of(passage: Passage) -> list[str]:
    return english_terms(passage.body) + english_terms(passage.headings)


FIELDS = (
    ([words_of(passage) for passage in PASSAGES], 1.0),
    ([heading_words_of(passage) for passage in PASSAGES], HEADING_WEIGHT),
    ([english_of(passage) for passage in PASSAGES], 1.0),
)


def is_english(word: str) -> bool:
    return len(word) > 1 and word.isalpha() and word < "\u2e80"


def brute_force(query: str) -> list[float]:
    """BM25 by the book; English words count in the English field only."""
    words = {token.text for token in tokenize(query) if not is_english(token.text)}
    wanted = (words, words, set(english_terms(query)))
    scores = [0.0] * len(PASSAGES)
    for (texts, weight), terms in zip(FIELDS, wanted, strict=True):
        lengths = [len(text) for text in texts]
        mean = sum(lengths) / sum(length > 0 for length in lengths)
        for term in terms:
            holding = sum(term in text for text in texts)
            idf = math.log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
            for docnum, text in enumerate(texts):
                count = Counter(text)[term]
                scores[docnum] += weight * idf * count * (K1 + 1) / (count + K1 * (1 - B + B * lengths[docnum] / mean))
    return scores


def grams_of(passage: Passage) -> set[str]:
    lines = passage.body.splitlines() if passage.fragments else [passage.body]
    return set().union(*(character_grams(fold_text(line)) for line in lines))


# --- ranking --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", QUERIES)
def test_rank_is_bm25(index: KeywordIndex, folder: Path, query: str) -> None:
    expected = {docnum: score for docnum, score in enumerate(brute_force(query)) if score > 0}
    found = {one.docnum: one.score for one in index.rank(query, 1000)}
    exact = engine_of(folder) not in APPROXIMATE
    assert found == pytest.approx(expected, **({"abs": 1e-4} if exact else {"rel": 0.15}))
    assert list(found.values()) == sorted(found.values(), reverse=True)
    scores = index.scores(query)
    assert {int(docnum): float(scores[docnum]) for docnum in np.flatnonzero(scores)} == pytest.approx(found)


def test_ranked_lists_agree(index: KeywordIndex) -> None:
    shares = []
    for passage in PASSAGES:
        query = passage.body.splitlines()[0]
        scores = brute_force(query)
        best = sorted((docnum for docnum in range(len(scores)) if scores[docnum] > 0), key=lambda n: (-scores[n], n))[
            :10
        ]
        shares.append(len({one.docnum for one in index.rank(query, 10)} & set(best)) / len(best))
    assert sum(shares) / len(shares) >= 0.9


@pytest.mark.parametrize("query", QUERIES)
def test_moments_are_those_of_all_scores(index: KeywordIndex, query: str) -> None:
    told = index.moments(query)
    if told is not None:
        scores = np.array(brute_force(query))
        assert told == pytest.approx((scores.mean(), scores.std()), rel=0.1, abs=0.02)


def test_moments_beyond_what_is_handed_over(index: KeywordIndex, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if engine_of(folder) == "tantivy":
        monkeypatch.setattr(keyword_tantivy, "DEPTH", 12)
    short = ENGINES[engine_of(folder)][1](folder)
    for query in ("勞動", "輔導勞工籌組工會", "職業安全衛生教育訓練"):
        scores = np.array(brute_force(query))
        assert np.count_nonzero(scores) > 12
        told = short.moments(query)
        assert told is None or told == pytest.approx((scores.mean(), scores.std()), rel=0.35)
        assert told is None or np.count_nonzero(short.scores(query)) == 12


@pytest.mark.parametrize("k", [0, 1, 2, 5, len(PASSAGES), 10_000])
@pytest.mark.parametrize("query", ["勞動", "最低工資法制", "minimum wage"])
def test_k_cuts_one_and_the_same_order(index: KeywordIndex, query: str, k: int) -> None:
    assert index.rank(query, k) == index.rank(query, 10_000)[:k]


@pytest.mark.parametrize("query", QUERIES)
def test_filters_never_leak_and_change_no_score(index: KeywordIndex, query: str) -> None:
    years = [
        [docnum for docnum, passage in enumerate(PASSAGES) if passage.year_ce == year] for year in (2017, 2019, 2021)
    ]
    chance = random.Random(QUERIES.index(query))
    some = [sorted(chance.sample(range(len(PASSAGES)), size)) for size in (0, 1, 7, 40, len(PASSAGES))]
    everything = index.rank(query, 10_000)
    for allowed in (*years, *some):
        for k in (1, 5, 10_000):
            found = index.rank(query, k, np.array(allowed, dtype=np.int64))
            assert found == [one for one in everything if one.docnum in allowed][:k]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("籌組工會", "放寬工會結社規範，輔導勞工籌組工會"),
        ("籌組工會", "輔導勞工籌組工會，營造工會"),
        ("組織工會的規範", "放寬工會結社規範"),
        ("職業災害", "推動職業災害保險單獨立法"),
        ("災害保險", "推動職業災害保險單獨立法"),
        ("哺乳室", "推動雇主提供哺（集）乳室"),
        ("哺集乳室", "推動雇主設置哺(集)乳室"),
        ("托兒設施", "推動雇主提供哺（集）乳室與托兒設（措）施"),
        ("托兒措施", "推動雇主提供哺（集）乳室與托兒設（措）施"),
        ("勞保業務", "執行勞(就)保及其他受任業務"),
        ("制定法規", "辦理勞動法規制（訂）定"),
        ("進用獎助", "落實定額進用制度，運用奬（補）助措施"),
        ("最低工资", "研擬最低工資法制。"),
        ("諮詢平台", "建立人力資源政策諮詢平臺"),
        ("聯合國", "聯 合 國 於 2015"),
        ("年金", "聯 合 國 於 2015"),
        ("44658", "勞動檢查 44,658 場次"),
        ("GRI 403", "（GRI403："),
        ("wage", "workers' wages owed"),
        ("employer", "Encourage employers"),
        ("apec", "辦理APEC、WTO"),
    ],
)
def test_rank_finds(index: KeywordIndex, query: str, text: str) -> None:
    found = [PASSAGES[one.docnum].body for one in index.rank(query, 1000)]
    assert any(text in body for body in found)


def test_equal_passages_tie_by_docnum(folder: Path, tmp_path: Path) -> None:
    body = "研擬最低工資法制。"
    same = [Passage(docnum, f"d/{docnum}", "d", "goal_clause", 2017, "zh", "", body, "", False) for docnum in range(20)]
    build, opened = ENGINES[engine_of(folder)]
    build(tmp_path, same)
    found = opened(tmp_path).rank("最低工資 法制", 7)
    assert [one.docnum for one in found] == list(range(7))
    assert len({one.score for one in found}) == 1


# --- exact text -----------------------------------------------------------------------------------------------------


def test_containing_holds_every_passage_with_the_text(index: KeywordIndex) -> None:
    chance = random.Random(11)
    for _ in range(400):
        passage = chance.choice(PASSAGES)
        folded = fold_text(passage.body.splitlines()[0] if passage.fragments else passage.body)
        size = chance.randint(1, 30)
        start = chance.randrange(max(1, len(folded) - size + 1))
        piece = folded[start : start + size]
        wanted = {gram for gram in character_grams(piece) if len(gram) == 2 or len(piece) == 1}
        found = index.containing(piece)
        assert found.dtype == np.int64
        assert found.tolist() == [one.docnum for one in PASSAGES if wanted <= grams_of(one)]
        assert passage.docnum in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("籌", 4),
        ("籌組工會", 3),
        ("，輔導勞工", 2),
        ("不存在", 0),
        ("\ud800", 0),
        ("GRI403:", 1),
        ("minimum wage", 1),
    ],
)
def test_containing_counts(index: KeywordIndex, text: str, expected: int) -> None:
    assert len(index.containing(fold_text(text) or text)) == expected


def test_containing_keeps_to_the_filter(index: KeywordIndex) -> None:
    everything = index.containing("劳")
    assert len(everything) > 20
    for allowed in ([], [int(everything[3])], everything[::2].tolist(), list(range(len(PASSAGES)))):
        found = index.containing("劳", np.array(allowed, dtype=np.int64))
        assert found.tolist() == sorted(set(everything.tolist()) & set(allowed))


def test_lines_of_a_damaged_page_are_never_joined(index: KeywordIndex) -> None:
    damaged = next(passage.docnum for passage in PASSAGES if passage.fragments)
    assert damaged in index.containing(fold_text("輔導勞工籌"))
    assert damaged not in index.containing(fold_text("籌組"))
    assert damaged not in [one.docnum for one in index.rank("籌組", 1000)]
    assert damaged in [one.docnum for one in index.rank("勞工", 1000)]


# --- Whoosh's own query language on our postings ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("職業災害保險單獨立法", 1),  # over a long word and its neighbours
        ("災害保險單獨", 1),  # begins inside a long word
        ("最低工資法制", 4),
        ("身心障礙者定額進用", 1),
        ("法制最低工資", 0),  # the same words the other way round
        ("勞工保險制度", 0),  # 推動勞工 and 保險制度 stand on different lines of the torn page
    ],
)
def test_phrases_find_neighbouring_words(whoosh_folder: Path, phrase: str, expected: int) -> None:
    opened = whoosh_index.open_dir(str(whoosh_folder), readonly=True)
    query = QueryParser("words", opened.schema).parse(f'"{phrase}"')
    assert isinstance(query, Phrase)
    with opened.searcher() as searcher:
        found = sorted(searcher.docs_for_query(query))
    assert len(found) == expected
    assert all(fold_text(phrase) in fold_text(PASSAGES[docnum].body) for docnum in found)


def test_filter_fields_hold_the_passages_attributes(whoosh_folder: Path) -> None:
    with whoosh_index.open_dir(str(whoosh_folder), readonly=True).searcher() as searcher:
        for field, value, matches in (
            ("year", "2017", lambda one: one.year_ce == 2017),
            ("document", "d2021", lambda one: one.document_id == "d2021"),
            ("kind", "plan_item", lambda one: one.kind == "plan_item"),
            ("clause_id", "d2017/5", lambda one: one.docnum == 5),
        ):
            found = list(searcher.reader().postings(field, value).all_ids())
            assert found == [one.docnum for one in PASSAGES if matches(one)]


# --- life of an index -------------------------------------------------------------------------------------------------


def test_reopening_changes_nothing(folder: Path, index: KeywordIndex) -> None:
    again = ENGINES[engine_of(folder)][1](folder)
    for query in QUERIES:
        assert again.rank(query, 20) == index.rank(query, 20)
        assert again.containing(fold_text(query)).tolist() == index.containing(fold_text(query)).tolist()


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Python switches between threads as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty_threads")
def test_one_index_serves_eight_threads(index: KeywordIndex, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyword, "CACHED_POSTINGS", 0)  # every posting is read again each time
    shared = ENGINES[engine_of(folder)][1](folder)
    expected = {query: (index.rank(query, 20), index.containing(fold_text(query)).tolist()) for query in QUERIES}

    def search(seed: int) -> int:
        chance = random.Random(seed)
        wrong = 0
        for query in chance.choices(QUERIES, k=40):
            wrong += (shared.rank(query, 20), shared.containing(fold_text(query)).tolist()) != expected[query]
        return wrong

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(search, range(8))) == 0


def test_the_cache_of_postings_is_bounded(whoosh_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyword, "CACHED_POSTINGS", 300)
    index = WhooshKeywordIndex.open(whoosh_folder)
    for passage in PASSAGES:
        index.rank(passage.body, 5)
        assert sum(postings.cost for postings in index._cache.values()) == index._cached <= 300


def test_no_passages(folder: Path, tmp_path: Path) -> None:
    build, opened = ENGINES[engine_of(folder)]
    build(tmp_path, [])
    index = opened(tmp_path)
    assert index.rank("勞工", 10) == []
    assert index.containing("劳").tolist() == []


def test_progress_is_told(folder: Path, tmp_path: Path) -> None:
    done: list[int] = []
    ENGINES[engine_of(folder)][0](tmp_path, PASSAGES[:3], done.append)
    assert done == [1, 2, 3]


def test_a_closed_index_says_so(folder: Path) -> None:
    index = ENGINES[engine_of(folder)][1](folder)
    index.close()
    with pytest.raises(EngineError, match="could not read"):
        index.rank("勞工", 1)


def test_passages_out_of_order_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"^Passage d2017/1 has docnum 1, not the next one"):
        ENGINES[engine_of(folder)][0](tmp_path, PASSAGES[1:])


def test_an_index_of_other_passages_is_refused(folder: Path, tmp_path: Path) -> None:
    copied = tmp_path / "copy"
    shutil.copytree(folder, copied)
    if engine_of(folder) == "whoosh":
        np.save(copied / "docnums.npy", np.arange(5, dtype=np.int32))
    else:
        np.save(copied / "numbers.npy", np.arange(5))
    with pytest.raises(EngineError, match="does not hold 5 passages"):
        ENGINES[engine_of(folder)][1](copied)


# Whoosh leaves the file open when it cannot read it
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_missing_and_damaged_files_are_told(folder: Path, tmp_path: Path) -> None:
    build_and_open = ENGINES[engine_of(folder)]
    with pytest.raises(EngineError, match="could not open"):
        build_and_open[1](tmp_path)
    copied = tmp_path / "copy"
    shutil.copytree(folder, copied)
    segment = next(path for pattern in ("*.seg", "tantivy/*.idx") for path in copied.glob(pattern))
    segment.write_bytes(segment.read_bytes()[: segment.stat().st_size // 2])
    with pytest.raises(EngineError, match="could not"):
        build_and_open[1](copied).rank("勞工", 1)
