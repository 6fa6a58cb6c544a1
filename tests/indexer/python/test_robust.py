"""Odd, broken and hostile files: nothing raises, what can be read is kept, places are right."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.facts import (
    NONE,
    FileFacts,
    Op,
    SiteKind,
    decode_facts,
    decode_sites,
    encode_facts,
    encode_sites,
)
from indexer.languages.python.extract import extract
from tests.indexer.python.linked import Linked
from tests.indexer.python.saying import facts_of, render, sites_of

ROOT = Path(__file__).resolve().parents[3]
REAL = [path.read_bytes() for path in sorted((ROOT / "indexer/languages/python").glob("*.py"))]
REAL += [p.read_bytes() for p in sorted((ROOT / "tests/fixtures/python/extract").glob("*.py"))]


def names_of(facts: FileFacts, kind: int, expr: int) -> set[str] | None:
    """The names that a site may stand on; None where any will do."""
    row = facts.exprs[expr]
    if kind == SiteKind.CALL:
        return names_of(facts, SiteKind.READ, row[1]) if row[1] != NONE else None
    if row[0] == Op.NAME:
        return {row[2]}
    if row[0] == Op.ATTR:
        return {row[2]}
    if row[0] in {Op.CALL, Op.ITEM}:
        return names_of(facts, SiteKind.READ, row[1]) if row[1] != NONE else None
    return None


def check(text: bytes) -> None:
    """Everything that must hold for the facts and sites of any text."""
    extracted = extract("x.py", text)
    facts, sites = extracted.facts, decode_sites(encode_sites(extracted.sites))
    assert decode_facts(encode_facts(facts)) == facts
    assert len(sites) * 6 == len(extracted.sites)
    lines = text.split(b"\n")
    seen: set[tuple[int, int, int, int, int]] = set()
    for site in sites:
        line = lines[site.line - 1]
        written = line[site.column : site.column + site.length].decode("utf-8", "replace")
        assert 0 <= site.scope < len(facts.scopes)
        assert 0 <= site.expr < len(facts.exprs)
        assert site.column + site.length <= len(line)
        names = names_of(facts, site.kind, site.expr) if site.kind != SiteKind.IMPORT else None
        assert names is None or written in names, (site, written, render(facts, site.expr))
        place = (site.kind, site.line, site.column, site.length, site.expr)
        assert place not in seen, (site, written)
        seen.add(place)
    for definition in facts.definitions:
        column = definition.name_column
        name = definition.name.encode()
        assert lines[definition.name_line - 1][column : column + len(name)] == name
        assert 0 <= definition.start_byte <= definition.end_byte <= len(text)
    for binding in (*facts.bindings, *facts.attributes):
        assert 0 <= binding.scope < len(facts.scopes)
        assert binding.value < len(facts.exprs)
    for index, row in enumerate(facts.exprs):
        if row[0] == Op.ATTR:
            assert row[1] < index
    assert extract("x.py", text) == extracted


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_text(text: str) -> None:
    check(text.encode("utf-8", "replace"))


@settings(max_examples=100, deadline=None)
@given(st.binary())
def test_any_bytes(text: bytes) -> None:
    extract("x.py", text)


WORDS = """
    def class async await lambda for in if else try except with as import from del global nonlocal
    yield return match case type raise not * ** ( ) [ ] { } : ; , . .. ... = == := + @ -> | # \\
    a b é self x.y f'{a}' "A" 'b' 1 .5 1.e5 print(a) @d None __all__ __slots__
"""
TOKENS = st.sampled_from([*WORDS.split(), "\n", "\n\n", "\n\t"])


@settings(max_examples=300, deadline=None)
@given(st.lists(TOKENS, max_size=40).map(" ".join))
def test_any_tokens(text: str) -> None:
    check(text.encode())


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.data_too_large])
@given(st.sampled_from(REAL), st.data())
def test_mutated_real_files(text: bytes, data: st.DataObject) -> None:
    characters = list(text.decode())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(characters)))
        length = data.draw(st.sampled_from([0, 1, 2, 10, 200]))
        characters[start : start + length] = data.draw(
            st.sampled_from(["", "(", '"""', "\n", ":", "é."])
        )
    check("".join(characters).encode())


@pytest.mark.parametrize("number", range(len(REAL)))
def test_real_files(number: int) -> None:
    check(REAL[number])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "\n\n\n",
        "# only\n",
        "\t\f\n",
        "'''",
        "\\",
        "\x00",
        "a\x00b = 1\n",
        "\ufeffx = 1\n",
    ],
    ids=repr,
)
def test_nearly_nothing(text: str) -> None:
    check(text.encode())


def test_line_count() -> None:
    counts = {text: facts_of(text).lines for text in ("", "a", "a\n", "a\nb", "\n\n")}
    assert counts == {"": 0, "a": 1, "a\n": 1, "a\nb": 2, "\n\n": 2}


