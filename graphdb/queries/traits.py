"""What a definition says about itself beside its signature, and which files are tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphdb.queries.rows import per_kind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol


@dataclass(frozen=True, slots=True)
class Traits:
    """visibility: public, protected, package or private. modifiers: such as abstract or static.

    decorators: decorators or annotations, without their `@`. type_name: of a field or variable.
    """

    visibility: str | None = None
    modifiers: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()
    type_name: str | None = None


def traits_of(reader: GraphReader, symbols: Sequence[Symbol]) -> dict[str, Traits]:
    """The traits of symbols by uid, in one round trip."""
    if not symbols:
        return {}
    part = (
        "MATCH (n:%s) WHERE n.repo = $repo AND n.uid IN $uids RETURN n.uid AS uid, "
        "n.visibility AS visibility, n.modifiers AS modifiers, n.decorators AS decorators, "
        "n.type_name AS type_name"
    )
    kinds = dict.fromkeys(symbol.kind for symbol in symbols)
    params = {"uids": [symbol.uid for symbol in symbols]}
    rows = reader.query(per_kind(kinds, part), params, max_rows=None).rows
    return {
        uid: Traits(visibility, tuple(modifiers or ()), tuple(decorators or ()), type_name)
        for uid, visibility, modifiers, decorators, type_name in rows
    }


def files_of_tests(reader: GraphReader, paths: Collection[str]) -> set[str]:
    """Those of some files that hold tests, by their module's label."""
    if not paths:
        return set()
    cypher = (
        "MATCH (n:MODULE) WHERE n.repo = $repo AND n.file_path IN $paths "
        "RETURN n.file_path AS path, labels(n) AS labels"
    )
    rows = reader.query(cypher, {"paths": sorted(paths)}, max_rows=None).rows
    return {path for path, labels in rows if "TEST" in labels}
