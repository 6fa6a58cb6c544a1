"""What can be written behind a dot: the members of classes and the contents of modules."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from graphdb.queries.rows import ALL_TIERS, Follow, step
from graphdb.schema import EdgeKind, NodeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

_MEMBER_EDGES = (EdgeKind.HAS_METHOD, EdgeKind.HAS_FIELD, EdgeKind.CONTAINS)
_OWNERS = (NodeKind.CLASS, NodeKind.MODULE)
_OPENING, _CLOSING = "([{", ")]}"
_SAMPLE = 300


def members_of(reader: GraphReader, owners: Sequence[Symbol]) -> list[Symbol]:
    """Members of classes, inherited ones too, and what modules define or re-export, by name."""
    asked = [owner for owner in owners if owner.kind in _OWNERS]
    rows = step(reader, asked, Follow(_MEMBER_EDGES, incoming=False, tiers=ALL_TIERS))
    found = {row.symbol.uid: row.symbol for row in rows}
    return sorted(found.values(), key=lambda s: (s.name, s.file_path or "", s.start_line or 0))


def owners_of(reader: GraphReader, members: Sequence[Symbol]) -> list[Symbol]:
    """The classes that define members themselves."""
    edges = (EdgeKind.HAS_METHOD, EdgeKind.HAS_FIELD)
    own = "(e.inherited IS NULL OR e.inherited = false)"
    rows = step(reader, members, Follow(edges, incoming=True, tiers=ALL_TIERS, condition=own))
    return list({row.symbol.uid: row.symbol for row in rows}.values())


def constructors_of(reader: GraphReader, owner: Symbol) -> list[Symbol]:
    """The methods that run when a class is called, as far as any call in the graph shows them."""
    cypher = (
        "MATCH (c:CLASS)-[:HAS_METHOD]->(m:METHOD)<-[e:CALLS]-() "
        "WHERE c.repo = $repo AND c.uid = $uid AND e.kind = 'construct' "
        "RETURN DISTINCT m.uid AS uid"
    )
    rows = reader.query(cypher, {"uid": owner.uid}, max_rows=None).rows
    wanted = {row[0] for row in rows}
    return [member for member in members_of(reader, [owner]) if member.uid in wanted]


def parameters(signature: str) -> list[str]:
    """The parameters of a signature, cut at the commas between them."""
    start = signature.find("(")
    if start < 0:
        return []
    depth, at, found = 0, start + 1, list[str]()
    for index in range(start, len(signature)):
        letter = signature[index]
        if letter in _OPENING:
            depth += 1
        elif letter in _CLOSING:
            depth -= 1
        if (letter == "," and depth == 1) or depth == 0:
            found.append(signature[at:index].strip())
            at = index + 1
        if depth == 0:
            break
    return [text for text in found if text]


def receiver_name(reader: GraphReader, language: str) -> str | None:
    """The first parameter that nearly all methods of a language have: no caller passes it."""
    cypher = (
        "MATCH (n:METHOD) WHERE n.repo = $repo AND n.language = $language "
        f"RETURN n.signature AS signature LIMIT {_SAMPLE}"
    )
    rows = reader.query(cypher, {"language": language}, max_rows=None).rows
    firsts = Counter(name for row in rows for name in parameters(row[0] or "")[:1])
    name, count = next(iter(firsts.most_common(1)), (None, 0))
    return name if name and name.isidentifier() and count * 2 > len(rows) else None
