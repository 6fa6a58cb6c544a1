"""Small repositories written in one text, linked, and their edges as lines that a test can compare.

A text is cut at lines `#file: path`. A comment `#: kind target …` says what the linker must find at
its line, or, where it stands alone, at the next line of code; several are separated by `;`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from graphdb.schema import EdgeKind, NodeKind, parse_sites
from indexer.language import LinkSettings
from indexer.languages import REGISTRY
from indexer.linking import Linking
from indexer.project import ReadAs, StoredFile, stored_file
from indexer.reading import content_hash

if TYPE_CHECKING:
    from pathlib import Path

    from graphdb.delta import Edge, Node
    from indexer.languages import Registry

DIRECTIVES = {
    EdgeKind.CALLS: "call",
    EdgeKind.INSTANTIATES: "new",
    EdgeKind.USES: "use",
    EdgeKind.INHERITS: "inherits",
    EdgeKind.OVERRIDES: "overrides",
    EdgeKind.DECORATES: "decorates",
    EdgeKind.IMPORTS: "import",
    EdgeKind.EXPORTS: "export",
    EdgeKind.HAS_TYPE: "type",
    EdgeKind.RETURNS_TYPE: "returns",
    EdgeKind.TESTS: "tests",
    EdgeKind.CONTAINS: "contains",
    EdgeKind.HAS_METHOD: "method",
    EdgeKind.HAS_FIELD: "field",
}
ALWAYS = frozenset({"call", "unresolved"})
_EXPECTATION = re.compile(r"#:\s*(.+)")
_CHECK = re.compile(r"#check:\s*(.+)")


class Fact(NamedTuple):
    """One thing that the linker found or must find: at a line of a file, a kind, and its words."""

    path: str
    line: int
    kind: str
    target: str
    words: frozenset[str]


class Linked:
    """The nodes and edges of a repository held in memory."""

    def __init__(
        self,
        files: dict[str, str],
        root: Path,
        order: list[str] | None = None,
        registry: Registry = REGISTRY,
    ) -> None:
        self.files = files
        for path, text in files.items():
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        stored = {p: _stored(p, files[p].encode(), registry) for p in sorted(files)}
        linking = Linking(root, stored, LinkSettings(), registry)
        self.edges: dict[str, list[Edge]] = {}
        self.nodes: dict[str, Node] = {}
        self.unresolved: dict[str, list[str]] = {}
        for path in order or sorted(files):
            linked = linking.link(path)
            self.edges[path] = linked.edges
            self.unresolved[path] = linked.unresolved
            self.nodes.update((node.uid, node) for node in linking.nodes(path, linked.unresolved))

    def name(self, uid: str) -> str:
        """The full name behind a uid."""
        return str(self.nodes[uid].properties["full_name"]) if uid in self.nodes else uid

    def facts(self) -> set[Fact]:
        """Everything found, at the sites of edges or else where their source is named."""
        found: set[Fact] = set()
        for path, edges in self.edges.items():
            for edge in edges:
                if edge.key.source_kind == NodeKind.FILE:
                    continue
                found |= self._facts(path, edge)
            for item in self.unresolved[path]:
                place, _, text = item.partition(" ")
                found.add(Fact(path, int(place.partition(":")[0]), "unresolved", text, frozenset()))
        return found

    def _facts(self, path: str, edge: Edge) -> set[Fact]:
        key, properties = edge.key, edge.properties
        target = key.source if key.kind == EdgeKind.DECORATES else key.target
        words = {
            str(properties[p])
            for p in ("tier", "reason", "kind", "access", "via")
            if properties.get(p)
        }
        if properties.get("inherited"):
            words.add(f"inherited:{properties['depth']}")
        elif properties.get("inherited") is False:
            words.add("own")
        sites = parse_sites(str(properties["sites"])) if properties.get("sites") else ()
        source = self.nodes.get(key.source)
        lines = {site.line for site in sites}
        if not lines and source is not None:
            lines = {int(str(source.properties["name_line"]))}
        kind = DIRECTIVES[key.kind]
        return {Fact(path, line, kind, self.name(target), frozenset(words)) for line in lines}


def _stored(path: str, data: bytes, registry: Registry) -> StoredFile:
    name = registry.suffixes[PurePosixPath(path).suffix]
    extracted = registry.language(name).extract(path, data)
    return stored_file(path, name, ReadAs(content_hash(data), len(data)), extracted)


def read_case(text: str) -> dict[str, str]:
    """The files of a case."""
    files: dict[str, str] = {}
    for part in re.split(r"(?m)^#file: ", text)[1:]:
        path, _, content = part.partition("\n")
        files[path.strip()] = content
    return files


def expected(files: dict[str, str]) -> tuple[set[Fact], dict[str, frozenset[str]]]:
    """What the comments ask for, and for each file the kinds that must hold nothing else."""
    facts: set[Fact] = set()
    kinds: dict[str, frozenset[str]] = {}
    for path, text in files.items():
        checked = set(ALWAYS)
        waiting: list[str] = []
        for number, line in enumerate(text.split("\n"), 1):
            if match := _CHECK.match(line):
                checked |= set(match[1].split())
                continue
            code = line.partition("#:")[0].strip()
            if match := _EXPECTATION.search(line):
                waiting += match[1].split(";")
            if code and not code.startswith("#"):
                facts |= {_fact(path, number, item) for item in waiting}
                waiting = []
        kinds[path] = frozenset(checked)
    return facts, kinds


def _fact(path: str, line: int, text: str) -> Fact:
    kind, target, *words = text.split()
    return Fact(path, line, kind, target, frozenset(words))


def compare(linked: Linked) -> list[str]:
    """Differences between what the comments ask for and what was found, one a line."""
    wanted, kinds = expected(linked.files)
    found: dict[tuple[str, int, str, str], set[frozenset[str]]] = defaultdict(set)
    for fact in linked.facts():
        found[fact[:4]].add(fact.words)
    problems = [
        f"missing {fact.path}:{fact.line} {fact.kind} {fact.target} {' '.join(sorted(fact.words))}"
        for fact in wanted
        if not any(fact.words <= words for words in found.get(fact[:4], ()))
    ]
    asked = {fact[:4] for fact in wanted}
    for (path, line, kind, target), words in found.items():
        if kind in kinds[path] and (path, line, kind, target) not in asked:
            if target.startswith("external:") and "external" not in kinds[path]:
                continue
            how = " ".join(sorted({word for group in words for word in group}))
            problems.append(f"extra   {path}:{line} {kind} {target} {how}")
    return sorted(problems)
