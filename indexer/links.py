"""What linking one file yields, for every language: resolved edges by symbol, and what stayed open.

A symbol here is a denotation of something in the graph: ("mod", path), ("cls" | "fn", path,
definition), ("field", path, class, name), ("var", path, 0, name) or ("ext", dotted name). Rows are
collected per source, type and target, which is the graph's identity of an edge.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from graphdb.schema import EdgeKind, Site, Tier

if TYPE_CHECKING:
    from indexer.facts import Definition
    from indexer.solver import Cell

Symbol = tuple[Any, ...]

_RANK = {Tier.EXACT: 0, Tier.INFERRED: 1, Tier.CANDIDATE: 2}


@dataclass(slots=True)
class Link:
    """An edge while its occurrences are being collected; the surest tier and its reason stand."""

    tier: Tier
    reason: str
    kind: str | None = None
    sites: list[Site] | None = None
    access: str | None = None
    extra: dict[str, str | bool | int] | None = None


@dataclass(slots=True)
class FileLinks:
    """All edges owned by one file. unresolved: call sites with no target, as `line:column text`."""

    edges: dict[tuple[Symbol, EdgeKind, Symbol], Link] = field(
        default_factory=dict[tuple[Symbol, EdgeKind, Symbol], Link]
    )
    unresolved: list[str] = field(default_factory=list[str])

    def add(
        self,
        ends: tuple[Symbol, EdgeKind, Symbol],
        tier: Tier = Tier.EXACT,
        reason: str = "",
        kind: str | None = None,
        site: Site | None = None,
    ) -> Link:
        """Record one occurrence of an edge and return its row."""
        link = self.edges.get(ends)
        if link is None:
            link = self.edges[ends] = Link(tier, reason, kind)
        elif (_RANK[tier], reason, kind or "") < (_RANK[link.tier], link.reason, link.kind or ""):
            # The choice among reasons must not depend on the order of the sites.
            link.tier, link.reason, link.kind = tier, reason, kind
        if site is not None:
            if link.sites is None:
                link.sites = [site]
            elif site not in link.sites[-2:]:
                link.sites.append(site)
        return link

    def mark(self, ends: tuple[Symbol, EdgeKind, Symbol], **extra: str | bool | int) -> None:
        """Record a structural edge with further properties."""
        self.add(ends).extra = extra

    def access(self, ends: tuple[Symbol, EdgeKind, Symbol], access: str) -> None:
        """Record how a variable is used: read, write, or both over several sites."""
        link = self.edges[ends]
        link.access = access if link.access in {None, access} else "readwrite"


class Linker(Protocol):
    """Resolves the files of one language against each other; one exists per state of a project."""

    def link(self, path: str) -> FileLinks:
        """Resolve everything that one file says. Pure: the same facts give the same links."""
        ...

    def reads(self) -> dict[Cell, set[Cell]]:
        """Which cell's answers were used for which, since the linker was made."""
        ...

    def close(self) -> None:
        """Let go of everything that was computed; only `reads` may be asked for after it."""
        ...

    def module_name(self, path: str) -> str:
        """The file's full name as a module."""
        ...

    def variables(self, path: str) -> list[Symbol]:
        """The file's global variables and the fields of its classes."""
        ...

    def class_labels(self, path: str, definition: Definition) -> tuple[str, ...]:
        """Labels that stand beside CLASS: INTERFACE, ENUM, RECORD."""
        ...
