"""The embedded store's files, processes and threads."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from graphdb.delta import GraphDelta
from graphdb.errors import IndexLockedError, NoIndexError, QueryError, StoreError
from graphdb.registry import StoreSettings, open_reader, open_writer
from graphdb.schema import INDEXED_PROPERTIES, EdgeKind, NodeKind
from graphdb.stores.embedded_file import sweep_spills
from graphdb.stores.embedded_names import GRAPH_FILE, LOCK_FILE
from tests.contracts.conftest import content, load
from tests.fixtures import graphs

ROOT = Path(__file__).resolve().parents[2]
KILLS = 24


@pytest.fixture
def settings(tmp_path: Path) -> StoreSettings:
    return StoreSettings(kind="embedded", repo="shop", index_dir=tmp_path / "new" / "index")


@pytest.fixture
def loaded(settings: StoreSettings) -> StoreSettings:
    load(settings, graphs.NODES, graphs.EDGES)
    return settings


def graph_file(settings: StoreSettings) -> Path:
    return settings.index_dir / GRAPH_FILE


def files(settings: StoreSettings) -> set[str]:
    return {path.name for path in settings.index_dir.iterdir()}


def run_child(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_an_index_folder_holds_the_graph_and_hides_from_git(loaded: StoreSettings) -> None:
    assert files(loaded) == {GRAPH_FILE, LOCK_FILE, ".gitignore"}
    assert (loaded.index_dir / ".gitignore").read_text() == "*\n"


def test_reading_makes_no_folder(settings: StoreSettings) -> None:
    with pytest.raises(NoIndexError, match="run codexgraph index"):
        open_reader(settings)
    assert not settings.index_dir.exists()


def test_a_replaced_file_is_read_again(loaded: StoreSettings) -> None:
    reader = open_reader(loaded)
    assert reader.counts().nodes["CLASS"] == 4
    assert reader.search_text("RATE")
    load(loaded, (graphs.BASE,), (), "2")
    assert reader.meta().generation == "2"
    assert reader.counts().nodes == {"CLASS": 1}
    assert reader.search_text("RATE") == []
    graph_file(loaded).unlink()
    with pytest.raises(NoIndexError):
        reader.query("RETURN 1")
    load(loaded, graphs.NODES, graphs.EDGES, "3")
    assert reader.counts().nodes["CLASS"] == 4
    reader.close()


def damages(path: Path) -> list[bytes]:
    whole = path.read_bytes()
    rng = random.Random(5)
    cut = [whole[:length] for length in (0, 1, 100, len(whole) // 2, len(whole) - 1)]
    flipped: list[bytes] = []
    for _ in range(40):
        damaged = bytearray(whole)
        damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
        flipped.append(bytes(damaged))
    return [*cut, b"junk" * 1000, *flipped]


def test_a_damaged_file_is_one_line_and_can_be_replaced(loaded: StoreSettings) -> None:
    path = graph_file(loaded)
    for damaged in damages(path):
        path.write_bytes(damaged)
        with pytest.raises(StoreError, match="run codexgraph index --full") as caught:
            open_reader(loaded)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
    writer = open_writer(loaded)
    assert writer.meta() is None
    assert writer.counts().nodes == {}
    with pytest.raises(StoreError, match="--full"):
        writer.apply(GraphDelta(), graphs.meta("shop"))
    writer.replace(graphs.NODES, graphs.EDGES, graphs.meta("shop"))
    writer.close()
    open_reader(loaded).close()


def test_a_reader_keeps_its_graph_while_the_file_is_damaged_under_it(loaded: StoreSettings) -> None:
    reader = open_reader(loaded)
    path = graph_file(loaded)
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(StoreError, match="damaged"):
        reader.query("MATCH (n) RETURN n.code")
    load(loaded, graphs.NODES, graphs.EDGES)
    assert reader.query("MATCH (n:CLASS) RETURN count(n)").rows == ((4,),)


def test_the_lock_names_its_process_and_ends_with_it(loaded: StoreSettings) -> None:
    code = (
        "import sys, time, pathlib\n"
        "from graphdb.registry import StoreSettings, open_writer\n"
        "writer = open_writer(StoreSettings('embedded', 'shop', pathlib.Path(sys.argv[1])))\n"
        "print('open', flush=True)\n"
        "time.sleep(60)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(loaded.index_dir)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    with child, child.stdout:
        assert child.stdout.readline() == b"open\n"
        with pytest.raises(IndexLockedError) as caught:
            open_writer(loaded)
        assert str(caught.value) == (
            f"{loaded.index_dir} is being written by process {child.pid}: wait for it or stop it"
        )
        assert open_reader(loaded).counts().nodes["CLASS"] == 4
        child.kill()
    open_writer(loaded).close()


def test_what_a_killed_save_left_is_removed(loaded: StoreSettings) -> None:
    (loaded.index_dir / f"{GRAPH_FILE}.tmp.123.1").write_bytes(b"half")
    open_writer(loaded).close()
    assert files(loaded) == {GRAPH_FILE, LOCK_FILE, ".gitignore"}


FULL_DISK = """
import pathlib, resource, signal, sys
from graphdb.delta import GraphDelta
from graphdb.errors import StoreError
from graphdb.registry import StoreSettings, open_writer
from tests.fixtures import graphs

