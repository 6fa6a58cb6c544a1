"""Runs a test command with the tracer inside and gathers the calls that its processes saw.

The tracer comes in as `sitecustomize`, so any interpreter that minds PYTHONPATH takes it along,
into its subprocesses too; a process that ends without clean-up (`os._exit`, a signal) is lost.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.accuracy.records import read_jsonl
from benchmarks.accuracy.truth.files import write_jsonl
from graphdb.errors import CodexGraphError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FIELDS = (
    "caller",
    "caller_file",
    "caller_line",
    "line",
    "callee",
    "callee_file",
    "callee_line",
    "indirect",
)
"""What makes a recorded call one; a record has these and `n`, how often it was seen."""

_SITE = """\
import os
import sys

_here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, _here)
import codexgraph_tracer

sys.path[:] = [path for path in sys.path if os.path.abspath(path) != _here]
codexgraph_tracer.start({root!r}, {folder!r})
_this = sys.modules.pop("sitecustomize", None)
try:
    import sitecustomize
except ImportError:
    sys.modules["sitecustomize"] = _this
"""


def trace(command: Sequence[str], root: Path, out: Path) -> tuple[int, int]:
    """Run a command and write its calls to `out`, gzipped when it is named so.

    root: the folder whose functions count, below which paths are written. Returns how many calls
    were written, and the command's exit code. Raises CodexGraphError when the command cannot be
    run, NotFoundError when it called nothing below `root`.
    """
    if not root.is_dir():
        raise CodexGraphError(f"{root} is not a folder: give the sources' folder with --root")
    with tempfile.TemporaryDirectory(prefix="codexgraph-trace-") as name:
        folder = Path(name)
        site = folder / "site"
        site.mkdir()
        shutil.copyfile(Path(__file__).with_name("tracer.py"), site / "codexgraph_tracer.py")
        text = _SITE.format(root=str(root.resolve()), folder=name)
        (site / "sitecustomize.py").write_text(text, encoding="utf-8")
        before = os.environ.get("PYTHONPATH")
        paths = os.pathsep.join([str(site), *([before] if before else [])])
        try:
            done = subprocess.run(command, env={**os.environ, "PYTHONPATH": paths}, check=False)
        except OSError as error:
            raise CodexGraphError(f"{command[0]} cannot be run: {error}") from None
        calls = _gathered(folder.glob("calls-*.jsonl"))
    if not calls:
        raise NotFoundError(
            f"no calls between functions below {root} were seen (exit code {done.returncode}): "
            "give the folder of the sources with --root, and a command that runs Python"
        )
    write_jsonl(out, (dict(zip(FIELDS, key, strict=True)) | {"n": n} for key, n in calls))
    return len(calls), done.returncode


def _gathered(files: Iterable[Path]) -> list[tuple[tuple[object, ...], int]]:
    counts: Counter[tuple[object, ...]] = Counter()
    for file in files:
        for row in read_jsonl(file, FIELDS):
            counts[tuple(row[key] for key in FIELDS)] += row["n"]
    return sorted(counts.items(), key=str)
