"""A small graph built by hand: two packages, a class hierarchy, calls, re-exports and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphdb.delta import Edge, EdgeKey, IndexMeta, Node
from graphdb.schema import SCHEMA_VERSION, EdgeKind, NodeKind

if TYPE_CHECKING:
    from collections.abc import Mapping

M, C, F, ME, FI, G, X = (
    NodeKind.MODULE,
    NodeKind.CLASS,
    NodeKind.FUNCTION,
    NodeKind.METHOD,
    NodeKind.FIELD,
    NodeKind.GLOBAL_VARIABLE,
    NodeKind.EXTERNAL,
)

SHAPES, AREA, TESTS = "pkg/shapes.py", "pkg/area.py", "tests/test_area.py"

FILES = ("pkg/__init__.py", SHAPES, AREA, TESTS)

_SYMBOLS: list[tuple[NodeKind, str, str, int, int]] = [
    (M, "pkg", "pkg/__init__.py", 1, 2),
    (M, "pkg.shapes", SHAPES, 1, 60),
    (C, "pkg.shapes.Shape", SHAPES, 5, 20),
    (FI, "pkg.shapes.Shape.name", SHAPES, 8, 8),
    (ME, "pkg.shapes.Shape.__init__", SHAPES, 7, 9),
    (ME, "pkg.shapes.Shape.area", SHAPES, 11, 13),
    (ME, "pkg.shapes.Shape.describe", SHAPES, 15, 20),
    (C, "pkg.shapes.Square", SHAPES, 23, 40),
    (ME, "pkg.shapes.Square.area", SHAPES, 25, 27),
    (C, "pkg.shapes.UnitSquare", SHAPES, 43, 50),
    (ME, "pkg.shapes.UnitSquare.area", SHAPES, 45, 47),
    (G, "pkg.shapes.LIMIT", SHAPES, 3, 3),
    (M, "pkg.area", AREA, 1, 40),
    (F, "pkg.area.total_area", AREA, 4, 9),
    (F, "pkg.area.print_total_area", AREA, 12, 15),
    (F, "pkg.area.main", AREA, 18, 25),
    (F, "pkg.area.repeat", AREA, 28, 31),
    (F, "pkg.area.cached", AREA, 33, 36),
    (M, "tests.test_area", TESTS, 1, 20),
    (F, "tests.test_area.test_total", TESTS, 3, 8),
    (C, "tests.test_area.Helper", TESTS, 10, 20),
    (ME, "tests.test_area.Helper.describe", TESTS, 12, 14),
]


def uid(full_name: str) -> str:
    """The uid of a symbol of the sample."""
    if full_name == "abc.ABC":
        return f"python:external:{full_name}"
    _, _, path, _, _ = next(s for s in _SYMBOLS if s[1] == full_name)
    return f"python:{path}:{full_name}"


def _node(kind: NodeKind, full_name: str, path: str, start: int, end: int) -> Node:
    last = full_name if kind == M else full_name.rpartition(".")[2]
    code = None if kind == M else f"# code of {full_name}\npass"
    properties: dict[str, Any] = {
        "name": last,
        "full_name": full_name,
        "qualified_name": full_name,
        "file_path": path,
        "start_line": start,
        "end_line": end,
        "name_line": start,
        "name_column": 4,
        "language": "python",
        "docstring": f"About {last}.",
    }
    if code:
        properties["code"] = code
    if kind in (F, ME):
        properties["signature"] = f"def {last}()"
    labels = (kind.value, "TEST") if last.startswith("test_") else (kind.value,)
    return Node(uid(full_name), kind, labels, properties)


def nodes(hashes: Mapping[str, str] | None = None) -> list[Node]:
    """All nodes; `hashes` are the content hashes of the files."""
    hashes = hashes or {}
    found = [_node(*symbol) for symbol in _SYMBOLS]
    external = {"name": "ABC", "full_name": "abc.ABC", "language": "python"}
    found.append(Node(uid("abc.ABC"), X, (X.value,), external))
    for path in FILES:
        properties = {"name": path, "file_path": path, "content_hash": hashes.get(path, "0" * 32)}
        found.append(Node(f"file:{path}", NodeKind.FILE, (NodeKind.FILE.value,), properties))
    return found


def _edge(
    source: str,
    kind: EdgeKind,
    target: str,
    sites: str = "",
    facts: Mapping[str, Any] | None = None,
) -> Edge:
    kinds = {s[1]: s[0] for s in _SYMBOLS} | {"abc.ABC": X}
    properties: dict[str, Any] = {"tier": "exact", **(facts or {})}
    if sites:
        properties |= {"sites": sites, "count": len(sites.split())}
    return Edge(EdgeKey(uid(source), kinds[source], kind, uid(target), kinds[target]), properties)


def edges() -> list[Edge]:
    """All edges."""
    e = EdgeKind
    s, a, t = "pkg.shapes.", "pkg.area.", "tests.test_area."
    call, construct = {"kind": "call", "reason": "scope"}, {"kind": "construct"}
    found = [
        _edge("pkg", e.CONTAINS, f"{s}Square", facts={"via": "import"}),
        _edge("pkg", e.IMPORTS, f"{s}Square", "1:20:6"),
        _edge(f"{s}Square", e.INHERITS, f"{s}Shape", "23:13:5"),
        _edge(f"{s}UnitSquare", e.INHERITS, f"{s}Square", "43:17:6"),
        _edge(f"{s}Shape", e.INHERITS, "abc.ABC", "5:12:3"),
        _edge(f"{s}Square.area", e.OVERRIDES, f"{s}Shape.area"),
        _edge(f"{s}UnitSquare.area", e.OVERRIDES, f"{s}Square.area"),
        _edge(f"{s}Shape.describe", e.CALLS, f"{s}Shape.area", "16:20:4", call),
        _edge(
            f"{s}Shape.describe",
            e.CALLS,
            f"{s}Square.area",
            "16:20:4",
            {"kind": "call", "tier": "candidate", "reason": "override"},
        ),
        _edge(f"{s}Shape.__init__", e.USES, f"{s}Shape.name", "8:13:4", {"access": "write"}),
        _edge(f"{s}Shape.describe", e.USES, f"{s}Shape.name", "17:20:4", {"access": "read"}),
        _edge(f"{a}total_area", e.INSTANTIATES, f"{s}Square", "5:8:6 6:8:6", construct),
        _edge(f"{a}total_area", e.CALLS, f"{s}Shape.__init__", "5:8:6 6:8:6", construct),
        _edge(f"{a}total_area", e.CALLS, f"{s}Square.area", "7:11:4", {"tier": "inferred"}),
        _edge(f"{a}print_total_area", e.CALLS, f"{a}total_area", "13:10:10", call),
        _edge(f"{a}main", e.CALLS, f"{a}print_total_area", "19:4:16", call),
        _edge(f"{a}main", e.CALLS, f"{a}total_area", "20:4:10 21:4:10", call),
        _edge("pkg.area", e.CALLS, f"{a}main", "39:4:4", call),
        _edge(f"{a}repeat", e.CALLS, f"{a}repeat", "30:11:6", call),
        _edge(f"{a}cached", e.DECORATES, f"{a}repeat", "27:1:6", {"kind": "decorator"}),
        _edge(f"{t}test_total", e.CALLS, f"{a}total_area", "4:11:10", call),
        _edge(f"{t}test_total", e.TESTS, f"{a}total_area"),
        _edge("pkg.area", e.IMPORTS, f"{s}Square", "1:24:6"),
        _edge(f"{s}Square", e.HAS_METHOD, f"{s}Shape.describe", facts=_inherited(1)),
    ]
    own = {"via": "definition"}
    for kind, full_name, path, _, _ in _SYMBOLS:
        owner = full_name.rpartition(".")[0]
        if kind in (ME, FI):
            edge = e.HAS_METHOD if kind == ME else e.HAS_FIELD
            found.append(_edge(owner, edge, full_name, facts={"inherited": False, "depth": 0}))
        elif kind != M and path:
            found.append(_edge(owner, e.CONTAINS, full_name, facts=own))
    return found


def _inherited(depth: int) -> dict[str, Any]:
    return {"inherited": True, "depth": depth}


def meta(
    root: str,
    repo: str = "sample",
    commit: str | None = None,
    indexed_at: str = "2026-01-01T00:00:00+00:00",
) -> IndexMeta:
    """What the sample's index says of itself."""
    return IndexMeta(
        repo=repo,
        root=root,
        generation="1",
        schema_version=SCHEMA_VERSION,
        tool_version="0",
        indexed_at=indexed_at,
        commit=commit,
        files=len(FILES),
    )
