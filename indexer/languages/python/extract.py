"""Python source to facts: a pure function of one file's bytes.

One query finds the nodes, an interval table tells their scopes, and each group of nodes is read
once, in an order that lets later groups skip what earlier ones have used.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from indexer.decode import valid_utf8
from indexer.facts import PARAMETER, Binding, FileFacts, Scope, Star, named_rows
from indexer.language import Extracted
from indexer.languages.python.bindings import Bindings
from indexer.languages.python.calls import Calls
from indexer.languages.python.definitions import Definitions
from indexer.languages.python.expressions import Expressions
from indexer.languages.python.grammar import capture, parse
from indexer.languages.python.operators import Operators
from indexer.languages.python.reaching import Reaching
from indexer.languages.python.regions import Regions
from indexer.languages.python.sites import Sites
from indexer.languages.python.source import Source
from indexer.languages.troubles import troubles
from indexer.mentions import Mentions

if TYPE_CHECKING:
    from indexer.languages.python.scopes import BoundNames


def extract(path: str, text: bytes) -> Extracted:
    """Read one file's UTF-8 text; never raises for its content.

    What does not parse is left out and listed in `facts.troubles`; everything around it is kept.
    """
    text = valid_utf8(text)
    root = parse(text).root_node
    found = capture(root)
    source = Source(text, found)
    regions = Regions(text, found)
    reaching = Reaching(regions, text, found)
    exprs = Expressions(source, regions, reaching)
    calls = Calls(source, regions, exprs)
    calls.read(found.get("call", []), root.has_error)
    reader = Definitions(source, regions, exprs)
    definitions = reader.read(found)
    bindings = Bindings(source, regions, exprs, definitions)
    bindings.read(found, calls)
    operators = Operators(regions, exprs)
    operators.read(found)
    bindings.protocols += operators.protocols
    sites = Sites(source, regions, exprs, bindings, calls)
    sites.read(root)
    exports = bindings.exports
    _number_bindings(exprs, reaching, source, bindings.names)
    facts = FileFacts(
        path=path,
        language="python",
        lines=text.count(b"\n") + (not text.endswith(b"\n") and bool(text)),
        docstring=reader.docstring(root),
        scopes=_scopes(regions, bindings),
        definitions=tuple(definitions),
        bindings=named_rows(Binding, bindings.names.rows),
        attributes=named_rows(Binding, bindings.names.attributes),
        exprs=tuple(exprs.rows),
        stars=named_rows(Star, bindings.imports.stars),
        exported=None if exports.names is None else tuple(exports.names),
        exported_from=tuple(exports.modules),
        troubles=troubles("Python", found.get("error", []), root),
        stores=tuple(bindings.stores),
    )
    return Extracted(facts, array("i", sites.rows), Mentions(facts).counts())


def _number_bindings(
    exprs: Expressions, reaching: Reaching, source: Source, names: BoundNames
) -> None:
    """Give bindings numbers, in document order, where expressions have the bytes of their names.

    What is bound in a way that `Reaching` does not look at may always be in force.
    """
    if not exprs.restricted:
        return
    wanted = {(known.scope, exprs.rows[row][2]) for row, known in exprs.restricted}
    places: dict[tuple[int, str], set[int]] = {}
    for row in names.rows:
        if row[:2] in wanted:
            line: int = row[6]
            byte: int = source.line_starts[line - 1] + row[7]
            places.setdefault(row[:2], set()).add(byte)
    for number, known in exprs.restricted:
        row = exprs.rows[number]
        key = (known.scope, row[2])
        looked_at = reaching.bound(known.scope, row[2].encode())
        bytes_in_force = set(known.bindings or ())
        ordinals = [
            ordinal
            for ordinal, byte in enumerate(sorted(places.get(key, ())))
            if byte in bytes_in_force or byte not in looked_at
        ]
        if PARAMETER in bytes_in_force:
            ordinals.insert(0, PARAMETER)
        exprs.rows[number] = (*row[:3], tuple(ordinals), *row[4:])


def _scopes(regions: Regions, bindings: Bindings) -> tuple[Scope, ...]:
    names = bindings.names
    return named_rows(
        Scope,
        (
            (
                r.kind,
                r.parent,
                r.definition,
                _declared(names.globals, i),
                _declared(names.nonlocals, i),
            )
            for i, r in enumerate(regions.regions)
        ),
    )


def _declared(table: dict[int, list[str]], scope: int) -> tuple[str, ...]:
    return tuple(table[scope]) if scope in table else ()
