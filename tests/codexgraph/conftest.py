"""A git repository with the sample graph as its index, and the command run as a user runs it."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codexgraph.cli import main
from graphdb.registry import StoreSettings, open_writer
from indexer.freshness import content_hash
from tests.graphdb.queries import sample

if TYPE_CHECKING:
    from collections.abc import Generator

PROJECT = Path(__file__).resolve().parents[2]
_AUTHOR = (
    "-c",
    "user.name=Test",
    "-c",
    "user.email=test@example.org",
    "-c",
    "commit.gpgsign=false",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run of the command ended."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Repository:
    """A folder, and the command run in it."""

    root: Path

    def run(self, *arguments: str, **environment: str) -> Outcome:
        """Run the command in this process, which saves the start-up time."""
        out, err = io.StringIO(), io.StringIO()
        with (
            _environment_of(environment),
            contextlib.chdir(self.root),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = main(arguments)
        return Outcome(code, out.getvalue(), err.getvalue())

    def spawn(self, *arguments: str, **environment: str) -> Outcome:
        """Run the command as a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "codexgraph", *arguments],
            cwd=self.root,
            env=command_environment(**environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *_AUTHOR, *arguments], cwd=self.root, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()


@contextlib.contextmanager
def _environment_of(more: dict[str, str]) -> Generator[None]:
    """This process's environment as `command_environment` has it, for a while."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(command_environment(**more))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def command_environment(**more: str) -> dict[str, str]:
    """The environment of a user who has set nothing of ours."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CODEXGRAPH_", "GIT_"))}
    kept.pop("NO_COLOR", None)
    return {**kept, "PYTHONPATH": str(PROJECT), "XDG_CONFIG_HOME": "/nonexistent", **more}


@pytest.fixture
def bare(tmp_path: Path) -> Repository:
    """A work tree with source files and no index."""
    repository = Repository(tmp_path / "sample")
    repository.root.mkdir()
    for path in sample.FILES:
        target = repository.root / path
        target.parent.mkdir(exist_ok=True)
        target.write_text("".join(f"# {path} line {n}\n" for n in range(1, 61)))
    repository.git("init", "-q", "-b", "main")
    (repository.root / ".gitignore").write_text(".codexgraph/\n")
    repository.git("add", ".")
    repository.git("commit", "-q", "-m", "first")
    return repository


@pytest.fixture
def repository(bare: Repository) -> Repository:
    """The same with an index of it."""
    root = bare.root
    hashes = {path: content_hash((root / path).read_bytes()) for path in sample.FILES}
    now = datetime.now(UTC).isoformat()
    meta = sample.meta(str(root), commit=bare.git("rev-parse", "HEAD"), indexed_at=now)
    writer = open_writer(StoreSettings("embedded", "sample", root / ".codexgraph"))
    try:
        writer.replace(sample.nodes(hashes), sample.edges(), meta)
    finally:
        writer.close()
    time.sleep(0.12)
    return bare
