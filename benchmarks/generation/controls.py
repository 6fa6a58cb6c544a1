"""Takes from a graph what a control must not see: every edge, or everything.

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
from graphdb.schema import LEGAL_ENDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphdb.registry import StoreSettings
    from graphdb.store import GraphReader

_TIMEOUT_S = 120.0

WHOLE = (Control.AGENT, Control.NO_TRANSLATION)
"""Controls that see the graph as it is."""


def restrict(settings: StoreSettings, control: Control) -> None:
    """Change a stored graph to what a control may see."""
    reader = open_reader(settings)
    try:
        meta = reader.meta()
        edges = tuple(_edges(reader)) if control is Control.NO_EDGES else ()
    finally:
        reader.close()
    # Caches beside the index are named for the generation.
    meta = replace(meta, generation=f"{meta.generation}-{control}")
    writer = open_writer(settings)
    try:
        if not control.has_graph:
            writer.replace((), (), meta)
        else:
            writer.apply(GraphDelta(removed_edges=edges), meta)
    finally:
        writer.close()


def _edges(reader: GraphReader) -> Iterator[EdgeKey]:
    for kind, (sources, targets) in LEGAL_ENDS.items():
        for source, target in product(sorted(sources), sorted(targets)):
            cypher = (
                f"MATCH (a:{source})-[:{kind}]->(b:{target}) WHERE a.repo = $repo "
                "RETURN a.uid AS source, b.uid AS target"
            )
            for first, second in reader.query(cypher, max_rows=None, timeout_s=_TIMEOUT_S).rows:
                yield EdgeKey(first, source, kind, second, target)
