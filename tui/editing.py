"""Hands the terminal to the user's editor and takes it back."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from tui.models.editor import open_command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.app import GraphApp
    from tui.models.places import Place


def edit_file(app: GraphApp, place: Place) -> bool:
    """Open a place in the editor; False where there is none or it did not start."""
    ports = app.desk.ports
    if ports.editor is None:
        app.notify("no editor is set: EDITOR names one", markup=False)
        return False
    path = str(ports.root / place.path)
    return _run(app, open_command(ports.editor, path, place.line))


def edit_text(app: GraphApp, text: str) -> str | None:
    """A text as the editor leaves it; None where that cannot be done."""
    ports = app.desk.ports
    if ports.editor is None:
        app.notify("no editor is set: EDITOR names one", markup=False)
        return None
    with tempfile.TemporaryDirectory(prefix="codexgraph-") as folder:
        file = Path(folder) / "question.md"
        file.write_text(text, encoding="utf-8")
        if not _run(app, [*ports.editor, str(file)]):
            return None
        return file.read_text(encoding="utf-8", errors="replace").rstrip("\n")


def _run(app: GraphApp, command: Sequence[str]) -> bool:
    try:
        with app.suspend():
            code = subprocess.run(command, check=False).returncode
    except (OSError, SuspendNotSupported) as error:
        app.notify(f"{command[0]} did not start: {error}", severity="error", markup=False)
        return False
    if code:
        app.notify(f"{command[0]} ended with code {code}", severity="warning", markup=False)
    app.refresh()
    return True
