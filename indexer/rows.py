"""From facts and links to the graph's nodes and edges, the same way for every language.

The uid of a symbol is built from path and qualified name only, never from a position, so an edit
that moves code leaves the identity of everything in the file as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.delta import Edge, EdgeGroup, EdgeKey, EdgeShape, Node, Value
from graphdb.schema import EdgeKind, ExtraLabel, NodeKind, Tier, format_sites
from indexer.facts import BindKind, ScopeKind
from indexer.testcode import is_test_file, is_test_function

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from indexer.facts import Binding, Definition, FileFacts
    from indexer.links import FileLinks, Link, Linker, Symbol
    from indexer.project import Project

_TEXT: dict[str, str] = {
    member: str(member) for kinds in (Tier, NodeKind, EdgeKind) for member in kinds
}
_VISIBILITIES = frozenset({"public", "protected", "private", "package"})
End = tuple[str, NodeKind]
"""The uid and label of an edge's end."""

_Written = tuple[End, EdgeKind, End, dict[str, Value]]
_TESTED_BY = frozenset({EdgeKind.CALLS, EdgeKind.INSTANTIATES})


class Rows:
    """Makes rows; remembers uids, so use one instance for a whole run."""

    def __init__(self, project: Project, linker_of: dict[str, Linker]) -> None:
        self._project = project
        self._linkers = linker_of
        self._ends: dict[Symbol, End] = {}
        self._names: dict[str, set[str]] = {}

    def end(self, symbol: Symbol) -> End:
        """The uid and label of a symbol."""
        known = self._ends.get(symbol)
        if known is None:
            known = self._ends[symbol] = self._end(symbol)
        return known

    def _end(self, symbol: Symbol) -> End:
        kind = symbol[0]
        if kind == "ext":
            return f"external:{symbol[1]}", NodeKind.EXTERNAL
        path = symbol[1]
        facts = self._project.facts(path)
        prefix = f"{facts.language}:{path}"
        if kind == "mod":
            return prefix, NodeKind.MODULE
        if kind == "var":
            taken = "#variable" if symbol[3] in self._defined(path) else ""
            return f"{prefix}:{symbol[3]}{taken}", NodeKind.GLOBAL_VARIABLE
        position: int = symbol[2]
        definition = facts.definitions[position]
        number = f"#{definition.ordinal}" if definition.ordinal > 1 else ""
        uid = f"{prefix}:{definition.qualified_name}{number}"
        if kind == "field":
            # A second class of the same name may have a method of this one.
            qualified = f"{definition.qualified_name}.{symbol[3]}"
            taken = "#field" if qualified in self._defined(path) else ""
            return f"{uid}.{symbol[3]}{taken}", NodeKind.FIELD
        if definition.is_class:
            return uid, NodeKind.CLASS
        in_class = facts.scopes[definition.scope].kind == ScopeKind.CLASS
        return uid, NodeKind.METHOD if in_class else NodeKind.FUNCTION

    def _defined(self, path: str) -> set[str]:
        """Qualified names of all definitions of a file."""
        known = self._names.get(path)
        if known is None:
            definitions = self._project.facts(path).definitions
            known = self._names[path] = {d.qualified_name for d in definitions}
        return known

    # Nodes

    def nodes(self, path: str, text: bytes | None, unresolved: Iterable[str]) -> list[Node]:
        """All nodes of a file. text: what the facts were read from, or None when it is gone."""
        linker = self._linkers[path]
        facts = self._project.facts(path)
        module = linker.module_name(path)
        maker = _FileNodes(self, path, module, text)
        rows = [
            maker.file(self._project.files[path].content_hash, list(unresolved)),
            maker.module(),
        ]
        rows += [maker.definition(i, d) for i, d in enumerate(facts.definitions)]
        rows += [maker.variable(symbol) for symbol in linker.variables(path)]
        return rows

    def facts(self, path: str) -> FileFacts:
        """The facts of a file."""
        return self._project.facts(path)

    def class_labels(self, path: str, d: Definition) -> tuple[str, ...]:
        """Further labels of a class, as its language gives them, and TEST for a test case."""
        labels = self._linkers[path].class_labels(path, d)
        is_test = d.name.startswith("Test") or d.name.endswith(("Test", "Tests", "TestCase"))
        return (*labels, ExtraLabel.TEST.value) if is_test and is_test_file(path) else labels

    # Edges

    def edges(self, path: str, links: FileLinks) -> list[Edge]:
        """All edges that a file owns."""
        return [
            Edge(EdgeKey(*source, kind, *target), properties)
            for source, kind, target, properties in self._written(path, links)
        ]

    def groups(self, path: str, links: FileLinks) -> list[EdgeGroup]:
        """All edges that a file owns, by columns."""
        rows: dict[EdgeShape, list[tuple[Value, ...]]] = {}
        for source, kind, target, properties in self._written(path, links):
            shape = (_TEXT[kind], _TEXT[source[1]], _TEXT[target[1]], *properties)
            row = (source[0], target[0], *properties.values())
            group = rows.get(shape)
            if group is None:
                rows[shape] = [row]
            else:
                group.append(row)
        return [
            EdgeGroup(shape, list(map(list, zip(*group, strict=True))))
            for shape, group in rows.items()
        ]

    def _written(self, path: str, links: FileLinks) -> Iterator[_Written]:
        """What is written of a file's edges; the edge to its module comes first."""
        around: dict[str, Value] = {
            "via": "definition",
            "tier": Tier.EXACT.value,
            "association_type": "MODULE",
        }
        yield (f"file:{path}", NodeKind.FILE), EdgeKind.CONTAINS, self.end(("mod", path)), around
        ends = self._ends
        for (source, kind, target), link in links.edges.items():
            start = ends.get(source) or self.end(source)
            stop = ends.get(target) or self.end(target)
            yield start, kind, stop, _properties(link, kind, start[1], stop[1])
        if is_test_file(path):
            yield from self._tests(links)

    def _tests(self, links: FileLinks) -> Iterator[_Written]:
        """What test functions call outside test files."""
        tested: dict[tuple[Symbol, Symbol], Tier] = {}
        tests: dict[Symbol, bool] = {}
        for (source, kind, target), link in links.edges.items():
            if kind not in _TESTED_BY or target[0] == "ext" or link.tier == Tier.CANDIDATE:
                continue
            if source not in tests:
                tests[source] = self._is_test(source)
            if tests[source] and not is_test_file(target[1]):
                known = tested.get((source, target), Tier.INFERRED)
                tested[source, target] = link.tier if known == Tier.INFERRED else known
        for (source, target), tier in tested.items():
            properties: dict[str, Value] = {"tier": tier.value, "reason": "call"}
            yield self.end(source), EdgeKind.TESTS, self.end(target), properties

    def _is_test(self, symbol: Symbol) -> bool:
        if symbol[0] != "fn":
            return False
        number: int = symbol[2]
        definition = self._project.facts(symbol[1]).definitions[number]
        return is_test_function(symbol[1], definition.name, definition.decorator_names)

    def externals(self, links: FileLinks) -> set[str]:
        """Names outside the repository that a file's edges lead to or come from."""
        return {
            end[1]
            for source, _, target in links.edges
            for end in (source, target)
            if end[0] == "ext"
        }