writer = open_writer(StoreSettings("embedded", "shop", pathlib.Path(sys.argv[1])))
many = tuple(
    graphs.node(graphs.NodeKind.FUNCTION, "many.py", f"f{n}", code=str(n) * 50) for n in range(2000)
)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
meta = graphs.meta("shop", "2")
delta = GraphDelta(many)
for attempt in (lambda: writer.replace(many, (), meta), lambda: writer.apply(delta, meta)):
    try:
        attempt()
    except StoreError as error:
        print(error)
assert writer.meta() == graphs.meta("shop"), writer.meta()
"""


def test_a_full_disk_leaves_the_old_graph(loaded: StoreSettings) -> None:
    before = content(open_reader(loaded))
    child = run_child(FULL_DISK, str(loaded.index_dir))
    assert child.returncode == 0, child.stderr
    lines = child.stdout.splitlines()
    assert len(lines) == 2
    for line, path in zip(lines, (graph_file(loaded), f"{graph_file(loaded)}.log"), strict=True):
        assert line.startswith(f"{path} cannot be written (File too large)")
        assert line.endswith(": free some space")
    assert files(loaded) == {GRAPH_FILE, LOCK_FILE, ".gitignore"}
    assert content(open_reader(loaded)) == before


READ_ONLY = """
import os, pathlib, sys
from graphdb.errors import StoreError
from graphdb.registry import StoreSettings
from graphdb.stores.embedded import open_reader, open_writer

if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
settings = StoreSettings("embedded", "shop", pathlib.Path(sys.argv[1]))
print(open_reader(settings).counts().nodes["CLASS"])
try:
    open_writer(settings)
except StoreError as error:
    print(error)
"""


def test_a_read_only_folder_can_be_read_but_not_written() -> None:
    with tempfile.TemporaryDirectory() as outer:
        Path(outer).chmod(0o755)
        settings = StoreSettings("embedded", "shop", Path(outer) / "index")
        load(settings, graphs.NODES, graphs.EDGES)
        settings.index_dir.chmod(0o555)
        (settings.index_dir / LOCK_FILE).chmod(0o444)
        child = run_child(READ_ONLY, str(settings.index_dir))
        settings.index_dir.chmod(0o755)
    assert child.returncode == 0, child.stderr
    assert child.stdout.splitlines() == [
        "4",
        f"{settings.index_dir} cannot be written (Permission denied): "
        "check the permissions or choose another index folder",
    ]


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings = StoreSettings("embedded", "shop", tmp_path / "file" / "index")
    with pytest.raises(StoreError, match="Not a directory"):
        open_writer(settings)


WRITES_FOREVER = """
import pathlib, sys
from graphdb.delta import GraphDelta
from graphdb.registry import StoreSettings, open_writer
from tests.fixtures import graphs

writer = open_writer(StoreSettings("embedded", "shop", pathlib.Path(sys.argv[1])))
meta = writer.meta()
count = int(meta.generation) if meta else 0

def function(number):
    return graphs.node(graphs.NodeKind.FUNCTION, "many.py", f"f{number}", code=str(number) * 200)

def call(number):
    return graphs.edge(function(number), graphs.EdgeKind.CALLS, function(number - 1), count=number)

while True:
    count += 1
    meta = graphs.meta("shop", str(count))
    if count % 7 == 1:
        rows = range(1, count + 1)
        writer.replace(map(function, rows), map(call, rows[1:]), meta)
    else:
        writer.apply(GraphDelta((function(count),), (call(count),)), meta)
    print(count, flush=True)
