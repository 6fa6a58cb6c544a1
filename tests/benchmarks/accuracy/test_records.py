"""A truth file that cannot be used is one line that names the file and what is wrong."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from benchmarks.accuracy.javac import read_rows
from benchmarks.accuracy.records import read_call_graph, read_jsonl, read_programs
from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = '{"category": "c", "name": "n", "files": {"main.py": ""}, "callgraph": {"main": []}}\n'


def test_plain_and_packed_files_are_the_same(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.jsonl", tmp_path / "a.jsonl.gz"
    plain.write_text(PROGRAM + "\n")
    packed.write_bytes(gzip.compress(PROGRAM.encode()))
    assert read_programs(plain) == read_programs(packed)
    assert read_programs(plain)[0].complete is False


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{\n", "a.jsonl:1 is no JSON"),
        (PROGRAM + "[]\n", "a.jsonl:2 is no object"),
        ('{"category": "c"}\n', "a.jsonl:1 has no name, files, callgraph"),
    ],
)
def test_a_damaged_record_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(text)
    with pytest.raises(CodexGraphError, match=message):
        read_programs(path)


def test_a_file_that_is_not_packed_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_text("not packed")
    with pytest.raises(CodexGraphError, match=r"a.jsonl.gz cannot be read"):
        read_jsonl(path, [])


@pytest.mark.parametrize(
    ("text", "message"),
    [("[1]", "is no object"), ('{"a": 1}', "a has no list"), ("{", "is no JSON")],
)
def test_a_call_graph_is_lists_by_caller(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(CodexGraphError, match=message):
        read_call_graph(path)


def test_rows_have_seven_fields(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("A.java\t1\t2\tcall\ta\tb\tA.java:3\nA.java\t1\n")
    with pytest.raises(CodexGraphError, match=r"a\.tsv:2 has not the 7 fields"):
        read_rows(path)
