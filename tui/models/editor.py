"""The command that opens the user's editor at a line, for the editors that people have."""

from __future__ import annotations

import shlex
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TERMINAL = (
    "vi",
    "vim",
    "nvim",
    "view",
    "emacs",
    "nano",
    "pico",
    "micro",
    "kak",
    "joe",
    "jed",
    "mg",
)
_PLUS_LINE = frozenset((*_TERMINAL, "ne", "vis", "emacsclient", "gedit", "kate"))
_GOTO = frozenset(("code", "codium", "code-insiders", "cursor", "windsurf"))
_COLON = frozenset(("hx", "helix", "subl", "sublime_text", "zed", "zeditor", "lapce"))


def editor_of(environment: Mapping[str, str]) -> tuple[str, ...] | None:
    """The editor that the user has set, as a command; None for none."""
    for name in ("VISUAL", "EDITOR"):
        try:
            command = tuple(shlex.split(environment.get(name, "")))
        except ValueError:
            continue
        if command:
            return command
    return None


def open_command(editor: Sequence[str], path: str, line: int) -> list[str]:
    """The whole command; an editor that is not known is given the file without the line."""
    name = PurePath(editor[0]).name.removesuffix(".exe")
    if name in _PLUS_LINE:
        return [*editor, f"+{line}", path]
    if name in _GOTO:
        return [*editor, "--goto", f"{path}:{line}"]
    if name in _COLON:
        return [*editor, f"{path}:{line}"]
    return [*editor, path]
