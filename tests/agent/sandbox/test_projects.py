"""Small projects are compiled and tested in a sandbox, and what came of it is data."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from agent.draft import Edit
from agent.sandbox.local import open_sandbox
from agent.sandbox.projects import TestRun, Tools, compile_files, find_project, run_tests
from agent.sandbox.ran import RunLimits
from agent.sandbox.reports import dotted_name, read_cases, read_problems
from graphdb.errors import SandboxError
from tests.agent.sandbox.hostile import WHY_OPEN

LIMITS = RunLimits(seconds=90, memory_mb=2_048, file_mb=200)
MAVEN_PLUGINS = {"clean": "3.4.0", "surefire": "3.2.5", "compiler": "3.13.0", "resources": "3.3.1"}

pytestmark = pytest.mark.skipif(bool(WHY_OPEN), reason=f"nothing isolates code here: {WHY_OPEN}")


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def outcome_of(
    root: Path,
    path: str,
    tests: list[str],
    edits: tuple[Edit, ...] = (),
    tools: Tools | None = None,
) -> TestRun:
    project = find_project(root, path, tools or Tools())
    assert project is not None
    with open_sandbox(root) as sandbox:
        sandbox.apply(edits)
        return run_tests(sandbox, project, tests, LIMITS)


@pytest.fixture
def python_project(tmp_path: Path) -> Path:
    write(
        tmp_path,
        {
            "src/shop/__init__.py": "",
            "src/shop/cart.py": "def total(prices):\n    return sum(prices)\n",
            "tests/test_cart.py": "import pytest\nfrom shop.cart import total\n\n"
            "class TestTotal:\n"
            "    @pytest.mark.parametrize('n', [1, 2])\n"
            "    def test_sum(self, n):\n        assert total([1] * n) == n\n\n"
            "def test_wrong():\n    assert total([1]) == 2, 'one is not two'\n\n"
            "def test_long():\n    for n in range(5):\n        text = 'x' * n\n"
            "        assert total([n]) == n\n    assert text.split() == list('far longer')\n\n"
            "@pytest.mark.skip\ndef test_later():\n    pass\n",
        },
    )
    return tmp_path


def test_pytest_results_are_data(python_project: Path) -> None:
    found = outcome_of(python_project, "src/shop/cart.py", [])
    assert found.ran, found
    assert not found.is_passed
    assert set(found.cases.passed) == {
        "tests/test_cart.py::TestTotal::test_sum[1]",
        "tests/test_cart.py::TestTotal::test_sum[2]",
    }
    assert [case.name.rpartition("::")[2] for case in found.cases.failed] == [
        "test_wrong",
        "test_long",
    ], "the shortest text comes first"
    assert "one is not two" in found.cases.failed[0].message
    assert found.cases.skipped == ("tests/test_cart.py::test_later",)
    assert any("has no .venv" in note for note in found.notes)
    assert any(line.startswith("network: none") for line in found.run.apart)
    assert not (python_project / ".codexgraph-run").exists()


def test_pytest_runs_what_is_named_on_the_draft(python_project: Path) -> None:
    edit = Edit("src/shop/cart.py", None, "def total(prices):\n    return 2\n")
    names = ["tests/test_cart.py::test_wrong", "tests/test_cart.py::TestTotal"]
    found = outcome_of(python_project, "src/shop/cart.py", names, (edit,))
    assert found.ran, found
    assert "tests/test_cart.py::test_wrong" in found.cases.passed
    assert [case.name for case in found.cases.failed] == [
        "tests/test_cart.py::TestTotal::test_sum[1]"
    ]
    gone = outcome_of(python_project, "src/shop/cart.py", ["tests/test_cart.py::test_nothing"])
    assert not gone.ran
    assert "test_nothing" in gone.reason


def test_a_draft_that_does_not_parse(python_project: Path) -> None:
    edit = Edit("src/shop/cart.py", None, "def total(prices:\n    return 2\n")
    found = outcome_of(python_project, "src/shop/cart.py", [], (edit,))
    assert not found.ran or found.cases.errors
    assert found.compile_failed
    assert found.compile_problems[0].path == "src/shop/cart.py"
    assert found.compile_problems[0].line == 1
    project = find_project(python_project, "src/shop/cart.py", Tools())
    assert project is not None
    with open_sandbox(python_project) as sandbox:
        assert not compile_files(sandbox, project, ["src/shop/cart.py"], LIMITS).compile_failed
        sandbox.apply([edit])
        compiled = compile_files(sandbox, project, ["src/shop/cart.py"], LIMITS)
    assert compiled.compile_failed
    assert str(compiled.compile_problems[0]).startswith("src/shop/cart.py:1: SyntaxError")


def test_an_interpreter_without_pytest_is_named(python_project: Path) -> None:
    import venv

    # Not below the repository: it is given as a setting.
    place = python_project.parent / "bare"
    venv.create(place, symlinks=True)
    tools = Tools(python=place / "bin/python")
    found = outcome_of(python_project, "src/shop/cart.py", [], tools=tools)
    assert not found.ran
    assert found.reason == f"pytest is not installed for {place}/bin/python"
    shutil.rmtree(place)
    with pytest.raises(SandboxError, match="is no interpreter"):
        find_project(python_project, "src/shop/cart.py", tools)


def test_the_environment_of_the_repository_is_used(python_project: Path) -> None:
    import venv

    venv.create(python_project / ".venv", symlinks=True)
    packages = next((python_project / ".venv/lib").glob("python*/site-packages"))
    own = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "own.pth").write_text(f"{own}\n{python_project}/src\n")
    (packages / "only_here.py").write_text("x = 1\n")
    write(python_project, {"tests/test_own.py": "import only_here, shop\n\ndef test_own(): pass\n"})
    project = find_project(python_project, "a.py", Tools())
    assert project is not None
    assert project.notes == ()
    with open_sandbox(python_project) as sandbox:
        step = project.test_steps(["tests/test_own.py"])[0]
        readable = (*step.readable, Path(own))
        ran = sandbox.run(step.command, LIMITS, environment={}, readable=readable)
    assert ran.is_ok, ran.output


def test_how_long_it_took_is_not_told(python_project: Path) -> None:
    empty = Edit("tests/test_empty.py", None, "x = 1\n")
    found = outcome_of(python_project, empty.path, [empty.path], (empty,))
    assert found.reason.endswith("exited with 5: no tests ran")


JAVA = {
    "src/shop/Cart.java": "package shop;\npublic class Cart {\n"
    "  public static int total(int... prices) {\n    int sum = 0;\n"
    "    for (int price : prices) sum += price;\n    return sum;\n  }\n}\n",
    "src/shop/CartMain.java": "package shop;\npublic class CartMain {\n"
    "  public static void main(String[] args) {\n"
    "    assert Cart.total(1, 2) == 3 : Cart.total(1, 2);\n  }\n}\n",
}
WRONG = "package shop;\npublic class Cart {\n  public static int total(int... p) { return 0; }\n}\n"
BROKEN = WRONG.replace("return 0;", "return nothing;")


@pytest.mark.skipif(not shutil.which("javac"), reason="no JDK is installed")
def test_java_without_a_build(tmp_path: Path) -> None:
    write(tmp_path, JAVA)
    found = outcome_of(tmp_path, "src/shop/Cart.java", ["shop.CartMain"])
    assert found.is_passed, found
    assert found.cases.passed == ("shop.CartMain",)
    wrong = Edit("src/shop/Cart.java", None, WRONG)
    found = outcome_of(tmp_path, "src/shop/Cart.java", ["shop.CartMain"], (wrong,))
    assert found.ran
    assert [case.message for case in found.cases.failed] == [
        'Exception in thread "main" java.lang.AssertionError: 0'
    ]
    broken = Edit("src/shop/Cart.java", None, BROKEN)
    found = outcome_of(tmp_path, "src/shop/Cart.java", ["shop.CartMain"], (broken,))
    assert found.compile_failed
    assert not found.ran
    problem = found.compile_problems[0]
    assert (problem.path, problem.line) == ("src/shop/Cart.java", 3)
    assert "cannot find symbol" in problem.message


@pytest.mark.skipif(not shutil.which("javac"), reason="no JDK is installed")
@pytest.mark.parametrize("path", ["src/shop/Till.java", "src/main/java/shop/Till.java"])
def test_a_new_java_file_is_compiled_with_its_package(tmp_path: Path, path: str) -> None:
    write(tmp_path, JAVA)
    till = "package shop;\npublic class Till {\n  int sum() { return Cart.total(1); }\n}\n"
    project = find_project(tmp_path, path, Tools())
    assert project is not None
    with open_sandbox(tmp_path, accept_open=True) as sandbox:
        sandbox.apply([Edit(path, None, till)])
        ran = compile_files(sandbox, project, [path], RunLimits())
    # A new folder of sources has no Cart beside it.
    assert ran.run.is_ok == path.startswith("src/shop"), ran.run.output


def maven_project(root: Path) -> Path:
    """A Maven project whose packages were fetched; skips where they cannot be."""
    if not shutil.which("mvn"):
        pytest.skip("Maven is not installed")
    plugins = "".join(
        f"<plugin><artifactId>maven-{kind}-plugin</artifactId><version>{version}</version></plugin>"
        for kind, version in MAVEN_PLUGINS.items()
    )
    write(
        root,
        {
            "pom.xml": '<project xmlns="http://maven.apache.org/POM/4.0.0">'
            "<modelVersion>4.0.0</modelVersion>"
            "<groupId>shop</groupId><artifactId>shop</artifactId><version>1</version><properties>"
            "<maven.compiler.source>11</maven.compiler.source>"
            "<maven.compiler.target>11</maven.compiler.target>"
            "<project.build.sourceEncoding>UTF-8</project.build.sourceEncoding></properties>"
            "<dependencies><dependency><groupId>junit</groupId><artifactId>junit</artifactId>"
            "<version>4.13.2</version><scope>test</scope></dependency></dependencies>"
            f"<build><plugins>{plugins}</plugins></build></project>",
            "src/main/java/shop/Cart.java": JAVA["src/shop/Cart.java"],
            "src/test/java/shop/CartTest.java": "package shop;\n"
            "public class CartTest extends junit.framework.TestCase {\n"
            "  public void testSum() { assertEquals(3, Cart.total(1, 2)); }\n"
            "  public void testEmpty() { assertEquals(0, Cart.total()); }\n}\n",
        },
    )
    # What runs in the sandbox fetches nothing.
    command = ("mvn", "-q", "-B", "clean", "test", "clean")
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"Maven cannot fetch the packages of its test run: {done.stdout[-300:]}")
    return root


@pytest.mark.slow
def test_maven(tmp_path: Path) -> None:
    root = maven_project(tmp_path)
    path = "src/main/java/shop/Cart.java"
    found = outcome_of(root, path, ["CartTest"])
    assert found.is_passed, (found.reason, found.run.output)
    assert set(found.cases.passed) == {"shop.CartTest.testSum", "shop.CartTest.testEmpty"}
    found = outcome_of(root, path, ["CartTest"], (Edit(path, None, WRONG),))
    assert [case.name for case in found.cases.failed] == ["shop.CartTest.testSum"]
    assert found.cases.failed[0].message == "expected:<3> but was:<0>"
    assert found.cases.passed == ("shop.CartTest.testEmpty",)
    found = outcome_of(root, path, ["CartTest"], (Edit(path, None, BROKEN),))
    assert found.compile_failed
    assert found.compile_problems[0].path == path
    assert found.compile_problems[0].line == 3
    found = outcome_of(root, path, ["CartTest", "NoSuchTest"])
    assert not found.ran
    assert found.reason == "no result for NoSuchTest"


def test_a_module_is_built_from_its_reactor(tmp_path: Path) -> None:
    if not shutil.which("mvn") or not (Path.home() / ".m2/repository").is_dir():
        pytest.skip("Maven is not installed, or has fetched nothing")
    modules = "<project><modules><module>{}</module></modules></project>"
    write(
        tmp_path,
        {
            "pom.xml": modules.format("group"),
            "group/pom.xml": modules.format("core"),
            "group/core/pom.xml": "<project/>",
            "group/other/pom.xml": "<project/>",
        },
    )
    project = find_project(tmp_path, "group/core/src/main/java/A.java", Tools())
    assert project is not None
    step = project.test_steps(["ATest", "BTest#works"])[0]
    assert step.cwd == "."
    assert "-Dtest=ATest,BTest#works" in step.command
    assert step.command[step.command.index("-pl") + 1] == "group/core"
    alone = find_project(tmp_path, "group/other/A.java", Tools())
    assert alone is not None
    assert alone.test_steps([])[0].cwd == "group/other"
    assert not any(path.name == ".m2" for path in step.readable), "its settings hold passwords"


def test_gradle_is_run_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in writes what Gradle would: the command and the report are what is tested."""
    tool = tmp_path / "gradle-8/bin/gradle"
    report = '<testsuite><testcase name="adds" classname="shop.CartTest"/></testsuite>'
    folder = "app/build/test-results/test"
    write(
        tmp_path,
        {
            "gradle-8/bin/gradle": f"#!/bin/sh\nmkdir -p {folder}\n"
            f"echo '{report}' > {folder}/TEST-shop.CartTest.xml\necho \"$@\"\n",
            "project/settings.gradle": "include 'app'\n",
            "project/app/build.gradle": "",
            "project/app/src/main/java/shop/Cart.java": "",
        },
    )
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
    root = tmp_path / "project"
    found = outcome_of(root, "app/src/main/java/shop/Cart.java", ["shop.CartTest#adds"])
    assert found.is_passed, found
    assert found.run.output.split()[-3:] == [":app:test", "--tests", "shop.CartTest.adds"]
    assert "--offline" in found.run.output


