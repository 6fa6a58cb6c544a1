"""A small repository, a sandbox of it, and the proof after each test that nothing got out."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from agent.sandbox.local import LocalSandbox, open_sandbox
from tests.agent.sandbox.hostile import WHY_OPEN, left_over, print_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two files in git, one that git ignores, and one that nobody added."""
    root = tmp_path / "repository"
    (root / "src").mkdir(parents=True)
    (root / "src/app.py").write_text("def answer():\n    return 42\n")
    (root / "run.sh").write_text("#!/bin/sh\necho ran\n")
    (root / "run.sh").chmod(0o755)
    (root / ".gitignore").write_text(".env\n")
    (root / ".env").write_text("API_KEY=canary\n")
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *command], cwd=root, check=True)
    (root / "new.py").write_text("x = 1\n")
    return root


@pytest.fixture
def sandbox(repository: Path) -> Iterator[LocalSandbox]:
    """A closed sandbox; afterwards the repository is what it was and no process is left."""
    if WHY_OPEN:
        pytest.skip(f"nothing isolates code on this machine: {WHY_OPEN}")
    before = print_of(repository)
    with open_sandbox(repository) as opened:
        yield opened
        assert left_over() == []
    assert not opened.folder.exists()
    assert print_of(repository) == before
