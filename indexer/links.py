"""What linking one file yields, for every language: resolved edges by symbol, and what stayed open.

A symbol here is a denotation of something in the graph: ("mod", path), ("cls" | "fn", path,
definition), ("field", path, class, name), ("var", path, 0, name) or ("ext", dotted name). Rows are
collected per source, type and target, which is the graph's identity of an edge.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from graphdb.schema import EdgeKind, Site, Tier
from indexer.solver import ReadLog

if TYPE_CHECKING:
    from indexer.facts import Definition
    from indexer.missing import Around, MissingUse
    from indexer.remembered import Remembered, Said
    from indexer.solver import Cell, Reads

Symbol = tuple[Any, ...]

REASONS = (
    *("", "scope", "import", "__all__", "base", "annotation"),
    *("self", "super", "class", "hierarchy", "type", "overload"),
    *("value", "flow", "protocol", "override"),
)
"""The steps that resolve a use, each built on those before it; "" where a definition is enough."""

_RANK = {Tier.EXACT: 0, Tier.INFERRED: 1, Tier.CANDIDATE: 2}
_STEP = {reason: step for step, reason in enumerate(REASONS)}


@dataclass(slots=True)
class Link:
    """An edge while its occurrences are being collected; the surest tier and step stand."""

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
        elif reason != link.reason or tier != link.tier or kind != link.kind:
            # The choice among reasons must not depend on the order of the sites.
            said = link.tier, link.reason, link.kind
            link.tier, link.reason, link.kind = min(said, (tier, reason, kind), key=_surest)
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


def _surest(how: tuple[Tier, str, str | None]) -> tuple[int, int, str, str]:
    """The surest comes first: by tier, then by the earliest step."""
    tier, reason, kind = how
    return _RANK[tier], _STEP.get(reason, len(_STEP)), reason, kind or ""


class Linker(Protocol):
    """Resolves the files of one language against each other; one exists per state of a project."""

    def link(self, path: str) -> FileLinks:
        """Resolve everything that one file says. Pure: the same facts give the same links."""
        ...

    def reads(self) -> Reads:
        """Which cell's answers were used for which, since the linker was made."""
        ...

    def close(self) -> None:
        """Let go of everything that was computed; only `reads` may be asked for after it."""
        ...

    def settled(self, cell: Cell) -> object | None:
        """What a cell says, equal for equal meanings in two states; None where it cannot tell."""
        ...

    def recall(self, remembered: Remembered) -> None:
        """Take what cells said before as known; call it before anything is asked."""
        ...

    def said(self) -> dict[Cell, Said]:
        """What the cells that were computed here say, as far as that may be remembered."""
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

    def missing(self, path: str, text: bytes, around: Around) -> list[MissingUse]:
        """Uses in a file's text that the language's rules prove to denote nothing."""
        ...


class DirectLinker:
    """What linkers share that answer every question at once, with no fixpoint.

    A language of its own adds `link` and `module_name`, and where it has them `variables` and
    `class_labels`. Whatever another file, or a look-up of a module, is asked goes into `log`.
    """

    def __init__(self) -> None:
        self.log = ReadLog()

    def reads(self) -> Reads:
        """Which cell's answers were used for which."""
        return self.log.reads()

    def close(self) -> None:
        """Nothing to let go of."""

    def settled(self, cell: Cell) -> object | None:
        """Nothing: a cell's hash tells of any change in what it says."""
        del cell

    def recall(self, remembered: Remembered) -> None:
        """Nothing: every answer is quick to find anew."""
        del remembered

    def said(self) -> dict[Cell, Said]:
        """Nothing to remember."""
        return {}

    def variables(self, path: str) -> list[Symbol]:
        """None: a language without variables or fields that last."""
        del path
        return []

    def class_labels(self, path: str, definition: Definition) -> tuple[str, ...]:
        """None: a class is a class."""
        del path, definition
        return ()

    def missing(self, path: str, text: bytes, around: Around) -> list[MissingUse]:
        """None: a language that cannot prove it says nothing."""
        del path, text, around
        return []
