"""All languages of a project linked as one: the rows of a file, whatever it is written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from indexer.languages import REGISTRY
from indexer.mentions import mention_hashes
from indexer.project import Project
from indexer.reading import read_text
from indexer.remembered import by_file
from indexer.report import Problem
from indexer.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from graphdb.delta import Edge, EdgeGroup, Node
    from graphdb.schema import NodeKind
    from indexer.facts import FileFacts
    from indexer.language import LinkSettings
    from indexer.languages import Registry
    from indexer.links import Linker
    from indexer.missing import Around, MissingUse
    from indexer.project import StoredFile
    from indexer.remembered import Remembered, Said
    from indexer.solver import Cell, Reads


_Edges = TypeVar("_Edges", "Edge", "EdgeGroup")


@dataclass(frozen=True, slots=True)
class LinkedFile(Generic[_Edges]):
    """A file's edges, its calls without a target, and the outside names its edges reach."""

    edges: list[_Edges]
    unresolved: list[str]
    externals: set[str]


class Linking:
    """Links the files of one state of a project."""

    def __init__(
        self,
        root: Path,
        files: Mapping[str, StoredFile],
        settings: LinkSettings,
        registry: Registry = REGISTRY,
    ) -> None:
        self._root = root
        self.project = Project(files)
        names = sorted({file.language for file in files.values()})
        self._by_language = {n: registry.language(n).linker(self.project, settings) for n in names}
        self._linkers: dict[str, Linker] = {
            path: self._by_language[file.language] for path, file in files.items()
        }
        self._rows = Rows(self.project, self._linkers)
        self.changed_meanwhile: list[Problem] = []

    def facts(self, path: str) -> FileFacts:
        """The facts of a file."""
        return self.project.facts(path)

    def mentions(self, path: str) -> dict[str, bytes]:
        """The mentions of a file with a hash of what is said there; none for a file not here."""
        file = self.project.files.get(path)
        return mention_hashes(self.project.facts(path)) if file and file.mentions else {}

    def settled(self, cell: Cell) -> object | None:
        """What a cell says, to be compared with another state's; None where it cannot be told."""
        linker = self._linkers.get(cell[0])
        return None if linker is None else linker.settled(cell)

    def recall(self, remembered: Remembered) -> None:
        """Take what cells said before as known; call it before anything is asked."""
        for linker in self._by_language.values():
            linker.recall(remembered)

    def said(self) -> dict[str, dict[str, Said]]:
        """What the cells that were computed here say, by file and name."""
        merged: dict[Cell, Said] = {}
        for linker in self._by_language.values():
            merged.update(linker.said())
        return by_file(merged)

    def link(self, path: str) -> LinkedFile[Edge]:
        """Resolve one file."""
        links = self._linkers[path].link(path)
        edges = self._rows.edges(path, links)
        return LinkedFile(edges, links.unresolved, self._rows.externals(links))

    def link_groups(self, path: str) -> LinkedFile[EdgeGroup]:
        """Resolve one file, its edges by columns: a third cheaper where there are many."""
        links = self._linkers[path].link(path)
        groups = self._rows.groups(path, links)
        return LinkedFile(groups, links.unresolved, self._rows.externals(links))

    def missing(self, path: str, text: bytes, around: Around) -> list[MissingUse]:
        """Uses in a file's text that denote nothing."""
        return self._linkers[path].missing(path, text, around)

    def nodes(self, path: str, unresolved: list[str]) -> list[Node]:
        """The nodes of a file, with the code that its facts were read from.

        A file that has changed since gives no code, and is noted in `changed_meanwhile`.
        """
        text = read_text(self._root, path, self.project.files[path].content_hash)
        if text is None:
            message = "changed while it was indexed: run codexgraph index again"
            self.changed_meanwhile.append(Problem(path, None, "changed", message))
        return self._rows.nodes(path, text, unresolved)

    def node_keys(self, path: str) -> list[tuple[str, NodeKind]]:
        """The keys of a file's nodes."""
        return [(node.uid, node.kind) for node in self.bare_nodes(path)]

    def bare_nodes(self, path: str) -> list[Node]:
        """The nodes of a file without code; nothing is read from disk."""
        return self._rows.nodes(path, None, ())

    def layout(self, path: str) -> str:
        """What the file is called as a module: another layout of packages changes it."""
        return self._linkers[path].module_name(path)

    def close(self) -> None:
        """Let go of everything that was computed; only `reads` may be asked for after it."""
        for linker in self._by_language.values():
            linker.close()
        self.project.close()

    def reads(self) -> list[Reads]:
        """Which cells were read for which, a language at a time."""
        return [linker.reads() for linker in self._by_language.values()]
