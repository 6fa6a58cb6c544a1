"""The graph's vocabulary: labels, edge types, properties and which ends an edge may have.

It is CodexGraph's schema (arXiv 2408.03910) and a superset of it. The surprising choice: every
label has the same property set, null where a symbol has none, so that a query written for one kind
runs on any kind and on either store.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

SCHEMA_VERSION = 1
"""Raised when stored graphs of the version before can no longer be read; they are then rebuilt."""


class NodeKind(StrEnum):
    """The primary label of a node: the first label, exactly one."""

    MODULE = "MODULE"
    CLASS = "CLASS"
    FUNCTION = "FUNCTION"
    METHOD = "METHOD"
    FIELD = "FIELD"
    GLOBAL_VARIABLE = "GLOBAL_VARIABLE"
    EXTERNAL = "EXTERNAL"
    FILE = "FILE"


class ExtraLabel(StrEnum):
    """Labels that stand beside the primary one."""

    INTERFACE = "INTERFACE"
    ENUM = "ENUM"
    RECORD = "RECORD"
    TEST = "TEST"


class EdgeKind(StrEnum):
    """The relationship types, spelt as in the paper where it has them."""

    CONTAINS = "CONTAINS"
    HAS_METHOD = "HAS_METHOD"
    HAS_FIELD = "HAS_FIELD"
    INHERITS = "INHERITS"
    USES = "USES"
    CALLS = "CALLS"
    IMPORTS = "IMPORTS"
    EXPORTS = "EXPORTS"
    IMPLEMENTS = "IMPLEMENTS"
    OVERRIDES = "OVERRIDES"
    INSTANTIATES = "INSTANTIATES"
    DECORATES = "DECORATES"
    HAS_TYPE = "HAS_TYPE"
    RETURNS_TYPE = "RETURNS_TYPE"
    TESTS = "TESTS"


class Tier(StrEnum):
    """How sure an edge is.

    exact: names, types or values leave this one target. inferred: they leave several, or a step
    that is less sure led here (docs/python.md and docs/java.md say which). candidate: a subclass or
    implementation that may run instead.
    """

    EXACT = "exact"
    INFERRED = "inferred"
    CANDIDATE = "candidate"


DEFAULT_TIERS = (Tier.EXACT, Tier.INFERRED)

CODE_KINDS = (
    NodeKind.MODULE,
    NodeKind.CLASS,
    NodeKind.FUNCTION,
    NodeKind.METHOD,
    NodeKind.FIELD,
    NodeKind.GLOBAL_VARIABLE,
)
"""CodexGraph's six labels; every node that stands for code has exactly one of them."""

NODE_PROPERTIES = (
    "uid",
    "repo",
    "name",
    "full_name",
    "qualified_name",
    "class",
    "class_full_name",
    "file_path",
    "signature",
    "code",
    "docstring",
    "start_line",
    "end_line",
    "name_line",
    "name_column",
    "language",
    "visibility",
    "modifiers",
    "decorators",
    "type_name",
    "content_hash",
    "unresolved_calls",
)
"""The property set of every label. `uid` is `language:path:qualified_name[#n]`, unique within
`repo`.

Lines are 1-based; `name_line`/`name_column` is where the name itself stands, the column 0-based in
UTF-8 bytes; `modifiers` and `decorators` are lists of strings. `unresolved_calls`, on FILE, lists
the call sites with no target as `line:column text`. Never `id`, `title` or `type`: the embedded
store has virtual properties of those names.
"""

INDEXED_PROPERTIES = ("name", "full_name", "file_path")
"""Properties that both stores index on every label, beside the unique `uid`."""

TEXT_PROPERTIES = ("name", "full_name", "signature", "docstring", "code")
"""Properties that full-text search covers."""

VECTOR_KINDS = (NodeKind.CLASS, NodeKind.FUNCTION, NodeKind.METHOD)
"""Labels whose nodes may have a vector; it lies beside the properties, and no answer shows it."""

