"""What an edit must leave alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.checks.chosen import Means, checks_for
from agent.checks.unchanged import java_code
from agent.draft import Draft, Edit, Status

if TYPE_CHECKING:
    from pathlib import Path

    from agent.draft import CheckResult
    from tests.agent.checks.conftest import Shop

CODE = 'def f(a, b=1):\n    return a + b\n\n\nclass A:\n    x = "text"\n'
DOCUMENTED = (
    '"""A module."""\n\n# About f.\ndef f(a, b=1):\n    """Adds.\n\n    Long.\n    """\n'
    '    return a + b  # the sum\n\n\nclass A:\n    """A class."""\n\n    x = "text"\n'
)
JAVA = 'class A {\n    String s = "// no comment";\n    char c = \'"\';\n}\n'
JAVA_DOCUMENTED = (
    '/** About A. */\nclass A {\n    // A string.\n    String s = "// no comment"; /* so */\n'
    "\n    char c = '\"';\n}\n"
)


def docstring_only(tmp_path: Path, path: str, before: str | None, after: str) -> CheckResult:
    (check,) = checks_for(["docstring_only"], Means(tmp_path))
    return check.run(Draft("", (Edit(path, before, after),)))


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.py", CODE, DOCUMENTED),
        ("a.py", DOCUMENTED, CODE),
        ("a.py", "def f(): ...\n", 'def f():\n    """Nothing."""\n    ...\n'),
        ("a.py", 'class E(Exception):\n    """Old."""\n', "class E(Exception):\n    pass\n"),
        ("A.java", JAVA, JAVA_DOCUMENTED),
        ("A.java", JAVA_DOCUMENTED, JAVA),
        ("notes.md", "same\n", "same\n"),
    ],
)
def test_comments_may_change(tmp_path: Path, path: str, before: str, after: str) -> None:
    assert docstring_only(tmp_path, path, before, after).status is Status.PASSED


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.py", CODE, DOCUMENTED.replace("a + b", "b + a")),
        ("a.py", CODE, DOCUMENTED.replace("b=1", "b=2")),
        ("a.py", CODE, CODE.replace('"text"', '"txt"')),
        ("a.py", CODE, CODE + '"not a docstring"\n'),
        ("a.py", CODE, CODE + "def f(:\n"),
        ("a.py", CODE, "import os\n" + CODE),
        ("a.py", None, "# only a comment\n"),
        ("A.java", JAVA, JAVA.replace("// no", "// a")),
        ("A.java", JAVA, JAVA.replace("class A", "final class A")),
        ("A.java", JAVA, JAVA.replace("class A {", "class A { /*") + "*/"),
        ("notes.md", "before\n", "after\n"),
    ],
)
def test_code_may_not(tmp_path: Path, path: str, before: str | None, after: str) -> None:
    result = docstring_only(tmp_path, path, before, after)
    assert result.status is Status.FAILED
    (problem,) = result.problems
    assert "only comments and docstrings are to change" in problem.message


def test_java_code_is_the_tokens_without_comments() -> None:
    text = '/* a */ int x=1; // b\nString s = """\n  // text\n  """ + "\\"//";'
    assert java_code(text) == [
        *("int", "x", "=", "1", ";"),
        *("String", "s", "=", '"""\n  // text\n  """', "+", '"\\"//"', ";"),
    ]


def same_signature(shop: Shop, path: str, after: str, *targets: str) -> CheckResult:
    means = Means(shop.root, shop.reader, shop.analyst, targets=targets)
    (check,) = checks_for(["same_signature"], means)
    return check.run(Draft("", (Edit(path, shop.text(path), after),)))


def test_bodies_and_private_definitions_may_change(shop: Shop) -> None:
    path = "shop/orders.py"
    text = shop.text(path)
    more = text.replace("return not self.items", "return True").replace("LIMIT = 10", "LIMIT = 1")
    more += "\n\ndef _mine(a): ...\n\n\ndef new(a, b): ...\n"
    assert same_signature(shop, path, more).status is Status.PASSED


def test_a_changed_or_removed_signature_is_told(shop: Shop) -> None:
    path = "shop/orders.py"
    text = shop.text(path).replace("def split(self)", "def split(self, n)")
    text = text.replace("class Made(metaclass=Registered):\n    pass\n", "")
    result = same_signature(shop, path, text)
    assert sorted(problem.message for problem in result.problems) == [
        "shop.orders.Made is gone; it was class Made(metaclass=Registered)",
        "the signature of shop.orders.BigOrder.split was def split(self) -> list[Order]; "
        "leave it so",
    ]
    assert (
        same_signature(shop, path, text, "shop.orders.BigOrder", "shop.orders.Made").problems == ()
    )


def test_java_signatures(shop: Shop) -> None:
    path = "src/shop/model/Order.java"
    text = shop.text(path).replace("public int total()", "public long total()")
    result = same_signature(shop, path, text)
    assert len(result.problems) == 1
    assert "shop.model.Order.total" in result.problems[0].message
