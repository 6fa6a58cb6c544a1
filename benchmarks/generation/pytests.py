"""A Python project whose classes are replaced and tested by exact pytest ids, offline.

Ids may end in `@group`, which xdist adds to the names it reports and does not understand when asked
for; an id that is not there would end the whole call, so it is left out and counts as missing.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.draft import Edit
from agent.sandbox.ran import End, RunLimits
from benchmarks.generation import recording
from benchmarks.generation.copies import put_back
from benchmarks.generation.testrun import BrokenEnvironmentError, Result, TestRun

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.sandbox.ran import Ran, Sandbox
    from benchmarks.generation.classtasks import ClassTask

_FOLDER = ".codexgraph-tests"
_PLUGIN = "codexgraph_recording"
_GROUP = re.compile(r"@[\w.-]+$")
_NOT_FOUND = re.compile(r"^ERROR: not found: (?P<path>.+)$", re.MULTILINE)
_MANY = 100
"""From so many tests on, processes beside each other are worth their start."""
_USAGE_ERROR = 4
_SHOWN = 1_000
_LINES_SHOWN = 3


@dataclass(slots=True)
class PytestProject:
    """A copy of a prepared tree. parallel: options for many tests. seconds: limit of one task."""

    sandbox: Sandbox
    python: Path
    interpreter: str
    readable: tuple[Path, ...] = ()
    parallel: tuple[str, ...] = ()
    seconds: float = 900.0
    _reversed: set[str] = field(default_factory=set[str])

    def truths(self, tasks: Sequence[ClassTask]) -> Iterator[tuple[ClassTask, TestRun]]:
        """The tests of each task with the tree as it is, in reverse order where that fails.

        Some tests pass only after others, which a benchmark that recorded them in a run of all may
        have put behind them; and tests of servers and clocks fail now and then on a busy machine.
        The order that passes is kept for the task.
        """
        for task in tasks:
            found = self._test(task.tests, only_first=False)
            if not found.is_passed and found.results:
                again = self._test(task.tests[::-1], only_first=False)
                if again.passed > found.passed:
                    self._reversed.add(task.id)
                    again = replace(again, note="tests in reverse order: they depend on others")
                    found = replace(again, seconds=found.seconds + again.seconds)
            yield task, found

    def attempt(self, task: ClassTask, text: str, *, is_probe: bool = False) -> TestRun:
        """Test with another text of the task's file, and put the old one back.

        is_probe: the first failure is enough.
        """
        place = self.sandbox.folder / task.path
        before = place.read_text(encoding="utf-8")
        self.sandbox.apply([Edit(task.path, before, text)])
        try:
            step = -1 if task.id in self._reversed else 1
            return self._test(task.tests[::step], only_first=is_probe)
        finally:
            put_back(self.sandbox, Edit(task.path, text, before), is_trusted=is_probe)

    def compiles(self, task: ClassTask, text: str) -> TestRun:  # noqa: ARG002 - the port's
        """Nothing is compiled."""
        return TestRun(compiled=None, official=len(task.tests))

    def close(self) -> None:
        """Remove the copy."""
        self.sandbox.close()

    def _test(self, names: Sequence[str], *, only_first: bool) -> TestRun:
        wanted = list(dict.fromkeys(_GROUP.sub("", name) for name in names))
        start = time.monotonic()
        ran = self._pytest(wanted, only_first=only_first)
        absent = _absent(ran.output, wanted, self.sandbox.folder)
        if ran.exit_code == _USAGE_ERROR and absent and len(absent) < len(wanted):
            asked = [name for name in wanted if name not in absent]
            ran = self._pytest(asked, only_first=only_first)
        results, troubles = self._read()
        covered = {*results, *(name.partition("[")[0] for name in results)}
        is_cut = only_first and any(r is not Result.PASSED for r in results.values())
        if not is_cut:
            results |= {name: Result.MISSING for name in wanted if name not in covered}
        trouble = "\n".join(troubles)[:_SHOWN]
        if ran.end is not End.EXITED:
            trouble = f"the tests ended by {ran.end}\n{trouble}"
            results["(the run)"] = Result.ERROR
        elif not trouble and not ran.is_ok:
            trouble = "\n".join(ran.output.strip().splitlines()[-5:])[-_SHOWN:]
        return TestRun(
            compiled=None,
            official=len(names),
            results=results,
            seconds=time.monotonic() - start,
            trouble=trouble,
            is_cut=is_cut,
            output=ran.output,
        )

    def _pytest(self, names: Sequence[str], *, only_first: bool) -> Ran:
        root = self.sandbox.folder
        plugin = Path(recording.__file__).read_text(encoding="utf-8")
        self.sandbox.apply(
            [
                Edit(f"{_FOLDER}/{_PLUGIN}.py", None, plugin),
                Edit(f"{_FOLDER}/record.jsonl", None, ""),
            ]
        )
        command = [str(self.python), "-m", "pytest", "-q", "-p", _PLUGIN, "-p", "no:cacheprovider"]
        command += self.parallel if len(names) >= _MANY else ()
        command += ["-x"] if only_first else []
        environment = {
            recording.VARIABLE: str(root / _FOLDER / "record.jsonl"),
            # The copy comes before whatever the environment has installed of the project.
            "PYTHONPATH": f"{root}:{root / _FOLDER}",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        limits = RunLimits(
            seconds=self.seconds,
            cpu_seconds=4 * self.seconds,
            memory_mb=4_096,
            output_bytes=2_000_000,
        )
        ran = self.sandbox.run(
            [*command, *names], limits, environment=environment, readable=self.readable
        )
        if ran.end is End.NOT_STARTED:
            raise BrokenEnvironmentError(f"{self.python} did not start: {ran.output[:_SHOWN]}")
        return ran

    def _read(self) -> tuple[dict[str, Result], list[str]]:
        """Results by test, and what failing tests said."""
        results: dict[str, Result] = {}
        troubles: dict[str, str] = {}
        record = self.sandbox.folder / _FOLDER / "record.jsonl"
        is_ours = record.is_file() and not record.is_symlink()
        for line in record.read_text(encoding="utf-8").splitlines() if is_ours else ():
            row = json.loads(line)
            name = _GROUP.sub("", str(row["id"]))
            found = _result(row["when"], row["outcome"])
            if found is None:
                continue
            # A test that is run again takes the place of its earlier try.
            if row["when"] == "setup" or results.get(name, Result.PASSED) is Result.PASSED:
                results[name] = found
                troubles.pop(name, None)
            if found in (Result.FAILED, Result.ERROR):
                troubles[name] = f"{name}: {_complaint(str(row.get('text', ''))) or found}"
        return results, list(troubles.values())


def _complaint(text: str) -> str:
    """What pytest marks as the error in a report, in one line; else its last words."""
    lines = text.strip().splitlines()
    marked = [line[1:].strip() for line in lines if line.startswith("E ")]
    return "; ".join(marked[:_LINES_SHOWN]) or (lines[-1] if lines else "")


def _result(when: str, outcome: str) -> Result | None:
    """What a phase of a test says of the whole; None for one that says nothing."""
    if outcome == "rerun":
        return None
    if outcome == "skipped":
        return Result.SKIPPED
    if outcome in ("failed", "error"):
        return Result.FAILED if when == "call" else Result.ERROR
    return Result.PASSED


def _absent(output: str, wanted: Sequence[str], root: Path) -> set[str]:
    """The asked ids that pytest did not find."""
    said = {match["path"].strip() for match in _NOT_FOUND.finditer(output)}
    return {name for name in wanted if str(root / name) in said or name in said}
