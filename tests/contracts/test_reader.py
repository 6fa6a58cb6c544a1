"""What a reader promises, on every store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphdb.delta import GraphCounts
from graphdb.errors import QueryError, QueryTimeoutError
from graphdb.schema import NodeKind
from tests.fixtures import graphs

if TYPE_CHECKING:
    from graphdb.store import GraphReader


def test_counts(shop: GraphReader) -> None:
    assert shop.counts() == GraphCounts(
        nodes={
            "CLASS": 4,
            "EXTERNAL": 1,
            "FIELD": 3,
            "FUNCTION": 4,
            "GLOBAL_VARIABLE": 1,
            "INTERFACE": 1,
            "METHOD": 6,
            "MODULE": 4,
            "TEST": 1,
        },
        edges={
            "CALLS": 8,
            "CONTAINS": 10,
            "HAS_FIELD": 4,
            "HAS_METHOD": 7,
            "IMPORTS": 1,
            "INHERITS": 3,
            "INSTANTIATES": 1,
            "OVERRIDES": 2,
            "TESTS": 1,
            "USES": 3,
        },
    )


def found_by(reader: GraphReader, text: str, *kinds: NodeKind, limit: int = 20) -> list[str]:
    return [hit.uid for hit in reader.search_text(text, kinds, limit)]


def test_full_text_search(shop: GraphReader) -> None:
    assert found_by(shop, "checkout")[0] == graphs.CHECKOUT.uid
    assert found_by(shop, "Shelf")[0] == graphs.SHELF.uid
    assert found_by(shop, "basket") == [graphs.CHECKOUT.uid]
    assert graphs.ITEM_PRICE.uid in found_by(shop, "amount")
    assert found_by(shop, "löschen")[0] == graphs.LÖSCHEN.uid
    assert found_by(shop, "test price", NodeKind.FUNCTION)[0] == graphs.TEST_PRICE.uid
    assert set(found_by(shop, "price", NodeKind.METHOD)) <= {
        *(node.uid for node in graphs.NODES if node.kind is NodeKind.METHOD),
    }
    assert len(found_by(shop, "price", limit=2)) == 2
    scores = [hit.score for hit in shop.search_text("price")]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0


ODD_TEXTS = [
    "",
    "   ",
    "!!!",
    "*",
    "?",
    "\\",
    '"',
    "(",
    "/",
    "~",
    "^",
    "AND",
    "🎉",
]
ODD_OPERATORS = [
    "checkout:",
    "checkout~2",
    "+checkout -x",
    '"checkout',
    "(checkout",
    "checkout^",
    "/checkout",
]


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_a_search_text_without_words_finds_nothing(shop: GraphReader, text: str) -> None:
    assert found_by(shop, text) == []


@pytest.mark.parametrize("text", ODD_OPERATORS)
def test_operators_in_a_search_text_mean_nothing(shop: GraphReader, text: str) -> None:
    assert graphs.CHECKOUT.uid in found_by(shop, text)


@pytest.mark.parametrize("max_rows", [1, 22, 23, 24])
def test_row_cap(shop: GraphReader, max_rows: int) -> None:
    result = shop.query(
        "MATCH (n {repo: $repo}) WHERE n.uid IS NOT NULL RETURN n.uid", max_rows=max_rows
    )
    assert len(result.rows) == min(max_rows, len(graphs.NODES))
    assert result.truncated == (max_rows < len(graphs.NODES))


def test_row_cap_keeps_the_first_rows_of_an_order(shop: GraphReader) -> None:
    result = shop.query("MATCH (c:CLASS) RETURN c.name AS name ORDER BY name DESC", max_rows=2)
    assert result.rows == (("Shelf",), ("Item",))


@pytest.mark.parametrize(
    "cypher",
    [
        "UNWIND range(1, 1000000) AS x RETURN x",
        "UNWIND range(1, 1000) AS x UNWIND range(1, 1000) AS y RETURN x, y LIMIT 1000000",
        "UNWIND range(1, 1000000) AS x RETURN x UNION ALL UNWIND [1] AS x RETURN x",
    ],
)
def test_a_million_rows_are_cut(shop: GraphReader, cypher: str) -> None:
    result = shop.query(cypher, timeout_s=30)
    assert (len(result.rows), result.truncated) == (200, True)


def test_no_cap(shop: GraphReader) -> None:
    result = shop.query("UNWIND range(1, 5000) AS x RETURN x", max_rows=None)
    assert result.rows == tuple((number,) for number in range(1, 5001))
    assert not result.truncated


def test_a_query_that_never_ends_is_stopped(shop: GraphReader) -> None:
    endless = (
        "MATCH (a), (b), (c), (d), (e), (f), (g), (h) "
        "WHERE size(a.name + b.name + c.name + d.name + e.name + f.name + g.name + h.name) = 1 "
        "RETURN count(*)"
    )
    with pytest.raises(QueryTimeoutError, match=r"0\.5 s") as caught:
        shop.query(endless, timeout_s=0.5)
    assert "\n" not in str(caught.value)
    assert shop.query("RETURN 1").rows == ((1,),)


@pytest.mark.parametrize(
    "cypher",
    [
        "MATCH (n RETURN n",
        "RETURN",
        "",
        "RETURN nothing",
        "MATCH (n) RETURN n.x +",
        "RETURN $missing",
        "RETURN 1/0",
    ],
)
def test_a_query_that_fails_says_so_in_one_line(shop: GraphReader, cypher: str) -> None:
    with pytest.raises(QueryError) as caught:
        shop.query(cypher)
    message = str(caught.value)
    assert message
    assert "\n" not in message


def test_a_failed_query_has_the_hint(shop: GraphReader) -> None:
    with pytest.raises(QueryError, match="did you mean METHOD"):
        shop.query("MATCH (m:METHODS) RETURN m.name +")


def test_parameters_of_every_type(shop: GraphReader) -> None:
    given = {
        "n": None,
        "b": True,
        "i": -(2**62),
        "f": 1.5,
        "s": "é😀\n\x01'\"`",
        "l": [1, ["x"]],
        "m": {"k": [None]},
    }
    text = "RETURN $n AS n, $b AS b, $i AS i, $f AS f, $s AS s, $l AS l, $m AS m"
    assert shop.query(text, given).rows == (tuple(given.values()),)
    with pytest.raises(QueryError):
        shop.query("RETURN $s", {"s": object()})


def test_columns_keep_their_order_and_names(shop: GraphReader) -> None:
    result = shop.query(
        "MATCH (c:CLASS) RETURN c.name, count(*) AS n, c.file_path AS `a b` LIMIT 1"
    )
    assert result.columns == ("c.name", "n", "a b")
    assert result.seconds > 0


def test_a_search_for_thousands_of_words_is_answered(shop: GraphReader) -> None:
    words = " ".join(f"word{number}" for number in range(3_000))
    assert shop.search_text(words) == []
    assert shop.search_text(f"checkout {words}")
