"""Compilations read off Maven's words, and a project compiled by them; Maven itself is a script."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from benchmarks.generation.bare import BareFolder
from benchmarks.generation.classtasks import ClassTask
from benchmarks.generation.javac_options import Compilation, read_compilations
from benchmarks.generation.maven import MavenProject
from benchmarks.generation.testrun import BrokenEnvironmentError, Result
from tests.benchmarks.harness.sources import write

if TYPE_CHECKING:
    from pathlib import Path

MONEY = """package shop;
public class Money {
    public int twice(int cents) { return 2 * cents; }
}
"""
FILES = {
    "src/main/java/shop/Money.java": MONEY,
    "src/main/java/shop/MoneyBag.java": "package shop;\npublic class MoneyBag { }\n",
    "src/main/java/module-info.java": "module shop { exports shop; }\n",
    "src/test/java/shop/MoneyTest.java": (
        "package shop;\npublic class MoneyTest {\n    // @Test @ParameterizedTest\n"
        "    public static void main(String[] a) {\n"
        "        if (new Money().twice(2) != 4) throw new AssertionError();\n    }\n}\n"
    ),
}
# What a Maven would do: run the test and write its report.
MAVEN = """#!/bin/sh
mkdir -p target/surefire-reports
if java -cp target/classes:target/test-classes shop.MoneyTest; then body=; else
body='<failure message="not four"/>'; fi
cat > target/surefire-reports/TEST-shop.MoneyTest.xml <<EOF
<testsuite name="shop.MoneyTest"><testcase classname="shop.MoneyTest" name="four">$body</testcase>
<testcase classname="shop.MoneyTest" name="four"/>
<testcase classname="shop.MoneyTest" name="later"><skipped/></testcase></testsuite>
EOF
cat > target/surefire-reports/TEST-shop.OtherTest.xml <<EOF
<testsuite name="shop.OtherTest"><testcase classname="shop.OtherTest" name="x"/></testsuite>
EOF
"""
SAID = """[INFO] --- maven-compiler-plugin:3.10.1:compile (default-compile) @ shop ---
[DEBUG] Command line options:
[DEBUG] -d {root}/target/classes -classpath {root}/target/classes: -sourcepath \
{root}/src/main/java:{root}/target/generated-sources/annotations: \
-s {root}/target/generated-sources/annotations -g -nowarn --release 8 -encoding UTF-8
[INFO] --- maven-compiler-plugin:3.10.1:testCompile (default-testCompile) @ shop ---
[DEBUG] Command line options:
[DEBUG] -d {root}/target/test-classes -classpath {root}/target/test-classes:{root}/target/classes \
-sourcepath {root}/src/test/java: -g -nowarn
"""
STATUS = "target/maven-status/maven-compiler-plugin/compile/default-compile/inputFiles.lst"

needs_java = pytest.mark.skipif(shutil.which("javac") is None, reason="there is no javac")


def task(test_class: str = "MoneyTest") -> ClassTask:
    path = "src/main/java/shop/Money.java"
    test_file = "src/test/java/shop/MoneyTest.java"
    return ClassTask("1", "shop", None, path, "Money", "", "", MONEY, (test_class,), test_file)


@pytest.fixture(name="project")
def fixture_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MavenProject:
    root = (tmp_path / "tree").resolve()
    write(root, FILES)
    listed = [str(root / name) for name in FILES if "module-info" not in name and "main" in name]
    write(root, {STATUS: "\n".join(listed)})
    programs = tmp_path / "bin"
    write(programs, {"mvn": MAVEN})
    (programs / "mvn").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    compilations = read_compilations(SAID.replace("{root}", str(root)), root)
    return MavenProject(BareFolder(root), "", tmp_path / "cache", compilations, "java")


def test_compilations_are_read_without_the_tree(project: MavenProject) -> None:
    main, tests = project.compilations
    assert main == Compilation(
        words=(
            *("-d", "{root}/target/classes", "-classpath", "{root}/target/classes:"),
            "-sourcepath",
            "{root}/src/main/java:{root}/target/generated-sources/annotations:",
            *("-g", "-nowarn", "--release", "8", "-encoding", "UTF-8"),
        ),
        output="target/classes",
        folders=("src/main/java", "target/generated-sources/annotations"),
        excluded=("src/main/java/module-info.java",),
    )
    assert tests.folders == ("src/test/java",)


@needs_java
def test_the_truth_passes_and_only_the_named_class_counts(project: MavenProject) -> None:
    ((_, run),) = list(project.truths([task()]))
    assert run.compiled
    assert run.results == {
        "shop.MoneyTest.four": Result.PASSED,
        "shop.MoneyTest.four#2": Result.PASSED,
        "shop.MoneyTest.later": Result.SKIPPED,
    }
    assert run.official == 1
    assert not run.is_passed  # a test that skips itself tells nothing


@needs_java
def test_a_test_class_that_did_not_run_is_no_success(project: MavenProject) -> None:
    ((_, run),) = list(project.truths([task("NoSuchTest")]))
    assert run.results == {}
    assert not run.is_passed
    assert "did not run" in run.trouble


@needs_java
@pytest.mark.parametrize("is_probe", [True, False])
def test_attempts_leave_the_tree_as_it_was(project: MavenProject, *, is_probe: bool) -> None:
    broken = MONEY.replace("2 * cents", "0")
    wrong = project.attempt(task(), broken, is_probe=is_probe)
    assert wrong.results["shop.MoneyTest.four"] is Result.FAILED
    assert "not four" in wrong.trouble
    gone = project.attempt(task(), "", is_probe=is_probe)
    assert gone.compiled is False
    assert "Money" in gone.trouble
    right = project.attempt(task(), MONEY, is_probe=is_probe)
    assert right.results["shop.MoneyTest.four"] is Result.PASSED
    assert (project.sandbox.folder / task().path).read_text() == MONEY


@needs_java
def test_a_class_that_nobody_names_is_asked_of_the_whole(project: MavenProject) -> None:
    from dataclasses import replace

    bag = replace(task(), path="src/main/java/shop/MoneyBag.java")
    run = project.attempt(bag, "", is_probe=True)
    assert run.compiled


@needs_java
def test_sources_that_do_not_compile_are_a_broken_environment(project: MavenProject) -> None:
    write(project.sandbox.folder, {"src/main/java/shop/MoneyBag.java": "class {"})
    with pytest.raises(BrokenEnvironmentError, match="do not compile"):
        list(project.truths([task()]))


@needs_java
def test_a_draft_is_compiled_with_the_sources_and_without_the_tests(project: MavenProject) -> None:
    assert project.compiles(task(), MONEY).compiled is True
    other = MONEY.replace("int twice(int cents)", "int thrice(int cents)")
    assert project.compiles(task(), other).compiled is True
    assert project.attempt(task(), other).compiled is False
    bag = "package shop;\npublic class Money { MoneyBag bag() { return new MoneySack(); } }\n"
    found = project.compiles(task(), bag)
    assert (found.compiled, found.results) == (False, {})
    assert found.trouble.startswith("src/main/java/shop/Money.java:2: error: cannot find symbol")
    assert "class MoneySack" in found.trouble
    place = project.sandbox.folder / task().path
    assert place.read_text() == MONEY
    assert project.attempt(task(), MONEY).compiled is True
