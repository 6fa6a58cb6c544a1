"""From what a person types to one symbol.

Understood: a uid, `path:line`, a path, a full name, a unique dotted suffix of one, and a member as
it is reached through a class or package (`Child.inherited`, `package.ReExported`). A name that fits
several symbols is never guessed.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from graphdb.errors import AmbiguousNameError, NotFoundError
from graphdb.queries.rows import ALL_TIERS, NAMED_KINDS, Follow, fetch_symbols, per_kind, step
from graphdb.schema import CODE_KINDS, EdgeKind, NodeKind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

_PATH_LINE = re.compile(r"^(?P<path>.+?):(?P<line>\d+)$")
_VALUES = frozenset({NodeKind.FIELD, NodeKind.GLOBAL_VARIABLE})
_MAX_LISTED = 20


def resolve(reader: GraphReader, name: str, kinds: Collection[NodeKind] = ()) -> Symbol:
    """The one symbol that a name stands for; `kinds` are those that the question is about.

    Raises NotFoundError with near names, or AmbiguousNameError with the candidates.
    """
    found = candidates(reader, name, kinds)
    if not found:
        raise NotFoundError(_not_found_text(reader, name))
    if len(found) > 1:
        raise AmbiguousNameError(*_ambiguous(name, found))
    return found[0]


def candidates(reader: GraphReader, name: str, kinds: Collection[NodeKind] = ()) -> list[Symbol]:
    """All symbols that `resolve` would have to choose from."""
    return _preferred(reader, name, find(reader, name), kinds)


def find(reader: GraphReader, name: str) -> list[Symbol]:
    """All symbols that a name may stand for, by the first rule that gives any."""
    name = name.strip()
    if not name:
        return []
    match = _PATH_LINE.match(name)
    if match:
        symbol = innermost_at(reader, match["path"], int(match["line"]))
        return [symbol] if symbol else []
    if ":" in name:
        return fetch_symbols(reader, "n.uid = $uid", {"uid": name})
    path = normal_path(reader, name)
    return (
        _module_at(reader, path)
        or _by_full_name(reader, name)
        or _by_suffix(reader, name)
        or _by_owner(reader, name)
    )


def _preferred(
    reader: GraphReader, name: str, found: list[Symbol], kinds: Collection[NodeKind]
) -> list[Symbol]:
    """Those of the wanted kinds: a function `f` also where a module is called `f` in full."""
    wanted = [symbol for symbol in found if symbol.kind in kinds]
    if kinds and found and not wanted and ":" not in name:
        wanted = [symbol for symbol in _by_suffix(reader, name.strip()) if symbol.kind in kinds]
    return wanted or found


def normal_path(reader: GraphReader, path: str) -> str:
    """A path as the graph spells it: relative to the root, `/`, no leading `./`."""
    text = path.replace("\\", "/")
    if text.startswith("/"):
        root = reader.meta().root.replace("\\", "/").rstrip("/")
        text = text.removeprefix(root + "/")
    while text.startswith("./"):
        text = text[2:]
    return text


def innermost_at(reader: GraphReader, path: str, line: int) -> Symbol | None:
    """The innermost symbol at a line of a file, or None where the line has none.

    Raises NotFoundError when the file is not in the graph.
    """
    wanted = normal_path(reader, path)
    symbols = symbols_of_file(reader, wanted)
    if not symbols:
        raise NotFoundError(f"{wanted} is not indexed: check the path or run codexgraph index")
    return innermost(symbols, line)


def innermost(symbols: Sequence[Symbol], line: int) -> Symbol | None:
    """The symbol of one file with the least extent around a line.

    A field or variable that is set inside a function loses to the function.
    """
    around = [s for s in symbols if (s.start_line or 0) <= line <= (s.end_line or 0)]
    code = [s for s in around if s.kind not in _VALUES]
    if any(s.kind in (NodeKind.FUNCTION, NodeKind.METHOD) for s in code):
        around = code
    return min(around, key=_extent, default=None)


def symbols_of_file(reader: GraphReader, path: str) -> list[Symbol]:
    """All code symbols of one file, outermost first."""
    found = fetch_symbols(reader, "n.file_path = $path", {"path": path}, CODE_KINDS)
    return sorted(found, key=outermost_first)


def outermost_first(symbol: Symbol) -> tuple[int, int, str]:
    """The order of the symbols of one file."""
    return (symbol.start_line or 0, -(symbol.end_line or 0), symbol.uid)


def near_names(reader: GraphReader, name: str, count: int = 5) -> list[str]:
    """Full names whose last part is spelt almost like that of `name`."""
    wanted = name.rpartition(".")[2].lower()
    part = "MATCH (n:%s) WHERE n.repo = $repo RETURN DISTINCT n.name AS name"
    rows = reader.query(per_kind(CODE_KINDS, part), max_rows=None).rows
    names = {str(row[0]) for row in rows}
    close = {n.lower() for n in names if abs(len(n) - len(wanted)) <= 3 and wanted[:1] in n.lower()}
    nearest = get_close_matches(wanted, close, n=count, cutoff=0.7)
    spelt = [n for n in names if n.lower() in nearest]
    found = fetch_symbols(reader, "n.name IN $names", {"names": spelt}, CODE_KINDS)
    found.sort(key=lambda s: (nearest.index(s.name.lower()), s.full_name))
    return list(dict.fromkeys(s.full_name for s in found))[:count]


def _module_at(reader: GraphReader, path: str) -> list[Symbol]:
    if "/" not in path and "." not in path:
        return []
    kinds = (NodeKind.MODULE,)
    return fetch_symbols(reader, "n.file_path = $path", {"path": path}, kinds)


def _by_full_name(reader: GraphReader, name: str) -> list[Symbol]:
    found = fetch_symbols(reader, "n.full_name = $name", {"name": name})
    return _inside_first(found)


def _by_suffix(reader: GraphReader, name: str) -> list[Symbol]:
    last, suffix = name.rpartition(".")[2], "." + name
    kinds = tuple(kind for kind in NAMED_KINDS if kind != NodeKind.MODULE)
    found = fetch_symbols(reader, "n.name = $name", {"name": last}, kinds)
    found = [symbol for symbol in found if ("." + symbol.full_name).endswith(suffix)]
    if found:
        return _inside_first(found)
    modules = (NodeKind.MODULE,)
    return fetch_symbols(reader, "n.name ENDS WITH $suffix", {"suffix": suffix}, modules)


def _by_owner(reader: GraphReader, name: str) -> list[Symbol]:
    """A member that a class inherits or a package re-exports."""
    owner, _, last = name.rpartition(".")
    if not owner:
        return []
    owners = _by_full_name(reader, owner) or _by_suffix(reader, owner)
    edges = (EdgeKind.HAS_METHOD, EdgeKind.HAS_FIELD, EdgeKind.CONTAINS)
    rows = step(reader, owners, Follow(edges, incoming=False, tiers=ALL_TIERS))
    members = {row.symbol.uid: row.symbol for row in rows if row.symbol.name == last}
    return list(members.values())


def _inside_first(found: list[Symbol]) -> list[Symbol]:
    """Symbols of the repository; those outside it only when there is no other."""
    return [s for s in found if s.kind != NodeKind.EXTERNAL] or found


def _extent(symbol: Symbol) -> tuple[int, bool, int]:
    lines = (symbol.end_line or 0) - (symbol.start_line or 0)
    return (lines, symbol.kind == NodeKind.MODULE, -len(symbol.full_name))


def _ambiguous(name: str, found: list[Symbol]) -> tuple[str, tuple[str, ...]]:
    found = sorted(found, key=lambda s: (s.file_path or "~", s.start_line or 0))
    listed = tuple(f"{s.full_name}  {s.location}" for s in found)
    shown = "\n".join(f"  {line}" for line in listed[:_MAX_LISTED])
    more = len(listed) - _MAX_LISTED
    rest = f"\n  … and {more} more" if more > 0 else ""
    text = (
        f"{name!r} fits {len(found)} symbols; give more of the name, or path:line:\n{shown}{rest}"
    )
    return text, listed


def _not_found_text(reader: GraphReader, name: str) -> str:
    match = _PATH_LINE.match(name)
    if match:
        return f"no symbol at line {match['line']} of {match['path']}"
    near = near_names(reader, name)
    hint = f": did you mean {', '.join(near)}?" if near else "; codexgraph symbols searches by part"
    return f"no symbol is called {name!r}{hint}"
