"""Source repositories for the harness, made as the tests need them."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

from tests.graphdb.retrieval.shop import FILES

if TYPE_CHECKING:
    from pathlib import Path

_GIT = (
    "git",
    "-c",
    "user.name=Test",
    "-c",
    "user.email=t@example.org",
    "-c",
    "commit.gpgsign=false",
)


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run([*_GIT, *arguments], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode().strip()


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def commit(folder: Path, files: dict[str, str]) -> str:
    write(folder, files)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "change")
    return git(folder, "rev-parse", "HEAD")


def shop_repository(repos: Path) -> list[str]:
    """A repository `shop` with two commits; in the second everything stands two lines lower."""
    folder = repos / "ada+shop"
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    lower = {path: "\n\n" + text for path, text in FILES.items()}
    return [commit(folder, FILES), commit(folder, lower)]


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def dependency_row(name: str, line: int, references: list[str], text: str) -> dict[str, Any]:
    """A record as EvoCodeBench publishes them."""
    return {
        "namespace": name,
        "type": "method",
        "completion_path": "shop/shop/orders.py",
        "signature_position": [line, line],
        "body_position": [line + 1, line + 3],
        "dependency": {"intra_class": references, "intra_file": [], "cross_file": []},
        "requirement": {"Functionality": text, "Arguments": ""},
    }
