"""What an answer without a model is made of, and its one rendering, to Markdown.

Text that comes from a repository is only ever shown as code, so that neither `__init__` turns bold
nor a docstring draws headings of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from agent.edits import bare_lines
from agent.languages import language_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from agent.draft import Edit

_T = TypeVar("_T")

LABEL = "graph answer, no model"
TEMPLATE = "template, no model"

MAX_ROWS = 25
MAX_CODE_LINES = 60
_MAX_QUOTE = 100
_TICKS = re.compile(r"`+")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list. text: shown as code. location: `file:line`. note: in plain words.

    quote: the source at the location.
    """

    text: str
    location: str | None = None
    note: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """A piece of source. left_out: how many further lines it has."""

    text: str
    location: str | None = None
    language: str = ""
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A part of an answer: sentences, then a list, then code. left_out: further rows there are."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    codes: tuple[Code, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class GraphAnswer:
    """What the graph alone says.

    edits: files that a template would change. is_found: the question had an answer.
    """

    title: str
    sections: tuple[Section, ...]
    edits: tuple[Edit, ...] = ()
    label: str = LABEL
    is_found: bool = True

    @property
    def places(self) -> tuple[str, ...]:
        """Every `file:line` that it names, each once, in order."""
        found = dict.fromkeys(
            item.location
            for section in self.sections
            for item in (*section.rows, *section.codes)
            if item.location and item.location != "external"
        )
        return tuple(found)

    @property
    def files(self) -> tuple[str, ...]:
        """The files of its places and edits, for whoever says how fresh they are."""
        paths = [re.sub(r":\d+$", "", place) for place in self.places]
        return tuple(dict.fromkeys([*paths, *(edit.path for edit in self.edits)]))


def rows_section(
    heading: str, rows: Iterable[Row], *paragraphs: str, limit: int = MAX_ROWS
) -> Section:
    """A list, cut at a limit; the heading gets the number of all rows."""
    found = tuple(rows)
    return Section(
        f"{heading} ({len(found)})",
        paragraphs,
        found[:limit],
        left_out=max(0, len(found) - limit),
    )


def listed(
    heading: str, items: Sequence[_T], row: Callable[[_T], Row], limit: int = MAX_ROWS
) -> Section:
    """The same of items that become rows only as far as they are shown."""
    shown = tuple(map(row, items[:limit]))
    left_out = max(0, len(items) - limit)
    return Section(f"{heading} ({len(items)})", rows=shown, left_out=left_out)


def code_of(text: str, location: str | None, limit: int = MAX_CODE_LINES) -> Code:
    """Source in an answer, its last lines cut where it is long."""
    lines = bare_lines(text)
    path = re.sub(r":\d+$", "", location or "")
    return Code("\n".join(lines[:limit]), location, language_of(path), max(0, len(lines) - limit))


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 caller`, `2 callers`, `no callers`."""
    return f"{number or 'no'} {noun if number == 1 else plural or noun + 's'}"


def markdown(answer: GraphAnswer, *, is_labelled: bool = True) -> str:
    """An answer as Markdown: a title, its label unless that stands elsewhere, then each section."""
    parts = [f"## {_plain(answer.title)}", *([f"*{answer.label}*"] if is_labelled else [])]
    for section in answer.sections:
        parts += _section(section)
    return "\n\n".join(parts) + "\n"


def inline(text: str) -> str:
    """A text in one line as code, whatever backticks it has."""
    text = " ".join(text.split())
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}" if longest else f"`{text}`"


def _section(section: Section) -> Iterator[str]:
    if section.heading:
        yield f"### {_plain(section.heading)}"
    yield from section.paragraphs
    lines = [_row(row) for row in section.rows]
    if section.left_out:
        lines.append(f"- … and {section.left_out} more")
    if lines:
        yield "\n".join(lines)
    for code in section.codes:
        yield from _code(code)


def _row(row: Row) -> str:
    parts = [inline(row.text)] if row.text else []
    if row.location:
        parts.append(row.location)
    if row.note:
        parts.append(f"({row.note})")
    if row.quote:
        quote = row.quote if len(row.quote) <= _MAX_QUOTE else f"{row.quote[: _MAX_QUOTE - 1]}…"
        parts.append(inline(quote))
    return "- " + "  ".join(parts)


def _code(code: Code) -> Iterator[str]:
    if code.location:
        yield code.location
    longest = max((len(run) for run in _TICKS.findall(code.text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}{code.language}\n{code.text}\n{fence}"
    if code.left_out:
        yield f"… {counted(code.left_out, 'more line')}"


def _plain(text: str) -> str:
    """A heading in one line; backticks that its maker put there stay."""
    return " ".join(text.split())
