"""The jars that Java tests are run and measured with, copied once by Maven into the user's cache.

They are not part of the package: JUnit and JaCoCo are licensed under the EPL and weigh 9 MB. The
pom beside this file pins them; its hash names the folder, so that a new version gets a new one.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from graphdb.errors import CodexGraphError

POM = "java_tools.xml"
DEPENDENCY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
"""Also asks Maven projects for their class path; fetched here, it is there without network."""

_SECONDS = 600.0


class JavaToolsError(CodexGraphError):
    """The jars cannot be had; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class JavaTools:
    """Paths of jars.

    junit: console launcher with Jupiter and Vintage. agent, reporter: of JaCoCo. pit: class path.
    """

    folder: Path
    junit: Path
    agent: Path
    reporter: Path
    pit: tuple[Path, ...]


def java_tools(cache: Path) -> JavaTools:
    """The jars below a cache folder; Maven copies them when they are not there.

    Raises JavaToolsError where there is no JDK, no Maven or no Maven repository.
    """
    pom = Path(__file__).with_name(POM)
    folder = cache / f"java-tools-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}"
    if shutil.which("javac") is None:
        raise JavaToolsError("Java tests need a JDK, 17 or newer, on the PATH")
    if not folder.is_dir():
        _copy(pom, folder)
    jars = sorted(folder.glob("*.jar"))
    others = [jar for jar in jars if not jar.name.startswith(("junit-platform", "org.jacoco"))]
    return JavaTools(
        folder,
        _one(jars, "junit-platform-console-standalone"),
        _one(jars, "org.jacoco.agent"),
        _one(jars, "org.jacoco.cli"),
        tuple(others),
    )


def program(name: str) -> tuple[str, tuple[Path, ...]]:
    """The path of a program of the JDK, and folders that it needs beside the system's.

    Raises JavaToolsError where it is not on the PATH.
    """
    place = shutil.which(name)
    if place is None:
        raise JavaToolsError(f"Java tests need {name} of a JDK, 17 or newer, on the PATH")
    real = Path(place).resolve()
    return (place, ()) if Path("/usr") in real.parents else (str(real), (real.parent.parent,))


def _one(jars: list[Path], stem: str) -> Path:
    for jar in jars:
        if jar.name.startswith(stem + "-"):
            return jar
    folder = jars[0].parent if jars else "the cache"
    raise JavaToolsError(f"{stem} is missing in {folder}: remove that folder to fetch it again")


def _copy(pom: Path, folder: Path) -> None:
    if shutil.which("mvn") is None:
        raise JavaToolsError(
            f"JUnit, JaCoCo and PIT are not in {folder}: install Maven to fetch them"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Renamed when complete, so that an interrupted copy is never taken for a whole one.
    part = Path(tempfile.mkdtemp(prefix="part-", dir=folder.parent))
    command = ["mvn", "-q", "-B", "-f", str(pom), f"{DEPENDENCY_PLUGIN}:copy-dependencies"]
    try:
        done = subprocess.run(
            [*command, f"-DoutputDirectory={part}", "-DincludeScope=runtime"],
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
        if done.returncode:
            lines = (done.stdout + done.stderr).strip().splitlines() or ["no reason given"]
            raise JavaToolsError(f"Maven could not fetch JUnit, JaCoCo and PIT: {lines[0]}")
        _settle(part, folder)
    except subprocess.TimeoutExpired:
        raise JavaToolsError(
            f"Maven did not fetch JUnit, JaCoCo and PIT in {_SECONDS:.0f} s"
        ) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _settle(part: Path, folder: Path) -> None:
    # What runs in a sandbox may be another user, and temporary folders are the maker's alone.
    part.chmod(0o755)
    try:
        part.rename(folder)
    except OSError:
        # Another process was faster.
        if not folder.is_dir():
            raise
