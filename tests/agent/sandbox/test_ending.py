"""However a run is broken off, from inside or outside, nothing of it goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from agent.sandbox.isolation import Method
from agent.sandbox.local import LocalSandbox, find_isolation, open_sandbox
from agent.sandbox.ran import End, RunLimits
from graphdb.errors import SandboxError
from tests.agent.sandbox.hostile import PYTHON, RUNTIME, WHY_OPEN, left_over, print_of, run

ROOT = Path(__file__).resolve().parents[3]
DRIVER = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from agent.sandbox.local import open_sandbox
from agent.sandbox.ran import RunLimits
code = '''
import os, time
if os.fork() == 0:
    os.setsid()
print("up", flush=True)
time.sleep(60)
'''
with open_sandbox(Path({repository!r}), accept_open=True) as sandbox:
    command = [{python!r}, "-c", code, {mark!r}]
    sandbox.run(command, RunLimits(seconds=50), readable=[Path({runtime!r})])
"""


def wait_for(number: int, mark: str) -> list[int]:
    """Wait until so many marked processes are there."""
    until = time.monotonic() + 10
    while len(found := left_over(mark)) != number and time.monotonic() < until:
        time.sleep(0.02)
    return found


def start_driver(repository: Path, mark: str) -> subprocess.Popen[bytes]:
    code = DRIVER.format(
        root=str(ROOT), repository=str(repository), python=PYTHON, mark=mark, runtime=str(RUNTIME)
    )
    return subprocess.Popen([sys.executable, "-c", code, "driver"], stderr=subprocess.PIPE)


def of_sandbox(mark: str, driver: int) -> list[int]:
    return [pid for pid in left_over(mark) if pid != driver]


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_killed_program_takes_its_run_along(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: signal.Signals
) -> None:
    if WHY_OPEN:
        pytest.skip(WHY_OPEN)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    mark = f"ended-by-{sent.name}-{os.getpid()}"
    with start_driver(repository, mark) as driver:
        # The driver has the mark in its code; the command and its child on their command lines.
        wait_for(3, mark)
        launchers = psutil.Process(driver.pid).children(recursive=True)
        assert len(launchers) >= 4
        driver.send_signal(sent)
        driver.wait(10)
        assert wait_for(0, mark) == []
        assert psutil.wait_procs(launchers, timeout=5)[1] == []
    kept = list(tmp_path.glob("codexgraph-*"))
    assert not kept or sent is not signal.SIGINT, "the copy goes, too"
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with open_sandbox(repository) as other, open_sandbox(repository) as another:
        assert [path for path in kept if path.exists()] == [], "or else with the next"
        assert other.folder.exists()
        assert another.folder.exists()


@pytest.mark.parametrize("which", ["outer", "inner"])
def test_a_killed_launcher_ends_the_run(repository: Path, which: str) -> None:
    if WHY_OPEN:
        pytest.skip(WHY_OPEN)
    mark = f"launcher-{which}-{os.getpid()}"
    with start_driver(repository, mark) as driver:
        wait_for(3, mark)
        launchers = [
            process.pid
            for process in psutil.Process(driver.pid).children(recursive=True)
            if "agent.sandbox.launcher" in " ".join(process.cmdline())
        ]
        assert len(launchers) == 2
        os.kill(launchers[0 if which == "outer" else 1], signal.SIGKILL)
        assert driver.wait(10) == 0
        assert wait_for(0, mark) == []


def test_a_run_is_told_as_killed_when_it_kills_itself(sandbox: LocalSandbox) -> None:
    ran = run(sandbox, "import os; os.kill(os.getpid(), 9)")
    assert (ran.end, ran.exit_code) == (End.KILLED, None)
    assert "signal 9" in ran.output


def test_without_isolation_nothing_runs_unless_it_is_accepted(repository: Path) -> None:
    with pytest.raises(SandboxError, match="network: open"):
        open_sandbox(repository, method=Method.OPEN)


def test_in_the_open_limits_and_the_end_hold_all_the_same(repository: Path) -> None:
    before = print_of(repository)
    mark = f"open-{os.getpid()}"
    code = """
import os, signal, sys, time
signal.signal(15, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(60)
    os._exit(0)
if sys.argv[2:] == ["wait"]:
    time.sleep(60)
print(sorted(os.environ), os.getcwd())
"""
    with open_sandbox(repository, accept_open=True, method=Method.OPEN) as sandbox:
        system = "/usr/bin/python3"
        if not Path(system).exists():
            pytest.skip("no interpreter that every user may run")
        ran = sandbox.run([system, "-c", code, mark], RunLimits(seconds=5))
        assert ran.is_ok, ran
        assert str(sandbox.folder) in ran.output
        assert any(line.startswith("network: open") for line in ran.open)
        assert left_over(mark) == []
        ran = sandbox.run([system, "-c", code, mark, "wait"], RunLimits(seconds=0.5))
        assert ran.end is End.TIMEOUT
        assert left_over(mark) == []
        bomb = "import os\nwhile True: os.fork()"
        ran = sandbox.run([system, "-c", bomb, mark], RunLimits(seconds=4, processes=15))
        assert ran.end is End.PROCESSES
        assert left_over(mark) == []
    assert print_of(repository) == before


def test_what_is_isolated_is_said(sandbox: LocalSandbox) -> None:
    isolation = find_isolation()
    ran = run(sandbox, "pass")
    assert ran.apart == isolation.apart
    assert [line.partition(":")[0] for line in ran.apart] == [
        "files",
        "network",
        "processes",
        "environment",
        "user",
    ]
    assert any("kernel" in line for line in ran.open)


def test_no_folder_is_shown_that_holds_what_must_be_hidden(sandbox: LocalSandbox) -> None:
    for folder in (Path.home(), Path("/"), Path("/no/such/folder"), Path("relative")):
        with pytest.raises(SandboxError):
            sandbox.run(["true"], RunLimits(), readable=[folder])
    with pytest.raises(SandboxError, match="no path inside"):
        sandbox.run(["true"], RunLimits(), cwd="../..")


def test_doctor_says_what_is_isolated(tmp_path: Path) -> None:
    folders = {name: str(tmp_path) for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME")}
    done = subprocess.run(
        [sys.executable, "-m", "codexgraph", "doctor", "--json"],
        cwd=ROOT,
        env={**os.environ, **folders},
        capture_output=True,
        text=True,
        check=False,
    )
    [row] = [row for row in json.loads(done.stdout)["result"]["checks"] if row["name"] == "sandbox"]
    isolation = find_isolation()
    assert row["detail"].startswith(f"{isolation.method}: files, ")
    assert all(line in row["detail"] for line in isolation.open)
    assert (row["state"] == "ok") == isolation.is_closed
