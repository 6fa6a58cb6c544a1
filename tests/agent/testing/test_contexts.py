"""What a model is shown of a target, in a small repository of two languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.testing.contexts import ContextKind, Contexts, path_for_test, target_of
from agent.testing.measures import Target
from agent.testing.origins import GraphOrigins
from agent.testing.repair import repair
from graphdb.queries.names import resolve
from graphdb.registry import StoreSettings, open_reader
from graphdb.retrieval.corpus_build import build_corpus
from graphdb.retrieval.retriever import Retriever
from graphdb.schema import NodeKind
from indexer.pipeline import IndexRequest, run_index
from tests.agent.testing.programs import JAVA, JAVA_CART, JAVA_TESTS, PYTHON, PYTHON_CART, write
from tests.graphdb.retrieval.conftest import Quiet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

TILL = """package shop;

import java.util.List;

/** Takes money. */
public class Till {
    private final Cart cart;
    private int paid = 0;

    public Till(Cart cart) {
        this.cart = cart;
    }

    /** Pays for a cart and others. */
    public int pay(List<Cart> others, Receipt receipt) {
        for (Cart other : others) {
            paid += other.sum().total;
        }
        return paid;
    }
}
"""
RECEIPT = "package shop.paper;\n\npublic class Receipt {\n    public Receipt(String text) {}\n}\n"
FILES = {
    **{path: text for path, text in JAVA.items() if "Broken" not in path},
    **{path: text for path, text in PYTHON.items() if "broken" not in path},
    "src/main/java/shop/Till.java": TILL.replace("import", "import shop.paper.Receipt;\nimport"),
    "src/main/java/shop/paper/Receipt.java": RECEIPT,
}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphReader]:
    root = write(tmp_path_factory.mktemp("shop"), FILES)
    settings = StoreSettings("embedded", "shop", tmp_path_factory.mktemp("index"))
    run_index(IndexRequest(root, settings, jobs=1, full=True), Quiet())
    found = open_reader(settings)
    yield found
    found.close()


@pytest.fixture(scope="module")
def contexts(reader: GraphReader) -> Contexts:
    corpus = build_corpus(reader, lambda path: FILES[path].encode())
    return Contexts(reader, Retriever(reader, corpus), FILES.get)


def test_the_method_alone(reader: GraphReader, contexts: Contexts) -> None:
    found = contexts.of(ContextKind.SELF_CONTAINED, resolve(reader, "shop.Till.pay"), 500)
    assert found.text.startswith("public int pay(List<Cart> others, Receipt receipt) {")
    assert found.text.endswith("return paid;\n    }")
    assert found.tokens == dict(found.parts)["target"]


def test_the_outline_of_the_class(reader: GraphReader, contexts: Contexts) -> None:
    java = contexts.of(ContextKind.SIMPLE, resolve(reader, "shop.Till.pay"), 500).text
    assert java.startswith(
        "package shop;\nimport shop.paper.Receipt;\nimport java.util.List;\n\n"
        "public class Till {\n"
        "    private final Cart cart;\n"
        "    private int paid = 0;\n"
        "    public Till(Cart cart);\n"
        "    public int pay(List<Cart> others, Receipt receipt);\n"
        "}\n\npublic int pay("
    )
    python = contexts.of(ContextKind.SIMPLE, resolve(reader, "shop.cart.Cart.total"), 500).text
    assert python.startswith("class Cart:\n    def __init__(self, limit=10): ...\n")
    assert "def total(self): ...\n" in python


def test_the_whole_file(reader: GraphReader, contexts: Contexts) -> None:
    symbol = resolve(reader, "shop.Till.pay")
    found = contexts.of(ContextKind.FULL, symbol, 10)
    assert found.text == FILES["src/main/java/shop/Till.java"]


def test_the_graph_tells_how_parameters_are_made_and_shows_a_test(
    reader: GraphReader, contexts: Contexts
) -> None:
    found = contexts.of(ContextKind.GRAPH, resolve(reader, "shop.Till.pay"), 1_500)
    assert "public Till(Cart cart)  # src/main/java/shop/Till.java" in found.text
    assert "public Cart(int limit)  # src/main/java/shop/Cart.java:10" in found.text
    assert "public Receipt(String text)  # src/main/java/shop/paper/Receipt.java:4" in found.text
    assert "# a test that is there: src/test/java/shop/" in found.text
    assert "import org.junit.jupiter.api.Test;" in found.text
    assert "src/main/java/shop/Cart.java" in found.text


@pytest.mark.parametrize("budget", [0, 40, 120, 400, 1_000, 5_000])
def test_the_graph_context_keeps_its_budget(
    reader: GraphReader, contexts: Contexts, budget: int
) -> None:
    for name in ("shop.Till.pay", "shop.cart.Cart.add", "shop.cart.discount", "shop.Cart"):
        symbol = resolve(reader, name, (NodeKind.CLASS, NodeKind.METHOD, NodeKind.FUNCTION))
        found = contexts.of(ContextKind.GRAPH, symbol, budget)
        assert found.tokens <= budget
        assert all(tokens > 0 for _, tokens in found.parts)


def test_the_example_tests_a_neighbour_and_not_the_target(
    reader: GraphReader, contexts: Contexts
) -> None:
    symbol = resolve(reader, "shop.cart.discount")
    text = contexts.of(ContextKind.GRAPH, symbol, 2_000).text
    example = text.partition("# a test that is there: ")[2]
    assert example
    assert "test_discount" not in example.partition("\n\n")[2]


def targets(reader: GraphReader) -> dict[str, Symbol]:
    names = ("shop.cart.Cart", "shop.cart.Cart.add", "shop.Cart.Sum", "shop.cart")
    return {name: resolve(reader, name) for name in names}


def test_what_the_measures_are_taken_of(reader: GraphReader) -> None:
    found = targets(reader)
    assert target_of(found["shop.cart.Cart"]) == Target(PYTHON_CART, "Cart")
    assert target_of(found["shop.cart.Cart.add"]) == Target(PYTHON_CART, "Cart.add")
    add, cart = found["shop.cart.Cart.add"], found["shop.cart.Cart"]
    assert target_of(add, cart) == Target(PYTHON_CART, "Cart")
    assert target_of(found["shop.Cart.Sum"]) == Target(JAVA_CART, "Cart.Sum")
    assert target_of(found["shop.cart"]) == Target(PYTHON_CART, "")


def test_where_a_new_test_belongs(reader: GraphReader) -> None:
    found = targets(reader)
    assert path_for_test(found["shop.Cart.Sum"]) == f"{JAVA_TESTS}/CartTest.java"
    taken = [f"{JAVA_TESTS}/CartTest.java"]
    assert path_for_test(found["shop.Cart.Sum"], taken) == f"{JAVA_TESTS}/CartGeneratedTest.java"
    assert path_for_test(found["shop.cart"]) == "tests/test_cart.py"
    assert path_for_test(found["shop.cart"], ["spec/test_a.py"]) == "spec/test_cart.py"


def test_names_come_from_the_graph(reader: GraphReader) -> None:
    java = GraphOrigins(reader, ".java", "shop")
    receipt = java.of("Receipt")
    assert receipt is not None
    assert receipt.full_name == "shop.paper.Receipt"
    text = (
        "class TillTest {\n  @Test void pays() { new Till(new Cart(1)).pay(x, new Receipt(y)); }\n}"
    )
    found = repair(text, f"{JAVA_TESTS}/TillTest.java", package="shop", origins=java)
    assert found.text.splitlines()[:4] == [
        "package shop;",
        "",
        "import org.junit.jupiter.api.Test;",
        "import shop.paper.Receipt;",
    ]
    python = GraphOrigins(reader, ".py")
    found = repair("def test_it():\n    Cart(discount(1, 2))\n", "tests/test_x.py", origins=python)
    assert found.text.splitlines()[:2] == [
        "from shop.cart import Cart",
        "from shop.cart import discount",
    ]
    text = "from shop.carts import Cart\n\n\ndef test_it():\n    Cart()\n"
    wrong = repair(text, "tests/test_x.py", origins=python)
    assert wrong.text.startswith("from shop.cart import Cart\n")


def test_a_name_of_two_classes_is_not_guessed(reader: GraphReader) -> None:
    assert GraphOrigins(reader, ".java").of("Nowhere") is None
    assert GraphOrigins(reader, ".py").of("test_runs") is None
