"""How environments of repositories are made: data, so that a repository is added without code."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from graphdb.errors import CodexGraphError

SHIPPED = Path(__file__).with_name("recipes.toml")
_FIELDS = {"python": str, "tools": list, "steps": list, "parallel": list}


@dataclass(frozen=True, slots=True)
class Recipe:
    """The environment of one Python repository; `recipes.toml` says what the fields mean."""

    python: str
    tools: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    parallel: tuple[str, ...] = ()


def read_recipes(path: Path | None = None) -> dict[str, Recipe]:
    """Recipes by repository: the shipped ones, and those of a file, which take their place.

    Raises CodexGraphError that names the file and field.
    """
    found = _read(SHIPPED)
    return found | _read(path) if path is not None else found


def _read(path: Path) -> dict[str, Recipe]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CodexGraphError(f"{path} cannot be read: {error}") from error
    return {name: _recipe(path, name, row) for name, row in data.items()}


def _recipe(path: Path, name: str, row: Any) -> Recipe:
    if not isinstance(row, dict) or "python" not in row:
        raise CodexGraphError(f'{path}: [{name}] needs python = "3.x"')
    given = cast("dict[str, Any]", row)
    fields: dict[str, Any] = {}
    for key, value in given.items():
        if key not in _FIELDS:
            raise CodexGraphError(f"{path}: [{name}] has no field {key}: {', '.join(_FIELDS)}")
        if not isinstance(value, _FIELDS[key]):
            raise CodexGraphError(f"{path}: [{name}] {key} must be a {_FIELDS[key].__name__}")
        fields[key] = value if isinstance(value, str) else _words(cast("list[Any]", value))
    return Recipe(**fields)


def _words(value: list[object]) -> tuple[str, ...]:
    return tuple(str(item) for item in value)
