"""How git is asked without running anything that a repository configures.

The surprising choices: git's own `GIT_*` variables are dropped, since inside a hook they point at
another tree, and the file system monitor is turned off, since that setting names a program to run.
"""

from __future__ import annotations

import os

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
