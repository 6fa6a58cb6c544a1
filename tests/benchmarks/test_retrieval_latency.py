"""The measurement of retrieval asks every kind of question, of any graph."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from benchmarks.harness.suite import DataError
from benchmarks.retrieval_latency import run
from graphdb.errors import CodexGraphError
from graphdb.retrieval.retriever import Retriever
from tests.graphdb.retrieval.conftest import corpus, reader, shop

if TYPE_CHECKING:
    from pathlib import Path

    from graphdb.retrieval.corpus import Corpus
    from graphdb.store import GraphReader

__all__ = ["corpus", "reader", "shop"]

KINDS = {
    "context of a name",
    "context of path:line",
    "context of an issue",
    "context of a line of words",
    "search for an issue",
    "search for a line of words",
    "locate an issue",
    "map",
}


def test_every_kind_is_measured(reader: GraphReader, corpus: Corpus, tmp_path: Path) -> None:
    issues = tmp_path / "issues.jsonl"
    issues.write_text(json.dumps({"problem_statement": "A payment fails\n\nafter a timeout"}))
    found = run(reader, corpus, Retriever(reader, corpus), 3, issues)
    assert found["n"] == 3
    assert set(found["metrics"]) == KINDS
    for row in found["metrics"].values():
        assert 0 <= row["p50"] <= row["p95"] <= row["max"]


def test_records_of_another_format_are_told(
    reader: GraphReader, corpus: Corpus, tmp_path: Path
) -> None:
    issues = tmp_path / "issues.jsonl"
    issues.write_text('{"text": "x"}\n')
    with pytest.raises(DataError, match="problem_statement"):
        run(reader, corpus, Retriever(reader, corpus), 3, issues)
    issues.write_text('{"problem_statement": " "}\n')
    with pytest.raises(CodexGraphError, match="give --issues"):
        run(reader, corpus, Retriever(reader, corpus), 3, issues)
