"""Limits and start-up rules that no linter knows: lengths, and what a command loads."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("codexgraph", "graphdb", "indexer", "agent", "lsp", "tui", "benchmarks", "tests")
MAX_FILE_LINES = 400
MAX_TEST_FILE_LINES = 600
MAX_FUNCTION_LINES = 60

HEAVY = (
    "textual",
    "mcp",
    "pygls",
    "lsprotocol",
    "openai",
    "xllamacpp",
    "kglite",
    "neo4j",
    "git",
    "tree_sitter",
    "networkx",
)


def python_files() -> list[Path]:
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    return [path for path in found if "fixtures" not in path.relative_to(ROOT).parts]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_files_are_short() -> None:
    lengths = {name_of(path): len(path.read_text().splitlines()) for path in python_files()}
    assert lengths, "no files found"
    too_long = {
        name: length
        for name, length in lengths.items()
        if length > (MAX_TEST_FILE_LINES if name.startswith("tests/") else MAX_FILE_LINES)
    }
    assert too_long == {}


def test_functions_are_short() -> None:
    too_long: dict[str, int] = {}
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > MAX_FUNCTION_LINES:
                    too_long[f"{name_of(path)}:{node.lineno} {node.name}"] = length
    assert too_long == {}


def test_every_module_says_what_it_is_for() -> None:
    trees = {name_of(path): ast.parse(path.read_text()) for path in python_files()}
    assert [name for name, tree in trees.items() if not ast.get_docstring(tree)] == []


def loaded_by(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter has after running `code`."""
    script = (
        "import atexit, sys\n"
        "def tell():\n"
        "    print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)\n"
        "atexit.register(tell)\n"
        f"{code}"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "option",
    [
        "--help",
        "--version",
        "index --help",
        "callers --help",
        "lsp --help",
        "serve --help",
        "tui --help",
    ],
)
def test_help_and_version_load_nothing_heavy(option: str) -> None:
    arguments = ["codexgraph", *option.split()]
    loaded = loaded_by(f"sys.argv = {arguments}\nfrom codexgraph.cli import main\nmain()")
    assert "codexgraph" in loaded
    assert loaded & set(HEAVY) == set()


@pytest.mark.parametrize(
    "modules",
    [
        "graphdb.store, graphdb.registry, graphdb.schema, graphdb.delta, graphdb.errors",
        "indexer.discovery, indexer.decode, indexer.workers, indexer.report",
        "agent.model, agent.models, agent.models.scripted, agent.models.openai_compatible",
    ],
)
def test_contracts_load_nothing_heavy(modules: str) -> None:
    assert loaded_by(f"import {modules}") & {*HEAVY, "typer", "rich"} == set()


def test_every_query_loads_without_a_driver() -> None:
    queries = sorted((ROOT / "graphdb/queries").glob("[!_]*.py"))
    modules = ", ".join(f"graphdb.queries.{path.stem}" for path in queries)
    assert loaded_by(f"import {modules}") & set(HEAVY) == set()
