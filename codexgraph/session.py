"""One run of a command: its options, its settings, its graph, and how it answers.

Every reading command answers through `Session.answer`, so that freshness, the JSON envelope and the
exit code cannot differ between them.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from codexgraph.rendering import Style, freshness_line, style_for
from graphdb.errors import NoIndexError, StaleIndexError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from codexgraph.config import Config
    from graphdb.delta import IndexMeta
    from graphdb.errors import CodexGraphError
    from graphdb.store import GraphReader
    from indexer.freshness import Freshness
    from indexer.report import IndexReport

ENVELOPE_SCHEMA = 1
_MAX_LISTED_FILES = 200


@dataclass(frozen=True, slots=True)
class Options:
    """What every command takes, before or after its name."""

    json: bool = False
    require_fresh: bool = False
    quiet: bool = False
    verbose: bool = False
    color: str = "auto"
    root: Path | None = None

    def merged(self, other: Options) -> Options:
        """Both sets; the later one wins where only one value can hold."""
        return Options(
            json=self.json or other.json,
            require_fresh=self.require_fresh or other.require_fresh,
            quiet=self.quiet or other.quiet,
            verbose=self.verbose or other.verbose,
            color=other.color if other.color != "auto" else self.color,
            root=other.root or self.root,
        )


class ReaderGoneError(Exception):
    """Whoever read our output has closed it."""


class Session:
    """Opens what a command needs when it needs it, and closes it."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.flags: dict[str, Any] = {}
        self.path: Path | None = None
        self._reader: GraphReader | None = None

    @property
    def style(self) -> Style:
        """For standard output."""
        return style_for(sys.stdout, self.options.color)

    @cached_property
    def config(self) -> Config:
        """Settings of the repository that is asked about. Raises ConfigError."""
        from codexgraph.config import load_config
        from codexgraph.readers import ConfigError

        try:
            root = self._root()
        except FileNotFoundError as error:
            raise ConfigError("the folder that this runs in is gone: change to another") from error
        return load_config(root, self.flags)

    def _root(self) -> Path:
        from pathlib import Path

        from codexgraph.config import find_root

        if self.path is not None:
            return self.path.resolve()
        return find_root(self.options.root or Path.cwd())

    @property
    def reader(self) -> GraphReader:
        """The graph. Raises NoIndexError or StoreError."""
        if self._reader is None:
            from codexgraph.wiring import open_graph

            self._reader = open_graph(self.config)
        return self._reader

    def close(self) -> None:
        """Release the graph."""
        if self._reader is not None:
            self._reader.close()

    def say(self, line: str) -> None:
        """Talk to the person, on standard error."""
        if not self.options.quiet:
            sys.stderr.write(line + "\n")

    def warn(self, line: str) -> None:
        """Talk that `--quiet` does not silence."""
        sys.stderr.write(style_for(sys.stderr, self.options.color).warn(line) + "\n")

    def emit(self, lines: Iterable[str]) -> None:
        """Write data."""
        for line in lines:
            sys.stdout.write(line + "\n")

    def freshness(self, files: Iterable[str | None] = ()) -> Freshness:
        """How the index relates to the files of now. Raises StaleIndexError where that counts."""
        from codexgraph.wiring import freshness_of

        state = freshness_of(self.config, self.reader, [path for path in files if path])
        if self.options.require_fresh and not state.fresh:
            raise StaleIndexError(freshness_line(state))
        return state

    def answer(
        self,
        result: Any,
        lines: Iterable[str],
        files: Iterable[str | None] = (),
        *,
        is_found: bool = True,
        report: IndexReport | None = None,
    ) -> int:
        """Write an answer in the form that was asked for; the exit code of the command.

        Args:
            result: plain JSON values.
            lines: the same for people.
            files: of which the answer speaks.
            is_found: False when the question was understood and the answer is empty.
            report: of the run that the answer is about; the index is then what it left.
        """
        needed = self.options.json or self.options.require_fresh or not self.options.quiet
        meta = report.meta if report else None
        if report is not None:
            from codexgraph.wiring import freshness_after

            state = freshness_after(self.config, report) if needed else None
        else:
            state = self.freshness(files) if needed else None
        if self.options.json:
            self.write_object(result, state, meta=meta)
        else:
            self.emit(lines)
            if not is_found:
                self.say("nothing found")
        if state and not self.options.json:
            sys.stdout.flush()
            self.say(freshness_line(state))
        return 0 if is_found else 1

    def write_object(
        self,
        result: Any,
        state: Freshness | None,
        error: dict[str, Any] | None = None,
        meta: IndexMeta | None = None,
    ) -> None:
        """Write the one JSON object of a reading command."""
        envelope: dict[str, Any] = {
            "schema": ENVELOPE_SCHEMA,
            "index": self.index_json(state, meta),
            "result": result,
        }
        if error is not None:
            envelope["error"] = error
        json.dump(envelope, sys.stdout, ensure_ascii=False, default=str)
        sys.stdout.write("\n")

    def index_json(
        self, state: Freshness | None, meta: IndexMeta | None = None
    ) -> dict[str, Any] | None:
        """What an answer says about its index."""
        if state is None:
            return None
        from graphdb.symbols import to_json

        meta = meta or self.reader.meta()
        changed, deleted = state.changed_files, state.deleted_files
        capped = replace(
            state,
            dirty_files=state.dirty_files[:_MAX_LISTED_FILES],
            changed_files=changed[:_MAX_LISTED_FILES],
            deleted_files=deleted[:_MAX_LISTED_FILES],
        )
        more = {
            "changed_count": len(changed) + len(deleted),
            "repo": meta.repo,
            "root": str(self.config.root),
            "store": self.config.store,
            "generation": meta.generation,
            "files": meta.files,
        }
        return to_json(capped) | more

    def write_error(self, error: CodexGraphError) -> None:
        """Write an error as the one JSON object, with the state of the index where there is one."""
        details: dict[str, Any] = {
            "kind": type(error).__name__,
            "message": str(error),
            "exit_code": error.exit_code,
        }
        candidates = getattr(error, "candidates", None)
        if candidates is not None:
            details["candidates"] = list(candidates)
        self.write_object(None, self._state_or_none(error), details)

    def _state_or_none(self, error: CodexGraphError) -> Freshness | None:
        if self._reader is None or isinstance(error, NoIndexError | StoreError):
            return None
        from codexgraph.wiring import freshness_of

        return freshness_of(self.config, self._reader)
