"""What a model is shown of the code under test: TestBench's three contexts, and the graph's.

TestBench (arXiv 2409.17561) compares the method alone, the signatures and fields of its class, and
the whole file. The graph adds what it can tell and a file cannot: what the target uses elsewhere,
how its parameters are made, and how a test of its neighbours looks here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from agent.edits import bare_lines
from agent.testing.measures import Target
from agent.testing.neighbours import constructors, example_test, parameter_types
from graphdb.queries.members import owners_of
from graphdb.queries.names import symbols_of_file
from graphdb.queries.source import source_of, sources_of
from graphdb.retrieval.packing import CHARACTERS_PER_TOKEN, tokens_of
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphdb.retrieval.retriever import Retriever
    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

_MEMBERS = frozenset({NodeKind.METHOD, NodeKind.FIELD})
_HEADERS = ("package ", "import ", "from ")
_RETRIEVED, _MADE = 0.6, 0.2
"""Shares of the graph context's budget: what is retrieved, how parameters are made; the example
test gets what is left."""


class ContextKind(StrEnum):
    """How much of the code under test is shown."""

    SELF_CONTAINED = "self-contained"
    SIMPLE = "simple"
    FULL = "full"
    GRAPH = "graph"


@dataclass(frozen=True, slots=True)
class Context:
    """A context's text. parts: name -> tokens of what it is made of."""

    kind: ContextKind
    text: str
    parts: tuple[tuple[str, int], ...]

    @property
    def tokens(self) -> int:
        """Of the text."""
        return tokens_of(self.text)


