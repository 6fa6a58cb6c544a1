"""Docstring skeletons go where none is, change nothing else, and follow the repository's style."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from agent.answers.answer import TEMPLATE, markdown
from agent.answers.comment import skeleton_docstrings
from agent.answers.docstyles import (
    Doc,
    Part,
    Style,
    javadoc_lines,
    prevailing_style,
    python_lines,
    raises_in,
    summary_of,
)
from agent.answers.python_docs import python_gaps
from tests.agent.answers.conftest import ground_of
from tests.agent.tools.conftest import write

if TYPE_CHECKING:
    from pathlib import Path

    from agent.answers.ground import Ground

DOC = Doc(
    "Turn it.",
    parameters=(Part("a", "int"), Part("**b", text="… Defaults to 1.")),
    returns="str",
    raises=(Part("ValueError"),),
)


def edited(ground: Ground, name: str) -> tuple[str, str]:
    (edit,) = skeleton_docstrings(ground, name).edits
    assert edit.before is not None
    return edit.before, edit.after


def without_docstrings(text: str) -> str:
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            continue
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    return ast.dump(tree)


def test_a_function_gets_one_with_what_the_code_says(ground: Ground) -> None:
    answer = skeleton_docstrings(ground, "Wheat.grind")
    assert answer.label == TEMPLATE
    _, after = edited(ground, "Wheat.grind")
    assert (
        '''    def grind(self, stone: Stone, times: int = 1) -> str:
        """Grind.

        :param stone: …
        :param times: … Defaults to 1.
        :return: …
        :raises OverflowError: …
        :raises ValueError: From Grain.label.
        """
        if times > LIMIT:
'''
        in after
    )


def test_a_file_gets_all_that_is_public_and_undocumented(ground: Ground) -> None:
    before, after = edited(ground, "src/mill/work.py")
    assert without_docstrings(before) == without_docstrings(after)
    names = {gap.name for gap in python_gaps(before)} - {gap.name for gap in python_gaps(after)}
    assert names == {"day", "repair", "count"}
    assert ":yield: …" in after
    text = markdown(skeleton_docstrings(ground, "src/mill/work.py"))
    assert "Left out: `short` (written in one line)." in text


def test_comments_stay_behind_the_docstring(ground: Ground) -> None:
    _, after = edited(ground, "mill.work.day")
    assert "        :return: …\n" not in after
    assert '    :return: …\n    """\n    # Each sack is ground once.\n\n    return [' in after


def test_what_is_documented_is_never_touched(ground: Ground) -> None:
    answer = skeleton_docstrings(ground, "mill.work.main")
    assert not answer.edits
    assert "never replaced" in markdown(answer)
    assert not skeleton_docstrings(ground, "Noria.stop").edits


def test_javadoc_stands_above_annotations(ground: Ground) -> None:
    _, after = edited(ground, "Noria.turn")
    assert (
        """    /**
     * Turn.
     *
     * @param water …
     * @param times …
     * @return …
     */
    @Override
    public String turn("""
        in after
    )


def test_javadoc_of_a_file_leaves_overriding_and_documented_methods_alone(ground: Ground) -> None:
    path = "java/src/main/java/com/example/mill/Noria.java"
    answer = skeleton_docstrings(ground, path)
    names = [section.heading for section in answer.sections[1:]]
    assert names == ["`Noria`", "`Noria.Noria`", "`Noria.fill`"]


def test_javadoc_tells_what_is_thrown_and_type_variables(ground: Ground) -> None:
    _, after = edited(ground, "java/src/main/java/com/example/mill/Wheel.java")
    assert "     * @throws IllegalArgumentException …\n" in after
    assert "     * @throws IOException …\n" in after
    _, after = edited(ground, "Bucket.take")
    assert "     * @param <E> …\n     * @param names …\n     * @throws E …\n" in after


def test_line_ends_are_kept(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": ""})
    (tmp_path / "a.py").write_bytes(b"def f(x):\r\n    return x\r\n")
    opened = ground_of(tmp_path, tmp_path / ".index")
    _, after = edited(next(opened), "a.f")
    opened.close()
    head, _, rest = after.partition('"""')
    assert head == "def f(x):\r\n    "
    assert rest.endswith('    """\r\n    return x\r\n')
    assert "\n" not in after.replace("\r\n", "")


def test_a_file_that_does_not_parse_is_said_to(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "def f(x):\n    return x\n"})
    opened = ground_of(tmp_path, tmp_path / ".index")
    ground = next(opened)
    (tmp_path / "a.py").write_text("def f(x:\n    return x\n")
    answer = skeleton_docstrings(ground, "a.f")
    opened.close()
    assert not answer.edits
    assert "a.py:1 does not parse" in markdown(answer)


@pytest.mark.parametrize(
    ("docstring", "style"),
    [
        ("Sum.\n\n    Args:\n        x: it\n", Style.GOOGLE),
        ("Sum.\n\n    Parameters\n    ----------\n    x : int\n", Style.NUMPY),
        ("Sum.\n\n    :param x: it\n", Style.SPHINX),
        ("Sum.", Style.GOOGLE),
    ],
)
def test_the_style_that_prevails_is_found(tmp_path: Path, docstring: str, style: Style) -> None:
    write(tmp_path, {"a.py": f'def f(x):\n    """{docstring}"""\n'})
    opened = ground_of(tmp_path, tmp_path / ".index")
    found = prevailing_style(next(opened).reader)
    opened.close()
    assert found is style


def test_styles() -> None:
    google = ["Args:", "    a (int): …", "    **b: … Defaults to 1.", "", "Returns:", "    str: …"]
    assert python_lines(DOC, Style.GOOGLE)[2:8] == google
    numpy = ["Parameters", "----------", "a : int", "    …", "**b", "    … Defaults to 1."]
    assert python_lines(DOC, Style.NUMPY)[2:8] == numpy
    sphinx = [":param a: …", ":param **b: … Defaults to 1.", ":return: …", ":raises ValueError: …"]
    assert python_lines(DOC, Style.SPHINX)[2:6] == sphinx
    assert python_lines(Doc("It."), Style.NUMPY) == ['"""It."""']
    assert javadoc_lines(Doc("It.")) == ["/**", " * It.", " */"]


@pytest.mark.parametrize(
    "text",
    [
        ":raises KeyError: no key\n:raises a.LostError: lost",
        "Raises:\n    KeyError: no key,\n        which is bad.\n    a.LostError: lost\n\nMore.",
        "Raises\n------\nKeyError\n    no key\na.LostError\n    lost\n",
        "@throws KeyError no key\n@throws a.LostError lost",
    ],
)
def test_documented_exceptions_are_read_in_every_style(text: str) -> None:
    assert raises_in(text) == ["KeyError", "a.LostError"]


def test_the_words_of_a_name() -> None:
    assert summary_of("get_HTTPServer2") == "Get HTTP server 2."


@pytest.mark.parametrize(
    ("code", "names"),
    [
        (
            "class A:\n    @property\n    def x(self):\n        '''X.'''\n"
            "    @x.setter\n    def x(self, v):\n        pass\n",
            ["A"],
        ),
        ("def f():\n    def g(): pass\n    return g\n", ["f", "f.g"]),
        ("if 1:\n    def f():\n        yield\n", ["f"]),
    ],
)
def test_gaps(code: str, names: list[str]) -> None:
    assert [gap.name for gap in python_gaps(code)] == names
