"""A Maven project whose classes are replaced, compiled and tested, offline.

Whether a state compiles is asked of javac alone, with the very options that Maven gave it when the
environment was prepared: a Maven run costs several times as much. Tests run by Maven's own `test`,
which finds all compiled.
"""

from __future__ import annotations

import re
import time
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.draft import Edit
from agent.sandbox.ran import End, Ran, RunLimits
from benchmarks.generation.copies import put_back
from benchmarks.generation.testrun import BrokenEnvironmentError, Result, TestRun

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from agent.sandbox.ran import Sandbox
    from benchmarks.generation.classtasks import ClassTask
    from benchmarks.generation.javac_options import Compilation

_SOURCES = "target/codexgraph-sources.txt"
_MEMORY_MB = 6_144
"""Java reserves far more addresses than it uses, and some sandboxes count those."""
_SHOWN = 1_000
"""Characters of an error that are kept, as in the benchmark's own feedback."""


@dataclass(slots=True)
class MavenProject:
    """A copy of a prepared tree.

    top: the folder of the outermost pom.xml, relative. cache: Maven's local repository.
    compilations: in Maven's order. seconds: limit of one run of tests.
    """

    sandbox: Sandbox
    top: str
    cache: Path
    compilations: tuple[Compilation, ...]
    interpreter: str
    readable: tuple[Path, ...] = ()
    seconds: float = 900.0
    _is_compiled: bool = False

    def truths(self, tasks: Sequence[ClassTask]) -> Iterator[tuple[ClassTask, TestRun]]:
        """The tests of all tasks with the tree as it is, in one run of Maven."""
        compiled = self._compile()
        if not compiled.is_ok:
            raise BrokenEnvironmentError(f"the sources do not compile: {_errors(compiled.output)}")
        start = time.monotonic()
        done = self._test(sorted({task.tests[0] for task in tasks}))
        seconds = time.monotonic() - start
        # All at once: an attempt in between takes the place of the reports.
        found = [(task, self._outcome(task, done, seconds / len(tasks))) for task in tasks]
        yield from found

    def attempt(self, task: ClassTask, text: str, *, is_probe: bool = False) -> TestRun:
        """Compile and test with another text of the task's file, and put the old one back.

        is_probe: the text is empty or has the same interface, so that it is enough to compile the
        file itself, or the files that name its class.
        """
        place = self.sandbox.folder / task.path
        before = place.read_text(encoding="utf-8")
        if is_probe and not self._is_compiled:
            self._compile()
        self.sandbox.apply([Edit(task.path, before, text)])
        start = time.monotonic()
        try:
            compiled = self._compile_part(task.path, text) if is_probe else self._compile()
            if not compiled.is_ok:
                return TestRun(
                    compiled=False,
                    official=self._official(task),
                    seconds=time.monotonic() - start,
                    trouble=_errors(compiled.output),
                    output=compiled.output,
                )
            done = self._test([task.tests[0]])
            return self._outcome(task, done, time.monotonic() - start)
        finally:
            put_back(self.sandbox, Edit(task.path, text, before), is_trusted=is_probe)
            self._is_compiled = is_probe and self._compile_part(task.path, before).is_ok

    def compiles(self, task: ClassTask, text: str) -> TestRun:
        """Compile the sources that the task's file is one of with another text of it."""
        root, start = self.sandbox.folder, time.monotonic()
        before = (root / task.path).read_text(encoding="utf-8")
        sources = {c: c.sources(root) for c in self.compilations}
        own = {c: names for c, names in sources.items() if task.path in names}
        if not self._is_compiled:
            self._compile()
        self.sandbox.apply([Edit(task.path, before, text)])
        try:
            for compilation in own:
                _remove_classes(root / compilation.output)
            ran = self._compile_files(own)
        finally:
            # Nothing that a model wrote has run, so nothing else has changed.
            put_back(self.sandbox, Edit(task.path, text, before), is_trusted=True)
            self._is_compiled = False
        return TestRun(
            compiled=ran.is_ok,
            official=self._official(task),
            seconds=time.monotonic() - start,
            trouble="" if ran.is_ok else ran.output.replace(f"{root}/", "")[:_SHOWN],
            output=ran.output,
        )

    def close(self) -> None:
        """Remove the copy."""
        self.sandbox.close()

    def _compile(self) -> Ran:
        """Compile everything anew, module by module; the first failure or the last success.

        Raises BrokenEnvironmentError when the compiler could not do its work.
        """
        root = self.sandbox.folder
        for output in {compilation.output for compilation in self.compilations}:
            _remove_classes(root / output)
        ran = self._compile_files({c: c.sources(root) for c in self.compilations})
        self._is_compiled = ran.is_ok
        return ran

    def _compile_part(self, path: str, text: str) -> Ran:
        """Compile one file, or where it is empty the files that name its class, else everything.

        What does not compile as a part does not compile as a whole; the reverse is not certain of
        a class that is gone, so then everything is compiled.
        """
        root, name = self.sandbox.folder, path.rpartition("/")[2].removesuffix(".java")
        sources = {c: c.sources(root) for c in self.compilations}
        if text.strip():
            return self._compile_files({c: [path] for c, names in sources.items() if path in names})
        for compilation in self.compilations:
            for stale in compilation.classes_of(root, path):
                stale.unlink()
        word = re.compile(rf"\b{re.escape(name)}\b")
        naming = {
            c: [n for n in names if n != path and word.search(_text(root / n))]
            for c, names in sources.items()
        }
        ran = self._compile_files({c: names for c, names in naming.items() if names})
        return ran if not ran.is_ok else self._compile()

    def _compile_files(self, files: Mapping[Compilation, Sequence[str]]) -> Ran:
        ran: Ran | None = None
        root = self.sandbox.folder
        for compilation, names in files.items():
            listed = "".join(f'"{root / name}"\n' for name in names)
            self.sandbox.apply([Edit(_SOURCES, None, listed)])
            command = ["javac", *compilation.options(root), f"@{root / _SOURCES}"]
            ran = self._run(command, 300.0)
            if ran.end is not End.EXITED:
                raise BrokenEnvironmentError(f"javac did not end by itself: {ran.end}")
            if not ran.is_ok:
                return ran
        return ran or Ran(("javac",), End.EXITED, 0, "", 0.0, (), ())

    def _test(self, classes: Sequence[str]) -> Ran:
        for report in self._reports():
            report.unlink()
        command = [
            *("mvn", "-B", "-o", f"-Dmaven.repo.local={self.cache}", "test"),
            f"-Dtest={','.join(classes)}",
            # A module without that test is no failure; whether it ran at all is seen in the report.
            *("-DfailIfNoTests=false", "-Dsurefire.failIfNoSpecifiedTests=false"),
            # Only what is older than its source is compiled, which is nothing.
            "-Dmaven.compiler.useIncrementalCompilation=false",
        ]
        ran = self._run(command, self.seconds)
        if ran.end is End.NOT_STARTED:
            raise BrokenEnvironmentError(f"Maven did not start: {ran.output[:_SHOWN]}")
        return ran

    def _run(self, command: Sequence[str], seconds: float) -> Ran:
        limits = RunLimits(
            seconds=seconds,
            cpu_seconds=4 * seconds,
            memory_mb=_MEMORY_MB,
            output_bytes=2_000_000,
            processes=1_024,
        )
        return self.sandbox.run(
            command, limits, cwd=self.top, readable=(self.cache, *self.readable)
        )

    def _outcome(self, task: ClassTask, done: Ran, seconds: float) -> TestRun:
        results: dict[str, Result] = {}
        troubles: list[str] = []
        for report in self._reports():
            results |= _read_report(report, task.tests[0], troubles)
        trouble = "\n".join(troubles)[:_SHOWN]
        if done.end is not End.EXITED:
            trouble = f"the tests ended by {done.end}\n{trouble}"
            results["(the run)"] = Result.ERROR
        elif not results:
            trouble = f"{task.tests[0]} did not run: {_errors(done.output)}"
        return TestRun(
            compiled=True,
            official=self._official(task),
            results=results,
            seconds=seconds,
            trouble=trouble,
            output=done.output,
        )

    def _reports(self) -> list[Path]:
        found = self.sandbox.folder.rglob("target/surefire-reports/TEST-*.xml")
        return sorted(path for path in found if not path.is_symlink())

    def _official(self, task: ClassTask) -> int:
        """How often `@Test` stands in the test's file: the benchmark's count of its tests."""
        place = self.sandbox.folder / (task.test_file or "")
        is_there = task.test_file is not None and place.is_file()
        return place.read_text(encoding="utf-8", errors="replace").count("@Test") if is_there else 0


