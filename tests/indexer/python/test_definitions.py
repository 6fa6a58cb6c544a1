"""What is known of a definition beside its name and place."""

from __future__ import annotations

import pytest

from indexer.facts import NONE
from tests.indexer.python.saying import definitions_of, facts_of, render

PARAMETERS = {
    "()": [],
    "(self)": ["self"],
    "(a, b ,)": ["a", "b"],
    "(a, *, b)": ["a", "=b"],
    "(a, /, b)": ["/a", "b"],
    "(a, /, b, *args, c, **kw)": ["/a", "b", "*args", "=c", "**kw"],
    "(a: int, *args: str, **kw: float)": ["a: int", "*args: str", "**kw: float"],
    "(a=1, b: int = 2, *, c: 'str' = '')": ["a=<int>", "b: int=<int>", "=c: str=<str>"],
    "(\n    a,  # the first, (of two)\n    b=f(1),  # and b\n)": ["a", "b=f(<int>)"],
    "(a: list[int] | None = None)": ["a: list[int] | <NoneType>=<NoneType>"],
    "(self, grün)": ["self", "grün"],
}


@pytest.mark.parametrize("text", PARAMETERS, ids=repr)
def test_parameters(text: str) -> None:
    facts = facts_of(f"def f{text}: ...\n")
    shown: list[str] = []
    for row in facts.definitions[0].parameters:
        annotation = "" if row.annotation == NONE else f": {render(facts, row.annotation)}"
        default = "" if row.default == NONE else f"={render(facts, row.default)}"
        shown.append(f"{row.kind}{row.name}{annotation}{default}")
    assert shown == PARAMETERS[text]


@pytest.mark.parametrize(
    ("body", "docstring"),
    [
        ('"""Says it."""', "Says it."),
        ("'Says it.'", "Says it."),
        ('r"""Says \\d."""', "Says \\d."),
        ("u'Says it.'", "Says it."),
        ('R"Says it."', "Says it."),
        ('"""\n    Says it.\n    """', "Says it."),
        ('"Says " "it."', "Says it."),
        ('("Says it.")', "Says it."),
        ('"""Über."""', "Über."),
        ('# first\n    """Says it."""', "Says it."),
        ('""', ""),
        ('b"Not text."', None),
        ('f"Not {text}."', None),
        ('"text".upper()', None),
        ('x = "text"', None),
        ("pass\n    '''Late.'''", None),
        ("...", None),
    ],
)
def test_docstring(body: str, docstring: str | None) -> None:
    assert facts_of(f"def f():\n    {body}\n").definitions[0].docstring == docstring
    assert facts_of(f"class C:\n    {body}\n").definitions[0].docstring == docstring
    module = body.replace("\n    ", "\n")
    assert facts_of(f"# a comment\n\n{module}\n").docstring == docstring


@pytest.mark.parametrize(
    ("head", "signature"),
    [
        ("def f(a, b=1) -> int:", "def f(a, b=1) -> int"),
        ("async  def  f( a ):", "async def f( a )"),
        (
            "def f(\n    a,  # the first\n    b='#',\n) -> (\n    int\n):",
            "def f( a, b='#', ) -> ( int )",
        ),
        ("@decorated\ndef f(): # why\n", "def f()"),
        ("class f(A, metaclass=B):", "class f(A, metaclass=B)"),
        ("class f:", "class f"),
        ("class f[T]:", "class f[T]"),
        ("def f[T: (int, str)](x: T):", "def f[T: (int, str)](x: T)"),
    ],
)
def test_signature(head: str, signature: str) -> None:
    assert facts_of(f"{head}\n    pass\n").definitions[0].signature == signature


def test_place_and_code() -> None:
    source = "# é\n@one\n@two(1)  # why\nasync def f(a):\n    yield a\n\n\nx = 1\n"
    facts = facts_of(source)
    definition = facts.definitions[0]
    assert (definition.start_line, definition.end_line) == (2, 5)
    assert (definition.name_line, definition.name_column) == (4, 10)
    code = source.encode()[definition.start_byte : definition.end_byte]
    assert code.decode() == "@one\n@two(1)  # why\nasync def f(a):\n    yield a"
    assert definition.decorator_names == ("one", "two(1)")
    assert [render(facts, row) for row in definition.decorators] == ["one", "two(<int>)"]
    assert set(definition.flags) == {"async", "generator"}


