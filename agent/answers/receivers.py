"""What expressions before a dot or a bracket denote, by declarations and the graph alone.

A name is looked up where the language would look: parameters and variables that say their type,
then the file, then its imports. What is not said is not guessed.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from agent.answers.signatures import java_signature, python_signature
from agent.edits import bare_lines
from graphdb.queries.implementing import constructors
from graphdb.queries.members import members_of, parameters
from graphdb.queries.names import candidates, innermost, symbols_of_file
from graphdb.queries.rows import Follow, fetch_symbols, step
from graphdb.queries.traits import traits_of
from graphdb.schema import EdgeKind, NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.answers.ground import Ground
    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

_RECEIVERS = ("self", "cls", "this")
_OWNERS = (NodeKind.CLASS, NodeKind.MODULE, NodeKind.EXTERNAL)
_CALLABLE = (NodeKind.FUNCTION, NodeKind.METHOD)
_PART = re.compile(r"(?P<name>[A-Za-z_$][\w$]*)(?P<call>\([^()]*\))?")
_LOCAL = re.compile(
    r"^[ \t]*(?:(?:for|with|async|final)\s+)*(?:(?P<type>[A-Z][\w.]*)(?:<[^=;]*>)?(?:\[\])?\s+)?"
    r"(?P<name>[A-Za-z_]\w*)(?:\s*:\s*(?P<annotation>[^=\n]+?))?\s*"
    r"(?:=(?!=)\s*(?P<value>[^\n]*)|\bin\b)",
    re.MULTILINE,
)
_BOUND = re.compile(r"\bfor\s+(?P<names>[\w\s,()]+?)\s+in\b")
_MADE = re.compile(r"^(?:await\s+)?(?:new\s+)?(?P<chain>[A-Za-z_][\w.]*)(?:<[^()]*>)?\(")
_TYPE = re.compile(r"[A-Za-z_][\w.]*")
_WRAPPERS = frozenset({"Optional", "Union", "None", "Final", "Annotated", "ClassVar"})


class Scope:
    """What names mean at one place of a file. before: the text up to it."""

    def __init__(self, ground: Ground, path: str, line: int, before: str) -> None:
        self.reader: GraphReader = ground.reader
        self._path = path
        self._line = line
        self._before = before
        self._analyst = ground.analyst
        self._text = ground.read_file(path) or ""

    @cached_property
    def _in_file(self) -> list[Symbol]:
        """The definitions of the file: as it is now, where an analyst can read it."""
        if self._analyst is None:
            return symbols_of_file(self.reader, self._path)
        modules = fetch_symbols(
            self.reader, "n.file_path = $path", {"path": self._path}, (NodeKind.MODULE,)
        )
        found = self._analyst.analyse(self._path, self._text).symbols
        return [*modules, *(s for s in found if s.kind is not NodeKind.MODULE)]

    @cached_property
    def _around(self) -> list[Symbol]:
        """The definitions around the place, innermost first."""
        found = [
            s
            for s in self._in_file
            if s.kind in (NodeKind.CLASS, *_CALLABLE)
            and (s.start_line or 0) <= self._line <= (s.end_line or 0)
        ]
        if not found and (last := innermost(self._in_file, max(1, self._line - 1))):
            # Text that was added behind a definition belongs to it, as far as is known.
            found = [last] if last.kind in (NodeKind.CLASS, *_CALLABLE) else []
        return sorted(found, key=lambda s: -(s.start_line or 0))

    @cached_property
    def _class(self) -> Symbol | None:
        return next((s for s in self._around if s.kind is NodeKind.CLASS), None)

    def names(self) -> list[Symbol]:
        """The file's top level, its imports, and in Java the members of the class."""
        modules = [s for s in self._in_file if s.kind is NodeKind.MODULE]
        found = members_of(self.reader, modules)
        follow = Follow((EdgeKind.IMPORTS,), incoming=False)
        imported = (row.symbol for row in step(self.reader, modules, follow))
        found += [symbol for symbol in imported if self._is_bound(symbol)]
        if self._path.endswith(".java") and self._class is not None:
            found += members_of(self.reader, [self._class])
        return list({symbol.uid: symbol for symbol in found}.values())

    def _is_bound(self, symbol: Symbol) -> bool:
        """Whether an import makes a name; that of a name in a module makes none of the module."""
        if symbol.kind is not NodeKind.MODULE:
            return True
        head, _, last = symbol.full_name.rpartition(".")
        whole, owner, name = map(re.escape, (symbol.full_name, head, last))
        pattern = rf"^\s*(?:import\s+(?:.*,\s*)?{whole}|from\s+{owner}\s+import\b.*\b{name})\b"
        return bool(re.search(pattern, self._before, re.MULTILINE))

    def local_names(self) -> list[str]:
        """Parameters and variables of the function around, nearest first."""
        return list(dict.fromkeys([*self._locals, *self._parameters]))

    @cached_property
    def _parameters(self) -> dict[str, str]:
        """Parameters of the functions around -> their types."""
        found: dict[str, str] = {}
        for symbol in (s for s in self._around if s.kind in _CALLABLE):
            read = java_signature if self._path.endswith(".java") else python_signature
            signature = read(symbol.signature or "")
            for parameter in signature.parameters if signature else ():
                found.setdefault(parameter.name, parameter.type)
        return found

    @cached_property
    def _locals(self) -> dict[str, str]:
        """Variables that the function around sets above -> what says their type."""
        first = next((s.start_line or 1 for s in self._around if s.kind in _CALLABLE), self._line)
        text = "\n".join(bare_lines(self._before)[first - 1 : self._line - 1])
        found: dict[str, str] = {}
        for match in _LOCAL.finditer(text):
            written = match["annotation"] or match["type"] or ""
            made = _MADE.match(match["value"] or "")
            found[match["name"]] = written or (f"{made['chain']}()" if made else "")
        bound = (word for match in _BOUND.finditer(text) for word in _TYPE.findall(match["names"]))
        # A name that a loop or a with gives has a type that nothing here says.
        found |= {word: "" for word in bound if word not in found}
        return dict(reversed(found.items()))

    def owners(self, chain: str) -> list[Symbol]:
        """Classes or modules whose members a chain such as `a.b().c` has; none if unknown."""
        parts = list(_PART.finditer(chain))
        if not parts or "".join(m[0] for m in parts) != chain.replace(".", ""):
            return []
        found = self._first(parts[0]["name"], is_call=bool(parts[0]["call"]))
        for part in parts[1:]:
            inside = [s for s in members_of(self.reader, found) if s.name == part["name"]]
            found = self._values(inside, is_call=bool(part["call"]))
        return [s for s in found if s.kind in _OWNERS]

    def callables(self, chain: str) -> list[Symbol]:
        """What a chain calls; of a class, its constructors."""
        head, _, last = chain.rpartition(".")
        if head:
            found = [s for s in members_of(self.reader, self.owners(head)) if s.name == last]
        else:
            found = self._named(last)
            if self._path.endswith(".java") and self._class is not None:
                inside = members_of(self.reader, [self._class])
                found = [s for s in inside if s.name == last] or found
        made = [m for s in found if s.kind is NodeKind.CLASS for m in constructors(self.reader, s)]
        return made or [s for s in found if s.kind in _CALLABLE]

    def parameters_of(self, callee: Symbol) -> list[str]:
        """The parameters that a caller writes."""
        found = parameters(callee.signature or "")
        return found[1:] if found and found[0] in _RECEIVERS else found

    def _first(self, name: str, *, is_call: bool) -> list[Symbol]:
        if name in _RECEIVERS and self._class is not None:
            return [self._class]
        for known in (self._locals, self._parameters):
            if name in known:
                return self._of_text(known[name], name)
        return self._values(self._named(name), is_call=is_call)

    def _of_text(self, text: str, name: str) -> list[Symbol]:
        """What a type, or a call that gives a value, denotes."""
        if text.endswith("()") and text != f"{name}()":
            return self.owners(text)
        words = (word for word in _TYPE.findall(text) if word not in _WRAPPERS)
        for word in words:
            head, _, last = word.rpartition(".")
            found = self._named(last) if not head else candidates(self.reader, word)
            classes = [s for s in found if s.kind is NodeKind.CLASS]
            if classes:
                return classes[:1]
        return []

    def _named(self, name: str) -> list[Symbol]:
        """What a name means in this file; a class of its package in Java."""
        found = [s for s in self.names() if s.name.rpartition(".")[2] == name]
        inside = [s for s in found if s.kind is not NodeKind.EXTERNAL]
        if not found and self._path.endswith(".java"):
            folder = self._path.rpartition("/")[0]
            near = candidates(self.reader, name, (NodeKind.CLASS,))
            inside = [s for s in near if (s.file_path or "").rpartition("/")[0] == folder]
        return inside or found

    def _values(self, symbols: Iterable[Symbol], *, is_call: bool) -> list[Symbol]:
        """What the members of things are looked up in: a value's class, a call's result."""
        found: dict[str, Symbol] = {}
        for symbol in symbols:
            if symbol.kind in (NodeKind.CLASS, NodeKind.MODULE, NodeKind.EXTERNAL):
                found[symbol.uid] = symbol
                continue
            is_function = symbol.kind in _CALLABLE
            edge = EdgeKind.RETURNS_TYPE if is_function else EdgeKind.HAS_TYPE
            if is_function and not is_call and not self._is_property(symbol):
                continue
            rows = step(self.reader, [symbol], Follow((edge,), incoming=False))
            found |= {row.symbol.uid: row.symbol for row in rows}
        return list(found.values())

    def _is_property(self, symbol: Symbol) -> bool:
        decorators = traits_of(self.reader, [symbol])[symbol.uid].decorators
        return any("property" in name for name in decorators)
