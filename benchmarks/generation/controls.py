"""Takes from a graph what a control must not see: every edge of a use, or everything.

It is done in the store and not in a reader's skin, so that nothing which reads the graph, corpus
and caches included, can tell the difference from a repository that has no more.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from benchmarks.generation.port import Control
from graphdb.delta import EdgeKey, GraphDelta
from graphdb.registry import open_reader, open_writer
from graphdb.schema import LEGAL_ENDS, EdgeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphdb.registry import StoreSettings
    from graphdb.store import GraphReader

KEPT = frozenset({EdgeKind.CONTAINS, EdgeKind.HAS_METHOD, EdgeKind.HAS_FIELD})
_TIMEOUT_S = 120.0


def restrict(settings: StoreSettings, control: Control) -> None:
    """Change a stored graph to what a control may see; others leave it whole."""
    if control not in (Control.NO_EDGES, Control.EMPTY_GRAPH):
        return
    reader = open_reader(settings)
    try:
        meta = reader.meta()
        edges = tuple(_uses(reader)) if control is Control.NO_EDGES else ()
    finally:
        reader.close()
    # Caches beside the index are named for the generation.
    meta = replace(meta, generation=f"{meta.generation}-{control}")
    writer = open_writer(settings)
    try:
        if control is Control.EMPTY_GRAPH:
            writer.replace((), (), meta)
        else:
            writer.apply(GraphDelta(removed_edges=edges), meta)
    finally:
        writer.close()


def _uses(reader: GraphReader) -> Iterator[EdgeKey]:
    """Every edge that says more than what contains what."""
    for kind, (sources, targets) in LEGAL_ENDS.items():
        if kind in KEPT:
            continue
        for source, target in product(sorted(sources), sorted(targets)):
            cypher = (
                f"MATCH (a:{source})-[:{kind}]->(b:{target}) WHERE a.repo = $repo "
                "RETURN a.uid AS source, b.uid AS target"
            )
            for first, second in reader.query(cypher, max_rows=None, timeout_s=_TIMEOUT_S).rows:
                yield EdgeKey(first, source, kind, second, target)
