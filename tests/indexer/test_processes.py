"""Several processes at one index, and processes that are stopped in the middle."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codexgraph.cli import main
from tests.indexer.editor import Editor
from tests.indexer.indexes import REPO, differences, fresh_graph, graph, index

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parents[2]
INDEX = ".codexgraph"
KILLS, MAX_STARTS = 52, 160
LOCKED, NO_INDEX, INTERRUPTED = 2, 3, 130
ENOUGH_FOR_WORKERS = 240


class Commands:
    """Runs the command on a repository, as a process of its own or in this one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.index_dir = root / INDEX
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CODEXGRAPH_", "GIT_"))}
        self._environment = {**kept, "PYTHONPATH": str(PROJECT), "XDG_CONFIG_HOME": "/nonexistent"}
        self._started: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command in a session of its own, so that its workers can be told."""
        process = subprocess.Popen(
            [sys.executable, "-m", "codexgraph", *arguments],
            cwd=self.root,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._started.append(process)
        return process

    def start_writing(self, *arguments: str) -> subprocess.Popen[str]:
        """Start it and return when it holds the writer lease: its number is in the lock file."""
        process = self.start(*arguments)
        lock = self.index_dir / "lock"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            if lock.exists() and lock.read_text().strip() == str(process.pid):
                break
            time.sleep(0.001)
        return process

    def here(self, *arguments: str) -> tuple[int, str, str]:
        """Run it in this process."""
        out, err = io.StringIO(), io.StringIO()
        with (
            contextlib.chdir(self.root),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = main(arguments)
        return code, out.getvalue(), err.getvalue()

    def close(self) -> None:
        for process in self._started:
            if process.poll() is None:
                process.kill()
            process.communicate()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / REPO


@pytest.fixture
def commands(root: Path) -> Iterator[Commands]:
    root.mkdir()
    commands = Commands(root)
    yield commands
    commands.close()


def _many_files(root: Path) -> None:
    """So many files that the work goes to worker processes."""
    for number in range(ENOUGH_FOR_WORKERS):
        folder = root / f"part{number % 8}"
        folder.mkdir(exist_ok=True)
        text = "".join(f"def f{n}(x):\n    return f{n}(x).g(x)\n" for n in range(20))
        (folder / f"m{number}.py").write_text(text)


def _is_usable(commands: Commands, *, was_indexed: bool) -> None:
    """The store opens and answers, or says that there is none where there never was one."""
    code, out, err = commands.here("query", "MATCH (f:FILE) RETURN count(f) AS n", "--json")
    status, text, _ = commands.here("status", "--json")
    if code == NO_INDEX and not was_indexed:
        assert status == NO_INDEX
        return
    assert (code, status) == (0, 0), err
    answer: Any = json.loads(out)
    assert answer["result"]["rows"] == [[json.loads(text)["index"]["files"]]]


def _no_process_left(session: int) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            os.killpg(session, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    pytest.fail("worker processes outlive the command")


def test_two_at_once(commands: Commands, root: Path) -> None:
    Editor(root, random.Random(1)).start()
    first = commands.start_writing("index", "-q")
    os.kill(first.pid, signal.SIGSTOP)
    second = commands.start("index", "-q")
    out, err = second.communicate(timeout=60)
    os.kill(first.pid, signal.SIGCONT)
    assert (second.returncode, out) == (LOCKED, "")
    assert err.count("\n") == 1
    assert str(first.pid) in err
    first.communicate(timeout=60)
    assert first.returncode == 0
    _is_usable(commands, was_indexed=True)


def test_a_reader_beside_a_writer(commands: Commands, root: Path) -> None:
    editor = Editor(root, random.Random(2))
    editor.start()
    index(root, root / INDEX)
    editor.put("more.py", ["def more(): pass"])
    writer = commands.start_writing("index", "-q")
    os.kill(writer.pid, signal.SIGSTOP)
    _is_usable(commands, was_indexed=True)
    os.kill(writer.pid, signal.SIGCONT)
    writer.communicate(timeout=60)
    assert writer.returncode == 0


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_kills_at_random_moments(commands: Commands, root: Path, tmp_path: Path) -> None:
    rng = random.Random(3)
    editor = Editor(root, rng)
    editor.start()
    kills, was_indexed = 0, False
    for _ in range(MAX_STARTS):
        for _ in range(rng.randint(1, 3)):
            editor.edit()
        more = ["--full"] if rng.random() < 0.4 else []
        process = commands.start_writing("index", "-q", "--jobs", "1", *more)
        time.sleep(rng.uniform(0, 0.15))
        process.kill()
        process.communicate()
        kills += process.returncode == -signal.SIGKILL
        was_indexed |= process.returncode == 0
        _is_usable(commands, was_indexed=was_indexed)
        if rng.random() < 0.3:
            index(root, root / INDEX)
            was_indexed = True
            assert not differences(graph(root / INDEX), fresh_graph(root, tmp_path / "fresh"))
        if kills >= KILLS:
            break
    assert kills >= KILLS
    assert commands.here("index", "-q")[0] == 0
    assert not differences(graph(root / INDEX), fresh_graph(root, tmp_path / "fresh"))
    left = {path.name for path in (root / INDEX).iterdir()} - {"graph.kgl.log"}
    assert {name.partition("-")[0] for name in left} == {".gitignore", "graph.kgl", "lock", "state"}
    assert len(left) == 4


@pytest.mark.slow
def test_workers_end_with_a_killed_command(commands: Commands, root: Path) -> None:
    _many_files(root)
    rng = random.Random(4)
    for _ in range(6):
        process = commands.start_writing("index", "-q", "--full", "--jobs", "2")
        time.sleep(rng.uniform(0, 0.4))
        process.kill()
        process.communicate()
        _no_process_left(process.pid)
    assert commands.here("index", "-q")[0] == 0


@pytest.mark.slow
def test_ctrl_c(commands: Commands, root: Path) -> None:
    _many_files(root)
    interrupted = 0
    for delay in (0.0, 0.02, 0.05, 0.1, 0.2, 0.3):
        process = commands.start_writing("index", "-q", "--full", "--jobs", "2")
        time.sleep(delay)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
        _, err = process.communicate(timeout=60)
        _no_process_left(process.pid)
        assert process.returncode in {0, INTERRUPTED}, err
        if process.returncode == INTERRUPTED:
            interrupted += 1
            assert err.count("\n") == 1
            assert err.startswith("interrupted")
    assert interrupted
    assert commands.here("index", "-q")[0] == 0
    _is_usable(commands, was_indexed=True)
