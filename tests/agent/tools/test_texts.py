"""Files are read below the repository or not at all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from agent.tools.texts import Lines, OutsideError, dedented, inside, repository_files

if TYPE_CHECKING:
    from pathlib import Path

OUTSIDE = [
    "/etc/passwd",
    "../outside.txt",
    "a/../../outside.txt",
    "a/..",
    "..",
    "",
    ".",
    "~/x",
    "-rf.py",
    "C:/x",
    "file:///etc/passwd",
    "a\\..\\b",
    "..\\outside.txt",
    "a\0b",
    "a\nb",
    "x" * 2_000,
]


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_path_that_may_lead_out_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(OutsideError):
        inside(path)
    with pytest.raises(OutsideError):
        repository_files(tmp_path)(path)


def test_no_link_is_followed(tmp_path: Path) -> None:
    root, secret = tmp_path / "root", tmp_path / "secret"
    (root / "folder").mkdir(parents=True)
    (root / "folder/a.py").write_text("inside")
    secret.mkdir()
    (secret / "a.py").write_text("secret")
    (root / "link.py").symlink_to(secret / "a.py")
    (root / "linked").symlink_to(secret)
    (root / "inner").symlink_to("folder")
    os.mkfifo(root / "pipe")
    read = repository_files(root)
    assert read("folder/a.py") == "inside"
    assert read("folder/./a.py") == "inside"
    for path in ("link.py", "linked/a.py", "inner/a.py", "pipe", "folder", "none.py"):
        assert read(path) is None, path


def test_any_bytes_are_text(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"\xff\xfea")
    assert repository_files(tmp_path)("a.py") == "\ufffd\ufffda"


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("", [""]),
        ("def f(): pass", ["def f(): pass"]),
        ("def f():\n        return 1", ["def f():", "    return 1"]),
        ("def f(\n        a,\n    ):\n        pass", ["def f(", "    a,", "):", "    pass"]),
        ("@d\n    def f():\n        pass", ["@d", "def f():", "    pass"]),
        ("void f() {\n        g();\n    }", ["void f() {", "    g();", "}"]),
        ("class A:\n    x = (\n        1\n    )", ["class A:", "    x = (", "        1", "    )"]),
        ("def f():\n    a\n\n        b", ["def f():", "    a", "", "        b"]),
        ("x = '''\nflush\n    in'''", ["x = '''", "flush", "    in'''"]),
    ],
)
def test_a_definition_begins_at_the_margin(code: str, lines: list[str]) -> None:
    assert dedented(code) == lines


def test_lines_around_a_line() -> None:
    lines = Lines(10, ("def f():", "        a = 1", "", "        return a"))
    assert lines.around(11) == " 10: def f():\n>11: a = 1"
    assert lines.around(13) == ">13: return a"
    assert lines.around(9) == ""
    assert lines.around(14) == ""
