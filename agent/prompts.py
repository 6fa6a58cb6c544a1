"""Prompts are files beside this module, filled in strictly: a name without a value is an error."""

from __future__ import annotations

from pathlib import Path
from string import Template

_FOLDER = Path(__file__).parent / "prompts"


def prompt(name: str, **values: str) -> str:
    """The text of a prompt. Raises KeyError for a value that is not given."""
    text = (_FOLDER / f"{name}.md").read_text(encoding="utf-8")
    return Template(text).substitute(values).strip() + "\n"
