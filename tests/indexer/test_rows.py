"""Where a name that is bound several times is defined."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphdb.queries.mentions import file_content, mentions_at
from graphdb.queries.names import resolve
from graphdb.registry import StoreSettings, open_reader
from indexer.pipeline import IndexRequest, run_index
from tests.indexer.indexes import SILENT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphdb.store import GraphReader

TEXT = """\
class Slotted:
    __slots__ = ("listed", "plain", "typed")

    def __init__(self, size):
        self.typed: int = 1
        self.plain = size

    def more(self):
        self.plain = 2


class Usual:
    late = None
    first: int

    def __init__(self):
        self.late: str = ""
        self.first = 1


class Lock:
    def __enter__(self): ...
    def __exit__(self, *args): ...


def use():
    with Lock():
        pass
"""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphReader]:
    root: Path = tmp_path_factory.mktemp("rows")
    (root / "m.py").write_text(TEXT)
    settings = StoreSettings("embedded", "rows", root / ".codexgraph")
    run_index(IndexRequest(root, settings, jobs=1, full=False), SILENT)
    found = open_reader(settings)
    yield found
    found.close()


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Slotted.typed", "        self.typed: int"),
        ("Slotted.plain", "        self.plain = size"),
        ("Slotted.listed", "    __slots__"),
        ("Usual.late", "        self.late: str"),
        ("Usual.first", "    first: int"),
    ],
)
def test_a_declared_type_defines_a_field_and_a_slot_only_lists_it(
    reader: GraphReader, name: str, place: str
) -> None:
    field = resolve(reader, name)
    line = TEXT.split("\n")[(field.name_line or 0) - 1]
    assert line.startswith(place)
    column = field.name_column or 0
    assert line[column : column + len(field.name)] == field.name


def test_what_stands_at_a_name_is_the_name(reader: GraphReader) -> None:
    """The call of `__enter__` has the whole expression as its site, and no name there."""
    line = TEXT.split("\n").index("    with Lock():") + 1
    content = file_content(reader, "m.py")
    assert [m.target.name for m in mentions_at(content, line, 9)] == ["Lock"]
    assert mentions_at(content, line, 14) == []
    implied = mentions_at(content, line, 14, are_implied=True)
    assert [m.target.name for m in implied] == ["__enter__", "__exit__"]
