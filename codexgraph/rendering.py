"""Answers as text for people: aligned columns, `file:line` first so that terminals make it a link.

Nothing here prints; lines are returned. Colour is a plain escape sequence, because a terminal
library would double the time of a one-line answer.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from graphdb.symbols import Impact, Occurrence, Overview, Relation, Symbol, TypeHierarchy
    from indexer.freshness import Freshness

_MAX_NAMED_FILES = 3
_MAX_CELL = 80


@dataclass(frozen=True, slots=True)
class Style:
    """How to emphasise; without colour every method gives its text back."""

    has_color: bool

    def dim(self, text: str) -> str:
        """Of less weight than its neighbours."""
        return self._wrapped("2", text)

    def bold(self, text: str) -> str:
        """What was asked about."""
        return self._wrapped("1", text)

    def place(self, text: str) -> str:
        """A `file:line`."""
        return self._wrapped("36", text)

    def warn(self, text: str) -> str:
        """What the reader must not miss."""
        return self._wrapped("33", text)

    def _wrapped(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.has_color and text else text


def style_for(stream: TextIO, when: str, environment: Mapping[str, str] | None = None) -> Style:
    """The style of a stream: `always`, `never`, or `auto` for a terminal without NO_COLOR."""
    environment = os.environ if environment is None else environment
    if when == "auto":
        plain = bool(environment.get("NO_COLOR")) or environment.get("TERM") == "dumb"
        return Style(stream.isatty() and not plain)
    return Style(when == "always")


def columns(rows: Iterable[Sequence[str]], style: Style | None = None) -> list[str]:
    """Rows with aligned columns; the first column is coloured as a place when there is a style."""
    table = [list(row) for row in rows]
    if not table:
        return []
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    lines: list[str] = []
    for row in table:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        if style:
            cells[0] = style.place(cells[0])
        lines.append("  ".join(cells).rstrip())
    return lines


def symbol_lines(symbols: Iterable[Symbol], style: Style) -> list[str]:
    """One symbol a line."""
    return columns(
        ((s.location, _kind(s), s.full_name, _short(s.signature)) for s in symbols), style
    )


def heading(symbol: Symbol, style: Style) -> str:
    """The symbol that an answer is about."""
    return f"{style.bold(symbol.full_name)}  {_kind(symbol)}  {style.place(symbol.location)}"


def relation_lines(relations: Iterable[Relation], style: Style) -> list[str]:
    """One relation a line, indented by its distance."""
    return columns(
        (
            (
                "  " * r.depth + r.location,
                _kind(r.symbol),
                r.symbol.full_name,
                _facts(r),
            )
            for r in relations
        ),
        style,
    )


def occurrence_lines(occurrences: Iterable[Occurrence], style: Style) -> list[str]:
    """One site a line."""
    return columns(
        (
            (
                f"{o.file_path}:{o.site.line}:{o.site.column + 1}",
                "+".join(edge.value.lower() for edge in o.edges) + _access(o.access),
                o.symbol.full_name,
                "" if o.tier == "exact" else o.tier.value,
            )
            for o in occurrences
        ),
        style,
    )


def hierarchy_lines(answer: TypeHierarchy, style: Style) -> list[str]:
    """Bases above, the symbol, and what derives from it below."""
    lines = [heading(answer.symbol, style)]
    for title, relations in (("bases", answer.supertypes), ("derived", answer.subtypes)):
        lines.append(f"{title}: {len(relations)}")
        lines += relation_lines(relations, style)
    if answer.members:
        lines.append(f"own members: {len(answer.members)}")
        lines += ["  " + line for line in symbol_lines(answer.members, style)]
    return lines


def impact_lines(answer: Impact, style: Style, limit: int) -> list[str]:
    """Counts first, then the nearest dependants and the tests."""
    lines = [heading(symbol, style) for symbol in answer.symbols]
    more = " or more" if answer.truncated else ""
    lines.append(
        f"{len(answer.dependants)}{more} dependants in {len(answer.files)} files, "
        f"{len(answer.tests)} tests"
    )
    lines += relation_lines(answer.dependants[:limit], style)
    lines += _rest(len(answer.dependants), limit)
    if answer.tests:
        lines.append("tests:")
        lines += ["  " + line for line in symbol_lines(answer.tests[:limit], style)]
        lines += _rest(len(answer.tests), limit)
    return lines


def overview_lines(answer: Overview, style: Style) -> list[str]:
    """Counts and the ranked lists."""
    counts = ", ".join(f"{count} {kind}" for kind, count in answer.symbols.items())
    lines = [f"{style.bold(answer.path)}: {answer.files} files: {counts}"]
    ranked = (
        ("largest modules", answer.largest_modules),
        ("largest classes", answer.largest_classes),
        ("most called", answer.most_called),
    )
    for title, rows in ranked:
        if rows:
            lines.append(f"{title}:")
            cells = ((r.symbol.location, str(r.count), r.symbol.full_name) for r in rows)
            lines += ["  " + line for line in columns(cells, style)]
    if answer.entry_points:
        lines.append("entry points:")
        lines += ["  " + line for line in symbol_lines(answer.entry_points, style)]
    return lines


def source_lines(code: str, first_line: int, style: Style) -> list[str]:
    """Code with its line numbers."""
    lines = code.splitlines()
    width = len(str(first_line + len(lines)))
    return [
        f"{style.dim(str(number).rjust(width))}  {line}".rstrip()
        for number, line in enumerate(lines, start=first_line)
    ]


def row_lines(names: Sequence[str], rows: Iterable[Sequence[Any]], style: Style) -> list[str]:
    """A query's rows under their column names; long values are cut."""
    body = [[cell_text(value) for value in row] for row in rows]
    lines = columns([list(names), *body])
    return [style.bold(lines[0]), *lines[1:]] if lines else []


