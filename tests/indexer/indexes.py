"""Indexes of a folder, made in this process, and all that they hold."""

from __future__ import annotations

import shutil
from contextlib import closing
from typing import TYPE_CHECKING, Any

from graphdb.registry import StoreSettings, open_reader
from graphdb.schema import EdgeKind, NodeKind
from indexer.glance import Glance
from indexer.pipeline import IndexRequest, run_index
from indexer.state import state_paths

if TYPE_CHECKING:
    from pathlib import Path

    from indexer.report import IndexReport

REPO = "edited"


class _Silent:
    def phase(self, name: str, total: int | None) -> None:
        pass

    def advance(self, n: int = 1) -> None:
        pass


SILENT = _Silent()


def index(root: Path, index_dir: Path, *, full: bool = False, **more: Any) -> IndexReport:
    """Index a folder in this process."""
    settings = StoreSettings("embedded", REPO, index_dir)
    return run_index(IndexRequest(root, settings, jobs=1, full=full, **more), SILENT)


Graph = tuple[dict[str, Any], dict[str, Any], dict[str, Any]]
"""Nodes, edges, and what is told of each file without the graph."""


def graph(index_dir: Path) -> Graph:
    """All nodes and all edges of an index with all their properties."""
    reader = open_reader(StoreSettings("embedded", REPO, index_dir))
    try:
        nodes: dict[str, Any] = {}
        edges: dict[str, Any] = {}
        for kind in NodeKind:
            for (node,) in reader.query(f"MATCH (n:{kind}) RETURN n", max_rows=None).rows:
                assert node["uid"] not in nodes, (node, nodes[node["uid"]])
                nodes[node["uid"]] = node
        for kind in EdgeKind:
            text = f"MATCH (a)-[r:{kind}]->(b) RETURN a.uid, b.uid, r"
            for source, target, edge in reader.query(text, max_rows=None).rows:
                key = f"{source} {kind} {target}"
                assert key not in edges
                edges[key] = edge
        return nodes, edges, _places(index_dir)
    finally:
        reader.close()


def _places(index_dir: Path) -> dict[str, Any]:
    [state] = state_paths(index_dir, REPO)
    with closing(Glance(state)) as glance:
        return {path: glance.content(path) for path in glance.paths}


def fresh_graph(root: Path, scratch: Path) -> Graph:
    """What a full index of the folder as it is now gives, in a folder of its own."""
    shutil.rmtree(scratch, ignore_errors=True)
    index(root, scratch, full=True)
    return graph(scratch)


def differences(one: Graph, two: Graph) -> list[str]:
    """What differs between an updated graph and a fresh one, a line each."""
    lines: list[str] = []
    for updated, fresh in zip(one, two, strict=True):
        lines += [
            f"{key}\n    updated {updated.get(key)}\n    fresh   {fresh.get(key)}"
            for key in sorted(updated.keys() | fresh.keys())
            if updated.get(key) != fresh.get(key)
        ]
    return lines
