"""What a bare name denotes where the graph has no mention: a local variable, or what was imported.

Locals are no symbols of the graph, and a module whose member is used is mentioned only where it is
imported. Both follow from the names that a file binds, scope by scope.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphdb.queries.mentions import mentions_at
from graphdb.schema import EdgeKind, Site
from indexer.facts import NONE, BindKind, ScopeKind
from lsp.text import byte_of, index_of_byte

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphdb.queries.mentions import FileContent
    from graphdb.symbols import Symbol
    from indexer.facts import Binding, Definition, FileFacts

_NAME = re.compile(r"[^\W\d]\w*")
_UNNAMED = (ScopeKind.LAMBDA, ScopeKind.COMPREHENSION)


@dataclass(frozen=True, slots=True)
class Denoted:
    """What a name stands for: symbols, or the place where a local variable is bound first."""

    symbols: tuple[Symbol, ...] = ()
    local: Site | None = None


def denoted(
    facts: FileFacts, content: FileContent, lines: Sequence[str], line: int, column: int
) -> Denoted:
    """What the name at a position (1-based line, byte column) stands for, if that is known."""
    if not 0 < line <= len(lines):
        return Denoted()
    text = lines[line - 1]
    name = _name_at(text, index_of_byte(text, column))
    if name is None:
        return Denoted()
    binding, depth = _binding(facts, lines, line, name)
    parameter = _parameter(facts, lines, line, name, depth)
    if parameter is not None:
        return Denoted(local=parameter)
    if binding is not None and binding.kind != BindKind.IMPORT:
        return Denoted(local=Site(binding.line, binding.column, len(name.encode())))
    imports = [binding] if binding else _top_level_imports(facts, name)
    found = [s for each in imports for s in _imported(content, lines, each)]
    return Denoted(tuple({symbol.uid: symbol for symbol in found}.values()))


def _name_at(text: str, index: int) -> str | None:
    """The name at an index of a line; None for one that is a member of something."""
    for match in _NAME.finditer(text):
        if match.start() <= index <= match.end():
            return None if text[: match.start()].rstrip().endswith(".") else match[0]
    return None


def _parameter(
    facts: FileFacts, lines: Sequence[str], line: int, name: str, below: int
) -> Site | None:
    """Where the innermost function around a line has a parameter of a name.

    below: how deep a scope is that binds the name otherwise; a function within it wins.
    """
    for owner in sorted(facts.definitions, key=lambda d: -_depth(facts, d.body)):
        is_around = owner.start_line <= line <= owner.end_line
        if not is_around or _depth(facts, owner.body) < below:
            continue
        if any(parameter.name == name for parameter in owner.parameters):
            return _behind(lines, owner, name)
    return None


def _behind(lines: Sequence[str], owner: Definition, name: str) -> Site | None:
    """The first place of a name behind that of a definition: parameters follow it."""
    for number in range(owner.name_line, min(owner.end_line, len(lines)) + 1):
        text, start = lines[number - 1], 0
        if number == owner.name_line:
            start = index_of_byte(text, owner.name_column + len(owner.name.encode()))
        for match in _NAME.finditer(text, start):
            if match[0] == name:
                return Site(number, byte_of(text, match.start()), len(name.encode()))
    return None


def _binding(
    facts: FileFacts, lines: Sequence[str], line: int, name: str
) -> tuple[Binding | None, int]:
    """The first binding of a name in the innermost function around a line, and its depth."""
    found: dict[int, Binding] = {}
    named = [binding for binding in facts.bindings if binding.name == name]
    start = sum(byte_of(text, len(text)) for text in lines[: line - 1]) if named else 0
    span = (start, start + byte_of(lines[line - 1], len(lines[line - 1])))
    for binding in named:
        if not _is_around(facts, binding, line, span):
            continue
        known = found.get(binding.scope)
        if known is None or (binding.line, binding.column) < (known.line, known.column):
            found[binding.scope] = binding
    innermost = max(found, key=lambda scope: _depth(facts, scope), default=None)
    return (found[innermost], _depth(facts, innermost)) if innermost is not None else (None, 0)


def _is_around(facts: FileFacts, binding: Binding, line: int, span: tuple[int, int]) -> bool:
    """True when a line lies in the function, lambda or comprehension that has a binding."""
    scope = facts.scopes[binding.scope]
    if scope.kind in _UNNAMED:
        return binding.start < span[1] and span[0] <= binding.end
    if scope.kind != ScopeKind.FUNCTION or scope.definition == NONE:
        return False
    owner = facts.definitions[scope.definition]
    return owner.start_line <= line <= owner.end_line


def _depth(facts: FileFacts, scope: int) -> int:
    depth = 0
    while scope > 0:
        scope, depth = facts.scopes[scope].parent, depth + 1
    return depth


def _top_level_imports(facts: FileFacts, name: str) -> list[Binding]:
    return [
        binding
        for binding in facts.bindings
        if binding.name == name
        and binding.kind == BindKind.IMPORT
        and facts.scopes[binding.scope].kind == ScopeKind.MODULE
    ]


def _imported(content: FileContent, lines: Sequence[str], binding: Binding) -> list[Symbol]:
    """What an import binds: what it mentions last before the name that it gives."""
    before = [
        mention.site
        for mention in content.mentions
        if mention.edge == EdgeKind.IMPORTS
        and mention.site.line == binding.line
        and mention.site.column <= binding.column
    ]
    if not before:
        return []
    site = max(before)
    text = lines[site.line - 1].encode("utf-8", "replace")[site.column :][: site.length]
    if site.column == binding.column and text.decode() != binding.name:
        return []  # the first part of a dotted name, which is the package around what is mentioned
    return [mention.target for mention in mentions_at(content, site.line, site.column)]
