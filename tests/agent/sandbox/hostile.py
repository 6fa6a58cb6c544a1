"""What the tests of the sandbox share: running Python code in it, and looking for what is left."""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import suppress
from pathlib import Path

import psutil

from agent.sandbox.local import LocalSandbox, find_isolation
from agent.sandbox.ran import Ran, RunLimits

PYTHON = os.path.realpath(sys.executable)
RUNTIME = Path(sys.base_prefix)
WHY_OPEN = "; ".join(find_isolation().open) if not find_isolation().is_closed else ""


def run(sandbox: LocalSandbox, code: str, **limits: float) -> Ran:
    """Run Python code in a sandbox under small limits."""
    given: dict[str, float] = {"seconds": 5, "memory_mb": 512, "file_mb": 20, "processes": 30}
    command = [PYTHON, "-c", code, MARK]
    return sandbox.run(command, RunLimits(**{**given, **limits}), readable=[RUNTIME])  # pyright: ignore


MARK = f"codexgraph-test-{os.getpid()}"


def left_over(mark: str = MARK) -> list[int]:
    """Processes of this machine that carry a mark on their command line, ours left out."""
    found: list[int] = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != os.getpid() and any(mark in part for part in process.cmdline()):
                found.append(process.pid)
    return found


def print_of(folder: Path) -> str:
    """A digest of all names, modes and contents below a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        state = path.lstat()
        digest.update(f"{path.relative_to(folder)} {state.st_mode} {state.st_uid}\n".encode())
        if path.is_file() and not path.is_symlink():
            digest.update(path.read_bytes())
    return digest.hexdigest()
