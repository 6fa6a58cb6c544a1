"""Generated tests that are almost right: what is mended, what is told of it, what is left alone."""

from __future__ import annotations

import ast
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.testing.origins import Origin
from agent.testing.repair import Repaired, found_by_pytest, repair
from tests.agent.testing.programs import JAVA, JAVA_TESTS, PYTHON

if TYPE_CHECKING:
    from pathlib import Path

GOOD = JAVA[f"{JAVA_TESTS}/GoodTest.java"]
PYTHON_GOOD = PYTHON["tests/test_good.py"]


class Shop:
    """Origins of a repository with a class `Cart` in `shop` and, in Python, in `shop.cart`."""

    def __init__(self, names: dict[str, Origin]) -> None:
        self.names = names

    def of(self, name: str) -> Origin | None:
        return self.names.get(name)

    def has(self, full_name: str) -> bool:
        owners = {origin.owner for origin in self.names.values()}
        return full_name in owners | {origin.full_name for origin in self.names.values()}


JAVA_SHOP = Shop(
    {
        "Cart": Origin("shop.Cart", "shop.Cart"),
        "Money": Origin("shop.pay.Money", "shop.pay.Money"),
    }
)
PYTHON_SHOP = Shop({"Cart": Origin("shop.cart", "shop.cart.Cart"), "cart": Origin("", "shop.cart")})


def java(text: str, path: str = "src/test/java/shop/GoodTest.java") -> Repaired:
    return repair(text, path, package="shop", origins=JAVA_SHOP)


def python(text: str, path: str = "tests/test_good.py") -> Repaired:
    return repair(text, path, origins=PYTHON_SHOP)


def told(repaired: Repaired) -> list[str]:
    return [repair.what for repair in repaired.repairs]


@pytest.mark.parametrize("text", [GOOD, *(t for p, t in JAVA.items() if "UnknownTest" in p)])
def test_java_that_needs_nothing_is_left_alone(text: str) -> None:
    path = f"{JAVA_TESTS}/GoodTest.java" if text == GOOD else f"{JAVA_TESTS}/UnknownTest.java"
    assert java(text, path) == Repaired(path, text, ())


def test_python_that_needs_nothing_is_left_alone() -> None:
    assert python(PYTHON_GOOD) == Repaired("tests/test_good.py", PYTHON_GOOD, ())


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("Here is the test class you asked for:\n\n```java\n", "```\nIt covers the limit.\n", 3),
        ("```\n", "```", 1),
        ("```java\n", "", 1),
        ("~~~ java\n", "\n~~~", 1),
    ],
)
def test_fences_are_removed(before: str, after: str, line: int) -> None:
    found = java(before + GOOD + after)
    assert found.text == GOOD
    assert [(r.what, r.line) for r in found.repairs] == [("markdown fence removed", line)]


def test_the_longest_fence_is_the_code() -> None:
    text = f"Run it so:\n```sh\nmvn test\n```\n\n```java\n{GOOD}```\n"
    assert java(text).text == GOOD


def test_talk_without_fences_is_removed() -> None:
    found = python(f"Sure, here are the tests:\n\n{PYTHON_GOOD}\nThey cover all of the branches.\n")
    assert found.text == PYTHON_GOOD
    assert told(found) == ["talk around the code removed"]


def test_only_a_closing_fence() -> None:
    assert java(f"{GOOD}```\n").text == GOOD


def test_package_class_name_and_imports_of_java() -> None:
    found = java(
        "import org.junit.jupiter.api.Test;\n\n"
        "public class CartTests {\n"
        "    @BeforeEach\n"
        "    void start() { new CartTests(); }\n"
        "    @Test\n"
        '    void pays() { assertEquals("CartTests", List.of(new Money(), new Cart(1))); }\n'
        "}\n"
    )
    assert found.text == (
        "package shop;\n\n"
        "import org.junit.jupiter.api.Test;\n"
        "import java.util.List;\n"
        "import org.junit.jupiter.api.BeforeEach;\n"
        "import shop.pay.Money;\n"
        "import static org.junit.jupiter.api.Assertions.assertEquals;\n\n"
        "public class GoodTest {\n"
        "    @BeforeEach\n"
        "    void start() { new GoodTest(); }\n"
        "    @Test\n"
        '    void pays() { assertEquals("CartTests", List.of(new Money(), new Cart(1))); }\n'
        "}\n"
    )
    assert told(found) == [
        "package shop added",
        "class CartTests renamed to GoodTest, as its file",
        "import org.junit.jupiter.api.BeforeEach; added",
        "import java.util.List; added",
        "import shop.pay.Money; added",
        "import static org.junit.jupiter.api.Assertions.assertEquals; added",
    ]


