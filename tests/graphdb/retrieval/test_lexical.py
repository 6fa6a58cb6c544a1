"""Scores of a query that is nearly another one are those of that query."""

from __future__ import annotations

import random
from array import array
from heapq import nsmallest
from typing import TYPE_CHECKING

import pytest

from graphdb.retrieval.asked import Asked
from graphdb.retrieval.corpus import Postings
from graphdb.retrieval.lexical import (
    Rescored,
    largest,
    query_weights,
    rescored,
    scores,
    weighted_terms,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphdb.retrieval.corpus import Corpus

COUNT = 3_000
WORDS = [f"w{number}" for number in range(120)]


@pytest.fixture(scope="module")
def postings() -> Postings:
    chance = random.Random(1)
    spans: dict[str, tuple[int, int]] = {}
    nodes, weights = array("i"), array("f")
    for word in WORDS:
        numbers = sorted(chance.sample(range(COUNT), chance.randint(1, 400)))
        spans[word] = (len(nodes), len(numbers))
        nodes.extend(numbers)
        weights.extend(chance.random() * 2 for _ in numbers)
    return Postings(spans, nodes, weights, COUNT)


def in_order(found: Mapping[int, float], count: int) -> list[int]:
    return nsmallest(count, found, key=lambda number: (-found[number], number))


@pytest.mark.parametrize("count", [1, 10, 5_000])
def test_the_largest_are_in_order_and_equals_by_number(count: int) -> None:
    found = {number: float(number % 7) for number in range(100, 0, -1)}
    assert largest(found, count) == in_order(found, count)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("kept", [1, 20, 1_000])
def test_what_differs_is_enough(postings: Postings, seed: int, kept: int) -> None:
    chance = random.Random(seed)
    # With more words than a query keeps, new ones push others out.
    counts = dict.fromkeys(chance.sample(WORDS, chance.choice([0, 3, 70])), 1)
    before = weighted_terms(postings, counts)
    after = weighted_terms(postings, counts | dict.fromkeys(chance.sample(WORDS, 3), 4))
    known = scores(postings, before)
    found = Rescored(known, largest(known, kept), rescored(postings, known, before, after))
    wanted = scores(postings, after)
    assert [found[n] for n in range(COUNT)] == pytest.approx(
        [wanted.get(n, 0.0) for n in range(COUNT)]
    )
    hidden = set(in_order(wanted, 5)[::2])
    seen = {number: score for number, score in wanted.items() if number not in hidden}
    assert found.largest(100, hidden) == in_order(seen, 100)


@pytest.mark.parametrize("text", ["", "a payment fails after a timeout of the retry"])
def test_a_name_before_a_text_counts_as_its_words(corpus: Corpus, text: str) -> None:
    found = Asked(corpus, text).scores_with("retry_payment")
    index = corpus.by_symbol
    wanted = scores(index, query_weights(index, f"retry_payment {text}"))
    assert wanted
    assert [found[n] for n in range(len(corpus))] == pytest.approx(
        [wanted.get(n, 0.0) for n in range(len(corpus))]
    )
