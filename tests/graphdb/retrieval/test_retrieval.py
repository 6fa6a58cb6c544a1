"""What is found for texts and places, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphdb.retrieval.context import rank_context
from graphdb.retrieval.features import Place
from graphdb.retrieval.locate import locate_files, locate_symbols
from graphdb.retrieval.mentions import find_mentions
from graphdb.retrieval.naming import named
from graphdb.retrieval.repomap import rank_symbols
from graphdb.retrieval.walks import personalised_pagerank
from graphdb.schema import CODE_KINDS, NodeKind

if TYPE_CHECKING:
    from graphdb.retrieval.corpus import Corpus

TRACEBACK = """Paying fails
Traceback (most recent call last):
  File "/srv/app/venv/lib/shop/orders.py", line 99, in add_line
    self.lines.append(parse_amount(text))
  File "/usr/lib/python3.11/json/decoder.py", line 12, in decode
ValueError: not enough values to unpack
"""


def one(corpus: Corpus, name: str) -> int:
    (number,) = named(corpus, name)
    return number


def mentioned(corpus: Corpus, text: str) -> set[str]:
    return {corpus.full_name[n] for n in find_mentions(corpus, text).symbols}


def test_a_frame_names_its_function_whatever_the_line(corpus: Corpus) -> None:
    assert "shop.orders.Order.add_line" in mentioned(corpus, TRACEBACK)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see shop/money.py:12 please", "shop.money.Money.convert"),
        ("`retry_payment` hangs", "shop.orders.retry_payment"),
        ("Order#total is wrong", "shop.orders.Order.total"),
        ("GiftOrder breaks", "shop.orders.GiftOrder"),
        ("order.retry_payment() is missing", "shop.orders.retry_payment"),
    ],
)
def test_texts_name_symbols_in_many_ways(corpus: Corpus, text: str, expected: str) -> None:
    assert expected in mentioned(corpus, text)


def test_prose_names_nothing(corpus: Corpus) -> None:
    assert mentioned(corpus, "the total of all lines should be in the order") == set()


def test_a_dotted_text_of_any_length_is_no_name(corpus: Corpus) -> None:
    assert named(corpus, ".".join(["a"] * 5_000)) == []
    found = find_mentions(corpus, ".".join(["a"] * 5_000 + ["retry_payment"]))
    assert [corpus.name[number] for number in found.symbols] == ["retry_payment"]


def test_an_issue_leads_to_its_file_and_function(corpus: Corpus) -> None:
    files = locate_files(corpus, TRACEBACK)
    assert files[0].path == "shop/orders.py"
    functions = locate_symbols(corpus, TRACEBACK, (NodeKind.FUNCTION, NodeKind.METHOD))
    assert corpus.full_name[functions[0].node] == "shop.orders.Order.add_line"
    assert functions[0].why


def test_words_alone_lead_to_a_function(corpus: Corpus) -> None:
    found = locate_symbols(corpus, "backoff after timeouts", CODE_KINDS)
    assert corpus.full_name[found[0].node] == "shop.orders.retry_payment"


def test_tests_are_left_out_unless_asked_for(corpus: Corpus) -> None:
    text = "test_total_of_lines fails"
    assert not any(corpus.is_test[s.node] for s in locate_symbols(corpus, text, CODE_KINDS))
    found = locate_symbols(corpus, text, CODE_KINDS, with_tests=True)
    assert "test_total_of_lines" in {corpus.name[s.node] for s in found}


def test_a_text_without_known_words_finds_nothing(corpus: Corpus) -> None:
    assert locate_files(corpus, "zxqv") == []
    assert locate_symbols(corpus, "zxqv", CODE_KINDS) == []


def test_context_of_an_unwritten_method_is_what_it_will_need(corpus: Corpus) -> None:
    place = Place(one(corpus, "shop.orders.Order.total"), "The sum of the amounts of all lines.")
    ranked = [corpus.full_name[s.node] for s in rank_context(corpus, place)]
    assert set(ranked[:4]) >= {"shop.orders.Order.lines", "shop.money.Money"}
    assert "shop.orders.Order.total" not in ranked
    if "shop.weather.forecast" in ranked:
        assert ranked.index("shop.weather.forecast") > ranked.index("shop.money.parse_amount")


def test_each_item_of_a_context_says_why(corpus: Corpus) -> None:
    place = Place(one(corpus, "shop.orders.retry_payment"))
    why = {corpus.full_name[s.node]: s.why for s in rank_context(corpus, place)}
    assert "imported into the file" in why["shop.money.Money"]
    assert all(reason for name, reason in why.items() if not name.startswith("tests"))


def test_ranking_is_deterministic(corpus: Corpus) -> None:
    place = Place(one(corpus, "Order.add_line"), "add a line")
    assert rank_context(corpus, place) == rank_context(corpus, place)
    assert locate_files(corpus, TRACEBACK) == locate_files(corpus, TRACEBACK)


def test_a_walk_stays_near_its_seed_and_never_exceeds_one(corpus: Corpus) -> None:
    seed = one(corpus, "shop.money.Money")
    rank = personalised_pagerank(corpus, {seed: 5.0})
    assert max(rank, key=lambda n: rank[n]) == seed
    assert sum(rank.values()) <= 1.0 + 1e-9
    assert one(corpus, "shop.weather.forecast") not in rank
    assert personalised_pagerank(corpus, {}) == {}


def test_the_map_puts_what_is_used_first(corpus: Corpus) -> None:
    ranked = [corpus.full_name[s.node] for s in rank_symbols(corpus)]
    assert ranked[0] == "shop.money.Money"
    assert not any(name.startswith("tests") for name in ranked)
