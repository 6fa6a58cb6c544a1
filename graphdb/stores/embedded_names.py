"""What the files of the embedded store are called, for those who do not load its engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

GRAPH_FILE = "graph.kgl"
LOCK_FILE = "lock"


def log_path(graph_path: Path) -> Path:
    """Where the log of a graph file lies."""
    return graph_path.with_name(f"{graph_path.name}.log")


def written_ns(index_dir: Path) -> int | None:
    """When the graph in a folder was last written, in nanoseconds; None where there is none.

    Raises OSError where it cannot be told.
    """
    graph = index_dir / GRAPH_FILE
    times = [p.stat().st_mtime_ns for p in (graph, log_path(graph)) if p.exists()]
    return max(times) if graph.exists() else None
