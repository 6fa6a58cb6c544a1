"""The rows of a whole build, file by file, as bytes: linked in a process of their own.

Linking needs memory that the store's graph needs a moment later, and the store can write on another
core meanwhile. A store wants all nodes first, so the edges wait here as packed bytes, a fiftieth of
their size as objects.
"""

from __future__ import annotations

import marshal
from functools import partial
from typing import TYPE_CHECKING

from graphdb.delta import EdgeGroups, Node
from graphdb.schema import NodeKind
from indexer.glance import kept_of, pack_groups, unpack_groups
from indexer.readers import Readers, pack_reads
from indexer.remembered import pack
from indexer.report import Problem
from indexer.rows import external_node
from indexer.state import Linked
from indexer.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphdb.delta import EdgeGroup
    from indexer.linking import Linking
    from indexer.state import State

_NODE = {str(kind): kind for kind in NodeKind}


class Build:
    """Links every file of a state; ask for `nodes`, then for `edges`, once each.

    link: makes the linking of the state. Records in the state what each file's edges reach, and in
    `late` the files that changed under it.
    """

    def __init__(self, link: Callable[[], Linking], state: State, *, apart: bool) -> None:
        self._state = state
        self._stream = Stream(partial(_rows, link), apart=apart)
        self._packed: list[bytes] = []
        self.late: list[Problem] = []

    def nodes(self, advance: Callable[[int], None]) -> Iterator[Node]:
        """Every node, those outside the repository last."""
        outside: set[str] = set()
        items = iter(self._stream)
        for path, record in self._state.files.items():
            named, nodes, edges, *linked = marshal.loads(next(items))  # noqa: S302
            if named != path:
                raise AssertionError(f"rows of {named} in place of {path}")
            record.linked = Linked(*linked)
            outside.update(record.linked.externals)
            self._packed.append(edges)
            for uid, labels, properties in nodes:
                yield Node(uid, _NODE[labels[0]], labels, properties)
            advance(1)
        yield from map(external_node, sorted(outside))
        readers, said, late = marshal.loads(next(items))  # noqa: S302
        self._state.readers = Readers((readers, []))
        for path, record in self._state.files.items():
            # Also where nothing was said: what the file said before is of readers now forgotten.
            record.said = said.get(path, b"")
        self.late = [Problem(*row) for row in late]

    def edges(self, advance: Callable[[int], None]) -> EdgeGroups:
        """Every edge."""
        return EdgeGroups(self._groups(advance))

    def _groups(self, advance: Callable[[int], None]) -> Iterator[EdgeGroup]:
        for position, record in enumerate(self._state.files.values()):
            yield from unpack_groups(record.linked.edges)
            yield from unpack_groups(self._packed[position])
            self._packed[position] = b""
            advance(1)

    def close(self) -> None:
        """End the linking, whether it is done or not."""
        self._stream.close()


def _rows(link: Callable[[], Linking]) -> Iterator[bytes]:
    """For each file its nodes, edges and what they reach; at the end, who read what."""
    linking = link()
    for path in linking.project.files:
        linked = linking.link_groups(path)
        nodes = linking.nodes(path, linked.unresolved)
        rows = [(node.uid, node.labels, node.properties) for node in nodes]
        kept, others = kept_of(linked, nodes)
        yield marshal.dumps((path, rows, pack_groups(others), *kept))
    said = {path: pack(table) for path, table in linking.said().items()}
    late = [(p.file_path, p.line, p.kind, p.message) for p in linking.changed_meanwhile]
    # Who read what takes room to pack: that of everything else.
    linking.close()
    readers, _ = pack_reads(linking.reads())
    yield marshal.dumps((readers, said, late))