class Contexts:
    """Builds contexts from one graph. read_file: the text of an indexed file, None if it is gone.

    Without `read_file` the graph's own texts are used, which lack imports.
    """

    def __init__(
        self,
        reader: GraphReader,
        retriever: Retriever,
        read_file: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self._reader = reader
        self._retriever = retriever
        self._read_file = read_file

    def of(self, kind: ContextKind, symbol: Symbol, budget: int) -> Context:
        """The context of a method, function or class.

        budget: tokens of the graph context; the others have the size that they have.
        """
        parts = {
            ContextKind.SELF_CONTAINED: self._self_contained,
            ContextKind.SIMPLE: self._simple,
            ContextKind.FULL: self._full,
        }
        build = parts.get(kind)
        found = build(symbol) if build else self._graph(symbol, budget)
        shown = [(name, text) for name, text in found if text.strip()]
        text = "\n\n".join(text for _, text in shown)
        return Context(kind, text, tuple((name, tokens_of(text)) for name, text in shown))

    def _self_contained(self, symbol: Symbol) -> list[tuple[str, str]]:
        return [("target", source_of(self._reader, symbol).code or symbol.signature or "")]

    def _simple(self, symbol: Symbol) -> list[tuple[str, str]]:
        owner = self._owner(symbol)
        header = ("header", "\n".join(self._header(symbol.file_path or "")))
        return [header, ("class", self._outline(owner)), *self._self_contained(symbol)]

    def _full(self, symbol: Symbol) -> list[tuple[str, str]]:
        text = self._read_file(symbol.file_path or "")
        return [("file", text)] if text else self._self_contained(self._owner(symbol))

    def _graph(self, symbol: Symbol, budget: int) -> list[tuple[str, str]]:
        retrieved = self._retriever.context_of(symbol, int(budget * _RETRIEVED)).text
        made = _cut(self._made(symbol), int(budget * _MADE))
        rest = budget - tokens_of(retrieved) - tokens_of(made)
        example = self._example(symbol, rest - 2)
        return [("retrieved", retrieved), ("constructors", made), ("example", example)]

    def _made(self, symbol: Symbol) -> str:
        """How an object of the target's class and each of its parameters is made."""
        owner = self._owner(symbol)
        types = parameter_types(self._reader, symbol, owner)
        classes = [owner, *types] if owner.kind is NodeKind.CLASS else types
        lines: list[str] = []
        for each in classes:
            makers = constructors(self._reader, each)
            lines += [f"{m.signature or m.name}  # {m.location}" for m in makers]
            if not makers:
                lines.append(f"{each.signature or each.name}  # {each.location}")
        return "\n".join(["# how to make what it needs", *lines]) if lines else ""

    def _example(self, symbol: Symbol, budget: int) -> str:
        """A test that is there, with the imports of its file, whole or not at all."""
        test = example_test(self._reader, symbol, self._owner(symbol))
        if test is None or budget <= 0:
            return ""
        code = source_of(self._reader, test).code or ""
        title = f"# a test that is there: {test.location}"
        for header in (self._header(test.file_path or ""), []):
            text = "\n".join([title, *header, "", code] if header else [title, code])
            if tokens_of(text) <= budget:
                return text
        return ""

    def _owner(self, symbol: Symbol) -> Symbol:
        """The class of a member; the symbol itself otherwise."""
        if symbol.kind not in _MEMBERS:
            return symbol
        own = [s for s in owners_of(self._reader, [symbol]) if s.file_path == symbol.file_path]
        return own[0] if own else symbol

    def _outline(self, owner: Symbol) -> str:
        """A class by its signature, fields and signatures of methods; a module's likewise."""
        if owner.kind is not NodeKind.CLASS:
            return ""
        name = owner.full_name + "."
        inside = [
            s
            for s in symbols_of_file(self._reader, owner.file_path or "")
            if s.kind in _MEMBERS and "." not in s.full_name.removeprefix(name)
            if s.full_name.startswith(name)
        ]
        is_java = (owner.file_path or "").endswith(".java")
        codes = {s.symbol.uid: s.code or "" for s in sources_of(self._reader, inside)}
        lines = [f"    {_declaration(s, codes[s.uid], is_java=is_java)}" for s in inside]
        head = owner.signature or owner.name
        return "\n".join([f"{head} {{", *lines, "}"] if is_java else [f"{head}:", *lines])

    def _header(self, path: str) -> list[str]:
        """The package and imports of a file, those of several lines left whole."""
        lines: list[str] = []
        is_open = False
        for line in bare_lines(self._read_file(path) or ""):
            if is_open or line.startswith(_HEADERS):
                lines.append(line.rstrip())
                is_open = (is_open or "(" in line) and ")" not in line
        return lines


def _declaration(symbol: Symbol, code: str, *, is_java: bool) -> str:
    if symbol.kind is NodeKind.FIELD:
        return " ".join(code.split()) or symbol.name
    head = " ".join((symbol.signature or symbol.name).split())
    return f"{head};" if is_java else f"{head}: ..."


def _cut(text: str, budget: int) -> str:
    """The first lines of a text that fit."""
    kept: list[str] = []
    used = 0
    for line in text.splitlines():
        used += len(line) + 1
        if used > budget * CHARACTERS_PER_TOKEN:
            break
        kept.append(line)
    return "\n".join(kept) if len(kept) > 1 else ""


def target_of(symbol: Symbol, owner: Symbol | None = None) -> Target:
    """What the measures are taken of: the class of a method, a function, or a whole module."""
    subject = owner or symbol
    if subject.kind is NodeKind.MODULE:
        return Target(subject.file_path or "", "")
    return Target(subject.file_path or "", qualified_name(subject))


def qualified_name(symbol: Symbol) -> str:
    """The name of a symbol in its file, by its uid (`language:path:name`)."""
    return symbol.uid.split(":", 2)[-1].partition("#")[0]


def path_for_test(symbol: Symbol, tests: Sequence[str] = ()) -> str:
    """Where a new test class of a symbol belongs: beside the repository's other tests.

    tests: paths that are taken already, of which one shows where Python tests are kept.
    """
    path = symbol.file_path or ""
    folder, _, file = path.rpartition("/")
    stem, _, suffix = file.rpartition(".")
    if suffix == "java":
        folder = folder.replace("src/main/java", "src/test/java", 1)
        names = [f"{stem}{end}.java" for end in ("Test", "GeneratedTest")]
    else:
        folders = [test.rpartition("/")[0] for test in tests if test.endswith(".py")]
        folder = max(folders, key=folders.count) if folders else "tests"
        names = [f"test_{stem.strip('_')}{end}.py" for end in ("", "_generated")]
    places = [f"{folder}/{name}" if folder else name for name in names]
    return next((place for place in places if place not in tests), places[-1])
