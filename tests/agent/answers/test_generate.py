"""Skeletons of new code: what the text names, what the bases demand, and imports that resolve."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from agent.answers.answer import TEMPLATE, markdown
from agent.answers.generate import skeleton_code
from agent.answers.spec import Member, read_spec
from graphdb.errors import CodexGraphError
from tests.agent.tools.conftest import write

if TYPE_CHECKING:
    from pathlib import Path

    from agent.answers.ground import Ground
    from agent.draft import Edit

SPEC = """# Rye

A grain that grows in the cold. It extends `Grain` and keeps its `Stone`.

## Fields
- `frost: int` - how cold it was
- name (str)

## Methods
- `thaw(days: int) -> bool`
- grind
"""


def edit_of(ground: Ground, text: str, path: str = "") -> Edit:
    answer = skeleton_code(ground, text, path)
    assert answer.label == TEMPLATE
    (edit,) = answer.edits
    return edit


def test_a_python_class_with_all_that_its_base_demands(ground: Ground) -> None:
    edit = edit_of(ground, SPEC, "src/mill/rye.py")
    assert edit.path == "src/mill/rye.py"
    assert edit.before is None
    assert (
        edit.after
        == '''"""A grain that grows in the cold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mill.grain import Grain

if TYPE_CHECKING:
    from mill.stones import Stone


class Rye(Grain):
    """A grain that grows in the cold."""

    def __init__(self, weight: int, origin: str, frost: int, name: str) -> None:
        super().__init__(weight, origin=origin)
        self.frost = frost
        self.name = name

    def grind(self, stone: Stone, times: int = 1) -> str:
        raise NotImplementedError

    @property
    def colour(self) -> str:
        raise NotImplementedError

    def thaw(self, days: int) -> bool:
        raise NotImplementedError
