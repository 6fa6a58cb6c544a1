"""Ranking by what texts mean: a second list beside the first, and nothing without vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphdb.registry import StoreSettings, open_reader, open_writer
from graphdb.retrieval.evidence import Evidence
from graphdb.retrieval.locate import locate_files, locate_symbols
from graphdb.retrieval.retriever import Retriever
from graphdb.retrieval.vectors import (
    Meaning,
    add_missing_vectors,
    ranked_files,
    ranked_symbols,
    text_of,
)
from graphdb.retrieval.words import parts
from graphdb.schema import CODE_KINDS, NodeKind
from graphdb.symbols import SourceText
from indexer.pipeline import IndexRequest, run_index
from tests.graphdb.retrieval.conftest import Quiet
from tests.graphdb.retrieval.shop import FILES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from graphdb.retrieval.corpus import Corpus
    from graphdb.store import GraphReader

AXES = (("money", "cash", "coin"), ("order", "purchase"), ("retry", "persist"))


class Axes:
    """Knows what a few words mean, and counts what it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.asked += len(texts)
        return [
            self._one([part for word in text.split() for part in parts(word)]) for text in texts
        ]

    @staticmethod
    def _one(words: list[str]) -> list[float]:
        return [float(sum(words.count(word) for word in axis)) for axis in AXES]


class StoppedError(Exception):
    pass


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


@pytest.fixture
def settings(root: Path, tmp_path_factory: pytest.TempPathFactory) -> StoreSettings:
    made = StoreSettings("embedded", "shop", tmp_path_factory.mktemp("vectors"))
    run_index(IndexRequest(root, made, jobs=1, full=True), Quiet())
    return made


@pytest.fixture
def own_reader(settings: StoreSettings) -> Iterator[GraphReader]:
    opened = open_reader(settings)
    yield opened
    opened.close()


def fill(settings: StoreSettings, reader: GraphReader, embedder: Axes) -> int:
    writer = open_writer(settings)
    try:
        return add_missing_vectors(reader, writer, embedder, Quiet())
    finally:
        writer.close()


@pytest.fixture
def meaning(settings: StoreSettings, own_reader: GraphReader) -> Meaning:
    embedder = Axes()
    fill(settings, own_reader, embedder)
    return Meaning(own_reader, embedder)


TEXTS = ["retry with growing backoff", "GiftOrder.total ignores the currency", "coin", "§"]


@pytest.mark.parametrize("text", TEXTS)
def test_without_vectors_everything_is_as_without_the_setting(
    own_reader: GraphReader, corpus: Corpus, text: str
) -> None:
    plain = Retriever(own_reader, corpus)
    asked = Retriever(own_reader, corpus, Meaning(own_reader, Axes()))
    assert asked.search(text) == plain.search(text)
    assert asked.locate(text) == plain.locate(text)
    assert asked.context_for(text, 500) == plain.context_for(text, 500)
    evidence = Evidence(corpus, text)
    ranked = locate_symbols(corpus, text, CODE_KINDS, evidence=evidence)
    assert ranked_symbols(evidence, CODE_KINDS) == ranked
    assert ranked_files(evidence) == locate_files(corpus, text, evidence=evidence)


def test_what_shares_no_word_is_found_by_its_meaning(meaning: Meaning, corpus: Corpus) -> None:
    plain = Retriever(meaning.reader, corpus)
    asked = Retriever(meaning.reader, corpus, meaning)
    assert plain.search("coin") == ()
    found = asked.search("coin")
    assert "Money" in {item.symbol.name for item in found[:3]}
    assert {item.why for item in found} == {"alike in meaning"}
    assert asked.search("coin", (NodeKind.FIELD,)) == ()
    assert asked.locate("coin").files[0].path == "shop/money.py"
    assert "Money" in asked.context_for("coin", 300).text
    assert asked.search("sky") == ()


def test_both_lists_count_and_the_words_lead(meaning: Meaning, corpus: Corpus) -> None:
    asked = Retriever(meaning.reader, corpus, meaning)
    found = asked.search("retry a payment with backoff")
    assert found[0].symbol.name == "retry_payment"
    assert "alike in meaning" in found[0].why
    assert "words of the text" in found[0].why
    scores = [item.score for item in found]
    assert scores == sorted(scores, reverse=True)
    assert asked.search("retry a payment with backoff") == found
    assert len(asked.search("retry a payment with backoff", limit=2)) == 2
    assert asked.search("retry a payment with backoff", limit=2) == found[:2]


def test_tests_are_near_only_where_tests_are_wanted(meaning: Meaning, corpus: Corpus) -> None:
    evidence = Evidence(corpus, "order")
    near = meaning.near(evidence)
    tests = {node for node in near if corpus.is_test[node]}
    assert tests
    kinds = (NodeKind.FUNCTION,)
    every = {item.node for item in ranked_symbols(evidence, kinds, near=near, with_tests=True)}
    assert tests & every
    assert not tests & {item.node for item in ranked_symbols(evidence, kinds, near=near)}
    paths = {item.path for item in ranked_files(evidence, near=near)}
    assert not paths & {corpus.file_of(node) for node in tests}


def test_only_what_changed_is_read_again(
    root: Path, settings: StoreSettings, own_reader: GraphReader
) -> None:
    embedder = Axes()
    whole = fill(settings, own_reader, embedder)
    assert whole == embedder.asked > 10
    assert fill(settings, own_reader, embedder) == 0
    orders = root / "shop/orders.py"
    orders.write_text(f"{orders.read_text()}\n\ndef purchase():\n    return 1\n")
    run_index(IndexRequest(root, settings, jobs=1, full=False), Quiet())
    assert fill(settings, own_reader, embedder) == 1
    best = own_reader.search_vector([0.0, 1.0, 0.0], (NodeKind.FUNCTION,), 3)
    assert any("purchase" in hit.uid for hit in best)


def test_a_run_that_was_stopped_is_gone_on_with(
    settings: StoreSettings, own_reader: GraphReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stopping(Axes):
        def embed(self, texts: Sequence[str]) -> list[list[float]]:
            if self.asked:
                raise StoppedError
            return super().embed(texts)

    monkeypatch.setattr("graphdb.retrieval.vectors._CHUNK", 4)
    before = own_reader.counts()
    with pytest.raises(StoppedError):
        fill(settings, own_reader, Stopping())
    assert own_reader.counts() == before
    writer = open_writer(settings)
    left = len(writer.lacking_vectors())
    writer.close()
    embedder = Axes()
    assert fill(settings, own_reader, embedder) == left == embedder.asked
    assert fill(settings, own_reader, embedder) == 0


def test_a_text_is_the_name_in_words_and_how_it_begins(meaning: Meaning, corpus: Corpus) -> None:
    found = Retriever(meaning.reader, corpus).search("retry_payment", limit=1)[0].symbol
    text = text_of(SourceText(found, "x" * 5_000))
    assert text.startswith("shop order retry payment ")
    assert len(text) < 1_500
