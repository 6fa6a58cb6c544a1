"""Lines of a run on disk: whatever happened to the process or the disk, what was whole is kept."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.generation.rows import Place, Rows, open_rows, replace_text
from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from pathlib import Path

HEADER = {"suite": "toy"}
WRITER = """
import resource, sys
from pathlib import Path
from benchmarks.generation.rows import Place, open_rows
from graphdb.errors import CodexGraphError

place = Place(Path(sys.argv[1]), "rows.jsonl", "run.json", lambda row: True)
with open_rows(place, {"suite": "toy"}, is_resumed=False) as rows:
    rows.add({"id": "first", "status": "answered"})
    if sys.argv[2] == "hold":
        print("held", flush=True)
        sys.stdin.read()
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))
    try:
        rows.add({"id": "second", "status": "answered", "text": "x" * 1000})
    except CodexGraphError as error:
        print(error)
"""


def place_of(folder: Path) -> Place:
    return Place(folder, "rows.jsonl", "run.json", lambda row: row["status"] == "answered")


def row(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "status": "answered", **more}


def reopened(folder: Path) -> Rows:
    with open_rows(place_of(folder), HEADER, is_resumed=True) as rows:
        return rows


def test_lines_are_there_at_once_and_again(tmp_path: Path) -> None:
    with open_rows(place_of(tmp_path / "out"), HEADER, is_resumed=False) as rows:
        rows.add(row("a", text="half a pair: \ud800"))
        assert json.loads((tmp_path / "out/rows.jsonl").read_text())["id"] == "a"
        rows.add({"id": "b", "status": "environment"})
    found = reopened(tmp_path / "out")
    assert found.done == {"a": row("a", text="half a pair: \ud800")}
    assert found.lost == 0


def test_lines_that_cannot_be_read_are_told_and_left_out(tmp_path: Path) -> None:
    with open_rows(place_of(tmp_path), HEADER, is_resumed=False) as rows:
        rows.add(row("a"))
        rows.add(row("b"))
    whole = (tmp_path / "rows.jsonl").read_bytes()
    broken = [b"\xff\xfe", b"[1, 2]", b'"text"', b'{"id": "c"}', b"\0\0\0", b"[" * 20_000]
    cut = b'{"id": "d", "status": "answ'
    (tmp_path / "rows.jsonl").write_bytes(b"\n".join([*broken, whole, cut]))
    found = reopened(tmp_path)
    assert list(found.done) == ["a", "b"]
    assert found.lost == len(broken) + 1
    assert reopened(tmp_path).lost == 0


def test_lines_of_another_run_are_refused_and_kept(tmp_path: Path) -> None:
    with open_rows(place_of(tmp_path), HEADER, is_resumed=False) as rows:
        rows.add(row("a"))
    other = open_rows(place_of(tmp_path), {"suite": "moon"}, is_resumed=True)
    with pytest.raises(CodexGraphError, match="is of another run"), other:
        pytest.fail("it was opened")
    assert list(reopened(tmp_path).done) == ["a"]


def test_one_process_writes_at_a_time(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path), "hold"]
    other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        for is_resumed in (True, False):
            opened = open_rows(place_of(tmp_path), HEADER, is_resumed=is_resumed)
            with pytest.raises(CodexGraphError, match="another run writes into"), opened:
                pytest.fail("it was opened")
    finally:
        other.kill()
        other.communicate()
    # The lock ended with its holder, and what that had written is there.
    assert list(reopened(tmp_path).done) == ["first"]


def test_a_disk_that_takes_no_more_is_one_line_and_costs_that_line(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path), "fill"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert "rows.jsonl cannot be written: File too large" in done.stdout, done.stderr
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1), done.stderr
    found = reopened(tmp_path)
    assert list(found.done) == ["first"]
    assert found.lost == 1


def test_a_folder_that_cannot_be_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    opened = open_rows(place_of(tmp_path / "file"), HEADER, is_resumed=False)
    with pytest.raises(CodexGraphError, match="cannot be written"), opened:
        pytest.fail("it was opened")
    with pytest.raises(CodexGraphError, match="cannot be written"):
        replace_text(tmp_path / "none/metrics.json", "{}")
