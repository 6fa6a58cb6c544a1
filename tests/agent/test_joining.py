"""What a model wrote, joined with the module that it is for."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.joining import joined, names_in

MODULE = '''"""Orders."""

import os
from shop.money import Money

LIMIT = 3


class Order:
    """One."""


def total(orders):
    return sum(orders)
'''


def test_a_new_file_and_a_java_file_are_the_code() -> None:
    assert joined(None, "x = 1\n", "a.py") == "x = 1\n"
    assert joined("class A {}\n", "class B {}\n", "A.java") == "class B {}\n"


def test_a_class_joins_with_its_imports_at_the_top() -> None:
    code = (
        "import re\nfrom shop.money import Amount\n\n\n"
        "class Draft(Order):\n    price = Amount(1)\n    name = re.X\n"
    )
    text = joined(MODULE, code, "shop/orders.py")
    assert text.index("import re") < text.index("LIMIT")
    assert "from shop.money import Amount, Money" in text
    assert text.endswith("    return sum(orders)\n\n\n" + code[code.index("class ") :])


def test_a_definition_of_the_same_name_is_replaced() -> None:
    code = "@final\nclass Order:\n    def lines(self):\n        return LIMIT\n"
    text = joined(MODULE, code, "shop/orders.py")
    assert text == MODULE.replace('class Order:\n    """One."""\n', code)


def test_a_reply_that_has_every_name_is_the_module() -> None:
    code = "LIMIT = 4\nclass Order: ...\ndef total(x): ...\nclass Draft: ...\n"
    assert joined(MODULE, code, "shop/orders.py") == code


@pytest.mark.parametrize("code", ["class Draft(:\n", "\0"])
def test_what_does_not_parse_stands_behind(code: str) -> None:
    assert joined(MODULE, code, "shop/orders.py") == f"{MODULE.rstrip()}\n\n\n{code}"


names = st.lists(st.sampled_from("abcdef"), unique=True, max_size=5)


@given(names, names, st.booleans())
def test_no_name_is_lost_and_none_is_twice(old: list[str], new: list[str], is_crlf: bool) -> None:
    def module(of: list[str], value: int) -> str:
        return "import x\n" + "".join(f"\n\ndef {name}():\n    return {value}\n" for name in of)

    before = module(old, 1).replace("\n", "\r\n" if is_crlf else "\n")
    text = joined(before, module(new, 2), "m.py")
    found = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    assert sorted(node.name for node in found) == sorted({*old, *new})
    assert set(names_in(text)) == {*old, *new}
    values = {node.name: ast.unparse(node.body[0]) for node in found}
    assert all(values[name] == "return 2" for name in new)
