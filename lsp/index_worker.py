"""A process that runs one index run: request in on standard input, progress and outcome out.

It is started before it is needed and waits, because starting costs as much as a small update. Its
memory goes with it, and to cancel a run is to kill it: a graph survives that at any moment.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from indexer.pipeline import IndexRequest

REPORT_EVERY_S = 0.1
_PRELOADED = ("indexer.pipeline", "graphdb.stores.embedded")


class LineProgress:
    """Writes what a run does as JSON lines, not more often than is looked at."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._name, self._total, self._done = "", 0, 0
        self._said = 0.0

    def phase(self, name: str, total: int | None) -> None:
        """A phase begins."""
        self._name, self._total, self._done = name, total or 0, 0
        self._say()

    def advance(self, n: int = 1) -> None:
        """A part of the phase is done."""
        self._done += n
        if time.monotonic() - self._said > REPORT_EVERY_S:
            self._say()

    def _say(self) -> None:
        self._said = time.monotonic()
        write(self._out, {"phase": self._name, "done": self._done, "total": self._total})


def write(out: BinaryIO, message: dict[str, Any]) -> None:
    """Write one JSON line at once. Raises BrokenPipeError when nobody listens."""
    out.write(json.dumps(message).encode() + b"\n")
    out.flush()


def main() -> int:
    """Wait for a request, run it, tell the outcome; ends quietly with whoever started it."""
    from indexer.workers import die_with_parent

    die_with_parent()
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    load_all()
    try:
        request: IndexRequest = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent
    except EOFError:
        return 0
    try:
        write(out, outcome(request, out))
    except BrokenPipeError:
        return 1
    return 0


def outcome(request: IndexRequest, out: BinaryIO) -> dict[str, Any]:
    """Run a request; the report, or the error that a person should see."""
    from graphdb.errors import CodexGraphError
    from indexer.pipeline import run_index

    try:
        report = run_index(request, LineProgress(out))
    except CodexGraphError as error:
        return {"error": str(error), "kind": type(error).__name__}
    return {"report": report.to_json(), "generation": report.meta.generation}


def load_all() -> None:
    """Import what a run needs while nobody waits for it."""
    from indexer.languages import LANGUAGES

    modules = dict.fromkeys(value.partition(":")[0] for value in LANGUAGES.values())
    for module in (*_PRELOADED, *modules):
        import_module(module)
