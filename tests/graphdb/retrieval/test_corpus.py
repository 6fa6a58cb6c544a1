"""The corpus: what it takes from the graph, the same from both stores, and its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphdb.retrieval import corpus_file
from graphdb.retrieval.corpus_build import build_corpus
from graphdb.retrieval.corpus_file import corpus_path, load_corpus, open_corpus, save_corpus
from graphdb.retrieval.naming import named, paths_ending
from graphdb.schema import EdgeKind
from tests.graphdb.retrieval.shop import FILES

if TYPE_CHECKING:
    from pathlib import Path

    from graphdb.retrieval.corpus import Corpus
    from graphdb.store import GraphReader


def one(corpus: Corpus, name: str) -> int:
    (number,) = named(corpus, name)
    return number


def names(corpus: Corpus, numbers: set[int]) -> set[str]:
    return {corpus.full_name[n] for n in numbers}


def test_owners_and_edges_are_those_of_the_graph(corpus: Corpus) -> None:
    total = one(corpus, "GiftOrder.total")
    assert [corpus.name[n] for n in corpus.owners(total)] == ["GiftOrder", "shop.orders"]
    used = corpus.targets(total, (EdgeKind.INSTANTIATES,))
    assert names(corpus, used) == {"shop.money.Money"}
    assert total in corpus.sources(one(corpus, "shop.money.Money"), (EdgeKind.INSTANTIATES,))


def test_inherited_members_are_found_only_when_asked_for(corpus: Corpus) -> None:
    gift = one(corpus, "GiftOrder")
    own = names(corpus, corpus.targets(gift, (EdgeKind.HAS_METHOD,)))
    every = names(corpus, corpus.targets(gift, (EdgeKind.HAS_METHOD,), derived=True))
    assert own == {"shop.orders.GiftOrder.total"}
    assert "shop.orders.Order.add_line" in every


def test_a_class_does_not_have_the_words_of_its_methods(corpus: Corpus) -> None:
    def has(name: str, term: str) -> bool:
        offset, length = corpus.by_symbol.spans[term]
        return one(corpus, name) in corpus.by_symbol.nodes[offset : offset + length]

    assert has("Order.add_line", "many")
    assert not has("shop.orders.Order", "many")
    assert has("shop.orders.Order", "wrapped") is False


def test_tests_are_known_by_their_file(corpus: Corpus) -> None:
    assert corpus.is_test[one(corpus, "test_total_of_lines")]
    assert not corpus.is_test[one(corpus, "retry_payment")]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("shop.orders.Order.total", "shop.orders.Order.total"),
        ("src.shop.orders.Order.total", "shop.orders.Order.total"),
        ("Order.TOTAL", "shop.orders.Order.total"),
        ("GiftOrder.add_line", "shop.orders.Order.add_line"),
        ("shop.orders.parse_amount", "shop.money.parse_amount"),
    ],
)
def test_names_are_found_as_others_write_them(corpus: Corpus, name: str, expected: str) -> None:
    assert [corpus.full_name[n] for n in named(corpus, name)] == [expected]


def test_paths_are_found_by_their_longest_end(corpus: Corpus) -> None:
    found = paths_ending(corpus, "/usr/lib/python3/site-packages/shop/orders.py")
    assert [corpus.paths[n] for n in found] == ["shop/orders.py"]
    assert paths_ending(corpus, "elsewhere.py") == []


def test_a_saved_corpus_is_the_same(corpus: Corpus, tmp_path: Path) -> None:
    save_corpus(tmp_path / "corpus", corpus)
    assert load_corpus(tmp_path / "corpus") == corpus


def test_a_damaged_file_is_no_corpus(corpus: Corpus, tmp_path: Path) -> None:
    path = tmp_path / "corpus"
    save_corpus(path, corpus)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    assert load_corpus(path) is None
    path.write_bytes(data[:40])
    assert load_corpus(path) is None


def test_the_file_of_another_generation_is_dropped(
    reader: GraphReader, corpus: Corpus, tmp_path: Path
) -> None:
    old = corpus_path(tmp_path, reader.repo, "0")
    save_corpus(old, corpus)
    opened = open_corpus(reader, tmp_path, lambda path: FILES[path].encode())
    assert opened == corpus
    assert [path.name for path in tmp_path.iterdir()] == [
        corpus_path(tmp_path, reader.repo, corpus.generation).name
    ]


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(
    reader: GraphReader, corpus: Corpus, tmp_path: Path
) -> None:
    missing = tmp_path / "missing"
    assert open_corpus(reader, missing, lambda path: FILES[path].encode()) == corpus
    assert corpus_file.load_corpus(missing / "x") is None


@pytest.mark.neo4j
def test_both_stores_give_the_same_corpus(corpus: Corpus, neo4j_reader: GraphReader) -> None:
    other = build_corpus(neo4j_reader, lambda path: FILES[path].encode())
    ignored = {"generation"}
    for name in corpus.__dataclass_fields__.keys() - ignored:
        assert getattr(other, name) == getattr(corpus, name), name
