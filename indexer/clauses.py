"""Blocks to the clause tree: numbering gives the sections, tables give rows, nothing is lost.

The tree follows the printed numbers. A report that lost pages is not mended by guessing: where the numbers break at
a page break, what follows hangs at the top again instead of under a heading that it does not belong to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from indexer.ledger import Ledger
from indexer.model import Account, Block, Clause, ClauseKind, Indicator, Span
from indexer.outline import SENTENCE_END, Item, is_heading, read_items
from indexer.spreads import join_spread_tables
from indexer.tableclauses import rows_of_table

_GOAL_PART = re.compile(
    r"施政目標|年度目標|策略目標|施政重點|施政主軸|策略重點|[Gg]oals?\b|[Oo]bjectives?\b"
)  # 壹、年度施政目標及策略


@dataclass
class _Node:
    """A heading, clause, paragraph, table row or page with what hangs below it.

    ``lead`` are headings that a table row prints itself: they stand in its clause's section path.
    """

    text: str
    span: Span
    style: str = "root"
    rank: float = -1.0
    marker: str = ""
    kind: ClauseKind | None = None
    label: str = ""
    level: int | None = None
    cells: tuple[tuple[str, str], ...] = ()
    lead: tuple[str, ...] = ()
    own_id: str = ""
    children: list[_Node] = field(default_factory=list)
    ordinals: int = 0
    paragraphs: int = 0
    indicators: tuple[Indicator, ...] = ()

    def add(self, child: _Node) -> _Node:
        """Hang ``child`` below: numbered children count 1, 2, 3, plain paragraphs p1, p2, p3."""
        if child.own_id:
            pass
        elif child.style == "paragraph":
            self.paragraphs += 1
            child.own_id = f"p{self.paragraphs}"
        else:
            self.ordinals += 1
            child.own_id = str(self.ordinals)
        self.children.append(child)
        return child


def parse_clauses(blocks: Sequence[Block], document_id: str) -> tuple[list[Clause], list[Indicator], Account]:
    """The clauses in document order, the indicators of its tables, and the account of its characters."""
    ledger = Ledger(blocks)
    root = _build(read_items(join_spread_tables(blocks), ledger), ledger)
    clauses: list[Clause] = []
    indicators: list[Indicator] = []
    for node, path, clause_id in _walk(root, (), document_id, "/"):
        if node.kind is None:
            continue
        clauses.append(
            Clause(
                clause_id, document_id, node.kind, node.marker, path, node.text, node.span, len(clauses),
                node.kind == "damaged", node.cells,
            )
        )  # fmt: skip
        indicators += [replace(indicator, clause_id=clause_id) for indicator in node.indicators]
    return clauses, indicators, ledger.close()


def _build(items: Sequence[Item], ledger: Ledger) -> _Node:
    root = _Node("", Span(0, 0))
    stack = [root]
    for item in items:
        if item.detached:
            stack = [root]
        if item.block.kind == "damaged":
            _add_damaged(root, item.block, ledger)
            stack = [root]
        elif item.block.kind == "table":
            _add_table(_table_parent(stack), item.block, ledger)
        elif item.style == "title":
            ledger.post("headings", item.text)
            root.add(_Node(item.text, item.block.span, "title", kind="heading", own_id="title"))
        elif item.style:
            stack = _open_sections(stack, item)
            stack.append(stack[-1].add(_node(item)))
        else:
            stack[-1].add(_Node(item.text, item.block.span, "paragraph"))
    _settle(root, ledger)
    return root


def _add_damaged(root: _Node, block: Block, ledger: Ledger) -> None:
    ledger.post("damaged", block.text)
    count = sum(1 for node in root.children if node.kind == "damaged") + 1
    own_id = f"page{block.span.page}" if block.span.page is not None else f"damaged{count}"
    root.add(_Node(block.text, block.span, "damaged", kind="damaged", own_id=own_id))


def _node(item: Item) -> _Node:
    marker = item.marker.printed if item.marker and item.text else ""  # 「附錄」 alone is its own heading
    text = item.text or item.block.text
    return _Node(text, item.block.span, item.style, item.rank, marker, label=item.label, level=item.block.level)


def _open_sections(stack: list[_Node], item: Item) -> list[_Node]:
    """The sections that stay open when ``item`` comes: down to its own list, else to the last shallower style.

    A list that begins with its first number below an open one nests, whatever its style: habits differ. A heading
    without a number goes below the last one of a higher level, numbered or not, where the format gives levels.
    """
    if item.style == "appendix" and all(node.style != "appendix" for node in stack):
        return [node for node in stack if node.style in ("root", "appendices")]  # of the document, not of its last part
    for depth, node in enumerate(stack):
        if node.style == item.style:
            return stack[:depth]
        if item.marker is not None and node.style.startswith("level") and _level(item) <= (node.level or 0):
            stack = stack[:depth]  # a heading without a number ends where one of its level has a number
            break
    if item.style.startswith("level"):
        higher = [depth for depth, node in enumerate(stack) if node.level is not None and node.level < _level(item)]
        if higher:
            return stack[: higher[-1] + 1]
    if item.marker is not None and item.marker.ordinal == 1 and item.rank > 3 and _expects_list(stack[-1]):
        return stack
    return [node for node in stack if node.rank < item.rank] or stack[:1]


def _level(item: Item) -> int:
    return item.block.level if item.block.level is not None else 99


def _expects_list(node: _Node) -> bool:
    """True for a heading that has nothing but paragraphs below it yet."""
    empty = all(child.style == "paragraph" for child in node.children)
    return empty and node.style != "root" and not node.text.endswith(tuple(SENTENCE_END))


def _table_parent(stack: Sequence[_Node]) -> _Node:
    """The nearest heading: a clause that ends its sentence has no table below it."""
    return next(node for node in reversed(stack) if not node.text.endswith(tuple(SENTENCE_END)))


def _add_table(parent: _Node, block: Block, ledger: Ledger) -> None:
    """Hang the rows below ``parent``; a row whose own heading is not printed hangs under the last one there is."""
    opened = [parent]
    for row in rows_of_table(block, ledger):
        node = _Node(
            row.text, row.span, "row", 90.0 + row.depth, row.marker, row.kind, row.label, None, row.cells, row.lead,
            row.own_id, indicators=row.indicators,
        )  # fmt: skip
        opened = opened[: row.depth + 1]
        opened.append(opened[-1].add(node))


def _settle(root: _Node, ledger: Ledger) -> None:
    """Give every prose node its kind, once it is known what hangs below it."""
    for node, within, notes in _sections(root, "", False):
        if node.kind is not None or node.style == "root":
            continue
        node.kind = _kind_of(node, within, notes)
        ledger.post("headings" if node.kind in ("heading", "goal") else "clauses", node.marker + node.text)
        node.label = _label(node)


def _sections(node: _Node, within: str, notes: bool) -> Iterator[tuple[_Node, str, bool]]:
    """Every node below, with 「goals」 or 「goal」 when it stands in a part of goals or in one goal, and within notes."""
    for child in node.children:
        yield child, within, notes
        is_part = child.rank <= 3.5 or (node.style == "root" and is_heading(child.text))
        below = "goals" if is_part and _GOAL_PART.search(child.text) is not None else within
        yield from _sections(child, "goal" if child.kind == "goal" else below, notes or child.style == "note")


def _kind_of(node: _Node, within: str, notes: bool) -> ClauseKind:
    has_list = any(child.style != "paragraph" for child in node.children)
    heads = not node.text or (
        node.text[-1] not in SENTENCE_END + "，、" and (bool(node.children) or is_heading(node.text))
    )
    if node.style == "paragraph":
        return "narrative"
    if within and node.rank > 3.5:
        return "goal" if has_list and heads and within == "goals" else "goal_clause"
    if node.children and heads:
        return "heading"  # however long: 「（三）指標 1.4.1 …、指標 1.4.2 …、指標 1.4.3 …」 has 67 characters
    if node.style == "note" or (node.rank <= 3 and heads) or node.style.startswith(("level", "before")):
        return "heading"
    return "note" if notes else "narrative"


def _label(node: _Node) -> str:
    """How the node stands in a section path: a heading in full, a clause by its first words."""
    if node.kind in ("heading", "goal"):
        return node.label
    head = re.split(r"[：:]", node.text, maxsplit=1)[0]  # 強化青年職業訓練：整合學校
    head = head if len(head) <= 20 else f"{node.text[:18]}…"
    return f"{node.marker} {head}".strip()


def _walk(
    node: _Node, path: tuple[str, ...], node_id: str, between: str
) -> Iterator[tuple[_Node, tuple[str, ...], str]]:
    for child in node.children:
        child_id = f"{node_id}{between}{child.own_id}"
        yield child, (*path, *child.lead), child_id
        yield from _walk(child, (*path, child.label), child_id, ".")