"""


@pytest.mark.slow
def test_kill_at_any_moment_leaves_the_old_or_the_new_graph(settings: StoreSettings) -> None:
    rng = random.Random(11)
    seen = 0
    for _ in range(KILLS):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITES_FOREVER, str(settings.index_dir)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        first = child.stdout.readline()
        assert first, "the child could not write"
        time.sleep(rng.uniform(0, 0.08))
        child.send_signal(signal.SIGKILL)
        said = [int(line) for line in (first + child.stdout.read()).split()]
        child.stdout.close()
        child.wait()
        reader = open_reader(settings)
        generation = int(reader.meta().generation)
        counts = reader.counts()
        reader.close()
        assert said[0] > seen
        assert generation in (said[-1], said[-1] + 1)
        assert counts.nodes == {"FUNCTION": generation}
        assert counts.edges.get("CALLS", 0) == generation - 1
        seen = generation


def test_threads_share_a_reader_while_the_graph_is_replaced(loaded: StoreSettings) -> None:
    reader = open_reader(loaded)
    done = threading.Event()

    def ask() -> int:
        asked = 0
        while not done.is_set():
            result = reader.query(
                "MATCH (c:CLASS)-[:HAS_METHOD]->(m) WITH count(m) AS edges "
                "MATCH (r:REPOSITORY) RETURN r.generation, edges"
            )
            assert result.rows in ((("1", 7),), (("2", 2),))
            assert reader.search_text("save")
            asked += 1
        return asked

    small = (graphs.BASE, graphs.BASE_INIT, graphs.BASE_SAVE)
    two = tuple(graphs.edge(graphs.BASE, EdgeKind.HAS_METHOD, method) for method in small[1:])
    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask) for _ in range(4)]
        for _ in range(5):
            load(loaded, small, two, "2")
            load(loaded, graphs.NODES, graphs.EDGES, "1")
        done.set()
        assert all(future.result() > 0 for future in asking)
    reader.close()


def test_threads_find_the_same_text(loaded: StoreSettings) -> None:
    reader = open_reader(loaded)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: reader.search_text("price"), range(32)))
    assert all(hits == found[0] for hits in found)
    assert found[0]
    reader.close()


def test_spills_of_dead_processes_are_swept(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    names = {
        "dead": f"kglite_portable_{gone.pid}_18ea90a1f6e648f2",
        "living": f"kglite_portable_{os.getpid()}_18ea90a1f6e648f2",
        "young": f"kglite_portable_{gone.pid}_00",
        "other": "kglite_portable_x",
    }
    for name in names.values():
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (0, 0))
    os.utime(tmp_path / names["young"])
    sweep_spills(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(names.values()) - {names["dead"]}


def test_look_ups_do_not_scan(settings: StoreSettings) -> None:
    """Twenty times the nodes must not make an indexed look-up much slower."""

    def seconds(count: int) -> dict[str, float]:
        nodes = tuple(
            graphs.node(NodeKind.METHOD, f"f{n % (count // 10)}.py", f"C.m{n}", code="x" * 40)
            for n in range(count)
        )
        load(settings, nodes, ())
        reader = open_reader(settings)
        middle = nodes[count // 2]
        wanted = {"uid": middle.uid, **{p: middle.properties[p] for p in INDEXED_PROPERTIES}}
        best: dict[str, float] = {}
        for name, value in wanted.items():
            text = f"MATCH (n:METHOD {{repo: $repo, {name}: $value}}) RETURN n.uid"
            runs = [reader.query(text, {"value": value}) for _ in range(20)]
            assert runs[0].rows
            best[name] = min(run.seconds for run in runs)
        reader.close()
        return best

    small, large = seconds(1_000), seconds(20_000)
    assert {name for name in small if large[name] > 5 * small[name] + 0.0002} == set()


def test_a_wide_query_is_stopped_before_it_eats_the_memory(settings: StoreSettings) -> None:
    nodes = tuple(graphs.node(NodeKind.METHOD, "f.py", f"C.m{n}") for n in range(3_000))
    load(settings, nodes, ())
    reader = open_reader(settings)
    with pytest.raises(QueryError, match="2,000,000 rows"):
        reader.query("MATCH (a:METHOD), (b:METHOD) RETURN collect(a.name + b.name)", timeout_s=60)
    reader.close()
