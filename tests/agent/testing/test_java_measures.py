"""The measures of Java tests are what JUnit, JaCoCo and PIT say when they are run by themselves."""

from __future__ import annotations

import csv
import io
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from agent.sandbox.java_projects import find_java_project
from agent.sandbox.local import open_sandbox
from agent.sandbox.projects import Tools
from agent.sandbox.ran import RunLimits
from agent.testing.java_measures import JavaSetup, measure_java
from agent.testing.java_tools import JavaToolsError, java_tools
from agent.testing.measures import Bounds, Measures, Ratio, Target
from agent.testing.measuring import Setup, measure
from tests.agent.testing.java_world import cache, maven_or_skip, tools_or_skip
from tests.agent.testing.programs import JAVA, JAVA_CART, JAVA_TESTS, write

if TYPE_CHECKING:
    from pathlib import Path

    from agent.testing.java_tools import JavaTools

CART = Target(JAVA_CART, "Cart")
CLASSES = ("shop.Cart", "shop.Cart$Sum")

POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>shop</groupId>
  <artifactId>shop</artifactId>
  <version>1</version>
  <properties>
    <maven.compiler.source>17</maven.compiler.source>
    <maven.compiler.target>17</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency>
      <groupId>org.junit.jupiter</groupId>
      <artifactId>junit-jupiter</artifactId>
      <version>5.11.4</version>
      <scope>test</scope>
    </dependency>
  </dependencies>
  <build>
    <plugins>
      <plugin>
        <artifactId>maven-surefire-plugin</artifactId>
        <version>3.2.5</version>
        <configuration><argLine>-Dshop=open</argLine></configuration>
      </plugin>
    </plugins>
  </build>
</project>
"""


@pytest.fixture(scope="module")
def tools() -> JavaTools:
    return tools_or_skip()


@pytest.fixture(scope="module")
def classes(tools: JavaTools, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program and the tests of it that compile, compiled by hand."""
    broken = ("UnknownTest", "BrokenTest")
    files = {path: text for path, text in JAVA.items() if not any(b in path for b in broken)}
    folder = write(tmp_path_factory.mktemp("own"), files)
    out = folder / "classes"
    said_by(folder, "javac", "-g", "-d", str(out), "-cp", str(tools.junit), *files)
    return out


def said_by(folder: Path, *command: str) -> str:
    """What a tool prints when it is run by hand."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=100
    )
    return done.stdout + done.stderr


def measured(tools: JavaTools, folder: Path, test: str, bounds: Bounds | None = None) -> Measures:
    path = f"{JAVA_TESTS}/{test}.java"
    setup = JavaSetup(tools, find_java_project(folder, JAVA_CART, Tools()), bounds or Bounds())
    with open_sandbox(folder, accept_open=True) as sandbox:
        return measure_java(sandbox, setup, CART, path)


def program(tmp_path: Path, test: str) -> Path:
    path = f"{JAVA_TESTS}/{test}.java"
    return write(tmp_path, {JAVA_CART: JAVA[JAVA_CART], path: JAVA[path]})


def junit_said(tools: JavaTools, classes: Path, test: str) -> dict[str, int]:
    agent = f"-javaagent:{tools.agent}=destfile={test}.exec"
    options = ["execute", "--disable-banner", "--details=summary", "-cp", str(classes)]
    output = said_by(
        classes.parent, "java", agent, "-jar", str(tools.junit), *options, f"-c=shop.{test}"
    )
    counts = re.findall(r"\[\s*(\d+) tests (successful|failed)", output)
    return {word: int(count) for count, word in counts}


def jacoco_said(tools: JavaTools, classes: Path, test: str) -> tuple[Ratio, Ratio]:
    """Lines and branches by JaCoCo's CSV, which is another of its reports."""
    folder = classes.parent
    report = ["report", f"{test}.exec", "--classfiles", str(classes), "--csv", "own.csv"]
    said_by(folder, "java", "-jar", str(tools.reporter), *report)
    rows = list(csv.DictReader(io.StringIO((folder / "own.csv").read_text())))
    own = [row for row in rows if row["CLASS"] in ("Cart", "Cart.Sum")]
    assert len(own) == 2
    found = {
        (kind, end): sum(int(row[f"{kind}_{end}"]) for row in own)
        for kind in ("LINE", "BRANCH")
        for end in ("COVERED", "MISSED")
    }
    lines, branches = (
        Ratio(found[kind, "COVERED"], found[kind, "COVERED"] + found[kind, "MISSED"])
        for kind in ("LINE", "BRANCH")
    )
    return lines, branches


def pit_said(tools: JavaTools, classes: Path, test: str) -> Ratio:
    """PIT's own statistics: `>> Generated 9 mutations Killed 8 (89%)`."""
    output = said_by(
        classes.parent, "java", "-cp", ":".join(map(str, (*tools.pit, tools.junit))),
        "org.pitest.mutationtest.commandline.MutationCoverageReport", "--reportDir", "pit",
        "--targetClasses", ",".join(CLASSES), "--targetTests", f"shop.{test}",
        "--sourceDirs", "src/main/java", "--classPath", f"{classes},{tools.junit}",
        "--includeLaunchClasspath=false", "--skipFailingTests=true", "--outputFormats", "CSV",
    )  # fmt: skip
    match = re.search(r">> Generated (\d+) mutations Killed (\d+)", output)
    assert match, output
    return Ratio(int(match[2]), int(match[1]))


