"""Checks an answer in prose: what it cites is there.

Checked are `path:line` wherever it stands, and names with dots between backticks whose first part,
or whose whole, could only be of this repository; of a local variable's attributes nothing is known.
"""

from __future__ import annotations

import re
import sys
from difflib import get_close_matches
from typing import TYPE_CHECKING

from agent.checks.results import judged, timed
from agent.draft import Problem
from graphdb.errors import CodexGraphError, NotFoundError
from graphdb.queries.names import candidates, near_names
from graphdb.queries.rows import fetch_symbols
from graphdb.schema import CODE_KINDS, NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agent.draft import CheckResult, Draft
    from graphdb.store import GraphReader

_PLACE = re.compile(
    r"(?<![\w/.:-])(?P<path>(?:[\w.@+-]+/)*[\w@+-][\w.@+-]*\.[A-Za-z]\w{0,9}):(?P<line>\d{1,7})\b"
)
_TICKED = re.compile(r"(?<!`)`([^`\n]{1,200})`(?!`)")
_NAME = re.compile(r"[^\W\d][\w$]*(?:(?:\.|::|#)[^\W\d][\w$]*)+(?:\(\))?")
_SPLIT = re.compile(r"\.|::|#")
_RECEIVERS = frozenset({"self", "cls", "this", "super"})
_JDK = frozenset({"java", "javax", "jdk"})
_FENCE = re.compile(r"^ {0,3}(```+|~~~+).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)
_MAX_CITED = 200
_SHOWN = 3


class CitationsCheck:
    """What an answer cites exists. is_about_code: an answer with no citation at all fails."""

    name = "citations"

    def __init__(self, reader: GraphReader, root: Path, *, is_about_code: bool = True) -> None:
        self._reader = reader
        self._root = root
        self._is_about_code = is_about_code

    def run(self, draft: Draft) -> CheckResult:
        """Look at a draft."""
        return timed(self.name, lambda: self._run(draft.text))

    def _run(self, text: str) -> CheckResult:
        # Code in a block is an example and cites nothing.
        prose = _FENCE.sub("", text)
        places = list(dict.fromkeys((m["path"], int(m["line"])) for m in _PLACE.finditer(prose)))
        names = [m[1] for m in _TICKED.finditer(prose) if _NAME.fullmatch(m[1].strip())]
        names = [name for name in dict.fromkeys(map(str.strip, names)) if not self._is_file(name)]
        cited = len(places) + len(names)
        if not cited and self._is_about_code:
            said = "the answer cites nothing: name the code it is about as `path:line` or `a.b.C`"
            return judged(self.name, [Problem(said)])
        problems = [p for path, line in places[:_MAX_CITED] for p in self._place(path, line)]
        problems += [p for name in names[:_MAX_CITED] for p in self._name(name)]
        return judged(self.name, problems, f"{cited} citations")

    # Places

    def _place(self, path: str, line: int) -> Iterator[Problem]:
        count = self._lines(path)
        if count is None:
            near = get_close_matches(path, self._paths(path), n=_SHOWN, cutoff=0.5)
            yield Problem(f"{path}:{line}: there is no file {path}{_meant(near)}")
        elif not 1 <= line <= count:
            yield Problem(f"{path}:{line}: the file has {count} lines")

    def _lines(self, path: str) -> int | None:
        """How many lines a file of the repository has; None for what is no file of it."""
        parts = path.split("/")
        if ".." in parts or ".git" in parts:
            return None
        file = self._root.joinpath(*parts)
        try:
            if not file.is_file() or not file.resolve().is_relative_to(self._root.resolve()):
                return None
            data = file.read_bytes()
        except (OSError, ValueError):
            return None
        return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))

    def _paths(self, path: str) -> list[str]:
        name = path.rpartition("/")[2]
        cypher = "MATCH (f:FILE) WHERE f.repo = $repo RETURN f.file_path AS path"
        rows = self._reader.query(cypher, max_rows=None).rows
        paths = [str(row[0]) for row in rows if row[0]]
        return [p for p in paths if p.rpartition("/")[2] == name] or paths

    def _is_file(self, name: str) -> bool:
        return self._lines(name) is not None

    # Names

    def _name(self, written: str) -> Iterator[Problem]:
        name = ".".join(_SPLIT.split(written.removesuffix("()")))
        if not self._exists(name):
            near = near_names(self._reader, name, _SHOWN)
            yield Problem(f"`{written}`: no symbol has that name{_meant(near)}")

    def _exists(self, name: str) -> bool:
        first, _, rest = name.partition(".")
        if first in sys.stdlib_module_names or first in _JDK or self._finds(name):
            return True
        if first in _RECEIVERS:
            return self._is_called(rest.partition(".")[0])
        if self._is_outside(name, self._module(name)):
            return True
        # `order.total`: of a variable only the last name can be looked for.
        is_ours = self._is_called(first)
        return not is_ours and first[:1].islower() and self._is_called(name.rpartition(".")[2])

    def _finds(self, name: str) -> bool:
        try:
            return bool(candidates(self._reader, name))
        except NotFoundError:
            return False

    def _is_called(self, name: str) -> bool:
        """True when some symbol of the repository has a simple name."""
        return bool(fetch_symbols(self._reader, "n.name = $name", {"name": name}, CODE_KINDS))

    def _module(self, name: str) -> str | None:
        """The innermost module of the repository that a name begins with, if no class follows."""
        parts = name.split(".")
        outer = [".".join(parts[:count]) for count in range(1, len(parts))]
        kinds = (NodeKind.MODULE, NodeKind.CLASS)
        found = fetch_symbols(self._reader, "n.full_name IN $outer", {"outer": outer}, kinds)
        last = max(found, key=lambda s: (len(s.full_name), s.kind != NodeKind.MODULE), default=None)
        return last.full_name if last is not None and last.kind == NodeKind.MODULE else None

    def _is_outside(self, name: str, module: str | None) -> bool:
        """True for a name of another package that the repository uses, or one in such.

        module: of the repository, in which the name would stand. An import from it that denotes
        nothing is a name from outside as well, and says nothing of its other names.
        """
        first = name if module else name.partition(".")[0]
        kinds = (NodeKind.EXTERNAL,)
        where = "n.full_name = $first OR n.full_name STARTS WITH $inside"
        params = {"first": first, "inside": f"{first}."}
        try:
            return bool(fetch_symbols(self._reader, f"({where})", params, kinds))
        except CodexGraphError:
            return False


def _meant(near: list[str]) -> str:
    return f"; did you mean {' or '.join(near)}?" if near else ""
