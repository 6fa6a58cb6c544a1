"""The one way in, and how an answer is shown."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.answers.answer import (
    LABEL,
    TEMPLATE,
    Code,
    GraphAnswer,
    Row,
    Section,
    code_of,
    inline,
    markdown,
    rows_section,
)
from agent.answers.no_model import JOBS, answer
from agent.draft import Edit
from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from agent.answers.ground import Ground

ASKED = {
    "ask": "who calls Stone.turn",
    "debug": 'File "src/mill/work.py", line 13, in repair',
    "test": "mill.work.day",
    "generate": "a class Rye extending Grain, src/mill/rye.py",
    "comment": "mill.work.day",
    "class": "# Rye\n\nIt extends Grain.\n",
    "complete": "src/mill/work.py:13:11",
}


@pytest.mark.parametrize("job", JOBS)
def test_each_job_is_answered_and_labelled(ground: Ground, job: str) -> None:
    found = answer(ground, job, ASKED[job])
    is_template = job in ("test", "generate", "comment", "class")
    assert found.label == (TEMPLATE if is_template else LABEL)
    assert bool(found.edits) == is_template
    assert found.is_found
    assert f"*{found.label}*" in markdown(found)


def test_an_unknown_job_is_refused(ground: Ground) -> None:
    with pytest.raises(CodexGraphError, match="no job is called 'sing'"):
        answer(ground, "sing", "")


def test_answers_write_nothing(ground: Ground, mill: Path) -> None:
    before = {p: p.read_bytes() for p in sorted(mill.rglob("*")) if p.is_file()}
    for job in JOBS:
        answer(ground, job, ASKED[job])
    assert {p: p.read_bytes() for p in sorted(mill.rglob("*")) if p.is_file()} == before


def test_the_way_in_loads_nothing_heavy() -> None:
    code = "import sys, agent.answers.no_model; print(*sys.modules)"
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"kglite", "neo4j", "openai", "textual", "tree_sitter", "pygls"}


def test_markdown_shows_foreign_text_as_code_only() -> None:
    shown = GraphAnswer(
        "What `__init__` is",
        (
            Section(
                "Rows",
                ("A sentence.",),
                (Row("a `tick` __b__", "src/a.py:3", "calls it", "x = '''`'''"), Row("", "a.py:1")),
                (Code("```\n# no heading\n```", "src/a.py:9", "text", 2),),
                left_out=4,
            ),
        ),
    )
    assert markdown(shown) == (
        "## What `__init__` is\n\n*graph answer, no model*\n\n### Rows\n\nA sentence.\n\n"
        "- `` a `tick` __b__ ``  src/a.py:3  (calls it)  `` x = '''`''' ``\n"
        "- a.py:1\n- … and 4 more\n\nsrc/a.py:9\n\n"
        "````text\n```\n# no heading\n```\n````\n\n… 2 more lines\n"
    )
    assert shown.places == ("src/a.py:3", "a.py:1", "src/a.py:9")
    assert shown.files == ("src/a.py", "a.py")


def test_long_lists_and_code_are_cut_and_say_so() -> None:
    section = rows_section("Rows", (Row(str(n)) for n in range(30)), limit=5)
    assert (section.heading, len(section.rows), section.left_out) == ("Rows (30)", 5, 25)
    code = code_of("\n".join("abc"), "a.java:1", 2)
    assert (code.text, code.language, code.left_out) == ("a\nb", "java", 1)
    assert inline(" a\n  b ") == "`a b`"


def test_files_of_edits_are_files_of_the_answer() -> None:
    assert GraphAnswer("x", (), (Edit("a.py", None, ""),)).files == ("a.py",)