def test_a_wrong_package_and_a_wrong_import_of_the_repository_are_put_right() -> None:
    text = GOOD.replace("package shop;", "package org.example;").replace(
        "import org.junit.jupiter.api.Test;",
        "import org.junit.jupiter.api.Test;\nimport shop.Money;\nimport java.util.List;",
    )
    found = java(text)
    assert "package shop;" in found.text
    assert "import shop.pay.Money;\nimport java.util.List;" in found.text
    assert [(r.what, r.line) for r in found.repairs] == [
        ("package org.example changed to shop", 1),
        ("import shop.Money changed to shop.pay.Money", 6),
    ]


def test_names_with_junit4_of_the_test_or_of_the_repository() -> None:
    text = "package shop;\n\npublic class GoodTest {\n  @Test public void a() { fail(); }\n}\n"
    old = Shop({"Test": Origin("org.junit", "org.junit.Test", is_own=False)})
    path = f"{JAVA_TESTS}/GoodTest.java"
    found = repair(text, path, package="shop", origins=old).text
    assert "import org.junit.Test;" in found
    assert "import static org.junit.Assert.fail;" in found
    assert "import org.junit.jupiter.api.Test;" in repair(text, path, package="shop").text
    marked = text.replace("\npublic", "import org.junit.Before;\n\npublic")
    assert "import org.junit.Test;" in repair(marked, path, package="shop").text


def test_a_java_test_that_was_cut_off_keeps_its_whole_methods() -> None:
    for mark, kept in (("cart.add(1, 1));\n        assertF", 1), ('"', 0), ("List", 0)):
        cut = GOOD.find(mark, GOOD.find("void limit"))
        text = GOOD[: cut if cut > 0 else GOOD.find("        assertFalse(cart.add")]
        found = java(text)
        assert told(found) == ["incomplete last method removed"], (mark, kept)
        assert found.text.count("@Test") == 1
        assert found.text.rstrip().endswith("}\n}")
        assert found.text.count("{") == found.text.count("}")


def test_missing_and_superfluous_braces_at_the_end() -> None:
    assert java(GOOD.rstrip().removesuffix("}")).text.split() == GOOD.split()
    found = java(GOOD + "}\n}\n")
    assert found.text == GOOD
    assert told(found) == ["closing brace too many removed"]
    unclosed = GOOD.rstrip().removesuffix("}") + '    @Test\n    void text() { String s = "abc'
    assert java(unclosed).text.split() == GOOD.split()


def test_parentheses_before_a_semicolon() -> None:
    text = GOOD.replace("cart.add(2, 3));", "cart.add(2, 3);").replace(
        "cart.add(1, 0));", "cart.add(1, 0);"
    )
    found = java(text)
    assert found.text == GOOD
    assert [(r.what, r.line) for r in found.repairs] == [
        ("missing closing parenthesis added", 11),
        ("missing closing parenthesis added", 21),
    ]
    loop = GOOD.replace(
        "Cart cart = new Cart(2);",
        "Cart cart = new Cart(2); for (int i = 0; i < f(1); i++) { run(() -> { g(i); }); }",
    )
    assert java(loop).text == loop


def test_bare_methods_and_statements_get_a_class() -> None:
    method = "@Test\npublic void adds() {\n    assertTrue(new Cart(1).add(1, 1));\n}\n"
    found = java(method)
    assert "class GoodTest {\n@Test\npublic void adds() {" in found.text
    assert found.text.startswith("package shop;\n\nimport org.junit.jupiter.api.Test;\n")
    assert told(found)[0] == "class added around methods"
    assert java("import java.util.List;\n" + method).text.count("import") == 3
    assert "@Test\npublic void adds" in java(method.replace("@Test\n", "")).text
    found = java("assertTrue(new Cart(1).add(1, 1));\n")
    assert "@Test\nvoid test() {\nassertTrue" in found.text
    assert told(found)[0] == "class and method added around code"
    cut = java(method + "@Test\npublic void more() {\n    assertTr")
    assert cut.text.count("@Test") == 1
    assert cut.text.count("{") == cut.text.count("}")
    assert told(java(f"## Tests\n\n{GOOD}")) == ["markdown heading removed"]


def test_two_methods_of_one_name() -> None:
    text = GOOD.replace("void limit()", "void sum()").replace("void free()", "void sum()")
    found = java(text)
    assert "void sum2()" in found.text
    assert "void sum3()" in found.text
    assert "cart.sum()" in found.text
    assert told(found) == ["second method sum renamed to sum2", "second method sum renamed to sum3"]


