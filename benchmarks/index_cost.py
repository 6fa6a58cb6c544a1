"""What indexing costs, as ratios to parsing the same bytes with tree-sitter in the same run.

Every measured run is a process of its own on a copy of the repository, so that start-up, memory and
the store's file are those that a user pays for, and the user's own tree and index stay untouched.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphdb.errors import CodexGraphError
from graphdb.schema import NodeKind
from indexer.decode import decode
from indexer.discovery import discover
from indexer.languages import SUFFIXES, language

SUITE = "index"
REPEATS = 3
EDITED_FILES = 5
_MAX_FILE_BYTES = 5_000_000
_UPDATE = ("extract", "link", "write", "remember")
"""Phases from the moment that the changed file is known until the new graph is saved."""

_KINDS = frozenset(map(str, NodeKind))
_CHILD = (
    "import codexgraph, sys; from benchmarks.index_cost import parse_all; parse_all(sys.argv[1])"
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One command: CPU seconds of it and its workers, wall seconds, and what it printed."""

    cpu_s: float
    wall_s: float
    report: dict[str, Any]


def run(path: Path, jobs: int) -> dict[str, Any]:
    """Measure a repository; `suite`, `n` (files), `skipped`, `seconds` and `metrics`.

    Raises CodexGraphError when there is nothing to index or a run fails.
    """
    start = time.monotonic()
    found = discover(path, SUFFIXES, max_file_bytes=_MAX_FILE_BYTES)
    if not found.files:
        raise CodexGraphError(f"{path} has no source files: give a repository")
    with tempfile.TemporaryDirectory(prefix="codexgraph-bench-") as folder:
        copy = Path(folder) / (path.resolve().name or "repository")
        for file in found.files:
            target = copy / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path / file.path, target)
        metrics = _measure(copy, Path(folder) / "index", jobs)
    metrics["source_bytes"] = sum(file.size for file in found.files)
    return {
        "suite": SUITE,
        "n": len(found.files),
        "skipped": sum(row.count for row in found.left_out),
        "seconds": round(time.monotonic() - start, 1),
        "metrics": metrics,
    }


def _measure(copy: Path, index_dir: Path, jobs: int) -> dict[str, Any]:
    parses: list[float] = []
    wholes: list[Measured] = []
    for _ in range(REPEATS):
        # In turn, so that a slow spell of the machine meets both.
        parses.append(_parse_cpu(copy))
        wholes.append(_index(copy, index_dir, jobs, "--full"))
    nothing = [_index(copy, index_dir, jobs) for _ in range(REPEATS)]
    edits = _edit(copy, index_dir, jobs)
    whole = statistics.median(m.cpu_s for m in wholes)
    parse = statistics.median(parses)
    source = sum(file.stat().st_size for file in copy.rglob("*") if file.is_file())
    last = wholes[-1].report
    updates = [sum(m.report["seconds"].get(phase, 0.0) for phase in _UPDATE) for m in edits]
    return {
        "cpu_ratio": round(whole / parse, 2),
        "cpu_ratio_runs": [round(m.cpu_s / p, 2) for m, p in zip(wholes, parses, strict=True)],
        "peak_mb": statistics.median(m.report["peak_memory_mb"] for m in wholes),
        "store_ratio": round(_folder_bytes(index_dir) / max(1, source), 2),
        "unchanged_ratio": round(statistics.median(m.cpu_s for m in nothing) / whole, 3),
        "one_file_update_s": round(statistics.median(updates), 3),
        "one_file_run_s": round(statistics.median(m.report["seconds"]["total"] for m in edits), 3),
        "one_file_command_s": round(statistics.median(m.wall_s for m in edits), 3),
        "one_file_relinked": [m.report["relinked_files"] for m in edits],
        "parse_cpu_s": round(parse, 3),
        "index_cpu_s": round(whole, 3),
        "index_wall_s": round(statistics.median(m.wall_s for m in wholes), 3),
        "phases_s": last["seconds"],
        "nodes": sum(n for label, n in last["nodes"].items() if label in _KINDS),
        "edges": sum(last["edges"].values()),
    }


def _edit(copy: Path, index_dir: Path, jobs: int) -> list[Measured]:
    """Add a function to several files, one after the other, and update after each."""
    paths = [file for file in copy.rglob("*") if file.suffix.lower() in SUFFIXES]
    files = sorted(paths, key=lambda file: (file.stat().st_size, str(file)))
    step = max(1, len(files) // (EDITED_FILES + 1))
    chosen = files[step::step][:EDITED_FILES] or files[-1:]
    results: list[Measured] = []
    for file in chosen:
        file.write_bytes(_with_function(file.read_bytes(), file.suffix.lower()))
        results.append(_index(copy, index_dir, jobs))
    return results


def _with_function(text: bytes, suffix: str) -> bytes:
    """A text with one more function: inside the last class, where a language wants that."""
    if suffix in {".py", ".pyi"}:
        return text + b"\n\ndef codexgraph_bench_added(value):\n    return str(value)\n"
    before, brace, after = text.rpartition(b"}")
    added = b"    static Object codexgraphBenchAdded(Object value) { return value; }\n"
    return before + added + brace + after if brace else text + b"\n"


def _index(copy: Path, index_dir: Path, jobs: int, *options: str) -> Measured:
    command = [sys.executable, "-m", "codexgraph", "index", str(copy), "--json", "--quiet"]
    command += ["--jobs", str(jobs), "--index-dir", str(index_dir), *options]
    done = _run(command)
    return Measured(done.cpu_s, done.wall_s, done.report["result"])


def _parse_cpu(copy: Path) -> float:
    return float(_run([sys.executable, "-c", _CHILD, str(copy)]).report["cpu_s"])


def _run(command: list[str]) -> Measured:
    root = str(Path(__file__).resolve().parent.parent)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*_package_path(root)])}
    start = time.monotonic()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - start
        out.seek(0)
        text = out.read().decode()
    if process.returncode != 0:
        raise CodexGraphError(
            f"{' '.join(command[1:5])} ended with {process.returncode}: {text[:300]}"
        )
    return Measured(usage.ru_utime + usage.ru_stime, wall, json.loads(text))


def _package_path(root: str) -> list[str]:
    """Where the children find codexgraph: in the source tree, or where the wheel put it."""
    inside = Path(root).name == "_lib"
    base = str(Path(root).parent.parent) if inside else root
    return [base, *filter(None, [os.environ.get("PYTHONPATH")])]


def parse_all(folder: str) -> None:
    """Read and parse every source file below a folder once; prints the CPU seconds of that."""
    root = Path(folder)
    found = discover(root, SUFFIXES, max_file_bytes=_MAX_FILE_BYTES)
    for name in {file.language for file in found.files}:
        language(name).parse(b"")
    start = time.process_time()
    for file in found.files:
        language(file.language).parse(decode((root / file.path).read_bytes()).text_utf8)
    sys.stdout.write(json.dumps({"cpu_s": time.process_time() - start}))


def _folder_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
