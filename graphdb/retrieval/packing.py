"""Fills a token budget: a signature for everything that ranks high, bodies where they pay.

A token is counted as four characters, because no tokenizer holds for every model; a budget is never
overrun by that count. Text comes out grouped by file, so that a path is paid for once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphdb.symbols import Symbol

CHARACTERS_PER_TOKEN = 4
_SIGNATURE_SHARE = 0.6
"""Part of the budget for the first pass, in which nothing is shown but what it looks like."""

_SUMMARY_BUDGET = 1_000
"""Below this budget a signature stands without the first line of its docstring."""

_BODY_SHARE = 0.4
"""A body may take at most this part of what is left of the budget."""

_MAX_LINE, _MAX_SUMMARY = 200, 80
_WITH_BODY = frozenset({NodeKind.FUNCTION, NodeKind.METHOD})


@dataclass(frozen=True, slots=True)
class Material:
    """A ranked symbol with the text that the graph holds of it; code is "" where it holds none.

    is_needed: known to be used, so that its signature comes before anything else.
    """

    symbol: Symbol
    code: str
    score: float
    why: str
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class ContextItem:
    """One thing shown. form: signature or body. tokens: what it takes of the budget."""

    symbol: Symbol
    form: str
    text: str
    location: str
    score: float
    why: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Packed:
    """What fitted, best first, and the text to give to a reader or model."""

    items: tuple[ContextItem, ...]
    budget: int
    tokens: int
    text: str


def tokens_of(text: str) -> int:
    """How many tokens a text counts as."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def pack(
    materials: Sequence[Material], budget: int, heading: str = "", *, bodies: bool = True
) -> Packed:
    """Choose what to show of ranked symbols.

    heading: text that comes first whatever happens, cut to the budget. bodies: False to show
    signatures only.
    """
    heading = heading[: budget * CHARACTERS_PER_TOKEN]
    pack_ = _Pack(budget, tokens_of(heading) + 1 if heading else 0)
    has_summary = budget >= _SUMMARY_BUDGET
    signatures = [_signature(material, has_summary=has_summary) for material in materials]
    for material, signature in zip(materials, signatures, strict=True):
        if material.is_needed:
            pack_.add_signature(signature, budget)
    for signature in signatures:
        pack_.add_signature(signature, budget * _SIGNATURE_SHARE)
    for material in materials if bodies else ():
        pack_.add_body(material)
    for signature in signatures:
        pack_.add_signature(signature, budget)
    items = tuple(pack_.items[m.symbol.uid] for m in materials if m.symbol.uid in pack_.items)
    parts = [heading] if heading else []
    text = "\n".join([*parts, *_by_file(items)])
    return Packed(items, budget, tokens_of(text), text)


class _Signature(NamedTuple):
    """What a material looks like, and the headings that it stands below.

    A heading goes with those above it: a class of one name is another one in another file.
    """

    item: ContextItem
    headings: list[tuple[str, ...]]


class _Pack:
    """What has been chosen so far, and what it takes."""

    def __init__(self, budget: int, used: int) -> None:
        self._budget = budget
        self._used = used
        self._headings: set[tuple[str, ...]] = set()
        self.items: dict[str, ContextItem] = {}

    def add_signature(self, signature: _Signature, limit: float) -> None:
        item = signature.item
        cost = item.tokens
        if self._used + cost > limit or item.symbol.uid in self.items:
            return
        for heading in signature.headings:
            if heading not in self._headings:
                cost += tokens_of(heading[-1]) + 1
        if self._used + cost <= limit:
            self._headings.update(signature.headings)
            self._take(item, cost)

    def add_body(self, material: Material) -> None:
        known = self.items.get(material.symbol.uid)
        if known is None or material.symbol.kind not in _WITH_BODY or not material.code:
            return
        item = _item(material, "body", _dedented(material.code))
        more = item.tokens - known.tokens
        if more <= (self._budget - self._used) * _BODY_SHARE:
            self._take(item, more)

    def _take(self, item: ContextItem, cost: int) -> None:
        self.items[item.symbol.uid] = item
        self._used += cost


def signature_text(symbol: Symbol, code: str, *, has_summary: bool = True) -> str:
    """What a symbol looks like in a few lines: signature, or its first line, and its summary."""
    if symbol.kind is NodeKind.MODULE:
        head = f"module {symbol.full_name}"
    else:
        head = symbol.signature or _first_line(code) or symbol.name
    head = " ".join(head.split())[:_MAX_LINE]
    if not has_summary:
        return head
    summary = next((line.strip() for line in (symbol.docstring or "").splitlines() if line), "")
    return f"{head}  # {summary[:_MAX_SUMMARY]}" if summary else head


def _first_line(code: str) -> str:
    return next((line.strip() for line in code.splitlines() if line.strip()), "")


def _signature(material: Material, *, has_summary: bool) -> _Signature:
    text = signature_text(material.symbol, material.code, has_summary=has_summary)
    lines = _headings(material.symbol)
    headings = [tuple(lines[: end + 1]) for end in range(len(lines))]
    return _Signature(_item(material, "signature", text), headings)


def _item(material: Material, form: str, text: str) -> ContextItem:
    symbol = material.symbol
    return ContextItem(
        symbol=symbol,
        form=form,
        text=text,
        location=symbol.location,
        score=material.score,
        why=material.why,
        tokens=tokens_of(_line_of(symbol, text)) + 1,
    )


def _line_of(symbol: Symbol, text: str) -> str:
    """One item as it is printed below its headings, with its line."""
    return f"{symbol.name_line or symbol.start_line or 1}: {text}"


def _headings(symbol: Symbol) -> list[str]:
    """What stands above an item: its file, and the class that it is a member of."""
    headings = [f"## {symbol.file_path or ''}"]
    if symbol.kind in (NodeKind.METHOD, NodeKind.FIELD):
        headings.append(f"in {symbol.full_name.rpartition('.')[0].rpartition('.')[2]}:")
    return headings


def _by_file(items: Iterable[ContextItem]) -> list[str]:
    """The items' text, files in order of their best item, items in order of line."""
    groups: dict[str, list[ContextItem]] = {}
    for item in items:
        groups.setdefault(item.symbol.file_path or "", []).append(item)
    lines: list[str] = []
    for group in groups.values():
        # Members of a class stand together, after what is at the top level.
        group.sort(key=lambda i: (_headings(i.symbol)[1:], i.symbol.start_line or 0))
        known: list[str] = []
        for item in group:
            headings = _headings(item.symbol)
            lines += [line for line in headings if line not in known]
            known = headings
            lines.append(_line_of(item.symbol, item.text))
    return lines


def _dedented(code: str) -> str:
    """Code without the indentation of its own lines but the first, which the graph has cut."""
    first, *rest = code.splitlines()
    margin = min((len(r) - len(r.lstrip()) for r in rest if r.strip()), default=0)
    shift = max(0, margin - 4)
    return "\n".join([first.strip(), *(line[shift:].rstrip() for line in rest)])
