"""Connects the agent's port to the indexer: texts of drafts are read by the code that indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.analysis import FileAnalysis, Missing, Unresolved
from agent.draft import Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.analysis import Analyst
    from codexgraph.config import Config
    from graphdb.store import GraphReader
    from indexer.overlay import Analysis, Overlay


def open_analyst(config: Config, reader: GraphReader) -> Analyst:
    """An analyst for one repository; it loads the facts of all files when first asked.

    Its answers may raise what the reader raises.
    """
    from codexgraph.wiring import index_request
    from indexer.overlay import Overlay

    return GraphAnalyst(Overlay(index_request(config, full=False)), reader)


def bench_checks(
    config: Config,
    reader: GraphReader,
    request: dict[str, Any],
    say: Callable[[str], None] | None,
) -> dict[str, Any]:
    """Measure the checks of names on an indexed repository. request: of `DraftsRequest`."""
    from benchmarks.draft_checks import DraftsRequest, run

    return run(DraftsRequest(config.root, **request), reader, open_analyst(config, reader), say)


class GraphAnalyst:
    """The indexer's answers in the agent's words."""

    def __init__(self, overlay: Overlay, reader: GraphReader) -> None:
        self._overlay = overlay
        self._reader = reader

    def analyse(self, path: str, text: str) -> FileAnalysis:
        """What a file would say if it had this text; other files are as indexed."""
        return _in_words_of_agent(self._overlay.analyse(self._reader, path, text))


def _in_words_of_agent(found: Analysis) -> FileAnalysis:
    return FileAnalysis(
        found.path,
        found.symbols,
        found.uses,
        tuple(Problem(t.message, found.path, t.line) for t in found.troubles),
        tuple(Unresolved(u.name, Missing(u.kind), u.line, u.owner) for u in found.missing),
    )