def _properties(link: Link, kind: EdgeKind, source: NodeKind, target: NodeKind) -> dict[str, Value]:
    """What is written of an edge."""
    properties: dict[str, Value] = {"tier": _TEXT[link.tier]}
    if link.extra:
        properties.update(link.extra)
    if link.reason:
        properties["reason"] = link.reason
    if link.kind:
        properties["kind"] = link.kind
    if link.sites:
        sites = set(link.sites)
        properties["sites"] = format_sites(list(sites))
        properties["count"] = len(sites)
    if kind == EdgeKind.USES:
        properties["access"] = link.access
        properties["source_association_type"] = _TEXT[source]
        properties["target_association_type"] = _TEXT[target]
    elif kind == EdgeKind.CONTAINS:
        properties["association_type"] = _TEXT[target]
    return properties


def external_node(name: str) -> Node:
    """The node of something outside the repository."""
    short = name.rpartition(".")[2]
    properties: dict[str, Value] = {"name": short, "full_name": name, "qualified_name": name}
    return _node(f"external:{name}", NodeKind.EXTERNAL, (), properties)


class _FileNodes:
    """Makes the nodes of one file."""

    def __init__(self, rows: Rows, path: str, module: str, text: bytes | None) -> None:
        self._rows = rows
        self._path = path
        self._module = module
        self._text = text
        self._facts = rows.facts(path)
        self._is_test = is_test_file(path)
        self._bound = _by_name(self._facts.bindings)
        self._flags = dict(zip(map(id, self._facts.bindings), self._facts.flags, strict=False))
        self._fields = _by_name(self._facts.attributes)

    def _common(self, name: str, qualified: str) -> dict[str, Value]:
        return {
            "name": name,
            "full_name": self._full(qualified) if qualified else self._module,
            "qualified_name": qualified or self._module,
            "file_path": self._path,
            "language": self._facts.language,
        }

    def _full(self, qualified: str) -> str:
        """A definition's full name: below its package, where a language has them, or its module."""
        package = self._facts.package
        around = self._module if package is None else package
        return f"{around}.{qualified}" if around else qualified

    def _code(self, start: int, end: int) -> str | None:
        if self._text is None or end <= start:
            return None
        return self._text[start:end].decode("utf-8", "replace")

    def file(self, content_hash: str, unresolved: list[str]) -> Node:
        properties = self._common(self._path.rpartition("/")[2], "")
        properties |= {
            "full_name": self._path,
            "qualified_name": self._path,
            "content_hash": content_hash,
            "start_line": 1,
            "end_line": max(1, self._facts.lines),
        }
        if unresolved:
            properties["unresolved_calls"] = unresolved
        return _node(f"file:{self._path}", NodeKind.FILE, (), properties)

    def module(self) -> Node:
        properties = self._common(self._module, "")
        properties |= {
            "docstring": self._facts.docstring,
            "start_line": 1,
            "end_line": max(1, self._facts.lines),
            "name_line": 1,
            "name_column": 0,
        }
        labels = (ExtraLabel.TEST.value,) if self._is_test else ()
        return _node(self._rows.end(("mod", self._path))[0], NodeKind.MODULE, labels, properties)

    def definition(self, number: int, d: Definition) -> Node:
        uid, kind = self._rows.end(("cls" if d.is_class else "fn", self._path, number))
        properties = self._common(d.name, d.qualified_name)
        properties |= {
            "signature": d.signature,
            "code": self._code(d.start_byte, d.end_byte),
            "docstring": d.docstring,
            "start_line": d.start_line,
            "end_line": d.end_line,
            "name_line": d.name_line,
            "name_column": d.name_column,
            "visibility": _visibility(d.name, d.flags),
            "content_hash": d.hash,
            "decorators": list(d.decorator_names) or None,
            "modifiers": _modifiers(d.flags),
        }
        if kind == NodeKind.METHOD:
            properties |= self._owner(self._facts.scopes[d.scope].definition)
        return _node(uid, kind, self._labels(d), properties)

    def _labels(self, d: Definition) -> tuple[str, ...]:
        if d.is_class:
            return self._rows.class_labels(self._path, d)
        is_test = is_test_function(self._path, d.name, d.decorator_names)
        return (ExtraLabel.TEST.value,) if is_test else ()

    def _owner(self, number: int) -> dict[str, Value]:
        owner = self._facts.definitions[number]
        return {"class": owner.name, "class_full_name": self._full(owner.qualified_name)}

    def variable(self, symbol: Symbol) -> Node:
        uid, kind = self._rows.end(symbol)
        name = symbol[3]
        if kind == NodeKind.FIELD:
            number: int = symbol[2]
            owner = self._facts.definitions[number]
            properties = self._common(name, f"{owner.qualified_name}.{name}")
            properties |= self._owner(symbol[2])
            place = owner.body, name
            rows = [*self._bound.get(place, ()), *self._fields.get(place, ())]
        else:
            properties = self._common(name, name)
            rows = self._bound[0, name]
        return _node(uid, kind, (), properties | self._binding(rows))

    def _binding(self, rows: list[Binding]) -> dict[str, Value]:
        first = min(rows, key=_defining)
        declared = next((r.annotation_text for r in rows if r.annotation_text), None)
        code = self._code(first.start, first.end)
        flags = self._flags.get(id(first), ())
        lines = code.count("\n") if code else 0
        return {
            "code": code,
            "start_line": first.line,
            "end_line": first.line + lines,
            "name_line": first.line,
            "name_column": first.column,
            "visibility": _visibility(first.name, flags),
            "modifiers": _modifiers(flags),
            "type_name": declared,
        }


