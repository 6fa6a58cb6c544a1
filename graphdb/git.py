"""How git is asked without running anything that a repository configures.

The surprising choices: git's own `GIT_*` variables are dropped, since inside a hook they point at
another tree, and the file system monitor is turned off, since that setting names a program to run.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

GIT = ("git", "-c", "core.fsmonitor=false")

_KEPT_VARIABLES = {"GIT_CEILING_DIRECTORIES", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM"}


def git_environment() -> dict[str, str]:
    """This process's environment without git's own variables."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name in _KEPT_VARIABLES
    }
    return {**kept, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}


def ask_git(folder: Path, *arguments: str, timeout_s: float | None = None) -> bytes | None:
    """What a git command prints; None where it fails, takes too long or git is not installed."""
    try:
        done = subprocess.run(
            [*GIT, *arguments],
            cwd=folder,
            env=git_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=timeout_s,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if done.returncode else done.stdout