def test_a_language_that_is_not_compiled(tmp_path: Path) -> None:
    assert find_project(tmp_path, "README.md", Tools()) is None


def test_reports_of_hostile_code_are_bounded() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><testsuite>&a;</testsuite>'
    broken = b"<testsuite><testcase"
    good = (
        b'<testsuite><testcase name="t" classname="A"><failure>x</failure></testcase></testsuite>'
    )
    cases, bad = read_cases([bomb, broken, good], dotted_name)
    assert [case.name for case in cases.failed] == ["A.t"]
    assert len(bad) == 2
    assert "document type" in bad[0]


def test_compilers_lines_are_problems_with_paths_of_the_repository() -> None:
    output = (
        "[ERROR] /copy/src/A.java:[3,5] cannot find symbol\n"
        "[ERROR]   symbol: class B\n"
        "/original/src/B.java:7: error: ';' expected\n"
        '  File "./c.py", line 9\n    x = = 1\nSyntaxError: invalid syntax\n'
        "[ERROR] /copy/src/A.java:[3,5] cannot find symbol\n"
    )
    assert [str(problem) for problem in read_problems(output, ("/copy", "/original"))] == [
        "src/A.java:3: cannot find symbol",
        "src/B.java:7: ';' expected",
        "c.py:9: SyntaxError: invalid syntax",
    ]
