"""Java projects: Maven, Gradle, and plain javac where there is no build.

Build tools run offline with the user's packages read-only; only the folder of packages is shown,
since the one around it often holds passwords of package servers.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.sandbox.isolation import HOME
from agent.sandbox.projects import WORK, Project, Step, Tools
from agent.sandbox.reports import Cases, Finished, dotted_name, read_cases
from graphdb.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agent.sandbox.local import LocalSandbox
    from agent.sandbox.ran import Ran

_MODULE = re.compile(r"<module>\s*([^<\s]+)\s*</module>")
_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)\s*;", re.MULTILINE)
_MACHINE = "-Xmx1g -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
_GRADLE_FILES = ("build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts")
_CONSOLE = "org.junit.platform.console.ConsoleLauncher"
_CLASSES = f"{WORK}/classes"
_REPORTS = f"{WORK}/reports"


def find_java_project(root: Path, path: str, tools: Tools) -> Project:
    """The build around a file, the nearest first. Raises SandboxError when its tool is missing."""
    for folder in Path(path).parents:
        if (root / folder / "pom.xml").is_file():
            return _maven(root, folder, tools)
        if any((root / folder / name).is_file() for name in _GRADLE_FILES):
            return _gradle(root, folder)
    return _javac(root, path, tools)


def _found(name: str) -> tuple[str, tuple[Path, ...]]:
    """A program, and the folders it needs shown. Raises SandboxError."""
    place = shutil.which(name)
    if place is None:
        raise SandboxError(
            f"{name} is not on the PATH; install it to compile and test this project"
        )
    real = Path(place).resolve()
    if Path("/usr") in real.parents:
        return place, _java_home()
    return str(real), (real.parent.parent, *_java_home())


def _java_home() -> tuple[Path, ...]:
    home = os.environ.get("JAVA_HOME")
    return (Path(home),) if home and Path(home).is_dir() else ()


def _java_environment() -> dict[str, str]:
    home = _java_home()
    return {"JAVA_HOME": str(home[0])} if home else {}


@dataclass(frozen=True, slots=True)
class BuildProject:
    """A project with a build tool. reports: folders with its XML, relative to the copy."""

    kind: str
    compile_command: tuple[str, ...]
    test_command: tuple[str, ...]
    select: str
    """How a test is named: `-Dtest={}` with all joined by commas, or one `--tests {}` each."""
    cwd: str
    reports: tuple[str, ...]
    readable: tuple[Path, ...]
    environment: dict[str, str]
    notes: tuple[str, ...] = ()

    def compile_steps(self, paths: Sequence[str]) -> tuple[Step, ...]:  # noqa: ARG002 - the port's
        """Compile the project with its tests."""
        return (self._step(self.compile_command),)

    def test_steps(self, tests: Sequence[str]) -> tuple[Step, ...]:
        """Run the tests through the build tool."""
        return (self._step((*self.test_command, *self._selection(tests))),)

    def _selection(self, tests: Sequence[str]) -> tuple[str, ...]:
        if not tests:
            return ()
        if self.select == "--tests":
            return tuple(part for test in tests for part in ("--tests", test.replace("#", ".")))
        return (f"{self.select}{','.join(tests)}",)

    def _step(self, command: tuple[str, ...]) -> Step:
        return Step(command, self.cwd, self.environment, self.readable)

    def clear(self, sandbox: LocalSandbox) -> None:
        """Remove reports of runs before."""
        for folder in self.reports:
            sandbox.remove(folder)

    def read(self, sandbox: LocalSandbox, run: Ran) -> tuple[Cases, tuple[str, ...]]:  # noqa: ARG002
        """What the reports say."""
        return read_cases(_reports(sandbox, self.reports), dotted_name)

    def missing(self, tests: Sequence[str], cases: Cases) -> tuple[str, ...]:
        """Classes and methods without a result: the tool ends well also when it ran none."""
        return _missing(tests, cases)


def _reports(sandbox: LocalSandbox, folders: Iterable[str]) -> list[bytes]:
    names = [f"{folder}/{name}" for folder in folders for name in sandbox.names(folder)]
    read = (sandbox.read(name) for name in names if name.endswith(".xml"))
    return [report for report in read if report is not None]


def _missing(tests: Sequence[str], cases: Cases) -> tuple[str, ...]:
    names = [re.sub(r"[(\[{].*", "", name) for name in cases.names()]
    dotted = [f".{name}." for name in names]
    asked = {test: f".{test.replace('#', '.').replace('$', '.')}." for test in tests}
    # A class inside a test class is named with `$`.
    return tuple(
        test
        for test, wanted in asked.items()
        if not any(wanted in name.replace("$", ".") for name in dotted)
    )


def _maven(root: Path, folder: Path, tools: Tools) -> BuildProject:
    program, readable = _found("mvn")
    packages = tools.maven_repository or Path.home() / ".m2/repository"
    if not packages.is_dir():
        raise SandboxError(f"{packages} is not there; build the project once, while online")
    line = (program, "-B", "-o", "-q", f"-Dmaven.repo.local={packages}", "-Dstyle.color=never")
    # Packages that came from a mirror are only known under its name, which is in hidden settings.
    line = (*line, "-Daether.enhancedLocalRepository.trackingFilename=none")
    reactor = _reactor(root, folder)
    if reactor != folder:
        line = (*line, "-pl", folder.relative_to(reactor).as_posix(), "-am")
    quiet = ("-DfailIfNoTests=false", "-Dsurefire.failIfNoSpecifiedTests=false")
    reports = (f"{folder.as_posix()}/target/surefire-reports".removeprefix("./"),)
    return BuildProject(
        "maven",
        (*line, "test-compile"),
        (*line, *quiet, "test"),
        "-Dtest=",
        reactor.as_posix(),
        reports,
        (packages, *readable),
        {"MAVEN_OPTS": _MACHINE, **_java_environment()},
    )


def _reactor(root: Path, folder: Path) -> Path:
    """The outermost project that lists this one as a module, by way of others too."""
    top = folder
    for outer in folder.parents:
        pom = root / outer / "pom.xml"
        if pom.is_file():
            listed = _MODULE.findall(pom.read_text(encoding="utf-8", errors="replace"))
            if top.relative_to(outer).as_posix() not in listed:
                break
            top = outer
    return top


def _gradle(root: Path, folder: Path) -> BuildProject:
    program, readable = _found("gradle")
    top = next(
        (
            outer
            for outer in (folder, *folder.parents)
            if any((root / outer / name).is_file() for name in _GRADLE_FILES[2:])
        ),
        folder,
    )
    inner = folder.relative_to(top).parts
    prefix = "".join(f":{part}" for part in inner)
    environment = {"GRADLE_USER_HOME": f"{HOME}/.gradle", **_java_environment()}
    caches = Path.home() / ".gradle/caches"
    if caches.is_dir():
        environment["GRADLE_RO_DEP_CACHE"] = str(caches)
        readable = (caches, *readable)
    line = (program, "--offline", "--no-daemon", "--console=plain", "-q")
    return BuildProject(
        "gradle",
        (*line, f"{prefix}:testClasses" if prefix else "testClasses"),
        (*line, f"{prefix}:test" if prefix else "test"),
        "--tests",
        top.as_posix(),
        (f"{folder.as_posix()}/build/test-results/test".removeprefix("./"),),
        readable,
        environment,
    )


@dataclass(frozen=True, slots=True)
class JavacProject:
    """Sources without a build. roots: folders where packages begin, relative to the copy."""

    javac: str
    java: str
    roots: tuple[str, ...]
    classpath: tuple[Path, ...]
    readable: tuple[Path, ...]
    notes: tuple[str, ...] = ()
    kind: str = "javac"

    def compile_steps(self, paths: Sequence[str]) -> tuple[Step, ...]:
        """Compile these files, with what they need of the sources around them."""
        roots = os.pathsep.join(self.roots)
        line = (self.javac, "-encoding", "UTF-8", "-nowarn", "-proc:none", "-implicit:class")
        line = (*line, "-d", _CLASSES, "-cp", self._path(), "-sourcepath", roots)
        return (self._step((*line, *(f"./{path}" for path in paths))),)

    def test_steps(self, tests: Sequence[str]) -> tuple[Step, ...]:
        """Compile the classes, then run them by JUnit, or where it is not there by their `main`."""
        classes = list(dict.fromkeys(test.partition("#")[0] for test in tests))
        files = [f"{self.roots[0]}/{name.replace('.', '/')}.java" for name in classes]
        start = (self.java, "-ea", "-Xmx1g", "-XX:+UseSerialGC", "-cp", self._path())
        if self._has_junit():
            select = [f"-m={test}" if "#" in test else f"-c={test}" for test in tests]
            run = [(*start, _CONSOLE, f"--reports-dir={_REPORTS}", *select)]
        else:
            run = [(*start, name) for name in classes]
        return (*self.compile_steps(files), *(self._step(line) for line in run))

    def _has_junit(self) -> bool:
        return any("junit-platform-console" in path.name for path in self.classpath)

    def _path(self) -> str:
        return os.pathsep.join([_CLASSES, *(str(path) for path in self.classpath)])

    def _step(self, command: tuple[str, ...]) -> Step:
        return Step(command, "", _java_environment(), self.readable)

    def clear(self, sandbox: LocalSandbox) -> None:
        """Remove classes and reports of runs before."""
        sandbox.remove(WORK)
        sandbox.make_folder(_CLASSES)

    def read(self, sandbox: LocalSandbox, run: Ran) -> tuple[Cases, tuple[str, ...]]:
        """What JUnit's reports say, or how a `main` ended."""
        if self._has_junit():
            return read_cases(_reports(sandbox, (_REPORTS,)), dotted_name)
        name = run.command[-1]
        if run.command[0] != self.java:
            return Cases(), ()
        if run.is_ok:
            return Cases(passed=(name,)), ()
        lines = [line for line in run.output.splitlines() if "Exception" in line or "Error" in line]
        return Cases(failed=(Finished(name, next(iter(lines), run.end), run.output),)), ()

    def missing(self, tests: Sequence[str], cases: Cases) -> tuple[str, ...]:
        """Tests without a result."""
        return _missing(tests, cases)


def _javac(root: Path, path: str, tools: Tools) -> JavacProject:
    javac, readable = _found("javac")
    java, _ = _found("java")
    for place in tools.classpath:
        if not place.exists():
            raise SandboxError(f"{place} is not there; correct the setting of the class path")
    source = _source_root(root, path)
    notes = () if tools.classpath else ("no build and no class path: only the JDK is known",)
    return JavacProject(
        javac, java, (source,), tools.classpath, (*tools.classpath, *readable), notes
    )


def _source_root(root: Path, path: str) -> str:
    """Where the packages of a file begin, by its own or, of a new file, by one beside it."""
    own = root / path
    files = [own] if own.is_file() else sorted(own.parent.glob("*.java"))
    if not files:
        parts = path.split("/")
        return "/".join(parts[: parts.index("java") + 1]) if "java" in parts[:-1] else "."
    package = _PACKAGE.search(files[0].read_text(encoding="utf-8", errors="replace"))
    depth = len(package[1].split(".")) if package else 0
    parents = Path(path).parents
    return parents[min(depth, len(parents) - 1)].as_posix()
