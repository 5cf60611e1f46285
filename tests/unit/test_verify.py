"""Quotations: true ones are found however they are printed, altered ones are never called exact."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import opencc
import pytest

from indexer.config import Config
from indexer.errors import QueryError
from indexer.grams import GramIndex
from indexer.model import Clause, DocumentInfo
from indexer.store import Store
from search_app.bare import bare_text
from search_app.quotes import matches, nearest_window, pieces, plain
from search_app.retrieve import Search
from search_app.verdict import explained, marked, verdict, verification_json
from search_app.verify import MAX_CHARS, Status, Verification, verify

SEED = 20190108


@pytest.fixture(scope="module")
def index(search: Search, config: Config) -> Iterator[tuple[Store, GramIndex]]:
    folder = config.index.dir / search.generation
    store = Store(folder)
    yield store, GramIndex.open(folder / "grams")
    store.close()


@pytest.fixture(scope="module")
def clauses(search: Search) -> list[Clause]:
    """Sound clauses of at least ten characters."""
    views = [search.document(info.document_id) for info in search.documents()]
    return [one for view in views if view for one in view.clauses if not one.damaged and len(bare_text(one.text)) >= 10]


CASES: list[tuple[str, Status, str]] = [
    ("研擬最低工資法制。", "exact", "mol-106-plan/1.3.4"),
    ("研擬最低工資法制", "exact", "mol-106-plan/1.3.4"),
    ("「研擬最低工資法制。」", "exact", "mol-106-plan/1.3.4"),
    ("研擬最低\n 工資法制。", "exact", "mol-106-plan/1.3.4"),
    ("（四）研擬最低工資法制。", "exact", "mol-106-plan/1.3.4"),
    ("(四)研擬最低工資法制。", "exact", "mol-106-plan/1.3.4"),
    ("（五）研擬最低工資法制。", "wrong_place", "mol-106-plan/1.3.4"),
    ("研拟最低工资法制", "typographic", "mol-106-plan/1.3.4"),
    ("推動最低工資法制。", "typographic", "mol-108-plan/1.3.3"),  # a comma stands there, and the clause goes on
    ("推動最低工資法制，保障勞工基本生活", "exact", "mol-108-plan/1.3.3"),
    ("推動機械設備或器具之輸入管制", "typographic", "mol-108-plan/1.4.3"),
    ("研擬最高工資法制。", "altered", "mol-106-plan/1.3.4"),
    ("提供 65 歲以上或已退休之銀髮者專屬就業媒合服務。", "altered", "mol-108-plan/2.8.4.2"),
    ("避免雇主購置符安全標準之機械", "altered", "mol-106-plan/1.4.4"),
    ("當勞動行為案件之審理。", "altered", "mol-108-plan/2.2.1.4"),  # of 不當勞動行為: verbatim, and the contrary
    ("動職業災害保險單獨立法。", "typographic", "mol-106-plan/1.4.9"),  # cut within 推動
    ("研擬最低工資法制，推動職業災害保險單獨立法。", "spliced", "mol-106-plan/1.3.4"),
    ("永續發展目標自", "unreliable", "mol-sdg-2021/page20"),
    ("施行年金制度", "typographic", "mol-sdg-2021/2.1.1"),  # compatibility ideographs in the source
    ("今天天氣很好我們去公園散步", "not_found", ""),
    ("", "not_found", ""),
    ("。、", "not_found", ""),
]  # fmt: skip


@pytest.mark.parametrize(("quote", "status", "clause_id"), CASES)
def test_verdict(index: tuple[Store, GramIndex], quote: str, status: Status, clause_id: str) -> None:
    found = verify(quote, *index)
    assert found.status == status
    assert found.quote == quote
    assert clause_id in [place.clause.clause_id for place in found.places] + [""]
    assert (found.places == ()) == (status == "not_found")


def test_where_it_stands_is_told_with_offsets(index: tuple[Store, GramIndex]) -> None:
    found = verify("推動職業災害保險單獨立法", *index)
    # whole clauses first, by year; the plan item of 108 goes on after these words
    assert [(place.clause.clause_id, place.whole) for place in found.places] == [
        ("mol-106-plan/1.4.9", True), ("mol-108-plan/1.4.7", True), ("mol-108-plan/2.4.2.1", False),
    ]  # fmt: skip
    assert {place.text for place in found.places} == {"推動職業災害保險單獨立法"}
    assert found.total == 3


@pytest.mark.parametrize(
    ("quote", "years", "section", "status", "wrong"),
    [
        ("研擬最低工資法制。", [2017], "", "exact", ()),
        ("研擬最低工資法制。", [2019], "", "wrong_place", ("year",)),
        ("研擬最低工資法制。", [2017, 2019], "", "exact", ()),
        ("推動職業災害保險單獨立法。", [2019], "四、提升我國職業安全衛生水準", "exact", ()),
        ("推動職業災害保險單獨立法。", [], "健全职业灾害保险制度", "exact", ()),
        ("推動職業災害保險單獨立法。", [], "三、推動公平", "wrong_place", ("section",)),
        ("研擬最低工資法制。", [2019], "四、", "wrong_place", ("year", "section")),
        ("落實定額進用制度，運用獎（補）助措施，提升僱主進用意願", [2019], "", "exact", ()),
        ("落實定額進用制度，運用獎（補）助措施，提升僱主進用意願", [2017], "", "typographic", ()),
        (
            "推動公平的集體勞資關係，強化勞動基準之建立",
            [2017],
            "三、推動公平",
            "exact",
            (),
        ),  # a heading of its own section
    ],
)
def test_year_and_section(
    index: tuple[Store, GramIndex], quote: str, years: list[int], section: str, status: Status, wrong: tuple[str, ...]
) -> None:
    found = verify(quote, *index, years=years, section=section)
    assert (found.status, found.wrong) == (status, wrong)


@pytest.mark.parametrize(
    ("quote", "cut"),
    [
        ("動職業災害保險單獨立法", "word"),
        ("00,000人", "number"),
        ("5%", None),  # stands whole in another place
        ("當勞動行為案件", "negation"),
        ("職業災害保險單獨立法", None),
    ],
)
def test_what_the_edges_cut_off(index: tuple[Store, GramIndex], quote: str, cut: str | None) -> None:
    found = verify(quote, *index)
    assert found.cut == cut
    assert (found.status == "exact") == (cut is None)


def test_altered_shows_the_difference_and_the_nearest_source(index: tuple[Store, GramIndex]) -> None:
    found = verify("研擬最高工資法制。", *index)
    assert marked(found) == "研擬最[-低-]{+高+}工資法制。"
    assert 0.8 < found.likeness < 1
    assert found.places[0].text == "研擬最低工資法制。"


def test_spliced_names_every_part(index: tuple[Store, GramIndex]) -> None:
    found = verify("研擬最低工資法制，推動職業災害保險單獨立法。", *index, years=[2019])
    assert [(part.place.text, part.place.clause.clause_id) for part in found.parts] == [
        ("研擬最低工資法制", "mol-106-plan/1.3.4"),
        ("推動職業災害保險單獨立法", "mol-108-plan/1.4.7"),  # of the year asked for
    ]


def test_words_of_the_other_script_are_not_called_altered(index: tuple[Store, GramIndex]) -> None:
    found = verify("辦理勞動法令信息更新及系統維護", *index)  # 信息 in Traditional script: another word
    assert found.status == "altered"
    assert verify("办理劳动法令信息更新及系统维护", *index).status == "typographic"  # 信息 in Simplified: 資訊


def test_a_page_read_from_a_picture_is_not_reliable(
    index: tuple[Store, GramIndex], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, grams = index
    quote, clause = "協助渠等適性就業", store.clause("mol-sdg-2021/p2")
    assert clause is not None
    assert clause.span.page is not None
    clear = verify("助渠等適性就業", *index)
    assert clear.status in ("exact", "typographic")
    documents: dict[str, DocumentInfo] = dict(store.documents)
    documents["mol-sdg-2021"] = replace(documents["mol-sdg-2021"], ocr_pages=(clause.span.page,))
    monkeypatch.setattr(store, "documents", documents)
    assert verify("助渠等適性就業", store, grams).status == "unreliable"
    assert verify(quote, store, grams).status != "exact"


def test_too_long_a_quotation_is_refused(index: tuple[Store, GramIndex]) -> None:
    with pytest.raises(QueryError, match="2001 characters"):
        verify("勞" * (MAX_CHARS + 1), *index)


@pytest.mark.parametrize("quote", ["\x00", "\ud800", "((((", "😀" * 20, "勞" * MAX_CHARS, "a" * 500, "1" * 300, "…"])
def test_odd_quotations_get_an_answer(index: tuple[Store, GramIndex], quote: str) -> None:
    assert verify(quote, *index).status in ("not_found", "altered", "typographic")


# --- 200 alterations, 200 true quotations ---------------------------------------------------------------------------

DIGITS = "0123456789"
NEGATIONS = "不未無非"
COMMON = "的是了有在人和年大會中國上下學生工程水土"


def one_character(draw: random.Random, text: str) -> str:
    at = draw.randrange(1, len(text) - 2)
    other = draw.choice([char for char in COMMON if bare_text(char) != bare_text(text[at])])
    return draw.choice([text[:at] + other + text[at + 1 :], text[:at] + other + text[at:], text[:at] + text[at + 1 :]])


def one_number(draw: random.Random, text: str) -> str:
    at = draw.choice([place for place, char in enumerate(text) if char in DIGITS])
    return text[:at] + draw.choice([digit for digit in DIGITS if digit != text[at]]) + text[at + 1 :]


def without_negation(draw: random.Random, text: str) -> str:
    at = draw.choice([place for place, char in enumerate(text) if char in NEGATIONS])
    return text[:at] + text[at + 1 :]


def alterations(draw: random.Random, clauses: list[Clause], count: int) -> list[tuple[str, str]]:
    """(kind, text): each differs in substance from every clause that it was made of."""
    makers = {"character": one_character, "number": one_number, "negation": without_negation}
    pools = {
        "character": clauses,
        "number": [one for one in clauses if any(char in DIGITS for char in one.text)],
        "negation": [one for one in clauses if any(char in NEGATIONS for char in one.text)],
    }
    known = [bare_text(one.text) for one in clauses]
    made: list[tuple[str, str]] = []
    while len(made) < count:
        kind = draw.choice(["character", "number", "negation", "splice"])
        if kind == "splice":
            one, other = draw.sample(clauses, 2)
            text = one.text[: len(one.text) // 2 + 3] + other.text[len(other.text) // 2 - 3 :]
        else:
            text = makers[kind](draw, draw.choice(pools[kind]).text)
        # 助勞工 of 協助勞工 is still a true quotation, only cut; so is what happens to stand elsewhere
        if kind == "negation" or not any(bare_text(text) in one for one in known):
            made.append((kind, text))
    return made


def test_200_alterations_are_never_called_exact(index: tuple[Store, GramIndex], clauses: list[Clause]) -> None:
    made = alterations(random.Random(SEED), clauses, 200)
    verdicts = Counter((kind, verify(text, *index).status) for kind, text in made)
    assert not [entry for entry in verdicts if entry[1] in ("exact", "typographic", "unreliable")], verdicts
    assert {kind for kind, _ in made} == {"character", "number", "negation", "splice"}
    found = sum(count for (_, status), count in verdicts.items() if status in ("altered", "spliced"))
    assert found >= 190  # and nearly all are told what they are made of


def test_quotations_of_the_wrong_year_are_never_called_exact(
    index: tuple[Store, GramIndex], clauses: list[Clause]
) -> None:
    plans = {"mol-106-plan": 2019, "mol-108-plan": 2017}
    texts = {name: [bare_text(one.text) for one in clauses if one.document_id == name] for name in plans}
    other = {"mol-106-plan": "mol-108-plan", "mol-108-plan": "mol-106-plan"}
    only = [
        one for one in clauses
        if one.document_id in plans and not any(bare_text(one.text) in text for text in texts[other[one.document_id]])
    ]  # fmt: skip
    for clause in random.Random(SEED).sample(only, 60):
        found = verify(clause.text, *index, years=[plans[clause.document_id]])
        assert found.status == "wrong_place", clause.text
        assert found.places[0].clause.text == clause.text


def reprinted(draw: random.Random, text: str) -> str:
    """The same words printed otherwise, in one to three ways."""
    ways = [
        lambda t: t.translate(str.maketrans({"，": ",", "。": ".", "、": ",", "；": ";", "（": "(", "）": ")"})),
        lambda t: t.translate(str.maketrans({"，": "、", "；": "，", "「": "“", "」": "”", "。": ""})),
        lambda t: (
            "".join(char for char in t if char not in "，。；「」（）()、") if not any(c in DIGITS for c in t) else t
        ),
        lambda t: t.translate({ord(char): ord(char) + 0xFEE0 for char in "0123456789%()"}),
        lambda t: opencc.OpenCC(draw.choice(["t2s", "tw2s"])).convert(t),
        lambda t: _broken(draw, t),
        lambda t: f"「{t}」",
    ]
    for way in draw.sample(ways, draw.randint(1, 3)):
        text = way(text)
    return text


def _broken(draw: random.Random, text: str) -> str:
    for _ in range(3):
        at = draw.randrange(len(text))
        inside = text[at - 1 : at].isascii() and text[at : at + 1].isascii()  # a number or English word is not broken
        text = text if inside else text[:at] + draw.choice(["\n", " \n ", "\r\n", "\u3000"]) + text[at:]
    return text


def test_200_true_quotations_are_all_found(index: tuple[Store, GramIndex], clauses: list[Clause]) -> None:
    draw = random.Random(SEED)
    for clause in draw.choices(clauses, k=200):
        quote = reprinted(draw, clause.text)
        found = verify(quote, *index)
        assert found.status in ("exact", "typographic"), quote
        assert bare_text(clause.text) in {bare_text(place.text) for place in found.places}, quote


def test_exact_is_character_by_character(index: tuple[Store, GramIndex], clauses: list[Clause]) -> None:
    draw = random.Random(SEED)
    for clause in draw.sample(clauses, 100):
        found = verify(clause.text, *index)
        assert found.status == "exact", clause.text
        assert all(plain(place.text) == plain(clause.text) for place in found.places)


def test_a_check_takes_milliseconds(index: tuple[Store, GramIndex], clauses: list[Clause]) -> None:
    made = [text for _, text in alterations(random.Random(1), clauses, 60)]
    for text in made[:10]:
        verify(text, *index)
    started = time.process_time()
    for text in made[10:]:
        verify(text, *index)
    assert (time.process_time() - started) / len(made[10:]) < 0.05


# --- in one text ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quote", "text", "expected"),
    [
        ("年金", "推動年金修法，年金制度", [("年金", True, False), ("年金", True, False)]),
        ("年金修法，", "推動年金修法，年金制度", [("年金修法，", True, False)]),
        ("年金修法。", "推動年金修法，年金制度", [("年金修法", False, False)]),
        ("推動年金修法", "推動年金修法。", [("推動年金修法", True, True)]),
        ("「推動」年金", "推動年金", [("推動年金", False, True)]),
        ("「 推動年金」 。", "辦理「推動年金」。", [("「推動年金」。", True, False)]),
        ("、推動年金", "辦理，推動年金", [("推動年金", False, False)]),
        ("工會", "公會", []),
        ("。", "。", []),
        ("", "文字", []),
    ],
)
def test_matches(quote: str, text: str, expected: list[tuple[str, bool, bool]]) -> None:
    assert [(text[one.start : one.end], one.letters, one.whole) for one in matches(quote, text)] == expected


@pytest.mark.parametrize(
    ("quote", "text", "cut"),
    [
        ("2", "12", "number"),
        ("200人", "1萬1,200人", "number"),
        ("1,200人", "1萬1,200人", "number"),
        ("4.5", "4.52%", "number"),
        ("25", "25%", "number"),
        ("25%", "（25%）", None),
        ("3年", "自第3年起", None),
        ("得解僱", "不得解僱", "negation"),
        ("解僱", "不得解僱", "negation"),
        ("典型勞動契約", "非典型勞動契約", "negation"),
        ("雇主購置", "避免雇主購置", "negation"),
        ("保險費", "減免保險費", None),
        ("動年金修法", "推動年金修法", "word"),
        ("推動年金", "推動年金修法", None),
        ("推動年金修", "推動年金修法", "word"),
    ],
)
def test_cut(quote: str, text: str, cut: str | None) -> None:
    assert [one.cut for one in matches(quote, text)] == [cut]


def test_nearest_window() -> None:
    text = "辦理各項活動；提供 55 歲以上或已退休之銀髮者專屬就業媒合服務。另行公告"
    window = nearest_window("提供 65 歲以上或已退休之銀髮者專屬就業媒合服務", text)
    assert window is not None
    assert text[window.start : window.end] == "提供 55 歲以上或已退休之銀髮者專屬就業媒合服務"
    assert 0.9 < window.likeness < 1
    assert nearest_window("公園", "法制") is None


def test_pieces() -> None:
    texts = ["研擬最低工資法制。", "推動職業災害保險單獨立法。", "研擬最低工資法制與其他"]
    assert pieces("研擬最低工資法制和推動職業災害保險單獨立法", texts) == [(0, 8, [0, 2]), (9, 21, [1])]
    assert pieces("工資", texts) == []


@pytest.mark.parametrize(
    ("text", "same"),
    [(" 最低\n工資 ", "最低工資"), ("minimum \n wage", "minimum wage"), ("計畫 2.0", "計畫2.0"), ("", "")],
)
def test_plain(text: str, same: str) -> None:
    assert plain(text) == same


# --- words and JSON -------------------------------------------------------------------------------------------------


def test_every_verdict_has_words_in_both_languages(index: tuple[Store, GramIndex]) -> None:
    for quote, status, _ in CASES:
        found = verify(quote, *index)
        for words in (verdict(found), explained(found)):
            assert words["zh"]
            assert words["en"].isascii() or "“" in words["en"], status
            assert "{" not in words["zh"] + words["en"]


def test_wrong_place_says_what_is_wrong(index: tuple[Store, GramIndex]) -> None:
    found = verify("研擬最低工資法制。", *index, years=[2019], section="四、")
    assert explained(found) == {
        "zh": "原文確有此語，但不在所指的年度、章節。",
        "en": "The words are in the corpus, but not in the year and section that was given.",
    }


def test_json_verifies_exact_only(index: tuple[Store, GramIndex]) -> None:
    checks: list[Verification] = [verify(quote, *index) for quote, *_ in CASES]
    for found in checks:
        data = verification_json(found)
        assert data["verified"] is (found.status == "exact")
        assert (data["changes"] is None) == (found.change is None or found.status == "exact")
    data = verification_json(verify("推動職業災害保險單獨立法", *index))
    places = data["places"]
    assert isinstance(places, list)
    assert places[0]["url"] == "/clauses/mol-106-plan/1.4.9"
    assert places[0]["range"] == [0, 12]
    damaged = verification_json(verify("永續發展目標自", *index))["places"]
    assert isinstance(damaged, list)
    assert damaged[0]["text"] == ""
