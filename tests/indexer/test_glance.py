"""What an index tells without its graph is what its graph tells."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from graphdb.queries.mentions import file_content
from graphdb.registry import StoreSettings, open_reader
from indexer.glance import Glance
from indexer.state import state_paths
from tests.indexer.indexes import REPO, index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphdb.symbols import Symbol

FILES = {
    "pkg/__init__.py": "from pkg.base import Base as Base\n",
    "pkg/base.py": "import os\n\n\ndef deco(f): return f\n\n\nclass Base:\n    kind = 1\n",
    "odd:name.py": "def odd(): pass\n",
    "pkg/child.py": (
        "from pkg import Base, base\n\n\n@base.deco\nclass Child(Base):\n"
        "    kind: int = Base.kind\n    def go(self): return self.kind, self.go(), base.os.sep\n"
        "\n\nclass Child(Base):\n    pass\n"
    ),
    "Use.java": "class Use { int n; int get() { return n; } Use make() { return new Use(); } }",
}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        file = tmp_path / "repository" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    index(tmp_path / "repository", tmp_path / "index")
    [state] = state_paths(tmp_path / "index", REPO)
    return state


@pytest.fixture
def glance(state: Path) -> Iterator[Glance]:
    with closing(Glance(state)) as glance:
        yield glance


def _placed(symbol: Symbol) -> Symbol:
    """What a glance tells of a symbol."""
    return replace(symbol, labels=(), signature=None, docstring=None)


def test_every_place_is_as_in_the_graph(state: Path, glance: Glance) -> None:
    reader = open_reader(StoreSettings("embedded", REPO, state.parent))
    count = 0
    for path in FILES:
        known = file_content(reader, path)
        mentions = [replace(m, target=_placed(m.target)) for m in known.mentions]
        found = glance.content(path)
        assert found.content_hash == known.content_hash == glance.content_hash(path)
        assert found.symbols == tuple(map(_placed, known.symbols))
        assert list(found.mentions) == mentions
        for line in range(1, FILES[path].count("\n") + 2):
            one = glance.content(path, line).mentions
            assert list(one) == [m for m in mentions if m.site.line == line]
        count += len(mentions)
    assert count > 15
    assert sorted(glance.paths) == sorted(FILES)
    reader.close()


def test_a_file_that_is_not_known_has_nothing(glance: Glance) -> None:
    content = glance.content("pkg/none.py", 1)
    assert (content.content_hash, content.symbols, content.mentions) == (None, (), ())
    assert glance.content_hash("pkg/none.py") is None


def test_a_state_that_was_replaced_can_still_be_read(state: Path, glance: Glance) -> None:
    before = glance.content("pkg/child.py")
    state.unlink()
    assert glance.content("pkg/child.py") == before


def test_a_damaged_state_says_so(state: Path) -> None:
    data = state.read_bytes()
    for damaged in (b"", data[:40], b"x" + data[1:], data[:60] + b"\0" + data[61:]):
        state.write_bytes(damaged)
        with pytest.raises(ValueError, match="no state of this version"):
            Glance(state)
    # The header is whole, what follows is not.
    for damaged, reason in (
        (data[:-200], "cut short"),
        (data[:-200] + b"\0" * 200, "not what was packed"),
    ):
        state.write_bytes(damaged)
        with closing(Glance(state)) as glance, pytest.raises(ValueError, match=reason):
            _ = [glance.content(path) for path in FILES]
