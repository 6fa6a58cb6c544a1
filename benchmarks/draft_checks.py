"""How much the checks of names tell of a draft: alarms on texts as they are, errors put into them.

Every file is its own draft, unchanged and with one name changed at a time. A name that the graph
leads to a definition of the repository can be proved missing once it is changed; what lies outside
cannot, so both shares are given.
"""

from __future__ import annotations

import random
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agent.checks.analyses import Analyses
from agent.checks.reading import imports_check, names_check
from agent.draft import Draft, Edit
from benchmarks.renames import Place, Use, choose, renamed
from graphdb.schema import NodeKind, parse_sites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from agent.analysis import Analyst
    from agent.checks.reading import NamesCheck
    from graphdb.store import GraphReader

SUITE = "checks"


@dataclass(frozen=True, slots=True)
class DraftsRequest:
    """What to measure. files: how many, drawn by the seed; None for all that are indexed."""

    root: Path
    files: int | None = None
    seed: int = 0


@dataclass(slots=True)
class _Told:
    """Changes of one kind: of all and of those that the graph leads to a definition."""

    n: int = 0
    told: int = 0
    resolved: int = 0
    resolved_told: int = 0

    def add(self, *, is_told: bool, is_resolved: bool) -> None:
        self.n += 1
        self.told += is_told
        self.resolved += is_resolved
        self.resolved_told += is_told and is_resolved

    def to_json(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "told": _share(self.told, self.n),
            "resolved": self.resolved,
            "resolved_told": _share(self.resolved_told, self.resolved),
        }


@dataclass(slots=True)
class _Measured:
    alarms: list[str] = field(default_factory=list[str])
    missed: list[str] = field(default_factory=list[str])
    seconds: list[float] = field(default_factory=list[float])
    kinds: dict[Use, _Told] = field(default_factory=dict[Use, _Told])


def run(
    request: DraftsRequest,
    reader: GraphReader,
    analyst: Analyst,
    say: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Measure on an indexed repository; `suite`, `n` (files), `seconds`, `metrics`, `alarms`.

    `missed` lists the changes of names in the graph that were not told. Raises what the reader
    raises.
    """
    start = time.monotonic()
    paths = _drawn(reader, request)
    analyses = Analyses(analyst)
    checks = (imports_check(analyses), names_check(analyses))
    found = _Measured()
    for number, path in enumerate(paths, start=1):
        text = _text(request.root / path)
        if text is not None:
            _measure(path, text, request.seed, (reader, checks), found)
        if say is not None:
            say(f"{number}/{len(paths)}")
    return {
        "suite": SUITE,
        "n": len(paths),
        "seconds": round(time.monotonic() - start, 1),
        "metrics": {
            "alarms": len(found.alarms),
            "alarms_per_1000_files": round(1000 * len(found.alarms) / max(1, len(paths)), 2),
            "median_ms": round(1000 * statistics.median(found.seconds or [0.0]), 1),
            "changes": {use.value: row.to_json() for use, row in sorted(found.kinds.items())},
        },
        "alarms": found.alarms,
        "missed": found.missed,
    }


def _measure(
    path: str,
    text: str,
    seed: int,
    by: tuple[GraphReader, Sequence[NamesCheck]],
    found: _Measured,
) -> None:
    reader, checks = by
    begun = time.perf_counter()
    found.alarms += _problems(checks, Edit(path, None, text))
    found.seconds.append(time.perf_counter() - begun)
    resolved = set(_resolved(reader, path))
    for place in choose(path, text, seed):
        after = renamed(text, place)
        is_told = bool(_problems(checks, Edit(path, text, after)))
        is_resolved = (place.line, place.column + place.length) in resolved
        found.kinds.setdefault(place.use, _Told()).add(is_told=is_told, is_resolved=is_resolved)
        if is_resolved and not is_told:
            found.missed.append(f"{path}:{place.line}: {place.use}: {_named(text, place)}")


def _problems(checks: Sequence[NamesCheck], edit: Edit) -> list[str]:
    draft = Draft("", (edit,))
    return [str(problem) for check in checks for problem in check.run(draft).problems]


def _drawn(reader: GraphReader, request: DraftsRequest) -> list[str]:
    rows = reader.query("MATCH (f:FILE) RETURN f.file_path AS path", max_rows=None).rows
    paths = sorted(row[0] for row in rows)
    if request.files is None or request.files >= len(paths):
        return paths
    return sorted(random.Random(request.seed).sample(paths, request.files))  # noqa: S311


def _resolved(reader: GraphReader, path: str) -> Iterator[tuple[int, int]]:
    """The places of a file that an edge leads from to a definition: line, and column of the end."""
    cypher = (
        "MATCH (a)-[r]->(b) WHERE a.file_path = $path AND r.sites IS NOT NULL "
        f"AND NOT b:{NodeKind.EXTERNAL.value} RETURN r.sites AS sites"
    )
    for row in reader.query(cypher, {"path": path}, max_rows=None).rows:
        for site in parse_sites(row[0]):
            yield site.line, site.column + site.length


def _text(path: Path) -> str | None:
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None


def _named(text: str, place: Place) -> str:
    line = text.encode().split(b"\n")[place.line - 1]
    return line[place.column : place.column + place.length].decode()


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
