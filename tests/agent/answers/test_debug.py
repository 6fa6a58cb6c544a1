"""Traces and issues are answered with places of the mill, whatever machine they come from."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agent.answers.answer import markdown
from agent.answers.debug import debug
from agent.answers.frames import FrameResolver
from agent.answers.hunks import GitChanges, read_hunks
from agent.answers.traces import Frame
from tests.agent.answers.mill import FILES
from tests.agent.tools.conftest import write

if TYPE_CHECKING:
    from pathlib import Path

    from agent.answers.ground import Ground

TRACE = """Traceback (most recent call last):
  File "/app/src/mill/work.py", line 26, in main
    repair(stone)
  File "/app/src/mill/work.py", line 13, in repair
    stone.turn(1)
  File "/app/src/mill/stones.py", line 15, in turn
    raise StoneError("too heavy")
mill.errors.StoneError: too heavy
"""


def resolved(ground: Ground, path: str, line: int | None, name: str, code: str = "") -> str | None:
    found = FrameResolver(ground).resolve(Frame(path, line, name, code))
    return f"{found.symbol.name if found.symbol else '-'} {found.location}" if found else None


@pytest.mark.parametrize(
    "path",
    [
        "src/mill/work.py",
        "/home/me/project/src/mill/work.py",
        "/usr/lib/python3/site-packages/mill/work.py",
        "C:\\\\mill\\\\src\\\\mill\\\\work.py",
        "mill/work.py",
        "work.py",
        "./work.py",
    ],
)
def test_a_frame_is_found_by_the_end_of_its_path(ground: Ground, path: str) -> None:
    assert resolved(ground, path, 13, "repair", "stone.turn(1)") == "repair src/mill/work.py:13"


@pytest.mark.parametrize(
    ("path", "line", "name"),
    [
        ("/usr/lib/python3.11/json/decoder.py", 3, "decode"),
        ("/usr/lib/site-packages/other/work.py", 13, "repair"),
        ("/app/other/work.py", 3, "other"),
        ("/app/other/work.py", 300, "repair"),
        ("java/lang/Thread.java", 12, "java.lang.Thread.run"),
        ("com/other/mill/Noria.java", 12, "com.other.mill.Noria.turn"),
    ],
)
def test_a_frame_of_another_program_is_none(
    ground: Ground, path: str, line: int, name: str
) -> None:
    assert resolved(ground, path, line, name) is None


def test_code_that_has_moved_is_found_where_it_is_now(ground: Ground) -> None:
    frame = ("/app/src/mill/work.py", 99, "repair", 'raise MillError("no miller")')
    assert resolved(ground, *frame) == "repair src/mill/work.py:14"
    frame = ("/app/src/mill/work.py", 13, "repair", "stone.mend()")
    assert resolved(ground, *frame) == "repair src/mill/work.py:12"


def test_java_frames_by_class_and_constructor(ground: Ground) -> None:
    noria = "java/src/main/java/com/example/mill/Noria.java"
    path = "com/example/mill/Noria.java"
    assert resolved(ground, path, 13, "com.example.mill.Noria.turn") == f"turn {noria}:13"
    assert resolved(ground, path, 8, "com.example.mill.Noria.<init>") == f"Noria {noria}:8"


def test_a_trace_is_answered_with_its_way_through_the_repository(ground: Ground) -> None:
    answer = debug(ground, TRACE)
    assert answer.title == "Trace: `mill.errors.StoneError: too heavy`"
    text = markdown(answer)
    assert '>   15              raise StoneError("too heavy")' in text
    way = next(s for s in answer.sections if s.heading.startswith("The way there"))
    assert [(r.text, r.location) for r in way.rows] == [
        ("main", "src/mill/work.py:26"),
        ("repair", "src/mill/work.py:13"),
        ("Stone.turn", "src/mill/stones.py:15"),
    ]
    exception = next(s for s in answer.sections if s.heading.startswith("The exception is"))
    assert exception.rows[0].location == "src/mill/errors.py:8"
    assert "`MillError`" in exception.paragraphs[0]
    assert "### Made or named in (1)" in text
    assert "### All callers of `turn` (2)" in text


def test_frames_outside_are_counted_and_the_last_ones_named(ground: Ground) -> None:
    outside = '  File "/usr/lib/python3/json/decoder.py", line 3, in decode\n    x\n'
    text = TRACE.replace("mill.errors.StoneError: too heavy", f"{outside}ValueError: no")
    shown = markdown(debug(ground, text))
    assert "From here it went outside the repository: `decode`." in shown
    assert "1 further frame outside the repository." in shown


def test_a_cause_is_told_after_what_it_caused(ground: Ground) -> None:
    text = """com.example.mill.Broken: wheel