EDGE_PROPERTIES = (
    "sites",
    "count",
    "tier",
    "reason",
    "kind",
    "access",
    "via",
    "inherited",
    "depth",
    "association_type",
    "source_association_type",
    "target_association_type",
)
"""The property set of every edge type; an edge stores those it has.

sites: occurrences as `line:column:length` separated by blanks (1-based line, 0-based UTF-8 byte
column, byte length), in the file of the edge's owner: the decorated symbol's for DECORATES, the
source's for all others. count: how many sites. reason: the resolution step. kind: call, construct,
property, operator, decorator or reference. access: read, write or readwrite. via: definition or
import (CONTAINS). inherited, depth: on HAS_METHOD and HAS_FIELD of inherited members.
"""

_CODE = frozenset(CODE_KINDS)
_CALLERS = frozenset({NodeKind.MODULE, NodeKind.CLASS, NodeKind.FUNCTION, NodeKind.METHOD})
_CALLABLE = frozenset({NodeKind.FUNCTION, NodeKind.METHOD})
_EXTERNAL = frozenset({NodeKind.EXTERNAL})
_VALUES = frozenset({NodeKind.FIELD, NodeKind.GLOBAL_VARIABLE})
_CLASS = frozenset({NodeKind.CLASS})
_MODULE = frozenset({NodeKind.MODULE})

LEGAL_ENDS: dict[EdgeKind, tuple[frozenset[NodeKind], frozenset[NodeKind]]] = {
    EdgeKind.CONTAINS: (_CALLERS | {NodeKind.FILE}, _CODE),
    EdgeKind.HAS_METHOD: (_CLASS, frozenset({NodeKind.METHOD})),
    EdgeKind.HAS_FIELD: (_CLASS, frozenset({NodeKind.FIELD})),
    EdgeKind.INHERITS: (_CLASS, _CLASS | _EXTERNAL),
    EdgeKind.IMPLEMENTS: (_CLASS, _CLASS | _EXTERNAL),
    EdgeKind.USES: (_CALLERS, _CODE | _EXTERNAL),
    EdgeKind.CALLS: (_CALLERS, _CALLABLE | _CLASS | _EXTERNAL),
    EdgeKind.INSTANTIATES: (_CALLERS, _CLASS),
    EdgeKind.IMPORTS: (_MODULE, _CODE | _EXTERNAL),
    EdgeKind.EXPORTS: (_MODULE, _CODE | _EXTERNAL),
    EdgeKind.OVERRIDES: (
        frozenset({NodeKind.METHOD, NodeKind.FIELD}),
        frozenset({NodeKind.METHOD, NodeKind.FIELD}),
    ),
    EdgeKind.DECORATES: (_CALLABLE | _CLASS | _EXTERNAL | _VALUES, _CALLABLE | _CLASS),
    EdgeKind.HAS_TYPE: (_VALUES, _CLASS | _EXTERNAL),
    EdgeKind.RETURNS_TYPE: (_CALLABLE, _CLASS | _EXTERNAL),
    EdgeKind.TESTS: (_CALLABLE, _CODE),
}
"""Edge type -> (labels a source may have, labels a target may have)."""


class Site(NamedTuple):
    """One occurrence: 1-based line, 0-based column and length in UTF-8 bytes."""

    line: int
    column: int
    length: int


def format_sites(sites: list[Site]) -> str:
    """The stored form of occurrences: `line:column:length`, sorted, separated by blanks."""
    return " ".join([f"{s[0]}:{s[1]}:{s[2]}" for s in sorted(sites)])


def parse_sites(text: str | None) -> tuple[Site, ...]:
    """The inverse of `format_sites`; null gives no sites."""
    if not text:
        return ()
    numbers = map(int, text.replace(":", " ").split(" "))
    return tuple(map(Site, numbers, numbers, numbers))