def _remove_classes(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.rglob("*.class"):
        stale.unlink()


def _read_report(report: Path, test_class: str, troubles: list[str]) -> dict[str, Result]:
    """The cases of one Surefire report, if it is of that class or one nested in it."""
    try:
        suite = ET.parse(report).getroot()  # noqa: S314 - expat bounds what entities may expand to
    except (ET.ParseError, OSError):
        return {}
    name = suite.get("name", "").rpartition(".")[2]
    if name.partition("$")[0] != test_class:
        return {}
    seen: Counter[str] = Counter()
    found: dict[str, Result] = {}
    for case in suite.iter("testcase"):
        identity = f"{case.get('classname')}.{case.get('name')}"
        seen[identity] += 1
        key = identity if seen[identity] == 1 else f"{identity}#{seen[identity]}"
        result = next((r for tag, r in _TAGS.items() if case.find(tag) is not None), Result.PASSED)
        found[key] = result
        wrong = case.find("failure") if result is Result.FAILED else case.find("error")
        if wrong is not None:
            troubles.append(f"{key}: {(wrong.get('message') or wrong.get('type') or '').strip()}")
    return found


_TAGS = {"failure": Result.FAILED, "error": Result.ERROR, "skipped": Result.SKIPPED}


def _errors(output: str) -> str:
    """The lines that tell of errors, else the last ones."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "error:" in line or line.startswith("[ERROR]")]
    return "\n".join(errors or lines[-5:])[:_SHOWN]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
