"""Bodies are hidden and everything else stays where it was."""

from __future__ import annotations

import ast

import pytest

from benchmarks.harness.bodies import body_of, closed, fill_body, hide_body

TEXT = '''class A:
    def run(self):
        """Run it."""
        secret = self.go()
        return secret

    async def go(self): return 1


def run():
    other()


class B:
    @property
    def run(
        self,
    ):
        hidden()
'''


@pytest.mark.parametrize(
    ("name", "line", "gone", "kept"),
    [
        ("pkg.A.run", 2, "secret", '"""Run it."""'),
        ("pkg.run", 10, "other()", "def run():"),
        ("pkg.B.run", 1, "hidden", "self,\n    ):"),
    ],
)
def test_one_body_is_hidden(name: str, line: int, gone: str, kept: str) -> None:
    hidden = hide_body(TEXT.encode(), name, line)
    assert hidden is not None
    text = hidden.text.decode()
    assert gone not in text
    assert kept in text
    assert len(text.splitlines()) == len(TEXT.splitlines())
    ast.parse(text)
    others = [n.lineno for n in ast.walk(ast.parse(TEXT)) if isinstance(n, ast.ClassDef)]
    assert others == [n.lineno for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ClassDef)]


def test_what_cannot_be_hidden_is_none() -> None:
    assert hide_body(TEXT.encode(), "pkg.A.none", 1) is None
    assert hide_body(TEXT.encode(), "pkg.A.go", 7) is None
    assert hide_body(b"def (", "pkg.run", 1) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f(a, [b", "f(a, [b\n])\n"),
        ('class A {\n  void f() {\n    g("(", ', 'class A {\n  void f() {\n    g("(",\n)}}\n'),
        ("x = 1\n", "x = 1\n"),
        ("# (\nx = ')'\n", "# (\nx = ')'\n"),
    ],
)
def test_what_is_open_at_a_cursor_is_closed(text: str, expected: str) -> None:
    assert closed(text) == expected


@pytest.mark.parametrize("name", ["pkg.A.run", "pkg.run", "pkg.B.run"])
def test_a_body_that_is_put_back_gives_the_file(name: str) -> None:
    body = body_of(TEXT.encode(), name, 1)
    assert body is not None
    filled = fill_body(TEXT.encode(), name, 1, body)
    assert filled is not None
    assert ast.dump(ast.parse(filled)) == ast.dump(ast.parse(TEXT))


def test_another_body_is_indented_and_a_whole_function_gives_its_body() -> None:
    filled = fill_body(TEXT.encode(), "pkg.A.run", 2, "if x:\n  y()")
    assert filled is not None
    assert '        """Run it."""\n        if x:\n          y()\n' in filled.decode()
    whole = fill_body(TEXT.encode(), "pkg.run", 10, "def run():\n    '''Told.'''\n    mine()\n")
    assert whole is not None
    assert "def run():\n    mine()\n" in whole.decode()
    assert fill_body(TEXT.encode(), "pkg.none", 1, "pass") is None
    broken = fill_body(TEXT.encode(), "pkg.run", 10, "((")
    assert broken is not None
    assert b"    ((\n" in broken
