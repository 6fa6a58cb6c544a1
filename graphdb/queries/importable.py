"""From a bare name to what a file could import under it.

Told are definitions, what packages re-export of them, modules, and names outside the repository
that some file of it imports already; each with how many files do so, which is what ranks it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphdb.queries.rows import SYMBOL_WIDTH, fetch_symbols, per_kind, symbol_columns, symbol_of
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

_KINDS = (NodeKind.CLASS, NodeKind.FUNCTION, NodeKind.GLOBAL_VARIABLE)


@dataclass(frozen=True, slots=True)
class Importable:
    """Something that a name may stand for.

    owner: full name of the module or class that has it, "" for a module itself. importers: files
    that import it from there. is_nested: the owner is a class. is_test: it is in a test file.
    """

    symbol: Symbol
    owner: str
    importers: int
    is_nested: bool = False
    is_test: bool = False


def importables(reader: GraphReader, name: str, suffix: str) -> list[Importable]:
    """What a file of a language (by its suffix, such as `.py`) may import under a name.

    Sorted: tests last, then by how many files import it, owned names before private ones, short
    names before long ones.
    """
    owned = _owned(reader, name, suffix)
    modules = _modules(reader, name, suffix)
    outside = fetch_symbols(reader, "n.name = $name", {"name": name}, (NodeKind.EXTERNAL,))
    importers = _importers(reader, [*(symbol for _, symbol in owned), *modules, *outside], suffix)
    found = [
        Importable(
            symbol,
            owner.full_name,
            _both(importers, symbol, owner),
            is_nested=owner.kind is NodeKind.CLASS,
            is_test="TEST" in owner.labels,
        )
        for owner, symbol in owned
    ]
    found += [
        Importable(module, "", len(importers.get(module.uid, ())), is_test="TEST" in module.labels)
        for module in modules
    ]
    for symbol in outside:
        if count := len(importers.get(symbol.uid, ())):
            found.append(Importable(symbol, symbol.full_name.rpartition(".")[0], count))
    return sorted(found, key=_order)


def language_of(reader: GraphReader, suffix: str) -> str | None:
    """The language of the indexed files that end so."""
    cypher = (
        "MATCH (n:MODULE) WHERE n.repo = $repo AND n.file_path ENDS WITH $suffix "
        "RETURN n.language AS language LIMIT 1"
    )
    rows = reader.query(cypher, {"suffix": suffix}, max_rows=None).rows
    return rows[0][0] if rows else None


def _owned(reader: GraphReader, name: str, suffix: str) -> list[tuple[Symbol, Symbol]]:
    """Who has a symbol of that name, and the symbol.

    What a module imports for its own use is not its to hand on; only a package re-exports.
    """
    part = (
        "MATCH (m)-[e:CONTAINS]->(n:%s) WHERE n.repo = $repo AND n.name = $name "
        "AND m.file_path ENDS WITH $suffix AND (m:MODULE OR m:CLASS) "
        f"RETURN e.via AS via, {symbol_columns('m')}, {symbol_columns('n')}"
    )
    params = {"name": name, "suffix": suffix}
    rows = reader.query(per_kind(_KINDS, part), params, max_rows=None).rows
    found = [(row[0], symbol_of(row, 1), symbol_of(row, 1 + SYMBOL_WIDTH)) for row in rows]
    return [
        (owner, symbol) for via, owner, symbol in found if via != "import" or _is_package(owner)
    ]


def _is_package(module: Symbol) -> bool:
    return (module.file_path or "").rpartition("/")[2].startswith("__init__.")


def _modules(reader: GraphReader, name: str, suffix: str) -> list[Symbol]:
    where = "(n.name = $name OR n.name ENDS WITH $end) AND n.file_path ENDS WITH $suffix"
    params = {"name": name, "end": f".{name}", "suffix": suffix}
    return fetch_symbols(reader, where, params, (NodeKind.MODULE,))


def _importers(
    reader: GraphReader, symbols: Sequence[Symbol], suffix: str
) -> dict[str, dict[str, set[str]]]:
    """Symbol -> the modules that import it -> all that each of them imports, by uid."""
    first = (
        "MATCH (a:MODULE)-[:IMPORTS]->(n:%s) WHERE n.repo = $repo AND n.uid IN $uids "
        "AND a.file_path ENDS WITH $suffix RETURN n.uid AS uid, a.uid AS importer"
    )
    params: dict[str, Any] = {"uids": [s.uid for s in symbols], "suffix": suffix}
    kinds = dict.fromkeys(s.kind for s in symbols)
    if not kinds:
        return {}
    rows = reader.query(per_kind(kinds, first), params, max_rows=None).rows
    second = (
        "MATCH (a:MODULE)-[:IMPORTS]->(m:MODULE) WHERE a.repo = $repo AND a.uid IN $uids "
        "RETURN a.uid AS importer, m.uid AS module"
    )
    asked = sorted({importer for _, importer in rows})
    imported: dict[str, set[str]] = {}
    for importer, module in reader.query(second, {"uids": asked}, max_rows=None).rows:
        imported.setdefault(importer, set()).add(module)
    found: dict[str, dict[str, set[str]]] = {}
    for uid, importer in rows:
        found.setdefault(uid, {})[importer] = imported.get(importer, set())
    return found


def _both(importers: dict[str, dict[str, set[str]]], symbol: Symbol, owner: Symbol) -> int:
    """How many files import a symbol and name its owner as they do."""
    return sum(owner.uid in modules for modules in importers.get(symbol.uid, {}).values())


def _order(item: Importable) -> tuple[bool, int, bool, bool, int, str]:
    name = f"{item.owner}.{item.symbol.name}"
    is_private = any(part.startswith("_") for part in name.split("."))
    is_outside = item.symbol.kind is NodeKind.EXTERNAL
    return item.is_test, -item.importers, is_private, is_outside, name.count("."), name
