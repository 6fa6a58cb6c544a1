"""What extraction says about each line of a Java file, in the words of the annotated fixtures.

class C | def C.m | def C.m#2 | field C.x | binds x    what is declared, at the line of its name
call a.b | new C | ref a::b | read a.b | write a.b | readwrite a.b | type C | base C | implements C
decorator C | import p.C | import p.C:m                a use
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from indexer.facts import (
    NONE,
    BindKind,
    FileFacts,
    Op,
    Site,
    SiteKind,
    decode_facts,
    decode_sites,
    encode_facts,
    encode_sites,
)
from indexer.languages.java.extract import extract

if TYPE_CHECKING:
    from collections.abc import Callable

USES = {
    SiteKind.READ: "read",
    SiteKind.WRITE: "write",
    SiteKind.READ_WRITE: "readwrite",
    SiteKind.DECORATOR: "decorator",
    SiteKind.BASE: "base",
    SiteKind.IMPLEMENTS: "implements",
    SiteKind.IMPORT: "import",
    SiteKind.TYPE: "type",
}
_CALLS = {Op.CALL: "call", Op.NEW: "new", Op.METHOD_REF: "ref"}
_ANNOTATION = re.compile(r"^(?P<code>.*?)//: *(?P<said>.*)$")


def facts_of(source: str | bytes, path: str = "X.java") -> FileFacts:
    """Facts as another process gets them."""
    text = source if isinstance(source, bytes) else source.encode()
    return decode_facts(encode_facts(extract(path, text).facts))


def sites_of(source: str | bytes) -> list[Site]:
    """Sites as another process gets them, in the order of the text."""
    text = source if isinstance(source, bytes) else source.encode()
    sites = decode_sites(encode_sites(extract("X.java", text).sites))
    return sorted(sites, key=lambda site: (site.line, site.column, site.kind))


def render(facts: FileFacts, expr: int) -> str:
    """An expression in short."""
    if expr == NONE:
        return "?"
    row = facts.exprs[expr]

    def show(number: int) -> str:
        return render(facts, number)

    def many(numbers: tuple[int, ...]) -> str:
        return ", ".join(map(show, numbers))

    renderers: dict[int, Callable[[], str]] = {
        Op.NAME: lambda: row[2],
        Op.ATTR: lambda: f"{show(row[1])}.{row[2]}",
        Op.CALL: lambda: f"{show(row[1])}({many(row[2])})",
        Op.NEW: lambda: f"{show(row[1])}({many(row[2])})",
        Op.METHOD_REF: lambda: f"{show(row[1])}::{row[2]}",
        Op.CONST: lambda: f"<{row[1]}>",
        Op.LIST: lambda: many(row[2]),
        Op.ITEM: lambda: f"{show(row[1])}[{show(row[2])}]",
        Op.UNION: lambda: " | ".join(map(show, row[1])),
        Op.OPERATOR: lambda: f"({show(row[2])} {row[1]} {show(row[3])})",
        Op.LOCAL: lambda: row[1],
        Op.ARGUMENT: lambda: f"lambda{row[1]}#{row[2]}",
        Op.ARROW: lambda: "lambda",
        Op.CAST: lambda: f"({show(row[1])}) {show(row[2])}",
        Op.ARRAY: lambda: f"{show(row[1])}[]",
        Op.WILDCARD: lambda: f"? {row[1]} {show(row[2])}",
        Op.ITER: lambda: f"each {show(row[1])}",
        Op.IMPORT: lambda: row[2],
        Op.IMPORT_FROM: lambda: f"{row[2]}:{row[3]}",
    }
    return renderers[row[0]]()


def said(source: bytes) -> dict[int, list[str]]:
    """What extraction says, by line."""
    facts = facts_of(source)
    lines: defaultdict[int, list[str]] = defaultdict(list)
    for definition in facts.definitions:
        ordinal = f"#{definition.ordinal}" if definition.ordinal > 1 else ""
        kind = "class" if definition.is_class else "def"
        lines[definition.name_line].append(f"{kind} {definition.qualified_name}{ordinal}")
    for binding in facts.bindings:
        if binding.kind == BindKind.IMPORT:
            lines[binding.line].append(f"binds {binding.name}")
        else:
            owner = facts.definitions[facts.scopes[binding.scope].definition]
            lines[binding.line].append(f"field {owner.qualified_name}.{binding.name}")
    for site in sites_of(source):
        row = facts.exprs[site.expr]
        if site.kind == SiteKind.CALL:
            shown = site.expr if row[0] == Op.METHOD_REF else row[1]
            lines[site.line].append(f"{_CALLS[row[0]]} {render(facts, shown)}")
        else:
            lines[site.line].append(f"{USES[site.kind]} {render(facts, site.expr)}")
    return {line: sorted(things) for line, things in lines.items()}


def expected(source: str) -> dict[int, list[str]]:
    """What a fixture says of its lines; an annotation on its own line is about the next code."""
    lines: defaultdict[int, list[str]] = defaultdict(list)
    waiting: list[str] = []
    for number, line in enumerate(source.split("\n"), 1):
        match = _ANNOTATION.match(line)
        things = [thing.strip() for thing in match["said"].split(";")] if match else []
        if match and not match["code"].strip():
            waiting += things
            continue
        if waiting or things:
            lines[number] += [*waiting, *things]
            waiting = []
    return {line: sorted(thing for thing in things if thing) for line, things in lines.items()}
