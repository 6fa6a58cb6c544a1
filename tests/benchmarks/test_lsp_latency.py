"""What `bench lsp` asks, and that it measures what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.lsp_client import places
from benchmarks.lsp_latency import run
from benchmarks.lsp_tasks import choose
from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from pathlib import Path

USER = """\
from pkg.a import one
from pkg.a import two
from pkg.a import three
from pkg.a import four
from pkg.a import five
from pkg.a import Six


def use():
    thing = Six()
    return one() + two() + three() + four() + five() + thing.value
"""
SOURCE = "\n\n".join(
    f"def {name}():\n    return {number}\n"
    for number, name in enumerate(("one", "two", "three", "four", "five"))
)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    (root / "pkg").mkdir(parents=True)
    (root / "pkg/__init__.py").write_text("")
    (root / "pkg/a.py").write_text(f"{SOURCE}\n\nclass Six:\n    value = 6\n")
    (root / "pkg/user.py").write_text(USER)
    return root


def test_tasks_are_uses_in_the_text(repository: Path) -> None:
    tasks = choose(repository)
    assert tasks.files == ("pkg/user.py",)
    lines = USER.split("\n")
    for path, line, character in (*tasks.imported, *tasks.attributes):
        assert path == "pkg/user.py"
        assert lines[line][character:].isidentifier() or lines[line][character].isalpha()
    assert ("pkg/user.py", 10, lines[10].index("value")) in tasks.attributes
    assert {"one", "Six"} <= set(tasks.names)
    assert tasks == choose(repository)


def test_a_symbol_is_asked_about_at_its_name(repository: Path) -> None:
    (repository / "pkg/f.py").write_text("def f():\n    pass\n\n\nclass  c: ...\n")
    (repository / "pkg/latest.py").write_text("def latest():\n    return latest\n")
    (repository / "docs").mkdir()
    (repository / "docs/conf.py").write_text("def aside():\n    return aside\n")
    symbols = choose(repository).symbols
    assert {("pkg/f.py", 0, 4), ("pkg/f.py", 4, 7), ("pkg/latest.py", 0, 4)} <= set(symbols)
    assert all(path.startswith("pkg/") for path, _, _ in symbols)


def test_places_are_those_in_the_repository(tmp_path: Path) -> None:
    inside = {
        "uri": (tmp_path / "a b.py").as_uri(),
        "range": {"start": {"line": 1, "character": 2}},
    }
    outside = {"uri": "file:///elsewhere.py", "range": {"start": {"line": 1, "character": 2}}}
    assert places(tmp_path, [inside, outside]) == {("a b.py", 1, 2)}
    assert places(tmp_path, inside) == {("a b.py", 1, 2)}
    assert places(tmp_path, None) == set()


def test_it_measures_our_server_alone(repository: Path) -> None:
    before = {file: file.read_bytes() for file in repository.rglob("*.py")}
    result = run(repository, [])
    metrics = result["metrics"]
    assert metrics["errors"] == 0
    assert 0 < metrics["definition_p50_ms"] <= metrics["definition_p95_ms"]
    assert metrics["save_to_fresh_s"] > 0
    assert metrics["rss_mb"] > 10
    assert result["skipped"] == []
    assert {file: file.read_bytes() for file in repository.rglob("*.py")} == before


def test_servers_that_nobody_knows_are_refused(repository: Path, tmp_path: Path) -> None:
    with pytest.raises(CodexGraphError, match="choose of ty, pyright, jedi"):
        run(repository, ["emacs"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(CodexGraphError, match="too little Python"):
        run(tmp_path / "empty", [])
