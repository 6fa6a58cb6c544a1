"""Checks by tools that a project may have installed: ruff's errors, pyright's new complaints.

Both read and run nothing. Of ruff's rules only those count that say that something is wrong when it
runs; a style is a person's own affair.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.checks.results import each_edit, new_problems, skipped, timed
from agent.draft import Problem
from agent.sandbox.python_project import find_python_project
from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.checks.bench import Bench
    from agent.draft import CheckResult, Draft, Edit
    from agent.sandbox.local import LocalSandbox
    from agent.sandbox.python_project import PythonProject
    from agent.sandbox.ran import RunLimits

_SECONDS = 30.0
_IGNORED = "F401,F403,F405,F541,F841"
"""Unused names and star imports: nothing fails for them."""


def find_tool(name: str, python: Path | None = None) -> str | None:
    """A program beside the project's interpreter, beside ours, or on the path."""
    beside = (Path(p).parent / name for p in (python, sys.executable) if p)
    found = next((str(path) for path in beside if os.access(path, os.X_OK)), None)
    return found or shutil.which(name)


class LintCheck:
    """Ruff finds no error that was not there before. ruff: its path, None where there is none."""

    name = "lint"

    def __init__(self, ruff: str | None) -> None:
        self._ruff = ruff

    def run(self, draft: Draft) -> CheckResult:
        """Look at a draft."""
        if self._ruff is None:
            return skipped(self.name, "ruff is not installed")
        if not any(edit.path.endswith((".py", ".pyi")) for edit in draft.edits):
            return skipped(self.name, "no file of the draft is Python")
        return each_edit(self.name, draft, self._problems)

    def _problems(self, edit: Edit) -> tuple[Problem, ...]:
        if not edit.path.endswith((".py", ".pyi")):
            return ()
        before = self._found(edit.path, edit.before) if edit.before is not None else ()
        return new_problems(edit, self._found(edit.path, edit.after), before)

    def _found(self, path: str, text: str) -> tuple[Problem, ...]:
        command = [
            *(self._ruff or "ruff", "check", "--isolated", "--no-cache", "--exit-zero"),
            *("--select", "F,E9", "--ignore", _IGNORED, "--output-format", "json"),
            # A name of its own: the path of a draft is no argument of a program.
            *("--stdin-filename", f"draft{Path(path).suffix}", "-"),
        ]
        try:
            ran = subprocess.run(
                command,
                input=text.encode("utf-8", "replace"),
                capture_output=True,
                timeout=_SECONDS,
                check=False,
            )
            rows: list[dict[str, Any]] = json.loads(ran.stdout)
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            raise CodexGraphError(f"ruff cannot be asked: {error}") from error
        return tuple(
            Problem(f"{row['message']} ({row['code'] or 'syntax'})", path, row["location"]["row"])
            for row in rows
        )


class TypesCheck:
    """Pyright of the project's own environment finds no error that was not there before.

    It is a program of the project's, so it runs in the sandbox.
    """

    name = "pyright"

    def __init__(self, bench: Bench, limits: RunLimits) -> None:
        self._bench = bench
        self._limits = limits

    def run(self, draft: Draft) -> CheckResult:
        """Look at a draft."""
        edits = [edit for edit in draft.edits if edit.path.endswith((".py", ".pyi"))]
        if not edits:
            return skipped(self.name, "no file of the draft is Python")
        return timed(self.name, lambda: self._run(draft, edits))

    def _run(self, draft: Draft, edits: list[Edit]) -> CheckResult:
        project = find_python_project(self._bench.root, self._bench.tools)
        if not os.access(project.interpreter.parent / "pyright", os.X_OK):
            return skipped(self.name, "the project's environment has no pyright")
        old = [edit for edit in edits if edit.before is not None]
        with self._bench.laid((), is_run=False) as sandbox:
            before = tuple(self._found(sandbox, project, old)) if old else ()
        with self._bench.laid(draft.edits, is_run=False) as sandbox:
            after = tuple(self._found(sandbox, project, edits))

        def fresh(edit: Edit) -> tuple[Problem, ...]:
            own = [p for p in after if p.path == edit.path]
            return new_problems(edit, own, [p for p in before if p.path == edit.path])

        return each_edit(self.name, draft, fresh)

    def _found(
        self, sandbox: LocalSandbox, project: PythonProject, edits: list[Edit]
    ) -> Iterator[Problem]:
        pyright = str(project.interpreter.parent / "pyright")
        command = [pyright, "--outputjson", *(f"./{edit.path}" for edit in edits)]
        ran = sandbox.run(command, self._limits, readable=project.readable)
        try:
            rows = json.loads(ran.output)["generalDiagnostics"]
        except (ValueError, KeyError, TypeError) as error:
            last = ran.output.strip().rpartition("\n")[2][:200]
            raise CodexGraphError(f"pyright did not answer: {last or ran.end}") from error
        for row in rows:
            path = _relative(str(row.get("file", "")), sandbox.roots)
            if row.get("severity") == "error" and path:
                message = " ".join(str(row.get("message", "")).split())
                line = int(row.get("range", {}).get("start", {}).get("line", 0)) + 1
                yield Problem(message, path, line)


def _relative(path: str, roots: tuple[str, str]) -> str | None:
    for root in roots:
        if path.startswith(root + "/"):
            return path[len(root) + 1 :]
    return None
