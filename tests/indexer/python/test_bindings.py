"""What names are bound to, and what a module says it exports."""

from __future__ import annotations

import pytest

from indexer.facts import NONE, BindKind, ScopeKind, Star
from tests.indexer.python.saying import facts_of, render


def values(source: str) -> dict[str, str]:
    """Value of each bound name; of several with one name the last."""
    facts = facts_of(source)
    return {row.name: render(facts, row.value) for row in (*facts.bindings, *facts.attributes)}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a = f(x, *y, k=z, **w)", {"a": "f(x, *=y, k=z, *=w)"}),
        ("a = b = c.d", {"a": "c.d", "b": "c.d"}),
        ("a, (b, *c) = f()", {"a": "f()#0", "b": "f()#1#0", "c": "?"}),
        ("for a, b in c.items(): pass", {"a": "iter c.items()#0", "b": "iter c.items()#1"}),
        ("with f() as a, g() as (b, c): pass", {"a": "enter f()", "b": "enter g()#0"}),
        ("try: pass\nexcept (A, b.B) as e: pass", {"e": "instance tuple[A, b.B]"}),
        ("(a := b.c)", {"a": "b.c"}),
        ("[x for x in [y for y in z]]", {"x": "iter list[y]", "y": "iter z"}),
        ("a = b if c else d or e", {"a": "b | d | e"}),
        ("a = [1, b], {2: c}, {d}", {"a": "tuple[list[<int>, b], dict[<int 2>: c], set[d]]"}),
        ("a = ((((b))))", {"a": "b"}),
        ("a = b[c], b[1, 2]", {"a": "tuple[b[c], b[tuple[<int 1>, <int 2>]]]"}),
        ("a = b + c", {"a": "add(b, c)"}),
        ("a = b < c", {"a": "?"}),
        ("a = f'{b}'", {"a": "<str>"}),
        ("a = lambda: b", {"a": "lambda: b"}),
        ("async def f(): a = await b()", {"a": "await b()"}),
        ("a = f(x for x in y)", {"a": "f(Generator[x])", "x": "iter y"}),
        ("a = (b\n  . c\n  .d())", {"a": "b.c.d()"}),
        ("a = f()()[0].b", {"a": "f()()[<int 0>].b"}),
        ("class C:\n def m(self):\n  self.a, self.b = 1, c", {"a": "tuple[<int>, c]#0"}),
        ("import a.b as c, d.e", {"c": "a.b", "d": "d"}),
        ("from ..a import b as c", {"c": "..a:b"}),
        ("type A[T] = list[T]", {"A": "list[T]"}),
    ],
)
def test_values(source: str, expected: dict[str, str]) -> None:
    found = values(source)
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("source", "exported", "modules"),
    [
        ("x = 1", None, []),
        ("__all__ = ['a', \"b\"]", ["a", "b"], []),
        ("__all__ = ('a',)", ["a"], []),
        ("__all__ = ()", [], []),
        ("__all__: list[str] = ['a']", ["a"], []),
        ("__all__ = ['a'] + m.__all__ + ['b']", ["a", "b"], ["m"]),
        ("__all__ = [*m.n.__all__, 'a']", ["a"], ["m.n"]),
        ("__all__ = ['a']\n__all__ += ['b']\n__all__ += m.__all__", ["a", "b"], ["m"]),
        ("__all__ = []\n__all__.extend(['b'])\n__all__.append('c')", ["b", "c"], []),
        ("__all__ = ['a']\n__all__.extend(m.__all__)", ["a"], ["m"]),
        ("def f():\n    __all__ = ['a']", None, []),
        ("__all__ = ['a'  # comment\n, 'b']", ["a", "b"], []),
    ],
)
def test_exports(source: str, exported: list[str] | None, modules: list[str]) -> None:
    facts = facts_of(source)
    assert facts.exported == (None if exported is None else tuple(exported))
    assert [render(facts, row) for row in facts.exported_from] == modules


def test_stars() -> None:
    facts = facts_of("from a.b import *\nfrom . import *\n  \nfrom ..c import *\n")
    assert facts.stars == (Star(0, "a.b", 1, 5, 3), Star(1, "", 2, 5, 1), Star(2, "c", 4, 5, 3))


def test_global_and_nonlocal_statements() -> None:
    source = (
        "def f():\n    global a, b\n    a = 1\n    def g():\n        nonlocal c\n        b = 2\n"
    )
    facts = facts_of(source)
    functions = [s for s in facts.scopes if s.kind == ScopeKind.FUNCTION]
    assert [(s.globals, s.nonlocals) for s in functions] == [(("a", "b"), ()), ((), ("c",))]
    scopes = {row.name: row.scope for row in facts.bindings}
    assert scopes["a"] == 0
    assert scopes["b"] == facts.definitions[1].body


def test_fields_bound_through_the_receiver_belong_to_the_class() -> None:
    facts = facts_of("class C:\n    x = 1\n    def m(self):\n        self.y = 2\n")
    body = facts.definitions[0].body
    (row,) = facts.attributes
    assert (row.name, row.scope, row.definition, row.line, row.column) == ("y", body, 1, 4, 13)
    assert {r.name for r in facts.bindings if r.scope == body} == {"x", "m"}


def test_slots_and_their_places() -> None:
    facts = facts_of("class C:\n    __slots__ = ('a', \"b\")\n")
    rows = [row for row in facts.bindings if row.kind == BindKind.SLOT]
    assert [(row.name, row.line, row.column, row.value) for row in rows] == [
        ("a", 2, 18, NONE),
        ("b", 2, 23, NONE),
    ]


def test_scopes() -> None:
    source = "class C:\n  def m(self, d=lambda: 0):\n    return [x for x in self.y for z in x]\n"
    facts = facts_of(source)
    kinds = [scope.kind for scope in facts.scopes]
    assert sorted(kinds) == [
        ScopeKind.MODULE,
        ScopeKind.CLASS,
        ScopeKind.FUNCTION,
        ScopeKind.LAMBDA,
        ScopeKind.COMPREHENSION,
    ]
    parents = {s.kind: facts.scopes[s.parent].kind for s in facts.scopes[1:]}
    assert parents[ScopeKind.LAMBDA] == ScopeKind.CLASS
    assert parents[ScopeKind.COMPREHENSION] == ScopeKind.FUNCTION
    assert facts.scopes[0].parent == NONE


def test_what_a_comprehension_iterates_over_first_lies_outside_it() -> None:
    facts = facts_of("class C:\n    xs = []\n    ys = [x + y for x in xs for y in xs]\n")
    kinds = [facts.scopes[row[1]].kind for row in facts.exprs if row[0] == 0 and row[2] == "xs"]
    assert sorted(kinds) == [ScopeKind.CLASS, ScopeKind.COMPREHENSION]
