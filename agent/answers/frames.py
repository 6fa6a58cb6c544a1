"""From the frames of a trace, whatever machine they come from, to symbols of this repository.

A path is matched by its end, because installed and mounted code has another beginning. Where only
the file's own name fits, the file must have the function, too: every project has a utils.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.edits import bare_lines
from graphdb.queries.names import innermost, symbols_of_file
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agent.answers.ground import Ground
    from agent.answers.traces import Frame
    from graphdb.symbols import Symbol

_CODE = (NodeKind.FUNCTION, NodeKind.METHOD)
_LIBRARY = ("site-packages", "dist-packages")
_INITIALIZERS = ("<init>", "<clinit>")


@dataclass(frozen=True, slots=True)
class Resolved:
    """A frame in this repository. symbol: None where the line is in none.

    line: where it is now: the line of the trace, unless the trace shows other code than stands
    there; None where that cannot be told.
    """

    frame: Frame
    path: str
    symbol: Symbol | None
    line: int | None

    @property
    def is_moved(self) -> bool:
        """The trace is of another version of the file."""
        return self.line != self.frame.line

    @property
    def location(self) -> str:
        """`file:line`, as far as it is known."""
        if self.line is not None:
            return f"{self.path}:{self.line}"
        return self.symbol.location if self.symbol else self.path


class FrameResolver:
    """Resolves frames against one graph."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._symbols: dict[str, list[Symbol]] = {}
        self._lines: dict[str, list[str]] = {}
        rows = ground.reader.query(
            "MATCH (f:FILE) WHERE f.repo = $repo RETURN f.file_path AS path", max_rows=None
        ).rows
        self._by_name: dict[str, list[str]] = {}
        for (path,) in rows:
            self._by_name.setdefault(path.rpartition("/")[2], []).append(path)

    def resolve(self, frame: Frame) -> Resolved | None:
        """The place of a frame here; None for one of another program."""
        parts = [part for part in frame.path.replace("\\", "/").split("/") if part not in ("", ".")]
        found = self._by_name.get(parts[-1], []) if parts else []
        ranked = sorted(found, key=lambda path: (-_shared(path, parts), path))
        for path in ranked:
            resolved = self._in_file(frame, path)
            if self._is_believed(resolved, path, parts, ranked):
                return resolved
        return None

    def _is_believed(
        self, resolved: Resolved, path: str, parts: Sequence[str], ranked: Sequence[str]
    ) -> bool:
        shared = _shared(path, parts)
        has_function = resolved.symbol is not None and _is_named(resolved.symbol, resolved.frame)
        if any(folder in parts for folder in _LIBRARY):
            # Another project's file, unless this one was installed there.
            return shared > 1 and has_function
        is_whole = shared in (len(parts), path.count("/") + 1)
        is_only = sum(_shared(other, parts) == shared for other in ranked) == 1
        if is_whole and (is_only or has_function):
            return True
        return has_function and (shared > 1 or not resolved.is_moved)

    def _in_file(self, frame: Frame, path: str) -> Resolved:
        if path not in self._symbols:
            self._symbols[path] = symbols_of_file(self._ground.reader, path)
        symbols = self._symbols[path]
        last = frame.name.rpartition(".")[2]
        line = frame.line or 0
        same = [s for s in symbols if s.kind in _CODE and _is_named(s, frame)]
        if same:
            symbol = min(same, key=lambda s: (_distance(s, line), -(s.start_line or 0)))
            return Resolved(frame, path, symbol, self._line_now(frame, path, symbol))
        is_nameless = not last or (last.startswith("<") and last not in _INITIALIZERS)
        is_there = is_nameless and self._has_code(frame, path, line)
        now = line if line and (is_there or not is_nameless) else None
        return Resolved(frame, path, innermost(symbols, line) if line else None, now)

    def _line_now(self, frame: Frame, path: str, symbol: Symbol) -> int | None:
        """The line in a function that has the code of the frame; without code, the frame's own."""
        line = frame.line or 0
        is_inside = not _distance(symbol, line)
        if is_inside and self._has_code(frame, path, line):
            return line
        lines = range(symbol.start_line or 1, (symbol.end_line or 0) + 1)
        found = [n for n in lines if frame.code and self._has_code(frame, path, n)]
        return min(found, key=lambda n: abs(n - line), default=None)

    def _has_code(self, frame: Frame, path: str, line: int) -> bool:
        if path not in self._lines:
            self._lines[path] = bare_lines(self._ground.read_file(path) or "")
        lines = self._lines[path]
        return not frame.code or (line <= len(lines) and lines[line - 1].strip() == frame.code)


def _distance(symbol: Symbol, line: int) -> int:
    """How many lines a symbol is away from a line."""
    return max(0, (symbol.start_line or 0) - line, line - (symbol.end_line or 0))


def _is_named(symbol: Symbol, frame: Frame) -> bool:
    """Whether a symbol has the name of a frame; of a Java frame also the class before it."""
    owner, _, last = frame.name.rpartition(".")
    if last in _INITIALIZERS:
        last = owner.rpartition(".")[2]
    if symbol.name != last:
        return False
    return not owner or symbol.full_name in (f"{owner}.{last}", frame.name)


def _shared(path: str, parts: Sequence[str]) -> int:
    """How many parts two paths have in common, from the end."""
    return _equal(reversed(path.split("/")), reversed(parts))


def _equal(first: Iterable[str], second: Iterable[str]) -> int:
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count
