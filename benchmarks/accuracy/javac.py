"""A Java project against what its compiler resolved, overload by overload.

The main figures are calls: methods, constructors and method references whose target is in the
repository, compared by caller and target as often as the text has them. Definitions, supertypes and
references to types and fields stand beside them. Symbols are matched where both say that they are
defined: the same file, the same lines, the same name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.accuracy.graph import link_files, read_tree, text
from benchmarks.accuracy.java_names import INIT, plain
from benchmarks.accuracy.outcome import Outcome, run_each
from benchmarks.accuracy.records import read_lines
from benchmarks.accuracy.score import TIERS, Case, Prediction, Wanted, levels
from benchmarks.accuracy.sources import find_repository, truth_root
from graphdb.errors import CodexGraphError
from graphdb.schema import EdgeKind, NodeKind, Tier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from benchmarks.accuracy.graph import LinkedGraph, Use
    from graphdb.delta import Node

CALLS = frozenset({"call", "new", "mref"})
_DEFINED = {"defclass": "class", "defmethod": "method", "deffield": "field"}
_FIELDS = 7


class Row(NamedTuple):
    """A row of the truth, as `truth.javac.export` writes it."""

    path: str
    line: int
    kind: str
    source: str
    target: str
    place: str


def read_rows(path: Path) -> list[Row]:
    """All rows. Raises CodexGraphError naming the line that is none."""
    found: list[Row] = []
    for number, line in read_lines(path):
        parts = line.split("\t")
        if len(parts) != _FIELDS or not parts[1].isdigit():
            raise CodexGraphError(f"{path}:{number} has not the {_FIELDS} fields of `bench javac`")
        found.append(Row(parts[0], int(parts[1]), *parts[3:]))
    return found


def run(data: list[Path], repos: Path) -> Outcome:
    """A case for each project; the figures beside calls are pooled."""
    asides: dict[str, list[Case]] = defaultdict(list)

    def case(path: Path, folder: Path) -> Case:
        rows = read_rows(path)
        paths = {row.path for row in rows}
        root = find_repository(folder, path, paths)
        files = read_tree(root)
        prefix = truth_root(files, paths)
        kept = {prefix + name: files[prefix + name] for name in paths if prefix + name in files}
        compared = Compared(link_files(kept), prefix, rows, root.name)
        for name, beside in compared.beside().items():
            asides[name].append(beside)
        return compared.calls()

    outcome = run_each(data, repos, case)
    outcome.extra.update((name, levels(cases)) for name, cases in asides.items())
    return outcome


class Compared:
    """A graph and the rows of a truth, both below the folder `prefix`."""

    def __init__(self, graph: LinkedGraph, prefix: str, rows: list[Row], name: str) -> None:
        self._graph = graph
        self._rows = rows
        self._name = name
        self._symbols = _Symbols(rows, prefix)
        self._written = {row.target for row in rows if row.kind == "defmethod"}
        self._names = {
            node.uid: found
            for node in graph.nodes.values()
            if (found := self._symbols.name(node)) is not None
        }

    def calls(self) -> Case:
        """Calls, constructions and method references."""
        wanted = [
            (
                (self._caller(row.source), self._callee(row.target)),
                _category(row.target, row.kind),
                f"{row.path}:{row.line}",
            )
            for row in self._rows
            if row.kind in CALLS and row.place
        ]
        found: list[tuple[Use, tuple[str, str], str]] = []
        for use in self._graph.uses:
            pair = self._pair(use)
            if pair is None or not _is_call(use):
                continue
            target = pair[1] if "(" in pair[1] else f"{pair[1]}#{INIT}"
            category = _category(target, "mref" if use.kind == "reference" else "call")
            found += [
                (use, (pair[0], target), f"{category}\t{use.path}:{site.line}")
                for site in use.sites
            ]
        found.sort(key=lambda row: TIERS.index(row[0].tier))
        return _by_occurrence(self._name, wanted, found)

    def _caller(self, name: str) -> str:
        """Who calls; a constructor that nobody wrote is its class."""
        return name if self._is_written(name) else name.partition("#")[0]

    def _callee(self, name: str) -> str:
        """What is called; a constructor that nobody wrote has no parameters to tell it by."""
        return name if self._is_written(name) else f"{name.partition('#')[0]}#{INIT}"

    def _is_written(self, name: str) -> bool:
        return f"#{INIT}(" not in name or name in self._written

    def _pair(self, use: Use) -> tuple[str, str] | None:
        names = self._names.get(use.source.uid), self._names.get(use.target.uid)
        return None if names[0] is None or names[1] is None else (names[0], names[1])

    def beside(self) -> dict[str, Case]:
        """Definitions, supertypes, and references to types and fields."""
        supertypes = frozenset({EdgeKind.INHERITS, EdgeKind.IMPLEMENTS})
        return {
            "definitions": self._definitions(),
            "supertypes": self._pairs(supertypes, "inherits", NodeKind.CLASS),
            "type_references": self._pairs(None, "typeref", NodeKind.CLASS),
            "field_references": self._pairs(None, "fieldref", NodeKind.FIELD),
        }

    def _definitions(self) -> Case:
        wanted = tuple(
            Wanted((row.target, ""), _DEFINED[row.kind], f"{row.path}:{row.line}")
            for row in self._rows
            if row.kind in _DEFINED
        )
        predictions = tuple(
            Prediction(
                (self._names.get(node.uid, node.uid), ""),
                TIERS[0],
                "",
                "",
                node.kind.value.lower(),
                text(node, "file_path"),
                node.uid in self._names,
            )
            for node in self._graph.nodes.values()
            if node.kind in {NodeKind.CLASS, NodeKind.METHOD, NodeKind.FIELD}
        )
        return Case(self._name, wanted, predictions)

    def _pairs(self, edges: frozenset[EdgeKind] | None, kind: str, target: NodeKind) -> Case:
        """Who refers to what, once each; what a class says of itself is left out."""
        wanted = {
            (row.source, row.target): Wanted((row.source, row.target), kind, row.path)
            for row in self._rows
            if row.kind == kind and row.place and row.source and row.source != row.target
        }
        best: dict[tuple[str, str], Prediction] = {}
        for use in self._graph.uses:
            pair = self._pair(use)
            if pair is None or use.target.kind != target:
                continue
            if use.source.kind == NodeKind.FIELD:
                # What a field's type refers to, its class does.
                pair = pair[0].partition("#")[0], pair[1]
            if use.edge not in (edges or _REFERRING) or pair[0] == pair[1] or _is_unnamed(pair[1]):
                continue
            row = Prediction(pair, use.tier, use.kind, use.reason, kind, use.path, pair in wanted)
            known = best.get(pair)
            if known is None or TIERS.index(use.tier) < TIERS.index(known.tier):
                best[pair] = row
        return Case(self._name, tuple(wanted.values()), tuple(best.values()))


_REFERRING = frozenset(
    {
        EdgeKind.USES,
        EdgeKind.INSTANTIATES,
        EdgeKind.HAS_TYPE,
        EdgeKind.RETURNS_TYPE,
        EdgeKind.INHERITS,
        EdgeKind.IMPLEMENTS,
        EdgeKind.DECORATES,
    }
)


def _is_unnamed(name: str) -> bool:
    """An anonymous class, which nothing in the text refers to."""
    return name.rpartition("$")[2].isdigit()


def _is_call(use: Use) -> bool:
    """Calls, and the functions that method references name."""
    if use.edge == EdgeKind.CALLS:
        return True
    return use.edge == EdgeKind.USES and use.target.kind in {NodeKind.METHOD, NodeKind.FUNCTION}


def _category(target: str, kind: str) -> str:
    if kind == "mref":
        return "method references"
    return "constructors" if f"#{INIT}" in target else "methods"


def _by_occurrence(
    name: str,
    wanted: Iterable[tuple[tuple[str, str], str, str]],
    found: Iterable[tuple[Use, tuple[str, str], str]],
) -> Case:
    """A call that stands three times in a method is three edges, numbered on both sides."""
    rows: list[Wanted] = []
    number: Counter[tuple[str, str]] = Counter()
    for pair, category, where in wanted:
        number[pair] += 1
        rows.append(Wanted((pair[0], f"{pair[1]} {number[pair]}"), category, where))
    said: Counter[tuple[str, str]] = Counter()
    predictions: list[Prediction] = []
    for use, pair, told in found:
        said[pair] += 1
        category, _, where = told.partition("\t")
        numbered = pair[0], f"{pair[1]} {said[pair]}"
        # The compiler names what is declared; which override may run instead is not its business.
        is_right = said[pair] <= number[pair] or (None if use.tier == Tier.CANDIDATE else False)
        predictions.append(
            Prediction(numbered, use.tier, use.kind, use.reason, category, where, is_right)
        )
    return Case(name, tuple(rows), tuple(predictions))


class _Symbols:
    """The truth's name of what is defined on some lines of a file."""

    def __init__(self, rows: Iterable[Row], prefix: str) -> None:
        self._prefix = prefix
        self._defined: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        for row in rows:
            if row.kind in _DEFINED:
                kind = _DEFINED[row.kind]
                self._defined[row.path, kind, _short(row.target)].append(row)

    def name(self, node: Node) -> str | None:
        """The truth's name of a node, None when the truth defines nothing there."""
        kind = node.kind.value.lower()
        path = text(node, "file_path").removeprefix(self._prefix)
        first, last = _lines(node)
        is_unnamed = text(node, "name").startswith("$")
        anchor = first if is_unnamed else last
        for short in _shorts(node):
            rows = self._defined.get((path, kind, short), [])
            if node.kind == NodeKind.FIELD:
                # Annotations may stand lines before, and are part of the field to the compiler.
                owner = plain(text(node, "class_full_name"))
                near = [row for row in rows if plain(row.target.partition("#")[0]) == owner]
            else:
                near = [row for row in rows if first <= row.line <= last]
            if near:
                return min(near, key=lambda row: abs(anchor - row.line)).target
        return None


def _shorts(node: Node) -> Iterator[str]:
    modifiers = node.properties.get("modifiers")
    if isinstance(modifiers, list) and "constructor" in modifiers:
        yield INIT
    yield text(node, "name").rpartition("$")[2]


def _lines(node: Node) -> tuple[int, int]:
    """From where a definition begins to where its name stands, or to its end where it has none."""
    start, name = node.properties.get("start_line"), node.properties.get("name_line")
    if text(node, "name").startswith("$"):
        name = node.properties.get("end_line")
    return int(str(start or 0)), int(str(name or start or 0))


def _short(target: str) -> str:
    """`name` of `pkg.Outer$Inner#name(types)`, `Inner` or `1` of a class."""
    owner, found, member = target.partition("#")
    if found:
        return member.partition("(")[0]
    return owner.rpartition(".")[2].rpartition("$")[2]
