"""Parse, imports and names: what an edit brings in, with what was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.checks.chosen import Means, checks_for
from agent.draft import Draft, Edit, Status

if TYPE_CHECKING:
    from agent.draft import CheckResult
    from tests.agent.checks.conftest import Shop

NEW = "shop/new.py"


def run(shop: Shop, name: str, edit: Edit) -> CheckResult:
    means = Means(shop.root, shop.reader, shop.analyst)
    (check,) = checks_for([name], means)
    return check.run(Draft("", (edit,)))


def said(result: CheckResult) -> list[str]:
    return [str(problem) for problem in result.problems]


def test_a_text_that_parses_passes(shop: Shop) -> None:
    result = run(shop, "parse", Edit(NEW, None, "def f():\n    return 1\n"))
    assert (result.status, result.problems, result.score) == (Status.PASSED, (), 1.0)


def test_a_text_that_does_not_parse_fails_at_its_line(shop: Shop) -> None:
    result = run(shop, "parse", Edit(NEW, None, "x = 1\n\ndef f(:\n    return 1\n"))
    assert result.status is Status.FAILED
    assert said(result) == ["shop/new.py:3: ')' is missing"]


def test_what_did_not_parse_before_is_not_charged(shop: Shop) -> None:
    broken = "def f(:\n    return 1\n\n\nx = 1\n"
    assert run(shop, "parse", Edit(NEW, broken, broken + "# why\n")).status is Status.PASSED


def test_what_did_not_parse_before_may_move(shop: Shop) -> None:
    broken = "def f(:\n    return 1\n\n\nx = 1\n"
    assert run(shop, "parse", Edit(NEW, broken, "# why\n" + broken)).status is Status.PASSED


def test_what_parses_worse_than_before_is_charged(shop: Shop) -> None:
    broken = "def f(:\n    return 1\n\n\nx = 1\n"
    worse = broken + "\n\nclass (:\n"
    assert run(shop, "parse", Edit(NEW, broken, worse)).status is Status.FAILED


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "imports",
            "from shop.orders import Ordr\n",
            "nothing can be imported as shop.orders.Ordr; did you mean ",
        ),
        (
            "imports",
            "from shop.order import LIMIT\n",
            "nothing can be imported as shop.order; did you mean ",
        ),
        (
            "imports",
            "from shop.dynamic import RED\nfrom shop.stars import BigOrdr\n",
            "nothing can be imported as shop.stars.BigOrdr; did you mean shop.orders.BigOrder",
        ),
        (
            "names",
            "def f():\n    return BigOrder(1)\n",
            "BigOrder is not defined and not imported; to import it: "
            "from shop.orders import BigOrder",
        ),
        (
            "names",
            "def f(amount):\n    return amuont\n",
            "amuont is not defined and not imported; did you mean amount",
        ),
        (
            "names",
            "from shop.orders import Order\nOrder(1).totals()\n",
            "shop.orders.Order has no member totals; did you mean total",
        ),
        (
            "names",
            "class A:\n    def close(self): ...\n\n    def f(self):\n        self.closed()\n",
            "shop.new.A has no member closed; did you mean close?",
        ),
        (
            "names",
            "import shop.orders\nshop.orders.LIMITS\n",
            "shop.orders has no member LIMITS; did you mean LIMIT",
        ),
    ],
)
def test_problems_say_what_was_meant(shop: Shop, name: str, text: str, expected: str) -> None:
    result = run(shop, name, Edit(NEW, None, text))
    assert result.status is Status.FAILED
    assert [p.message for p in result.problems if p.message.startswith(expected)]
    assert all(problem.path == NEW and problem.line for problem in result.problems)


def test_java_names_come_with_their_import(shop: Shop) -> None:
    text = "package shop.util;\n\nclass New {\n    Order order;\n}\n"
    result = run(shop, "names", Edit("src/shop/util/New.java", None, text))
    assert said(result) == [
        "src/shop/util/New.java:4: Order is not defined and not imported; "
        "to import it: import shop.model.Order;"
    ]


def test_what_was_missing_before_is_not_charged(shop: Shop) -> None:
    before = shop.text("shop/uses_built.py")
    edit = Edit("shop/uses_built.py", before + "gone\n", before + "\n\nx = gone\ny = lost\n")
    assert said(run(shop, "names", edit)) == [
        "shop/uses_built.py:5: lost is not defined and not imported"
    ]
    assert run(shop, "imports", edit).status is Status.PASSED


@pytest.mark.parametrize("name", ["parse", "imports", "names", "same_signature"])
def test_files_of_other_languages_pass(shop: Shop, name: str) -> None:
    assert run(shop, name, Edit("notes.md", None, "# (\n")).status is Status.PASSED


@pytest.mark.parametrize("name", ["parse", "imports", "names", "same_signature"])
def test_without_an_analyst_they_are_skipped(shop: Shop, name: str) -> None:
    (check,) = checks_for([name], Means(shop.root))
    result = check.run(Draft("", (Edit(NEW, None, "x"),)))
    assert (result.status, result.reason) == (
        Status.SKIPPED,
        "texts cannot be read here: nothing is indexed",
    )


def test_a_draft_of_prose_is_skipped(shop: Shop) -> None:
    (check,) = checks_for(["parse"], Means(shop.root, shop.reader, shop.analyst))
    assert check.run(Draft("words")).reason == "the draft changes no file"