def test_hash_is_of_the_code_alone() -> None:
    first = definitions_of("def f():\n    return 1\n")["f"].hash
    assert definitions_of("\n\nx = 1\n\n\ndef f():\n    return 1\n")["f"].hash == first
    assert definitions_of("def f():\n    return 2\n")["f"].hash != first


def test_duplicates_are_numbered_and_conditional_where_they_are() -> None:
    source = (
        "def f(): ...\n"
        "if x:\n    def f(): ...\nelse:\n    @d\n    def f(): ...\n"
        "try:\n    class C: ...\nexcept E:\n    C = None\n"
        "class D:\n    def m(self): ...\n    def m(self): ...\n"
    )
    rows = [(d.qualified_name, d.ordinal, d.flags) for d in facts_of(source).definitions]
    assert rows == [
        ("f", 1, ()),
        ("f", 2, ("conditional",)),
        ("f", 3, ("conditional",)),
        ("C", 1, ()),
        ("D", 1, ()),
        ("D.m", 1, ()),
        ("D.m", 2, ()),
    ]
    bound = [row.conditional for row in facts_of(source).bindings if row.name == "f"]
    assert bound == [False, True, True]


def test_bases() -> None:
    source = "class C(A, b.B[T], f(), *more, metaclass=M, **kw):\n    pass\n"
    facts = facts_of(source)
    assert [render(facts, row) for row in facts.definitions[0].bases] == ["A", "b.B[T]", "f()"]


def test_results() -> None:
    source = (
        "def f(x):\n"
        "    if x:\n        return x\n"
        "    def g():\n        return 1, 2\n"
        "    h = lambda: (yield 5)\n"
        "    if x:\n        return\n"
        "    yield\n"
        "    y = yield x.a\n"
        "    yield from (  # why\n        x.b)\n"
        "    return x\n"
    )
    facts = facts_of(source)
    f, g = facts.definitions
    assert [render(facts, row) for row in f.returns] == ["x", "?"]
    assert [render(facts, row) for row in f.yields] == ["?", "x.a", "iter x.b"]
    assert [render(facts, row) for row in g.returns] == ["tuple[<int>, <int>]"]
    assert f.flags == ("generator",)


def test_a_string_annotation_is_the_expression_that_it_quotes() -> None:
    for quoted, plain in [
        ("'list[A]'", "list[A]"),
        ("Optional['A']", "Optional[A]"),
        ("'dict[str, a.B] | None'", "dict[str, a.B] | None"),
        ("'Callable[[A], B]'", "Callable[[A], B]"),
        ('"""A"""', "A"),
        ("'Annotated[A, 1]'", "Annotated[A, 1]"),
    ]:
        facts = facts_of(
            f"def f(a: {quoted}, b: {plain}) -> {quoted}: ...\nc: {quoted}\nd: {plain}\n"
        )
        function = facts.definitions[0]
        a, b = function.parameters
        assert a.annotation == b.annotation == function.annotation != NONE, quoted
        c, d = (row.annotation for row in facts.bindings if row.name in {"c", "d"})
        assert c == d != NONE, quoted
        assert render(facts, c).startswith(plain[:4]), quoted


@pytest.mark.parametrize(
    "text", ["'not a type'", "''", "f'A'", "b'A'", "'A' 'B'", "'A;B'", r"'\x41'"]
)
def test_a_string_that_quotes_no_expression_stays_a_string(text: str) -> None:
    facts = facts_of(f"def f(a: {text}): ...\n")
    assert render(facts, facts.definitions[0].parameters[0].annotation) == "<str>"


def test_literals_quote_nothing() -> None:
    facts = facts_of("a: Literal['x', 'y']\nb: typing.Annotated['A', 'm']\n")
    a, b = (render(facts, row.annotation) for row in facts.bindings)
    assert a == "Literal[tuple[<str>, <str>]]"
    assert b == "typing.Annotated[tuple[A, <str>]]"


def test_annotation_text() -> None:
    facts = facts_of("a: 'list[A]' = 1\nb = 2\n")
    assert [row.annotation_text for row in facts.bindings] == ["'list[A]'", None]
