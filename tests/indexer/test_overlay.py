"""Texts laid over an index: their comments name each use that denotes nothing, and no other is.

`#: import a.b`, `#: name x` and `#: member m of p.C` in `tests/fixtures/overlay/drafts`; the first
line of a draft says where it would stand.
"""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from graphdb.registry import StoreSettings, open_reader
from indexer.missing import MissingKind, MissingUse
from indexer.overlay import Overlay
from indexer.pipeline import IndexRequest, run_index
from tests.indexer.indexes import SILENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.overlay import Analysis

FIXTURES = Path(__file__).parents[1] / "fixtures" / "overlay"
DRAFTS = sorted((FIXTURES / "drafts").iterdir())
_SAID = re.compile(r"(?:#|//): (import|name|member) (\S+)(?: of (\S+))?")


class Laid:
    """A repository with its index, and texts laid over it."""

    def __init__(self, root: Path, index_dir: Path) -> None:
        settings = StoreSettings("embedded", "overlay", index_dir)
        self.root = root
        self.request = IndexRequest(root, settings, jobs=1, full=False)
        run_index(self.request, SILENT)
        self.reader = open_reader(settings)
        self._overlay = Overlay(self.request)

    def analyse(self, path: str, text: str) -> Analysis:
        return self._overlay.analyse(self.reader, path, text)

    def missing(self, path: str, text: str) -> list[str]:
        return [use.name for use in self.analyse(path, text).missing]


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laid]:
    folder = tmp_path_factory.mktemp("overlay")
    for language in ("python", "java"):
        shutil.copytree(FIXTURES / language, folder / "repository", dirs_exist_ok=True)
    laid = Laid(folder / "repository", folder / "index")
    yield laid
    laid.reader.close()


def expected(text: str) -> list[MissingUse]:
    """What the comments of a draft say."""
    return [
        MissingUse(name, MissingKind(kind), number, owner)
        for number, line in enumerate(text.split("\n"), start=1)
        for kind, name, owner in [(m[1], m[2], m[3]) for m in [_SAID.search(line)] if m is not None]
    ]


@pytest.mark.parametrize("draft", DRAFTS, ids=lambda draft: draft.name)
def test_what_denotes_nothing_is_what_the_comments_name(laid: Laid, draft: Path) -> None:
    text = draft.read_text()
    path = text.partition("path: ")[2].partition("\n")[0]
    assert list(laid.analyse(path, text).missing) == expected(text)


@pytest.mark.parametrize("language", ["python", "java"])
def test_nothing_is_missing_in_the_files_as_they_are(laid: Laid, language: str) -> None:
    for file in sorted((FIXTURES / language).rglob("*.*")):
        path = file.relative_to(FIXTURES / language).as_posix()
        assert laid.missing(path, file.read_text()) in ([], ["shop.built"]), path


def test_symbols_stand_where_they_are_in_the_text(laid: Laid) -> None:
    text = "\n\nclass New:\n    x = 1\n\n    def run(self):\n        pass\n"
    found = laid.analyse("shop/new.py", text).symbols
    said = [(s.full_name, s.kind.value, s.start_line, s.end_line, s.name_column) for s in found]
    assert said == [
        ("shop.new", "MODULE", 1, 7, 0),
        ("shop.new.New", "CLASS", 3, 7, 6),
        ("shop.new.New.x", "FIELD", 4, 4, 4),
        ("shop.new.New.run", "METHOD", 6, 7, 8),
    ]


def test_uses_are_symbols_of_other_files_in_the_order_of_the_text(laid: Laid) -> None:
    text = (
        "from shop.orders import LIMIT, Order\n\n"
        "def mine(): ...\n\n"
        "def f():\n    mine()\n    return Order(LIMIT).total()\n"
    )
    found = [s.full_name for s in laid.analyse("shop/new.py", text).uses]
    assert found == [
        *("shop.orders", "shop.orders.LIMIT", "shop.orders.Order"),
        *("shop.orders.Order.__init__", "shop.orders.Order.total"),
    ]
    java = "package shop.util;\nclass New { int n = new shop.model.Order(1).total(); }\n"
    found = [s.full_name for s in laid.analyse("src/shop/util/New.java", java).uses]
    assert "shop.model.Order.total" in found


def test_a_changed_file_is_what_the_text_says(laid: Laid) -> None:
    text = (laid.root / "shop/orders.py").read_text()
    assert laid.missing("shop/orders.py", text.replace("return sum(", "return summ(")) == ["summ"]
    use = "from shop.orders import Order\nOrder(1).total()\n"
    assert laid.missing("shop/new.py", use) == []
    renamed = text.replace("def total", "def sum_up") + "\n\nOrder(1).total()\n"
    assert laid.missing("shop/orders.py", renamed) == ["total"]


def test_troubles_are_told_and_nothing_is_missing_around_them(laid: Laid) -> None:
    analysis = laid.analyse("shop/new.py", "def f(:\n    return undefined\n")
    assert [trouble.line for trouble in analysis.troubles] == [1]
    assert analysis.missing == ()


@pytest.mark.parametrize("path", ["README.md", "notes.txt", "no_suffix"])
def test_other_files_say_nothing(laid: Laid, path: str) -> None:
    assert laid.analyse(path, "undefined()") == laid.analyse(path, "")
    assert laid.analyse(path, "undefined()").symbols == ()


def test_any_text_is_analysed(laid: Laid) -> None:
    rng = random.Random(4)
    for draft in DRAFTS:
        text = draft.read_text()
        path = text.partition("path: ")[2].partition("\n")[0]
        for _ in range(15):
            start, length = rng.randrange(len(text)), rng.randrange(1, 80)
            extra = rng.choice(["", "(", "\ud800", "\x00", "class :", "\n    ", '"""'])
            cut = text[:start] + extra + text[start + length :]
            analysis = laid.analyse(path, cut)
            assert not (analysis.troubles and analysis.missing)
