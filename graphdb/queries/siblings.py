"""Classes that were written for the same purpose as one: models to write another by.

Siblings are the subclasses of a base, else the other subclasses of a class's own bases, else the
classes beside it; those that have most member names in common come first, tests last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphdb.queries.call_hierarchy import OWN
from graphdb.queries.rows import fetch_symbols
from graphdb.queries.traits import files_of_tests
from graphdb.queries.type_hierarchy import subtypes, supertypes
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol


@dataclass(frozen=True, slots=True)
class Sibling:
    """A class, the names of its own members in order, and those that it shares."""

    symbol: Symbol
    members: tuple[str, ...]
    shared: tuple[str, ...]


def siblings(
    reader: GraphReader, symbol: Symbol, like: Collection[str] = ()
) -> tuple[Sibling, ...]:
    """The siblings of a class, or the classes of a module and of its folder if it is a package's.

    like: member names to compare with; the symbol's own where none are given.
    """
    pool = _of_module(reader, symbol) if symbol.kind is NodeKind.MODULE else _of(reader, symbol)
    return _ranked(reader, [s for s in pool if s.uid != symbol.uid], symbol, like)


def classes_in(
    reader: GraphReader, package: str, like: Collection[str] = ()
) -> tuple[Sibling, ...]:
    """The top-level classes directly in a package that no module stands for, as in Java."""
    found = fetch_symbols(
        reader, "n.full_name STARTS WITH $prefix", {"prefix": f"{package}."}, (NodeKind.CLASS,)
    )
    depth = package.count(".") + 1
    pool = [symbol for symbol in found if symbol.full_name.count(".") == depth]
    return _ranked(reader, pool, None, like)


def _of(reader: GraphReader, symbol: Symbol) -> list[Symbol]:
    below = _classes(row.symbol for row in subtypes(reader, symbol).items)
    if below or symbol.kind is NodeKind.EXTERNAL:
        return below
    bases = [row.symbol for row in supertypes(reader, symbol, depth=1).items]
    beside = [row.symbol for base in bases for row in subtypes(reader, base, depth=1).items]
    found = [other for other in _classes(beside) if other.uid != symbol.uid]
    return found or _in_folder(reader, symbol.file_path)


def _of_module(reader: GraphReader, module: Symbol) -> list[Symbol]:
    path = module.file_path or ""
    own = fetch_symbols(reader, "n.file_path = $path", {"path": path}, (NodeKind.CLASS,))
    is_package = path.rpartition("/")[2].startswith("__init__.")
    return _in_folder(reader, path) if is_package or not own else own


def _in_folder(reader: GraphReader, path: str | None) -> list[Symbol]:
    """The classes of a file's folder, those below it left out."""
    folder = (path or "").rpartition("/")[0]
    prefix = f"{folder}/" if folder else ""
    found = fetch_symbols(
        reader, "n.file_path STARTS WITH $prefix", {"prefix": prefix}, (NodeKind.CLASS,)
    )
    return [s for s in found if "/" not in (s.file_path or "").removeprefix(prefix)]


def _classes(found: Iterable[Symbol]) -> list[Symbol]:
    return list({s.uid: s for s in found if s.kind is NodeKind.CLASS}.values())


def _ranked(
    reader: GraphReader, pool: Sequence[Symbol], symbol: Symbol | None, like: Collection[str]
) -> tuple[Sibling, ...]:
    asked = [*pool, symbol] if symbol is not None and symbol.kind is NodeKind.CLASS else pool
    names = _member_names(reader, asked)
    wanted = set(like) or set(names.get(symbol.uid, ()) if symbol else ())
    tests = files_of_tests(reader, {s.file_path for s in pool if s.file_path})
    found = [
        Sibling(other, own, tuple(name for name in own if name in wanted))
        for other, own in ((other, names.get(other.uid, ())) for other in pool)
    ]

    def order(item: Sibling) -> tuple[bool, float, str]:
        union = len(wanted | set(item.members))
        likeness = len(set(item.shared)) / union if union else 0.0
        return item.symbol.file_path in tests, -likeness, item.symbol.full_name

    return tuple(sorted(found, key=order))


def _member_names(reader: GraphReader, classes: Sequence[Symbol]) -> dict[str, tuple[str, ...]]:
    cypher = (
        "MATCH (c:CLASS)-[e:HAS_METHOD|HAS_FIELD]->(m) "
        f"WHERE c.repo = $repo AND c.uid IN $uids AND {OWN} "
        "RETURN c.uid AS owner, m.name AS name, m.start_line AS line"
    )
    uids = [symbol.uid for symbol in classes]
    rows = reader.query(cypher, {"uids": uids}, max_rows=None).rows
    found: dict[str, dict[str, None]] = {}
    for owner, name, _ in sorted(rows, key=lambda row: (row[0], row[2] or 0, row[1])):
        found.setdefault(owner, {})[name] = None
    return {owner: tuple(names) for owner, names in found.items()}
