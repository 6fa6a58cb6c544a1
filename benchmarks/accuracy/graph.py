"""The graph of some source files held in memory: linked as an index run would, without a store."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from graphdb.errors import CodexGraphError
from graphdb.schema import EdgeKind, NodeKind, Tier, parse_sites
from indexer.decode import decode
from indexer.discovery import discover
from indexer.freshness import content_hash
from indexer.interpreter import quiet_interpreter
from indexer.language import LinkSettings
from indexer.languages import SUFFIXES, language
from indexer.linking import Linking
from indexer.project import ReadAs, StoredFile, stored_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphdb.delta import Edge, Node
    from graphdb.schema import Site

MAX_FILE_BYTES = 5_000_000
_NOWHERE = Path("/nonexistent")


@dataclass(frozen=True, slots=True)
class Use:
    """One edge as the suites look at it.

    path: of the file that the sites are in. sites: empty for edges that definitions alone imply.
    kind, reason: "" where the edge has none.
    """

    edge: EdgeKind
    source: Node
    target: Node
    tier: Tier
    kind: str
    reason: str
    path: str
    sites: tuple[Site, ...]


@dataclass(frozen=True)
class LinkedGraph:
    """Nodes by uid and edges of one repository; outside names are no nodes here.

    unresolved: for each file the call sites without a target, as `line:column text`.
    """

    nodes: Mapping[str, Node]
    edges: tuple[Edge, ...]
    unresolved: Mapping[str, list[str]]

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """Edges between two nodes of the repository's own code."""
        found: list[Use] = []
        for edge in self.edges:
            source, target = self.nodes.get(edge.key.source), self.nodes.get(edge.key.target)
            if source is None or target is None or source.kind == NodeKind.FILE:
                continue
            found.append(_use(edge, source, target))
        return tuple(found)


def _use(edge: Edge, source: Node, target: Node) -> Use:
    has = edge.properties
    # The sites of a decorator are in the file of what it decorates.
    owner = target if edge.key.kind == EdgeKind.DECORATES else source
    return Use(
        edge.key.kind,
        source,
        target,
        Tier(str(has["tier"])),
        str(has.get("kind") or ""),
        str(has.get("reason") or ""),
        text(owner, "file_path"),
        parse_sites(str(has["sites"])) if has.get("sites") else (),
    )


def text(node: Node, name: str) -> str:
    """A property of a node as text; "" where it has none."""
    return str(node.properties.get(name) or "")


def read_tree(root: Path) -> dict[str, bytes]:
    """The source files of a folder by path, as an index run finds them."""
    if not root.is_dir():
        raise CodexGraphError(f"{root} is not a folder: give the folder of a repository")
    found = discover(root, SUFFIXES, max_file_bytes=MAX_FILE_BYTES)
    return {file.path: (root / file.path).read_bytes() for file in found.files}


def link_files(files: Mapping[str, bytes]) -> LinkedGraph:
    """Extract and link files by path; those whose suffix is of no language are left out."""
    stored: dict[str, StoredFile] = {}
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    unresolved: dict[str, list[str]] = {}
    with quiet_interpreter():
        for path, data in sorted(files.items()):
            name = SUFFIXES.get(PurePosixPath(path).suffix.lower())
            if name is not None:
                stored[path] = _stored(path, name, data)
        # The folder is read for the nodes' code alone, which no suite looks at.
        linking = Linking(_NOWHERE, stored, LinkSettings())
        for path in stored:
            linked = linking.link(path)
            edges += linked.edges
            unresolved[path] = linked.unresolved
            nodes.update((node.uid, node) for node in linking.nodes(path, []))
        linking.close()
    return LinkedGraph(nodes, tuple(edges), unresolved)


def _stored(path: str, name: str, data: bytes) -> StoredFile:
    extracted = language(name).extract(path, decode(data).text_utf8)
    return stored_file(path, name, ReadAs(content_hash(data), len(data)), extracted)