def test_a_broken_part_leaves_the_rest() -> None:
    source = (
        "import m\n\n\ndef f():\n    return m.x\n\n\ndef (:\n    = =\n\n\nclass C:\n    y = m.z\n"
    )
    facts = facts_of(source)
    names = [definition.qualified_name for definition in facts.definitions]
    assert names[0] == "f"
    assert "C" in names
    assert facts.troubles[0].line in range(7, 10)
    assert {trouble.kind for trouble in facts.troubles} == {"syntax"}
    places = [(site.line, render(facts, site.expr)) for site in sites_of(source)]
    assert (5, "m.x") in places
    assert (13, "m.z") in places


def test_an_unfinished_file_is_read_and_reported() -> None:
    facts = facts_of("class C:\n    def m(self):\n        return self.n(1,\n")
    assert [d.qualified_name for d in facts.definitions] == ["C", "C.m"]
    assert facts.troubles
    assert facts_of("x = 1\n").troubles == ()


def test_troubles_are_limited() -> None:
    assert 0 < len(facts_of("$ ?\nx = 1\n" * 500).troubles) <= 20


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_line_ends_and_indentation(newline: str) -> None:
    source = "import m\n\nclass C:\n\tx = m.a\n\f\n\tdef f(self):\n\t\treturn m.b(\n\t\t\tm.c)\n"
    text = source.replace("\n", newline).encode()
    check(text)
    facts = facts_of(text)
    places = [(s.line, s.column, render(facts, s.expr)) for s in sites_of(text) if s.line != 1]
    assert places == [
        (4, 5, "m"),
        (4, 7, "m.a"),
        (7, 9, "m"),
        (7, 11, "m.b(m.c)"),
        (8, 3, "m"),
        (8, 5, "m.c"),
    ]


def test_columns_are_bytes() -> None:
    source = 'import m\nx = "äöü€", m.ä.b\n'
    facts = facts_of(source)
    start = source.split("\n")[1].encode().index(b"m.")
    places = [(s.column, s.length) for s in sites_of(source) if s.line == 2]
    assert places == [(start, 1), (start + 2, 2), (start + 5, 1)]
    assert facts.exprs


HOSTILE = {
    "parentheses": "x = " + "(" * 5_000 + "y" + ")" * 5_000,
    "lists": "x = " + "[" * 5_000 + "]" * 5_000,
    "open lists": "x = " + "[" * 5_000,
    "dictionaries": "x = " + "{1:" * 2_000 + "1" + "}" * 2_000,
    "calls": "x = " + "f(" * 3_000 + "y" + ")" * 3_000,
    "subscripts": "x = " + "a[" * 3_000 + "y" + "]" * 3_000,
    "called results": "x = f" + "()" * 3_000,
    "fluent": "import a\nx = a" + ".b(c).d" * 3_000,
    "attributes": "import a\nx = a" + ".b" * 10_000,
    "spread attributes": "import a\nx = (a" + "\n  .b" * 3_000 + ")",
    "sum": "x = " + " + ".join(["y"] * 10_000),
    "or": "x = " + " or ".join(["y"] * 10_000),
    "union": "x: " + " | ".join(["y"] * 10_000),
    "quoted": 'x: "' + "list[" * 3_000 + "]" * 3_000 + '"',
    "not": "x = " + "not " * 5_000 + "y",
    "lambdas": "x = " + "lambda: " * 3_000 + "y",
    "conditionals": "x = " + "a if b else " * 3_000 + "y",
    "unpacking": "(" * 3_000 + "x" + ",)" * 3_000 + " = y",
    "assignments": "x = " * 5_000 + "y",
    "functions": "".join(" " * n + f"def f{n}():\n" for n in range(150)),
    "same function": "def f(): return 1\n" * 3_000,
    "dots": "x = " + "." * 20_000 + "\n" + "a" * 10_000 + "..b",
    "many arguments": "f(" + ", ".join(f"a{n}=b" for n in range(10_000)) + ")",
    "if": "".join(" " * n + "if x:\n" for n in range(300)) + " " * 300 + "y",
    "strings": "f'{" * 200 + "x" + "}'" * 200,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name: str) -> None:
    started = time.process_time()
    text = (HOSTILE[name] + "\nimport after\nafter.use()\n").encode()
    extracted = extract("x.py", text)
    assert decode_facts(encode_facts(extracted.facts)) == extracted.facts
    assert time.process_time() - started < 20


def test_one_line_of_two_megabytes() -> None:
    text = ("a.b(c); " * 260_000).encode()
    assert len(text) > 2_000_000
    started = time.process_time()
    assert len(extract("x.py", text).sites) >= 6 * 260_000
    assert time.process_time() - started < 60


def test_modules_that_import_from_each_other_in_circles(tmp_path: Path) -> None:
    """A name comes from either of the next two modules: the ways around are Fibonacci's numbers."""
    modules = 40
    files = {
        f"m{n}.py": f"try:\n    from m{(n + 1) % modules} import x\n"
        f"except ImportError:\n    from m{(n + 2) % modules} import x\nx()\n"
        for n in range(modules)
    }
    started = time.process_time()
    there, back = Linked(files, tmp_path), Linked(files, tmp_path, sorted(files, reverse=True))
    assert time.process_time() - started < 20
    assert there.facts() == back.facts()
