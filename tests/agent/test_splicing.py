"""Code put into texts: indentation, line ends, class bodies, strings whose blanks are data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.splicing import added_method, indent_unit, inserted, reindented, replaced

CLASS = "import a\n\n\nclass A:\n    def one(self):\n        return 1\n\n\nclass B:\n    pass\n"


def test_a_definition_is_replaced_at_its_indentation() -> None:
    new = "def one(self, n):\n    if n:\n        return n\n\n    return 1\n"
    assert replaced(CLASS, 5, 6, new) == CLASS.replace(
        "    def one(self):\n        return 1\n",
        "    def one(self, n):\n        if n:\n            return n\n\n        return 1\n",
    )


def test_what_is_indented_already_is_not_indented_twice() -> None:
    new = "\n    def one(self):\n        return 2\n"
    assert replaced(CLASS, 5, 6, new) == CLASS.replace("return 1", "return 2")


def test_a_text_keeps_its_line_ends_and_its_missing_last_one() -> None:
    assert replaced("a\r\nb\r\n", 2, 2, "c\nd\n") == "a\r\nc\r\nd\r\n"
    assert replaced("a\nb", 2, 2, "c") == "a\nc"
    assert inserted("a\nb", 3, "c") == "a\nb\nc\n"
    assert inserted("", 1, "c") == "c\n"


def test_a_method_goes_to_the_end_of_its_class() -> None:
    method = "def two(self):\n    return 2"
    assert added_method(CLASS, 4, 6, method) == CLASS.replace(
        "        return 1\n", "        return 1\n\n    def two(self):\n        return 2\n"
    )


@pytest.mark.parametrize(
    ("body", "last"),
    [("class B:\n    pass\n", 2), ("class B: ...\n", 1), ("class B(A): pass  # yet\n", 1)],
)
def test_a_body_that_says_nothing_is_replaced(body: str, last: int) -> None:
    head = body.partition(":")[0]
    expected = f"{head}:\n    def two(self):\n        return 2\n\nx = 1\n"
    assert added_method(body + "\nx = 1\n", 1, last, "def two(self):\n    return 2\n") == expected


def test_a_java_method_goes_before_the_closing_brace() -> None:
    text = "class A {\n\tint one() {\n\t\treturn 1;\n\t}\n}\n"
    assert added_method(text, 1, 5, "int two() {\n    return 2;\n}") == (
        "class A {\n\tint one() {\n\t\treturn 1;\n\t}\n\n\tint two() {\n\t\treturn 2;\n\t}\n}\n"
    )
    assert added_method("class A {\n}\n", 1, 2, "int x;") == "class A {\n    int x;\n}\n"
    nested = "class A {\n  @Deprecated\n  class B {\n  }\n}\n"
    assert added_method(nested, 2, 4, "int x;") == (
        "class A {\n  @Deprecated\n  class B {\n    int x;\n  }\n}\n"
    )


@pytest.mark.parametrize("text", ["class A { int x; }\n", "class A: x = 1\n"])
def test_a_class_on_one_line_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="the class at line 1 stands on one line"):
        added_method(text, 1, 1, "def f(self): ...")


def test_lines_that_are_not_there_are_refused() -> None:
    with pytest.raises(ValueError, match="lines 2 to 5 are outside of a text of 3 lines"):
        replaced("a\nb\nc\n", 2, 5, "x")
    with pytest.raises(ValueError, match="line 5 is outside of a text of 3 lines"):
        inserted("a\nb\nc\n", 5, "x")


def test_text_in_strings_stays_where_it_is() -> None:
    code = 'def f():\n    """Doc.\n\n    More.\n    """\n    return """\nflush\n  two\n"""\n'
    assert reindented(code, "    ") == (
        '    def f():\n        """Doc.\n\n        More.\n        """\n        return """\n'
        'flush\n  two\n"""\n'
    )
    inner = 'x = f(\n    """\na\n""",\n)\n'
    assert reindented(inner, "  ") == '  x = f(\n      """\na\n""",\n  )\n'


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("def f():\n    return 1\n", "    "),
        ("def f():\n  if x:\n    return 1\n", "  "),
        ("class A {\n\tint x;\n}\n", "\t"),
        ("x = 1\n", "    "),
        ("", "    "),
    ],
)
def test_the_step_of_a_text(text: str, unit: str) -> None:
    assert indent_unit(text) == unit


_CODE = st.lists(st.sampled_from(["x = 1", "if x:", "    y = 2", "", "        z"]), min_size=1)


@given(_CODE, st.integers(0, 12))
def test_moving_keeps_what_lines_say_and_how_they_stand_to_each_other(
    lines: list[str], width: int
) -> None:
    code = "\n".join(lines)
    moved = reindented(code, " " * width).split("\n")[:-1]
    kept = code.strip("\n").split("\n")
    assert [line.strip() for line in moved] == [line.strip() for line in kept]
    shifts = {
        (len(new) - len(new.lstrip())) - (len(old) - len(old.lstrip()))
        for new, old in zip(moved, kept, strict=True)
        if old.strip()
    }
    assert len(shifts) <= 1
    assert reindented("\n".join(moved), " " * width) == "\n".join(moved) + "\n" or not shifts


@given(st.lists(st.sampled_from(["a", "  b", ""]), min_size=1, max_size=9), st.data())
def test_only_the_lines_that_are_meant_change(lines: list[str], data: st.DataObject) -> None:
    text = "".join(f"{line}\n" for line in lines)
    first = data.draw(st.integers(1, len(lines)))
    last = data.draw(st.integers(first, len(lines)))
    new = replaced(text, first, last, "new")
    assert new.startswith("".join(f"{line}\n" for line in lines[: first - 1]))
    assert new.endswith("".join(f"{line}\n" for line in lines[last:]))
    assert new.count("new") == 1