def test_imports_of_python_from_the_graph_and_the_library() -> None:
    found = python(
        '"""Tests."""\n\nfrom __future__ import annotations\n\n\n'
        "def test_it(tmp_path):\n"
        "    with pytest.raises(ValueError), patch('a.b') as it:\n"
        "        Cart(Path(tmp_path), json.dumps([x for x in it]), unknown)\n"
    )
    assert found.text.splitlines()[3:7] == [
        "from pathlib import Path",
        "from shop.cart import Cart",
        "from unittest.mock import patch",
        "import json",
    ]
    assert told(found) == [
        "from unittest.mock import patch added",
        "import pytest added",
        "from shop.cart import Cart added",
        "from pathlib import Path added",
        "import json added",
    ]
    assert [r.line for r in found.repairs] == [7, 7, 8, 8, 8]
    ast.parse(found.text)


def test_a_wrong_module_of_the_repository_is_put_right() -> None:
    found = python("from shop.basket import Cart as C, cart\n\ndef test_it():\n    C(cart)\n")
    assert found.text.splitlines()[:2] == [
        "from shop import cart",
        "from shop.cart import Cart as C",
    ]
    kept = "from other.place import Thing\nfrom os.nowhere import Cart\n"
    assert python(kept).text == kept


def test_a_python_test_that_was_cut_off() -> None:
    for tail in ("    assert cart.add(", '    text = "abc', "    for line in", "    if x:\n"):
        found = python(
            f"{PYTHON_GOOD}\n\n@pytest.mark.slow\ndef test_more():\n    cart = Cart()\n{tail}"
        )
        assert told(found) in (
            ["incomplete last test_more removed"],
            ["missing closing bracket added"],
        )
        ast.parse(found.text)
        assert found.text.startswith(PYTHON_GOOD)
    found = python(
        f"{PYTHON_GOOD}\n\nclass TestMore:\n    def test_a(self):\n        pass\n\n    def te"
    )
    assert "def test_a" in found.text
    ast.parse(found.text)


def test_what_is_broken_in_the_middle_goes_alone() -> None:
    found = python("def test_a():\n    x = = 1\n\n\ndef test_b():\n    assert (1 + 1 == 2\n")
    assert found.text == "def test_b():\n    assert (1 + 1 == 2)\n"
    assert told(found) == ["unreadable test_a removed", "missing closing bracket added"]


def test_names_that_stand_twice_in_python() -> None:
    found = python(
        "def test_a():\n    pass\n\n\ndef test_a():\n    pass\n\n\n"
        "class TestIt:\n    def test_a(self):\n        pass\n\n    def test_a(self):\n        1\n"
    )
    names = [n.name for n in ast.walk(ast.parse(found.text)) if isinstance(n, ast.FunctionDef)]
    assert sorted(names) == ["test_a", "test_a", "test_a_2", "test_a_2"]
    assert [r.line for r in found.repairs] == [5, 13]


def test_a_reply_without_code_is_told() -> None:
    found = java("```java\n\n```")
    assert found.text == ""
    assert [problem.message for problem in found.problems] == ["there is no code in it"]


def test_a_file_that_pytest_would_not_find() -> None:
    assert repair("x = 1\n", "tests/cart.py").path == "tests/test_cart.py"
    assert found_by_pytest("tests/cart_test.py") == "tests/cart_test.py"


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(GOOD)), st.text(max_size=30))
def test_java_cut_anywhere_is_balanced_and_repaired_once(cut: int, tail: str) -> None:
    found = java(GOOD[:cut] + tail)
    assert java(found.text).text.split() == found.text.split()


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(PYTHON_GOOD)), st.text(max_size=30))
def test_python_cut_anywhere_is_repaired_once(cut: int, tail: str) -> None:
    found = python(PYTHON_GOOD[:cut] + tail)
    assert python(found.text).text == found.text


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("javac") is None, reason="needs a JDK")
def test_java_cut_at_any_line_parses_after_its_repair(tmp_path: Path) -> None:
    lines = GOOD.splitlines(keepends=True)
    files: list[str] = []
    for number in range(8, len(lines)):
        path = f"T{number}.java"
        half = lines[number][: len(lines[number]) // 2]
        text = java("".join(lines[:number]) + half, path).text
        (tmp_path / path).write_text(text)
        files.append(path)
    done = subprocess.run(
        ["javac", "-XDshould-stop.ifNoError=PARSE", "-proc:none", *files],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
