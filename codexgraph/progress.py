"""How a long run shows where it is: a bar on a terminal, one line a phase elsewhere."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Generator

    from indexer.pipeline import Progress


REDRAW_S = 0.1
"""A bar is not drawn more often than this."""


@contextmanager
def progress_for(stream: TextIO, *, is_quiet: bool) -> Generator[Progress]:
    """The progress display that suits a stream, for the length of a run."""
    if is_quiet:
        yield SilentProgress()
    elif stream.isatty() and os.environ.get("TERM") != "dumb" and not os.environ.get("CI"):
        with BarProgress(stream) as bar:
            yield bar
    else:
        lines = LineProgress(stream)
        try:
            yield lines
        finally:
            lines.finish()


class SilentProgress:
    """Shows nothing."""

    def phase(self, name: str, total: int | None) -> None:
        """A phase begins."""

    def advance(self, n: int = 1) -> None:
        """A part of the phase is done."""


class LineProgress:
    """One line for every phase, when it ends."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._name = ""
        self._done = 0
        self._since = 0.0

    def phase(self, name: str, total: int | None) -> None:
        """A phase begins, and the one before has ended."""
        del total
        self.finish()
        self._name, self._done, self._since = name, 0, time.monotonic()

    def advance(self, n: int = 1) -> None:
        """A part of the phase is done."""
        self._done += n

    def finish(self) -> None:
        """The last phase has ended."""
        if not self._name:
            return
        count = f" {self._done}" if self._done else ""
        seconds = time.monotonic() - self._since
        self._stream.write(f"{self._name}{count} ({seconds:.1f} s)\n")
        self._stream.flush()
        self._name = ""


class BarProgress:
    """A bar that is redrawn in place and leaves nothing behind."""

    def __init__(self, stream: TextIO) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
        from rich.progress import TimeElapsedColumn as Elapsed

        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            Elapsed(),
            console=Console(file=stream),
            transient=True,
            # No thread of its own: a process with threads cannot fork its workers.
            auto_refresh=False,
        )
        self._drawn = 0.0
        self._task = self._bars.add_task("", total=None)

    def __enter__(self) -> BarProgress:
        """Show the bar."""
        self._bars.start()
        return self

    def __exit__(self, *details: object) -> None:
        """Remove the bar."""
        self._bars.stop()

    def phase(self, name: str, total: int | None) -> None:
        """A phase begins."""
        self._bars.reset(self._task, total=total, description=name)
        self._bars.refresh()

    def advance(self, n: int = 1) -> None:
        """A part of the phase is done."""
        self._bars.advance(self._task, n)
        now = time.monotonic()
        if now - self._drawn > REDRAW_S:
            self._drawn = now
            self._bars.refresh()
