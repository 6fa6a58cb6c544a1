"""Questions about classes and imports give the same answers on every store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphdb.delta import Node
from graphdb.queries.implementing import abstract_members, constructors
from graphdb.queries.importable import importables, language_of
from graphdb.queries.names import candidates
from graphdb.queries.siblings import classes_in, siblings
from graphdb.queries.traits import files_of_tests, traits_of
from graphdb.registry import open_reader
from graphdb.schema import EdgeKind, NodeKind
from tests.contracts.conftest import STORES, load, settings_of
from tests.fixtures.graphs import edge, node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphdb.delta import Edge
    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

PATH, OTHER, TESTS = "zoo/animals.py", "zoo/keepers.py", "tests/test_zoo.py"
PACKAGE = node(NodeKind.MODULE, "zoo/__init__.py", "")
ANIMALS = node(NodeKind.MODULE, PATH, "")
KEEPERS = node(NodeKind.MODULE, OTHER, "")
TEST_MODULE = node(NodeKind.MODULE, TESTS, "", "TEST")


def a_class(name: str, path: str = PATH) -> Node:
    return node(NodeKind.CLASS, path, name, signature=f"class {name}")


def a_method(name: str, parameters: str, path: str = PATH, **more: list[str]) -> Node:
    last = name.rpartition(".")[2]
    signature = f"def {last}({parameters})"
    return node(NodeKind.METHOD, path, name, signature=signature, **more)


ANIMAL, BIRD, OWL, FLIER = (a_class(name) for name in ("Animal", "Bird", "Owl", "Flier"))
TOY = a_class("Toy", TESTS)
CAGE, INNER = a_class("Cage", OTHER), a_class("Cage.Door", OTHER)
EAT = a_method("Animal.eat", "self, food", modifiers=["abstract"])
SLEEP = a_method("Animal.sleep", "self", decorators=["abc.abstractmethod"])
CALL = a_method("Animal.call", "self", modifiers=["abstract"])
INIT = a_method("Animal.__init__", "self, name")
BIRD_CALL = a_method("Bird.call", "self, loudly")
BIRD_EAT_MORE = a_method("Bird.eat", "self, food, more")
OWL_CALL = a_method("Owl.call", "self", modifiers=["abstract"])
FLIER_SLEEP = a_method("Flier.sleep", "self")
TOY_SLEEP = a_method("Toy.sleep", "self", TESTS)
OPEN = a_method("Cage.open", "self", OTHER)
JSON = Node(
    "external:json", NodeKind.EXTERNAL, ("EXTERNAL",), {"name": "json", "full_name": "json"}
)

_OWNERS = (
    (ANIMAL, (EAT, SLEEP, CALL, INIT)),
    (BIRD, (BIRD_CALL, BIRD_EAT_MORE)),
    (OWL, (OWL_CALL,)),
    (FLIER, (FLIER_SLEEP,)),
    (TOY, (TOY_SLEEP,)),
    (CAGE, (OPEN,)),
)
_CONTENTS = ((ANIMALS, (ANIMAL, BIRD, OWL, FLIER)), (KEEPERS, (CAGE,)), (CAGE, (INNER,)))


def nodes() -> tuple[Node, ...]:
    owners = [node for owner, members in _OWNERS for node in (owner, *members)]
    return (PACKAGE, ANIMALS, KEEPERS, TEST_MODULE, JSON, INNER, *owners)


def edges() -> tuple[Edge, ...]:
    kinds = EdgeKind
    own = [
        edge(owner, kinds.HAS_METHOD, member, inherited=False, depth=0)
        for owner, members in _OWNERS
        for member in members
    ]
    contents = [
        edge(owner, kinds.CONTAINS, member, via="definition")
        for owner, members in _CONTENTS
        for member in members
    ]
    return (
        *own,
        *contents,
        edge(PACKAGE, kinds.CONTAINS, OWL, via="import"),
        edge(BIRD, kinds.INHERITS, ANIMAL),
        edge(OWL, kinds.INHERITS, FLIER),
        edge(OWL, kinds.INHERITS, BIRD),
        edge(TOY, kinds.INHERITS, ANIMAL),
        edge(BIRD_CALL, kinds.OVERRIDES, CALL, tier="exact"),
        edge(OWL_CALL, kinds.OVERRIDES, BIRD_CALL, tier="exact"),
        edge(KEEPERS, kinds.IMPORTS, OWL, sites="1:1:3"),
        edge(KEEPERS, kinds.IMPORTS, PACKAGE, sites="1:1:3"),
        edge(TEST_MODULE, kinds.IMPORTS, OWL, sites="1:1:3"),
        edge(TEST_MODULE, kinds.IMPORTS, PACKAGE, sites="1:1:3"),
        edge(KEEPERS, kinds.IMPORTS, JSON, sites="2:1:3"),
    )


@pytest.fixture(scope="module", params=STORES)
def zoo(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GraphReader]:
    settings = settings_of(request.param, request, tmp_path_factory)
    load(settings, nodes(), edges())
    reader = open_reader(settings)
    yield reader
    reader.close()


def named(reader: GraphReader, name: str) -> Symbol:
    (found,) = candidates(reader, name, (NodeKind.CLASS, NodeKind.MODULE))
    return found


def names(symbols: list[Symbol]) -> list[str]:
    return [symbol.full_name.removeprefix("zoo.animals.") for symbol in symbols]


def test_what_a_class_leaves_open(zoo: GraphReader) -> None:
    left = {name: names(abstract_members(zoo, named(zoo, name))) for name in ("Animal", "Bird")}
    assert left["Animal"] == ["Animal.call", "Animal.eat", "Animal.sleep"]
    # An override counts whatever its parameters; eat has more of them and overrides nothing.
    assert left["Bird"] == ["Animal.eat", "Animal.sleep"]


def test_a_base_may_implement_what_another_base_declares(zoo: GraphReader) -> None:
    """Flier has a sleep(); call() is abstract again, so that of Bird does not count."""
    assert names(abstract_members(zoo, named(zoo, "Owl"))) == ["Owl.call", "Animal.eat"]


def test_a_class_without_constructor_has_that_of_its_nearest_base(zoo: GraphReader) -> None:
    for name in ("Animal", "Bird"):
        assert names(constructors(zoo, named(zoo, name))) == ["Animal.__init__"]
    assert constructors(zoo, named(zoo, "Cage")) == []


def test_siblings_are_ordered_by_the_members_they_share(zoo: GraphReader) -> None:
    found = siblings(zoo, named(zoo, "Animal"))
    assert [s.symbol.name for s in found] == ["Bird", "Owl", "Toy"]
    assert found[0].shared == ("call", "eat")
    liked = siblings(zoo, named(zoo, "Animal"), like=["call"])
    assert [s.symbol.name for s in liked] == ["Owl", "Bird", "Toy"], "one of one, one of two"


def test_siblings_of_a_leaf_of_a_lone_class_and_of_modules(zoo: GraphReader) -> None:
    # Flier and Bird have no other subclasses, so those beside it in its folder stand in.
    owl = {s.symbol.name for s in siblings(zoo, named(zoo, "Owl"))}
    assert owl == {"Animal", "Bird", "Flier", "Cage", "Door"}
    lone = {s.symbol.name for s in siblings(zoo, named(zoo, "Cage"))}
    assert lone == {"Animal", "Bird", "Owl", "Flier", "Door"}
    module = {s.symbol.name for s in siblings(zoo, named(zoo, "zoo.keepers"))}
    assert module == {"Cage", "Door"}
    package = {s.symbol.name for s in siblings(zoo, named(zoo, "zoo/__init__.py"))}
    assert package == {"Animal", "Bird", "Owl", "Flier", "Cage", "Door"}
    assert [s.symbol.name for s in classes_in(zoo, "zoo.keepers")] == ["Cage"]
    assert classes_in(zoo, "nothing.here") == ()


def test_traits_and_files_of_tests(zoo: GraphReader) -> None:
    found = candidates(zoo, "Animal.sleep") + candidates(zoo, "Owl.call")
    traits = traits_of(zoo, found)
    assert traits[SLEEP.uid].decorators == ("abc.abstractmethod",)
    assert traits[OWL_CALL.uid].modifiers == ("abstract",)
    assert traits[OWL_CALL.uid].visibility == "public"
    assert traits_of(zoo, []) == {}
    assert files_of_tests(zoo, [PATH, TESTS, "no.py"]) == {TESTS}
    assert files_of_tests(zoo, []) == set()


def test_importables_by_how_often_they_are_imported_so(zoo: GraphReader) -> None:
    owl = importables(zoo, "Owl", ".py")
    assert [(i.owner, i.importers) for i in owl] == [("zoo", 2), ("zoo.animals", 0)]
    (door,) = importables(zoo, "Door", ".py")
    assert door.is_nested
    (toy,) = importables(zoo, "keepers", ".py")
    assert (toy.owner, toy.symbol.kind, toy.importers) == ("", NodeKind.MODULE, 0)
    (json,) = importables(zoo, "json", ".py")
    assert (json.symbol.kind, json.importers) == (NodeKind.EXTERNAL, 1)
    assert importables(zoo, "Owl", ".java") == []
    assert importables(zoo, "Nothing", ".py") == []
    assert language_of(zoo, ".py") == "python"
    assert language_of(zoo, ".java") is None
