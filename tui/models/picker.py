"""What pops up while a person types: `@symbol`, `#file`, and `/command` at the start.

The surprising choice: a mark counts only behind a blank or at the start, so that `user@host` and
`a#b` stay text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tui.models.explorer import MARKS
from tui.models.fuzzy import fuzzy_rank

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphdb.symbols import Symbol
    from tui.models.slash import SlashCommand

MAX_OPTIONS = 50
_MARKED = re.compile(r"(?:^|(?<=\s))([@#])([\w./:\-]*)$")
_COMMAND = re.compile(r"^/([\w-]*)$")


class Trigger(StrEnum):
    """The mark that opens a picker."""

    SYMBOL = "@"
    FILE = "#"
    COMMAND = "/"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is being typed. start, end: of the mark and the text behind it."""

    trigger: Trigger
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Option:
    """One choice. insert: what takes the place of the text."""

    insert: str
    label: str
    detail: str = ""


def wanted_at(text: str, cursor: int) -> Wanted | None:
    """What a picker is wanted for at a cursor, None for nothing."""
    before = text[:cursor]
    if match := _COMMAND.match(before):
        return Wanted(Trigger.COMMAND, match[1], 0, cursor)
    if match := _MARKED.search(before):
        return Wanted(Trigger(match[1]), match[2], match.start(1), cursor)
    return None


def accepted(text: str, wanted: Wanted, option: Option) -> tuple[str, int]:
    """The text with an option put in, and where the cursor is then."""
    after = text[wanted.end :]
    gap = "" if after.startswith(" ") else " "
    put = option.insert + gap
    return text[: wanted.start] + put + after, wanted.start + len(put)


def symbol_options(symbols: Iterable[Symbol]) -> list[Option]:
    """Symbols as choices; the full name is put in, which a question can resolve."""
    return [
        Option(symbol.full_name, f"{MARKS[symbol.kind]} {symbol.name}", symbol.location)
        for symbol in symbols
    ]


def file_options(paths: Sequence[str], text: str, limit: int = MAX_OPTIONS) -> list[Option]:
    """Files that fit, best first."""
    ranked = [(rank, path) for path in paths if (rank := fuzzy_rank(text, path))]
    return [
        Option(path, path.rpartition("/")[2], path.rpartition("/")[0])
        for _, path in sorted(ranked)[:limit]
    ]


def command_options(commands: Iterable[SlashCommand], text: str) -> list[Option]:
    """Commands whose name begins so, then those that have it anywhere."""
    low = text.lower()
    fitting = [command for command in commands if low in command.name]
    fitting.sort(key=lambda command: (not command.name.startswith(low), command.name))
    return [Option(f"/{c.name}", c.usage, c.help) for c in fitting]
