"""Every place in a Python file where something that may lie outside the function is used.

Names and dotted chains are cut out of the text without strings and comments, all at once; of the
plain names only those count that the file binds for longer than a function's run. The tree is asked
only where the text alone may mislead.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING

from indexer.facts import NONE, BindKind, Definition, ScopeKind, SiteKind
from indexer.languages.python.calls import name_end, name_start
from indexer.languages.python.expressions import MAX_DEPTH

if TYPE_CHECKING:
    from tree_sitter import Node

    from indexer.languages.python.bindings import Bindings
    from indexer.languages.python.calls import Calls
    from indexer.languages.python.expressions import Expressions
    from indexer.languages.python.regions import Regions
    from indexer.languages.python.source import Source

    _Parts = tuple[tuple[bytes, int, int], ...]
    """Of each name of a dotted chain: the chain up to it, its offset, its length."""
    _Word = tuple[bytes, str, _Parts, _Parts]
    """The word between blanks; its first name, "" if that does not last; all names; the others."""

_DOT = ord(".")
_LASTING = frozenset({BindKind.DEFINITION, BindKind.IMPORT})
_NO_WORD = bytes(
    byte if byte >= 0x80 or chr(byte).isalnum() or chr(byte) in "._" else ord(" ")
    for byte in range(256)
)
_CHAIN = re.compile(
    rb"\.?[A-Za-z_\x80-\xff][\w\x80-\xff]*(?:\.[A-Za-z_\x80-\xff][\w\x80-\xff]*)*\.?"
).fullmatch
_SPREAD = re.compile(rb"\.[\s\\]+([A-Za-z_\x80-\xff][\w\x80-\xff]*)")
_EQUALS = re.compile(rb"[\s\\]*=(?!=)").match
_NO_READS = frozenset({"keyword_argument", "keyword_pattern"})


class Sites:
    """Reads attribute and name uses, decorators, bases, imports; `rows` has the calls already."""

    def __init__(
        self,
        source: Source,
        regions: Regions,
        exprs: Expressions,
        bindings: Bindings,
        calls: Calls,
    ) -> None:
        self.rows = calls.rows
        self._source = source
        self._regions = regions
        self._exprs = exprs
        self._definitions = bindings.definitions
        self._bindings = bindings
        self._names = bindings.names
        self._writes = bindings.names.writes
        self._ends = calls.ends
        self._used = bindings.names.used | calls.names
        self._lasting: set[str] = set()
        self._bound: dict[int, dict[str, bool]] = {}
        self._lasts: dict[tuple[int, str], bool] = {}
        self._outside = bool(bindings.imports.stars)

    def read(self, root: Node) -> None:
        """Read all uses of a file; call it once the bindings are known."""
        self._bind_names()
        self._heads()
        self._words(root)
        for scope, value, start, end in self._bindings.protocols:
            self._add(SiteKind.OPERATOR, scope, value, start, end)
        for scope, value, node in self._bindings.imports.sites:
            self._add(SiteKind.IMPORT, scope, value, node.start_byte, node.end_byte)

    def _add(self, kind: int, scope: int, value: int, start: int, end: int) -> None:
        line, column = self._source.position(start)
        # What is imported may be written on several lines.
        length = min(end, self._source.line_starts[line] - 1) - start
        self.rows.extend((kind, scope, value, line, column, length))

    def _bind_names(self) -> None:
        """Find the names bound for long anywhere in the file, and who else binds them."""
        kinds: list[bool] = [region.kind <= ScopeKind.CLASS for region in self._regions.regions]
        rows = self._names.rows
        self._lasting = {row[1] for row in rows if kinds[row[0]] or row[2] in _LASTING}
        self._lasting.update(*self._names.globals.values())
        lasting, bound = self._lasting, self._bound
        for row in rows:
            name: str = row[1]
            if name in lasting or self._outside:
                scope: int = row[0]
                names = bound.setdefault(scope, {})
                lasts = (kinds[scope] or row[2] in _LASTING) and row[2] != BindKind.PARAMETER
                names[name] = names.get(name, False) or lasts
        for definition in self._definitions:
            for parameter in definition.parameters:
                if parameter[0] in lasting or self._outside:
                    bound.setdefault(definition.body, {}).setdefault(parameter[0], False)

    def _is_lasting(self, scope: int, name: str) -> bool:
        """True when the name may denote something that outlives the function it is used in."""
        known = self._lasts.get((scope, name))
        if known is None:
            known = self._lasts[scope, name] = self._look_up(scope, name)
        return known

    def _look_up(self, scope: int, name: str) -> bool:
        regions, names = self._regions.regions, self._names
        first = True
        while scope >= 0:
            region = regions[scope]
            if names.globals and names.is_global(scope, name):
                return True
            kinds = self._bound.get(scope)
            if kinds and name in kinds and (first or region.kind != ScopeKind.CLASS):
                return kinds[name]
            first = False
            scope = region.parent
        return self._outside

    def _heads(self) -> None:
        """Decorators and bases; the names of definitions and parameters are no uses."""
        regions, used, lasting = self._regions, self._used, self._lasting
        for number, node in enumerate(regions.nodes):
            definition = self._definitions[number]
            if definition.decorators:
                self._decorators(regions.decorated[node.start_byte], definition)
            name = node.child_by_field_name("name")
            if name is not None:
                used.add(name.start_byte)
            if definition.bases:
                self._bases(node.child_by_field_name("superclasses"), number)
            if self._outside or any(row[0] in lasting for row in definition.parameters):
                self._use_parameters(node.child_by_field_name("parameters"))

    def _decorators(self, outer: Node, definition: Definition) -> None:
        nodes = [d for d in outer.named_children if d.type == "decorator" and d.named_children]
        for node, value in zip(nodes, definition.decorators, strict=True):
            self._head(SiteKind.DECORATOR, definition.body, value, node.named_children[0])

    def _bases(self, bases: Node | None, number: int) -> None:
        definition = self._definitions[number]
        inside = definition.body if number in self._regions.type_parameters else definition.scope
        for base in bases.named_children if bases is not None else []:
            inner = base.child_by_field_name("value") if base.type == "subscript" else base
            if inner is not None and inner.type in {"identifier", "attribute"}:
                value = self._exprs.of(inner, inside)
                self._head(SiteKind.BASE, definition.body, value, inner)

    def _head(self, kind: int, scope: int, value: int, node: Node) -> None:
        end = name_end(node)
        start = name_start(self._source.text, end)
        if start == end or value == NONE:
            return
        self._add(kind, scope, value, start, end)
        self._ends.add(end)
        if node.type == "identifier" or start == node.start_byte:
            self._used.add(start)

    def _use_parameters(self, node: Node | None) -> None:
        for child in node.named_children if node is not None else []:
            inner = child
            while inner.type != "identifier" and inner.named_children:
                inner = inner.named_children[0]
            self._used.add(inner.start_byte)

    def _words(self, root: Node) -> None:
        """Uses of attributes, and of names that outlive a function's run."""
        code = bytes(self._source.code)
        spread = {match.start(1): match.group(1) for match in _SPREAD.finditer(code)}
        for start, word in spread.items():
            self._loose(root, start, word)
        check = _Check(root, code, self._outside or root.has_error or bool(spread))
        chain = self._exprs.chain
        used, span_at, lines = self._used, self._regions.span_at, self._source.line_starts
        scope = until = line_start = line_end = line = 0
        spaced = b" %b " % code.translate(_NO_WORD)
        words = spaced.split()
        start = 0
        ends, write, extend = self._ends, self._writes.get, self.rows.extend
        for word, head, names, parts in filter(None, map(self._wanted(words).get, words)):
            # Every word stands between blanks, so that the next one like it is the one meant.
            start = spaced.index(word, start)
            if start >= until:
                scope, _, until = span_at(start)
            if start >= line_end:
                line = bisect_right(lines, start, line)
                line_start, line_end = lines[line - 1], lines[line]
            if word[1] == _DOT:
                self._loose(root, start, word[1:-1])
            elif (
                head
                and start not in used
                and self._is_lasting(scope, head)
                and check.is_read(start, start + len(head.encode()))
            ):
                parts = names
            for text, offset, length in parts:
                end = start + offset + length
                if end not in ends:
                    value = chain(text, scope, start)
                    column = start + offset - line_start
                    extend((write(end, SiteKind.READ), scope, value, line, column, length))
            start += len(word) - 2

    def _wanted(self, words: list[bytes]) -> dict[bytes, _Word]:
        """The words and dotted chains that may make a site."""
        known = set(words)
        wanted = {word for word in known if b"." in word and _CHAIN(word)}
        wanted |= known if self._outside else known.intersection(map(str.encode, self._lasting))
        return {word: self._word(word) for word in wanted}

    def _word(self, word: bytes) -> _Word:
        names = word.rstrip(b".").split(b".")[: MAX_DEPTH + 1]
        start = 0
        parts: list[tuple[bytes, int, int]] = []
        for name in names:
            parts.append((word[: start + len(name)], start, len(name)))
            start += len(name) + 1
        head = names[0].decode()
        lasts = head in self._lasting or self._outside
        # What follows a dot is told by the tree alone.
        attributes = () if word[0] == _DOT else tuple(parts[1:])
        return b" %b " % word, (head if lasts else ""), tuple(parts), attributes

    def _loose(self, root: Node, start: int, word: bytes) -> None:
        """Attributes of what is no name, or past a line's end."""
        for name in word.split(b"."):
            end = start + len(name)
            if name and end not in self._ends:
                self._loose_part(root, start, end)
            start = end + 1

    def _loose_part(self, root: Node, start: int, end: int) -> None:
        node = root.descendant_for_byte_range(start, end)
        parent = node.parent if node is not None else None
        if parent is None or parent.type != "attribute" or parent.end_byte != end:
            return
        scope = self._regions.scope_at(start)
        if (
            end not in self._ends
            and self._exprs.maybe(parent.child_by_field_name("object"), scope) != NONE
        ):
            self._ends.add(end)
            kind = self._writes.get(end, SiteKind.READ)
            self._add(kind, scope, self._exprs.of(parent, scope), start, end)


class _Check:
    """Tells a read of a name from what only looks like one.

    The tree is asked where the text may mislead: everywhere if `careful`.
    """

    def __init__(self, root: Node, code: bytes, careful: bool) -> None:
        self._root = root
        self._code = code
        self._careful = careful

    def is_read(self, start: int, end: int) -> bool:
        """False for keywords, and for the name of a keyword argument."""
        if not self._careful and not _EQUALS(self._code, end):
            return True
        node = self._root.descendant_for_byte_range(start, end)
        # A quoted annotation is code to us and a string to the tree.
        if node is None or node.type not in {"identifier", "string_content"}:
            return False
        parent = node.parent
        if parent is None:
            return True
        if parent.type == "attribute":
            return parent.start_byte == start
        return parent.type not in _NO_READS or parent.start_byte != start
