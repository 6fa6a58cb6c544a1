"""Runs the exporter over javac's Tree API that lies beside this file, with the user's JDK."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.accuracy.truth.files import write_lines
from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Sequence

EXPORTER = "ExportTruth.java"
_MAX_PROBLEMS = 10


def export(arguments: Sequence[str], root: Path, out: Path, java: str) -> tuple[int, list[str]]:
    """Write what javac resolves in Java sources as rows of tab-separated fields.

    arguments: source folders or files, and options of javac. root: paths are written below it. The
    fields: file, line, column (from 1), kind (call, new, mref, typeref, fieldref, inherits,
    defclass, defmethod, deffield), who uses, what is used as `binary.Name#member(erased types)`,
    and `file:line` of what is used, empty when it is outside. Returns how many rows were written,
    and javac's first errors: what they concern is missing. Raises CodexGraphError when there is no
    JDK, no source, or not a row.
    """
    program = Path(__file__).with_name(EXPORTER)
    command = [java, str(program), str(root), *arguments]
    try:
        done = subprocess.run(
            command, cwd=root, capture_output=True, text=True, encoding="utf-8", check=False
        )
    except OSError as error:
        raise CodexGraphError(f"{java} cannot be run: {error}: give a JDK's java") from None
    problems = done.stderr.splitlines()
    if done.returncode != 0:
        raise CodexGraphError(f"javac: {problems[0] if problems else 'no reason given'}")
    number = write_lines(out, done.stdout.splitlines())
    if not number:
        raise CodexGraphError(f"javac found nothing in {' '.join(arguments)}: give source folders")
    return number, problems[:_MAX_PROBLEMS]
