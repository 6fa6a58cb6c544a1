"""No content makes extraction fail, and what can be read of a broken file is kept."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.languages.java.extract import extract
from indexer.languages.java.language import JAVA
from tests.indexer.java.linked import Linked
from tests.indexer.java.saying import facts_of
from tests.indexer.java.sources import WIDE

if TYPE_CHECKING:
    from pathlib import Path

PIECES = (
    *(
        "class A",
        "{",
        "}",
        "(",
        ")",
        "<T>",
        ";",
        "int x",
        "void m()",
        "return",
        "->",
        "::",
        "new A",
    ),
    *(
        "@B",
        "import a.b.*;",
        "package p;",
        "enum E",
        "record R(int a)",
        ".f",
        "=",
        '"""',
        "/*",
        "*/",
    ),
    *("switch (x)", "case A:", "var v = ", "? b : c", "x instanceof A a", "super", "this", "[0]"),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40))
def test_any_order_of_pieces(pieces: list[str]) -> None:
    facts_of(" ".join(pieces))


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    facts_of(data)


def test_every_prefix_of_a_file_links(tmp_path: Path) -> None:
    rng = random.Random(3)
    for path, declarations in WIDE.files.items():
        text = "\n".join(declarations)
        for _ in range(4):
            cut = text[: rng.randrange(len(text))]
            files = {p: "\n".join(d) for p, d in WIDE.files.items()} | {path: cut}
            Linked(files, tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "class A { int x = " + "(" * 3000 + "1" + ")" * 3000 + "; }",
        "class A { String s = " + " + ".join(['"a"'] * 3000) + "; }",
        "class A { void m() { a" + ".b()" * 3000 + "; } }",
        "class A { void m() { x = " + "c ? a : " * 1000 + "b; } }",
        "class A { void m() { f(" + "g(" * 800 + ")" * 800 + "); } }",
        "class A { " + "List<" * 600 + "A" + ">" * 600 + " x; }",
        "class A {" + "class B {" * 300 + "}" * 300 + "}",
        "class A { void m() { " + "x -> " * 500 + "x; } }",
    ],
)
def test_deep_nesting_is_no_error(text: str, tmp_path: Path) -> None:
    Linked({"A.java": text}, tmp_path)


def test_troubles_name_the_lines() -> None:
    facts = facts_of("class A {\n  void fine() {}\n  void bad( { ;\n}\n")
    assert [trouble.kind for trouble in facts.troubles] == ["syntax"] * len(facts.troubles)
    assert facts.troubles
    assert any(d.qualified_name == "A.fine" for d in facts.definitions)


@pytest.mark.parametrize("text", ["", "\n", "package p;", "module m { requires java.base; }", ";;"])
def test_files_without_types(text: str, tmp_path: Path) -> None:
    assert facts_of(text).definitions == ()
    Linked({"module-info.java": text, "A.java": "class A {}"}, tmp_path)


def test_super_of_a_variable_is_no_error(tmp_path: Path) -> None:
    Linked({"A.java": "class A { void m(A b) { A c = b; c.super.m(); } }"}, tmp_path)


def test_extraction_is_pure() -> None:
    for path, declarations in WIDE.files.items():
        text = "\n".join(declarations).encode()
        first, second = extract(path, text), extract(path, text)
        assert first.facts == second.facts
        assert first.sites == second.sites


def test_the_language_is_registered() -> None:
    from indexer.languages import SUFFIXES, language

    assert SUFFIXES[".java"] == "java"
    assert language("java") is JAVA