\tat com.example.mill.Noria.fill(Noria.java:23)
Caused by: java.lang.IllegalStateException: wet
\tat com.example.mill.Noria.isWet(Noria.java:19)
"""
    headings = [section.heading for section in debug(ground, text).sections]
    assert "`java.lang.IllegalStateException: wet` (is caused by)" in headings


def test_a_trace_of_another_program_is_searched_for(ground: Ground) -> None:
    text = TRACE.replace("/app/src/mill", "/usr/lib/site-packages")
    answer = debug(ground, text)
    assert not answer.is_found
    assert "None of its frames is in this repository" in markdown(answer)


def test_an_issue_gives_places_with_reasons(ground: Ground) -> None:
    answer = debug(ground, "# The flour is too coarse\n\nWheat.grind turns the stone too often.")
    assert answer.title == "Issue: `The flour is too coarse`"
    functions = next(s for s in answer.sections if s.heading.startswith("Functions"))
    assert any(row.location == "src/mill/grain.py:42" and row.note for row in functions.rows)


def test_there_is_no_diagnosis(ground: Ground) -> None:
    text = markdown(debug(ground, TRACE)).lower()
    assert not any(word in text for word in ("because", "you should", "fix", "probably"))


def test_recent_changes_of_the_functions_on_the_way(ground: Ground, tmp_path: Path) -> None:
    write(tmp_path, FILES)

    def git(*arguments: str) -> str | None:
        author = (
            "-c",
            "user.name=T",
            "-c",
            "user.email=t@example.org",
            "-c",
            "commit.gpgsign=false",
        )
        command = ["git", "-C", str(tmp_path), *author, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout if done.returncode == 0 else None

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "open the mill")
    stones = tmp_path / "src/mill/stones.py"
    stones.write_text(stones.read_text().replace("weight > self.size", "weight >= self.size"))
    git("commit", "-qam", "be more careful")
    work = tmp_path / "src/mill/work.py"
    work.write_text(work.read_text().replace("stone.turn(1)", "stone.turn(2)"))
    answer = debug(replace(ground, changes=GitChanges(git)), TRACE)
    changed = [s for s in answer.sections if s.heading.startswith("Changed")]
    assert changed[0].heading.startswith("Changed: `turn`, ")
    assert any(s.heading.endswith("be more careful") for s in changed)
    assert "+        if weight >= self.size:" in changed[0].codes[0].text
    mine = next(s for s in changed if s.heading == "Changed: `repair`, not committed")
    assert mine.codes[0].location == "src/mill/work.py:12"
    assert "-    stone.turn(1)\n+    stone.turn(2)" in mine.codes[0].text


def test_hunks_leave_out_what_did_not_change() -> None:
    lines = "".join(f" {number}\n" for number in range(20))
    diff = f"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,21 +5,22 @@\n{lines}-old\n+new\n+{lines}"
    (hunk,) = read_hunks(diff, "x", "now")
    assert (hunk.line, hunk.what) == (5, "now")
    assert hunk.text == " 19\n-old\n+new\n+ 0\n 1"


@pytest.mark.parametrize(
    "text", ["", "   ", "\x00", "Traceback (most recent call last):", "at a.b(C.java:1)"]
)
def test_any_text_is_answered(ground: Ground, text: str) -> None:
    assert markdown(debug(ground, text))
