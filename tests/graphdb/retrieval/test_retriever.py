"""The four questions, over the graph in a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphdb.errors import NotFoundError
from graphdb.queries.names import resolve
from graphdb.retrieval.retriever import Retriever
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from graphdb.retrieval.corpus import Corpus
    from graphdb.store import GraphReader


@pytest.fixture
def retriever(reader: GraphReader, corpus: Corpus) -> Retriever:
    return Retriever(reader, corpus)


def test_search_finds_by_words_and_keeps_to_the_kinds(retriever: Retriever) -> None:
    found = retriever.search("growing backoff", limit=3)
    assert found[0].symbol.full_name == "shop.orders.retry_payment"
    kinds = {hit.symbol.kind for hit in retriever.search("orders", (NodeKind.CLASS,))}
    assert kinds == {NodeKind.CLASS}


def test_the_context_of_a_symbol_shows_its_code_and_what_it_uses(
    retriever: Retriever, reader: GraphReader
) -> None:
    symbol = resolve(reader, "Order.add_line")
    packed = retriever.context_of(symbol, 400)
    assert "too many lines" in packed.text
    assert {"MAX_LINES", "parse_amount"} <= {item.symbol.name for item in packed.items}
    assert packed.tokens <= 400
    without = retriever.context_of(symbol, 400, with_code=False)
    assert "too many lines" not in without.text


def test_the_context_of_a_text_has_what_belongs_to_it(retriever: Retriever) -> None:
    packed = retriever.context_for("retry a payment with backoff", 500)
    names = {item.symbol.name for item in packed.items}
    assert {"retry_payment", "total"} <= names


def test_the_context_at_a_line_is_of_other_files(retriever: Retriever) -> None:
    packed = retriever.context_at("shop/orders.py", 20, 400, "self.lines.append(")
    assert {item.symbol.file_path for item in packed.items} >= {"shop/money.py"}
    assert "shop/orders.py" not in packed.text
    with pytest.raises(NotFoundError, match=r"shop/none\.py is not indexed"):
        retriever.context_at("shop/none.py", 1, 400, "")


def test_locate_gives_files_classes_and_functions(retriever: Retriever) -> None:
    found = retriever.locate("GiftOrder.total ignores the currency of Money", 5)
    assert found.files[0].path == "shop/orders.py"
    assert {"GiftOrder", "Money"} <= {item.symbol.name for item in found.classes}
    assert found.functions[0].symbol.full_name == "shop.orders.GiftOrder.total"


def test_the_map_fits_its_budget(retriever: Retriever) -> None:
    packed = retriever.map(60)
    assert packed.tokens <= 60
    assert "class Money" in packed.text
