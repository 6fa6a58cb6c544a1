"""What language servers are asked: positions and names that a repository's own text gives.

They are chosen by the standard library's parser and never by the graph, which would ask only what
it knows; columns are those of lines without wide characters, so that every server means the same.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from indexer.discovery import discover
from indexer.testcode import is_aside

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from benchmarks.lsp_client import Place

FILES = 10
PER_FILE = 6
SYMBOLS = 12
QUERIES = 10
_MAX_BYTES = 200_000
_MAX_SYMBOL_USES = 3_000
_WORD = re.compile(r"\w+")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Tasks:
    """Positions of imported names and of attributes where they are used; symbols by definition."""

    files: tuple[str, ...]
    imported: tuple[Place, ...]
    attributes: tuple[Place, ...]
    symbols: tuple[Place, ...]
    names: tuple[str, ...]


def choose(root: Path) -> Tasks:
    """The tasks of a repository, the same at every run; empty for one without Python."""
    found = discover(root, {".py": "python"}, max_file_bytes=_MAX_BYTES)
    trees: dict[str, tuple[ast.Module, list[str]]] = {}
    words: Counter[str] = Counter()
    for file in found.files:
        text = (root / file.path).read_bytes().decode("utf-8", "replace")
        words.update(_WORD.findall(text))
        try:
            trees[file.path] = (ast.parse(text), text.split("\n"))
        except (SyntaxError, ValueError):
            continue
    rich = [p for p, (tree, _) in trees.items() if not is_aside(p) and _imports(tree) >= PER_FILE]
    files = _spread(sorted(rich, key=lambda path: -len(trees[path][1]))[: FILES * 4], FILES)
    imported: list[Place] = []
    attributes: list[Place] = []
    for path in files:
        tree, lines = trees[path]
        imported += _spread([(path, *place) for place in _imported(tree, lines)], PER_FILE)
        attributes += _spread([(path, *place) for place in _attributes(tree, lines)], PER_FILE)
    symbols = _symbols(trees, words)
    names = tuple(name for name, _ in symbols)[:QUERIES]
    places = tuple(place for _, place in symbols)
    return Tasks(tuple(files), tuple(imported), tuple(attributes), places, names)


def _spread(items: Sequence[T], count: int) -> list[T]:
    """Some of the items, evenly from first to last."""
    if len(items) <= count:
        return list(items)
    return [items[index * len(items) // count] for index in range(count)]


def _imports(tree: ast.Module) -> int:
    return sum(len(n.names) for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom))


def _imported(tree: ast.Module, lines: list[str]) -> list[tuple[int, int]]:
    """Uses of names that the file imports."""
    names = {
        alias.asname or alias.name.partition(".")[0]
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    return [
        (node.lineno - 1, node.col_offset)
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id in names and lines[node.lineno - 1].isascii()
    ]


def _attributes(tree: ast.Module, lines: list[str]) -> list[tuple[int, int]]:
    """Uses of attributes: where their names stand."""
    found: list[tuple[int, int]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.end_lineno and node.end_col_offset:
            line = node.end_lineno - 1
            if lines[line].isascii():
                found.append((line, node.end_col_offset - len(node.attr)))
    return sorted(found)


def _symbols(
    trees: dict[str, tuple[ast.Module, list[str]]], words: Counter[str]
) -> list[tuple[str, Place]]:
    """Classes and functions whose names are defined once, among the most written ones."""
    defined: dict[str, list[Place]] = {}
    for path, (tree, lines) in trees.items():
        for name, place in _definitions(tree, lines):
            defined.setdefault(name, []).append((path, *place))
    unique = [
        (name, places[0])
        for name, places in defined.items()
        if len(places) == 1 and words[name] <= _MAX_SYMBOL_USES and not is_aside(places[0][0])
    ]
    unique.sort(key=lambda item: (-words[item[0]], item[0]))
    return _spread(unique[: SYMBOLS * 8], SYMBOLS)


def _definitions(tree: ast.Module, lines: list[str]) -> Iterator[tuple[str, tuple[int, int]]]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found = re.search(rf"\b(?:def|class)\s+(?={node.name}\b)", lines[node.lineno - 1])
            if found:
                yield node.name, (node.lineno - 1, found.end())
