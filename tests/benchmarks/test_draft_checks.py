"""The drafts that `bench checks` makes, and that its shares are those of a check it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.draft_checks import DraftsRequest, run
from benchmarks.renames import Use, choose, places, renamed
from tests.agent.checks.conftest import shop  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from pathlib import Path

    from tests.agent.checks.conftest import Shop

PYTHON = '''\
"""A name in a string: orders.total()"""
from shop.orders import Order as O, LIMIT
import json


def main(order, *, limit=LIMIT):
    value = order.items  # order.comment
    return len(json.dumps(value)), O(1)
'''
JAVA = """\
package shop;

import java.util.List;
import static shop.util.Texts.trim;

/** Not this.total() here. */
class A extends Base<List<String>> {
    int size(java.util.Map<String, A> by) {
        String text = "new Wrong().call()" + trim(" ");
        A a = new A();
        return a.own().size() + by.get(text).own + this.size(by);
    }
}
"""


def named(path: str, text: str) -> dict[Use, list[str]]:
    found: dict[Use, list[str]] = {}
    for place in places(path, text):
        line = text.split("\n")[place.line - 1]
        found.setdefault(place.use, []).append(line[place.column : place.column + place.length])
    return {use: sorted(names) for use, names in found.items()}


def test_names_of_python_by_their_use() -> None:
    assert named("a.py", PYTHON) == {
        Use.IMPORT: ["LIMIT", "Order"],
        Use.CALL: ["O", "len"],
        Use.NAME: ["LIMIT", "json", "order", "value"],
        Use.METHOD: ["dumps"],
        Use.ATTRIBUTE: ["items"],
    }


def test_names_of_java_by_their_use() -> None:
    assert named("A.java", JAVA) == {
        Use.IMPORT: ["List", "trim"],
        Use.CALL: ["trim"],
        Use.NAME: ["A", "Base"],
        Use.METHOD: ["get", "own", "size", "size"],
        Use.ATTRIBUTE: ["own"],
    }


@pytest.mark.parametrize(("path", "text"), [("a.py", PYTHON), ("A.java", JAVA)])
def test_one_name_is_changed(path: str, text: str) -> None:
    chosen = choose(path, text, seed=3)
    assert chosen == choose(path, text, seed=3)
    assert len({place.use for place in chosen}) == len(chosen) == len(Use)
    for place in chosen:
        changed = renamed(text, place)
        assert len(changed) == len(text) + 2
        assert changed.replace("Qx", "") == text


def test_a_text_that_does_not_parse_has_none() -> None:
    assert places("a.py", "def f(:\n") == []


def test_shares_of_a_small_repository(shop: Shop) -> None:  # noqa: F811
    result = run(DraftsRequest(shop.root), shop.reader, shop.analyst)
    assert result["n"] == len([*shop.root.rglob("*.py"), *shop.root.rglob("*.java")])
    assert result["alarms"] == ["shop/uses_built.py:1: nothing can be imported as shop.built"]
    changes = result["metrics"]["changes"]
    assert changes["import"]["resolved_told"] == 1.0
    assert changes["called name"]["told"] == 1.0
    assert all(row["n"] >= row["resolved"] for row in changes.values())


def test_a_sample_is_drawn_by_its_seed(shop: Shop, tmp_path: Path) -> None:  # noqa: F811
    request = DraftsRequest(shop.root, files=3, seed=5)
    first, second = (run(request, shop.reader, shop.analyst) for _ in range(2))
    assert first["n"] == 3
    assert first["metrics"]["changes"] == second["metrics"]["changes"]
