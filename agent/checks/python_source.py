"""Asks a Python interpreter about source text, in a process of its own that runs none of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECONDS = 30.0
_CHILD = Path(__file__).with_name("python_child.py")


class PythonSource:
    """One interpreter. python: its path, set by a person; None takes the one that runs this.

    An interpreter inside a repository is never taken: it is a program of that repository's.
    """

    def __init__(self, python: Path | None = None) -> None:
        self._python = str(python or sys.executable)

    def faults(self, texts: Sequence[str], path: str) -> list[tuple[int | None, str] | None]:
        """A line and a message for each text that cannot be compiled, else None.

        Raises CodexGraphError when the interpreter cannot be asked.
        """
        return [tuple(row) if row else None for row in self._ask("compile", texts, path)]

    def bare(self, texts: Sequence[str]) -> list[str | None]:
        """A hash of each text without comments and docstrings; None for what does not parse.

        Raises CodexGraphError when the interpreter cannot be asked.
        """
        return self._ask("bare", texts, "")

    def _ask(self, task: str, texts: Sequence[str], path: str) -> list[Any]:
        # Lone surrogates are escaped by JSON and come back as they were.
        request = json.dumps({"task": task, "texts": list(texts), "path": path}).encode()
        command = [self._python, "-I", "-S", str(_CHILD)]
        try:
            ran = subprocess.run(
                command, input=request, capture_output=True, timeout=_SECONDS, check=False, env={}
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CodexGraphError(
                f"{self._python} cannot be asked about the text: {error}"
            ) from error
        try:
            return json.loads(ran.stdout)
        except ValueError as error:
            last = ran.stderr.decode(errors="replace").strip().rpartition("\n")[2]
            told = last or f"it ended with code {ran.returncode}"
            raise CodexGraphError(f"{self._python} did not answer: {told}") from error
