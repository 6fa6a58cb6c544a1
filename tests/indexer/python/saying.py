"""What extraction says about each line of a Python file, in the words of the annotated fixtures.

class C | def C.m | def f#2         a definition, at the line of its name
field C.x | global x | local x      a binding; also of an attribute of `self`
binds x                             a name that an import binds
call a.b | read a.b | write a.b | readwrite a.b | decorator a.b | base a.b | import m:n
                                    a use; of a call what is called
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from indexer.facts import (
    NONE,
    Binding,
    BindKind,
    Definition,
    FileFacts,
    Op,
    ScopeKind,
    Site,
    SiteKind,
    decode_facts,
    decode_sites,
    encode_facts,
    encode_sites,
)
from indexer.languages.python.extract import extract

if TYPE_CHECKING:
    from collections.abc import Callable

USES = {
    SiteKind.CALL: "call",
    SiteKind.READ: "read",
    SiteKind.WRITE: "write",
    SiteKind.READ_WRITE: "readwrite",
    SiteKind.DECORATOR: "decorator",
    SiteKind.BASE: "base",
    SiteKind.IMPORT: "import",
    SiteKind.OPERATOR: "enter",
}
_ANNOTATION = re.compile(r"^(?P<code>.*?)#: *(?P<said>.*)$")


def facts_of(source: str | bytes) -> FileFacts:
    """Facts as another process gets them."""
    text = source if isinstance(source, bytes) else source.encode()
    return decode_facts(encode_facts(extract("x.py", text).facts))


def sites_of(source: str | bytes) -> list[Site]:
    """Sites as another process gets them, in the order of the text."""
    text = source if isinstance(source, bytes) else source.encode()
    sites = decode_sites(encode_sites(extract("x.py", text).sites))
    return sorted(sites, key=lambda site: (site.line, site.column, site.kind))


def definitions_of(source: str | bytes) -> dict[str, Definition]:
    """Definitions by their qualified names; of several with one name the last."""
    return {definition.qualified_name: definition for definition in facts_of(source).definitions}


def render(facts: FileFacts, expr: int) -> str:
    """An expression in short."""
    if expr == NONE:
        return "?"
    row = facts.exprs[expr]

    def many(indices: tuple[int, ...]) -> str:
        return ", ".join(render(facts, index) for index in indices)

    renderers: dict[int, Callable[..., str]] = {
        Op.NAME: lambda _scope, name, *_told: name,
        Op.ATTR: lambda x, name: f"{render(facts, x)}.{name}",
        Op.CALL: lambda f, args, kwargs: render_call(facts, f, args, kwargs),
        Op.CONST: lambda *words: f"<{' '.join(words)}>",
        Op.LIST: lambda name, items: f"{name}[{many(items)}]",
        Op.DICT: lambda keys, values: f"dict[{many(keys)}: {many(values)}]",
        Op.ITEM: lambda x, index: f"{render(facts, x)}[{render(facts, index)}]",
        Op.UNION: lambda items: " | ".join(render(facts, item) for item in items),
        Op.LAMBDA: lambda _scope, body: f"lambda: {render(facts, body)}",
        Op.AWAIT: lambda x: f"await {render(facts, x)}",
        Op.ITER: lambda x: f"iter {render(facts, x)}",
        Op.ENTER: lambda x: f"enter {render(facts, x)}",
        Op.UNPACK: lambda x, position: f"{render(facts, x)}#{position}",
        Op.INSTANCE: lambda x: f"instance {render(facts, x)}",
        Op.IMPORT: lambda level, module: "." * level + module,
        Op.IMPORT_FROM: lambda level, module, name: "." * level + f"{module}:{name}",
        Op.OPERATOR: lambda name, left, right: f"{name}({many((left, right))})",
    }
    return renderers[row[0]](*row[1:])


def render_call(
    facts: FileFacts, function: int, args: tuple[int, ...], kwargs: tuple[tuple[str, int], ...]
) -> str:
    """A call with its arguments."""
    named = [f"{name}={render(facts, value)}" for name, value in kwargs]
    return f"{render(facts, function)}({', '.join([*(render(facts, a) for a in args), *named])})"


PROTOCOLS = b"#check: protocols"
"""In a source: uses of protocols other than `with` are asked for too."""


def _protocol(facts: FileFacts, row: tuple[Any, ...]) -> str:
    if row[0] == Op.OPERATOR:
        return f"{row[1]} {render(facts, row[2])}"
    words = {Op.ENTER: "enter", Op.ITER: "iterate", Op.INSTANCE: "raise"}
    return f"{words[row[0]]} {render(facts, row[1])}"


def said(source: bytes) -> dict[int, list[str]]:
    """What extraction says, by line."""
    facts = facts_of(source)
    lines: defaultdict[int, list[str]] = defaultdict(list)
    for definition in facts.definitions:
        ordinal = f"#{definition.ordinal}" if definition.ordinal > 1 else ""
        kind = "class" if definition.is_class else "def"
        lines[definition.name_line].append(f"{kind} {definition.qualified_name}{ordinal}")
    for binding in (*facts.bindings, *facts.attributes):
        if binding.kind != BindKind.DEFINITION:
            lines[binding.line].append(_bound(facts, binding))
    for site in sites_of(source):
        row: tuple[Any, ...] = facts.exprs[site.expr]
        if site.kind == SiteKind.OPERATOR:
            if row[0] == Op.ENTER or PROTOCOLS in source:
                lines[site.line].append(_protocol(facts, row))
            continue
        expr = row[1] if site.kind == SiteKind.CALL else site.expr
        lines[site.line].append(f"{USES[site.kind]} {render(facts, expr)}")
    return {line: sorted(things) for line, things in lines.items()}


def _bound(facts: FileFacts, binding: Binding) -> str:
    if binding.kind == BindKind.IMPORT:
        return f"binds {binding.name}"
    scope = facts.scopes[binding.scope]
    if scope.kind == ScopeKind.MODULE:
        return f"global {binding.name}"
    if scope.kind == ScopeKind.CLASS:
        return f"field {facts.definitions[scope.definition].qualified_name}.{binding.name}"
    return f"local {binding.name}"


def expected(source: str) -> dict[int, list[str]]:
    """What a fixture says of its lines; an annotation on its own line is about the next code."""
    lines: defaultdict[int, list[str]] = defaultdict(list)
    waiting: list[str] = []
    for number, line in enumerate(source.split("\n"), 1):
        match = _ANNOTATION.match(line)
        things = [thing.strip() for thing in match["said"].split(",")] if match else []
        if match and not match["code"].strip():
            waiting += things
            continue
        if waiting or things:
            lines[number] += [*waiting, *things]
            waiting = []
    return {line: sorted(thing for thing in things if thing) for line, things in lines.items()}
