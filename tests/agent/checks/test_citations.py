"""An answer in prose cites what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.checks.citations import CitationsCheck
from agent.draft import Draft, Status

if TYPE_CHECKING:
    from tests.agent.checks.conftest import Shop


def problems(shop: Shop, text: str, *, is_about_code: bool = True) -> list[str]:
    check = CitationsCheck(shop.reader, shop.root, is_about_code=is_about_code)
    return [problem.message for problem in check.run(Draft(text)).problems]


@pytest.mark.parametrize(
    "text",
    [
        "Totals are made in `shop.orders.Order.total` (shop/orders.py:31).",
        "See shop/orders.py:1, shop/orders.py:31-33 and `shop/orders.py:2`.",
        "`Order.total()` and `Order#total` and `Order::total` are one.",
        "It calls `requests.Session`, `os.path.join` and `self.items`.",
        "`order.total()` is called on whatever it is given; see `shop.orders`.",
        "In Java `shop.model.Order.total`, in src/shop/model/Order.java:14.",
        "See `shop/orders.py` and shop/orders.py:1; version 1.2:3 of http://host.com:80 is old.",
        "See shop/orders.py:1.\n```python\nfrom nowhere.at import all\n# gone/file.py:3\n```\n",
        "`java.util.List` is what shop/orders.py:1 has not.",
        "Call `BigOrder.total`, which it inherits.",
        "It is `shop.orders.Session.get` and `shop.built.table`.",
    ],
)
def test_what_is_there_passes(shop: Shop, text: str) -> None:
    assert problems(shop, text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See shop/order.py:3.", "shop/order.py:3: there is no file shop/order.py; did you mean"),
        ("See shop/orders.py:3000.", "shop/orders.py:3000: the file has "),
        ("See shop/orders.py:0.", "shop/orders.py:0: the file has "),
        ("See ../outside.py:1 there.", "outside.py:1: there is no file"),
        ("`Order.totl` does it.", "`Order.totl`: no symbol has that name; did you mean shop."),
        ("`shop.orders.Cart` does it.", "`shop.orders.Cart`: no symbol has that name"),
        ("`shop.orders.Cart.add` does it.", "`shop.orders.Cart.add`: no symbol has that name"),
        ("`self.nothing_of_it` does it.", "`self.nothing_of_it`: no symbol has that name"),
        ("`order.no_such_thing()` does it.", "`order.no_such_thing()`: no symbol has that name"),
        ("It is like that.", "the answer cites nothing"),
        ("It is in `Order`, somewhere.", "the answer cites nothing"),
    ],
)
def test_what_is_not_there_is_told(shop: Shop, text: str, expected: str) -> None:
    (found,) = problems(shop, text)
    assert expected in found


def test_an_answer_about_other_things_needs_no_citation(shop: Shop) -> None:
    assert problems(shop, "It is like that.", is_about_code=False) == []


def test_no_text_makes_it_raise(shop: Shop) -> None:
    hostile = (
        "`a" + ".b" * 90 + "` `'; MATCH (n) DETACH DELETE n` x\0.py:1 `\ud800.x` /etc/passwd:1"
    )
    check = CitationsCheck(shop.reader, shop.root)
    assert check.run(Draft(hostile)).status in (Status.FAILED, Status.SKIPPED)
