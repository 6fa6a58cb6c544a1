"""The report keeps everything in its JSON form and fits a screen as text."""

from __future__ import annotations

import json

from graphdb.delta import IndexMeta
from indexer.listing import LeftOut, LeftOutReason
from indexer.report import IndexReport, Problem

META = IndexMeta("shop", "/shop", "g1", 1, "0", "2026-01-01T00:00:00+00:00")
REPORT = IndexReport(
    mode="full",
    meta=META,
    files=1234,
    nodes={"CLASS": 10, "METHOD": 2000, "FIELD": 0},
    edges={"CALLS": 5},
    unresolved_calls=77,
    seconds={"discover": 0.1, "extract": 1.25, "total": 2.0},
    peak_memory_mb=123.456,
    relinked_files=1,
    problems=tuple(Problem(f"m{n}.py", n or None, "syntax", "not parsed") for n in range(12)),
    left_out=(
        LeftOut("big.py", LeftOutReason.TOO_LARGE, 1, "50 bytes"),
        LeftOut("src/", LeftOutReason.IGNORED, 4),
    ),
    notes=("git is not installed",),
)


def test_json_has_every_row() -> None:
    data = json.loads(json.dumps(REPORT.to_json()))
    assert data["nodes"] == {"CLASS": 10, "METHOD": 2000, "FIELD": 0}
    assert len(data["problems"]) == 12
    assert data["problems"][0] == {
        "file_path": "m0.py",
        "line": None,
        "kind": "syntax",
        "message": "not parsed",
    }
    assert data["left_out"][1] == {
        "path": "src/",
        "reason": "ignored-by-git",
        "count": 4,
        "detail": "",
    }
    assert data["seconds"] == {"discover": 0.1, "extract": 1.25, "total": 2.0}
    assert data["peak_memory_mb"] == 123.5
    assert data["notes"] == ["git is not installed"]


def test_text_is_short_and_complete() -> None:
    assert REPORT.summary_lines() == [
        "indexed anew: 1,234 files, 2,010 nodes, 5 edges",
        "nodes: METHOD 2,000, CLASS 10",
        "edges: CALLS 5",
        "call sites not resolved: 77 (counted, not guessed)",
        "2.00 s (discover 0.10, extract 1.25), 123 MB at most, 1 file linked",
        "problems: syntax 12",
        "  m0.py: not parsed",
        *(f"  m{n}.py:{n}: not parsed" for n in range(1, 10)),
        "  ... and 2 more",
        "left out: ignored-by-git 4, too-large 1",
        "  big.py: too-large, 50 bytes",
        "  src/ (4): ignored-by-git",
        "note: git is not installed",
    ]


def test_an_empty_report_has_no_empty_sections() -> None:
    lines = IndexReport("unchanged", META, 0, {}, {}, 0, {}, 0.0, 0).summary_lines()
    assert lines[0] == "nothing changed: 0 files, 0 nodes, 0 edges"
    assert not any(line.startswith(("problems", "left out", "note")) for line in lines)
