"""Java methods of the graph under the names of a truth: class, member, erased parameter types.

The graph keeps types as they are written, a truth as they are erased, so simple names are compared
and a type variable fits anything; among overloads the one that fits best is meant.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.accuracy.calls import CALLABLE
from benchmarks.accuracy.graph import text
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from benchmarks.accuracy.graph import LinkedGraph
    from graphdb.delta import Node

INIT = "<init>"
_MODIFIER = re.compile(r"^(?:final\s+|@[\w.]+(?:\([^)]*\))?\s*)+")
_VARIABLE = re.compile(r"^[A-Z][A-Z0-9]?$")


class Method(NamedTuple):
    """A method by its class, its name (`<init>` for constructors) and simple parameter types.

    types: None for a compact constructor, which does not repeat the record's.
    """

    owner: str
    name: str
    types: tuple[str, ...] | None


def parse(name: str, separator: str) -> Method | None:
    """`pkg.Outer$Inner:name(types)`, or with `#` for the colon; None for what is no method."""
    owner, found, member = name.partition(separator)
    short, opened, types = member.partition("(")
    if not found or not opened:
        return None
    return Method(plain(owner), short, tuple(map(_simple, _split(types.rstrip(")")))))


def plain(name: str) -> str:
    """A class's name with dots throughout: binary names and qualified ones become the same."""
    return re.sub(r"\.+", ".", name.replace("$", "."))


def _split(types: str) -> list[str]:
    """The parts of a parameter list, commas within brackets left alone."""
    parts: list[str] = []
    depth = 0
    part = ""
    for character in types:
        depth += (character in "<([") - (character in ">)]")
        if character == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += character
    return [each.strip() for each in (*parts, part) if each.strip()]


def _simple(written: str) -> str:
    """`Map[]` of `java.util.Map<K, V>...`."""
    erased = written.replace("...", "[]")
    while "<" in erased:
        shorter = re.sub(r"<[^<>]*>", "", erased)
        if shorter == erased:
            break
        erased = shorter
    dimensions = erased.count("[")
    name = re.sub(r"@\w+\s*", "", erased).replace("[", " ").split()
    return (re.split(r"[.$]", name[0])[-1] if name else "") + "[]" * dimensions


def signature_types(signature: str, name: str) -> tuple[str, ...] | None:
    """The simple parameter types of a method's head; None when it has no parameter list."""
    match = re.search(rf"\b{re.escape(name)}\s*\(", signature)
    if match is None:
        return None
    depth, end = 1, match.end()
    while depth and end < len(signature):
        depth += (signature[end] == "(") - (signature[end] == ")")
        end += 1
    inside = signature[match.end() : end - (depth == 0)]
    return tuple(_declared(part) for part in _split(inside))


def _declared(parameter: str) -> str:
    """The type of `final List<String> names` or `int values[]`."""
    shown = _MODIFIER.sub("", parameter).strip()
    head, _, last = shown.rpartition(" ")
    dimensions = last.count("[") if head else 0
    return _simple((head or shown) + "[]" * dimensions)


class JavaNames:
    """The methods and classes of a graph, found by the names of a truth."""

    def __init__(self, graph: LinkedGraph) -> None:
        self.methods: dict[str, Method] = {}
        self.classes: dict[str, str] = {}
        self._by_name: dict[tuple[str, str], list[str]] = defaultdict(list)
        for node in graph.nodes.values():
            if node.kind == NodeKind.CLASS:
                self.classes[node.uid] = plain(text(node, "full_name"))
            elif node.kind in CALLABLE:
                method = self.methods[node.uid] = _method(node)
                self._by_name[method.owner, method.name].append(node.uid)

    def find(self, wanted: Method) -> str | None:
        """The uid of a method; that of its class for a constructor that nobody wrote."""
        known = self._by_name.get((wanted.owner, wanted.name), [])
        fits = {uid: _fit(self.methods[uid].types, wanted.types or ()) for uid in known}
        best = max(known, key=lambda uid: fits[uid], default=None)
        if best is not None and fits[best] >= 0:
            return best
        if wanted.name == INIT:
            return next((u for u, name in self.classes.items() if name == wanted.owner), None)
        return None


def _method(node: Node) -> Method:
    modifiers = node.properties.get("modifiers")
    is_constructor = isinstance(modifiers, list) and "constructor" in modifiers
    name = text(node, "name")
    owner = plain(text(node, "class_full_name"))
    types = signature_types(text(node, "signature"), name)
    return Method(owner, INIT if is_constructor else name, types)


def _fit(declared: tuple[str, ...] | None, erased: tuple[str, ...]) -> int:
    """How well a head fits erased types; below 0 when it cannot be theirs."""
    if declared is None:
        return 0
    if len(declared) != len(erased):
        return -1
    return sum(
        2 * (one == other) + bool(_VARIABLE.match(one.rstrip("[]")))
        for one, other in zip(declared, erased, strict=True)
    )
