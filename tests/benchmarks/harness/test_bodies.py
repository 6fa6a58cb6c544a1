"""Bodies are hidden and everything else stays where it was."""

from __future__ import annotations

import ast

import pytest

from benchmarks.harness.bodies import closed, hide_body

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
