"""Commands without a sandbox: bounded in time and output, and nothing of them stays."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from agent.draft import Edit
from agent.sandbox.ran import End, RunLimits
from benchmarks.generation.bare import BareFolder
from graphdb.errors import CodexGraphError


def test_a_command_says_how_it_ended(tmp_path: Path) -> None:
    ran = BareFolder(tmp_path).run([sys.executable, "-c", "print(1); exit(3)"], RunLimits())
    assert (ran.end, ran.exit_code, ran.output, ran.is_ok) == (End.EXITED, 3, "1\n", False)
    assert ran.open


def test_a_program_that_is_not_there_did_not_start(tmp_path: Path) -> None:
    ran = BareFolder(tmp_path).run([str(tmp_path / "no-such-program")], RunLimits())
    assert not ran.is_ok


def test_what_it_started_ends_with_it(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys, pathlib\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "pathlib.Path('pid').write_text(str(child.pid))\n"
    )
    assert BareFolder(tmp_path).run([sys.executable, "-c", script], RunLimits()).is_ok
    pid = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 5
    while _is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_alive(pid)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_a_run_ends_in_time(tmp_path: Path) -> None:
    script = "import time; time.sleep(60)"
    ran = BareFolder(tmp_path).run([sys.executable, "-c", script], RunLimits(seconds=0.5))
    assert (ran.end, ran.exit_code) == (End.TIMEOUT, None)
    assert ran.seconds < 20


def test_long_output_loses_its_middle(tmp_path: Path) -> None:
    script = "print('a' * 5000 + 'b' * 5000)"
    ran = BareFolder(tmp_path).run([sys.executable, "-c", script], RunLimits(output_bytes=200))
    assert ran.output.startswith("aaa")
    assert ran.output.rstrip().endswith("bbb")
    assert "left out" in ran.output


def test_secrets_of_the_environment_are_not_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    ran = BareFolder(tmp_path).run(
        [sys.executable, "-c", "import os; print(dict(os.environ))"],
        RunLimits(),
        environment={"ASKED": "1"},
    )
    assert "secret" not in ran.output
    assert "ASKED" in ran.output


@pytest.mark.skipif(os.geteuid() != 0, reason="only root passes over permissions")
def test_root_respects_the_permissions_of_files(tmp_path: Path) -> None:
    (tmp_path / "closed").write_text("x")
    (tmp_path / "closed").chmod(0)
    ran = BareFolder(tmp_path).run([sys.executable, "-c", "open('closed')"], RunLimits())
    assert "PermissionError" in ran.output


def test_edits_stay_inside(tmp_path: Path) -> None:
    folder = BareFolder(tmp_path / "copy")
    folder.apply([Edit("a/b.txt", None, "text")])
    assert (tmp_path / "copy/a/b.txt").read_text() == "text"
    with pytest.raises(CodexGraphError, match="leads out"):
        folder.apply([Edit("../out.txt", None, "text")])
