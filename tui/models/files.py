"""Small files of the user's own, written whole or not at all, with a version in them."""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from graphdb.errors import CodexGraphError


def write_text(path: Path, text: str) -> None:
    """Write a file, for its owner's eyes, that is the old one or the new one.

    Raises CodexGraphError.
    """
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        # newline="": the text has the line ends that it is to have.
        with os.fdopen(
            descriptor, "w", encoding="utf-8", errors="surrogateescape", newline=""
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        with suppress(OSError):
            Path(temporary).unlink()
        raise CodexGraphError(f"{path} cannot be written: {error.strerror}") from error


def write_json(path: Path, version: int, value: dict[str, Any]) -> None:
    """Write an object with its version. Raises CodexGraphError."""
    text = json.dumps({"version": version, **value}, ensure_ascii=False, indent=1)
    write_text(path, text + "\n")


def read_json(path: Path, version: int) -> dict[str, Any] | None:
    """What `write_json` wrote; None where there is no file.

    Raises CodexGraphError for a damaged file or one of a later version.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise CodexGraphError(f"{path} cannot be read: {error.strerror}") from error
    try:
        value: Any = json.loads(text)
        found = int(value["version"])
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise CodexGraphError(f"{path} is damaged: move it away to begin anew") from error
    if found > version:
        raise CodexGraphError(f"{path} is of a later version of codexgraph ({found})")
    return value
