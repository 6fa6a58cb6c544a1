"""A real Emacs with eglot, which counts columns in UTF-16 units."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.conftest import COMMAND, where, write_repository

SCRIPT = Path(__file__).with_name("eglot.el")


def emacs() -> str:
    found = shutil.which("emacs")
    if not found:
        pytest.skip("no Emacs: apt-get install emacs-nox elpa-eglot")
    has_eglot = subprocess.run(
        [found, "--batch", "-q", "--eval", "(require 'eglot)"], capture_output=True, check=False
    )
    if has_eglot.returncode:
        pytest.skip("this Emacs has no eglot: apt-get install elpa-eglot, or use Emacs 29")
    return found


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_repository(tmp_path_factory.mktemp("eglot") / "repo")


@pytest.fixture(scope="module")
def seen(repository: Path) -> dict[str, Any]:
    out = repository.parent / "seen.json"
    done = subprocess.run(
        [emacs(), "--batch", "-q", "-l", str(SCRIPT)],
        cwd=repository,
        env={
            **os.environ,
            "HOME": str(repository.parent),
            "LC_ALL": "C.UTF-8",
            "CG_ROOT": str(repository),
            "CG_OUT": str(out),
            "CG_COMMAND": json.dumps(COMMAND),
        },
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert out.exists(), done.stderr
    found = json.loads(out.read_text())
    assert "problem" not in found, (found["problem"], done.stderr[-2000:])
    return found


def line(repository: Path, text: str, file: str = "pkg/base.py") -> int:
    return where(repository / file, text)[0] + 1


def test_emacs_connects(seen: dict[str, Any]) -> None:
    assert seen["connected"] is True


def test_emacs_jumps_from_behind_wide_characters(seen: dict[str, Any], repository: Path) -> None:
    assert seen["jumped"] == ["base.py", line(repository, "def helper")]
    assert seen["edited"] == [["base.py", line(repository, "def helper")]]


def test_emacs_lists_references(seen: dict[str, Any], repository: Path) -> None:
    assert sorted(map(tuple, seen["references"])) == [
        ("__init__.py", 1),
        ("base.py", line(repository, "def helper")),
        ("child.py", 2),
        ("child.py", 9),
        ("child.py", 9),
    ]


def test_emacs_is_refused_to_rename(seen: dict[str, Any]) -> None:
    assert "does not rename" in seen["rename"]


def test_emacs_finds_symbols(seen: dict[str, Any]) -> None:
    assert [name for name, _ in seen["apropos"]] == ["child.py"]


def test_emacs_is_answered_freshly_after_a_save(seen: dict[str, Any], repository: Path) -> None:
    assert seen["fresh"] == [["base.py", line(repository, "def helper")]]
