"""`check` and `run_tests`: what the checks of a task say, asked for by the model.

Both only pass texts on to whoever runs things; no argument becomes part of a command here, and what
could be an option or a path elsewhere is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from agent.draft import Status
from agent.tool import Item, Parameter, ToolResult
from agent.tools.code import OFFSET
from agent.tools.imports import FILE_TEXT, PATH
from agent.tools.lookup import paged
from agent.tools.texts import inside

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from agent.draft import CheckResult

    RunChecks = Callable[[str, str], Sequence[CheckResult]]
    RunTests = Callable[[tuple[str, ...]], Sequence[CheckResult]]

_MAX_IDS = 50
_MAX_MESSAGE = 2_000
_TEST_ID = re.compile(r"[\w./]([\w./$#:\[\], -]*[\w.\]])?")


class Check:
    """The checks of a text, before it is proposed."""

    name = "check"
    description = (
        "Parse a file's text and check its imports, names and style, and compile it where that "
        "can be done: the problems with their lines."
    )
    parameters = (FILE_TEXT, PATH, OFFSET)
    budget = 500

    def __init__(self, run_checks: RunChecks) -> None:
        self._run_checks = run_checks

    def run(self, arguments: Mapping[str, Any]) -> ToolResult:
        """One item a problem."""
        path = inside(str(arguments["path"]))
        return _told(self._run_checks(path, arguments["file_text"]), arguments["offset"])


class RunTestsTool:
    """The tests of the repository, with the draft in place."""

    name = "run_tests"
    description = "Run tests with the current draft in place: counts, then failures, short first."
    parameters = (
        Parameter("ids", "strings", "tests to run, as the test runner names them; else all"),
        OFFSET,
    )
    budget = 1000

    def __init__(self, run_tests: RunTests) -> None:
        self._run_tests = run_tests

    def run(self, arguments: Mapping[str, Any]) -> ToolResult:
        """One item a failure."""
        ids = tuple(str(item).strip() for item in arguments["ids"] or ())
        wrong = next((item for item in ids if not _is_test_id(item)), None)
        if wrong is not None or len(ids) > _MAX_IDS:
            error = f"ids are names of at most {_MAX_IDS} tests, such as tests/test_a.py::test_b"
            return ToolResult(error=error)
        return _told(self._run_tests(ids), arguments["offset"], shortest_first=True)


def _is_test_id(text: str) -> bool:
    if len(text) > 500 or not _TEST_ID.fullmatch(text):
        return False
    return not text.startswith(("/", "-")) and ".." not in text.split("::")[0].split("/")


def _told(
    results: Sequence[CheckResult], offset: int, *, shortest_first: bool = False
) -> ToolResult:
    problems = [(result, problem) for result in results for problem in result.problems]
    if shortest_first:
        problems.sort(key=lambda pair: len(pair[1].message))
    items = [
        Item(
            f"{result.check}: {problem}"[:_MAX_MESSAGE],
            kind=result.check,
            file=problem.path,
            line=problem.line,
        )
        for result, problem in problems
    ]
    notes: list[str] = []
    for result in results:
        told = f"{result.check} {result.status.value}"
        is_plain = result.status is Status.PASSED and not result.reason
        notes.append(told if is_plain else f"{told}: {result.reason}".removesuffix(": "))
        notes += result.notes
    return paged(items, offset, notes=notes)
