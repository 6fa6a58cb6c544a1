"""The user's own keys: a TOML file with one table, `[keys]`, from an action's id to its keys.

What is wrong with the file is told with its line and the rest of it holds.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Keymap:
    """Binding id -> keys, separated by commas; troubles: a line each."""

    keys: Mapping[str, str]
    troubles: tuple[str, ...] = ()


def read_keymap(path: Path, known: Collection[str]) -> Keymap:
    """The user's keys; nothing where there is no file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return Keymap({})
    except (OSError, UnicodeDecodeError) as error:
        return Keymap({}, (f"{path} cannot be read: {error}",))
    try:
        data: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return Keymap({}, (f"{path}: not valid TOML: {error}",))
    table: Any = data.get("keys", {})
    troubles = [
        f"{path}:{_line_of(text, name)}: unknown table or setting {name!r}: only [keys] is known"
        for name in data
        if name != "keys"
    ]
    if not isinstance(table, dict):
        return Keymap({}, (f"{path}: keys must be a table, [keys]",))
    found: dict[str, str] = {}
    items: dict[str, Any] = table  # pyright: ignore[reportUnknownVariableType]
    for name, value in items.items():
        trouble = _trouble(name, value, known)
        if trouble:
            troubles.append(f"{path}:{_line_of(text, name)}: {trouble}")
        else:
            found[name] = str(value).strip()
    return Keymap(found, tuple(troubles))


def _trouble(name: str, value: Any, known: Collection[str]) -> str:
    if name not in known:
        near = get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else "F1 lists those there are"
        return f"no action is called {name!r}: {hint}"
    if not isinstance(value, str) or not value.strip():
        return f'the keys of {name!r} must be a text such as "ctrl+b,f2"'
    return ""


def _line_of(text: str, key: str) -> int:
    pattern = re.compile(rf"\s*\[*\s*[\"']?{re.escape(key)}[\"']?\s*[=\]]")
    lines = enumerate(text.splitlines(), start=1)
    return next((number for number, line in lines if pattern.match(line)), 1)
