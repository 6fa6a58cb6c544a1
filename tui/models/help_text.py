"""The help page, made from the tables that the application itself runs by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.models.slash import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_HEAD = """# codexgraph

Everything is reached by keyboard. **tab** and **shift+tab** go from part to part, **escape** goes
back or cancels, **ctrl+p** finds any command by its name, **ctrl+c** copies what is selected.
In an input, `@` picks a symbol, `#` a file and `/` a command. In trees, grids and drawings
**j k h l g G** move, **enter** opens, **o** opens in your editor, **y** copies.
"""


_PLACES = {
    "app": "Everywhere",
    "mode": "Modes",
    "talk": "In a conversation",
    "composer": "In its input",
    "turn": "On an answer",
    "context": "In the context column",
    "explorer": "In the side bar",
    "source": "In the source",
    "cypher": "In Cypher",
    "schema": "In the schema",
    "grid": "In the rows",
    "graph": "In Graph",
    "drawing": "In a drawing",
    "tree": "In a tree",
}
"""What an action's id begins with, and where its keys hold, in the order of the page."""
_SIGNS = {"slash": "/", "comma": ","}


def help_markdown(keys: Iterable[tuple[str, str, str]], keymap_file: str) -> str:
    """The page. keys: of each action its id, its keys and what it does."""
    by_place: dict[str, list[tuple[str, str, str]]] = {}
    for name, key, text in keys:
        names = ", ".join(_SIGNS.get(part, part) for part in key.split(","))
        by_place.setdefault(name.partition(".")[0], []).append((names, text, name))
    widths = _widths([row for rows in by_place.values() for row in rows])
    order = sorted(by_place, key=[*_PLACES].index)
    parts = "\n\n".join(
        f"**{_PLACES[place]}**\n\n{_table(by_place[place], widths)}" for place in order
    )
    commands = [(command.usage, command.help) for command in COMMANDS]
    return (
        f"{_HEAD}\n## Keys\n\n{parts}\n\n"
        f'Other keys: in `{keymap_file}`, under `[keys]`, a line such as `"app.side" = "f3"`; the '
        f"last column names the actions.\n\n## Commands\n\n{_table(commands, _widths(commands))}\n"
    )


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]


def _table(rows: Sequence[Sequence[str]], widths: Sequence[int]) -> str:
    """Aligned columns; a Markdown table would take two lines a row."""
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "```text\n" + "\n".join(lines) + "\n```"
