"""The header: what is indexed, how fresh it is, in which store, and which model answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphdb.schema import NodeKind
from tui.models.conversation import counted

if TYPE_CHECKING:
    from graphdb.delta import GraphCounts
    from tui.ports import IndexProgress

NO_MODEL = "no model"
_MILLION, _THOUSAND = 1_000_000, 1_000


@dataclass(frozen=True, slots=True)
class IndexView:
    """What is known of the index by now. note: why there is none, in one line."""

    files: int | None = None
    nodes: int = 0
    edges: int = 0
    freshness: str = "opening"
    is_fresh: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True)
class HeaderPart:
    """A piece of the header. weight: the lightest is left out first where there is no room."""

    name: str
    text: str
    weight: int


def totals(counts: GraphCounts) -> tuple[int, int, int]:
    """Files, nodes without the files, and edges."""
    kinds = {kind.value for kind in NodeKind} - {NodeKind.FILE.value}
    nodes = sum(number for label, number in counts.nodes.items() if label in kinds)
    return counts.nodes.get(NodeKind.FILE.value, 0), nodes, sum(counts.edges.values())


def short_count(number: int) -> str:
    """A count in at most four figures: 950, 4.1k, 212k, 1.3M."""
    if number < _THOUSAND:
        return str(number)
    unit, mark = (_MILLION, "M") if number >= _MILLION else (_THOUSAND, "k")
    value = number / unit
    return f"{value:.1f}{mark}" if value < 10 else f"{value:.0f}{mark}"


def running_words(progress: IndexProgress) -> str | None:
    """A run that is going on, in a few words; None when none is."""
    if progress.phase is None:
        return None
    return f"indexing {progress.percent} % ({progress.phase})"


def header_parts(
    repo: str, store: str, model: str | None, view: IndexView, progress: IndexProgress
) -> list[HeaderPart]:
    """The pieces of the header in their order."""
    state = running_words(progress) or view.freshness
    parts = [HeaderPart("repo", repo, 9), HeaderPart("state", state, 8)]
    if view.files is not None:
        amount = counted(view.files, "file")
        size = f"{short_count(view.nodes)} nodes  {short_count(view.edges)} edges"
        parts[1:1] = [HeaderPart("files", amount, 4), HeaderPart("size", size, 3)]
    parts.append(HeaderPart("store", store, 2))
    parts.append(HeaderPart("model", model or NO_MODEL, 5))
    return parts


def fitting(parts: list[HeaderPart], width: int, gap: int) -> list[HeaderPart]:
    """The parts that fit into a width, in their order; the repository always stays."""
    kept = sorted(parts, key=lambda part: -part.weight)
    while len(kept) > 1 and sum(len(part.text) + gap for part in kept) - gap > width:
        kept.pop()
    return [part for part in parts if part in kept]
