"""Small Java repositories written in one text, linked, in the form that Python's tests compare.

A text is cut at lines `//file: path`; `//: kind target …` says what the linker must find at its
line or, where it stands alone, at the next line of code. A second overload is called `m#2`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.schema import EdgeKind
from indexer.language import LinkSettings
from indexer.languages.java.language import JAVA
from indexer.linking import Linking
from indexer.project import ReadAs, stored_file
from indexer.reading import content_hash
from tests.indexer.python import linked as python

if TYPE_CHECKING:
    from pathlib import Path

    from graphdb.delta import Edge, Node
    from indexer.project import StoredFile


class Linked(python.Linked):
    """The nodes and edges of a Java repository held in memory."""

    def __init__(self, files: dict[str, str], root: Path, order: list[str] | None = None) -> None:
        self.files = {path: _in_python(text) for path, text in files.items()}
        for path, text in files.items():
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        linking = Linking(
            root, {p: _stored(p, files[p].encode()) for p in sorted(files)}, LinkSettings()
        )
        self.edges: dict[str, list[Edge]] = {}
        self.nodes: dict[str, Node] = {}
        self.unresolved: dict[str, list[str]] = {}
        self.implemented: set[tuple[str, str]] = set()
        for path in order or sorted(files):
            found = linking.link(path)
            self.edges[path] = [e for e in found.edges if e.key.kind != EdgeKind.IMPLEMENTS]
            self.unresolved[path] = found.unresolved
            self.nodes.update((n.uid, n) for n in linking.nodes(path, found.unresolved))
            self.implemented |= {
                (e.key.source, e.key.target)
                for e in found.edges
                if e.key.kind == EdgeKind.IMPLEMENTS
            }

    def name(self, uid: str) -> str:
        """The full name behind a uid, with the number of an overload."""
        number = uid.rpartition("#")[2] if "#" in uid else ""
        return super().name(uid) + (f"#{number}" if number.isdigit() else "")


def _stored(path: str, data: bytes) -> StoredFile:
    return stored_file(path, "java", ReadAs(content_hash(data)), JAVA.extract(path, data))


def _in_python(text: str) -> str:
    return text.replace("//:", "#:").replace("//check:", "#check:").replace("//", "#")


def read_case(text: str) -> dict[str, str]:
    """The files of a case."""
    marked = text.replace("\n//file: ", "\n#file: ")
    return python.read_case(marked)
