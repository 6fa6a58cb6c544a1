"""Mutants break what a class does and keep all that others can see of it."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.generation.metrics import parses
from benchmarks.generation.mutants import KINDS, mutant

PYTHON = '''
class Other:
    def stays(self):
        return 1


class Money:
    """Cents."""

    def __init__(self, cents):
        self.cents = cents

    @property
    def euros(self):
        """In euros."""
        return self.cents / 100

    def plus(self, other):
        if other:
            total = self.cents + other.cents
            return Money(total)
        return self

    def abstract(self):
        raise NotImplementedError

    def short(self): return 1
'''
JAVA = """package shop;

/** Money { not a body }. */
public class Money<T> {
    private final long cents;

    @SuppressWarnings({"a", "b"})
    public Money(long cents) {
        this.cents = cents;
    }

    public long cents() {
        return cents;
    }

    public boolean isFree() { return cents == 0; }

    char sign() { return '}'; }

    protected java.util.List<String> words() {
        return java.util.List.of("{");
    }

    int[] digits(int[] a) throws Exception {
        Runnable r = () -> { };
        return new int[] {1};
    }

    void clear() { }

    abstract static class Inner {
        abstract int none();

        float half() { return 0.5f; }
    }
}
"""


def test_python_bodies_are_replaced_after_their_docstrings() -> None:
    found = mutant("money.py", PYTHON, "Money", "throws")
    assert found is not None
    tree = ast.parse(found)
    functions = {n.name: n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    assert [type(s) for s in functions["plus"].body] == [ast.Raise]
    assert ast.get_docstring(functions["euros"]) == "In euros."
    assert isinstance(functions["euros"].body[-1], ast.Raise)
    assert isinstance(functions["stays"].body[0], ast.Return)
    assert isinstance(functions["__init__"].body[0], ast.Assign)


def test_a_python_default_is_none() -> None:
    found = mutant("money.py", PYTHON, "Money", "default")
    assert found is not None
    assert found.count("return None") == 2


def test_nothing_to_break_gives_no_mutant() -> None:
    assert mutant("a.py", "class A:\n    x = 1\n", "A", "throws") is None
    assert mutant("a.py", "class A:\n    def f(self):\n        ...\n", "A", "default") is None
    assert mutant("a.py", "def f(:\n", "A", "throws") is None
    assert mutant("A.java", "interface A { int f(); }", "A", "throws") is None


def test_java_bodies_are_replaced_by_the_default_of_their_type() -> None:
    found = mutant("src/Money.java", JAVA, "Money", "default")
    assert found is not None
    assert "this.cents = cents;" in found
    assert "public long cents() { return 0; }" in found
    assert "public boolean isFree() { return false; }" in found
    assert "char sign() { return '\\0'; }" in found
    assert "words() { return null; }" in found
    assert "digits(int[] a) throws Exception { return null; }" in found
    assert "void clear() {  }" in found
    assert "abstract int none();" in found
    assert "float half() { return 0; }" in found
    assert parses(found, "java")


def test_java_bodies_throw() -> None:
    found = mutant("src/Money.java", JAVA, "Money", "throws")
    assert found is not None
    assert found.count("throw new UnsupportedOperationException();") == 7
    assert parses(found, "java")


@pytest.mark.parametrize("kind", KINDS)
@given(text=st.text(alphabet="{}()\"' \nabc;@/*", max_size=60))
def test_any_text_gives_a_mutant_or_none(kind: str, text: str) -> None:
    mutant("A.java", f"class A {{ int f() {{ {text} }} }}", "A", kind)
    mutant("a.py", f"class A:\n    def f(self):\n        {text}\n", "A", kind)
