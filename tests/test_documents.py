"""The documents tell the truth: their tables come from the code, and the files they name exist.

`make docs` (this module run as a program) writes the tables.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from graphdb.schema import EDGE_PROPERTIES, LEGAL_ENDS, NODE_PROPERTIES, EdgeKind, NodeKind

ROOT = Path(__file__).resolve().parents[1]
ARCHITECTURE = ROOT / "ARCHITECTURE.md"
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")
START = "<!-- schema: written by `make docs` -->\n"
END = "<!-- end of schema -->\n"
FOLDERS = "codexgraph|graphdb|indexer|benchmarks|tests|requirements"


def schema_table() -> str:
    """Labels, properties and legal edge ends, as Markdown."""
    rows = [
        f"Labels: {', '.join(NodeKind)}.",
        "",
        f"Node properties: {', '.join(f'`{name}`' for name in NODE_PROPERTIES)}.",
        "",
        f"Edge properties: {', '.join(f'`{name}`' for name in EDGE_PROPERTIES)}.",
        "",
        "| edge | from | to |",
        "| --- | --- | --- |",
    ]
    for kind in EdgeKind:
        sources, targets = LEGAL_ENDS[kind]
        rows.append(f"| {kind} | {_labels(sources)} | {_labels(targets)} |")
    return "\n".join(rows) + "\n"


def _labels(kinds: frozenset[NodeKind]) -> str:
    return ", ".join(kind for kind in NodeKind if kind in kinds)


def with_schema(text: str) -> str:
    head, start, rest = text.partition(START)
    _, end, tail = rest.partition(END)
    assert start, f"ARCHITECTURE.md has lost the line {START!r}"
    assert end, f"ARCHITECTURE.md has lost the line {END!r}"
    return head + START + schema_table() + END + tail


def test_the_schema_table_is_that_of_the_code() -> None:
    text = ARCHITECTURE.read_text()
    assert text == with_schema(text), "run make docs"


def test_architecture_fits_in_two_hundred_lines() -> None:
    assert len(ARCHITECTURE.read_text().splitlines()) <= 200


@pytest.mark.parametrize("name", DOCUMENTS)
def test_files_and_targets_named_in_the_documents_exist(name: str) -> None:
    text = (ROOT / name).read_text()
    files = set(re.findall(rf"`((?:{FOLDERS})/[\w./-]+)(?:::\w+)?`", text))
    named = sorted(file for file in files if file.endswith("/") or "." in file)
    assert [file for file in named if not (ROOT / file).exists()] == []
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"\bmake ([a-z]+)\b`?", " ".join(re.findall(r"`[^`]+`", text))))
    targets |= set(re.findall(r"^    make ([a-z]+)", text, re.MULTILINE))
    assert [each for each in sorted(targets) if f"\n{each}:" not in makefile] == []


def test_tests_named_as_holding_an_invariant_exist() -> None:
    text = ARCHITECTURE.read_text()
    named = re.findall(r"`(tests/[\w./-]+\.py)::(\w+)`", text)
    assert named, "the invariants name their tests"
    missing = [test for file, test in named if f"def {test}(" not in (ROOT / file).read_text()]
    assert missing == []


if __name__ == "__main__":
    ARCHITECTURE.write_text(with_schema(ARCHITECTURE.read_text()))
    sys.stdout.write("ARCHITECTURE.md written\n")
