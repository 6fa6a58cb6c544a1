"""The command in a real pseudo-terminal: it draws, answers, leaves, and restores what it found."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pexpect
import pytest

from tests.tui.conftest import write_index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-P", "-m", "codexgraph", "tui"]
_CODES = re.compile(r"\x1b\[[0-9;?<>=]*[a-zA-Z]|\x1b[()][A-Z0-9]|\x1b[=>]")
_ALT = "\x1b"
_ENTER, _QUIT, _F5 = "\r", "\x11", "\x1b[15~"


def environment(root: Path, **more: str) -> dict[str, str]:
    """That of a user of an ordinary terminal, whose folders are the test's."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CODEXGRAPH_", "TEXTUAL"))}
    for name in ("NO_COLOR", "COLORTERM", "EDITOR", "VISUAL"):
        kept.pop(name, None)
    return {
        **kept,
        "PYTHONPATH": str(PROJECT),
        "XDG_DATA_HOME": str(root / "data"),
        "XDG_CONFIG_HOME": str(root / "config"),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        **more,
    }


class Terminal:
    """The application in a pseudo-terminal, and all that it wrote."""

    def __init__(
        self, root: Path, size: tuple[int, int] = (40, 120), more: dict[str, str] | None = None
    ) -> None:
        self.child = pexpect.spawn(
            COMMAND[0],
            COMMAND[1:],
            cwd=str(root),
            env=environment(root, **(more or {})),  # type: ignore[arg-type]
            encoding="utf-8",
            codec_errors="replace",
            dimensions=size,
            timeout=30,
        )
        self.written = ""
        self.before = termios.tcgetattr(self.child.child_fd)

    def wait_for(self, text: str) -> None:
        """Wait until a text was written, whatever moves of the cursor stand between its words."""
        ends = time.monotonic() + 30
        while text not in self.plain:
            assert time.monotonic() < ends, f"{text!r} never came:\n{self.plain[-3000:]}"
            try:
                self.written += self.child.read_nonblocking(65_536, timeout=0.1)
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                pytest.fail(f"it ended before {text!r}:\n{self.plain[-3000:]}")

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Wait for something outside, reading what is written meanwhile, or nothing goes on."""
        ends = time.monotonic() + 15
        while not is_so():
            assert time.monotonic() < ends, f"never came:\n{self.plain[-3000:]}"
            with contextlib.suppress(pexpect.TIMEOUT):
                self.written += self.child.read_nonblocking(65_536, timeout=0.1)

    @property
    def plain(self) -> str:
        """What was written, without codes."""
        return _CODES.sub("", self.written)

    def type(self, text: str) -> None:
        self.child.send(text)

    def leave(self) -> int | None:
        """Quit; the exit code."""
        self.type(_QUIT)
        self.written += self.child.read()
        self.child.close()
        return self.child.exitstatus


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "sample"
    folder.mkdir()
    write_index(folder)
    return folder


@pytest.fixture
def terminal(root: Path) -> Iterator[Terminal]:
    found = Terminal(root)
    yield found
    found.child.close(force=True)


def sessions(root: Path) -> list[dict[str, object]]:
    return [json.loads(file.read_text()) for file in (root / "data").rglob("sessions/*/*.json")]


def test_start_question_query_quit(terminal: Terminal, root: Path) -> None:
    terminal.wait_for("4 files")
    terminal.wait_for("no model")
    terminal.type("where is total_area" + _ENTER)
    terminal.wait_for("graph answer, no model")
    terminal.type(_ALT + "6")
    terminal.wait_for("[6 Cypher]")
    terminal.type(_F5)
    terminal.wait_for("4 rows")
    assert terminal.leave() == 0
    assert "\x1b[?1049h" in terminal.written
    assert terminal.written.rindex("\x1b[?1049l") > terminal.written.rindex("\x1b[?1049h")
    assert terminal.written.rindex("\x1b[?25h") > terminal.written.rindex("\x1b[?25l")
    assert "Traceback" not in terminal.written
    assert [turn["question"] for turn in sessions(root)[0]["turns"]] == ["where is total_area"]  # type: ignore[index, attr-defined]


def test_the_modes_of_the_line_are_restored(root: Path) -> None:
    """A shell that starts the application finds its terminal as it was."""
    script = f'stty -a > before; {" ".join(COMMAND)}; echo "code $?"; stty -a > after; echo done'
    shell = pexpect.spawn(
        "/bin/sh",
        ["-c", script],
        cwd=str(root),
        env=environment(root),  # type: ignore[arg-type]
        encoding="utf-8",
        dimensions=(40, 120),
        timeout=30,
    )
    shell.expect("4 files")
    shell.send(_QUIT)
    shell.expect("code 0")
    shell.expect("done")
    shell.close()
    assert (root / "before").read_text() == (root / "after").read_text()


def test_a_terminal_that_is_closed_loses_nothing(terminal: Terminal, root: Path) -> None:
    terminal.wait_for("4 files")
    terminal.type("where is total_area" + _ENTER)
    terminal.wait_for("graph answer, no model")
    terminal.type("half a quest")
    terminal.wait_for("half a quest")
    process: Any = terminal.child.ptyproc  # pyright: ignore[reportAttributeAccessIssue]
    process.fileobj.close()
    process.closed = terminal.child.closed = True
    ends = time.monotonic() + 15
    while process.isalive() and time.monotonic() < ends:
        time.sleep(0.05)
    assert not process.isalive()
    kept = sessions(root)[0]
    assert kept["unsent"] == "half a quest"
    assert kept["turns"][0]["state"] == "done"  # type: ignore[index]


def test_a_process_that_is_killed_loses_nothing(terminal: Terminal, root: Path) -> None:
    terminal.wait_for("4 files")
    terminal.type("where is total_area" + _ENTER)
    terminal.wait_for("graph answer, no model")
    terminal.type("half a quest")
    terminal.wait_until(lambda: bool(sessions(root)) and sessions(root)[0]["unsent"] != "")
    terminal.child.kill(9)
    terminal.child.wait()
    terminal.child.close()
    kept = sessions(root)[0]
    assert kept["turns"][0]["state"] == "done"  # type: ignore[index]
    again = Terminal(root)
    try:
        again.wait_for("/resume goes on with what was asked before: where is total_area")
        again.type("/resume where is total_area" + _ENTER)
        again.wait_for("half a quest")
        assert again.leave() == 0
    finally:
        again.child.close(force=True)


@pytest.mark.parametrize(
    "more",
    [
        {"NO_COLOR": "1"},
        {"TERM": "xterm-16color"},
        {"TERM": "xterm"},
        {"TERM": "screen-256color"},
        {"LANG": "C", "LC_ALL": "C"},
    ],
)
def test_other_terminals(root: Path, more: dict[str, str]) -> None:
    terminal = Terminal(root, more=more)
    try:
        terminal.wait_for("4 files")
        assert terminal.leave() == 0
        assert "Traceback" not in terminal.written
        colors = re.findall(r"\x1b\[[0-9;]*m", terminal.written)
        if "NO_COLOR" in more:
            grey = re.compile(r"[34]8;2;(\d+);(\d+);(\d+)")
            assert all(len({*found}) == 1 for code in colors for found in grey.findall(code))
        elif "TERM" in more and "256" not in more["TERM"]:
            assert not any("38;2;" in code or "38;5;" in code for code in colors)
    finally:
        terminal.child.close(force=True)


def test_a_tiny_terminal_says_so(root: Path) -> None:
    terminal = Terminal(root, (5, 20))
    try:
        terminal.wait_for("too small")
        terminal.child.setwinsize(40, 120)
        terminal.wait_for("4 files")
        assert terminal.leave() == 0
    finally:
        terminal.child.close(force=True)


def test_a_dumb_terminal_is_refused_in_a_line(root: Path) -> None:
    terminal = Terminal(root, more={"TERM": "dumb"})
    written = terminal.child.read()
    terminal.child.close()
    assert terminal.child.exitstatus == 2
    assert written.strip().splitlines() == [
        "error: TERM is dumb, which cannot show screens: set TERM to your terminal"
    ]


def test_no_terminal_is_refused_in_a_line(root: Path) -> None:
    done = subprocess.run(
        COMMAND,
        cwd=root,
        env=environment(root),
        input="",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: the terminal application needs a terminal")
    assert done.stderr.count("\n") == 1


def test_a_bad_setting_is_a_line(root: Path) -> None:
    (root / "codexgraph.toml").write_text("stroe = 'embedded'\n")
    terminal = Terminal(root)
    written = terminal.child.read()
    terminal.child.close()
    assert terminal.child.exitstatus == 2
    assert "unknown setting 'stroe': did you mean 'store'?" in written


def test_no_index_yet_offers_to_make_one_and_f6_does(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("class Shape:\n    def area(self):\n        return 1\n")
    terminal = Terminal(tmp_path)
    try:
        terminal.wait_for("no index: F6 builds it")
        terminal.type("\x1b[17~")
        terminal.wait_for("1 file ")
        terminal.type("/def Shape" + _ENTER)
        terminal.wait_for("a.py:1")
        assert terminal.leave() == 0
    finally:
        terminal.child.close(force=True)


def test_the_users_editor_takes_the_terminal_and_gives_it_back(root: Path, tmp_path: Path) -> None:
    editor = tmp_path / "vim"
    editor.write_text('#!/bin/sh\necho "$@" > "$0.asked"\necho "where is Shape" > "$1"\n')
    editor.chmod(0o755)
    terminal = Terminal(root, more={"EDITOR": str(editor)})
    try:
        terminal.wait_for("4 files")
        terminal.type("\x0f")
        terminal.wait_for("where is Shape")
        terminal.type(_ENTER)
        terminal.wait_for("graph answer, no model")
        terminal.type(_ALT + "6")
        terminal.wait_for("F5 runs")
        terminal.type(_F5)
        terminal.wait_for("UnitSquare")
        terminal.type("\t\t\t")
        time.sleep(0.3)
        terminal.type("o")
        asked = tmp_path / "vim.asked"
        terminal.wait_until(lambda: "+10" in asked.read_text())
        assert asked.read_text().split() == ["+10", str(root / "tests/test_area.py")]
        assert terminal.leave() == 0
    finally:
        terminal.child.close(force=True)
