"""The five measures of a Java test class: javac, JUnit, JaCoCo and PIT.

Without Maven, javac compiles the target and the test and what they need by the source path, and
JUnit's console runs them. With Maven, the project's own build does both, with JaCoCo's agent given
by JAVA_TOOL_OPTIONS, because a pom that sets `argLine` would not take it from the command line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from agent.draft import Edit, Problem
from agent.sandbox.java_projects import BuildProject, JavacProject
from agent.sandbox.projects import Step
from agent.testing.java_tools import DEPENDENCY_PLUGIN, program
from agent.testing.measures import (
    AFTER_COMPILE,
    AFTER_SYNTAX,
    WORK,
    Bounds,
    Measures,
    Tally,
    Target,
    read_text,
)
from agent.testing.reports import (
    Case,
    UnreadableReportError,
    compiler_errors,
    jacoco_counters,
    junit_cases,
    last_line,
    pit_mutants,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.sandbox.local import LocalSandbox
    from agent.sandbox.projects import Project
    from agent.sandbox.ran import Ran, RunLimits
    from agent.testing.java_tools import JavaTools

_CLASSES = f"{WORK}/classes"
_EXEC = f"{WORK}/jacoco.exec"
_CLASSPATH = f"{WORK}/classpath"
_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)\s*;", re.MULTILINE)
_SMALL = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx512m")
"""For programs that run for a second: quick to start, and not a quarter of the memory."""

_SAYS_LITTLE = (
    "COMPILATION ERROR",
    "The build could not",
    "Some problems",
    "The project ",
    "[Help ",
)
_MAX_REASON = 300
_OWN_JUNIT = ("junit-jupiter", "junit-platform", "junit-vintage", "opentest4j", "apiguardian")
"""A project's jars that the console launcher replaces: two versions of them do not mix."""


@dataclass(frozen=True, slots=True)
class JavaSetup:
    """What Java tests are built and measured with. project: as the sandbox builds it."""

    tools: JavaTools
    project: Project
    bounds: Bounds = field(default_factory=Bounds)


def measure_java(sandbox: LocalSandbox, setup: JavaSetup, target: Target, test: str) -> Measures:
    """The measures of one test class; both files are in the sandbox already.

    test: path of the test's file, whose class has the file's name.
    """
    return _Run(sandbox, setup, target, test).measure()


class _Java:
    """Runs programs in the sandbox."""

    def __init__(self, sandbox: LocalSandbox, tools: JavaTools, project: Project) -> None:
        self.sandbox = sandbox
        self.tools = tools
        self.project = project
        self.open: tuple[str, ...] = ()

    def run(self, limits: RunLimits, step: Step) -> Ran:
        readable = (self.tools.folder, *step.readable)
        ran = self.sandbox.run(
            step.command, limits, cwd=step.cwd, environment=step.environment, readable=readable
        )
        self.open = ran.open
        return ran

    def program(self, limits: RunLimits, name: str, *arguments: str) -> Ran:
        """A program of the JDK."""
        command, readable = program(name)
        class_path = self.project.classpath if isinstance(self.project, JavacProject) else ()
        step = Step((command, *arguments), readable=(*readable, *class_path, *self.packages()))
        return self.run(limits, step)

    def packages(self) -> tuple[Path, ...]:
        """Folders with the jars of a project that has a build tool."""
        return self.project.readable if isinstance(self.project, BuildProject) else ()

    def java(self, limits: RunLimits, *arguments: str) -> Ran:
        return self.program(limits, "java", *_SMALL, *arguments)