def _node(uid: str, kind: NodeKind, labels: tuple[str, ...], properties: dict[str, Value]) -> Node:
    filled = {name: value for name, value in properties.items() if value is not None}
    return Node(uid, kind, (kind.value, *labels), filled)


def _by_name(rows: Iterable[Binding]) -> dict[tuple[int, str], list[Binding]]:
    """Bindings of variables and fields, by scope and name."""
    found: dict[tuple[int, str], list[Binding]] = {}
    for row in rows:
        if row.kind not in {BindKind.DEFINITION, BindKind.IMPORT}:
            found.setdefault((row.scope, row.name), []).append(row)
    return found


def _defining(row: Binding) -> tuple[bool, bool, int, int]:
    """The order in which bindings define a name: declared with a type, bound, listed as a slot."""
    return row.kind == BindKind.SLOT, row.annotation_text is None, row.line, row.column


def _modifiers(flags: tuple[str, ...]) -> list[str] | None:
    """What is written before a definition but its visibility, which is a property of its own."""
    return [f for f in flags if f != "conditional" and f not in _VISIBILITIES] or None


def _visibility(name: str, flags: tuple[str, ...]) -> str:
    """What a language's modifiers say; without any, what the name does."""
    for flag in flags:
        if flag in _VISIBILITIES:
            return flag
    if name.startswith("__") and not name.endswith("__"):
        return "private"
    return "protected" if name.startswith("_") and not name.endswith("__") else "public"
