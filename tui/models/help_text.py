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


def help_markdown(keys: Iterable[tuple[str, str, str]], keymap_file: str) -> str:
    """The page. keys: of each action its id, its keys and what it does."""
    rows = [(key.replace(",", ", "), text, name) for name, key, text in keys]
    commands = [(command.usage, command.help) for command in COMMANDS]
    return (
        f"{_HEAD}\n## Keys\n\n{_table(rows)}\n\n"
        f'Other keys: in `{keymap_file}`, under `[keys]`, a line such as `"app.side" = "f2"`; the '
        f"last column names the actions.\n\n## Commands\n\n{_table(commands)}\n"
    )


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Aligned columns; a Markdown table would take two lines a row."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "```text\n" + "\n".join(lines) + "\n```"