'''
    )


def test_the_skeleton_of_a_class_can_be_imported(mill: Path, ground: Ground) -> None:
    edit = edit_of(ground, SPEC, "src/mill/rye.py")
    folder = mill.with_name("generated")
    write(folder, {"rye.py": edit.after})
    code = "import rye; print(rye.Rye(1, 'x', 2, 'y').label())"
    environment = {**os.environ, "PYTHONPATH": f"{mill / 'src'}{os.pathsep}{folder}"}
    command = [shutil.which("python3") or "python3", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.stdout == "x: 1\n", done.stderr


def test_a_file_that_is_there_gets_it_at_its_end(ground: Ground) -> None:
    edit = edit_of(ground, "a class `Barley` that inherits from Grain, src/mill/work.py")
    assert edit.before is not None
    assert edit.after.startswith('"""A day at the mill."""\n\nfrom mill.errors import MillError\n')
    assert edit.after.count("from mill.grain import") == 2
    assert edit.after.endswith("        raise NotImplementedError\n")
    names = [n.name for n in ast.parse(edit.after).body if isinstance(n, ast.ClassDef)]
    assert names == ["Barley"]


def test_a_function(ground: Ground) -> None:
    edit = edit_of(
        ground, "A function called `weigh` with parameters sack: Sack, fast, src/mill/scale.py"
    )
    assert "def weigh(sack: Sack, fast):" in edit.after
    ast.parse(edit.after)


def test_a_method_of_a_class_that_is_there(ground: Ground) -> None:
    text = "a method called mixed(other, part: float = 0.5) that mixes two sorts, mill.grain.Wheat"
    edit = edit_of(ground, text)
    assert edit.path == "src/mill/grain.py"
    tree = ast.parse(edit.after)
    (wheat,) = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Wheat"]
    new = wheat.body[-1]
    assert isinstance(new, ast.FunctionDef)
    assert [arg.arg for arg in new.args.args] == ["self", "other", "part"]
    assert ast.get_docstring(new) == "Mixes two sorts."
    asked = skeleton_code(ground, "a method that mixes two sorts, Wheat")
    assert not asked.is_found
    assert "what the method is called" in markdown(asked)
    assert "`grind`" in markdown(asked) or "def grind" in markdown(asked)


def test_a_method_of_a_java_class(ground: Ground) -> None:
    edit = edit_of(ground, "a method called spun(int times, by) that turns it, Wheel")
    assert edit.path.endswith("/Wheel.java")
    assert "public Object spun(int times, Object by) {" in edit.after
    assert edit.after.count("{") == edit.after.count("}")


def test_the_parameters_of_a_function_that_is_asked_for(ground: Ground) -> None:
    edit = edit_of(
        ground, "a function called day_of(text: str, strict) that reads it, src/mill/d.py"
    )
    assert "def day_of(text: str, strict" in edit.after
    assert '"""Reads it."""' in edit.after


def test_the_place_is_beside_the_base_when_none_is_named(ground: Ground) -> None:
    assert edit_of(ground, "a class RoughStone extending Stone").path == "src/mill/rough_stone.py"
    assert edit_of(ground, "class Paddle extends Wheel").path.endswith(
        "com/example/mill/Paddle.java"
    )


def test_what_the_text_does_not_say_is_asked_for(ground: Ground) -> None:
    answer = skeleton_code(ground, "something that makes the mill faster")
    assert not answer.edits
    assert "does not say what the class is called" in markdown(answer)


def test_unknown_bases_are_told_and_kept(ground: Ground) -> None:
    answer = skeleton_code(ground, "a class Oats extending Grain and Edible, src/mill/oats.py")
    assert "Not in the repository: `Edible`." in markdown(answer)
    assert "class Oats(Grain, Edible):" in answer.edits[0].after


def test_a_java_class(ground: Ground) -> None:
    text = "A class `Paddle` extends Wheel with fields name: String and sizes: int[]"
    edit = edit_of(ground, text, "java/src/main/java/com/example/mill/water/Paddle.java")
    after = edit.after
    assert after.startswith("package com.example.mill.water;\n\nimport com.example.mill.Wheel;\n")
    assert "import java.io.IOException;\nimport java.util.List;\n" in after
    assert "public class Paddle extends Wheel {" in after
    assert "public Paddle(int spokes, String name, int[] sizes) {\n        super(spokes);" in after
    assert "public Comparable turn(List water, int times) throws IOException {" in after
    assert "protected boolean isWet() {\n        throw new UnsupportedOperationException" in after


@pytest.mark.skipif(shutil.which("javac") is None, reason="needs a Java compiler")
def test_a_java_skeleton_compiles(mill: Path, ground: Ground, tmp_path: Path) -> None:
    path = "java/src/main/java/com/example/mill/water/Paddle.java"
    edit = edit_of(ground, "class Paddle extends Wheel with fields name: String", path)
    write(tmp_path, {edit.path: edit.after})
    command = ["javac", "-proc:none", "-d", str(tmp_path / "out"), "-sourcepath"]
    command += [f"{mill}/java/src/main/java", str(tmp_path / edit.path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_java_file_is_never_written_over(ground: Ground) -> None:
    path = "java/src/main/java/com/example/mill/Noria.java"
    answer = skeleton_code(ground, "class Noria extends Wheel", path)
    assert not answer.edits
    assert "is there already" in markdown(answer)


def test_siblings_and_context_are_shown(ground: Ground) -> None:
    headings = [s.heading for s in skeleton_code(ground, SPEC, "src/mill/rye.py").sections]
    assert "To implement (2)" in headings
    assert "Classes to follow (1)" in headings
    assert "What the repository has on it" in headings


def test_a_specification_is_read_whole() -> None:
    spec = read_spec(SPEC)
    assert (spec.name, spec.is_class, spec.bases) == ("Rye", True, ("Grain",))
    assert spec.fields == (Member("frost", "int"), Member("name", "str"))
    assert spec.methods == (Member("thaw", "bool", "(days: int)"), Member("grind"))
    assert spec.summary == "A grain that grows in the cold."


@pytest.mark.parametrize(
    ("text", "name", "bases", "path"),
    [
        (
            "a class FileCache that extends Cache, src/pkg/cache.py",
            "FileCache",
            ("Cache",),
            "src/pkg/cache.py",
        ),
        ("class Foo implements Bar, Baz and Qux in src/a/", "Foo", ("Bar", "Baz", "Qux"), "src/a/"),
        ("The `Foo` class is derived from the abstract class `Bar`.", "Foo", ("Bar",), ""),
        ("a class called Foo, subclass of Bar", "Foo", ("Bar",), ""),
        ("a function named retry, src/x.py", "retry", (), "src/x.py"),
        ("write `def retry`", "retry", (), ""),
        ("", "", (), ""),
    ],
)
def test_sentences(text: str, name: str, bases: tuple[str, ...], path: str) -> None:
    spec = read_spec(text)
    assert (spec.name, spec.bases, spec.path) == (name, bases, path)


@pytest.mark.parametrize("text", ["", "`", "class", "class A(", "x" * 5_000])
def test_any_text_is_answered(ground: Ground, text: str) -> None:
    assert markdown(skeleton_code(ground, text))


def test_a_path_outside_the_repository_is_refused(ground: Ground) -> None:
    with pytest.raises(CodexGraphError, match="inside the repository"):
        skeleton_code(ground, "a class A extending Grain", "../../etc/a.py")
