"""What a change of files means for the graph: the files to link again, and the difference in rows.

The rows that a file had are not kept: they are computed once more, from the facts of before. Both
sides of the comparison then come from the same code.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphdb.delta import Edge, EdgeGroups, EdgeKey, GraphDelta, Node, NodeRef
from graphdb.schema import NodeKind
from indexer.cells import cell_hashes
from indexer.glance import kept_of
from indexer.remembered import Remembered, pack, unpack
from indexer.rows import external_node
from indexer.solver import BODY

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.linking import Linking
    from indexer.solver import Cell
    from indexer.state import Linked, State

_PARTS = re.compile(r"[.:/]")


@dataclass(frozen=True, slots=True)
class FileChanges:
    """Paths that are new, have other content, or are gone."""

    added: frozenset[str]
    changed: frozenset[str]
    deleted: frozenset[str]

    def __bool__(self) -> bool:
        """True when there is any."""
        return bool(self.added or self.changed or self.deleted)

    def touched(self) -> frozenset[str]:
        """All of them."""
        return self.added | self.changed | self.deleted


@dataclass(frozen=True, slots=True)
class Reach:
    """What a change reaches: the files to link again, and all cells that may say otherwise."""

    files: frozenset[str]
    cells: set[Cell]


def reach(changes: FileChanges, state: State, before: Linking, now: Linking) -> Reach:
    """Files whose edges may differ: the touched ones and those that read what changed in them.

    Both linkings may recall what cells said that the change cannot reach.
    """
    cells: set[Cell] = set()
    for path in changes.changed:
        cells |= _differing(path, cell_hashes(before.facts(path)), cell_hashes(now.facts(path)))
    for path in changes.deleted:
        cells |= {(path, name) for name in cell_hashes(before.facts(path))}
    for path in changes.touched():
        cells |= _mention_cells(path, before, now)
    known = state.files.keys() - changes.deleted
    moved = _below_packages(changes.added | changes.deleted, known)
    for path in moved:
        cells |= {(path, name) for name in cell_hashes(before.facts(path))}
    cells |= _module_cells(changes.added | changes.deleted, before, now, state)
    cells |= _offers(changes, before, now)

    reached = state.readers.affected(cells, lambda _: False) if cells else set[tuple[str, str]]()
    touched, tables = changes.touched(), {p: r.said for p, r in state.files.items()}
    before.recall(Remembered(tables, lambda _: False))
    now.recall(Remembered(tables, lambda cell: cell[0] in touched or cell in reached))

    def stays(cell: Cell) -> bool:
        said = before.settled(cell)
        return said is not None and said == now.settled(cell)

    affected = state.readers.affected(cells, stays) if cells else set[tuple[str, str]]()
    files = {path for path, name in affected if name == BODY}
    return Reach(frozenset((files & known) | moved | touched), reached)


def keep_said(reached: Reach, changes: FileChanges, linking: Linking, now: State) -> None:
    """Remember what the cells say now: those that were computed, and those not reached."""
    fresh = linking.said()
    stale: dict[str, set[str]] = {}
    for path, name in reached.cells:
        stale.setdefault(path, set()).add(name)
    touched = changes.touched()
    for path in fresh.keys() | stale.keys() | touched:
        record = now.files.get(path)
        if record is not None:
            old = {} if path in touched else unpack(record.said)
            kept = {name: said for name, said in old.items() if name not in stale.get(path, ())}
            record.said = pack(kept | fresh.get(path, {}))


def _differing(path: str, before: dict[str, bytes], now: dict[str, bytes]) -> set[Cell]:
    return {(path, n) for n in before.keys() | now.keys() if before.get(n) != now.get(n)}


def _mention_cells(path: str, before: Linking, now: Linking) -> set[Cell]:
    """What a file says otherwise, or no longer, or for the first time, of the names it mentions."""
    old, new = before.mentions(path), now.mentions(path)
    differing = {name for _, name in _differing(path, old, new)}
    return {("", name) for name in differing} | {(path, name) for name in differing}


def _below_packages(paths: frozenset[str], known: Iterable[str]) -> set[str]:
    """Files below folders that become a package or cease to be one: they look elsewhere now."""
    folders = {p.rpartition("/")[0] for p in paths if p.rpartition("/")[2].startswith("__init__.")}
    return {p for p in known if not folders.isdisjoint(_folders(p))} if folders else set[str]()


def _module_cells(paths: frozenset[str], before: Linking, now: Linking, state: State) -> set[Cell]:
    """Module look-ups that new or vanished files may answer otherwise: those that say their names.

    A folder's name counts where the folder comes or goes with these files, or its `__init__` does.
    For a language there are only the folders that have files of it.
    """
    if not paths:
        return set()
    files = {**before.project.files, **now.project.files}
    kept = {(files[p].language, folder) for p in files.keys() - paths for folder in _folders(p)}
    names: set[str] = set()
    for path in paths:
        folder, _, file = path.rpartition("/")
        names.add(file.partition(".")[0])
        language = files[path].language
        names.update(f.rpartition("/")[2] for f in _folders(path) if (language, f) not in kept)
        if file.startswith("__init__."):
            names.add(folder.rpartition("/")[2])
    names.discard("")
    return {c for c in state.readers.lookups() if names.intersection(_PARTS.split(c[1]))}


def _offers(
    changes: FileChanges,
    before: Linking,
    now: Linking,
) -> set[Cell]:
    """Look-ups that other files than before, or other definitions in them, answer now."""
    offers: set[tuple[str, str]] = set()
    for path in changes.changed:
        offers |= set(before.facts(path).offers) ^ set(now.facts(path).offers)
    for path in changes.deleted:
        offers |= set(before.facts(path).offers)
    for path in changes.added:
        offers |= set(now.facts(path).offers)
    return {("", name) for name, _ in offers}


def _folders(path: str) -> list[str]:
    """All folders around a file, the innermost first."""
    found: list[str] = []
    while "/" in path:
        path = path.rpartition("/")[0]
        found.append(path)
    return found


@dataclass(slots=True)
class Difference:
    """The rows of some files before and now, compared."""

    delta: GraphDelta
    linked: dict[str, Linked]


def difference(
    paths: frozenset[str], changes: FileChanges, before: Linking, now: Linking, state: State
) -> Difference:
    """Compare the rows that files had with those that they have."""
    old_nodes: dict[tuple[str, NodeKind], None] = {}
    old_edges: dict[EdgeKey, Edge] = {}
    lost: set[str] = set()
    for path in sorted(paths - changes.added):
        linked = before.link_groups(path)
        old_nodes.update(dict.fromkeys(before.node_keys(path)))
        old_edges.update((e.key, e) for e in EdgeGroups(linked.edges))
        lost |= linked.externals
    nodes: dict[tuple[str, NodeKind], Node] = {}
    edges: dict[EdgeKey, Edge] = {}
    kept: dict[str, Linked] = {}
    whole = changes.added | changes.changed
    for path in sorted(paths - changes.deleted):
        found = now.link_groups(path)
        own = now.nodes(path, found.unresolved)
        nodes.update(((node.uid, node.kind), node) for node in own)
        edges.update((e.key, e) for e in EdgeGroups(found.edges))
        kept[path], _ = kept_of(found, own)
    removed = [NodeRef(uid, kind) for uid, kind in old_nodes if (uid, kind) not in nodes]
    gained = {name for each in kept.values() for name in each.externals}
    removed += _orphans(lost - gained, paths, state)
    upserts = [
        n
        for k, n in nodes.items()
        if n.kind == NodeKind.FILE or k not in old_nodes or n.properties.get("file_path") in whole
    ]
    upserts += [external_node(name) for name in sorted(gained - _known(paths, state) - lost)]
    delta = GraphDelta(
        nodes=tuple(upserts),
        edges=tuple(e for k, e in edges.items() if k not in old_edges or old_edges[k] != e),
        removed_nodes=tuple(removed),
        removed_edges=tuple(k for k in old_edges if k not in edges),
    )
    return Difference(delta, kept)


def _known(paths: frozenset[str], state: State) -> set[str]:
    """Names outside the repository that files which are not linked again lead to."""
    kept = (record.linked for p, record in state.files.items() if p not in paths)
    return {name for linked in kept for name in linked.externals}


def _orphans(names: set[str], paths: frozenset[str], state: State) -> list[NodeRef]:
    kept = _known(paths, state) if names else set[str]()
    return [NodeRef(f"external:{n}", NodeKind.EXTERNAL) for n in sorted(names - kept)]
