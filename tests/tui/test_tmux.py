"""The application in tmux: keys as tmux sends them, screens as tmux holds them.

Run as a program it writes them into docs/tui.md.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from tests.tui.conftest import write_index
from tests.tui.test_terminal import COMMAND, PROJECT, environment

NAMES = ("chat", "wide", "cypher", "graph", "narrow")
PAGE = PROJECT / "docs/tui.md"

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


class Tmux:
    """A tmux server of our own with one window."""

    def __init__(self, root: Path, width: int, height: int) -> None:
        self._socket = str(root / "tmux.socket")
        self._environment = environment(root)
        self._environment.pop("TMUX", None)
        command = f"exec env TERM=tmux-256color {shlex.join(COMMAND)}"
        size = ("-x", str(width), "-y", str(height))
        self._run("-f", os.devnull, "new-session", "-d", "-s", "t", "-c", str(root), *size, command)

    def press(self, *keys: str) -> None:
        for key in keys:
            self._run("send-keys", "-t", "t", key)
            time.sleep(0.05)

    def type(self, text: str) -> None:
        self._run("send-keys", "-t", "t", "-l", text)

    def screen(self) -> str:
        return self._run("capture-pane", "-p", "-t", "t").rstrip()

    def wait_for(self, text: str) -> str:
        ends = time.monotonic() + 30
        while text not in (screen := self.screen()):
            assert time.monotonic() < ends, f"{text!r} never came:\n{screen}"
            time.sleep(0.05)
        return self.settled(screen)

    def settled(self, screen: str) -> str:
        """The screen when it no longer changes."""
        for _ in range(20):
            time.sleep(0.3)
            before, screen = screen, self.screen()
            if screen == before:
                break
        return screen

    def resize(self, width: int, height: int) -> None:
        self._run("resize-window", "-t", "t", "-x", str(width), "-y", str(height))

    def close(self) -> None:
        subprocess.run(
            ["tmux", "-S", self._socket, "kill-server"], capture_output=True, check=False
        )

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", self._socket, *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout


def screens(root: Path) -> dict[str, str]:
    """One run: its screens by name."""
    write_index(root)
    found: dict[str, str] = {}
    tmux = Tmux(root, 100, 30)
    try:
        tmux.wait_for("4 files")
        tmux.type("/impact total_area")
        tmux.press("Escape", "Enter")
        found["chat"] = tmux.wait_for("Tests to run (1)")
        tmux.resize(140, 30)
        found["wide"] = tmux.wait_for("called by 3")
        tmux.resize(100, 30)
        tmux.press("M-6")
        tmux.wait_for("F5 runs")
        tmux.press("F5")
        found["cypher"] = tmux.wait_for("4 rows")
        tmux.press("M-7")
        tmux.wait_for("Type a name above")
        tmux.type("total_area")
        tmux.press("Enter")
        found["graph"] = tmux.wait_for("┃ total_area")
        tmux.resize(20, 5)
        tmux.wait_for("too small")
        tmux.resize(60, 20)
        found["narrow"] = tmux.wait_for("▼")
        tmux.press("C-q")
    finally:
        tmux.close()
    return found


def test_a_run_in_tmux(tmp_path: Path) -> None:
    root = tmp_path / "sample"
    root.mkdir()
    found = screens(root)
    assert "pkg/area.py" in found["chat"]
    assert "called by 3 in 2 files" in found["wide"]
    assert "UnitSquare" in found["cypher"]
    assert "── CALLS Shape.__init__" in found["graph"]
    assert tuple(found) == NAMES
    assert all("Traceback" not in screen for screen in found.values())


def with_screens(page: str, found: dict[str, str]) -> str:
    """The page with each screen where its mark stands."""
    for name, screen in found.items():
        start = f"<!-- screen: {name} -->\n"
        head, mark, rest = page.partition(start)
        _, end, tail = rest.partition("<!-- end -->")
        assert mark, f"docs/tui.md has lost the mark of the screen {name}"
        page = f"{head}{start}```text\n{screen}\n```\n{end}{tail}"
    return page


def test_the_page_shows_every_screen() -> None:
    page = PAGE.read_text()
    for name in NAMES:
        assert f"<!-- screen: {name} -->\n```text\n" in page


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "sample").mkdir()
        PAGE.write_text(with_screens(PAGE.read_text(), screens(Path(folder) / "sample")))
