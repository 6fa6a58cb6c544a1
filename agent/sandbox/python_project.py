"""A Python project: its own interpreter where it has one, and pytest.

The copy's folders come first on the path, so that what is tested is the copy also where the project
is installed in the interpreter from its original place.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.sandbox.projects import WORK, Step, Tools
from agent.sandbox.reports import Cases, pytest_name, read_cases
from graphdb.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.sandbox.local import LocalSandbox
    from agent.sandbox.ran import Ran

_VIRTUALENVS = (".venv", "venv")
_REPORT = f"{WORK}/tests.xml"
_PYTEST = ("-m", "pytest", "-p", "no:cacheprovider", "-q", "--tb=short")


@dataclass(frozen=True, slots=True)
class PythonProject:
    """Runs pytest. readable: the interpreter's folders."""

    interpreter: Path
    readable: tuple[Path, ...]
    path: str
    notes: tuple[str, ...]
    kind: str = "pytest"

    def compile_steps(self, paths: Sequence[str]) -> tuple[Step, ...]:
        """Compile each file, without running any."""
        return (self._step("-m", "py_compile", *(f"./{path}" for path in paths)),)

    def test_steps(self, tests: Sequence[str]) -> tuple[Step, ...]:
        """Run pytest with ids."""
        report = (f"--junitxml={_REPORT}", "-o", "junit_family=xunit1")
        return (self._step(*_PYTEST, *report, *(f"./{test}" for test in tests)),)

    def _step(self, *arguments: str) -> Step:
        environment = {"PYTHONPATH": self.path}
        return Step(
            (str(self.interpreter), *arguments), environment=environment, readable=self.readable
        )

    def clear(self, sandbox: LocalSandbox) -> None:
        """Remove the report of a run before."""
        sandbox.remove(_REPORT)

    def read(self, sandbox: LocalSandbox, run: Ran) -> tuple[Cases, tuple[str, ...]]:
        """What pytest's report says."""
        report = sandbox.read(_REPORT)
        if report is None:
            return Cases(), _why_no_report(run)
        return read_cases([report], pytest_name)

    def missing(self, tests: Sequence[str], cases: Cases) -> tuple[str, ...]:
        """Ids of which neither they nor something below them has a result."""
        names = list(cases.names())
        return tuple(test for test in tests if not any(_is_of(name, test) for name in names))


def _is_of(name: str, test: str) -> bool:
    test = test.removeprefix("./").rstrip("/")
    return name == test or name.startswith((f"{test}::", f"{test}[", f"{test}/"))


def _why_no_report(run: Ran) -> tuple[str, ...]:
    if "No module named pytest" in run.output:
        return (f"pytest is not installed for {run.command[0]}",)
    return ()


def find_python_project(root: Path, tools: Tools) -> PythonProject:
    """Choose the interpreter. Raises SandboxError for one that is set and not there."""
    if tools.python is not None and not tools.python.exists():
        raise SandboxError(f"{tools.python} is no interpreter; correct the setting of the Python")
    found = [root / name / "bin/python" for name in _VIRTUALENVS]
    own = next((path for path in found if path.exists()), None)
    interpreter = tools.python or own or Path(sys.executable)
    notes = ()
    if tools.python is None and own is None:
        notes = (f"{root} has no .venv: tests run with {interpreter}, which may lack its packages",)
    folders = [".", *(("src",) if (root / "src").is_dir() else ())]
    absolute = interpreter.absolute()
    return PythonProject(absolute, _needed(absolute), os.pathsep.join(folders), notes)


def _is_interpreter(path: Path) -> bool:
    is_named = path.name.startswith(("python", "pypy"))
    return is_named and path.is_file() and os.access(path, os.X_OK)


def _needed(interpreter: Path) -> tuple[Path, ...]:
    """Folders that an interpreter reads: its environment, and what that was made from.

    A repository can name any folder as that, so one counts only if an interpreter is in it.
    """
    found = {interpreter.parent.parent}
    if _is_interpreter(interpreter.resolve()):
        found.add(interpreter.resolve().parent.parent)
    settings = interpreter.parent.parent / "pyvenv.cfg"
    if settings.is_file():
        for line in settings.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            home = Path(value.strip())
            if name.strip() == "home" and any(map(_is_interpreter, home.glob("py*"))):
                found.add(home.parent)
    return tuple(sorted(path for path in found if path != Path("/")))