@pytest.mark.slow
def test_a_good_test_a_weak_one_and_one_that_fails(
    tools: JavaTools, classes: Path, tmp_path: Path
) -> None:
    found: dict[str, Measures] = {}
    for test in ("GoodTest", "WeakTest", "FailingTest"):
        ours = found[test] = measured(tools, program(tmp_path / test, test), test)
        own = junit_said(tools, classes, test)
        assert (ours.syntax, ours.compiles, ours.skipped) == (True, True, {})
        assert {"successful": ours.passed, "failed": ours.failed} == own
        assert (ours.lines, ours.branches) == jacoco_said(tools, classes, test)
        assert ours.mutants == pit_said(tools, classes, test)
    good, weak, failing = found.values()
    assert good.mutants is not None
    assert weak.mutants is not None
    assert good.mutants.part == good.mutants.whole - len(good.survivors)
    assert weak.mutants.part < good.mutants.part / 2
    assert ("add: replaced boolean return with false for shop/Cart::add", 22) in {
        (survivor.what, survivor.line) for survivor in weak.survivors
    }
    assert {(p.line, p.message.partition(":")[0]) for p in failing.problems} == {
        (17, "wrong()"),
        (22, "thrown()"),
    }
    assert "defects are looked for by the tests that pass" in failing.notes


@pytest.mark.slow
def test_what_does_not_compile_has_no_figures(tools: JavaTools, tmp_path: Path) -> None:
    unknown = measured(tools, program(tmp_path / "unknown", "UnknownTest"), "UnknownTest")
    assert (unknown.syntax, unknown.compiles) == (True, False)
    broken = measured(tools, program(tmp_path / "broken", "BrokenTest"), "BrokenTest")
    assert (broken.syntax, broken.compiles) == (False, False)
    assert {(p.message, p.line) for p in unknown.problems} == {("cannot find symbol", 8)}
    assert [(p.message, p.line) for p in broken.problems] == [("';' expected", 8)]
    for found in (unknown, broken):
        assert (found.passed, found.lines, found.mutants) == (None, None, None)
        assert set(found.skipped) == {"pass", "coverage", "mutation"}


@pytest.mark.slow
def test_errors_elsewhere_and_tests_without_end_are_not_the_tests_fault(
    tools: JavaTools, tmp_path: Path
) -> None:
    folder = program(tmp_path / "cart", "WeakTest")
    write(folder, {JAVA_CART: JAVA[JAVA_CART].replace("return sum;", "return total;")})
    found = measured(tools, folder, "WeakTest")
    assert (found.syntax, found.compiles) == (None, None)
    assert "the project does not compile: src/main/java/shop/Cart.java:30" in found.skipped["pass"]
    folder = program(tmp_path / "endless", "WeakTest")
    path = f"{JAVA_TESTS}/WeakTest.java"
    write(folder, {path: JAVA[path].replace("new Cart(1).add(1, 1);", "while (true);")})
    found = measured(tools, folder, "WeakTest", Bounds(tests=RunLimits(seconds=4)))
    assert (found.compiles, found.passed) == (True, 0)
    assert "did not end" in found.problems[0].message
    assert "did not end" in found.skipped["coverage"]


@pytest.mark.slow
def test_a_maven_project_gives_the_same_figures(
    tools: JavaTools, classes: Path, tmp_path: Path
) -> None:
    maven_or_skip()
    failing, unknown = (f"{JAVA_TESTS}/{name}.java" for name in ("FailingTest", "UnknownTest"))
    files = {"pom.xml": POM, JAVA_CART: JAVA[JAVA_CART], failing: JAVA[failing]}
    folder = write(tmp_path / "module", files)
    # Maven is then asked without network, so its plugins and JUnit come first.
    said_by(folder, "mvn", "-q", "-B", "test", "-Dmaven.test.failure.ignore=true")
    setup = Setup(folder, cache())
    with open_sandbox(folder, accept_open=True) as sandbox:
        found = measure(sandbox, CART, failing, JAVA[failing], setup)
        broken = measure(sandbox, CART, unknown, JAVA[unknown], setup)
    own = junit_said(tools, classes, "FailingTest")
    assert found.skipped == {}
    assert {"successful": found.passed, "failed": found.failed} == own
    assert (found.lines, found.branches) == jacoco_said(tools, classes, "FailingTest")
    assert found.mutants == pit_said(tools, classes, "FailingTest")
    assert (broken.syntax, broken.compiles) == (True, False)
    assert broken.problems[0].line == 8


def test_without_a_jdk_or_maven_one_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(JavaToolsError, match="need a JDK"):
        java_tools(tmp_path)
    (tmp_path / "javac").touch(mode=0o755)
    with pytest.raises(JavaToolsError, match="install Maven"):
        java_tools(tmp_path)
    maven = tmp_path / "mvn"
    maven.write_text("#!/bin/sh\necho '[ERROR] no network'\nexit 1\n")
    maven.chmod(0o755)
    with pytest.raises(JavaToolsError, match=r"could not fetch .* no network"):
        java_tools(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []
