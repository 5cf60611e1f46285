"""F1 of comparing a real plan with a next year's that is made from it by known edits.

    python benchmarks/revised.py [PLAN ...] [--seeds 5] [--out FILE]

Where plans.py invents its sentences, these are printed ones: every clause of a plan is kept, reprinted, reworded, merged
with the next one, split at a comma, moved to another section or dropped, and clauses of the other plans are added. Numbers
are given anew in the new order. Without arguments: the shipped plans and the fixtures of tests.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from indexer.config import load_config
from indexer.corpus import source_of
from indexer.encode import load_encoder
from indexer.model import Clause
from indexer.sandbox import parse_alone
from search_app.compare import compare
from search_app.relations import UNSURE, Relation

ROOT = Path(__file__).parent.parent
KINDS = ("goal_clause", "plan_item", "narrative")
VERBS = ("推動", "辦理", "強化", "加強", "落實", "提升", "規劃", "研議", "檢討", "持續", "精進", "建構")
TAILS = ("，以維護民眾權益", "，並滾動檢討成效", "，提高服務品質", "，建立跨機關合作機制", "，因應社會環境變遷")
PRINT = (("，", ", "), ("、", "，"), ("臺", "台"), ("（", "("), ("雇", "僱"))


@dataclass
class Revised:
    """The next year's clauses, and what became of what: (earlier id, later id), and the relation of each earlier clause."""

    clauses: list[Clause] = field(default_factory=list)
    links: set[tuple[str, str]] = field(default_factory=set)
    relations: dict[str, str] = field(default_factory=dict)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("plans", nargs="*", type=Path)
    options.add_argument("--seeds", type=int, default=5)
    options.add_argument("--out", type=Path)
    given = options.parse_args()
    config = load_config(ROOT / "config.yaml")
    paths = given.plans or [
        *sorted((ROOT / "corpus").glob("*plan*.txt")),
        *(
            path
            for path in sorted((ROOT / "tests/fixtures/plans").iterdir())
            if path.suffix in (".txt", ".md", ".html")
        ),
    ]
    plans = {path.stem: list(parse_alone(source_of(path, 10**8), config.corpus).clauses) for path in paths}
    encoder = load_encoder(library=False)
    rows = []
    right: dict[str, Counter[bool]] = defaultdict(Counter)
    print(f"{'plan':<16}{'clauses':>8}{'F1':>8}{'words':>8}   named rightly, of")
    for name, clauses in plans.items():
        own = [one for one in clauses if one.kind in KINDS and not one.damaged]
        if not own:
            continue
        strangers = [one.text for other, them in plans.items() if other != name for one in them if one.kind in KINDS]
        found: dict[str, list[float]] = {"full": [], "words": []}
        named: dict[str, Counter[bool]] = defaultdict(Counter)
        for seed in range(given.seeds):
            revised = revise(clauses, strangers, random.Random(f"{name} {seed}"))
            for key, meaning in (("full", encoder.encode_passages), ("words", None)):
                relations = [one for one in compare(clauses, revised.clauses, meaning).relations if one.level in KINDS]
                found[key].append(f1(relations, revised.links))
                if key == "full":
                    judge(relations, revised, named, right)
        told = {key: f"{count[True]}/{count.total()}" for key, count in sorted(named.items())}
        scores = {key: round(sum(values) / len(values), 3) for key, values in found.items()}
        print(f"{name:<16}{len(own):>8}{scores['full']:>8.3f}{scores['words']:>8.3f}   {told}")
        rows.append({"plan": name, "clauses": len(own), **scores, "named": told})
    bands = {band: round(count[True] / count.total(), 3) for band, count in sorted(right.items())}
    print("relations that are right, by confidence:", bands, {band: count.total() for band, count in right.items()})
    if given.out:
        machine = {"cores": os.cpu_count(), "load_average": round(os.getloadavg()[0], 1)}
        said = {
            "command": f"python benchmarks/revised.py --seeds {given.seeds}",
            "machine": machine,
            "date": time.strftime("%Y-%m-%d"),
            "seeds": given.seeds,
            "plans": rows,
            "right_by_confidence": bands,
        }
        given.out.write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def judge(
    relations: Sequence[Relation], revised: Revised, named: dict[str, Counter[bool]], right: dict[str, Counter[bool]]
) -> None:
    """Count which names and which whole relations are right, the latter by confidence."""
    for one in relations:
        ours, theirs = ({clause.clause_id for clause in side} for side in (one.from_clauses, one.to_clauses))
        expected = {link for link in revised.links if link[0] in ours or link[1] in theirs}
        band = f"below {UNSURE}" if one.unsure else "0.6 to 0.9" if one.confidence < 0.9 else "from 0.9"
        right[band][expected == {(a, b) for a in ours for b in theirs}] += 1
        for clause_id in ours:
            named[revised.relations[clause_id]][revised.relations[clause_id] == one.relation] += 1


def f1(relations: Sequence[Relation], links: set[tuple[str, str]]) -> float:
    """F1 of links."""
    found = {(a.clause_id, b.clause_id) for one in relations for a in one.from_clauses for b in one.to_clauses}
    return 2 * len(found & links) / (len(found) + len(links)) if found or links else 1.0


def revise(clauses: Sequence[Clause], strangers: Sequence[str], draw: random.Random) -> Revised:
    """The next year's plan: headings stay, the clauses below each are edited and numbered anew."""
    made = Revised()
    order = 0
    groups = _groups(clauses)
    moved: list[tuple[Clause, str]] = []
    for head, members in groups:
        if head is not None:
            made.clauses.append(replace(head, order=order))
            if head.kind in KINDS:  # one with clauses below it stays
                made.links.add((head.clause_id, head.clause_id))
                made.relations[head.clause_id] = "unchanged"
            order += 1
        drafts = _drafts(members, draw, made, moved, strangers)
        if moved and draw.random() < 0.5 and members and moved[0][0].kind == members[0].kind:
            source, text = moved.pop(0)
            drafts.insert(draw.randrange(len(drafts) + 1), ([source.clause_id], text))
        for number, (sources, text) in enumerate(drafts, start=1):
            pattern = members[0]
            clause_id = f"{pattern.clause_id.rpartition('.')[0]}.n{number}"
            marker = f"（{number}）" if pattern.marker else ""
            made.clauses.append(replace(pattern, clause_id=clause_id, text=text, marker=marker, order=order))
            made.links |= {(source, clause_id) for source in sources}
            order += 1
    for source, _ in moved:  # found no other section
        made.relations[source.clause_id] = "dropped"
    return made


Drafts = list[tuple[list[str], str]]


def _drafts(
    members: Sequence[Clause],
    draw: random.Random,
    made: Revised,
    moved: list[tuple[Clause, str]],
    strangers: Sequence[str],
) -> Drafts:
    drafts: Drafts = []
    place = 0
    while place < len(members):
        one, roll = members[place], draw.random()
        after = members[place + 1] if place + 1 < len(members) else None
        name = "unchanged"
        if roll < 0.10:
            name = "dropped"
        elif roll < 0.16 and after is not None and max(len(one.text), len(after.text)) < 150:
            drafts.append(([one.clause_id, after.clause_id], merged(one.text, after.text)))
            made.relations[after.clause_id] = name = "merged"
            place += 1
        elif roll < 0.22 and (parts := parted(one.text, draw)) is not None:
            drafts += [([one.clause_id], part) for part in parts]
            name = "split"
        elif roll < 0.32:
            drafts.append(([one.clause_id], heavily(one.text, draw)))
            name = "reworded"
        elif roll < 0.50:
            drafts.append(([one.clause_id], lightly(one.text, draw)))
            name = "reworded"
        elif roll < 0.58 and (printed := reprinted(one.text)) != one.text:
            drafts.append(([one.clause_id], printed))
            name = "typographic"
        elif roll < 0.64:
            moved.append((one, one.text))
        else:
            drafts.append(([one.clause_id], one.text))
        made.relations[one.clause_id] = name
        if draw.random() < 0.1 and strangers:
            drafts.append(([], draw.choice(strangers)))
        place += 1
    return drafts


def _groups(clauses: Sequence[Clause]) -> list[tuple[Clause | None, list[Clause]]]:
    """Every clause that is no candidate for edits by itself, with the candidates of one kind right behind it."""
    groups: list[tuple[Clause | None, list[Clause]]] = []
    for one in clauses:
        leaf = (
            one.kind in KINDS
            and not one.damaged
            and not any(other.clause_id.startswith(f"{one.clause_id}.") for other in clauses)
        )
        if not leaf:
            groups.append((one, []))
        elif groups and (not groups[-1][1] or _above(groups[-1][1][0]) == _above(one)):
            groups[-1][1].append(one)
        else:
            groups.append((None, [one]))
    return groups


def _above(one: Clause) -> tuple[str, str]:
    return one.clause_id.rpartition(".")[0], one.kind


def merged(one: str, other: str) -> str:
    """Both in one sentence."""
    return f"{one.rstrip('。；;')}，並{other}"


def parted(text: str, draw: random.Random) -> tuple[str, str] | None:
    """The text cut at a comma that leaves ten characters and more on both sides; None where there is none."""
    cuts = [at for at, char in enumerate(text) if char in "，；" and 10 <= at <= len(text) - 10]
    if not cuts:
        return None
    at = draw.choice(cuts)
    return f"{text[:at]}。", text[at + 1 :]


def lightly(text: str, draw: random.Random) -> str:
    """Another verb at the beginning, or another end."""
    if draw.random() < 0.5 and text[:2] in VERBS:
        return draw.choice([verb for verb in VERBS if verb != text[:2]]) + text[2:]
    return f"{text.rstrip('。')}{draw.choice(TAILS)}。"


def heavily(text: str, draw: random.Random) -> str:
    """Another beginning, a phrase in three gone, another end."""
    phrases = text.rstrip("。").split("，")
    kept = [phrase for at, phrase in enumerate(phrases) if at == 0 or draw.random() < 0.66]
    if kept[0][:2] in VERBS:
        kept[0] = kept[0][2:]
    return f"{draw.choice(VERBS)}{'，'.join(kept)}{draw.choice(TAILS)}。"


def reprinted(text: str) -> str:
    """The same in other print."""
    for printed, other in PRINT:
        text = text.replace(printed, other)
    return text


if __name__ == "__main__":
    main()
