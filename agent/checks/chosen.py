"""The checks of a task, by name: cheapest first, and those that cannot be made say so when run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.checks.analyses import Analyses
from agent.checks.citations import CitationsCheck
from agent.checks.compiling import CompileCheck
from agent.checks.hints import GraphHints
from agent.checks.linting import LintCheck, TypesCheck, find_tool
from agent.checks.python_source import PythonSource
from agent.checks.reading import ParseCheck, imports_check, names_check
from agent.checks.results import skipped
from agent.checks.screening import ScreenCheck
from agent.checks.testing import TestsCheck
from agent.checks.unchanged import DocstringOnlyCheck, SameSignatureCheck
from agent.sandbox.ran import RunLimits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from agent.analysis import Analyst
    from agent.checks.bench import Bench
    from agent.draft import Check, CheckResult, Draft
    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

FOR_CODE = ("parse", "imports", "names", "screen", "compile")
"""What any draft of code must pass."""

JOBS = {
    "ask": ("citations",),
    "debug": (*FOR_CODE, "citations"),
    "test": (*FOR_CODE, "tests"),
    "generate": (*FOR_CODE, "same_signature"),
    "class": (*FOR_CODE, "same_signature"),
    "complete": (*FOR_CODE, "same_signature"),
    "comment": ("parse", "docstring_only", "screen"),
}
"""What a draft of each job must pass. Code is run for tests alone."""

ORDER = (
    *("parse", "docstring_only", "same_signature", "imports", "names", "screen", "citations"),
    *("lint", "compile", "pyright", "tests"),
)
"""From the cheapest check to the dearest."""


@dataclass(frozen=True, slots=True)
class Means:
    """What checks look with. analyst: None where texts cannot be read.

    bench: None where nothing may run. targets: full names whose signatures may change. tests, path:
    see `TestsCheck`. python: set by a person, else our own interpreter compiles.
    """

    root: Path
    reader: GraphReader | None = None
    analyst: Analyst | None = None
    bench: Bench | None = None
    targets: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    path: str = ""
    python: Path | None = None
    limits: RunLimits = field(default_factory=RunLimits)
    is_about_code: bool = True


def checks_of(
    reader: GraphReader,
    analyst: Analyst | None,
    root: Path,
    bench: Bench | None = None,
    optional: Iterable[str] = (),
) -> Callable[[str, Symbol | None], tuple[Check, ...]]:
    """What chooses the checks of a job by its name and the definition that it writes.

    bench: without one nothing is run. optional: checks of code beside those of the job, such as
    lint.
    """
    more = tuple(optional)

    def choose(job: str, target: Symbol | None) -> tuple[Check, ...]:
        means = Means(
            root,
            reader,
            analyst,
            bench,
            targets=(target.full_name,) if target else (),
            python=bench.tools.python if bench else None,
            is_about_code=job != "debug",
        )
        names = [name for name in JOBS[job] if name != "tests" or bench is not None]
        is_code = "compile" in names
        return checks_for((*names, *(more if is_code else ())), means)

    return choose


class Unavailable:
    """Stands for a check that cannot be made; it is skipped with the reason."""

    def __init__(self, name: str, reason: str) -> None:
        self.name = name
        self._reason = reason

    def run(self, draft: Draft) -> CheckResult:
        """Say why not."""
        del draft
        return skipped(self.name, self._reason)


def checks_for(names: Iterable[str], means: Means) -> tuple[Check, ...]:
    """Checks by their names, cheapest first. Raises ValueError for an unknown name."""
    wanted = set(names)
    unknown = sorted(wanted - set(ORDER))
    if unknown:
        raise ValueError(f"no check is called {unknown[0]}: known are {', '.join(ORDER)}")
    makers = _Makers(means)
    return tuple(makers.make(name) for name in ORDER if name in wanted)


class _Makers:
    """Makes checks that share their analyses and their interpreter."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._analyst = Analyses(means.analyst) if means.analyst else None
        self._python = PythonSource(means.python)
        self._hints = GraphHints(means.reader) if means.reader else None
        self._makers: dict[str, Callable[[], Check | str]] = {
            "parse": lambda: ParseCheck(self._analyst) if self._analyst else _NO_ANALYST,
            "imports": self._imports,
            "names": self._names,
            "screen": ScreenCheck,
            "lint": lambda: LintCheck(find_tool("ruff", means.python)),
            "compile": lambda: CompileCheck(self._python, means.bench, means.limits),
            "pyright": lambda: TypesCheck(means.bench, means.limits) if means.bench else _NO_BENCH,
            "tests": self._tests,
            "citations": self._citations,
            "docstring_only": lambda: DocstringOnlyCheck(self._python),
            "same_signature": self._same_signature,
        }

    def make(self, name: str) -> Check:
        made = self._makers[name]()
        return Unavailable(name, made) if isinstance(made, str) else made

    def _imports(self) -> Check | str:
        return imports_check(self._analyst, self._hints) if self._analyst else _NO_ANALYST

    def _names(self) -> Check | str:
        return names_check(self._analyst, self._hints) if self._analyst else _NO_ANALYST

    def _same_signature(self) -> Check | str:
        if self._analyst is None:
            return _NO_ANALYST
        return SameSignatureCheck(self._analyst, self._means.targets)

    def _citations(self) -> Check | str:
        means = self._means
        if means.reader is None:
            return "nothing is indexed"
        return CitationsCheck(means.reader, means.root, is_about_code=means.is_about_code)

    def _tests(self) -> Check | str:
        means = self._means
        if means.bench is None:
            return _NO_BENCH
        return TestsCheck(means.bench, means.tests, means.limits, means.path)


_NO_ANALYST = "texts cannot be read here: nothing is indexed"
_NO_BENCH = "nothing may run here: there is no sandbox"
