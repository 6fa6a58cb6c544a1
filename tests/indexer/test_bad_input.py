"""Files and disks that are not as they should be: one clear line or a report row each."""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import os
import random
import resource
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codexgraph.cli import main
from graphdb.registry import StoreSettings
from indexer.pipeline import IndexRequest, run_index
from tests.indexer.editor import Editor
from tests.indexer.indexes import REPO, SILENT, differences, fresh_graph, graph, index

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.report import IndexReport

PROJECT = Path(__file__).resolve().parents[2]
NOTHING, USAGE, NO_INDEX, STORE = 1, 2, 3, 4
_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 24, 1, 2
GOOD = "def good():\n    return 1\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / REPO
    root.mkdir()
    (root / "good.py").write_text(GOOD)
    return root


@pytest.fixture
def index_dir(tmp_path: Path) -> Path:
    return tmp_path / "index"


def _here(root: Path, *arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(root), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(arguments)
    return code, out.getvalue(), err.getvalue()


def _as_user(
    root: Path, *arguments: str, before: Callable[[], None] | None = None
) -> tuple[int, str, str]:
    """Run the command as a process; `before` runs in it first, to give up rights."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CODEXGRAPH_")}
    done = subprocess.run(
        [sys.executable, "-m", "codexgraph", *arguments],
        cwd=root,
        env={**kept, "PYTHONPATH": str(PROJECT), "XDG_CONFIG_HOME": "/nonexistent"},
        preexec_fn=before,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def _kinds(report: IndexReport) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for problem in report.problems:
        found.setdefault(problem.file_path, set()).add(problem.kind)
        assert "\n" not in problem.message
    return found


def _names(index_dir: Path) -> set[str]:
    return {n["name"] for n in graph(index_dir)[0].values() if n["_labels"][0] == "FUNCTION"}


# Texts


@pytest.mark.parametrize(
    ("data", "kinds"),
    [
        (bytes(range(256)) * 40, {"binary"}),
        ("x = 'caf\u00e9'\ndef found(): pass\n".encode("latin-1"), {"encoding"}),
        ("def found(): pass\n".encode("utf-16"), set[str]()),
        (b"# -*- coding: latin-1 -*-\nx = '\xe9'\ndef found(): pass\n", set[str]()),
        (b"\xef\xbb\xbfdef found(): pass\n", set[str]()),
        (b"def found():\r\n    return 1\r\n", set[str]()),
        (b"def found():\r    return 1\r", set[str]()),
        (b"def found():\n\tif x:\n\t\treturn 1\n", set[str]()),
        (b"def found(): pass\nclass (\n", {"syntax"}),
        (b"def found(): pass\nx = " + b"(" * 5000 + b")" * 5000, set[str]()),
        (b"def found(): pass\nx = " + b"(" * 5000, {"syntax"}),
        (b"def found(): pass\nx = " + b"-" * 5000 + b"1\n", set[str]()),
        (b"def found(): pass\nx = y" + b".z" * 1000 + b"()\n", set[str]()),
        (b"def found(): pass\nx = y" + b"()" * 1000 + b"\n", set[str]()),
        (b"def found(): pass\nx = " + b" + ".join([b"1"] * 5000) + b"\n", set[str]()),
        (b"def found(): pass\nx = " + b"[" * 3000 + b"]" * 3000, set[str]()),
        (b"def found(): pass\n" + b"".join(b" " * n + b"if x:\n" for n in range(200)), set[str]()),
        (b"", set[str]()),
        (b"\n" * 1000, set[str]()),
    ],
    ids=lambda value: str(value[:24]) if isinstance(value, bytes) else "",
)
def test_texts(root: Path, index_dir: Path, data: bytes, kinds: set[str]) -> None:
    (root / "bad.py").write_bytes(data)
    report = index(root, index_dir)
    kinds_found = _kinds(report).get("bad.py", set())
    assert kinds_found >= kinds
    assert kinds or not kinds_found
    assert report.files == 2
    names = _names(index_dir)
    assert "good" in names
    assert ("found" in names) == (b"found" in data.replace(b"\0", b""))


def test_problems_stay_until_they_are_mended(root: Path, index_dir: Path) -> None:
    (root / "bad.py").write_text("class (\n")
    assert _kinds(index(root, index_dir)) == {"bad.py": {"syntax"}}
    assert _kinds(index(root, index_dir)) == {"bad.py": {"syntax"}}
    (root / "good.py").write_text(GOOD + "x = 1\n")
    assert _kinds(index(root, index_dir)) == {"bad.py": {"syntax"}}
    (root / "bad.py").write_text("class A: pass\n")
    assert _kinds(index(root, index_dir)) == {}


def test_a_huge_file(root: Path, index_dir: Path) -> None:
    line = b"values = [" + b"1, " * 300 + b"]\n"
    count = 50_000_000 // len(line)
    (root / "huge.py").write_bytes(line * count + b"def last(): pass\n")
    report = index(root, index_dir)
    assert [(row.path, row.reason.value) for row in report.left_out] == [("huge.py", "too-large")]
    assert _names(index_dir) == {"good"}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_huge_file_within_the_limit(root: Path, index_dir: Path) -> None:
    (root / "huge.py").write_bytes(
        b"#" * 79 + b"\n" + (b'"""' + b"text " * 10_000 + b'"""\n') * 1000 + b"def last(): pass\n"
    )
    assert (root / "huge.py").stat().st_size > 50_000_000
    report = index(root, index_dir, max_file_bytes=100_000_000)
    assert report.left_out == ()
    assert _names(index_dir) == {"good", "last"}


# Folders


def test_links(root: Path, index_dir: Path) -> None:
    (root / "loop").symlink_to(root, target_is_directory=True)
    (root / "self.py").symlink_to("self.py")
    (root / "gone.py").symlink_to("nowhere.py")
    report = index(root, index_dir)
    assert {row.path.rstrip("/") for row in report.left_out} == {"loop", "self.py", "gone.py"}
    assert report.files == 1


def test_special_files(root: Path, index_dir: Path) -> None:
    os.mkfifo(root / "pipe.py")
    (root / "folder.py").mkdir()
    report = index(root, index_dir)
    assert [(row.path, row.reason.value) for row in report.left_out] == [("pipe.py", "not-a-file")]


def _obey_permissions() -> None:
    """Root may open everything; without these capabilities it is like any other user."""
    for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
        ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)


def test_unreadable_file_and_folder(root: Path) -> None:
    (root / "secret.py").write_text(GOOD)
    (root / "secret.py").chmod(0)
    (root / "closed").mkdir()
    (root / "closed" / "inner.py").write_text(GOOD)
    (root / "closed").chmod(0)
    try:
        code, out, err = _as_user(root, "index", "-q", "--json", before=_obey_permissions)
    finally:
        (root / "closed").chmod(0o700)
    assert code == 0, err
    left_out: Any = json.loads(out)["result"]["left_out"]
    rows = {row["path"].rstrip("/"): row["reason"] for row in left_out}
    assert rows == {"secret.py": "unreadable", "closed": "unreadable"}


def test_no_folder(tmp_path: Path) -> None:
    code, out, err = _here(tmp_path, "index", "nowhere")
    assert (code, out, err.count("\n")) == (USAGE, "", 1)


def test_no_source_files(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing here\n")
    for _ in range(2):
        code, out, err = _here(tmp_path, "index", "-q")
        assert (code, out) == (NOTHING, "")
        assert "no source files" in err
        assert err.count("\n") == 1


def test_no_symbols(tmp_path: Path) -> None:
    (tmp_path / "empty.py").write_text("# nothing\n")
    code, out, err = _here(tmp_path, "index", "-q")
    assert (code, out) == (NOTHING, "")
    assert "no symbols" in err


# Files that change while they are read


class _Acting:
    """A progress that does something when a phase begins, as another process might."""

    def __init__(self, name: str, action: Callable[[], object]) -> None:
        self._name = name
        self._action = action

    def phase(self, name: str, total: int | None) -> None:  # noqa: ARG002 - a protocol
        if name == self._name:
            self._action()

    def advance(self, n: int = 1) -> None:
        pass


def _request(root: Path, index_dir: Path) -> IndexRequest:
    return IndexRequest(root, StoreSettings("embedded", REPO, index_dir), jobs=1, full=False)


def test_a_file_that_vanishes_before_it_is_read(root: Path, index_dir: Path) -> None:
    (root / "brief.py").write_text("def brief(): pass\n")
    report = run_index(_request(root, index_dir), _Acting("extract", (root / "brief.py").unlink))
    assert _kinds(report) == {"brief.py": {"unreadable"}}
    assert _names(index_dir) == {"good"}
    assert _kinds(index(root, index_dir)) == {}


@pytest.mark.parametrize("text", ["def other(): pass\n", None])
def test_a_file_that_changes_before_it_is_written(
    root: Path, index_dir: Path, text: str | None
) -> None:
    path = root / "brief.py"
    path.write_text("def brief(): pass\n")

    def act() -> None:
        path.unlink() if text is None else path.write_text(text)

    report = run_index(_request(root, index_dir), _Acting("link and write", act))
    assert _kinds(report) == {"brief.py": {"changed"}}
    assert _names(index_dir) == {"good", "brief"}
    after = index(root, index_dir)
    assert _kinds(after) == {}
    assert _names(index_dir) == ({"good", "other"} if text else {"good"})


def test_a_file_that_vanishes_after_it_was_indexed_while_others_change(
    root: Path, index_dir: Path
) -> None:
    for number in range(12):
        (root / f"m{number}.py").write_text(f"from good import good\ndef f{number}(): good()\n")
    index(root, index_dir)
    (root / "m1.py").write_text("from good import good\ndef f1(x): good()\n")
    report = run_index(
        _request(root, index_dir), _Acting("link", lambda: (root / "m1.py").write_text(""))
    )
    assert _kinds(report) == {"m1.py": {"changed"}}
    index(root, index_dir)
    assert "f1" not in _names(index_dir)


def test_a_change_back_and_forth_is_seen(root: Path, index_dir: Path) -> None:
    index(root, index_dir)
    status = (root / "good.py").stat()
    (root / "good.py").write_text(GOOD.replace("good", "evil"))
    os.utime(root / "good.py", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert index(root, index_dir).mode != "unchanged"
    assert _names(index_dir) == {"evil"}


# Disks


def _one_line(err: str, *words: str) -> None:
    assert err.count("\n") == 1, err
    assert err.startswith("error: ")
    for word in words:
        assert word in err


def test_read_only_index_folder(root: Path) -> None:
    folder = root / ".codexgraph"
    folder.mkdir()
    folder.chmod(0o555)
    code, out, err = _as_user(root, "index", "-q", before=_obey_permissions)
    assert (code, out) == (STORE, "")
    _one_line(err, str(folder), "ermission")


def test_read_only_repository(root: Path) -> None:
    root.chmod(0o555)
    code, out, err = _as_user(root, "index", "-q", before=_obey_permissions)
    root.chmod(0o755)
    assert (code, out) == (STORE, "")
    _one_line(err, ".codexgraph", "ermission")


def test_an_index_that_only_others_may_write_is_readable(root: Path) -> None:
    index(root, root / ".codexgraph")
    (root / ".codexgraph").chmod(0o555)
    code, out, err = _as_user(
        root, "query", "MATCH (f:FUNCTION) RETURN f.name", "--json", before=_obey_permissions
    )
    assert code == 0, err
    assert json.loads(out)["result"]["rows"] == [["good"]]


def _no_room(limit: int) -> Callable[[], None]:
    def act() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return act


@pytest.mark.parametrize("limit", [0, 300, 4000, 20_000, 60_000])
def test_a_full_disk(root: Path, tmp_path: Path, limit: int) -> None:
    rng = random.Random(1)
    Editor(root, rng).start()
    index_dir = root / ".codexgraph"
    index(root, index_dir)
    before = graph(index_dir)
    for number in range(12):
        made = (f"def f{number}_{n}(): return '{rng.randbytes(400).hex()}'\n" for n in range(20))
        (root / f"more{number}.py").write_text("".join(made))
    code, out, err = _as_user(root, "index", "-q", before=_no_room(limit))
    assert (code, out) == (STORE, ""), err
    _one_line(err, ".codexgraph")
    assert graph(index_dir)[0].keys() >= before[0].keys()
    index(root, index_dir)
    assert not differences(graph(index_dir), fresh_graph(root, tmp_path / "fresh"))
    left = {path.name.partition("-")[0] for path in index_dir.iterdir()} - {"graph.kgl.log"}
    assert left == {".gitignore", "graph.kgl", "lock", "state"}


def test_a_store_file_cut_in_half(root: Path) -> None:
    index_dir = root / ".codexgraph"
    index(root, index_dir)
    path = index_dir / "graph.kgl"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    code, out, err = _here(root, "query", "MATCH (n) RETURN count(n)")
    assert (code, out) == (STORE, "")
    _one_line(err, str(path), "codexgraph index")
    assert _here(root, "index", "-q")[0] == 0
    assert _names(index_dir) == {"good"}


def test_an_index_folder_that_is_a_file(root: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    code, out, err = _here(root, "index", "-q", "--index-dir", str(tmp_path / "taken"))
    assert (code, out) == (STORE, "")
    _one_line(err, "taken")


def test_the_silent_progress_and_request_are_reusable(root: Path, index_dir: Path) -> None:
    request = _request(root, index_dir)
    assert run_index(request, SILENT).mode == "full"
    assert run_index(request, SILENT).mode == "unchanged"
    assert run_index(replace(request, full=True), SILENT).mode == "full"