def cell_text(value: Any, limit: int = _MAX_CELL) -> str:
    """A value of a query on one line."""
    if isinstance(value, dict):
        value = _graph_value(value)  # pyright: ignore[reportUnknownArgumentType]
    text = "null" if value is None else str(value)
    text = text.replace("\r", "").replace("\n", "\\n")
    return text if len(text) <= limit else text[: limit - 1] + "…"


def freshness_line(answer: Freshness) -> str:
    """What state of the files an answer speaks of, in one line."""
    revision = answer.revision[:7] if answer.revision else "no commit"
    if answer.fresh:
        dirty = ", with uncommitted changes" if answer.dirty_files else ""
        return f"index: {revision}, fresh{dirty}"
    gone = [*answer.changed_files, *answer.deleted_files]
    if gone:
        named = ", ".join(gone[:_MAX_NAMED_FILES]) + (" …" if len(gone) > _MAX_NAMED_FILES else "")
        count = "1 file" if len(gone) == 1 else f"{len(gone)} files"
        state = f"{count} changed since ({named})"
    elif answer.note:
        state = answer.note
    else:
        head = answer.head[:7] if answer.head else "no commit"
        state = f"the head is {head}, no source file changed"
    return f"index: {revision}, {state}: run codexgraph index"


def _kind(symbol: Symbol) -> str:
    return symbol.kind.value.lower().replace("global_variable", "global")


def _facts(relation: Relation) -> str:
    parts = [relation.kind or relation.edge.value.lower()]
    if len(relation.sites) > 1:
        parts.append(f"{len(relation.sites)} sites")
    if relation.tier != "exact":
        parts.append(relation.tier.value)
    return ", ".join(parts)


def _access(access: str | None) -> str:
    return f" {access}" if access else ""


def _short(text: str | None) -> str:
    return cell_text(text) if text else ""


def _rest(count: int, limit: int) -> list[str]:
    return [f"  … and {count - limit} more (--limit, or --json for all)"] if count > limit else []


def _graph_value(value: dict[str, Any]) -> str:
    """A node or relationship of a query as a person wants to see it."""
    if "_labels" in value:
        labels = ":".join(value["_labels"])
        place = f" {value['file_path']}:{value.get('start_line')}" if value.get("file_path") else ""
        return f"({labels} {value.get('full_name') or value.get('name')}{place})"
    if "_type" in value:
        return f"[{value['_type']}]"
    return str(value)
