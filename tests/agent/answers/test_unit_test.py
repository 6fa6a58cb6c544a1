"""Skeleton tests stand where tests are kept, resolve, and fail until they are written."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from agent.answers.answer import TEMPLATE, markdown
from agent.answers.java_values import erasure
from agent.answers.places_of_tests import path_of_test
from agent.answers.signatures import java_signature, python_signature
from agent.answers.unit_test import skeleton_tests
from tests.agent.answers.conftest import ground_of
from tests.agent.answers.mill import FILES
from tests.agent.tools.conftest import write

if TYPE_CHECKING:
    from pathlib import Path

    from agent.answers.ground import Ground

JAVA = "java/src/main/java/com/example/mill"
JUNIT4 = {
    "stub/org/junit/Test.java": "package org.junit;\npublic @interface Test {}\n",
    "stub/org/junit/Assert.java": "package org.junit;\npublic class Assert {\n"
    "    public static void fail(String message) {}\n"
    "    public static void assertEquals(Object expected, Object actual) {}\n}\n",
}


def written(ground: Ground, name: str) -> str:
    (edit,) = skeleton_tests(ground, name).edits
    assert edit.before is None
    return edit.after


def test_a_function_has_a_test_that_says_what_it_needs(ground: Ground) -> None:
    answer = skeleton_tests(ground, "mill.work.day")
    assert answer.label == TEMPLATE
    (edit,) = answer.edits
    assert edit.path == "tests/test_work.py"
    assert (
        edit.after
        == '''"""Tests of day."""

import pytest

from mill.stones import Stone
from mill.work import day


def test_day() -> None:
    """day(sacks: list[Sack], stone: Stone, *, is_long: bool = False) -> list[str]"""
    pytest.fail("to be written: set the values, say what is expected, remove this line")
    sacks = []
    stone = Stone(1)
    result = day(sacks, stone)
    assert result == ...
'''
    )


def test_an_object_is_made_by_its_constructor_or_its_fields(ground: Ground) -> None:
    text = written(ground, "mill.grain.Sack")
    assert 'sack = Sack(grain=Wheat(1, origin="origin"), size=1)' in text
    assert "from mill.grain import Sack, Wheat" in text


def test_an_abstract_class_is_tested_through_one_that_is_not(ground: Ground) -> None:
    text = written(ground, "mill.grain.Grain")
    assert 'grain = Wheat(1, origin="origin")' in text
    assert "test_grain_label" in text
    assert "test_grain_grind" not in text


def test_a_setter_is_assigned_to(ground: Ground) -> None:
    text = written(ground, "mill.gauge.Gauge")
    assert "result = gauge.level\n" in text
    assert "gauge.level = to\n" in text


def test_static_async_and_unknown_arguments(ground: Ground) -> None:
    text = written(ground, "mill.grain.Sack")
    assert 'folder = Path("folder")\n    result = Sack.parse(text, folder)' in text
    assert "where = ..." in text
    assert "asyncio.run(sack.carry(where, fast=fast))" in text
    assert "import asyncio\nfrom pathlib import Path\n\nimport pytest\n" in text


def test_tests_that_are_there_are_listed_and_their_file_left_alone(ground: Ground) -> None:
    answer = skeleton_tests(ground, "Stone")
    assert answer.edits[0].path == "tests/test_stones_generated.py"
    there = next(s for s in answer.sections if s.heading.startswith("Tests that are there"))
    example = next(s for s in answer.sections if s.heading.startswith("A test to follow"))
    assert "def test_turn" in example.heading
    assert ("test_turn", "tests/test_stones.py:4") in [(r.text, r.location) for r in there.rows]


def test_the_whole_skeleton_fails_and_never_passes(mill: Path, ground: Ground) -> None:
    """Run by pytest itself, in a folder of its own."""
    names = ["src/mill/work.py", "src/mill/grain.py", "src/mill/stones.py"]
    folder = mill.with_name("skeletons")
    files = {
        e.path.rpartition("/")[2]: e.after for n in names for e in skeleton_tests(ground, n).edits
    }
    write(folder, files)
    environment = {**os.environ, "PYTHONPATH": str(mill / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=folder, check=False
    )
    assert re.search(r"^14 failed in", done.stdout, re.MULTILINE), done.stdout
    assert done.stdout.count("Failed: to be written") >= 14


def test_a_skeleton_that_is_indexed_reaches_its_target(
    mill: Path, ground: Ground, tmp_path: Path
) -> None:
    """Its imports resolve to what it tests."""
    root = tmp_path / "mill"
    names = ["Stone", "mill.work.day", "Noria", "Bucket"]
    edits = [edit for name in names for edit in skeleton_tests(ground, name).edits]
    write(root, FILES | {edit.path: edit.after for edit in edits})
    opened = ground_of(root, tmp_path / "index")
    again = next(opened).reader
    paths = {"paths": [edit.path for edit in edits]}
    rows = again.query(
        "MATCH (t)-[:TESTS]->(m) WHERE t.repo = $repo AND t.file_path IN $paths "
        "RETURN DISTINCT m.full_name AS name",
        paths,
    ).rows
    reached = {name for (name,) in rows}
    lost = again.query(
        "MATCH (m:MODULE)-[:IMPORTS]->(x:EXTERNAL) WHERE m.repo = $repo "
        "AND m.file_path IN $paths AND x.full_name CONTAINS 'mill' RETURN x.full_name AS name",
        paths,
    ).rows
    opened.close()
    assert lost == ()
    assert {"mill.stones.Stone.turn", "mill.work.day", "com.example.mill.Noria.fill"} <= reached


def test_java_tests_follow_junit_and_visibility(ground: Ground) -> None:
    answer = skeleton_tests(ground, "Noria")
    assert answer.edits[0].path.endswith("java/com/example/mill/NoriaGeneratedTest.java")
    text = answer.edits[0].after
    assert "import org.junit.Test;" in text
    assert "public class NoriaGeneratedTest {" in text
    assert "final Noria noria = new Noria(1, Bucket.of(1));" in text
    assert "final String[] names = new String[0];\n        noria.fill(bucket, names);" in text
    assert "isWet" not in text


def test_java_overloads_and_type_variables(ground: Ground) -> None:
    text = written(ground, "com.example.mill.Wheel")
    assert "void testDescribe() throws" in text
    assert "void testDescribe2() throws" in text
    assert "final Wheel wheel = new Noria(1, Bucket.of(1));" in text
    bucket = written(ground, "Bucket")
    assert "void testTake() throws Throwable {" in bucket
    assert "Class<? extends Number> kind = Number.class;" in bucket


@pytest.mark.skipif(shutil.which("javac") is None, reason="needs a Java compiler")
def test_java_skeletons_compile(mill: Path, ground: Ground, tmp_path: Path) -> None:
    edits = [e for n in ("Noria", "Wheel", "Bucket") for e in skeleton_tests(ground, n).edits]
    write(tmp_path, JUNIT4 | {edit.path: edit.after for edit in edits})
    sources = [str(tmp_path / edit.path) for edit in edits]
    source_path = f"{tmp_path}/stub{os.pathsep}{mill}/java/src/main/java"
    done = subprocess.run(
        ["javac", "-proc:none", "-d", str(tmp_path / "out"), "-sourcepath", source_path, *sources],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_nothing_to_test_is_said(ground: Ground) -> None:
    assert not skeleton_tests(ground, "mill.errors.MillError").is_found
    assert not skeleton_tests(ground, "Stome").is_found
    assert "`grind`" in markdown(skeleton_tests(ground, "grind"))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/mill/work.py", "tests/test_work.py"),
        ("src/mill/sub/_deep.py", "tests/test_deep.py"),
        ("src/mill/__init__.py", "tests/test_mill.py"),
        (f"{JAVA}/Wheel.java", "java/src/test/java/com/example/mill/WheelTest.java"),
        (f"{JAVA}/sub/Axle.java", "java/src/test/java/com/example/mill/sub/AxleTest.java"),
    ],
)
def test_a_test_stands_where_its_neighbours_are_kept(
    ground: Ground, path: str, expected: str
) -> None:
    assert path_of_test(ground, path) == expected


@pytest.mark.parametrize(
    ("written_type", "erased"),
    [
        ("T", "Comparable"),
        ("T[]", "Comparable[]"),
        ("List<T>", "List"),
        ("List<String>", "List<String>"),
        ("Map<String, ? super E>[]", "Map[]"),
        ("E", "Object"),
        ("final @Nullable String", "final String"),
    ],
)
def test_erasure(written_type: str, erased: str) -> None:
    assert erasure(written_type, {"T": "Comparable<T>", "E": "Object"}) == erased


def test_signatures() -> None:
    python = python_signature("async def f( self, a: int, /, b=2, *c, d: str, **e, ) -> None")
    assert python is not None
    assert [(p.name, p.kind, p.is_required) for p in python.parameters] == [
        ("self", "plain", True),
        ("a", "plain", True),
        ("b", "plain", False),
        ("c", "args", False),
        ("d", "keyword", True),
        ("e", "kwargs", False),
    ]
    java = java_signature(
        "@Deprecated public static <K, V extends List<K>> Map<K, V> f(final Map<K, V> a, int[] b, "
        "String... c) throws IOException, E"
    )
    assert java is not None
    assert [(p.type, p.name) for p in java.parameters] == [
        ("Map<K, V>", "a"),
        ("int[]", "b"),
        ("String[]", "c"),
    ]
    assert (java.returns, java.throws) == ("Map<K, V>", ("IOException", "E"))
    assert java.variables == {"K": "Object", "V": "List<K>"}
    assert python_signature("class A") is None
    assert java_signature("int x = 3") is None
