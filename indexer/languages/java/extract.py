"""Java source to facts: a pure function of one file's bytes.

One query finds the nodes, two interval tables tell their scopes and how far local names are seen,
and each group of nodes is read once.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

from indexer.decode import valid_utf8
from indexer.facts import (
    NONE,
    Binding,
    Definition,
    FileFacts,
    Op,
    Scope,
    Star,
    named_rows,
)
from indexer.language import Extracted
from indexer.languages.java.definitions import Definitions
from indexer.languages.java.expressions import Expressions
from indexer.languages.java.grammar import capture, parse, returns
from indexer.languages.java.imports import Imports
from indexer.languages.java.local_names import LocalNames
from indexer.languages.java.packages import DECLARED, DERIVED, OVERRIDDEN, TYPE
from indexer.languages.java.regions import Regions, Visibility
from indexer.languages.java.sites import Sites
from indexer.languages.troubles import troubles

if TYPE_CHECKING:
    from tree_sitter import Node

_FUNCTIONS = frozenset({"lambda_expression", "method_reference"})


def extract(path: str, text: bytes) -> Extracted:
    """Read one file's UTF-8 text; never raises for its content.

    What does not parse is left out and listed in `facts.troubles`; everything around it is kept.
    """
    text = valid_utf8(text)
    root = parse(text).root_node
    found = capture(root)
    regions = Regions(len(text), found)
    names = LocalNames(text, regions, Visibility(len(text), found.get("block", [])))
    names.read(found)
    exprs = Expressions(text, regions, names)
    _lambdas(exprs, regions, found)
    imports = Imports(text, exprs)
    imports.read(found)
    reader = Definitions(text, regions, exprs, found.get("comment", []))
    definitions = _with_results(reader.read(), exprs, regions, found)
    reader.read_fields(found)
    exprs.fields = {(row[0], row[1].encode()) for row in reader.fields}
    exprs.field_names = {name for _, name in exprs.fields}
    sites = Sites(text, regions, exprs, definitions)
    sites.read(found, reader, imports)
    names.declare_functional(exprs)
    for node in found.get("cast", ()):
        exprs.of(node, regions.scope_at(node.start_byte))
    stores = _stores(exprs, regions, found)
    facts = FileFacts(
        path=path,
        language="java",
        lines=text.count(b"\n") + (not text.endswith(b"\n") and bool(text)),
        docstring=_docstring(reader, found),
        scopes=named_rows(
            Scope, ((r.kind, r.parent, r.definition, (), ()) for r in regions.regions)
        ),
        definitions=tuple(definitions),
        bindings=named_rows(Binding, (*imports.bindings, *reader.fields)),
        attributes=(),
        exprs=tuple(exprs.rows),
        stars=named_rows(Star, imports.stars),
        exported=None,
        exported_from=(),
        troubles=troubles("Java", found.get("error", []), root),
        stores=stores,
        package=imports.package,
        flags=((),) * len(imports.bindings) + tuple(reader.flags),
        offers=_offers(imports.package, definitions, exprs.rows),
    )
    return Extracted(facts, array("i", sites.rows))


def _lambdas(exprs: Expressions, regions: Regions, found: dict[str, list[Node]]) -> None:
    """Number the lambdas and give each the values it returns."""
    nodes = found.get("lambda", [])
    exprs.lambdas = {node.id: number for number, node in enumerate(nodes)}
    starts = [node.start_byte for node in nodes]
    for node in nodes:
        body = node.child_by_field_name("body")
        if body is None or body.type != "block":
            continue
        for each in returns(body):
            _result(each, (starts, nodes), regions, exprs)


def _result(
    node: Node, lambdas: tuple[list[int], list[Node]], regions: Regions, exprs: Expressions
) -> None:
    """Give a returned value to the innermost lambda around it, once."""
    starts, nodes = lambdas
    byte = node.start_byte
    number = bisect_right(starts, byte) - 1
    while number >= 0 and nodes[number].end_byte <= byte:
        number -= 1
    method = regions.regions[regions.scope_at(byte)].start
    if number >= 0 and starts[number] > method and node.named_child_count:
        value = node.named_children[0]
        rows = exprs.results.setdefault(number, [])
        if value.start_byte not in {row.start_byte for row in rows}:
            rows.append(value)


def _with_results(
    definitions: list[Definition],
    exprs: Expressions,
    regions: Regions,
    found: dict[str, list[Node]],
) -> list[Definition]:
    """Definitions with the lambdas that methods return, which are for the declared result."""
    of_lambdas = {n.start_byte for nodes in exprs.results.values() for n in nodes}
    for node in found.get("return", ()):
        value = node.named_children[0]
        if _is_functional(value) and value.start_byte not in of_lambdas:
            scope = regions.scope_at(node.start_byte)
            number = regions.regions[scope].definition
            if number != NONE and not definitions[number].is_class:
                row = exprs.of(value, scope)
                d = definitions[number]
                definitions[number] = d._replace(returns=(*d.returns, row))
    return definitions


def _is_functional(node: Node) -> bool:
    """True for a lambda, a method reference, or a choice between such."""
    if node.type == "ternary_expression":
        return any(child.type in _FUNCTIONS for child in node.named_children)
    return node.type in _FUNCTIONS


def _stores(
    exprs: Expressions, regions: Regions, found: dict[str, list[Node]]
) -> tuple[tuple[int, int], ...]:
    """Lambdas that are assigned: what these are for is the type of what they are assigned to."""
    rows: list[tuple[int, int]] = []
    for node in found.get("assignment", ()):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None and _is_functional(right):
            scope = regions.scope_at(node.start_byte)
            rows.append((exprs.of(left, scope), exprs.of(right, scope)))
    return tuple(rows)


def _offers(
    package: str, definitions: list[Definition], rows: list[tuple[Any, ...]]
) -> tuple[tuple[str, str], ...]:
    """The look-ups that a file answers: of its package, types, bases, what hides `Object`'s."""
    prefix = f"{TYPE}{package}." if package else TYPE
    offers = {(f"{TYPE}{package}{TYPE}", "")}
    classes: dict[int, str] = {}
    for d in definitions:
        who = f"{d.qualified_name}#{d.ordinal}"
        if d.is_class:
            classes[d.body] = who
            if d.scope == 0:
                offers.add((prefix + d.name, who))
            offers.update((DERIVED + _last_name(rows, base), who) for base in d.bases)
        elif len(d.parameters) == OVERRIDDEN.get(d.name, NONE) and d.scope in classes:
            offers.add((DECLARED + d.name, classes[d.scope]))
    return tuple(sorted(offers))


def _last_name(rows: list[tuple[Any, ...]], expr: int) -> str:
    row = rows[expr]
    while row[0] == Op.ITEM:
        inner: int = row[1]
        row = rows[inner]
    return str(row[2]) if row[0] in {Op.NAME, Op.ATTR} else ""


def _docstring(reader: Definitions, found: dict[str, list[Node]]) -> str | None:
    """The comment of a package declaration, in `package-info.java`."""
    packages = found.get("package")
    return reader.docstring(packages[0].start_byte) if packages else None
