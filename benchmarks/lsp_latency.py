"""What the language server's answers cost and whether they agree, beside others in one run.

Every server gets the same requests on the same copy of the repository, one server after the other,
so that the user's own tree stays untouched. Figures are ratios to the rivals of this run.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.lsp_client import Place, Server, places
from benchmarks.lsp_tasks import Tasks, choose
from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Sequence

SUITE = "lsp"
OURS = "codexgraph"
COMMANDS = {
    OURS: [sys.executable, "-P", "-m", "codexgraph", "lsp"],
    "ty": ["ty", "server"],
    "pyright": ["pyright-langserver", "--stdio"],
    "jedi": ["jedi-language-server"],
}
OPTIONS: dict[str, dict[str, Any]] = {"jedi": {"diagnostics": {"enable": False}}}
WARM_ROUNDS = 10
FRESH_S = 120.0
SETTLE_S = 20.0


@dataclass(slots=True)
class Measured:
    """One server: seconds and CPU seconds of its answers, and the answers."""

    first_s: float = 0.0
    first_cpu_s: float = 0.0
    definition_s: list[float] = field(default_factory=list[float])
    definition_cpu_s: float = 0.0
    symbol_s: list[float] = field(default_factory=list[float])
    reference_s: list[float] = field(default_factory=list[float])
    definitions: dict[Place, set[Place]] = field(default_factory=dict[Place, set[Place]])
    references: dict[Place, set[Place]] = field(default_factory=dict[Place, set[Place]])
    fresh_s: float | None = None
    peak_mb: float = 0.0
    errors: int = 0


def run(path: Path, against: Sequence[str]) -> dict[str, Any]:
    """Measure on a repository; `suite`, `n` (requests a server), `skipped`, `seconds`, `metrics`.

    Raises CodexGraphError for a repository without Python or a server that does not start.
    """
    start = time.monotonic()
    unknown = [name for name in against if name not in COMMANDS or name == OURS]
    if unknown:
        known = ", ".join(name for name in COMMANDS if name != OURS)
        raise CodexGraphError(f"unknown server {unknown[0]!r}: choose of {known}")
    commands = {name: _found(COMMANDS[name]) for name in (OURS, *against)}
    skipped = [name for name, command in commands.items() if command is None]
    with tempfile.TemporaryDirectory(prefix="codexgraph-bench-") as folder:
        copy = Path(folder).resolve() / (path.resolve().name or "repository")
        shutil.copytree(path, copy, symlinks=True, ignore=_left_out)
        tasks = choose(copy)
        if not tasks.imported or not tasks.symbols:
            raise CodexGraphError(f"{path} has too little Python to ask about: give a repository")
        _index(copy)
        found = {name: _measure(name, c, copy, tasks) for name, c in commands.items() if c}
    count = len(tasks.imported) * (WARM_ROUNDS + 1) + len(tasks.attributes)
    return {
        "suite": SUITE,
        "n": count + 2 * len(tasks.names) + 2 * len(tasks.symbols),
        "skipped": [f"{name}: not installed" for name in skipped],
        "seconds": round(time.monotonic() - start, 1),
        "metrics": _metrics(found, tasks),
    }


def _found(command: list[str]) -> list[str] | None:
    """A command with the full path of its program; None when it is not installed."""
    beside = Path(sys.executable).parent / command[0]
    program = str(beside) if beside.exists() else shutil.which(command[0])
    return [program, *command[1:]] if program else None


def _left_out(_: str, names: list[str]) -> set[str]:
    return {".codexgraph", "node_modules", ".venv", "__pycache__"}.intersection(names)


def _index(copy: Path) -> None:
    command = [sys.executable, "-P", "-m", "codexgraph", "index", str(copy), "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ}, check=False)
    if done.returncode:
        raise CodexGraphError(f"the index cannot be built: {done.stderr.strip()[-300:]}")


def _measure(name: str, command: list[str], root: Path, tasks: Tasks) -> Measured:
    found = Measured()
    begun = time.perf_counter()
    server = Server(command, root)
    try:
        server.initialize(OPTIONS.get(name))
        for path in tasks.files:
            server.open(path)
        _define(server, tasks.imported[:1], found)
        found.first_s, found.first_cpu_s = time.perf_counter() - begun, server.cpu_s()
        if name == OURS:
            server.ask("codexgraph/status", {"wait": True})
        _define(server, (*tasks.imported, *tasks.attributes), found)
        before = server.cpu_s()
        for _ in range(WARM_ROUNDS):
            found.definition_s += _define(server, tasks.imported, found)
        asked = WARM_ROUNDS * len(tasks.imported)
        found.definition_cpu_s = (server.cpu_s() - before) / asked
        _settle(server, tasks.names)
        for is_warm in (False, True):
            times = [server.ask("workspace/symbol", {"query": n}).seconds for n in tasks.names]
            found.symbol_s = times if is_warm else []
        for path in sorted({place[0] for place in tasks.symbols}.difference(tasks.files)):
            server.open(path)
        for is_repeat in (False, True):
            times = [_refer(server, place, found) for place in tasks.symbols]
            found.reference_s = times if is_repeat else []
        found.peak_mb = server.peak_mb()
        if name == OURS:
            found.fresh_s = _fresh(server, tasks)
    finally:
        server.stop()
    return found


def _settle(server: Server, names: Sequence[str]) -> None:
    """Wait until a server knows the repository: at first some know the open files only.

    One that never finds a name is waited for `SETTLE_S`.
    """
    until = time.monotonic() + SETTLE_S
    for name in names:
        while not server.ask("workspace/symbol", {"query": name}).result:
            if time.monotonic() > until:
                return
            time.sleep(0.2)


def _at(server: Server, place: Place) -> dict[str, Any]:
    path, line, character = place
    return {
        "textDocument": {"uri": (server.root / path).as_uri()},
        "position": {"line": line, "character": character},
    }


def _define(server: Server, asked: Sequence[Place], found: Measured) -> list[float]:
    times: list[float] = []
    for place in asked:
        answer = server.ask("textDocument/definition", _at(server, place))
        found.definitions[place] = places(server.root, answer.result)
        found.errors += answer.error is not None
        times.append(answer.seconds)
    return times


def _refer(server: Server, place: Place, found: Measured) -> float:
    params = {**_at(server, place), "context": {"includeDeclaration": True}}
    answer = server.ask("textDocument/references", params)
    found.references[place] = places(server.root, answer.result)
    found.errors += answer.error is not None
    return answer.seconds


def _fresh(server: Server, tasks: Tasks) -> float:
    """Seconds from a save until the references of a symbol have the use that was saved."""
    path, line, character = tasks.symbols[0]
    name = tasks.names[0]
    file = server.root / path
    text = file.read_text(encoding="utf-8").rstrip("\n") + f"\n\n\nfresh_use = {name}\n"
    new = text.count("\n") - 1
    document = {"uri": file.as_uri(), "version": 2}
    server.notify(
        "textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]}
    )
    file.write_text(text, encoding="utf-8")
    begun = time.perf_counter()
    server.notify("textDocument/didSave", {"textDocument": {"uri": file.as_uri()}})
    params = {
        **_at(server, (path, line, character)),
        "context": {"includeDeclaration": False},
    }
    while time.perf_counter() - begun < FRESH_S:
        answer = server.ask("textDocument/references", params)
        if any(p == path and row == new for p, row, _ in places(server.root, answer.result)):
            return time.perf_counter() - begun
        time.sleep(0.02)
    raise CodexGraphError(f"a saved use of {name} was not found in {FRESH_S:g} s")


def _metrics(found: dict[str, Measured], tasks: Tasks) -> dict[str, Any]:
    ours = found[OURS]
    metrics: dict[str, Any] = {
        "definition_p50_ms": _ms(statistics.median(ours.definition_s)),
        "definition_p95_ms": _ms(statistics.quantiles(ours.definition_s, n=20)[-1]),
        "definition_cpu_ms": _ms(ours.definition_cpu_s),
        "first_definition_s": round(ours.first_s, 3),
        "symbol_p50_ms": _ms(statistics.median(ours.symbol_s)),
        "references_repeat_ms": _ms(statistics.median(ours.reference_s)),
        "save_to_fresh_s": round(ours.fresh_s or 0.0, 3),
        "rss_mb": round(ours.peak_mb),
        "errors": ours.errors,
    }
    for name, other in found.items():
        if name == OURS:
            continue
        metrics |= {
            f"definition_cpu_vs_{name}": _ratio(ours.definition_cpu_s, other.definition_cpu_s),
            f"first_definition_cpu_vs_{name}": _ratio(ours.first_cpu_s, other.first_cpu_s),
            f"first_definition_wall_vs_{name}": _ratio(ours.first_s, other.first_s),
            f"symbol_p50_vs_{name}": _median_ratio(ours.symbol_s, other.symbol_s),
            f"references_repeat_vs_{name}": _median_ratio(ours.reference_s, other.reference_s),
            f"rss_mb_{name}": round(other.peak_mb),
        }
    if "pyright" in found:
        known = found["pyright"].definitions
        metrics["definition_agreement"] = _agreement(ours.definitions, known, tasks.imported)
        metrics["attribute_agreement"] = _agreement(ours.definitions, known, tasks.attributes)
    if "pyright" in found and "ty" in found:
        metrics |= _references(ours, found["pyright"], found["ty"])
    return metrics


def _agreement(
    ours: dict[Place, set[Place]], known: dict[Place, set[Place]], asked: Sequence[Place]
) -> float | None:
    """Share of the places that another server answers within the repository where we agree."""
    pairs = [(ours.get(place, set()), known[place]) for place in asked if known.get(place)]
    same = [bool({p[:2] for p in a} & {p[:2] for p in b}) for a, b in pairs]
    return round(sum(same) / len(same), 4) if same else None


def _references(ours: Measured, first: Measured, second: Measured) -> dict[str, Any]:
    """Recall of what both others find, and the share of ours that one of them finds."""
    both = missed = own = confirmed = 0
    for place, mine in ours.references.items():
        a, b = first.references.get(place, set()), second.references.get(place, set())
        both += len(a & b)
        missed += len((a & b) - mine)
        own += len(mine)
        confirmed += len(mine & (a | b))
    return {
        "references_known": both,
        "references_recall": round(1 - missed / both, 4) if both else None,
        "references_precision": round(confirmed / own, 4) if own else None,
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


def _ratio(ours: float, other: float) -> float | None:
    return round(ours / other, 3) if other else None


def _median_ratio(ours: Sequence[float], other: Sequence[float]) -> float | None:
    return _ratio(statistics.median(ours), statistics.median(other))
