"""What the embedded store logs beside its file: whole after a crash, and only with its graph."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from graphdb.delta import GraphDelta, NodeRef
from graphdb.registry import StoreSettings, open_reader, open_writer
from graphdb.schema import NodeKind
from graphdb.stores.embedded_log import MAX_WRITES
from graphdb.stores.embedded_names import GRAPH_FILE, log_path
from tests.contracts.conftest import content, load
from tests.fixtures import graphs

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def loaded(tmp_path: Path) -> StoreSettings:
    settings = StoreSettings(kind="embedded", repo="shop", index_dir=tmp_path / "index")
    load(settings, graphs.NODES, graphs.EDGES)
    return settings


def log_of(settings: StoreSettings) -> Path:
    return log_path(settings.index_dir / GRAPH_FILE)


def change(number: int) -> GraphDelta:
    """Adds a function and takes the one before away."""
    added = graphs.node(NodeKind.FUNCTION, "log.py", f"f{number}", code=f"def f{number}(): ↯\n")
    before = graphs.node(NodeKind.FUNCTION, "log.py", f"f{number - 1}")
    return GraphDelta(nodes=(added,), removed_nodes=(NodeRef(before.uid, before.kind),))


def write(settings: StoreSettings, *numbers: int) -> None:
    writer = open_writer(settings)
    for number in numbers:
        writer.apply(change(number), graphs.meta("shop", f"g{number}"))
    writer.close()


def generation(settings: StoreSettings) -> str:
    reader = open_reader(settings)
    try:
        return reader.meta().generation
    finally:
        reader.close()


def test_a_difference_leaves_the_graph_file_alone(loaded: StoreSettings) -> None:
    path = loaded.index_dir / GRAPH_FILE
    before = path.read_bytes()
    reader = open_reader(loaded)
    write(loaded, 1, 2)
    assert path.read_bytes() == before
    assert reader.meta().generation == "g2"
    text = "MATCH (n:FUNCTION) WHERE n.file_path = 'log.py' RETURN n.name, n.code"
    assert reader.query(text).rows == (("f2", "def f2(): ↯\n"),)
    writer = open_writer(loaded)
    found = writer.meta()
    assert found is not None
    assert found.generation == "g2"
    writer.close()
    reader.close()


def test_the_log_gives_the_graph_that_a_save_does(loaded: StoreSettings) -> None:
    several = tuple(range(1, MAX_WRITES + 1))
    write(loaded, *several)
    logged = content(open_reader(loaded))
    assert len(log_of(loaded).read_bytes().splitlines()) == 1 + MAX_WRITES
    writer = open_writer(loaded)
    # One write more, which changes nothing but the generation, and the graph is saved whole.
    writer.apply(GraphDelta(), graphs.meta("shop", f"g{MAX_WRITES}"))
    writer.close()
    assert not log_of(loaded).exists()
    assert content(open_reader(loaded)) == logged


def test_a_log_cut_at_any_byte_gives_whole_writes(loaded: StoreSettings) -> None:
    write(loaded, 1, 2)
    path = log_of(loaded)
    whole = path.read_bytes()
    ends = [i + 1 for i, byte in enumerate(whole) if byte == ord("\n")]
    assert len(ends) == 3
    lengths = {0, len(whole), *ends, *(end - 1 for end in ends), *range(1, len(whole), 97)}
    for length in sorted(lengths):
        path.write_bytes(whole[:length])
        expected = ["1", "1", "g1", "g2"][sum(end <= length for end in ends)]
        assert generation(loaded) == expected


def test_a_write_after_a_crash_follows_the_last_whole_one(loaded: StoreSettings) -> None:
    write(loaded, 1, 2)
    path = log_of(loaded)
    path.write_bytes(path.read_bytes()[:-20])
    assert generation(loaded) == "g1"
    write(loaded, 2, 3)
    assert generation(loaded) == "g3"
    assert len(path.read_bytes().splitlines()) == 4


def test_a_flipped_bit_ends_the_log(loaded: StoreSettings) -> None:
    write(loaded, 1, 2)
    path = log_of(loaded)
    data = bytearray(path.read_bytes())
    data[-40] ^= 4
    path.write_bytes(data)
    assert generation(loaded) == "g1"


def test_a_log_is_never_read_with_another_graph(loaded: StoreSettings, tmp_path: Path) -> None:
    write(loaded, 1)
    old = tmp_path / "old"
    shutil.copyfile(log_of(loaded), old)
    assert json.loads(old.read_bytes().splitlines()[0][9:]) == "1"
    load(loaded, graphs.NODES, graphs.EDGES, "next")
    assert not log_of(loaded).exists()
    expected = content(open_reader(loaded))
    # As after a kill between saving a graph and removing the log of the one before.
    shutil.copyfile(old, log_of(loaded))
    assert generation(loaded) == "next"
    assert content(open_reader(loaded)) == expected
    write(loaded, 2)
    assert generation(loaded) == "g2"
