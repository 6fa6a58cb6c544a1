"""The standard library's stubs: what is cut out of them, and what their types come to."""

from __future__ import annotations

import subprocess
import sys

import pytest

from indexer.languages.python import outside, stdlib
from indexer.languages.python import stdlib_classes as classes
from indexer.languages.python import stdlib_stubs as stubs
from indexer.languages.python import stdlib_types as types
from indexer.languages.python.outside import ELEMENT, KEY, VALUE, holding, instance
from indexer.languages.python.stdlib_stubs import Name

BAR = ("inst", "a.py", 0)


@pytest.mark.parametrize(
    ("dotted", "name", "rest"),
    [
        ("collections.abc.Mapping", Name("typing", "Mapping"), ""),
        ("os.path.join", Name("posixpath", "join"), ""),
        ("os.environ.get", Name("os", "environ"), "get"),
        ("builtins.IOError", Name("builtins", "OSError"), ""),
        ("asyncio.gather", Name("asyncio.tasks", "gather"), ""),
        ("logging.handlers", Name("logging.handlers", ""), ""),
    ],
)
def test_a_name_is_found_where_it_is_defined(dotted: str, name: Name, rest: str) -> None:
    assert stubs.locate(dotted) == (name, rest)


@pytest.mark.parametrize("dotted", ["click.Context", "os.nothing", "nothing"])
def test_what_the_stubs_do_not_know_is_nothing(dotted: str) -> None:
    assert stubs.locate(dotted) is None
    assert classes.lookup(dotted) is None


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("sys.version_info >= (3, 11)", True),
        ("sys.version_info < (3, 12)", False),
        ('sys.platform == "win32"', False),
        ('sys.platform != "win32" and sys.version_info >= (3, 10)', True),
        ('not sys.platform == "linux" or sys.version_info >= (4, 0)', False),
        ("TYPE_CHECKING", True),
        ("(", True),
    ],
)
def test_conditions(condition: str, holds: bool) -> None:
    assert stubs.holds(condition) is holds


def test_only_the_branch_that_is_taken_is_read() -> None:
    text = (
        "import sys\nfrom .a import (\n    b as c,  # why\n    d,\n)\nfrom e import *\n"
        "if sys.version_info >= (3, 11):\n    @final\n    class A(\n        B,\n    ):\n"
        "        x: int\n    def f() -> int: ...\nelif sys.version_info >= (3, 9):\n    y: int\n"
        "else:\n    z: int\nafter = 1\n"
    )
    table = stubs.table(text, "p.q")
    assert list(table.statements) == ["A", "f", "after"]
    assert table.imports == {
        "sys": Name("sys", ""),
        "c": Name("p.q.a", "b"),
        "d": Name("p.q.a", "d"),
    }
    assert table.stars == ("e",)
    node, body = stubs.parsed_class(table.statements["A"][0])
    assert node is not None
    assert node.name == "A"
    assert list(stubs.table(body, "p.q").statements) == ["x"]


def test_every_statement_of_every_module_can_be_asked_for() -> None:
    for dotted in ("builtins", "typing", "asyncio.tasks", "subprocess", "ctypes", "_io", "enum"):
        module = stubs.module(dotted)
        assert module is not None
        for name in module.statements:
            classes.lookup(f"{dotted}.{name}")
            known = classes.class_of(f"{dotted}.{name}")
            for member in known.body.statements if known is not None else ():
                classes.member(f"{dotted}.{name}", member)


@pytest.mark.parametrize(
    ("name", "slots"),
    [
        ("builtins.list", (ELEMENT,)),
        ("typing.List", (ELEMENT,)),
        ("builtins.dict", (KEY, VALUE)),
        ("collections.Counter", (KEY,)),
        ("typing.Generator", (ELEMENT, "#1", "#2")),
        ("asyncio.Future", (ELEMENT,)),
        ("builtins.str", ()),
        ("click.Context", ()),
    ],
)
def test_type_parameters_become_slots(name: str, slots: tuple[str, ...]) -> None:
    assert classes.slots(name) == slots


def test_members_are_told_in_the_parameters_of_the_class_that_is_asked() -> None:
    found = classes.member("collections.OrderedDict", "__getitem__")
    assert found is not None
    assert {s.result for s in found.signatures} == {("var", "collections._VT")}


def test_an_alias_that_mentions_itself_ends() -> None:
    found = classes.lookup("builtins.isinstance")
    assert found is not None
    assert found.signatures[0].result == ("inst", "builtins.bool", ())


def test_what_is_said_beside_any_is_taken_for_said() -> None:
    said = ("inst", "builtins.str", ())
    assert types.union([said, types.ANY, said]) == said
    assert types.union([]) == types.ANY


@pytest.mark.parametrize(
    ("atom", "found"),
    [
        (("xinst", "builtins.list", ELEMENT, BAR), {BAR}),
        (("xinst", "builtins.dict", VALUE, BAR), set()),
        (("xinst", "builtins.dict", KEY, BAR), {BAR}),
        (("xinst", "builtins.enumerate", ELEMENT, BAR), None),
        (instance("builtins.str"), {instance("builtins.str")}),
        (("xinst", "other.Package", ELEMENT, BAR), {BAR}),
    ],
)
def test_iteration(atom: tuple[object, ...], found: set[object] | None) -> None:
    pair = holding("builtins.tuple", 1, {BAR}) | holding(
        "builtins.tuple", 0, {instance("builtins.int")}
    )
    assert outside.iterated(atom) == (pair if found is None else found)


def test_attributes_are_values_and_methods_can_be_called() -> None:
    done = ("xinst", "subprocess.CompletedProcess", ELEMENT, instance("builtins.str"))
    assert outside.attribute(done, "stdout") == {instance("builtins.str")}
    assert outside.attribute(done, "nothing") == set()
    assert outside.attribute(done, "check_returncode") == {("xmeth", done, "check_returncode")}
    other = instance("other.Package")
    assert outside.attribute(other, "stdout") == {("xmeth", other, "stdout")}


def test_a_future_is_awaited_and_a_coroutine_is_its_result_already() -> None:
    task = ("xinst", "asyncio.Task", ELEMENT, BAR)
    assert outside.awaited(frozenset({task, BAR})) == {BAR}


def test_entering() -> None:
    manager = ("xinst", "contextlib.AbstractContextManager", ELEMENT, BAR)
    assert outside.entered(manager) == {BAR}
    pool = instance("concurrent.futures.ThreadPoolExecutor")
    assert outside.entered(pool) == {pool}


@pytest.mark.parametrize(
    ("name", "passes"),
    [
        ("copy.copy", True),
        ("asyncio.run", True),
        ("builtins.max", False),
        ("builtins.len", False),
        ("nothing.at_all", False),
    ],
)
def test_functions_that_give_their_argument_back(name: str, passes: bool) -> None:
    assert stdlib.passes(name) is passes


def test_the_package_with_the_stubs_is_never_imported() -> None:
    code = (
        "import sys; from indexer.languages.python import stdlib_classes as c; "
        "assert c.lookup('os.listdir'); assert 'typeshed_client' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
