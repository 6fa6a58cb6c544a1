"""What the query functions answer with, and the one place where it becomes JSON.

A relation is flat: the symbol at the other end and the edge's own facts side by side, because every
reader (editor, terminal, agent) wants them together and none walks the graph by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from graphdb.schema import Site, Tier

if TYPE_CHECKING:
    from graphdb.schema import EdgeKind, NodeKind


@dataclass(frozen=True, slots=True)
class Symbol:
    """A node of the graph.

    labels: the primary one first. start_line, end_line: the whole definition, 1-based, inclusive.
    name_line, name_column: where the name stands (1-based, 0-based UTF-8 bytes).
    """

    uid: str
    kind: NodeKind
    name: str
    full_name: str
    file_path: str | None
    start_line: int | None
    end_line: int | None
    signature: str | None
    labels: tuple[str, ...] = ()
    name_line: int | None = None
    name_column: int | None = None
    docstring: str | None = None

    @property
    def location(self) -> str:
        """`file:line`, or `external` for what lies outside the repository."""
        if self.file_path is None:
            return "external"
        line = self.name_line or self.start_line
        return f"{self.file_path}:{line}" if line else self.file_path

    @property
    def is_test(self) -> bool:
        """True for a test function or method."""
        return "TEST" in self.labels


@dataclass(frozen=True, slots=True)
class Relation:
    """One edge as seen from a symbol that was asked about.

    symbol: at the other end. edge: the edge's type. via: uid of the end that was nearer to the
    question. depth: 1 for a direct edge. file_path: the file that `sites` are in. kind: call,
    construct, property, operator, decorator or reference. access: read, write or readwrite.
    """

    symbol: Symbol
    edge: EdgeKind
    via: str
    depth: int
    file_path: str | None
    sites: tuple[Site, ...]
    tier: Tier
    reason: str | None = None
    kind: str | None = None
    access: str | None = None

    @property
    def location(self) -> str:
        """`file:line` of the first site, else of the symbol."""
        if self.sites and self.file_path:
            return f"{self.file_path}:{self.sites[0].line}"
        return self.symbol.location


@dataclass(frozen=True, slots=True)
class Relations:
    """Relations in reading order; `truncated` says that a cap cut them."""

    items: tuple[Relation, ...]
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place in the source that names a symbol: all that stands on one site, merged."""

    file_path: str
    site: Site
    symbol: Symbol
    edges: tuple[EdgeKind, ...]
    tier: Tier
    access: str | None = None


@dataclass(frozen=True, slots=True)
class SourceText:
    """The text of a symbol; `code` is null where the graph holds none (a module)."""

    symbol: Symbol
    code: str | None


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A symbol of a file and how deep it is nested in it (0 for the top level)."""

    symbol: Symbol
    level: int


@dataclass(frozen=True, slots=True)
class TypeHierarchy:
    """A class with its bases and derived classes; or a member and its overrides."""

    symbol: Symbol
    supertypes: tuple[Relation, ...]
    subtypes: tuple[Relation, ...]
    members: tuple[Symbol, ...] = ()


@dataclass(frozen=True, slots=True)
class Impact:
    """What depends on some symbols, directly or not, and the tests that reach them."""

    symbols: tuple[Symbol, ...]
    dependants: tuple[Relation, ...]
    tests: tuple[Symbol, ...]
    files: tuple[str, ...]
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Ranked:
    """A symbol with the count that ranks it."""

    symbol: Symbol
    count: int


@dataclass(frozen=True, slots=True)
class Overview:
    """A folder's or repository's shape."""

    path: str
    files: int
    symbols: dict[str, int]
    largest_modules: tuple[Ranked, ...]
    largest_classes: tuple[Ranked, ...]
    most_called: tuple[Ranked, ...]
    entry_points: tuple[Symbol, ...]


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A symbol found by name or by text; `score` orders hits within one answer only."""

    symbol: Symbol
    score: float
    matched: str


_TIER_ORDER = {Tier.EXACT: 0, Tier.INFERRED: 1, Tier.CANDIDATE: 2}


def surest(first: Tier, second: Tier) -> Tier:
    """The tier of two that claims more."""
    return first if _TIER_ORDER[first] <= _TIER_ORDER[second] else second


def to_json(value: Any) -> Any:
    """Domain values as plain JSON values; a field's name is its JSON key."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Site):
        return value._asdict()
    if isinstance(value, dict):
        return {str(k): to_json(v) for k, v in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return value