class _Run:
    def __init__(self, sandbox: LocalSandbox, setup: JavaSetup, target: Target, test: str) -> None:
        self.java = _Java(sandbox, setup.tools, setup.project)
        self.sandbox = sandbox
        self.project = setup.project
        self.bounds = setup.bounds
        self.target = target
        self.test = test
        self.tally = Tally()
        self.target_class = binary_name(self._text(target.path), target)
        self.test_class = binary_name(self._text(test), Target(test, PurePosixPath(test).stem))

    def measure(self) -> Measures:
        # Reports of a measure before would be taken for those of this one.
        self.sandbox.remove(WORK)
        self.project.clear(self.sandbox)
        self.sandbox.apply([Edit(f"{WORK}/.gitignore", None, "*\n")])
        cases = self._run_tests()
        if cases is not None:
            self._judge(cases)
            self._coverage()
            self._mutation(cases)
        self.tally.note(*self.java.open)
        return self.tally.measures

    def _run_tests(self) -> list[Case] | None:
        if isinstance(self.project, JavacProject):
            return self._by_javac(self.project)
        if isinstance(self.project, BuildProject) and self.project.kind == "maven":
            return self._by_maven(self.project)
        reason = f"tests of {self.project.kind} projects are run and not measured"
        self.tally.skip(reason, "syntax", *AFTER_SYNTAX)
        return None

    def _text(self, path: str) -> str:
        return read_text(self.sandbox, path) or ""

    def _by_javac(self, project: JavacProject) -> list[Case] | None:
        roots = [_source_root(path, self._text(path)) for path in (self.target.path, self.test)]
        jars = ":".join(map(str, (self.java.tools.junit, *project.classpath)))
        options = ["-g", "-proc:none", "-encoding", "UTF-8", "-d", _CLASSES, "-implicit:class"]
        ran = self.java.program(
            self.bounds.build, "javac", "-J-XX:TieredStopAtLevel=1", *options,
            "-sourcepath", ":".join(dict.fromkeys(roots)), "-cp", jars, self.target.path, self.test,
        )  # fmt: skip
        if not self._compiled(ran):
            return None
        launch = ["-jar", str(self.java.tools.junit), "execute", "--disable-banner"]
        launch += ["--details=none", "--reports-dir", f"{WORK}/junit", "-cp", self._class_path()]
        ran = self.java.java(
            self.bounds.tests, f"-javaagent:{self._agent()}", *launch, f"-c={self.test_class}"
        )
        return self._reports(f"{WORK}/junit", ran)

    def _by_maven(self, project: BuildProject) -> list[Case] | None:
        """Compile, test and ask for the class path in one run of Maven."""
        step = project.test_steps([self.test_class])[0]
        more = (
            "-Dmaven.test.failure.ignore=true",
            f"-Dmdep.outputFile={self.sandbox.folder / _CLASSPATH}",
            "-Dmdep.includeScope=test",
            f"{DEPENDENCY_PLUGIN}:build-classpath",
        )
        environment = {**step.environment, "JAVA_TOOL_OPTIONS": f"-javaagent:{self._agent()}"}
        step = replace(step, command=(*step.command, *more), environment=environment)
        ran = self.java.run(self.bounds.build, step)
        reports = project.reports[0]
        is_built = "COMPILATION ERROR" not in ran.output and bool(self.sandbox.names(reports))
        if not is_built and ran.exit_code is None:
            self.tally.skip(f"Maven did not end: {ran.end}", "syntax", *AFTER_SYNTAX)
            return None
        if not is_built and not compiler_errors(ran.output):
            self.tally.skip(f"Maven: {_maven_error(ran)}", "syntax", *AFTER_SYNTAX)
            return None
        if not self._compiled(ran, is_ok=is_built):
            return None
        return self._reports(reports, ran)

    def _agent(self) -> str:
        """JaCoCo's agent with its options. Only the target is counted."""
        options = f"destfile={self.sandbox.folder / _EXEC},includes={self.target_class}*"
        return f"{self.java.tools.agent}={options}"

    def _class_folders(self) -> tuple[str, ...]:
        if not isinstance(self.project, BuildProject):
            return (_CLASSES,)
        build = str(PurePosixPath(self.project.reports[0]).parent)
        return (f"{build}/test-classes", f"{build}/classes")

    def _class_path(self) -> str:
        """Of the code under test and its dependencies, JUnit left out."""
        folders = [str(self.sandbox.folder / each) for each in self._class_folders()]
        own = (read_text(self.sandbox, _CLASSPATH) or "").strip().split(":")
        jars = [jar for jar in own if jar and not Path(jar).name.startswith(_OWN_JUNIT)]
        given = self.project.classpath if isinstance(self.project, JavacProject) else ()
        return ":".join([*folders, *jars, *map(str, given)])

    def _compiled(self, ran: Ran, *, is_ok: bool | None = None) -> bool:
        """Take syntax and compilation; an error in other files is not the test's."""
        is_ok = ran.is_ok if is_ok is None else is_ok
        if is_ok:
            self.tally.set(syntax=True, compiles=True)
            return True
        found = compiler_errors(ran.output)
        errors = [(self._relative(path), line, text) for path, line, text in found]
        own = [Problem(text, path, line) for path, line, text in errors if path == self.test]
        if not own:
            path, line, text = errors[0] if errors else (ran.end, 0, last_line(ran.output))
            reason = f"the project does not compile: {path}:{line}: {text}"
            self.tally.skip(reason, "syntax", *AFTER_SYNTAX)
            return False
        parsed = self.java.program(
            self.bounds.build, "javac", "-XDshould-stop.ifNoError=PARSE", "-proc:none",
            "-d", f"{WORK}/parsed", self.test,
        )  # fmt: skip
        self.tally.set(syntax=parsed.is_ok, compiles=False)
        self.tally.add(*own)
        self.tally.skip("the test does not compile", *AFTER_COMPILE)
        return False

    def _relative(self, path: str) -> str:
        for root in self.sandbox.roots:
            path = path.removeprefix(f"{root}/")
        return path

    def _reports(self, folder: str, ran: Ran) -> list[Case] | None:
        if ran.exit_code is None:
            self.tally.add(Problem(f"the tests did not end: {ran.end}", self.test))
            self.tally.set(passed=0)
            self.tally.skip(f"the tests did not end: {ran.end}", *AFTER_COMPILE)
            return None
        found: list[Case] = []
        names = self.sandbox.names(folder)
        files = sorted(n for n in names if n.startswith("TEST-") and n.endswith(".xml"))
        for file in files:
            text = read_text(self.sandbox, f"{folder}/{file}")
            try:
                found += junit_cases(text) if text else []
            except UnreadableReportError as error:
                self.tally.skip(f"JUnit's report: {error}", *AFTER_COMPILE)
                return None
        if not files:
            self.tally.skip(f"JUnit gave no report: {last_line(ran.output)}", *AFTER_COMPILE)
            return None
        return [c for c in found if c.owner.partition("$")[0] == self.test_class]

    def _judge(self, cases: Sequence[Case]) -> None:
        failed = [c for c in cases if c.outcome in ("failed", "error")]
        passed = sum(c.outcome == "passed" for c in cases)
        self.tally.set(passed=passed, failed=len(failed))
        file = re.escape(PurePosixPath(self.test).name)
        for case in failed:
            places = re.findall(rf"\({file}:(\d+)\)", case.detail)
            line = int(places[0]) if places else None
            self.tally.add(Problem(f"{case.name}: {case.message}", self.test, line))
        if not cases:
            self.tally.add(Problem("there is no test in it", self.test))

    def _coverage(self) -> None:
        files = self._class_files()
        if not files:
            self.tally.skip(f"there is no class {self.target_class}", "coverage", "mutation")
            return
        report = f"{WORK}/jacoco.xml"
        classes = [part for file in files for part in ("--classfiles", file)]
        # Where no test ran, JaCoCo has no file and the report is of nothing covered.
        data = [_EXEC] if self.sandbox.read(_EXEC) is not None else []
        jar = str(self.java.tools.reporter)
        ran = self.java.java(
            self.bounds.build, "-jar", jar, "report", *data, *classes, "--xml", report
        )
        try:
            counters = jacoco_counters(read_text(self.sandbox, report) or "")
        except UnreadableReportError:
            self.tally.skip(f"JaCoCo: {last_line(ran.output)}", "coverage")
            return
        self.tally.set(lines=counters.get("LINE"), branches=counters.get("BRANCH"))

    def _class_files(self) -> list[str]:
        """The files of the target and of the classes nested in it."""
        path = PurePosixPath(self.target_class.replace(".", "/"))
        for root in self._class_folders():
            folder = str(root / path.parent)
            names = self.sandbox.names(folder)
            if f"{path.name}.class" in names:
                nested = [
                    n for n in names if n.startswith(f"{path.name}$") and n.endswith(".class")
                ]
                return [f"{folder}/{name}" for name in (f"{path.name}.class", *sorted(nested))]
        return []

    def _mutation(self, cases: Sequence[Case]) -> None:
        passed = sum(case.outcome == "passed" for case in cases)
        if not self.bounds.has_mutation or not passed:
            reason = "no test passes" if self.bounds.has_mutation else "not asked for"
            self.tally.skip(reason, "mutation")
            return
        if passed < len(cases):
            self.tally.note("defects are looked for by the tests that pass")
        tools = self.java.tools
        code = f"{self._class_path()}:{tools.junit}"
        path = ":".join([*map(str, tools.pit), str(tools.junit)])
        ran = self.java.java(
            self.bounds.mutation, "-cp", path,
            "org.pitest.mutationtest.commandline.MutationCoverageReport",
            "--reportDir", f"{WORK}/pit", "--timestampedReports=false", "--outputFormats", "XML",
            "--targetClasses", f"{self.target_class},{self.target_class}$*",
            "--targetTests", f"{self.test_class},{self.test_class}$*",
            "--sourceDirs", str(self.sandbox.folder),
            "--classPath", code.replace(":", ","), "--includeLaunchClasspath=false",
            "--skipFailingTests=true", "--threads", "1",
            "--jvmArgs", ",".join(_SMALL), "--verbosity", "NO_SPINNER",
        )  # fmt: skip
        text = read_text(self.sandbox, f"{WORK}/pit/mutations.xml")
        if text is None or not ran.is_ok:
            why = ran.end if ran.exit_code is None else last_line(ran.output)
            self.tally.skip(f"PIT: {why}", "mutation")
            return
        mutants, survivors = pit_mutants(text)
        self.tally.set(mutants=mutants, survivors=survivors)


def binary_name(source: str, target: Target) -> str:
    """The name of a class for the machine, such as `shop.Cart$Line`."""
    match = _PACKAGE.search(source)
    package = f"{match[1]}." if match else ""
    name = target.name or PurePosixPath(target.path).stem
    return package + name.replace(".", "$")


def _source_root(path: str, source: str) -> str:
    """The folder above the folders of a file's package."""
    match = _PACKAGE.search(source)
    folder = PurePosixPath(path).parent
    for name in reversed(match[1].split(".") if match else []):
        if folder.name != name:
            break
        folder = folder.parent
    return "" if str(folder) == "." else str(folder)


def _maven_error(ran: Ran) -> str:
    """Why Maven did not get to the tests; what it could not fetch comes before what follows."""
    errors = re.findall(r"^\[(?:ERROR|FATAL)\] (.*\w.*)$", ran.output, re.MULTILINE)
    said = [e for e in errors if not e.startswith(_SAYS_LITTLE)] or [last_line(ran.output)]
    missing = next((error for error in said if "resol" in error.lower()), "")
    hint = "; build the project once, while online" if missing else ""
    return (missing or said[0]).strip()[:_MAX_REASON] + hint
