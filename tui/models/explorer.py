"""The side bar's tree: folders from the paths of files, symbols of a file when it is opened.

Folders that hold one folder and nothing else are shown as one, `src/main/java`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphdb.queries.symbols import outline
from graphdb.schema import NodeKind
from tui.models.fuzzy import fuzzy_rank

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

MARKS = {
    NodeKind.MODULE: "M",
    NodeKind.CLASS: "C",
    NodeKind.FUNCTION: "f",
    NodeKind.METHOD: "m",
    NodeKind.FIELD: "·",
    NodeKind.GLOBAL_VARIABLE: "v",
    NodeKind.EXTERNAL: "x",
    NodeKind.FILE: "F",
}
"""A letter for each kind, so that no state is told by colour alone."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row. path: of the folder or file. symbol: None for folders and files.

    children: of a symbol; those of folders and files are asked for.
    """

    label: str
    path: str
    is_folder: bool = False
    symbol: Symbol | None = None
    children: tuple[Entry, ...] = ()

    @property
    def may_open(self) -> bool:
        """True when something may stand below it."""
        return self.symbol is None or bool(self.children)


class Explorer:
    """The files of one state of a graph."""

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self.paths = sorted(paths)
        self._folders: dict[str, tuple[set[str], list[str]]] = {"": (set(), [])}
        for path in self.paths:
            self._add(path)

    def entries(self, folder: str = "") -> list[Entry]:
        """The folders, then the files of a folder."""
        folders, files = self._folders.get(folder, (set[str](), list[str]()))
        start = len(folder) + 1 if folder else 0
        found: list[Entry] = []
        for name in sorted(folders):
            inner = self._innermost(f"{folder}/{name}" if folder else name)
            found.append(Entry(inner[start:], inner, is_folder=True))
        return found + [Entry(path[start:], path) for path in files]

    def matching(self, text: str, limit: int = 200) -> list[Entry]:
        """Files that fit a text, best first."""
        ranked = [(rank, path) for path in self.paths if (rank := fuzzy_rank(text, path))]
        return [Entry(path, path) for _, path in sorted(ranked)[:limit]]

    def _add(self, path: str) -> None:
        folder, _, name = path.rpartition("/")
        at = ""
        for part in folder.split("/") if folder else ():
            self._folders[at][0].add(part)
            at = f"{at}/{part}" if at else part
            self._folders.setdefault(at, (set(), []))
        self._folders[at][1].append(f"{folder}/{name}" if folder else name)

    def _innermost(self, folder: str) -> str:
        folders, files = self._folders[folder]
        while len(folders) == 1 and not files:
            folder = f"{folder}/{next(iter(folders))}"
            folders, files = self._folders[folder]
        return folder


def read_paths(reader: GraphReader) -> list[str]:
    """The path of every indexed file."""
    cypher = "MATCH (f:FILE) WHERE f.repo = $repo RETURN f.file_path AS path"
    return [str(row[0]) for row in reader.query(cypher, max_rows=None).rows if row[0]]


def symbol_entries(reader: GraphReader, path: str) -> list[Entry]:
    """The symbols of a file, those of a class below it."""
    rows = [(entry.symbol, entry.level) for entry in outline(reader, path)]
    return _nested(rows, 0, len(rows), 0)


def symbol_label(symbol: Symbol) -> str:
    """The kind's letter and the name."""
    return f"{MARKS[symbol.kind]} {symbol.name}"


def _nested(rows: Sequence[tuple[Symbol, int]], at: int, end: int, level: int) -> list[Entry]:
    found: list[Entry] = []
    while at < end:
        symbol = rows[at][0]
        after = at + 1
        while after < end and rows[after][1] > level:
            after += 1
        children = tuple(_nested(rows, at + 1, after, level + 1))
        found.append(Entry(symbol_label(symbol), symbol.file_path or "", False, symbol, children))
        at = after
    return found
